/* SPDX-License-Identifier: MIT */
#include "analyze/timeline.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/energy.h"
#include "analyze/frame_text.h"
#include "formats/alloc.h"
#include "formats/order.h"

#define SPAN_MAX ((uint64_t)1000000000 * 86400 * 366 * 10) /* ten years: no recording is longer */

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory for a timeline");
}

void timeline_release(struct timeline *line)
{
    mem_free(line->runs);
    mem_free(line->lanes);
    mem_free(line->series);
    *line = (struct timeline){.tell = line->tell, .context = line->context, .base = ABSENT};
}

/* The place of a time of the recorder's clock. */
static int place(struct timeline *line, uint64_t *t, struct error *e)
{
    if (line->base == ABSENT)
        line->base = *t;
    int is_early = *t < line->base;
    uint64_t distance = is_early ? line->base - *t : *t - line->base;
    if (distance > SPAN_MAX)
        return error_set(e, TT_DAMAGED, "its times lie more than ten years apart");
    *t = is_early ? 0 : distance;
    return TT_OK;
}

static int tell(struct timeline *line, const struct timeline_event *event, struct error *e)
{
    uint64_t end = event->t + event->duration;
    line->span = end > line->span ? end : line->span;
    return line->tell(line->context, event, e);
}

static uint64_t clamp(uint64_t t, uint64_t from, uint64_t to)
{
    return t < from ? from : t > to ? to : t;
}

/* ---- where runs are, before anything is told ---- */

/* The first of these that is known. */
static uint64_t first_known(const struct tape *tape, const uint64_t *ticks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (ticks[i] != ABSENT)
            return tape_clock_ns(tape, ticks[i]);
    }
    return ABSENT;
}

/* From its start to its end or, where that was not seen, to the last that came of it. */
static struct timeline_run extent(const struct tape *tape, const struct run_figures *f)
{
    const uint64_t starts[] = {f->t_start, f->t_zero, f->t_first_token, f->t_last_arrival, f->t_close};
    const uint64_t ends[] = {f->t_close, f->t_last_token, f->t_last_arrival};
    struct timeline_run run = {.from = first_known(tape, starts, sizeof starts / sizeof starts[0]),
                               .last_t = ABSENT};
    run.to = run.from;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        uint64_t end = ends[i] == ABSENT ? 0 : tape_clock_ns(tape, ends[i]);
        run.to = end > run.to ? end : run.to;
    }
    return run;
}

static int make_room(struct timeline *line, const struct tape *tape, struct error *e)
{
    line->series_count = tape->series_count;
    for (size_t i = 0; i < tape->run_count; i++) {
        size_t behind = (size_t)tape_run_at(tape, i)->run + 1;
        line->run_count = behind > line->run_count ? behind : line->run_count;
    }
    line->runs = mem_alloc(line->run_count * sizeof *line->runs);
    line->series = mem_zalloc(line->series_count, sizeof *line->series);
    if (!line->runs || !line->series)
        return no_memory(e);
    for (size_t i = 0; i < line->run_count; i++)
        line->runs[i] = (struct timeline_run){.from = ABSENT};
    return TT_OK;
}

static int place_runs(struct timeline *line, const struct tape *tape, struct error *e)
{
    int status = TT_OK;
    line->base = tape->t_origin == ABSENT ? ABSENT : tape_clock_ns(tape, tape->t_origin);
    for (size_t i = 0; i < tape->run_count; i++) {
        struct timeline_run *run = &line->runs[tape_run_at(tape, i)->run];
        *run = extent(tape, tape_run_at(tape, i));
        line->base = run->from < line->base ? run->from : line->base;
    }
    for (size_t i = 0; i < line->run_count && !status; i++) {
        struct timeline_run *run = &line->runs[i];
        if (run->from == ABSENT)
            continue;
        status = place(line, &run->from, e);
        if (!status)
            status = place(line, &run->to, e);
    }
    return status;
}

