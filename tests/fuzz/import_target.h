/* SPDX-License-Identifier: MIT */
/* Fuzz targets of the importers: each is one line, FUZZ_IMPORT("format"). Whatever comes, there is a
 * sentence, or a trace that is intact and can be analysed. */
#ifndef TOKTAPE_TESTS_IMPORT_TARGET_H
#define TOKTAPE_TESTS_IMPORT_TARGET_H

#include <stddef.h>
#include <stdint.h>

void fuzz_import(const char *format, const uint8_t *bytes, size_t len);

#define FUZZ_IMPORT(format)                                                                                  \
    int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);                                            \
    int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)                                             \
    {                                                                                                        \
        fuzz_import(format, bytes, len);                                                                     \
        return 0;                                                                                            \
    }                                                                                                        \
    _Static_assert(sizeof format > 1, "a format")

#endif
