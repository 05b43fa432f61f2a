/* SPDX-License-Identifier: MIT */
/* Fuzz target: a file that is imported as asiai. */
#include "tests/fuzz/import_target.h"

FUZZ_IMPORT("asiai");
