/* SPDX-License-Identifier: MIT */
/* The difference between two sides by least squares, and what is decided from it. Pure functions. */
#ifndef TOKTAPE_EFFECT_H
#define TOKTAPE_EFFECT_H

#include <stddef.h>

/* One independent observation. `side` 0 is the base, 1 the new one; `position` its place in time. */
struct effect_unit {
    int side;
    double position;
};

/* y = level + d · side + trend · position. NAN where it cannot be told. */
struct effect {
    size_t n[2];  /* units with a value */
    double d, se; /* of the side, and its standard error */
    double df;    /* n₁ + n₂ − 3 until a session's deviation enters */
    double s;     /* residual standard deviation of a unit */
    double trend; /* from one position to the next */
};

#define EFFECT_UNITS_MIN    3 /* a side with fewer has no interval */
#define EFFECT_REPEATS_MAX  999
#define EFFECT_MARGIN_LEVEL 0.90 /* two one-sided tests at 5 % are this interval within the margin */

/* `values` has a NAN for each unit without a value. With fewer than EFFECT_UNITS_MIN on a side only n and d
 * (the difference of the means) are told. */
struct effect effect_fit(const struct effect_unit *units, const double *values, size_t count);

/* Adds what one session differs from the next by: 2·sd² enters the squared standard error, and the degrees of
 * freedom are Satterthwaite's. `sd_df` are those of sd, INFINITY when it is given. */
void effect_add_session(struct effect *effect, double sd, double sd_df);

/* Half the width of the interval of that level (0.95). */
double effect_half_width(const struct effect *effect, double level);

double effect_p(const struct effect *effect); /* two-sided, of no difference */

/* 1 when the 90 % interval of the ratio exp(d) lies inside 1 ± margin. */
int effect_is_within(const struct effect *effect, double margin);

/* The smallest number of units a side that would decide: (t.975 + t.80)·s·√(2/n) <= max(|d|, margin − |d|),
 * at most EFFECT_REPEATS_MAX, 2n − 3 degrees of freedom; 0 when s is not known. */
size_t effect_repeats_needed(const struct effect *effect, double margin);

/* Weighted Holm: adjusted[i] <= α exactly when hypothesis i is rejected at the family-wise level α. A NAN in
 * `p` takes no part. */
void holm_adjust(const double *p, const double *weights, double *adjusted, size_t count);

#endif
