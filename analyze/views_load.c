/* SPDX-License-Identifier: MIT */
#include "analyze/views_load.h"

#include "analyze/load.h"
#include "analyze/report_json.h"
#include "analyze/views.h"
#include "analyze/views_findings.h"
#include "formats/jsonout.h"

#define COLUMNS      8
#define ALL_NAME     "all phases"
#define SURE_OF_LAST 100 /* fewer runs than that have no 99th percentile of their own */

static const struct decimals whole = {DECIMAL_FIXED, 0}, one = {DECIMAL_FIXED, 1}, three = {DECIMAL_FIXED, 3};

static const char *const keys[COLUMNS] = {"runs",           "valid",         "ttft_p50_ms",
                                          "ttft_p95_ms",    "ttft_p99_ms",   "latency_p50_ms",
                                          "latency_p95_ms", "latency_p99_ms"};
static const char *const headers[COLUMNS] = {"runs",   "valid",      "TTFT p50", "p95",
                                             "p99 ms", "answer p50", "p95",      "p99 ms"};

static double value_of(const struct load_line *line, size_t column)
{
    const double values[COLUMNS] = {
        (double)line->runs, (double)line->valid, line->ttft_ms[0],    line->ttft_ms[1],
        line->ttft_ms[2],   line->latency_ms[0], line->latency_ms[1], line->latency_ms[2],
    };
    return values[column];
}

static const char *name_of(const struct cell *cell, size_t phase)
{
    return phase == LOAD_ALL_PHASES ? ALL_NAME : cell->phases.items[phase];
}

/* All phases together, then each; `n` counts from 0. */
static size_t phase_of(size_t n)
{
    return n ? n - 1 : LOAD_ALL_PHASES;
}

static int add_line(const struct cell *cell, size_t phase, struct table *table)
{
    struct load_line line;
    int status = load_line_of(cell, phase, &line);
    table_text(table, name_of(cell, phase), STYLE_NONE);
    for (size_t i = 0; !status && i < COLUMNS; i++)
        table_number(table, value_of(&line, i), 1, whole, STYLE_NONE);
    return status;
}

static void note_rate(const struct load_figures *load, struct table *table)
{
    struct buf text = BUF_INIT;
    buf_printf(&text, "%llu conversations at once: ", (unsigned long long)load->concurrency);
    decimal_put(&text, load->tok_s.value, one);
    buf_puts(&text, " tok/s together");
    if (load->tok_s.n > 1) {
        buf_printf(&text, ", median of %llu bursts from ", (unsigned long long)load->tok_s.n);
        decimal_put(&text, load->least_tok_s, one);
        buf_puts(&text, " to ");
        decimal_put(&text, load->most_tok_s, one);
    }
    buf_puts(&text, "; tokens of valid runs by the time from a burst's start to its last answer's end");
    table_note_built(table, &text);
}

static void note_energy(const struct load_figures *load, struct table *table)
{
    struct buf text = BUF_INIT;
    if (isnan(load->j_per_token.value))
        return;
    decimal_put(&text, load->j_per_token.value, three);
    buf_printf(&text,
               " J/token over whole bursts (grade %c); of single runs beside others there is no energy",
               (char)load->j_per_token.grade);
    table_note_built(table, &text);
}

static int add_notes(const struct cell *cell, struct table *table)
{
    struct load_figures load;
    int status = load_of(cell, &load);
    if (status)
        return status;
    if (!isnan(load.tok_s.value))
        note_rate(&load, table);
    note_energy(&load, table);
    table_notef(table, "times are from the intended start of a request; only valid runs count");
    if (cell->run_count < SURE_OF_LAST)
        table_notef(table, "the p99 of fewer than %d runs is hardly more than the slowest of them",
                    SURE_OF_LAST);
    if (cell_is_synthetic(cell))
        table_notef(table, SYNTHETIC_NOTE);
    return TT_OK;
}

