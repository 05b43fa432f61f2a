/* SPDX-License-Identifier: MIT */
/* Fuzz target: a file that is imported as vllm. */
#include "tests/fuzz/import_target.h"

FUZZ_IMPORT("vllm");
