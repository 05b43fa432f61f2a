/* SPDX-License-Identifier: MIT */
/* Exact order statistics and spread of small and large arrays of doubles, the same on every machine.
 *
 * NAN means "not measured": the sorting functions put it last and every figure leaves it out. A figure of too
 * few values is NAN, never 0. Functions that sort do so in the caller's array; nothing here allocates. */
#ifndef TOKTAPE_STATISTICS_H
#define TOKTAPE_STATISTICS_H

#include <stddef.h>
#include <stdint.h>

int order_doubles(double a, double b);         /* the same by value: negative, 0, positive */
int order_doubles_falling(double a, double b); /* largest first, NAN still last */

/* Sorts in place, NANs last. Returns how many values are not NAN: the n for the `sorted` functions. */
size_t stats_sort(double *values, size_t count);

/* Percentile of an ascending array without NANs, p in [0, 1]: linear between the two neighbours of (n − 1)·p
 * (type 7). NAN when n is 0. */
double stats_percentile(const double *sorted, size_t n, double p);

/* Several percentiles, `p` ascending, of an array in any order, NANs left out: linear in `count`, where
 * sorting is not. Reorders `values`. */
void stats_percentiles(double *values, size_t count, const double *p, double *results, size_t result_count);

/* Sorts `values` in place first. */
double stats_median(double *values, size_t count);

/* A value that occurs `count` times: percentiles over tokens without one array element per token. */
struct counted_value {
    double value;
    uint64_t count;
};

/* Sorts by value; entries that are NAN or have count 0 do not take part. Returns the sum of the counts. */
uint64_t stats_sort_counted(struct counted_value *values, size_t entries);

/* As stats_percentile over the expanded array; `total` is what stats_sort_counted returned. */
double stats_percentile_counted(const struct counted_value *sorted, size_t entries, uint64_t total, double p);

/* Where such a percentile lies among `total` values, 1 or more, for those who have no array of them: at a
 * rank, counted from 0, and how far from its value to that of the next rank. */
struct percentile_place {
    uint64_t rank;
    double fraction; /* 0 at the last rank */
};
struct percentile_place stats_percentile_place(uint64_t total, double p);
double stats_between(double low, double high, double fraction);

double stats_mean(const double *values, size_t count);
double stats_sd(const double *values,
                size_t count); /* sample standard deviation (n − 1); NAN below two values */

/* Relative spread: sample standard deviation ÷ median, as a fraction. Sorts in place. NAN below two values or
 * when the median is not positive. */
double stats_spread(double *values, size_t count);

/* Student's t: the 97.5 % quantile for `df` >= 1 degrees of freedom, which spans a 95 % interval. */
double stats_t975(size_t df);

/* Rounds half away from zero on the decimal value (2.675 at 2 decimals is 2.68): what tables print. */
double stats_round(double value, int decimals);

#endif
