/* SPDX-License-Identifier: MIT */
#include "analyze/decimal.h"

#include <math.h>

#include "analyze/statistics.h"

/* Drops zeros behind the point, but never the first digit there. */
static void trim_zeros(struct buf *out)
{
    while (out->len > 2 && out->data[out->len - 1] == '0' && out->data[out->len - 2] != '.')
        out->data[--out->len] = '\0';
}

int decimal_put(struct buf *out, double value, struct decimals how)
{
    if (!isfinite(value))
        return buf_puts(out, EM_DASH);
    int digits = how.rule == DECIMAL_UNLESS_WHOLE && floor(value) == value ? 0 : how.digits;
    /* + 0.0: a small negative value must not print as -0. */
    buf_printf(out, "%.*f", digits, stats_round(value, digits) + 0.0);
    if (how.rule == DECIMAL_TRIMMED && digits > 1 && !out->failed)
        trim_zeros(out);
    return out->failed;
}

int decimal_fixed(struct buf *out, double value, int digits)
{
    return decimal_put(out, value, (struct decimals){DECIMAL_FIXED, digits});
}
