/* SPDX-License-Identifier: MIT */
#include "analyze/tape_stamps.h"

#include <string.h>

#define FUTURE_S 1.0

double tape_seconds(const struct tape *tape, uint64_t ticks)
{
    double forward = ticks >= tape->t_origin ? tape_ns(tape, ticks - tape->t_origin) : 0;
    double back = ticks < tape->t_origin ? tape_ns(tape, tape->t_origin - ticks) : 0;
    return (forward - back) / 1e9;
}

double tape_published(const struct tape *tape, const struct tape_series *s, const struct sample_row *sample,
                      int hold)
{
    if (!hold || sample->source_t == ABSENT || !*s->stamp)
        return tape_seconds(tape, sample->t);
    if (strcmp(s->stamp, "native") == 0)
        return tape_seconds(tape, sample->source_t);
    uint64_t unit = strcmp(s->stamp, "realtime-us") == 0   ? 1000
                    : strcmp(s->stamp, "realtime-ns") == 0 ? 1
                                                           : 0;
    if (!unit || tape->realtime_origin_ns == ABSENT)
        return tape_seconds(tape, sample->t);
    int64_t since = (int64_t)(sample->source_t * unit - tape->realtime_origin_ns);
    return (double)since / 1e9;
}

static int is_from_the_future(const struct tape *tape, const struct tape_series *s,
                              const struct sample_row *sample)
{
    double stamp = tape_published(tape, s, sample, 1), read = tape_seconds(tape, sample->t);
    return stamp > read + tape_ns(tape, sample->duration) / 1e9 + FUTURE_S;
}

int tape_stamps_hold(const struct tape *tape, const struct tape_series *s)
{
    const struct sample_row *last = NULL;
    if (!*s->stamp || s->row.kind != SERIES_ENERGY)
        return 1;
    for (size_t i = 0; i < s->count; i++) {
        const struct sample_row *now = &s->samples[i];
        if (now->value == ABSENT || now->source_t == ABSENT)
            continue;
        if (is_from_the_future(tape, s, now))
            return 0;
        if (last && (now->source_t < last->source_t ||
                     (now->source_t == last->source_t && now->value != last->value)))
            return 0;
        last = now;
    }
    return 1;
}
