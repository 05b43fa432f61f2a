/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "analyze/dialect_list.h"
#include "analyze/report_json.h"
#include "analyze/tape_batch.h"
#include "analyze/views.h"
#include "analyze/views_cache.h"
#include "analyze/views_depth.h"
#include "analyze/views_dialect.h"
#include "analyze/views_findings.h"
#include "analyze/views_itl.h"
#include "analyze/views_load.h"
#include "analyze/views_turns.h"
#include "analyze/workload_cache.h"
#include "formats/command.h"
#include "formats/io.h"
#include "plots/page.h"

#define WIDTH_ELSEWHERE 80 /* of text that goes to no terminal: the same bytes everywhere */
#define WIDTH_MAX       1000
#define WIDTH_UNTOLD    UINT64_MAX

int cmd_report(int argc, char **argv);

struct report_options {
    const char *format, *view, *gates, *titles, *output, *cache_policy, *names, *block_by, *itl, *as;
    struct option_list labels;
    int json, print_gates, allow_incomplete, quiet;
    uint64_t width;
};

#define AT(member) offsetof(struct report_options, member)

static const struct option_def options[] = {
    {"format", 0, OPTION_CHOICE, NULL, "md|text|csv|json|html", "how to write it (default md)", AT(format)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "the same as --format json", AT(json)},
    {"view", 0, OPTION_CHOICE, NULL, "tiers|grid|phases|runs|cache|depth|itl|turns|load",
     "what to show (default tiers); html has all", AT(view)},
    {"as", 0, OPTION_CHOICE, NULL, DIALECT_CHOICES,
     "instead: what that tool would have shown, by its own definitions, beside our figures", AT(as)},
    {"width", 0, OPTION_COUNT, "N", NULL,
     "columns of --format text, 0 for as many as it takes (default: the terminal's, elsewhere 80)",
     AT(width)},
    {"gates", 0, OPTION_TEXT, "NAME|FILE", GATES_DEFAULT,
     "the gates profile: thresholds, tiers and the table's columns (default " GATES_DEFAULT ")", AT(gates)},
    {"print-gates", 0, OPTION_FLAG, NULL, NULL, "print the gates profile and leave", AT(print_gates)},
    {"titles", 0, OPTION_CHOICE, NULL, "long|short", "which of the profile's tier titles (default long)",
     AT(titles)},
    {"label", 0, OPTION_LIST, "KEY=VALUE", NULL,
     "'model' and 'machine' name them in the table; wins over the trace's own label", AT(labels)},
    {"names", 0, OPTION_TEXT, "FILE", NULL,
     "JSON {\"models\": {\"FILE\": \"NAME\"}, \"machines\": {...}}: names for the table, behind any label",
     AT(names)},
    {"block-by", 0, OPTION_TEXT, "LIST", "machine|power|quant|none",
     "what rows of one block have in common: machine,power,quant (default), fewer of them, or none",
     AT(block_by)},
    {"cache-policy", 0, OPTION_TEXT, "POLICY", "conversation|last|slots:|block:|unlimited",
     "what single runs' cacheable tokens are measured by: conversation (default), last, slots:N, block:N, "
     "unlimited",
     AT(cache_policy)},
    {"itl", 0, OPTION_CHOICE, NULL, "even|zero|step",
     "how the tokens of one read have the gap before it: they share it (default), the first has all of it, "
     "or it is one sample",
     AT(itl)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write to FILE instead of standard output", AT(output)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "no warnings", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "report", "TRACE...", "Prints the figures of recorded traces, judged by gates and put into tiers.",
    options,
    "Traces of the same machine, model, engine and arguments are pooled into one row. The exit code is 1 "
    "when a row is eliminated by a gate, 3 when a trace was incomplete or repaired. --view cache of a "
    "workload (a .json file, or the name of a built-in one) shows what a prefix cache could reuse of its "
    "prompts.\n\n"
    "examples:\n"
    "  toktape report --format text *.toktape\n"
    "  toktape report --view phases --json run.toktape\n"
    "  toktape report --format html -o page.html *.toktape\n"
    "  toktape report --view cache workload.json"};

/* Nothing said means tiers. */
static int is_view(const struct report_options *o, const char *name)
{
    return strcmp(o->view ? o->view : "tiers", name) == 0;
}

/* A view that shows cells one after another; the others, of NULLs, show judged rows. */
struct view {
    const char *name;
    int (*cell)(const struct cell *cell, struct table *table);
    int (*flat)(const struct report *report, struct table *table);
    int (*json)(const struct report *report, struct buf *out);
};

static const struct view *find_view(const struct report_options *o)
{
    static const struct view views[] = {
        {"phases", view_phases, view_flat_phases, report_json_phases},
        {"runs", view_runs, view_flat_runs, report_json_runs},
        {"cache", view_cache, view_flat_cache, report_json_cache},
        {"depth", view_depth, view_flat_depth, report_json_depth},
        {"itl", view_itl, view_flat_itl, report_json_itl},
        {"turns", view_turns, view_flat_turns, report_json_turns},
        {"load", view_load, view_flat_load, report_json_load},
        {NULL, NULL, NULL, NULL},
    };
    const struct view *view = views;
    while (view->name && !is_view(o, view->name))
        view++;
    return view;
}

static int to_terminal(const struct report_options *o)
{
    return (!o->output || strcmp(o->output, "-") == 0) && isatty(STDOUT_FILENO);
}

static int wants_colour(const struct report_options *o)
{
    const char *no_colour = getenv("NO_COLOR");
    return !(no_colour && *no_colour) && to_terminal(o);
}

static size_t text_columns(const struct report_options *o)
{
    struct winsize size;
    if (o->width != WIDTH_UNTOLD)
        return (size_t)o->width;
    if (!to_terminal(o) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || !size.ws_col)
        return WIDTH_ELSEWHERE;
    return size.ws_col;
}

static int check_width(const struct report_options *o, struct error *e)
{
    if (o->width == WIDTH_UNTOLD || !o->width || (o->width >= TABLE_WIDTH_MIN && o->width <= WIDTH_MAX))
        return TT_OK;
    return error_set(e, TT_USAGE, "--width wants %d to %d columns, or 0 for as many as it takes",
                     TABLE_WIDTH_MIN, WIDTH_MAX);
}

static int put_table(const struct report_options *o, const struct table *table, struct buf *out)
{
    if (out->len)
        buf_putc(out, '\n');
    if (strcmp(o->format, "text") == 0)
        return table_terminal(table, text_columns(o), wants_colour(o), out);
    return table_markdown(table, out);
}

static int show_block(const struct report_options *o, const struct gates *gates,
                      const struct report_block *block, struct buf *out)
{
    struct table table = TABLE_INIT;
    table_title(&table, block->title);
    int status = is_view(o, "grid") ? view_grid(block->rows, block->row_count, &table)
                                    : view_tiers(gates, block->rows, block->row_count,
                                                 strcmp(o->titles, "short") == 0, &table);
    if (!status)
        status = view_notes(block->rows, block->row_count, &table);
    if (!status)
        status = put_table(o, &table, out);
    table_release(&table);
    return status;
}

static int show_cell(const struct report_options *o, const struct cell *cell, struct buf *out)
{
    struct table table = TABLE_INIT;
    int status = find_view(o)->cell(cell, &table);
    if (!status)
        status = view_findings(cell, &table);
    if (!status)
        status = put_table(o, &table, out);
    table_release(&table);
    return status;
}

static int show_tables(const struct report_options *o, const struct gates *gates, const struct report *report,
                       struct buf *out)
{
    int status = TT_OK, by_cell = find_view(o)->cell != NULL;
    for (size_t i = 0; !status && !by_cell && i < report->block_count; i++)
        status = show_block(o, gates, &report->blocks[i], out);
    for (size_t i = 0; !status && by_cell && i < report->cell_count; i++)
        status = show_cell(o, &report->cells[i], out);
    return status;
}

static int is_page(const struct report_options *o)
{
    return strcmp(o->format, "html") == 0;
}

static int show_dialect_tables(const struct report_options *o, struct dialect_report *as,
                               const struct report *report, struct buf *out)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < report->cell_count; i++) {
        struct table table = TABLE_INIT;
        status = view_dialect(as, report, i, &table);
        if (!status)
            status = is_page(o) ? table_html(&table, out) : put_table(o, &table, out);
        table_release(&table);
    }
    return status;
}

