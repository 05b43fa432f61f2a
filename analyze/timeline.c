/* SPDX-License-Identifier: MIT */
#include "analyze/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/energy.h"
#include "analyze/frame_text.h"
#include "analyze/statistics.h"
#include "formats/alloc.h"
#include "formats/order.h"
#include "formats/utf8.h"

#define SPAN_MAX ((uint64_t)1000000000 * 86400 * 366 * 10) /* ten years: no recording is longer */

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory for a timeline");
}

void timeline_release(struct timeline *line)
{
    mem_free(line->events);
    mem_free(line->runs);
    mem_free(line->series);
    memset(line, 0, sizeof *line);
}

int timeline_begin(struct timeline *line, const struct tape *tape, struct error *e)
{
    mem_free(line->runs);
    mem_free(line->series);
    line->count = line->run_count = line->lanes = 0;
    line->series_count = tape->series_count;
    for (size_t i = 0; i < tape->run_count; i++) {
        size_t behind = (size_t)tape->runs[i].run + 1;
        line->run_count = behind > line->run_count ? behind : line->run_count;
    }
    line->runs = mem_zalloc(line->run_count, sizeof *line->runs);
    line->series = mem_zalloc(line->series_count, sizeof *line->series);
    return line->runs && line->series ? TT_OK : no_memory(e);
}

static struct timeline_event *add(struct timeline *line, enum timeline_kind kind, uint64_t owner, uint64_t t,
                                  struct error *e)
{
    if (line->count >= TIMELINE_EVENTS_MAX) {
        error_set(e, TT_LIMIT, "more than %zu tokens and samples are too many for a timeline",
                  TIMELINE_EVENTS_MAX);
        return NULL;
    }
    if (mem_grow(&line->events, &line->capacity, line->count + 1, sizeof *line->events)) {
        no_memory(e);
        return NULL;
    }
    struct timeline_event *event = &line->events[line->count];
    *event = (struct timeline_event){.t = t, .owner = (uint32_t)owner, .order = (uint32_t)line->count};
    event->kind = (unsigned char)kind;
    line->count++;
    return event;
}

/* ---- runs ---- */

static uint64_t clock_ns(const struct export_run *run, uint64_t ticks, uint64_t otherwise)
{
    return ticks == ABSENT ? otherwise : tape_clock_ns(run->trace->tape, ticks);
}

int timeline_run(struct timeline *line, const struct export_run *run, struct error *e)
{
    struct timeline_run *known = &line->runs[run->run->figures.run];
    const struct run_figures *f = &run->run->figures;
    uint64_t from = clock_ns(run, run->t_start, clock_ns(run, f->t_zero, ABSENT));
    uint64_t to = from == ABSENT ? 0 : from;
    (void)e;
    *known = (struct timeline_run){
        .run = run, .from = from, .to = to, .last_t = to, .last_read = ABSENT, .last_tokens = SIZE_MAX};
    return TT_OK;
}

/* What still fits, without half a character at its end. */
static void append_text(char text[TIMELINE_TEXT], struct bytes more)
{
    size_t used = strlen(text), room = TIMELINE_TEXT - 1 - used;
    size_t len = more.len < room ? more.len : room;
    while (len && len < more.len && (more.data[len] & 0xC0) == 0x80)
        len--;
    for (size_t i = 0; i < len; i++)
        text[used + i] = (char)(more.data[i] ? more.data[i] : ' ');
    text[used + len] = '\0';
}

/* Slices of one run never overlap, whatever its stamps say: each begins where the one before ended. */
static int begin_tokens(struct timeline *line, struct timeline_run *run, uint64_t t, uint64_t read,
                        struct error *e)
{
    int is_first = run->last_tokens == SIZE_MAX;
    t = t < run->last_t ? run->last_t : t;
    struct timeline_event *event =
        add(line, TIMELINE_TOKENS, run->run->run->figures.run, is_first ? t : run->last_t, e);
    if (!event)
        return e ? (int)e->code : TT_NOMEM;
    event->duration = t - event->t;
    run->last_tokens = line->count - 1;
    run->last_read = read;
    run->last_t = t;
    return TT_OK;
}

