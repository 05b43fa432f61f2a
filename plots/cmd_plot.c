/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/report.h"
#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/json.h"
#include "plots/charts.h"

int cmd_plot(int argc, char **argv);

#define PAGE_WIDTH  760
#define PAGE_HEIGHT 420

struct plot_options {
    const char *output, *format, *run, *gates;
    struct option_list charts, labels;
    int allow_incomplete, quiet;
};

#define AT(member) offsetof(struct plot_options, member)

static const struct option_def options[] = {
    {"output", 'o', OPTION_TEXT, "DIR", NULL, "directory for pictures, scripts and data; made when missing",
     AT(output)},
    {"format", 0, OPTION_CHOICE, NULL, "svg|png", "format of the pictures (default svg)", AT(format)},
    {"chart", 0, OPTION_LIST, "NAME", NULL,
     "only this chart: decode, ttft, tokens or memory; may be repeated", AT(charts)},
    {"run", 0, OPTION_TEXT, "REPEAT/PHASE", NULL,
     "which run the chart 'tokens' shows (default 0/warm, else the first)", AT(run)},
    {"gates", 0, OPTION_TEXT, "NAME|FILE", NULL, "gates profile whose limits 'ttft' shows", AT(gates)},
    {"label", 0, OPTION_LIST, "KEY=VALUE", NULL,
     "'model' and 'machine' name them in the charts; wins over the trace's own label", AT(labels)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "do not list what was drawn", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {"plot", "TRACE...", "Draws charts of recorded traces with gnuplot.",
                                         options,
                                         "Each chart leaves NAME.gp (the script), NAME.dat (its data) and "
                                         "NAME.svg or NAME.png in DIR. 'decode' and 'ttft' "
                                         "compare all traces; 'tokens' and 'memory' are drawn for each.\n\n"
                                         "example:\n"
                                         "  toktape plot run.toktape -o charts --format png"};

/* The run whose tokens are drawn, chosen while its trace is read. */
struct chosen_run {
    const struct tape *tape;
    const char *phase; /* wanted; NULL: 'warm', else whatever comes first */
    uint64_t repeat;
    int found, is_wanted;
    struct run_figures figures;
    struct token_time *tokens;
    size_t count;
};

struct plot {
    const struct plot_options *options;
    struct gates gates;
    struct report report;
    struct buf sources; /* small print: content ids */
    int drawn, without_gnuplot, incomplete;
};

static int keep_run(struct chosen_run *chosen, const struct run_figures *figures,
                    const struct token_time *tokens, size_t count)
{
    struct token_time *copy = mem_alloc(count * sizeof *copy);
    if (!copy)
        return TT_NOMEM;
    memcpy(copy, tokens, count * sizeof *copy);
    mem_free(chosen->tokens);
    chosen->tokens = copy;
    chosen->count = count;
    chosen->figures = *figures;
    chosen->found = 1;
    return TT_OK;
}

static int choose_run(void *context, const struct run_figures *figures, const struct token_time *tokens,
                      size_t count)
{
    struct chosen_run *chosen = context;
    const char *wanted = chosen->phase ? chosen->phase : "warm";
    int is_wanted = figures->repeat == chosen->repeat &&
                    strcmp(tape_phase_name(chosen->tape, figures->phase), wanted) == 0;
    int is_better = chosen->phase ? is_wanted : !chosen->found || (is_wanted && !chosen->is_wanted);
    if (count < 2 || !is_better)
        return TT_OK;
    chosen->is_wanted = is_wanted;
    return keep_run(chosen, figures, tokens, count);
}

static int read_run_option(const char *text, struct chosen_run *chosen, struct error *e)
{
    char *rest;
    if (!text)
        return TT_OK;
    chosen->repeat = strtoull(text, &rest, 10);
    if (rest == text || *rest != '/' || !rest[1])
        return error_set(e, TT_USAGE, "--run wants REPEAT/PHASE, such as 0/warm, not '%s'", text);
    chosen->phase = rest + 1;
    return TT_OK;
}

static int wants(const struct plot *p, const char *chart)
{
    for (size_t i = 0; i < p->options->charts.count; i++) {
        if (strcmp(p->options->charts.items[i], chart) == 0)
            return 1;
    }
    return p->options->charts.count == 0;
}

static int asked_by_name(const struct plot *p)
{
    return p->options->charts.count > 0;
}

/* Draws what was prepared. A chart that has nothing to show is an error only when it was asked for by name;
 * without gnuplot the scripts are still written. */
static int draw(struct plot *p, struct chart *c, int prepared, struct error *e)
{
    enum chart_format format = strcmp(p->options->format, "png") == 0 ? CHART_PNG : CHART_SVG;
    int status = prepared;
    if (status == TT_NOTFOUND && !asked_by_name(p))
        status = TT_OK;
    else if (!status) {
        status = chart_draw(c, p->options->output, format, e);
        if (status == TT_NOTFOUND) {
            p->without_gnuplot = 1;
            status = TT_OK;
        } else if (!status) {
            p->drawn++;
            if (!p->options->quiet)
                printf("%s/%s.%s\n", p->options->output, c->name, p->options->format);
        }
    }
    chart_release(c);
    return status;
}

static void name_chart(char *name, size_t size, const char *base, size_t index, size_t count)
{
    if (count > 1)
        snprintf(name, size, "%s-%zu", base, index + 1);
    else
        snprintf(name, size, "%s", base);
}

/* What must be said of a trace in every picture of it. */
static const char *mark_of(const struct tape *tape)
{
    if (cJSON_IsTrue(json_member(tape->meta, "synthetic")))
        return " (synthetic)";
    return tape_is_incomplete(tape) ? " (incomplete)" : "";
}

static int draw_tokens(struct plot *p, const struct tape *tape, const struct chosen_run *chosen,
                       const char *name, const char *small_print, struct error *e)
{
    struct chart c;
    struct buf label = BUF_INIT;
    struct token_tape input = {NULL,
                               small_print,
                               chosen->tokens,
                               chosen->count,
                               chosen->figures.t_zero,
                               tape_ns(tape, 1000000) / 1e12};
    if (!chosen->found && chosen->phase)
        return error_set(e, TT_NOTFOUND, "'%s' has no run %llu/%s with tokens", tape->path,
                         (unsigned long long)chosen->repeat, chosen->phase);
    buf_printf(&label, "%s, repeat %llu", tape_phase_name(tape, chosen->figures.phase),
               (unsigned long long)chosen->figures.repeat + 1);
    input.label = buf_text(&label);
    chart_init(&c, name, PAGE_WIDTH, PAGE_HEIGHT + 80);
    int status = draw(p, &c, chart_tokens(&c, &input, e), e);
    buf_release(&label);
    return status;
}

static int draw_trace(struct plot *p, const struct tape *tape, const struct chosen_run *chosen, size_t index,
                      size_t count, struct error *e)
{
    char tokens[32], memory[32], small_print[80];
    struct chart c;
    int status = TT_OK;
    name_chart(tokens, sizeof tokens, "tokens", index, count);
    name_chart(memory, sizeof memory, "memory", index, count);
    snprintf(small_print, sizeof small_print, "trace %.12s%s", tape->content_id, mark_of(tape));
    if (wants(p, "tokens"))
        status = draw_tokens(p, tape, chosen, tokens, small_print, e);
    if (!status && wants(p, "memory")) {
        chart_init(&c, memory, PAGE_WIDTH, PAGE_HEIGHT);
        status = draw(p, &c, chart_memory(&c, tape, small_print, e), e);
    }
    return status;
}

static int take_trace(struct plot *p, const char *path, size_t index, size_t count, struct error *e)
{
    struct tape tape;
    struct chosen_run chosen = {.tape = &tape};
    int status = read_run_option(p->options->run, &chosen, e);
    if (status)
        return status;
    struct tape_options reading = {
        .allow_incomplete = p->options->allow_incomplete, .on_run = choose_run, .context = &chosen};
    status = tape_load(&tape, path, &reading, e);
    if (!status) {
        p->incomplete |= tape_is_incomplete(&tape);
        buf_printf(&p->sources, "%s %.12s%s",
                   p->sources.len ? ","
                   : count > 1    ? "traces"
                                  : "trace",
                   tape.content_id, mark_of(&tape));
        status = report_add(&p->report, &tape, e);
    }
    if (!status)
        status = draw_trace(p, &tape, &chosen, index, count, e);
    mem_free(chosen.tokens);
    tape_release(&tape);
    return status;
}

static int draw_comparisons(struct plot *p, struct error *e)
{
    struct chart_cells input = {p->report.cells, p->report.cell_count, &p->gates, buf_text(&p->sources)};
    struct chart c;
    int status = TT_OK;
    if (input.count > CHART_CELLS_MAX)
        return error_set(e, TT_USAGE, "%zu different cells are too many for one chart; at most %d",
                         input.count, CHART_CELLS_MAX);
    if (wants(p, "decode")) {
        chart_init(&c, "decode", PAGE_WIDTH, PAGE_HEIGHT);
        status = draw(p, &c, chart_decode(&c, &input, e), e);
    }
    if (!status && wants(p, "ttft")) {
        chart_init(&c, "ttft", PAGE_WIDTH, PAGE_HEIGHT);
        status = draw(p, &c, chart_ttft(&c, &input, e), e);
    }
    return status;
}

static int check_options(const struct plot_options *o, const struct option_list *traces, struct error *e)
{
    static const char *const known[] = {"decode", "ttft", "tokens", "memory"};
    if (!traces->count || !o->output)
        return error_set(e, TT_USAGE,
                         "plot wants at least one trace and -o DIR; 'toktape plot --help' shows how");
    for (size_t i = 0; i < o->charts.count; i++) {
        int is_known = 0;
        for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
            is_known |= strcmp(o->charts.items[i], known[k]) == 0;
        if (!is_known)
            return error_set(e, TT_USAGE, "no chart '%s'; there are decode, ttft, tokens and memory",
                             o->charts.items[i]);
    }
    return io_make_directory(o->output, e);
}

static int run_plot(const struct plot_options *o, const struct option_list *traces)
{
    struct plot p = {.options = o};
    struct error e = {0};
    int status = check_options(o, traces, &e);
    report_init(&p.report);
    for (size_t i = 0; i < o->labels.count && !status; i++)
        status = report_label(&p.report, o->labels.items[i], &e);
    if (!status)
        status = gates_open(&p.gates, o->gates, &e);
    for (size_t i = 0; i < traces->count && !status; i++)
        status = take_trace(&p, traces->items[i], i, traces->count, &e);
    if (!status)
        status = draw_comparisons(&p, &e);
    int code = status ? command_fail(&e) : p.incomplete ? 3 : 0;
    if (!status && p.without_gnuplot) {
        error_set(&e, TT_IO,
                  "no gnuplot here, so no pictures; the scripts and their data are in '%s': "
                  "'apt install gnuplot-nox' or 'brew install gnuplot', then try again",
                  o->output);
        code = command_fail(&e);
    }
    gates_release(&p.gates);
    report_release(&p.report);
    buf_release(&p.sources);
    return code;
}

int cmd_plot(int argc, char **argv)
{
    struct plot_options o = {.format = "svg", .gates = GATES_DEFAULT};
    struct option_list traces = {0};
    int code = command_begin(&help, argc, argv, &o, &traces);
    if (code == COMMAND_CONTINUE)
        code = run_plot(&o, &traces);
    options_release(&help, &o, &traces);
    return code;
}
