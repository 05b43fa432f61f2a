/* SPDX-License-Identifier: MIT */
/* The views for spreadsheets: one table over everything, unrounded, under the machine-readable names. */
#include <math.h>
#include <string.h>

#include "analyze/evidence.h"
#include "analyze/run_fields.h"
#include "analyze/views.h"
#include "analyze/views_findings.h"

/* Rounding is of no consequence here: CSV writes the numbers in full. */
static const struct decimals shown = {DECIMAL_FIXED, 3};

static void add_text(struct table *table, const char *text)
{
    if (text && *text)
        table_text(table, text, STYLE_NONE);
    else
        table_absent(table);
}

static void add_count(struct table *table, uint64_t count)
{
    table_number(table, count == ABSENT ? NAN : (double)count, 1, shown, STYLE_NONE);
}

static void add_truth(struct table *table, int truth)
{
    add_text(table, truth ? "true" : "false");
}

static void add_columns(struct table *table, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        table_column(table, names[i], names[i], ALIGN_NONE);
}

static void add_flat_row(const struct gates *gates, const struct report_block *block,
                         const struct report_row *row, struct table *table)
{
    const struct identity *id = block->id;
    const char *const texts[] = {gates->marks[row->mark], row->label,  row->model,
                                 row->model_file,         row->engine, row->engine_version,
                                 row->speculative,        row->quant};
    table_row(table);
    add_text(table, block->title);
    add_text(table, id->machine);
    add_count(table, id->ram_bytes);
    add_text(table, id->power_mode);
    add_count(table, (uint64_t)row->tier);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        add_text(table, texts[i]);
    for (int i = 0; i < METRIC_COUNT; i++)
        table_number(table, row->figures[i].value, 1, shown, STYLE_NONE);
    add_count(table, row->runs_ok);
    add_count(table, row->runs_failed);
    add_count(table, row->runs_total);
    add_count(table, row->repeats);
    add_count(table, row->early_stop);
    add_truth(table, row->synthetic);
    add_text(table, row->closed);
    add_text(table, row->cell);
}

int view_flat_rows(const struct gates *gates, const struct report *report, struct table *table)
{
    static const char *const before[] = {"block",          "machine",     "ram_bytes", "power_mode", "tier",
                                         "mark",           "label",       "model",     "model_file", "engine",
                                         "engine_version", "speculative", "quant",     NULL};
    static const char *const after[] = {"runs_ok",   "runs_failed", "runs_total", "repeats", "early_stop",
                                        "synthetic", "closed",      "cell",       NULL};
    add_columns(table, before);
    for (int i = 0; i < METRIC_COUNT; i++)
        table_column(table, metric_name((enum metric)i), metric_name((enum metric)i), ALIGN_RIGHT);
    add_columns(table, after);
    int has_findings = view_findings_column(report, table);
    for (size_t i = 0; i < report->block_count; i++) {
        for (size_t k = 0; k < report->blocks[i].row_count; k++) {
            add_flat_row(gates, &report->blocks[i], &report->blocks[i].rows[k], table);
            if (has_findings)
                view_findings_cell(&report->blocks[i].rows[k].findings, table);
        }
    }
    return table_status(table);
}

static void add_flat_phase(const struct cell *cell, const struct phase_figures *phase, struct table *table)
{
    const struct figure *const figures[] = {
        &phase->ttft,   &phase->decode,          &phase->prefill, &phase->prompt,     &phase->reuse,
        &phase->answer, &phase->tokens_per_step, &phase->step,    &phase->acceptance, &phase->rss};
    table_row(table);
    add_text(table, cell->id.cell);
    add_text(table, cell->id.label);
    add_truth(table, cell_is_synthetic(cell));
    add_text(table, phase->name);
    add_count(table, phase->total);
    add_count(table, phase->valid);
    add_count(table, phase->early);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        table_number(table, figures[i]->value, 1, shown, STYLE_NONE);
}

