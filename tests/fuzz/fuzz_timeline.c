/* SPDX-License-Identifier: MIT */
/* Fuzz target: runs, tokens and samples at any times, in any order. Whatever comes, no slice of a track
 * crosses another one once they are sorted, which viewers would not show.
 *
 * Input: when the clock and the runs began and ended, then operations, one byte each with their arguments,
 * until the bytes run out (see `operations`). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/timeline.h"
#include "formats/order.h"
#include "tests/fuzz/blocks.h"

#define RUNS       6
#define SERIES     3
#define TRACKS     3
#define SLICES_MAX 512 /* of a track; later ones are not looked at */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct slice {
    uint64_t from, to;
    size_t order; /* in which it was told */
};

struct track {
    struct slice slices[SLICES_MAX];
    size_t count;
};

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
    struct track tracks[RUNS][TRACKS]; /* by lane */
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

static void plan_runs(struct scene *s)
{
    s->tape.t_origin = take_time(s);
    for (size_t i = 0; i < RUNS; i++) {
        struct run_figures *f = &s->figures[i];
        f->run = i;
        f->t_start = take_time(s);
        f->t_zero = take_time(s);
        f->t_first_token = take_time(s);
        f->t_last_token = take_time(s);
        f->t_close = take_time(s);
        f->t_last_arrival = take_time(s);
        s->runs[i].figures = f;
        s->told[i] = (struct export_run){&s->trace, &s->runs[i], NULL};
    }
}

static int run(struct scene *s)
{
    return timeline_run(&s->line, &s->told[take(s) % RUNS], NULL);
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
    return timeline_frame(&s->line, &told, NULL);
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

static int keep(void *context, const struct timeline_event *event, struct error *e)
{
    struct scene *s = context;
    uint64_t end = event->t + event->duration;
    (void)e;
    require(end >= event->t && end <= s->line.span, "the span is too short");
    if (event->kind >= TIMELINE_PROGRESS)
        return TT_OK;
    require(event->lane < s->line.lane_count && event->lane < RUNS, "a lane that is none");
    struct track *track = &s->tracks[event->lane][track_of(event)];
    if (track->count < SLICES_MAX) {
        track->slices[track->count] = (struct slice){event->t, end, track->count};
        track->count++;
    }
    return TT_OK;
}

static int compare_slices(const void *a, const void *b)
{
    const struct slice *x = a, *y = b;
    int order = order_u64(x->from, y->from);
    return order ? order : order_u64(x->order, y->order);
}

/* A later one begins when the ones before are over, or ends within the last. */
static void check(struct track *track)
{
    uint64_t ends[SLICES_MAX];
    size_t open = 0;
    qsort(track->slices, track->count, sizeof *track->slices, compare_slices);
    for (size_t i = 0; i < track->count; i++) {
        const struct slice *slice = &track->slices[i];
        while (open && ends[open - 1] <= slice->from)
            open--;
        require(!open || slice->to <= ends[open - 1], "slices cross");
        ends[open++] = slice->to;
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
    for (size_t i = 0; i < SERIES; i++) {
        s->series[i].row = (struct series_row){.series = i, .kind = kinds[i], .wrap = i ? ABSENT : 100000};
        memcpy(unit[i], units[i], strlen(units[i]) + 1);
        s->series[i].unit = unit[i];
    }
    s->line.tell = keep;
    s->line.context = s;
    plan_runs(s);
    int status = timeline_begin(&s->line, &s->tape, NULL);
    while (s->left && !status)
        status = operations[take(s) % (sizeof operations / sizeof operations[0])](s);
    if (!status)
        status = timeline_end(&s->line, NULL);
    require(status == TT_OK || status == TT_DAMAGED, "a timeline fails");
    for (size_t i = 0; i < RUNS * TRACKS; i++)
        check(&s->tracks[i / TRACKS][i % TRACKS]);
    timeline_release(&s->line);
    free(s);
    return 0;
}
