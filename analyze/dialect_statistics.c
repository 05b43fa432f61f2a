/* SPDX-License-Identifier: MIT */
/* Statistics as other tools take them. */
#include <math.h>

#include "analyze/dialect.h"

static double sum_of(struct samples *s)
{
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value v;
    double sum = 0;
    while (samples_next(&cursor, &v))
        sum += v.value * (double)v.count;
    return sum;
}

static double mean_of(const struct dialect *d, struct samples *s)
{
    double mean = sum_of(s) / (double)s->total;
    return d->has_whole_means ? floor(mean) : mean;
}

static double deviation_of(const struct dialect *d, struct samples *s)
{
    double total = (double)s->total, mean = sum_of(s) / total, squares = 0;
    double below = d->is_sample_deviation ? total - 1 : total;
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value v;
    while (samples_next(&cursor, &v)) {
        double off = v.value - mean;
        squares += off * off * (double)v.count;
    }
    return below > 0 ? sqrt(squares / below) : NAN;
}

/* The shares of different values are added up, which shows in the last digit and so in which value is chosen.
 */
static double inverse_percentile(struct samples *s, double p)
{
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value v = {NAN, 0};
    double share = 0;
    while (share < p && samples_next(&cursor, &v))
        share += (double)v.count / (double)s->total;
    return v.value;
}

static double floor_percentile(struct samples *s, double p)
{
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value v = {NAN, 0};
    double place = floor((double)s->total * p), passed = 0;
    while (passed <= place && samples_next(&cursor, &v))
        passed += (double)v.count;
    return v.value;
}

static double linear_percentile(struct samples *s, double p)
{
    struct percentile_place place = stats_percentile_place(s->total, p);
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value v = {NAN, 0};
    uint64_t passed = 0;
    while (passed <= place.rank && samples_next(&cursor, &v))
        passed += v.count;
    double low = v.value;
    if (passed == place.rank + 1) /* the next rank has another value */
        (void)samples_next(&cursor, &v);
    return stats_between(low, v.value, place.fraction);
}

static double percentile_of(const struct dialect *d, struct samples *s, double p)
{
    if (d->percentiles == PERCENTILE_INVERSE)
        return inverse_percentile(s, p);
    if (d->percentiles == PERCENTILE_FLOOR)
        return floor_percentile(s, p);
    return linear_percentile(s, p);
}

static double least_of(struct samples *s)
{
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value v = {NAN, 0};
    (void)samples_next(&cursor, &v);
    return v.value;
}

static double most_of(struct samples *s)
{
    struct samples_cursor cursor = samples_rising(s);
    struct counted_value v = {NAN, 0};
    while (samples_next(&cursor, &v))
        ;
    return v.value;
}

double dialect_statistic(const struct dialect *d, enum statistic statistic, struct samples *s)
{
    static const double shares[] = {
        [STAT_MEDIAN] = 0.5, [STAT_P50] = 0.5,  [STAT_P75] = 0.75,  [STAT_P90] = 0.9,
        [STAT_P95] = 0.95,   [STAT_P99] = 0.99, [STAT_P999] = 0.999};
    if (!s->total)
        return NAN;
    switch (statistic) {
    case STAT_SUM:
        return sum_of(s);
    case STAT_MEAN:
        return mean_of(d, s);
    case STAT_STD:
        return deviation_of(d, s);
    case STAT_MIN:
        return least_of(s);
    case STAT_MAX:
        return most_of(s);
    case STAT_END:
        return NAN;
    default:
        return percentile_of(d, s, shares[statistic]);
    }
}

const char *statistic_name(enum statistic statistic)
{
    static const char *const names[] = {
        [STAT_END] = "",      [STAT_SUM] = "sum", [STAT_MEAN] = "mean", [STAT_MEDIAN] = "median",
        [STAT_STD] = "std",   [STAT_MIN] = "min", [STAT_MAX] = "max",   [STAT_P50] = "p50",
        [STAT_P75] = "p75",   [STAT_P90] = "p90", [STAT_P95] = "p95",   [STAT_P99] = "p99",
        [STAT_P999] = "p99.9"};
    return names[statistic];
}