/* What another tool would have shown. */
static int show_dialect(const struct report_options *o, struct dialect_report *as,
                        const struct report *report, struct buf *out)
{
    struct table table = TABLE_INIT;
    int status;
    if (strcmp(o->format, "json") == 0)
        return report_json_dialect(as, report, out);
    if (strcmp(o->format, "csv") == 0) {
        status = view_flat_dialect(as, report, &table);
        if (!status)
            status = table_csv(&table, out);
        table_release(&table);
        return status;
    }
    if (is_page(o))
        page_begin(out, as->dialect->title);
    status = show_dialect_tables(o, as, report, out);
    if (is_page(o))
        page_end(out);
    return status;
}

static int show_json(const struct report_options *o, const struct gates *gates, const struct report *report,
                     struct buf *out)
{
    const struct view *view = find_view(o);
    return view->json ? view->json(report, out) : report_json_rows(gates, report, out);
}

static int show_csv(const struct report_options *o, const struct gates *gates, const struct report *report,
                    struct buf *out)
{
    struct table table = TABLE_INIT;
    const struct view *view = find_view(o);
    int status = view->flat ? view->flat(report, &table) : view_flat_rows(gates, report, &table);
    if (!status)
        status = table_csv(&table, out);
    table_release(&table);
    return status;
}

