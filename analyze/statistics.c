/* SPDX-License-Identifier: MIT */
#include "analyze/statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/student.h"
#include "formats/order.h"

#define SELECT_ROUNDS 60 /* twice what a good pivot needs for the largest arrays */
#define SELECT_SMALL  24

int order_doubles(double a, double b)
{
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    if (a < b || a > b)
        return a < b ? -1 : 1;
    return (signbit(b) != 0) - (signbit(a) != 0);
}

int order_doubles_falling(double a, double b)
{
    return isnan(a) || isnan(b) ? order_doubles(a, b) : order_doubles(b, a);
}

/* Total order for qsort and ties: -0 before +0, every NAN equal and after everything else. */
static int compare_doubles(const void *a, const void *b)
{
    return order_doubles(*(const double *)a, *(const double *)b);
}

size_t stats_sort(double *values, size_t count)
{
    if (count)
        qsort(values, count, sizeof *values, compare_doubles);
    while (count && isnan(values[count - 1]))
        count--;
    return count;
}

/* Between a value and the next one; exact at the ends, so that equal neighbours give themselves. */
double stats_between(double low, double high, double fraction)
{
    return fraction > 0 ? low + (high - low) * fraction : low;
}

/* The rank at or below a place among n values. */
static size_t floor_place(double place, size_t n)
{
    size_t below = place <= 0 ? 0 : (size_t)place;
    return below < n ? below : n - 1;
}

double stats_percentile(const double *sorted, size_t n, double p)
{
    if (!n)
        return NAN;
    double place = (double)(n - 1) * p;
    size_t below = floor_place(place, n);
    if (below >= n - 1)
        return sorted[n - 1];
    return stats_between(sorted[below], sorted[below + 1], place - (double)below);
}

/* NANs go behind; returns how many values are none. */
static size_t set_nans_aside(double *values, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        double value = values[i];
        if (isnan(value))
            continue;
        values[i] = values[n];
        values[n++] = value;
    }
    return n;
}

static double middle_of(double a, double b, double c)
{
    if (a > b)
        return a < c ? a : b > c ? b : c;
    return b < c ? b : a > c ? a : c;
}

/* Parts v[low..high) into what is at most and at least some pivot; *left ends the one, *right begins the
 * other. */
static void part(double *v, size_t low, size_t high, size_t *left, size_t *right)
{
    double pivot = middle_of(v[low], v[low + (high - low) / 2], v[high - 1]);
    size_t i = low, j = high; /* j is one behind the place it stands for, so that it never falls below 0 */
    while (i < j) {
        while (v[i] < pivot)
            i++;
        while (v[j - 1] > pivot)
            j--;
        if (i < j) {
            double kept = v[i];
            v[i++] = v[j - 1];
            v[--j] = kept;
        }
    }
    *left = j;
    *right = i;
}

/* Puts the value of rank k, low <= k < high, into its place of v[low..high), nothing larger before it and
 * nothing smaller behind. What partitioning does not settle in many rounds is sorted. */
static void place_rank(double *v, size_t low, size_t high, size_t k)
{
    for (int round = 0; round < SELECT_ROUNDS && high - low > SELECT_SMALL; round++) {
        size_t left, right;
        part(v, low, high, &left, &right);
        if (k < left)
            high = left;
        else if (k >= right)
            low = right;
        else
            return;
    }
    qsort(v + low, high - low, sizeof *v, compare_doubles);
}

static double smallest(const double *v, size_t count)
{
    double least = v[0];
    for (size_t i = 1; i < count; i++)
        least = v[i] < least ? v[i] : least;
    return least;
}

void stats_percentiles(double *values, size_t count, const double *p, double *results, size_t result_count)
{
    size_t n = set_nans_aside(values, count), settled = 0;
    for (size_t i = 0; i < result_count; i++) {
        double place = n ? (double)(n - 1) * p[i] : 0;
        size_t below = n ? floor_place(place, n) : 0;
        if (!n) {
            results[i] = NAN;
            continue;
        }
        place_rank(values, settled, n, below);
        settled = below;
        results[i] = below + 1 < n ? stats_between(values[below], smallest(values + below + 1, n - below - 1),
                                                   place - (double)below)
                                   : values[below];
    }
}

