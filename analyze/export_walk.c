/* SPDX-License-Identifier: MIT */
#include "analyze/export_walk.h"

#include <stdio.h>
#include <string.h>

#include "analyze/tape_batch.h"
#include "analyze/tape_pieces.h"
#include "analyze/tokens.h"
#include "formats/alloc.h"
#include "formats/io.h"

#define ID_DIGITS 16

/* One trace on its way. The runs are indexed by their ids. */
struct walk {
    const struct exporter *exporter;
    void *state;
    struct export_trace trace;
    struct cell cell;
    struct cell_run earlier; /* the attempt spoken of last that the cell leaves out */
    size_t *earlier_places;  /* 1 + its place in the tape; 0 for those in the cell */
    struct export_run *runs;
    struct token_cursor *cursors;
    size_t ids;
    struct error error; /* of the exporter */
};

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

/* The attempt behind it has the same phase, and stands in the cell. */
static uint32_t phase_place(const struct cell *cell, uint64_t phase)
{
    for (size_t i = 0; i < cell->run_count; i++) {
        if (cell_run_at(cell, i)->figures->phase == phase)
            return cell_run_at(cell, i)->phase;
    }
    return 0;
}

/* There may be many, and one is spoken of at a time: they share one place. */
static const struct cell_run *fill_earlier(struct walk *w, struct run_figures *figures)
{
    if (w->earlier.figures != figures) {
        w->earlier = (struct cell_run){.figures = figures, .phase = phase_place(&w->cell, figures->phase)};
        w->earlier.cacheable = w->earlier.cacheable_in_repeat = ABSENT;
    }
    return &w->earlier;
}

static const struct export_run *find_run(struct walk *w, uint64_t run)
{
    if (run >= w->ids)
        return NULL;
    if (w->earlier_places[run])
        w->runs[run].run = fill_earlier(w, tape_run_at(w->trace.tape, w->earlier_places[run] - 1));
    return w->runs[run].run ? &w->runs[run] : NULL;
}

static struct export_time time_of(const struct export_run *run, uint64_t t)
{
    const struct tape *tape = run->trace->tape;
    uint64_t zero = run->run->figures->t_zero, ns = tape_clock_ns(tape, t);
    if (zero == ABSENT)
        return (struct export_time){ns, 0, 0};
    return (struct export_time){ns, 1, (int64_t)(ns - tape_clock_ns(tape, zero))};
}

/* ---- the second reading ---- */

static int on_begin(void *context, const struct run_row *row)
{
    struct walk *w = context;
    const struct export_run *run = find_run(w, row->run);
    shelf_walk(sizeof(struct run_figures));
    return run && w->exporter->run ? w->exporter->run(w->state, run, row, &w->error) : TT_OK;
}

static int on_frame(void *context, const struct run_row *row, const struct stream_frame *frame,
                    uint64_t counted)
{
    struct walk *w = context;
    const struct export_run *run = find_run(w, row->run);
    (void)counted;
    if (!run || !w->exporter->frame)
        return TT_OK;
    uint64_t tokens = token_cursor_next(&w->cursors[row->run], &run->run->figures->split, frame->chat);
    struct export_frame told = {run, time_of(run, frame->t), frame, tokens};
    return w->exporter->frame(w->state, &told, &w->error);
}

static int on_read(void *context, const struct read_row *row)
{
    struct walk *w = context;
    const struct export_run *run = find_run(w, row->run);
    if (!run || !w->exporter->chunk)
        return TT_OK;
    struct export_chunk told = {run, time_of(run, row->t), row->nbytes};
    return w->exporter->chunk(w->state, &told, &w->error);
}

static int on_sample(void *context, const struct tape_series *series, const struct sample_row *row)
{
    struct walk *w = context;
    const struct tape *tape = w->trace.tape;
    struct export_sample told = {&w->trace, series, row, tape_clock_ns(tape, row->t),
                                 tape_clock_ns(tape, row->duration)};
    return w->exporter->sample ? w->exporter->sample(w->state, &told, &w->error) : TT_OK;
}

static int on_note(void *context, const cJSON *note)
{
    struct walk *w = context;
    return w->exporter->note ? w->exporter->note(w->state, &w->trace, note, &w->error) : TT_OK;
}

static int read_again(struct walk *w, int allow_incomplete, struct error *e)
{
    struct tape again;
    struct tape_options taps = {.allow_incomplete = allow_incomplete,
                                .without_samples = 1,
                                .without_prompts = 1,
                                .without_figures = 1,
                                .on_begin = on_begin,
                                .on_frame = on_frame,
                                .on_read = on_read,
                                .on_sample = on_sample,
                                .on_note = on_note,
                                .context = w};
    int status = tape_load(&again, w->trace.tape->path, &taps, e);
    tape_release(&again);
    return status;
}

/* ---- what is known before it ---- */

