/* SPDX-License-Identifier: MIT */
/* Statistics as other tools take them. */
#include <math.h>

#include "analyze/dialect.h"
#include "formats/alloc.h"
#include "formats/error.h"

int samples_add(struct samples *samples, double value, uint64_t weight)
{
    if (!isfinite(value) || !weight)
        return TT_OK;
    if (mem_grow(&samples->items, &samples->capacity, samples->count + 1, sizeof *samples->items))
        return TT_NOMEM;
    samples->items[samples->count++] = (struct counted_value){value, weight};
    return TT_OK;
}

void samples_release(struct samples *samples)
{
    mem_free(samples->items);
    *samples = (struct samples){NULL, 0, 0};
}

static double sum_of(const struct samples *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->count; i++)
        sum += s->items[i].value * (double)s->items[i].count;
    return sum;
}

static double mean_of(const struct dialect *d, const struct samples *s, double total)
{
    double mean = sum_of(s) / total;
    return d->has_whole_means ? floor(mean) : mean;
}

static double deviation_of(const struct dialect *d, const struct samples *s, double total)
{
    double mean = sum_of(s) / total, squares = 0, below = d->is_sample_deviation ? total - 1 : total;
    for (size_t i = 0; i < s->count; i++) {
        double off = s->items[i].value - mean;
        squares += off * off * (double)s->items[i].count;
    }
    return below > 0 ? sqrt(squares / below) : NAN;
}

/* Equal values are one before their shares are added up, which shows in the last digit and so in which value
 * is chosen. */
static double inverse_percentile(const struct samples *s, double total, double p)
{
    double share = 0;
    for (size_t i = 0; i < s->count;) {
        double value = s->items[i].value, weight = 0;
        for (; i < s->count && !(s->items[i].value > value); i++)
            weight += (double)s->items[i].count;
        share += weight / total;
        if (share >= p)
            return value;
    }
    return s->items[s->count - 1].value;
}

static double floor_percentile(const struct samples *s, double total, double p)
{
    double place = floor(total * p), passed = 0;
    for (size_t i = 0; i < s->count; i++) {
        passed += (double)s->items[i].count;
        if (passed > place)
            return s->items[i].value;
    }
    return s->items[s->count - 1].value;
}

static double percentile_of(const struct dialect *d, const struct samples *s, uint64_t total, double p)
{
    if (d->percentiles == PERCENTILE_INVERSE)
        return inverse_percentile(s, (double)total, p);
    if (d->percentiles == PERCENTILE_FLOOR)
        return floor_percentile(s, (double)total, p);
    return stats_percentile_counted(s->items, s->count, total, p);
}

double dialect_statistic(const struct dialect *d, enum statistic statistic, struct samples *s)
{
    static const double shares[] = {
        [STAT_MEDIAN] = 0.5, [STAT_P50] = 0.5,  [STAT_P75] = 0.75,  [STAT_P90] = 0.9,
        [STAT_P95] = 0.95,   [STAT_P99] = 0.99, [STAT_P999] = 0.999};
    uint64_t total = stats_sort_counted(s->items, s->count);
    if (!total)
        return NAN;
    switch (statistic) {
    case STAT_SUM:
        return sum_of(s);
    case STAT_MEAN:
        return mean_of(d, s, (double)total);
    case STAT_STD:
        return deviation_of(d, s, (double)total);
    case STAT_MIN:
        return s->items[0].value;
    case STAT_MAX:
        return s->items[s->count - 1].value;
    case STAT_END:
        return NAN;
    default:
        return percentile_of(d, s, total, shares[statistic]);
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