/* All of one read's are one slice. */
static int add_tokens(struct timeline *line, struct timeline_run *run, const struct export_frame *frame,
                      struct error *e)
{
    int status = TT_OK;
    if (run->last_tokens == SIZE_MAX || run->last_read != frame->frame->read)
        status = begin_tokens(line, run, frame->time.clock_ns, frame->frame->read, e);
    if (status)
        return status;
    struct timeline_event *event = &line->events[run->last_tokens];
    event->value.count += frame->tokens;
    append_text(event->text, frame_text(frame->frame->chat));
    return TT_OK;
}

static int add_progress(struct timeline *line, struct timeline_run *run, uint64_t t, double processed,
                        struct error *e)
{
    struct timeline_event *event = add(line, TIMELINE_PROGRESS, run->run->run->figures.run, t, e);
    if (!event)
        return e ? (int)e->code : TT_NOMEM;
    event->value.number = processed;
    run->has_progress = 1;
    return TT_OK;
}

int timeline_frame(struct timeline *line, const struct export_frame *frame, struct error *e)
{
    struct timeline_run *run = &line->runs[frame->run->run->figures.run];
    const struct chat_frame *chat = frame->frame->chat;
    uint64_t t = frame->time.clock_ns;
    if (!run->run)
        return TT_OK;
    run->from = t < run->from ? t : run->from;
    run->to = t > run->to ? t : run->to;
    if (chat->has_progress && chat->progress.processed != ABSENT)
        return add_progress(line, run, t, (double)chat->progress.processed, e);
    return frame->tokens ? add_tokens(line, run, frame, e) : TT_OK;
}

static int add_slice(struct timeline *line, const struct timeline_run *run, enum timeline_kind kind,
                     uint64_t from, uint64_t to, struct error *e)
{
    struct timeline_event *event = add(line, kind, run->run->run->figures.run, from, e);
    if (!event)
        return e ? (int)e->code : TT_NOMEM;
    event->duration = to - from;
    return TT_OK;
}

/* The parts of a turn follow each other; one that was not reached is left out. */
static int add_parts(struct timeline *line, const struct timeline_run *run, struct error *e)
{
    const struct run_figures *f = &run->run->run->figures;
    const uint64_t ends[] = {f->t_zero, f->t_first_token, f->t_last_token};
    uint64_t from = run->from;
    int status = TT_OK;
    for (int i = 0; i < 3 && !status && ends[i] != ABSENT; i++) {
        uint64_t to = clock_ns(run->run, ends[i], 0);
        to = to < from ? from : to > run->to ? run->to : to;
        status = add_slice(line, run, (enum timeline_kind)(TIMELINE_CONNECT + i), from, to, e);
        from = to;
    }
    return status;
}

/* A run of which no time is known at all has no place. */
static int add_run(struct timeline *line, struct timeline_run *run, struct error *e)
{
    if (run->from == ABSENT) {
        run->run = NULL;
        return TT_OK;
    }
    uint64_t close = clock_ns(run->run, run->run->run->figures.t_close, 0);
    run->to = close > run->to ? close : run->to;
    run->to = run->last_t > run->to ? run->last_t : run->to;
    int status = add_slice(line, run, TIMELINE_TURN, run->from, run->to, e);
    if (!status)
        status = add_parts(line, run, e);
    if (!status && run->has_progress)
        status = add_progress(line, run, run->to, 0, e);
    return status;
}

/* ---- sensors ---- */

int timeline_is_watts(const struct tape_series *series)
{
    uint64_t kind = series->row.kind;
    return (kind == SERIES_ENERGY || kind == SERIES_POWER) && !isnan(energy_unit(series->unit));
}

/* A counter's mean power from the reading before to this one; NAN for what none can have made. */
static double watts_between(const struct tape_series *series, const struct timeline_series *last, uint64_t t,
                            uint64_t value)
{
    uint64_t step = value - last->value;
    if (value < last->value)
        step = series->row.wrap == ABSENT ? ABSENT : series->row.wrap - last->value + value + 1;
    if (step == ABSENT || t <= last->t)
        return NAN;
    double watts = (double)step * energy_unit(series->unit) / ((double)(t - last->t) / 1e9);
    return watts <= ENERGY_POWER_MAX ? watts : NAN;
}

