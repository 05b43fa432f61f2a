/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "analyze/compare_setup.h"
#include "analyze/report.h"
#include "formats/command.h"
#include "formats/io.h"
#include "plots/gallery.h"

int cmd_plot(int argc, char **argv);

struct plot_options {
    struct compare_words sides;
    const char *output, *format, *theme, *size, *templates, *panels, *run, *metric, *gates, *names, *block_by;
    struct option_list charts, labels;
    int allow_incomplete, quiet, list;
};

#define AT(member)      offsetof(struct plot_options, member)
#define AT_SIDE(member) AT(sides.member)

static const struct option_def options[] = {
    {"output", 'o', OPTION_TEXT, "DIR", NULL, "directory for pictures, scripts and data; made when missing",
     AT(output)},
    {"chart", 0, OPTION_LIST, "NAME",
     "leaderboard|tradeoff|ttft|turn|prefill|cache|repeats|mtp|ram-fit|depth|diff|history|sentinel|tokens|"
     "timeline",
     "only this chart; may be repeated (default: all)", AT(charts)},
    {"list", 0, OPTION_FLAG, NULL, NULL, "list the charts and leave", AT(list)},
    {"format", 0, OPTION_CHOICE, NULL, "svg|png", "format of the pictures (default svg)", AT(format)},
    {"theme", 0, OPTION_CHOICE, NULL, "light|dark", "colours for white or for dark pages (default light)",
     AT(theme)},
    {"size", 0, OPTION_CHOICE, NULL, "column|slide",
     "for the column of a page, or a slide of 16:9 (default column)", AT(size)},
    {"template", 0, OPTION_TEXT, "DIR", NULL, "NAME.gp in DIR stands in for the plot commands of that chart",
     AT(templates)},
    {"run", 0, OPTION_TEXT, "REPEAT/PHASE", NULL,
     "which run the chart 'tokens' shows (default 0/warm, else the first)", AT(run)},
    {"metric", 0, OPTION_TEXT, "NAME", NULL,
     "which metric 'history' shows, as 'report --json' names it (default decode_tok_s)", AT(metric)},
    {"panels", 0, OPTION_TEXT, "LIST", "power|memory|thermal",
     "what 'timeline' shows: power,memory,thermal, or fewer of them", AT(panels)},
    COMPARE_WORD_OPTIONS(AT_SIDE),
    {"gates", 0, OPTION_TEXT, "NAME|FILE", GATES_DEFAULT,
     "gates profile: tiers, and the limits that 'ttft' shows", AT(gates)},
    {"label", 0, OPTION_LIST, "KEY=VALUE", NULL,
     "'model' and 'machine' name them in the charts; wins over the trace's own label", AT(labels)},
    {"names", 0, OPTION_TEXT, "FILE", NULL,
     "JSON {\"models\": {\"FILE\": \"NAME\"}, \"machines\": {...}}: names for the charts, behind any label",
     AT(names)},
    {"block-by", 0, OPTION_TEXT, "LIST", "machine|power|quant|none",
     "what rows of one block have in common: machine,power,quant (default), fewer of them, or none",
     AT(block_by)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "do not list what was drawn", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "plot", "TRACE... [--against NEW...]", "Draws charts of recorded traces with gnuplot.", options,
    "Each chart leaves NAME.gp (the script), NAME.dat (its data) and "
    "NAME.svg or NAME.png in DIR. Most compare all "
    "traces; 'tokens' and 'timeline' are drawn for each. Without "
    "--chart, those that have nothing to show are left "
    "out. With --against, 'diff' shows what 'toktape diff' "
    "tells of the two sides; other charts show the traces of both.\n\n"
    "examples:\n"
    "  toktape plot *.toktape -o charts\n"
    "  toktape plot *.toktape -o talk --chart leaderboard --chart tradeoff --size slide \\\n"
    "    --theme dark --format png\n"
    "  toktape plot old.toktape --against new.toktape -o charts --chart diff"};

struct plot {
    const struct plot_options *options;
    struct chart_style style;
    struct gates gates;
    struct report report;
    struct compare_setup sides;
    size_t border; /* the traces from here on are the new side; 0: there are no sides */
    int drawn, without_gnuplot, incomplete;
};

static int wants(const struct plot *p, const char *chart)
{
    for (size_t i = 0; i < p->options->charts.count; i++) {
        if (strcmp(p->options->charts.items[i], chart) == 0)
            return 1;
    }
    return p->options->charts.count == 0;
}

/* A chart that has nothing to show is an error only when it was asked for by name; without gnuplot the
 * scripts are still written. */
static int draw(struct plot *p, struct chart *c, int filled, struct error *e)
{
    int status = filled;
    if (status == TT_NOTFOUND && !p->options->charts.count)
        return TT_OK;
    if (status)
        return status;
    status = chart_draw(c, p->options->output, e);
    if (status == TT_NOTFOUND) {
        p->without_gnuplot = 1;
        return TT_OK;
    }
    p->drawn += !status;
    if (!status && !p->options->quiet)
        printf("%s/%s.%s\n", p->options->output, c->name, p->options->format);
    return status;
}

static int prepare_report(const struct plot *p, struct report *report, struct error *e)
{
    const struct plot_options *o = p->options;
    int status = TT_OK;
    report_init(report);
    for (size_t i = 0; i < o->labels.count && !status; i++)
        status = report_label(report, o->labels.items[i], e);
    if (!status && o->names)
        status = report_names(report, o->names, e);
    if (!status && o->block_by)
        status = block_by_parse(&report->block_by, o->block_by, e);
    return status;
}

static int draw_of_trace(struct plot *p, const struct gallery_trace *trace, const struct chart_kind *kind,
                         const char *name, const struct report *alone, struct error *e)
{
    struct chart c;
    struct chart_input input = {.report = alone, .gates = &p->gates, .panels = p->options->panels};
    chart_init(&c, kind->name, name, &p->style);
    int status = draw(p, &c, gallery_chart_of_trace(trace, kind, &c, &input, e), e);
    chart_release(&c);
    return status;
}

static int draw_trace(struct plot *p, const struct gallery_trace *trace, size_t index, size_t count,
                      struct error *e)
{
    struct report alone;
    int status = prepare_report(p, &alone, e);
    if (!status)
        status = report_add(&alone, trace->tape, e);
    if (!status)
        status = report_finish(&alone, &p->gates, e);
    for (const struct chart_kind *kind = chart_kinds; kind->name && !status; kind++) {
        char name[CHART_NAME_MAX];
        if (kind->scope != CHART_OF_TRACE || !wants(p, kind->name))
            continue;
        if (count > 1)
            (void)snprintf(name, sizeof name, "%s-%zu", kind->name, index + 1);
        else
            (void)snprintf(name, sizeof name, "%s", kind->name);
        status = draw_of_trace(p, trace, kind, name, &alone, e);
    }
    report_release(&alone);
    return status;
}

static int take_trace(struct plot *p, const char *path, size_t index, size_t count, struct error *e)
{
    struct tape tape;
    struct gallery_trace trace = {.tape = &tape};
    int status = gallery_run_option(p->options->run, &trace, e);
    if (status)
        return status;
    struct tape_options reading = {.allow_incomplete = p->options->allow_incomplete};
    gallery_tap(&trace, &reading);
    status = tape_load(&tape, path, &reading, e);
    if (!status) {
        p->incomplete |= tape_is_incomplete(&tape);
        status = report_add(&p->report, &tape, e);
    }
    if (!status && p->border)
        status = compare_side_add(&p->sides.sides[index >= p->border], &tape, e);
    if (!status)
        status = draw_trace(p, &trace, index, count, e);
    gallery_trace_release(&trace);
    tape_release(&tape);
    return status;
}

static int draw_comparisons(struct plot *p, struct error *e)
{
    const struct compare_result comparison = {p->sides.sides, &p->sides.table, NULL, 0};
    struct chart_input input = {.report = &p->report,
                                .gates = &p->gates,
                                .metric = p->options->metric,
                                .comparison = p->border ? &comparison : NULL};
    int status = report_finish(&p->report, &p->gates, e);
    if (!status && p->border)
        status = compare_setup_finish(&p->sides, &p->options->sides, p->options->allow_incomplete, e);
    for (const struct chart_kind *kind = chart_kinds; kind->name && !status; kind++) {
        struct chart c;
        if (kind->scope != CHART_OF_ALL || !wants(p, kind->name))
            continue;
        chart_init(&c, kind->name, kind->name, &p->style);
        status = draw(p, &c, kind->fill(&c, &input, e), e);
        chart_release(&c);
    }
    return status;
}

static int check_options(struct plot *p, const struct option_list *traces, struct error *e)
{
    const struct plot_options *o = p->options;
    if (!traces->count || !o->output)
        return error_set(e, TT_USAGE,
                         "plot wants at least one trace and -o DIR; 'toktape plot --help' shows how");
    for (size_t i = 0; i < o->charts.count; i++) {
        if (!chart_find(o->charts.items[i]))
            return error_set(e, TT_USAGE, "no chart '%s'; 'toktape plot --list' has them",
                             o->charts.items[i]);
    }
    p->style.format = strcmp(o->format, "png") == 0 ? CHART_PNG : CHART_SVG;
    p->style.theme = strcmp(o->theme, "dark") == 0 ? CHART_DARK : CHART_LIGHT;
    p->style.size = strcmp(o->size, "slide") == 0 ? CHART_SLIDE : CHART_COLUMN;
    p->style.templates = o->templates;
    int status = chart_check_panels(o->panels, e);
    if (!status)
        status = chart_check_metric(o->metric, e);
    if (!status)
        status = compare_setup_read(&p->sides, &o->sides, e);
    return status ? status : io_make_directory(o->output, e);
}

/* The code to leave with; says when there was no gnuplot. */
static int finish(const struct plot *p, int status, struct error *e)
{
    if (status)
        return command_fail(e);
    if (p->without_gnuplot) {
        error_set(e, TT_IO,
                  "no gnuplot here, so no pictures; the scripts and their data are in '%s': "
                  "'apt install gnuplot-nox' or 'brew install gnuplot', then try again",
                  p->options->output);
        return command_fail(e);
    }
    if (!p->drawn && !p->options->quiet)
        command_warn("no chart has anything to show");
    return p->incomplete ? 3 : 0;
}

static int run_plot(const struct plot_options *o, struct option_list *traces)
{
    struct plot p = {.options = o};
    struct error e = {0};
    compare_setup_init(&p.sides, &p.report.labels);
    int status = prepare_report(&p, &p.report, &e);
    if (!status)
        status = compare_border_take(traces, &p.border, &e);
    if (!status)
        status = check_options(&p, traces, &e);
    if (!status)
        status = gates_open(&p.gates, o->gates, &e);
    for (size_t i = 0; i < traces->count && !status; i++)
        status = take_trace(&p, traces->items[i], i, traces->count, &e);
    if (!status)
        status = draw_comparisons(&p, &e);
    int code = finish(&p, status, &e);
    gates_release(&p.gates);
    compare_setup_release(&p.sides);
    report_release(&p.report);
    return code;
}

static int list_charts(void)
{
    for (const struct chart_kind *kind = chart_kinds; kind->name; kind++)
        printf("%-12s %s\n", kind->name, kind->says);
    return 0;
}

int cmd_plot(int argc, char **argv)
{
    struct plot_options o = {.format = "svg", .theme = "light", .size = "column", .gates = GATES_DEFAULT};
    struct option_list traces = {0};
    compare_border_mark(argc, argv);
    int code = command_begin(&help, argc, argv, &o, &traces);
    if (code == COMMAND_CONTINUE)
        code = o.list ? list_charts() : run_plot(&o, &traces);
    options_release(&help, &o, &traces);
    return code;
}
