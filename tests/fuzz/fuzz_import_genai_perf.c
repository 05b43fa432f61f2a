/* SPDX-License-Identifier: MIT */
/* Fuzz target: a file that is imported as genai-perf. */
#include "tests/fuzz/import_target.h"

FUZZ_IMPORT("genai-perf");
