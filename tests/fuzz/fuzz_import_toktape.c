/* SPDX-License-Identifier: MIT */
/* Fuzz target: a file that is imported as toktape. */
#include "tests/fuzz/import_target.h"

FUZZ_IMPORT("toktape");