int view_flat_phases(const struct report *report, struct table *table)
{
    static const char *const names[] = {"cell",
                                        "label",
                                        "synthetic",
                                        "phase",
                                        "runs_total",
                                        "runs_valid",
                                        "early_stop",
                                        "ttft_ms",
                                        "decode_tok_s",
                                        "prefill_tok_s",
                                        "prompt_tokens",
                                        "prefix_reuse",
                                        "completion_tokens",
                                        "tokens_per_step",
                                        "step_ms",
                                        "acceptance",
                                        "peak_rss_bytes",
                                        NULL};
    int status = TT_OK;
    add_columns(table, names);
    int has_findings = view_findings_column(report, table);
    for (size_t i = 0; i < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        for (size_t k = 0; !status && k < cell->phases.count; k++) {
            struct phase_figures phase;
            status = cell_phase(cell, k, &phase);
            if (!status)
                add_flat_phase(cell, &phase, table);
            if (!status && has_findings)
                view_findings_of_cell(cell, table);
        }
    }
    return status ? status : table_status(table);
}

static void add_causes(struct table *table, unsigned causes)
{
    struct buf text = BUF_INIT;
    for (unsigned bit = 1; bit && bit <= causes; bit <<= 1) {
        if (causes & bit)
            buf_printf(&text, "%s%s", text.len ? " " : "", invalid_cause_name(bit));
    }
    if (text.len || text.failed) {
        table_built(table, &text, STYLE_NONE);
        return;
    }
    table_absent(table);
}

static void add_evidence(struct table *table, const struct run_figures *run)
{
    struct buf text = BUF_INIT;
    if (!run->invalid) {
        table_absent(table);
        return;
    }
    evidence_text(run, &text);
    table_built(table, &text, STYLE_NONE);
}

static void add_field(struct table *table, const struct field_value *value)
{
    switch (value->kind) {
    case FIELD_NULL:
        table_absent(table);
        break;
    case FIELD_TRUTH:
        add_truth(table, value->truth);
        break;
    case FIELD_COUNT:
        add_count(table, value->count);
        break;
    case FIELD_REAL:
        table_number(table, value->real, 1, shown, STYLE_NONE);
        break;
    case FIELD_TEXT:
        add_text(table, value->text);
        break;
    case FIELD_CAUSES:
        add_causes(table, value->causes);
        break;
    case FIELD_EVIDENCE:
        add_evidence(table, value->run);
        break;
    }
}

void view_flat_cell_columns(struct table *table)
{
    static const char *const names[] = {"cell", "label", "synthetic"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        table_column(table, names[i], names[i], ALIGN_NONE);
}

void view_flat_cell(const struct cell *cell, struct table *table)
{
    add_text(table, cell->id.cell);
    add_text(table, cell->id.label);
    add_truth(table, cell_is_synthetic(cell));
}

void view_flat_run_columns(struct table *table)
{
    table_column(table, "label", "label", ALIGN_NONE);
    table_column(table, "synthetic", "synthetic", ALIGN_NONE);
    for (size_t i = 0; i < run_field_count(); i++)
        table_column(table, run_field_name(i), run_field_name(i), ALIGN_NONE);
}

void view_flat_run(const struct cell *cell, const struct cell_run *run, struct table *table)
{
    add_text(table, cell->id.label);
    add_truth(table, cell_is_synthetic(cell));
    for (size_t f = 0; f < run_field_count(); f++) {
        struct field_value value = run_field(cell, run, f);
        add_field(table, &value);
    }
}

int view_flat_runs(const struct report *report, struct table *table)
{
    view_flat_run_columns(table);
    int has_findings = view_findings_column(report, table);
    for (size_t i = 0; i < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        for (size_t k = 0; k < cell->run_count; k++) {
            table_row(table);
            view_flat_run(cell, cell_run_at(cell, k), table);
            if (has_findings)
                view_findings_cell(&cell->traces[cell_run_at(cell, k)->trace].findings, table);
        }
    }
    return table_status(table);
}