static int add_value(struct timeline *line, const struct export_sample *sample, uint64_t t, double value,
                     struct error *e)
{
    struct timeline_event *event = add(line, TIMELINE_SENSOR, sample->series->row.series, t, e);
    if (!event)
        return e ? (int)e->code : TT_NOMEM;
    event->value.number = value;
    return TT_OK;
}

int timeline_sample(struct timeline *line, const struct export_sample *sample, struct error *e)
{
    const struct tape_series *series = sample->series;
    uint64_t value = sample->row->value, t = sample->clock_ns;
    double number = (double)(int64_t)value;
    if (series->row.series >= line->series_count)
        return TT_OK;
    if (!timeline_is_watts(series))
        return add_value(line, sample, t, number, e);
    if (series->row.kind == SERIES_POWER)
        return add_value(line, sample, t, number * energy_unit(series->unit), e);
    struct timeline_series last = line->series[series->row.series];
    line->series[series->row.series] = (struct timeline_series){1, t, value};
    double watts = last.has_last ? watts_between(series, &last, t, value) : NAN;
    return isnan(watts) ? TT_OK : add_value(line, sample, last.t, watts, e);
}

/* ---- all together ---- */

static int compare_starts(const void *a, const void *b)
{
    const struct timeline_run *x = *(struct timeline_run *const *)a, *y = *(struct timeline_run *const *)b;
    int order = order_u64(x->from, y->from);
    return order ? order : order_u64(x->run->run->figures.run, y->run->run->figures.run);
}

/* The lowest lane that is free when it begins. */
static int find_lane(struct timeline *line, struct timeline_run *run, uint64_t *ends, struct error *e)
{
    for (size_t i = 0; i < line->lanes; i++) {
        if (ends[i] > run->from)
            continue;
        run->lane = (uint32_t)i;
        ends[i] = run->to;
        return TT_OK;
    }
    if (line->lanes >= TIMELINE_LANES_MAX)
        return error_set(e, TT_LIMIT, "more than %d runs at one time are too many for a timeline",
                         TIMELINE_LANES_MAX);
    run->lane = (uint32_t)line->lanes;
    ends[line->lanes++] = run->to;
    return TT_OK;
}

static int assign_lanes(struct timeline *line, struct error *e)
{
    struct timeline_run **sorted = mem_alloc(line->run_count * sizeof *sorted);
    uint64_t *ends = mem_alloc(TIMELINE_LANES_MAX * sizeof *ends);
    size_t count = 0;
    int status = sorted && ends ? TT_OK : no_memory(e);
    for (size_t i = 0; !status && i < line->run_count; i++) {
        if (line->runs[i].run)
            sorted[count++] = &line->runs[i];
    }
    if (count)
        qsort(sorted, count, sizeof *sorted, compare_starts);
    for (size_t i = 0; !status && i < count; i++)
        status = find_lane(line, sorted[i], ends, e);
    mem_free(sorted);
    mem_free(ends);
    return status;
}

static int compare_events(const void *a, const void *b)
{
    const struct timeline_event *x = a, *y = b;
    int order = order_u64(x->t, y->t);
    if (!order)
        order = order_u64(x->kind, y->kind);
    return order ? order : order_u64(x->order, y->order);
}

static int count_from_first(struct timeline *line, struct error *e)
{
    uint64_t first = line->count ? line->events[0].t : 0;
    line->span = 0;
    for (size_t i = 0; i < line->count; i++) {
        struct timeline_event *event = &line->events[i];
        event->t -= first;
        if (event->t > SPAN_MAX || event->duration > SPAN_MAX)
            return error_set(e, TT_DAMAGED, "its times lie more than ten years apart");
        uint64_t end = event->t + event->duration;
        line->span = end > line->span ? end : line->span;
    }
    return TT_OK;
}

int timeline_sort(struct timeline *line, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < line->run_count; i++) {
        if (line->runs[i].run)
            status = add_run(line, &line->runs[i], e);
    }
    if (!status)
        status = assign_lanes(line, e);
    if (!status && line->count)
        qsort(line->events, line->count, sizeof *line->events, compare_events);
    return status ? status : count_from_first(line, e);
}
