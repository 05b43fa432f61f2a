/* SPDX-License-Identifier: MIT */
/* Fuzz target: a file that is imported as llama-bench. */
#include "tests/fuzz/import_target.h"

FUZZ_IMPORT("llama-bench");