int view_load(const struct cell *cell, struct table *table)
{
    int status = TT_OK;
    table_title(table, cell->id.label);
    table_column(table, "phase", "phase", ALIGN_NONE);
    for (size_t i = 0; i < COLUMNS; i++)
        table_column(table, keys[i], headers[i], ALIGN_RIGHT);
    for (size_t n = 0; !status && n <= cell->phases.count; n++) {
        table_row(table);
        status = add_line(cell, phase_of(n), table);
    }
    if (!status)
        status = add_notes(cell, table);
    return status ? status : table_status(table);
}

static int add_flat_line(const struct cell *cell, const struct load_figures *load, size_t phase,
                         struct table *table)
{
    table_row(table);
    view_flat_cell(cell, table);
    table_number(table, (double)load->concurrency, 1, whole, STYLE_NONE);
    int status = add_line(cell, phase, table);
    table_number(table, phase == LOAD_ALL_PHASES ? load->tok_s.value : NAN, 1, three, STYLE_NONE);
    table_number(table, phase == LOAD_ALL_PHASES ? load->j_per_token.value : NAN, 1, three, STYLE_NONE);
    return status;
}

int view_flat_load(const struct report *report, struct table *table)
{
    int status = TT_OK;
    view_flat_cell_columns(table);
    table_column(table, "concurrency", "concurrency", ALIGN_RIGHT);
    table_column(table, "phase", "phase", ALIGN_NONE);
    for (size_t i = 0; i < COLUMNS; i++)
        table_column(table, keys[i], keys[i], ALIGN_RIGHT);
    table_column(table, "aggregate_tok_s", "aggregate_tok_s", ALIGN_RIGHT);
    table_column(table, "aggregate_j_per_token", "aggregate_j_per_token", ALIGN_RIGHT);
    int has_findings = view_findings_column(report, table);
    for (size_t i = 0; !status && i < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        struct load_figures load;
        status = load_of(cell, &load);
        for (size_t n = 0; !status && n <= cell->phases.count; n++) {
            status = add_flat_line(cell, &load, phase_of(n), table);
            if (has_findings)
                view_findings_of_cell(cell, table);
        }
    }
    return status ? status : table_status(table);
}

static int put_line(struct jsonout *j, const struct cell *cell, size_t phase)
{
    struct load_line line;
    int status = load_line_of(cell, phase, &line);
    jsonout_object(j);
    if (phase == LOAD_ALL_PHASES) {
        jsonout_key(j, "phase");
        jsonout_null(j);
    } else {
        jsonout_field_string(j, "phase", name_of(cell, phase));
    }
    for (size_t i = 0; i < COLUMNS; i++)
        jsonout_field_number(j, keys[i], value_of(&line, i));
    jsonout_end(j, '}');
    return status;
}

static void put_burst(struct jsonout *j, const struct cell_burst *burst)
{
    const struct tape_burst *b = &burst->burst;
    jsonout_object(j);
    jsonout_field_u64(j, "trace", burst->trace);
    jsonout_field_number(j, "seconds", b->seconds);
    jsonout_field_u64(j, "runs", b->runs);
    jsonout_field_u64(j, "valid", b->valid);
    jsonout_field_u64(j, "tokens", b->tokens);
    jsonout_field_number(j, "joules", b->joules);
    jsonout_field_number(j, "uncertainty_j", b->uncertainty);
    jsonout_end(j, '}');
}

static int put_cell(struct jsonout *j, const struct cell *cell)
{
    struct load_figures load;
    int status = load_of(cell, &load);
    jsonout_field_u64(j, "concurrency", load.concurrency);
    jsonout_field_number(j, "aggregate_tok_s", load.tok_s.value);
    jsonout_field_number(j, "aggregate_j_per_token", load.j_per_token.value);
    jsonout_key(j, "bursts");
    jsonout_array(j);
    for (size_t i = 0; i < cell->burst_count; i++)
        put_burst(j, &cell->bursts[i]);
    jsonout_end(j, ']');
    jsonout_key(j, "phases");
    jsonout_array(j);
    for (size_t n = 0; !status && n <= cell->phases.count; n++)
        status = put_line(j, cell, phase_of(n));
    jsonout_end(j, ']');
    return status;
}

int report_json_load(const struct report *report, struct buf *out)
{
    return report_json_cells(report, put_cell, out);
}
