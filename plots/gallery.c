/* SPDX-License-Identifier: MIT */
#include "plots/gallery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"

#define STRETCH_TOKENS 128
#define STRETCH_LEAST  32 /* tokens; below, decode rates are of grade C */
#define POINTS_MAX     ((size_t)1 << 18)

void gallery_trace_release(struct gallery_trace *trace)
{
    mem_free(trace->tokens);
    mem_free(trace->depth.points);
    trace->tokens = NULL;
    trace->depth.points = NULL;
}

static int keep_run(struct gallery_trace *trace, const struct run_figures *figures,
                    const struct token_time *tokens, size_t count)
{
    struct token_time *copy = mem_alloc(count * sizeof *copy);
    if (!copy)
        return TT_NOMEM;
    memcpy(copy, tokens, count * sizeof *copy);
    mem_free(trace->tokens);
    trace->tokens = copy;
    trace->count = count;
    trace->figures = *figures;
    trace->found = 1;
    return TT_OK;
}

static int add_point(struct gallery_trace *trace, double depth, double tokens, uint64_t ticks)
{
    double seconds = tape_ns(trace->tape, ticks) / 1e9;
    struct depth_trace *d = &trace->depth;
    if (tokens < STRETCH_LEAST || !(seconds > 0) || d->count >= POINTS_MAX)
        return TT_OK;
    if (mem_grow(&d->points, &d->capacity, d->count + 1, sizeof *d->points))
        return TT_NOMEM;
    d->points[d->count++] = (struct depth_point){depth, tokens / seconds};
    return TT_OK;
}

/* Cuts the answer of a valid run into stretches; each stands at the depth of its middle. */
static int take_depths(struct gallery_trace *trace, const struct run_figures *figures,
                       const struct token_time *tokens, size_t count)
{
    double before = 0, since = 0;
    size_t from = 0;
    int status = TT_OK;
    if (figures->invalid || figures->prompt_tokens == ABSENT || count < 2)
        return TT_OK;
    before = (double)figures->prompt_tokens + tokens[0].tokens;
    for (size_t i = 1; i < count && !status; i++) {
        since += tokens[i].tokens;
        if (since < STRETCH_TOKENS && i + 1 < count)
            continue;
        status = add_point(trace, before + since / 2, since, tokens[i].t - tokens[from].t);
        before += since;
        since = 0;
        from = i;
    }
    return status;
}

int gallery_take(void *context, const struct run_figures *figures, const struct token_time *tokens,
                 size_t count)
{
    struct gallery_trace *trace = context;
    const char *wanted = trace->phase ? trace->phase : "warm";
    int status = take_depths(trace, figures, tokens, count);
    int is_wanted =
        figures->repeat == trace->repeat && strcmp(tape_phase_name(trace->tape, figures->phase), wanted) == 0;
    int is_better = trace->phase ? is_wanted : !trace->found || (is_wanted && !trace->is_wanted);
    if (status || count < 2 || !is_better)
        return status;
    trace->is_wanted = is_wanted;
    return keep_run(trace, figures, tokens, count);
}

int gallery_run_option(const char *text, struct gallery_trace *trace, struct error *e)
{
    char *rest;
    if (!text)
        return TT_OK;
    trace->repeat = strtoull(text, &rest, 10);
    if (rest == text || *rest != '/' || !rest[1])
        return error_set(e, TT_USAGE, "--run wants REPEAT/PHASE, such as 0/warm, not '%s'", text);
    trace->phase = rest + 1;
    return TT_OK;
}

int gallery_keep(struct gallery *gallery, struct gallery_trace *trace)
{
    if (mem_grow(&gallery->depths, &gallery->capacity, gallery->count + 1, sizeof *gallery->depths))
        return TT_NOMEM;
    if (!(trace->depth.path = mem_strdup(trace->tape->path)))
        return TT_NOMEM;
    gallery->depths[gallery->count++] = trace->depth;
    memset(&trace->depth, 0, sizeof trace->depth);
    return TT_OK;
}

int gallery_load(struct gallery *gallery, struct report *report, const char *path, int allow_incomplete,
                 struct error *e)
{
    struct tape tape;
    struct gallery_trace trace = {.tape = &tape};
    struct tape_options reading = {
        .allow_incomplete = allow_incomplete, .on_run = gallery_take, .context = &trace};
    int status = tape_load(&tape, path, &reading, e);
    if (!status)
        status = report_add(report, &tape, e);
    if (!status && gallery_keep(gallery, &trace))
        status = error_set(e, TT_NOMEM, "out of memory");
    gallery_trace_release(&trace);
    tape_release(&tape);
    return status;
}

void gallery_release(struct gallery *gallery)
{
    for (size_t i = 0; i < gallery->count; i++) {
        mem_free(gallery->depths[i].points);
        mem_free(gallery->depths[i].path);
    }
    mem_free(gallery->depths);
    memset(gallery, 0, sizeof *gallery);
}

int gallery_chart_of_trace(const struct gallery_trace *trace, const struct chart_kind *kind, struct chart *c,
                           struct chart_input *input, struct error *e)
{
    struct token_run run = {.tokens = trace->tokens,
                            .count = trace->count,
                            .t_zero = trace->figures.t_zero,
                            .ms_per_tick = tape_ns(trace->tape, 1000000) / 1e12};
    if (trace->found)
        (void)snprintf(run.label, sizeof run.label, "%.80s, repeat %llu",
                       tape_phase_name(trace->tape, trace->figures.phase),
                       (unsigned long long)trace->figures.repeat + 1);
    input->tape = trace->tape;
    input->tokens = trace->found ? &run : NULL;
    int status = kind->fill(c, input, e);
    input->tokens = NULL;
    return status;
}
