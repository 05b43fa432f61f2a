/* SPDX-License-Identifier: MIT */
/* Fuzz target: a file that is imported as aiperf-raw. */
#include "tests/fuzz/import_target.h"

FUZZ_IMPORT("aiperf-raw");
