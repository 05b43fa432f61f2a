/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyze/compare_show.h"
#include "formats/command.h"

int cmd_diff(int argc, char **argv);

struct diff_options {
    const char *against, *primary, *margin, *session_sd, *profile, *format, *output;
    struct option_list earlier, fail_on;
    int json, allow_incomplete, quiet;
};

#define AT(member) offsetof(struct diff_options, member)

static const struct option_def options[] = {
    {"against", 0, OPTION_TEXT, "NEW...", NULL, "what follows is the new side", AT(against)},
    {"primary", 0, OPTION_CHOICE, NULL, "decode|decode-50k|prefill|ttft|j-per-token|ram",
     "the metric that half of the error is for (default decode)", AT(primary)},
    {"margin", 0, OPTION_TEXT, "PERCENT", NULL, "what counts as no difference (default 2)", AT(margin)},
    {"session-sd", 0, OPTION_TEXT, "PERCENT|FILE", NULL,
     "standard deviation of one session of the engine against the next: a number, or the session.json of a "
     "campaign with a sentinel",
     AT(session_sd)},
    {"earlier", 0, OPTION_LIST, "TRACE", NULL,
     "an earlier recording of the base's or the new cell; four or more tell how sessions differ",
     AT(earlier)},
    {"profile", 0, OPTION_TEXT, "FILE", NULL,
     "JSON {\"decode_tok_s\": [\"PHASE\", ...], ...}: which phases a metric is made of", AT(profile)},
    {"fail-on", 0, OPTION_LIST, "'METRIC slower N%'", NULL,
     "exit with 1 when a test of its own says so and the shift is that large; may be given several times",
     AT(fail_on)},
    {"format", 0, OPTION_CHOICE, NULL, "md|text|csv|json", "how to write it (default md)", AT(format)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "the same as --format json", AT(json)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write to FILE instead of standard output", AT(output)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "no warnings", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "diff", "BASE... --against NEW...",
    "Compares recordings of the same workload: what got faster, slower, or stayed the same.", options,
    "The unit is the trace when each side has at least three, else the repeat. The exit code is 1 when a "
    "--fail-on fired, 3 when a trace was incomplete or repaired.\n\n"
    "examples:\n"
    "  toktape diff old.toktape --against new.toktape\n"
    "  toktape diff old-*.toktape --against new-*.toktape --fail-on 'decode slower 2%' --format text"};

struct diff {
    struct compare_side sides[SIDES], earlier;
    struct compare_phases phases;
    struct compare_options how;
    struct compare_table table;
    struct fail_clause clauses[FAIL_CLAUSES_MAX];
    size_t clause_count;
    int has_fired;
};

/* "2" or "2%" as a fraction below 1. */
static int read_percent(double *fraction, const char *option, const char *text, struct error *e)
{
    char *end;
    double value = strtod(text, &end);
    int is_number = end != text;
    end += *end == '%';
    if (!is_number || *end || !(value > 0) || !(value < 100))
        return error_set(e, TT_USAGE, "--%s wants a percentage above 0 and below 100, not '%s'", option,
                         text);
    *fraction = value / 100;
    return TT_OK;
}

static int read_options(struct diff *d, const struct diff_options *o, struct error *e)
{
    int status = TT_OK;
    d->how = (struct compare_options){.primary = compare_find(o->primary, strlen(o->primary)),
                                      .margin = COMPARE_MARGIN};
    compare_session_init(&d->how.session);
    if (o->margin)
        status = read_percent(&d->how.margin, "margin", o->margin, e);
    if (!status && o->session_sd)
        status = compare_session_read(&d->how.session, o->session_sd, e);
    if (!status && o->fail_on.count > FAIL_CLAUSES_MAX)
        status = error_set(e, TT_USAGE, "more than %d --fail-on", FAIL_CLAUSES_MAX);
    for (size_t i = 0; !status && i < o->fail_on.count; i++)
        status = fail_clause_parse(&d->clauses[d->clause_count++], o->fail_on.items[i], e);
    if (!status && o->profile) {
        status = compare_phases_load(&d->phases, o->profile, e);
        d->how.phases = &d->phases;
    }
    return status;
}

static int add_trace(const struct diff_options *o, struct compare_side *side, const char *path,
                     struct error *e)
{
    struct tape tape;
    struct tape_options reading = {.allow_incomplete = o->allow_incomplete};
    int status = tape_load(&tape, path, &reading, e);
    if (!status)
        status = compare_side_add(side, &tape, e);
    tape_release(&tape);
    return status;
}

/* Earlier recordings tell of one cell, which is one of those compared. */
static int add_earlier(struct diff *d, const struct diff_options *o, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < o->earlier.count; i++)
        status = add_trace(o, &d->earlier, o->earlier.items[i], e);
    if (status || !d->earlier.has_cell)
        return status;
    if (d->earlier.cell.trace_count < COMPARE_EARLIER_MIN)
        return error_set(e, TT_USAGE, "it takes at least %d --earlier recordings to tell how sessions differ",
                         COMPARE_EARLIER_MIN);
    if (d->earlier.is_mixed)
        return error_set(e, TT_USAGE, "the --earlier recordings are not all of one cell");
    if (strcmp(d->earlier.cell.id.digest, d->sides[0].cell.id.digest) != 0 &&
        strcmp(d->earlier.cell.id.digest, d->sides[1].cell.id.digest) != 0)
        return error_set(e, TT_USAGE, "the --earlier recordings are of '%s', which is on neither side",
                         d->earlier.cell.id.cell);
    status = compare_sides_fit(&d->sides[0], &d->earlier, e);
    return status ? status : compare_sides_fit(&d->sides[1], &d->earlier, e);
}

