/* SPDX-License-Identifier: MIT */
/* How tables spell numbers: rounded half away from zero on the decimal value, an em dash for what was not
 * measured. */
#ifndef TOKTAPE_DECIMAL_H
#define TOKTAPE_DECIMAL_H

#include "formats/buf.h"

#define EM_DASH "\xE2\x80\x94"

enum decimal_rule {
    DECIMAL_FIXED,       /* exactly `digits` decimals: 123.3 */
    DECIMAL_TRIMMED,     /* at most `digits`, trailing zeros removed, at least one: 0.8, 0.82, 1.0 */
    DECIMAL_UNLESS_WHOLE /* none when the value is a whole number, else `digits`: 100, 97.5 */
};

struct decimals {
    enum decimal_rule rule;
    int digits; /* 0 to 15 */
};

/* Appends the value, or an em dash when it is NAN or infinite. Returns out->failed. */
int decimal_put(struct buf *out, double value, struct decimals how);
int decimal_fixed(struct buf *out, double value, int digits);

#endif
