/* SPDX-License-Identifier: MIT */
#include "analyze/views_dialect.h"

#include <math.h>
#include <string.h>

#include "analyze/report_json.h"
#include "analyze/views.h"
#include "analyze/views_findings.h"
#include "formats/jsonout.h"

static const struct decimals one = {DECIMAL_FIXED, 1}, shown = {DECIMAL_FIXED, 3};

#define STATISTICS_MAX 8 /* differing ways of a dialect to take them */

/* Where the lines of a cell go. */
struct shower {
    const struct dialect *dialect;
    const struct report *report;
    const struct cell *cell;
    struct table *table;
    struct jsonout *json;
    int has_findings;
    const struct dialect_measure *explained; /* whose line is below the table already */
    const char *statistics[STATISTICS_MAX];  /* likewise, once for all measures */
    size_t statistic_count;
};

/* A number of things has no statistic to name. */
static const char *statistic_of(const struct dialect_figure *f)
{
    return f->statistic == STAT_SUM ? "" : statistic_name(f->statistic);
}

/* --- a table for people --- */

static int show_line(void *context, const struct dialect_figure *f)
{
    struct shower *s = context;
    table_row(s->table);
    table_text(s->table, f->measure->label, STYLE_NONE);
    table_text(s->table, statistic_of(f), STYLE_NONE);
    table_number(s->table, f->theirs, 1, f->measure->decimals, STYLE_NONE);
    table_number(s->table, f->ours, 1, f->measure->decimals, STYLE_NONE);
    table_number(s->table, f->off_pct, 1, one, STYLE_NONE);
    return TT_OK;
}

static void note_statistic(struct shower *s, const char *why)
{
    for (size_t i = 0; i < s->statistic_count; i++) {
        if (s->statistics[i] == why)
            return;
    }
    if (s->statistic_count < STATISTICS_MAX)
        s->statistics[s->statistic_count++] = why;
}

static int explain_line(void *context, const struct dialect_figure *f)
{
    struct shower *s = context;
    const char *statistic = dialect_why_statistic(s->dialect, f);
    if (!f->differs)
        return TT_OK;
    if (f->by_definition && s->explained != f->measure) {
        table_notef(s->table, "%s: %s", f->measure->label, f->measure->why);
        s->explained = f->measure;
    }
    if (statistic)
        note_statistic(s, statistic);
    return TT_OK;
}

static void add_columns(const struct dialect *d, struct table *table)
{
    table_column(table, "figure", "figure", ALIGN_NONE);
    table_column(table, "statistic", "", ALIGN_NONE);
    table_column(table, "theirs", d->title, ALIGN_RIGHT);
    table_column(table, "ours", "toktape", ALIGN_RIGHT);
    table_column(table, "off_pct", "off %", ALIGN_RIGHT);
}

int view_dialect(struct dialect_report *r, const struct report *report, size_t cell, struct table *table)
{
    struct shower s = {.dialect = r->dialect, .cell = &report->cells[cell], .table = table};
    table_title(table, s.cell->id.label);
    add_columns(r->dialect, table);
    int status = dialect_report_each(r, report, cell, show_line, &s);
    if (!status)
        status = dialect_report_each(r, report, cell, explain_line, &s);
    for (size_t i = 0; i < s.statistic_count; i++)
        table_notef(table, "%s", s.statistics[i]);
    if (r->dialect->note)
        table_notef(table, "%s: %s", r->dialect->title, r->dialect->note);
    if (!status)
        status = view_findings(s.cell, table);
    if (cell_is_synthetic(s.cell))
        table_notef(table, SYNTHETIC_NOTE);
    return status ? status : table_status(table);
}

/* --- one table over everything --- */

static int show_flat(void *context, const struct dialect_figure *f)
{
    struct shower *s = context;
    struct buf why = BUF_INIT;
    dialect_why(s->dialect, f, &why);
    table_row(s->table);
    view_flat_cell(s->cell, s->table);
    table_text(s->table, dialect_name(s->dialect), STYLE_NONE);
    table_text(s->table, f->measure->key, STYLE_NONE);
    table_text(s->table, f->measure->label, STYLE_NONE);
    table_text(s->table, statistic_name(f->statistic), STYLE_NONE);
    table_number(s->table, f->theirs, 1, shown, STYLE_NONE);
    table_number(s->table, f->ours, 1, shown, STYLE_NONE);
    table_number(s->table, f->off_pct, 1, shown, STYLE_NONE);
    table_built(s->table, &why, STYLE_NONE);
    if (s->has_findings)
        view_findings_of_cell(s->cell, s->table);
    return TT_OK;
}

int view_flat_dialect(struct dialect_report *r, const struct report *report, struct table *table)
{
    static const char *const columns[] = {"as",     "figure", "name",    "statistic",
                                          "theirs", "ours",   "off_pct", "difference"};
    struct shower s = {.dialect = r->dialect, .table = table};
    int status = TT_OK;
    view_flat_cell_columns(table);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        table_column(table, columns[i], columns[i], ALIGN_NONE);
    s.has_findings = view_findings_column(report, table);
    for (size_t i = 0; !status && i < report->cell_count; i++) {
        s.cell = &report->cells[i];
        status = dialect_report_each(r, report, i, show_flat, &s);
    }
    return status ? status : table_status(table);
}

/* --- JSON --- */

static int put_line(void *context, const struct dialect_figure *f)
{
    struct shower *s = context;
    struct buf why = BUF_INIT;
    dialect_why(s->dialect, f, &why);
    jsonout_object(s->json);
    jsonout_field_string(s->json, "figure", f->measure->key);
    jsonout_field_string(s->json, "name", f->measure->label);
    jsonout_field_string(s->json, "statistic", statistic_name(f->statistic));
    jsonout_field_number(s->json, "theirs", f->theirs);
    jsonout_field_number(s->json, "ours", f->ours);
    jsonout_field_number(s->json, "off_pct", f->off_pct);
    jsonout_field_string(s->json, "difference", why.len ? buf_text(&why) : NULL);
    jsonout_end(s->json, '}');
    int status = why.failed;
    buf_release(&why);
    return status;
}

static int put_cell(struct dialect_report *r, const struct report *report, size_t index, struct jsonout *j)
{
    const struct cell *cell = &report->cells[index];
    struct shower s = {.dialect = r->dialect, .cell = cell, .json = j};
    report_json_begin_cell(j, cell);
    jsonout_key(j, "figures");
    jsonout_array(j);
    int status = dialect_report_each(r, report, index, put_line, &s);
    jsonout_end(j, ']');
    int ended = report_json_end_cell(j, cell);
    return status ? status : ended;
}

int report_json_dialect(struct dialect_report *r, const struct report *report, struct buf *out)
{
    struct jsonout j;
    int status = TT_OK;
    jsonout_init(&j, out, 2);
    jsonout_object(&j);
    jsonout_field_string(&j, "as", dialect_name(r->dialect));
    jsonout_field_string(&j, "tool", r->dialect->title);
    jsonout_field_string(&j, "note", r->dialect->note);
    jsonout_key(&j, "cells");
    jsonout_array(&j);
    for (size_t i = 0; !status && i < report->cell_count; i++)
        status = put_cell(r, report, i, &j);
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    buf_putc(out, '\n');
    return status ? status : out->failed;
}