double stats_median(double *values, size_t count)
{
    return stats_percentile(values, stats_sort(values, count), 0.5);
}

/* Entries that take part come first, so that the sorted array has no holes. */
static int compare_counted(const void *a, const void *b)
{
    const struct counted_value *x = a, *y = b;
    if ((x->count == 0) != (y->count == 0))
        return x->count == 0 ? 1 : -1;
    int order = order_doubles(x->value, y->value);
    return order ? order : order_u64(x->count, y->count); /* sums are the same whoever sorts */
}

uint64_t stats_sort_counted(struct counted_value *values, size_t entries)
{
    uint64_t total = 0;
    if (entries)
        qsort(values, entries, sizeof *values, compare_counted);
    for (size_t i = 0; i < entries && !isnan(values[i].value); i++)
        total += values[i].count;
    return total;
}

struct percentile_place stats_percentile_place(uint64_t total, double p)
{
    double place = (double)(total - 1) * p;
    uint64_t rank = place <= 0 ? 0 : (uint64_t)place;
    if (rank >= total - 1)
        return (struct percentile_place){total - 1, 0};
    return (struct percentile_place){rank, place - (double)rank};
}

double stats_percentile_counted(const struct counted_value *sorted, size_t entries, uint64_t total, double p)
{
    if (!total)
        return NAN;
    struct percentile_place place = stats_percentile_place(total, p);
    uint64_t passed = 0;
    size_t i = 0;
    while (i + 1 < entries && passed + sorted[i].count <= place.rank)
        passed += sorted[i++].count;
    if (place.rank + 1 >= total || passed + sorted[i].count > place.rank + 1)
        return sorted[i].value;
    return stats_between(sorted[i].value, sorted[i + 1].value, place.fraction);
}

double stats_mean(const double *values, size_t count)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            continue;
        sum += values[i];
        n++;
    }
    return n ? sum / (double)n : NAN;
}

double stats_sd(const double *values, size_t count)
{
    double mean = stats_mean(values, count), squares = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i]))
            continue;
        squares += (values[i] - mean) * (values[i] - mean);
        n++;
    }
    return n < 2 ? NAN : sqrt(squares / (double)(n - 1));
}

double stats_t975(size_t df)
{
    return student_quantile(0.975, (double)df);
}

double stats_spread(double *values, size_t count)
{
    double median = stats_median(values, count);
    return median > 0 ? stats_sd(values, count) / median : NAN;
}

/* "d.ddde±xx" with the fewest digits (15 to 17) that read back as `value`. */
static void shortest_decimal(double value, char text[40])
{
    for (int digits = 14; digits <= 16; digits++) {
        snprintf(text, 40, "%.*e", digits, value);
        if (order_doubles(strtod(text, NULL), value) == 0)
            return;
    }
}

/* Rounding works on the digits that a person sees: 2.675 is stored a little below itself. */
double stats_round(double value, int decimals)
{
    char text[40], rounded[40];
    if (!isfinite(value))
        return value;
    shortest_decimal(fabs(value), text);
    const char *mark = strchr(text, 'e');
    long kept = strtol(mark + 1, NULL, 10) + decimals + 1; /* digits left of the cut */
    long digits = mark - text - 1;
    if (kept >= digits)
        return value;
    uint64_t whole = 0;
    for (long i = 0; i < kept; i++)
        whole = whole * 10 + (uint64_t)(text[i ? i + 1 : 0] - '0');
    int first_dropped = kept < 0 ? '0' : text[kept ? kept + 1 : 0];
    snprintf(rounded, sizeof rounded, "%s%llue%d", value < 0 ? "-" : "",
             (unsigned long long)(whole + (first_dropped >= '5')), -decimals);
    return strtod(rounded, NULL);
}