/* `border` is where the new side begins among the operands. */
static int load(struct diff *d, const struct diff_options *o, const struct option_list *traces, size_t border,
                struct error *e)
{
    int status = TT_OK;
    if (!border || border + 1 >= traces->count)
        return error_set(e, TT_USAGE,
                         "diff wants traces on both sides: BASE... --against NEW...; 'toktape diff --help' "
                         "shows how");
    for (size_t i = 0; !status && i < traces->count; i++) {
        if (i != border)
            status = add_trace(o, &d->sides[i > border], traces->items[i], e);
    }
    if (!status)
        status = compare_sides_fit(&d->sides[0], &d->sides[1], e);
    return status ? status : add_earlier(d, o, e);
}

static int compare(struct diff *d, const struct diff_options *o, struct error *e)
{
    int status = compare_table_make(&d->table, d->sides, &d->earlier, &d->how, e);
    if (status)
        return status;
    d->has_fired = fail_clauses_test(d->clauses, d->clause_count, &d->table);
    for (size_t i = 0; !o->quiet && i < d->clause_count; i++) {
        if (!d->clauses[i].is_tested)
            command_warn("--fail-on '%s' cannot be tested: there is no interval", d->clauses[i].text);
    }
    return TT_OK;
}

static int wants_colour(const struct diff_options *o)
{
    const char *no_colour = getenv("NO_COLOR");
    return !(no_colour && *no_colour) && (!o->output || strcmp(o->output, "-") == 0) && isatty(STDOUT_FILENO);
}

static int show(const struct diff *d, const struct diff_options *o, struct buf *out, struct error *e)
{
    const struct compare_result result = {d->sides, &d->table, d->clauses, d->clause_count};
    int status;
    if (strcmp(o->format, "json") == 0)
        status = compare_show_json(&result, out);
    else if (strcmp(o->format, "csv") == 0)
        status = compare_show_csv(&result, out);
    else if (strcmp(o->format, "text") == 0)
        status = compare_show_text(&result, wants_colour(o), out);
    else
        status = compare_show_markdown(&result, out);
    return status ? error_set(e, (enum tt_err)status, "the result does not fit in memory") : TT_OK;
}

static int exit_code(const struct diff *d)
{
    if (d->has_fired)
        return 1;
    return d->sides[0].is_partial || d->sides[1].is_partial || d->earlier.is_partial ? 3 : 0;
}

static int run_diff(struct diff *d, const struct diff_options *o, const struct option_list *traces,
                    size_t border)
{
    struct error e = {0};
    struct buf out = BUF_INIT;
    int status = read_options(d, o, &e);
    if (!status)
        status = load(d, o, traces, border, &e);
    if (!status)
        status = compare(d, o, &e);
    if (!status)
        status = show(d, o, &out, &e);
    int code = status ? command_fail(&e) : command_deliver(o->output, &out);
    buf_release(&out);
    return code ? code : exit_code(d);
}

static void release(struct diff *d)
{
    compare_table_release(&d->table);
    for (int side = 0; side < SIDES; side++)
        compare_side_release(&d->sides[side]);
    compare_side_release(&d->earlier);
    compare_phases_release(&d->phases);
}

int cmd_diff(int argc, char **argv)
{
    static char border_word[] = "against";
    struct diff_options o = {.primary = "decode", .format = "md"};
    struct option_list traces = {0};
    struct diff d = {0};
    size_t border = 0, borders = 0;
    compare_side_init(&d.sides[0], "base");
    compare_side_init(&d.sides[1], "new");
    compare_side_init(&d.earlier, "earlier");
    for (int i = 1; i < argc; i++) /* a word among the traces, which the parser keeps in its place */
        argv[i] = strcmp(argv[i], "--against") == 0 ? border_word : argv[i];
    int code = command_begin(&help, argc, argv, &o, &traces);
    for (size_t i = 0; i < traces.count; i++) {
        if (traces.items[i] == border_word) {
            border = i;
            borders++;
        }
    }
    o.format = o.json ? "json" : o.format;
    if (code == COMMAND_CONTINUE)
        code = run_diff(&d, &o, &traces, borders == 1 && !o.against ? border : 0);
    release(&d);
    options_release(&help, &o, &traces);
    return code;
}