static int make_cell(struct walk *w, struct error *e)
{
    struct identity id;
    int status = identity_read(&id, w->trace.tape, NULL, e);
    if (status) {
        identity_release(&id);
        return status;
    }
    cell_init(&w->cell, &id, (struct cache_policy){CACHE_CONVERSATION, 0});
    return cell_add(&w->cell, w->trace.tape, e);
}

static void index_run(struct walk *w, const struct run_figures *figures, const struct cell_run *run)
{
    const char *phase = tape_phase_name(w->trace.tape, figures->phase);
    w->runs[figures->run] = (struct export_run){&w->trace, run, *phase ? phase : NULL};
}

static int index_runs(struct walk *w, struct error *e)
{
    const struct tape *tape = w->trace.tape;
    for (size_t i = 0; i < tape->run_count; i++)
        w->ids = tape_run_at(tape, i)->run >= w->ids ? (size_t)tape_run_at(tape, i)->run + 1 : w->ids;
    w->runs = mem_zalloc(w->ids, sizeof *w->runs);
    w->cursors = mem_zalloc(w->ids, sizeof *w->cursors);
    w->earlier_places = mem_zalloc(w->ids, sizeof *w->earlier_places);
    if (!w->runs || !w->cursors || !w->earlier_places)
        return no_memory(e);
    for (size_t i = 0; i < w->cell.run_count; i++)
        index_run(w, cell_run_at(&w->cell, i)->figures, cell_run_at(&w->cell, i));
    for (size_t i = 0; i < tape->run_count; i++) {
        w->cursors[tape_run_at(tape, i)->run].pieces.left = tape_pieces(tape, tape_run_at(tape, i)->run);
        if (tape_run_at(tape, i)->is_last_attempt)
            continue;
        index_run(w, tape_run_at(tape, i), NULL);
        w->earlier_places[tape_run_at(tape, i)->run] = i + 1;
    }
    return TT_OK;
}

static void name_trace(struct export_trace *trace)
{
    const char *content = trace->tape->content_id, *uuid = tape_text(trace->tape, "trace");
    if (*content)
        snprintf(trace->id, sizeof trace->id, "%.*s", ID_DIGITS, content);
    else
        snprintf(trace->id, sizeof trace->id, "%s", uuid ? uuid : "");
}

static int tell(struct walk *w, int allow_incomplete, struct error *e)
{
    const struct exporter *x = w->exporter;
    int status = make_cell(w, e);
    if (!status)
        status = index_runs(w, e);
    if (!status && x->begin)
        status = x->begin(w->state, &w->trace, &w->error);
    if (!status)
        status = read_again(w, allow_incomplete, e);
    if (!status && x->end)
        status = x->end(w->state, &w->trace, &w->error);
    if (status && w->error.code && e)
        *e = w->error;
    return status;
}

static int tell_tape(struct export_walk *walk, const struct tape *tape, size_t number, struct error *e)
{
    struct walk w = {.exporter = walk->exporter, .state = walk->state};
    w.trace.tape = tape;
    w.trace.cell = &w.cell;
    w.trace.number = number;
    name_trace(&w.trace);
    int status = tell(&w, walk->allow_incomplete, e);
    walk->has_incomplete |= !status && tape_is_incomplete(tape);
    cell_release(&w.cell);
    mem_free(w.earlier_places);
    mem_free(w.runs);
    mem_free(w.cursors);
    return status;
}

/* ---- all traces ---- */

struct all {
    struct export_walk *walk;
    struct text_list ids, paths; /* of the recordings so far */
    size_t number;
};

static int take(void *context, const struct tape *tape, struct error *e)
{
    struct all *all = context;
    long same = *tape->content_id ? text_list_find(&all->ids, tape->content_id) : -1;
    if (same >= 0) {
        int status =
            text_list_addf(&all->walk->warnings, "'%s' is the same recording as '%s'; it is exported once",
                           tape->path, all->paths.items[same]);
        return status ? no_memory(e) : TT_OK;
    }
    if (text_list_add(&all->ids, tape->content_id) || text_list_add(&all->paths, tape->path))
        return no_memory(e);
    return tell_tape(all->walk, tape, all->number++, e);
}

int export_walk(struct export_walk *walk, struct error *e)
{
    struct all all = {.walk = walk};
    struct tape_batch batch = {.paths = walk->paths,
                               .count = walk->count,
                               .options = {.allow_incomplete = walk->allow_incomplete, .with_pieces = 1},
                               .take = take,
                               .context = &all};
    int status = TT_OK;
    for (size_t i = 0; i < walk->count && !status; i++)
        status = io_check_twice_readable(walk->paths[i], "export", e);
    if (!status)
        status = tape_load_batch(&batch, e);
    text_list_release(&all.ids);
    text_list_release(&all.paths);
    return status;
}
