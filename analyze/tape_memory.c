/* SPDX-License-Identifier: MIT */
/* The engine's memory over time. An engine may be several processes, each with a series of its own, and a
 * restart begins new ones: the figure is the largest sum of what was current at one moment. */
#include "analyze/tape.h"

#define RSS_SERIES_MAX 64

struct rss_cursor {
    const struct tape_series *series;
    size_t next;         /* sample that comes next */
    uint64_t hold_ticks; /* how long a sample stands for its process */
};

/* Three missed samples end a process, so that a restarted engine is not added to its predecessor. */
static uint64_t hold_ticks(const struct tape *tape, const struct tape_series *series)
{
    double ns = series->row.period_ns == ABSENT ? 0 : 3.0 * (double)series->row.period_ns;
    double ticks = (ns > 5e8 ? ns : 5e8) * (double)tape->ticks_denom / (double)tape->ticks_numer;
    return ticks < 1e18 ? (uint64_t)ticks : (uint64_t)1e18;
}

size_t tape_sample_from(const struct tape_series *series, uint64_t t)
{
    size_t low = 0, high = series->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->samples[middle].t < t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t open_cursors(const struct tape *tape, enum series_kind kind, uint64_t from,
                           struct rss_cursor *cursors)
{
    size_t n = 0;
    for (size_t i = 0; i < tape->series_count && n < RSS_SERIES_MAX; i++) {
        const struct tape_series *s = &tape->series[i];
        if (s->row.kind == kind && s->row.scope == SCOPE_ENGINE && s->count)
            cursors[n++] = (struct rss_cursor){s, tape_sample_from(s, from), hold_ticks(tape, s)};
    }
    return n;
}

/* The cursor whose next sample is the earliest; NULL when none is left up to `to`. */
static struct rss_cursor *earliest(struct rss_cursor *cursors, size_t n, uint64_t to)
{
    struct rss_cursor *best = NULL;
    for (size_t i = 0; i < n; i++) {
        struct rss_cursor *c = &cursors[i];
        if (c->next >= c->series->count || c->series->samples[c->next].t > to)
            continue;
        if (!best || c->series->samples[c->next].t < best->series->samples[best->next].t)
            best = c;
    }
    return best;
}

static uint64_t sum_at(const struct rss_cursor *cursors, size_t n, uint64_t t)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        const struct rss_cursor *c = &cursors[i];
        const struct sample_row *last = c->next ? &c->series->samples[c->next - 1] : NULL;
        if (last && last->t <= t && t - last->t <= c->hold_ticks && last->value < ABSENT - sum)
            sum += last->value;
    }
    return sum;
}

static uint64_t highest_sum(const struct tape *tape, enum series_kind kind, uint64_t from, uint64_t to)
{
    struct rss_cursor cursors[RSS_SERIES_MAX], *c;
    size_t n = from == ABSENT || to == ABSENT ? 0 : open_cursors(tape, kind, from, cursors);
    uint64_t peak = ABSENT;
    while ((c = earliest(cursors, n, to)) != NULL) {
        const struct sample_row *sample = &c->series->samples[c->next++];
        uint64_t sum = sample->value == ABSENT ? 0 : sum_at(cursors, n, sample->t);
        if (sum > 0 && (peak == ABSENT || sum > peak))
            peak = sum;
    }
    return peak;
}

uint64_t tape_peak_rss(const struct tape *tape, uint64_t from, uint64_t to)
{
    return highest_sum(tape, SERIES_RSS, from, to);
}

uint64_t tape_peak_footprint(const struct tape *tape)
{
    uint64_t peak = highest_sum(tape, SERIES_FOOTPRINT, 0, ABSENT - 1);
    for (size_t i = 0; i < tape->peak_count; i++) {
        uint64_t own = tape->peaks[i].footprint;
        if (own != ABSENT && (peak == ABSENT || own > peak))
            peak = own;
    }
    return peak;
}
