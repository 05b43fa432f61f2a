/* SPDX-License-Identifier: MIT */
/* Fuzz target: runs, tokens and samples at any times. Whatever comes, a timeline is sorted, and no slice of a
 * track crosses another one, which viewers do not show.
 *
 * Input: operations, one byte each with their arguments, until the bytes run out (see `operations`). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/timeline.h"
#include "tests/fuzz/blocks.h"

#define RUNS   6
#define SERIES 3
#define TRACKS 3

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct scene {
    const uint8_t *p;
    size_t left;
    struct timeline line;
    struct tape tape;
    struct run_figures figures[RUNS];
    struct cell_run runs[RUNS];
    struct export_run told[RUNS];
    struct tape_series series[SERIES];
    struct export_trace trace;
    uint64_t reads;
};

static unsigned take(struct scene *s)
{
    if (!s->left)
        return 0;
    s->left--;
    return *s->p++;
}

/* Mostly early, sometimes at an end of the range. */
static uint64_t take_time(struct scene *s)
{
    unsigned v = take(s);
    if (v >= 253)
        return v == 255 ? ABSENT : v == 254 ? ABSENT - 1 : UINT64_C(1) << 63;
    return v * UINT64_C(1000) + take(s);
}

static int run(struct scene *s)
{
    unsigned id = take(s) % RUNS;
    struct run_figures *f = &s->runs[id].figures;
    f->run = id;
    s->told[id] = (struct export_run){&s->trace, &s->runs[id], NULL, take_time(s)};
    f->t_zero = take_time(s);
    f->t_first_token = take_time(s);
    f->t_last_token = take_time(s);
    f->t_close = take_time(s);
    return s->line.runs[id].run ? TT_OK : timeline_run(&s->line, &s->told[id], NULL);
}

static int frame(struct scene *s)
{
    unsigned id = take(s) % RUNS;
    struct chat_frame chat = {.kind = FRAME_CONTENT, .content = {s->p, s->left < 40 ? s->left : 40}};
    s->reads += take(s) & 1;
    struct stream_frame inner = {.read = s->reads, .chat = &chat};
    struct export_frame told = {&s->told[id], {take_time(s), 0, 0}, &inner, take(s) % 3};
    chat.has_progress = take(s) % 8 == 0;
    chat.progress.processed = take_time(s);
    return s->told[id].run ? timeline_frame(&s->line, &told, NULL) : TT_OK;
}

static int sample(struct scene *s)
{
    struct tape_series *series = &s->series[take(s) % SERIES];
    struct sample_row row = {.series = series->row.series, .value = take_time(s)};
    struct export_sample told = {&s->trace, series, &row, take_time(s), 0};
    return timeline_sample(&s->line, &told, NULL);
}

static int (*const operations[])(struct scene *) = {run, frame, frame, sample};

static int track_of(const struct timeline_event *event)
{
    return event->kind == TIMELINE_TURN ? 0 : event->kind == TIMELINE_TOKENS ? 2 : 1;
}

/* Of slices of one track, a later one begins when the ones before are over, or ends within the last. */
static void check(const struct timeline *line)
{
    uint64_t ends[RUNS][TRACKS][RUNS + 8];
    size_t open[RUNS][TRACKS] = {{0}};
    for (size_t i = 0; i < line->count; i++) {
        const struct timeline_event *event = &line->events[i];
        require(!i || event->t >= event[-1].t, "events are not sorted");
        require(event->t + event->duration <= line->span, "the span is too short");
        if (event->kind >= TIMELINE_PROGRESS)
            continue;
        uint32_t lane = line->runs[event->owner].lane;
        require(lane < line->lanes && lane < RUNS, "a lane that is none");
        size_t *depth = &open[lane][track_of(event)];
        uint64_t *stack = ends[lane][track_of(event)];
        while (*depth && stack[*depth - 1] <= event->t)
            --*depth;
        require(!*depth || event->t + event->duration <= stack[*depth - 1], "slices cross");
        require(*depth < RUNS + 8, "slices pile up");
        stack[(*depth)++] = event->t + event->duration;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const units[SERIES] = {"uJ", "W", "byte"};
    static const uint64_t kinds[SERIES] = {SERIES_ENERGY, SERIES_POWER, SERIES_RSS};
    struct scene *s = calloc(1, sizeof *s);
    char unit[SERIES][8];
    require(s != NULL, "no memory");
    s->p = bytes;
    s->left = len;
    s->tape = (struct tape){.ticks_numer = 1,
                            .ticks_denom = 1,
                            .runs = s->figures,
                            .run_count = RUNS,
                            .series = s->series,
                            .series_count = SERIES};
    s->trace.tape = &s->tape;
    for (size_t i = 0; i < RUNS; i++)
        s->figures[i].run = i;
    for (size_t i = 0; i < SERIES; i++) {
        s->series[i].row = (struct series_row){.series = i, .kind = kinds[i], .wrap = i ? ABSENT : 100000};
        memcpy(unit[i], units[i], strlen(units[i]) + 1);
        s->series[i].unit = unit[i];
    }
    require(timeline_begin(&s->line, &s->tape, NULL) == TT_OK, "no memory");
    int status = TT_OK;
    while (s->left && !status)
        status = operations[take(s) % (sizeof operations / sizeof operations[0])](s);
    if (!status && timeline_sort(&s->line, NULL) == TT_OK)
        check(&s->line);
    timeline_release(&s->line);
    free(s);
    return 0;
}