static int show(const struct report_options *o, const struct gates *gates, struct dialect_report *as,
                const struct report *report, struct buf *out, struct error *e)
{
    int status;
    if (as->dialect)
        status = show_dialect(o, as, report, out);
    else if (is_page(o))
        return page_write(report, gates, out, e);
    else if (strcmp(o->format, "json") == 0)
        status = show_json(o, gates, report, out);
    else if (strcmp(o->format, "csv") == 0)
        status = show_csv(o, gates, report, out);
    else
        status = show_tables(o, gates, report, out);
    return status ? error_set(e, (enum tt_err)status, "the result does not fit in memory") : TT_OK;
}

static int add_tape(void *report, const struct tape *tape, struct error *e)
{
    return report_add(report, tape, e);
}

/* Charts of a page want more of a trace than tables do, and another tool's figures want every chunk. */
static int add_traces(const struct report_options *o, const struct option_list *traces,
                      struct dialect_report *as, struct report *report, struct error *e)
{
    struct tape_batch batch = {
        .paths = traces->items,
        .count = traces->count,
        .options = {.allow_incomplete = o->allow_incomplete, .with_depth = is_page(o) || is_view(o, "depth")},
        .take = add_tape,
        .context = report};
    int status = TT_OK;
    if (!as->dialect)
        return tape_load_batch(&batch, e);
    for (size_t i = 0; !status && i < traces->count; i++)
        status = dialect_report_load(as, report, traces->items[i], &batch.options, e);
    return status;
}

static int build(const struct report_options *o, const struct option_list *traces, const struct gates *gates,
                 struct dialect_report *as, struct report *report, struct error *e)
{
    int status = check_width(o, e);
    if (!status && o->as && (o->view || o->itl))
        status = error_set(e, TT_USAGE, "--as shows a table of its own, in which --%s has no place",
                           o->view ? "view" : "itl");
    if (!status && o->cache_policy)
        status = cache_policy_parse(&report->policy, o->cache_policy, e);
    if (!status && o->block_by)
        status = block_by_parse(&report->block_by, o->block_by, e);
    for (size_t i = 0; !status && i < o->labels.count; i++)
        status = report_label(report, o->labels.items[i], e);
    if (!status && o->names)
        status = report_names(report, o->names, e);
    if (!status && !traces->count)
        status = error_set(e, TT_USAGE, "report wants at least one trace; 'toktape report --help' shows how");
    if (!status)
        status = add_traces(o, traces, as, report, e);
    if (!status)
        status = report_finish(report, gates, e);
    for (size_t i = 0; !status && !o->quiet && i < report->warnings.count; i++)
        command_warn("%s", report->warnings.items[i]);
    return status;
}