/* Those of one time by their ids, which are their places in one array. */
static int compare_starts(const void *a, const void *b)
{
    const struct timeline_run *x = *(struct timeline_run *const *)a, *y = *(struct timeline_run *const *)b;
    int order = order_u64(x->from, y->from);
    return order ? order : (x > y) - (x < y);
}

/* The lowest lane that is free when it begins. */
static int find_lane(struct timeline *line, struct timeline_run *run, uint64_t *ends, struct error *e)
{
    size_t lane = 0;
    while (lane < line->lane_count && ends[lane] > run->from)
        lane++;
    if (lane >= TIMELINE_LANES_MAX)
        return error_set(e, TT_LIMIT, "more than %d runs at one time are too many for a timeline",
                         TIMELINE_LANES_MAX);
    line->lane_count += lane == line->lane_count;
    run->lane = (uint32_t)lane;
    ends[lane] = run->to;
    return TT_OK;
}

static int assign_lanes(struct timeline *line, struct error *e)
{
    struct timeline_run **sorted = mem_alloc(line->run_count * sizeof *sorted);
    uint64_t *ends = mem_alloc(TIMELINE_LANES_MAX * sizeof *ends);
    size_t count = 0;
    int status = sorted && ends ? TT_OK : no_memory(e);
    for (size_t i = 0; !status && i < line->run_count; i++) {
        if (line->runs[i].from != ABSENT)
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

int timeline_begin(struct timeline *line, const struct tape *tape, struct error *e)
{
    timeline_release(line);
    int status = make_room(line, tape, e);
    if (!status)
        status = place_runs(line, tape, e);
    if (!status)
        status = assign_lanes(line, e);
    if (status)
        return status;
    line->lanes = mem_zalloc(line->lane_count, sizeof *line->lanes);
    return line->lanes ? TT_OK : no_memory(e);
}

/* ---- runs ---- */

/* NULL when it has no place: it is not shown. */
static struct timeline_run *find_run(struct timeline *line, const struct export_run *run)
{
    struct timeline_run *known = &line->runs[run->run->figures->run];
    return known->from == ABSENT ? NULL : known;
}

/* The parts of a turn follow each other; one that was not reached is left out. */
static int tell_parts(struct timeline *line, const struct timeline_run *run, const struct export_run *told,
                      struct error *e)
{
    const struct run_figures *f = told->run->figures;
    const uint64_t ends[] = {f->t_zero, f->t_first_token, f->t_last_token};
    struct timeline_event part = {.t = run->from, .lane = run->lane};
    int status = TT_OK;
    for (int i = 0; i < 3 && !status && ends[i] != ABSENT; i++) {
        uint64_t clock = tape_clock_ns(told->trace->tape, ends[i]);
        uint64_t end = clamp(clock < line->base ? 0 : clock - line->base, part.t, run->to);
        part.kind = (enum timeline_kind)(TIMELINE_CONNECT + i);
        part.duration = end - part.t;
        status = tell(line, &part, e);
        part.t = end;
    }
    return status;
}

int timeline_run(struct timeline *line, const struct export_run *told, struct error *e)
{
    const struct timeline_run *run = find_run(line, told);
    if (!run)
        return TT_OK;
    struct timeline_event turn = {.kind = TIMELINE_TURN,
                                  .t = run->from,
                                  .duration = run->to - run->from,
                                  .lane = run->lane,
                                  .run = told};
    int status = tell(line, &turn, e);
    return status ? status : tell_parts(line, run, told, e);
}

/* ---- what comes of them ---- */

static int tell_tokens(struct timeline *line, struct timeline_lane *lane, struct error *e)
{
    struct timeline_event slice = {.kind = TIMELINE_TOKENS,
                                   .t = lane->from,
                                   .duration = lane->to - lane->from,
                                   .value.count = lane->tokens,
                                   .lane = lane->run->lane,
                                   .text = lane->text};
    int status = lane->tokens ? tell(line, &slice, e) : TT_OK;
    lane->tokens = 0;
    return status;
}

static int tell_progress(struct timeline *line, uint32_t lane, uint64_t t, double processed, struct error *e)
{
    struct timeline_event value = {
        .kind = TIMELINE_PROGRESS, .t = t, .value.number = processed, .lane = lane};
    return tell(line, &value, e);
}

/* The rest of the run that has the lane. */
static int finish_lane(struct timeline *line, struct timeline_lane *lane, struct error *e)
{
    int status = lane->run ? tell_tokens(line, lane, e) : TT_OK;
    if (!status && lane->has_progress)
        status = tell_progress(line, lane->run->lane, lane->run->to, 0, e);
    lane->has_progress = 0;
    return status;
}

/* What is left of the one before is told first: of values of one time the last counts. */
static int take_lane(struct timeline *line, const struct timeline_run *run, struct error *e)
{
    struct timeline_lane *lane = &line->lanes[run->lane];
    int status = lane->run == run ? TT_OK : finish_lane(line, lane, e);
    lane->run = run;
    return status;
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
static void begin_tokens(struct timeline_lane *lane, struct timeline_run *run, uint64_t t, uint64_t read)
{
    int is_first = run->last_t == ABSENT;
    lane->to = clamp(t, is_first ? run->from : run->last_t, run->to);
    lane->from = is_first ? lane->to : run->last_t;
    lane->read = read;
    lane->text[0] = '\0';
    run->last_t = lane->to;
}

/* All of one read's are one slice. */
static int add_tokens(struct timeline *line, struct timeline_run *run, const struct export_frame *frame,
                      uint64_t t, struct error *e)
{
    struct timeline_lane *lane = &line->lanes[run->lane];
    int status = TT_OK;
    if (!lane->tokens || lane->read != frame->frame->read) {
        status = tell_tokens(line, lane, e);
        begin_tokens(lane, run, t, frame->frame->read);
    }
    lane->tokens += frame->tokens;
    append_text(lane->text, frame_text(frame->frame->chat));
    return status;
}

static int add_progress(struct timeline *line, const struct timeline_run *run, uint64_t t, uint64_t processed,
                        struct error *e)
{
    line->lanes[run->lane].has_progress = 1;
    return tell_progress(line, run->lane, clamp(t, run->from, run->to), (double)processed, e);
}

int timeline_frame(struct timeline *line, const struct export_frame *frame, struct error *e)
{
    struct timeline_run *run = find_run(line, frame->run);
    const struct chat_frame *chat = frame->frame->chat;
    uint64_t t = frame->time.clock_ns;
    if (!run)
        return TT_OK;
    int status = place(line, &t, e);
    if (!status)
        status = take_lane(line, run, e);
    if (status)
        return status;
    if (chat->has_progress && chat->progress.processed != ABSENT)
        return add_progress(line, run, t, chat->progress.processed, e);
    return frame->tokens ? add_tokens(line, run, frame, t, e) : TT_OK;
}

int timeline_end(struct timeline *line, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < line->lane_count && !status; i++)
        status = finish_lane(line, &line->lanes[i], e);
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

static int tell_value(struct timeline *line, const struct tape_series *series, uint64_t t, double value,
                      struct error *e)
{
    struct timeline_event event = {.kind = TIMELINE_SENSOR, .value.number = value, .series = series};
    int status = place(line, &t, e);
    event.t = t;
    return status ? status : tell(line, &event, e);
}

int timeline_sample(struct timeline *line, const struct export_sample *sample, struct error *e)
{
    const struct tape_series *series = sample->series;
    uint64_t value = sample->row->value, t = sample->clock_ns;
    double number = (double)(int64_t)value;
    if (series->row.series >= line->series_count || value == ABSENT)
        return TT_OK;
    if (!timeline_is_watts(series))
        return tell_value(line, series, t, number, e);
    if (series->row.kind == SERIES_POWER)
        return tell_value(line, series, t, number * energy_unit(series->unit), e);
    struct timeline_series last = line->series[series->row.series];
    line->series[series->row.series] = (struct timeline_series){1, t, value};
    double watts = last.has_last ? watts_between(series, &last, t, value) : NAN;
    return isnan(watts) ? TT_OK : tell_value(line, series, last.t, watts, e);
}
