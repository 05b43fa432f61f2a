/* SPDX-License-Identifier: MIT */
#include "analyze/views_turns.h"

#include <math.h>

#include "analyze/report_json.h"
#include "analyze/views.h"
#include "analyze/views_findings.h"
#include "formats/jsonout.h"

#define COLUMNS 9

static const struct decimals whole = {DECIMAL_FIXED, 0}, share = {DECIMAL_FIXED, 3};

static const struct {
    const char *key, *header;
    const struct decimals *decimals;
} columns[COLUMNS] = {
    {"parent", "follows", &whole},
    {"prompt_tokens", "prompt", &whole},
    {"new_tokens", "new", &whole},
    {"cached_tokens", "cached", &whole},
    {"cacheable_tokens", "cacheable", &whole},
    {"hit_rate", "hit", &share},
    {"ttft_ms", "TTFT ms", &whole},
    {"completion_tokens", "answer", &whole},
    {"tool_calls", "calls", &whole},
};

static double number_of(uint64_t count)
{
    return count == ABSENT ? NAN : (double)count;
}

/* The run that this one carries on, if it is among the cell's. */
static const struct cell_run *parent_of(const struct cell *cell, const struct cell_run *run)
{
    for (size_t i = 0; run->figures->parent != ABSENT && i < cell->run_count; i++) {
        if (cell->runs[i].trace == run->trace && cell->runs[i].run == run->figures->parent)
            return &cell->runs[i];
    }
    return NULL;
}

/* Prompt tokens that the turn before did not have. */
static double new_tokens(const struct cell *cell, const struct cell_run *run)
{
    const struct cell_run *parent = parent_of(cell, run);
    return parent ? number_of(run->figures->prompt_tokens) - number_of(parent->figures->prompt_tokens) : NAN;
}

enum { NEW_TOKENS = 2 }; /* its place in the table */

/* To know what is new costs a look at all runs, so it is asked for its own column only. */
static double value_of(const struct cell *cell, const struct cell_run *run, size_t column)
{
    const struct run_figures *f = run->figures;
    const double values[COLUMNS] = {
        number_of(f->parent),
        number_of(f->prompt_tokens),
        column == NEW_TOKENS ? new_tokens(cell, run) : NAN,
        f->cached_state == CACHED_NUMBER ? number_of(f->cached_tokens) : NAN,
        number_of(run->cacheable),
        run_hit_rate(run),
        f->ttft_ms,
        number_of(f->completion_tokens),
        (double)f->tool_calls,
    };
    return values[column];
}

/* Do the answer's tool calls fit what the request declares? NULL when it has none, or they were not judged.
 */
static const char *call_state(const struct run_figures *f)
{
    if (!f->tool_calls || f->is_masked)
        return NULL;
    if (f->invalid & INVALID_TOOL_ARGUMENTS)
        return "not JSON";
    return f->invalid & INVALID_TOOL_SCHEMA ? "not as declared" : "valid";
}

static void add_call_state(const struct run_figures *f, struct table *table)
{
    const char *state = call_state(f);
    unsigned style = f->invalid & (INVALID_TOOL_ARGUMENTS | INVALID_TOOL_SCHEMA) ? STYLE_BAD : STYLE_GOOD;
    if (state)
        table_text(table, state, style);
    else
        table_absent(table);
}

static void add_turn(const struct cell *cell, const struct cell_run *run, struct table *table)
{
    const struct run_figures *f = run->figures;
    table_number(table, number_of(f->conversation), 1, whole, STYLE_NONE);
    table_number(table, number_of(f->turn), 1, whole, STYLE_NONE);
    table_number(table, number_of(f->run), 1, whole, STYLE_NONE);
    table_text(table, cell_phase_name(cell, run), STYLE_NONE);
    for (size_t i = 0; i < COLUMNS; i++)
        table_number(table, value_of(cell, run, i), 1, *columns[i].decimals, STYLE_NONE);
    add_call_state(f, table);
}

static void add_columns(struct table *table, int for_people)
{
    static const char *const ids[][2] = {{"conversation", "conv."}, {"turn", "turn"}, {"run", "run"}};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
        table_column(table, ids[i][0], ids[i][for_people], ALIGN_RIGHT);
    table_column(table, "phase", "phase", ALIGN_NONE);
    for (size_t i = 0; i < COLUMNS; i++)
        table_column(table, columns[i].key, for_people ? columns[i].header : columns[i].key, ALIGN_RIGHT);
    table_column(table, "tool_call_state", for_people ? "tool calls" : "tool_call_state", ALIGN_NONE);
}

int view_turns(const struct cell *cell, struct table *table)
{
    table_title(table, cell->id.label);
    if (cell->trace_count > 1)
        table_column(table, "trace", "trace", ALIGN_RIGHT);
    add_columns(table, 1);
    for (size_t i = 0; i < cell->run_count; i++) {
        table_row(table);
        if (cell->trace_count > 1)
            table_number(table, (double)cell_run_at(cell, i)->trace, 1, whole, STYLE_NONE);
        add_turn(cell, cell_run_at(cell, i), table);
    }
    table_notef(
        table, "follows: the run whose conversation this one carries on; new: prompt tokens that it had not");
    for (size_t i = 0; cell->trace_count > 1 && i < cell->trace_count; i++)
        table_notef(table, "trace %zu: %s", i, cell->traces[i].path);
    if (cell_is_synthetic(cell))
        table_notef(table, SYNTHETIC_NOTE);
    return table_status(table);
}

int view_flat_turns(const struct report *report, struct table *table)
{
    view_flat_cell_columns(table);
    table_column(table, "trace", "trace", ALIGN_NONE);
    add_columns(table, 0);
    int has_findings = view_findings_column(report, table);
    for (size_t i = 0; i < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        for (size_t k = 0; k < cell->run_count; k++) {
            const struct cell_trace *trace = &cell->traces[cell_run_at(cell, k)->trace];
            table_row(table);
            view_flat_cell(cell, table);
            table_text(table, trace->path, STYLE_NONE);
            add_turn(cell, cell_run_at(cell, k), table);
            if (has_findings)
                view_findings_cell(&trace->findings, table);
        }
    }
    return table_status(table);
}

static void put_turn(struct jsonout *j, const struct cell *cell, const struct cell_run *run)
{
    const struct run_figures *f = run->figures;
    const char *state = call_state(f);
    jsonout_object(j);
    jsonout_field_string(j, "trace", cell->traces[run->trace].path);
    jsonout_field_number(j, "conversation", number_of(f->conversation));
    jsonout_field_number(j, "turn", number_of(f->turn));
    jsonout_field_number(j, "run", number_of(f->run));
    jsonout_field_string(j, "phase", cell_phase_name(cell, run));
    for (size_t i = 0; i < COLUMNS; i++)
        jsonout_field_number(j, columns[i].key, value_of(cell, run, i));
    jsonout_key(j, "tool_call_state");
    if (state)
        jsonout_string(j, state);
    else
        jsonout_null(j);
    jsonout_end(j, '}');
}

static int put_cell(struct jsonout *j, const struct cell *cell)
{
    jsonout_key(j, "turns");
    jsonout_array(j);
    for (size_t i = 0; i < cell->run_count; i++)
        put_turn(j, cell, cell_run_at(cell, i));
    jsonout_end(j, ']');
    return TT_OK;
}

int report_json_turns(const struct report *report, struct buf *out)
{
    return report_json_cells(report, put_cell, out);
}