/* What the exit code says of a report that was printed. */
static int exit_code(const struct report *report)
{
    if (report_is_partial(report))
        return 3;
    return report_has_failed_gate(report) ? 1 : 0;
}

static int run_report(const struct report_options *o, const struct option_list *traces,
                      const struct gates *gates)
{
    struct error e = {0};
    struct report report;
    struct dialect_report as = {.dialect = o->as ? dialect_find(o->as) : NULL};
    struct buf out;
    buf_init_shelved(&out, 0);
    report_init(&report);
    report.itl = itl_policy_find(o->itl ? o->itl : itl_policy_name(ITL_EVEN));
    int status = build(o, traces, gates, &as, &report, &e);
    if (!status)
        status = show(o, gates, &as, &report, &out, &e);
    int code = status ? command_fail(&e) : command_deliver(o->output, &out);
    if (!code)
        code = exit_code(&report);
    buf_release(&out);
    dialect_report_release(&as);
    report_release(&report);
    return code;
}

/* A file of that kind, or the name of a built-in one. */
static int is_workload(const char *name)
{
    size_t len = strlen(name);
    int is_json = len > 5 && strcmp(name + len - 5, ".json") == 0;
    return is_json || (workload_is_builtin(name) && !io_exists(name));
}

static int show_workload(const struct report_options *o, const struct workload_cache *cache, struct buf *out)
{
    struct table table = TABLE_INIT;
    struct jsonout j;
    int status = TT_OK;
    if (strcmp(o->format, "json") == 0) {
        jsonout_init(&j, out, 2);
        workload_cache_json(cache, &j);
        buf_putc(out, '\n');
        return out->failed;
    }
    workload_cache_table(cache, &table);
    status = table_status(&table);
    if (!status && strcmp(o->format, "csv") == 0)
        status = table_csv(&table, out);
    else if (!status)
        status = put_table(o, &table, out);
    table_release(&table);
    return status;
}

static int check_workload(const struct report_options *o, size_t operands, struct error *e)
{
    if (operands != 1 || !is_view(o, "cache") || is_page(o))
        return error_set(e, TT_USAGE,
                         "of a workload there is its --view cache alone, as md, text, csv or json");
    return check_width(o, e);
}

static int run_workload(const struct report_options *o, const struct option_list *operands)
{
    struct cache_policy own;
    struct workload workload = {0};
    struct workload_cache cache;
    struct buf out = BUF_INIT;
    struct error e = {0};
    int status = check_workload(o, operands->count, &e);
    if (!status && o->cache_policy)
        status = cache_policy_parse(&own, o->cache_policy, &e);
    if (!status)
        status = workload_open(&workload, operands->items[0], &e);
    if (!status && (workload_cache_compute(&cache, &workload, o->cache_policy ? &own : NULL) ||
                    show_workload(o, &cache, &out) || out.failed))
        status = error_set(&e, TT_NOMEM, "the result does not fit in memory");
    int code = status ? command_fail(&e) : command_deliver(o->output, &out);
    workload_release(&workload);
    buf_release(&out);
    return code;
}

static int print_gates(const struct report_options *o, const struct gates *gates)
{
    struct buf out = BUF_INIT;
    buf_puts(&out, gates->text);
    int code = command_deliver(o->output, &out);
    buf_release(&out);
    return code;
}

int cmd_report(int argc, char **argv)
{
    struct report_options o = {
        .format = "md", .gates = GATES_DEFAULT, .titles = "long", .width = WIDTH_UNTOLD};
    struct option_list traces = {0};
    struct gates gates = {0};
    struct error e = {0};
    int code = command_begin(&help, argc, argv, &o, &traces);
    if (code == COMMAND_CONTINUE) {
        o.format = o.json ? "json" : o.format;
        if (gates_open(&gates, o.gates, &e))
            code = command_fail(&e);
        else
            code = o.print_gates                                  ? print_gates(&o, &gates)
                   : traces.count && is_workload(traces.items[0]) ? run_workload(&o, &traces)
                                                                  : run_report(&o, &traces, &gates);
    }
    gates_release(&gates);
    options_release(&help, &o, &traces);
    return code;
}
