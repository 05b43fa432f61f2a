/* SPDX-License-Identifier: MIT */
#include "plots/gallery.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"

void gallery_trace_release(struct gallery_trace *trace)
{
    mem_free(trace->tokens);
    trace->tokens = NULL;
    sensor_lines_release(&trace->sensors);
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

static int on_run(void *context, const struct run_figures *figures, const struct token_time *tokens,
                  size_t count)
{
    struct gallery_trace *trace = context;
    const char *wanted = trace->phase ? trace->phase : "warm";
    int is_wanted =
        figures->repeat == trace->repeat && strcmp(tape_phase_name(trace->tape, figures->phase), wanted) == 0;
    int is_better = trace->phase ? is_wanted : !trace->found || (is_wanted && !trace->is_wanted);
    if (count < 2 || !is_better)
        return TT_OK;
    trace->is_wanted = is_wanted;
    return keep_run(trace, figures, tokens, count);
}

static int on_sample(void *context, const struct tape_series *series, const struct sample_row *sample)
{
    struct gallery_trace *trace = context;
    return sensor_lines_add(&trace->sensors, trace->tape, series, sample);
}

void gallery_tap(struct gallery_trace *trace, struct tape_options *options)
{
    options->with_depth = 1;
    options->on_run = on_run;
    options->on_sample = on_sample;
    options->context = trace;
}

int gallery_run_option(const char *text, struct gallery_trace *trace, struct error *e)
{
    char *rest;
    if (!text)
        return TT_OK;
    trace->repeat = strtoull(text, &rest, 10);
    if (rest == text || *rest != '/' || !rest[1])
        return error_set(e, TT_USAGE, "run wants REPEAT/PHASE, such as 0/warm, not '%s'", text);
    trace->phase = rest + 1;
    return TT_OK;
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
    if (kind->fill == chart_tokens && trace->phase && !trace->found)
        return error_set(e, TT_NOTFOUND, "'%s' has no run %llu/%s with tokens", trace->tape->path,
                         (unsigned long long)trace->repeat, trace->phase);
    input->tape = trace->tape;
    input->sensors = &trace->sensors;
    input->tokens = trace->found ? &run : NULL;
    int status = kind->fill(c, input, e);
    input->tokens = NULL;
    return status;
}
