/* SPDX-License-Identifier: MIT */
#include "analyze/report_json.h"

#include <math.h>

#include "analyze/evidence.h"
#include "analyze/run_fields.h"
#include "formats/jsonout.h"

static void put_texts(struct jsonout *j, const char *name, const struct text_list *texts)
{
    jsonout_key(j, name);
    jsonout_array(j);
    for (size_t i = 0; i < texts->count; i++)
        jsonout_string(j, texts->items[i]);
    jsonout_end(j, ']');
}

/* "" means unknown in a row, and null in JSON. */
static void put_text(struct jsonout *j, const char *name, const char *text)
{
    jsonout_field_string(j, name, text && *text ? text : NULL);
}

static void put_maybe(struct jsonout *j, const char *name, int truth)
{
    jsonout_key(j, name);
    if (truth < 0)
        jsonout_null(j);
    else
        jsonout_bool(j, truth);
}

static void put_gates(struct jsonout *j, const struct report_row *row)
{
    jsonout_key(j, "gates");
    jsonout_array(j);
    for (size_t i = 0; i < row->gate_count; i++) {
        const struct gate_result *gate = &row->gates[i];
        jsonout_object(j);
        jsonout_field_string(j, "name", gate->name);
        jsonout_field_number(j, "value", gate->value);
        jsonout_field_number(j, "limit", gate->limit);
        jsonout_field_string(j, "level", gate_level_name(gate->level));
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
}

static void put_figures(struct jsonout *j, const struct report_row *row, int first, int last)
{
    for (int i = first; i <= last; i++)
        jsonout_field_number(j, metric_name((enum metric)i), row->figures[i].value);
}

static void put_grade(struct jsonout *j, const char *name, enum grade grade)
{
    char text[2] = {(char)grade, '\0'};
    put_text(j, name, text);
}

/* The four companions of every figure, each an object with the figures' names. */
static void put_companions(struct jsonout *j, const struct report_row *row)
{
    static const char *const names[] = {"n", "spread", "grade", "uncertainty"};
    for (int which = 0; which < 4; which++) {
        jsonout_key(j, names[which]);
        jsonout_object(j);
        for (int i = 0; i < METRIC_COUNT; i++) {
            const struct figure *figure = &row->figures[i];
            const char *name = metric_name((enum metric)i);
            if (which == 0)
                jsonout_field_u64(j, name, figure->n);
            else if (which == 2)
                put_grade(j, name, figure->grade);
            else
                jsonout_field_number(j, name, which == 1 ? figure->spread : figure->uncertainty);
        }
        jsonout_end(j, '}');
    }
}

static void put_suppressed(struct jsonout *j, const struct report_row *row)
{
    jsonout_key(j, "suppressed");
    jsonout_array(j);
    for (int i = 0; i < METRIC_COUNT; i++) {
        if (row->suppressed >> i & 1)
            jsonout_string(j, metric_name((enum metric)i));
    }
    jsonout_end(j, ']');
}

static void put_counts(struct jsonout *j, const struct report_row *row)
{
    jsonout_field_u64(j, "runs_ok", row->runs_ok);
    jsonout_field_u64(j, "runs_failed", row->runs_failed);
    jsonout_field_u64(j, "runs_total", row->runs_total);
    jsonout_field_u64(j, "repeats", row->repeats);
    put_text(j, "cold_method", row->cold_method);
    put_maybe(j, "cold_verified", row->cold_verified);
    jsonout_field_u64(j, "early_stop", row->early_stop);
    put_maybe(j, "thinking_honoured", row->thinking_honoured);
    jsonout_field_bool(j, "synthetic", row->synthetic);
    jsonout_field_string(j, "closed", row->closed);
}

static void put_row(struct jsonout *j, const struct gates *gates, const struct report_row *row)
{
    jsonout_object(j);
    jsonout_field_string(j, "cell", row->cell);
    jsonout_field_string(j, "label", row->label);
    put_text(j, "model", row->model);
    put_text(j, "model_file", row->model_file);
    put_text(j, "engine", row->engine);
    put_text(j, "engine_version", row->engine_version);
    put_text(j, "speculative", row->speculative);
    put_text(j, "quant", row->quant);
    jsonout_field_u64(j, "tier", (uint64_t)row->tier);
    jsonout_field_string(j, "mark", gates->marks[row->mark]);
    put_gates(j, row);
    put_texts(j, "gate_causes", &row->gate_causes);
    put_figures(j, row, METRIC_DECODE, METRIC_WASTED_TOKENS);
    put_text(j, "cached_state", row->cached_state);
    put_figures(j, row, METRIC_TOKENS_PER_STEP, METRIC_IDLE_W);
    put_texts(j, "power_rails", &row->power_rails);
    put_figures(j, row, METRIC_PEAK_RSS, METRIC_VALID);
    put_counts(j, row);
    put_suppressed(j, row);
    put_texts(j, "notes", &row->notes);
    put_texts(j, "content_ids", &row->content_ids);
    put_companions(j, row);
    jsonout_end(j, '}');
}

static void put_block(struct jsonout *j, const struct gates *gates, const struct report_block *block)
{
    jsonout_object(j);
    jsonout_field_string(j, "title", block->title);
    jsonout_field_string(j, "machine", block->id->machine);
    put_text(j, "chip", block->id->chip);
    jsonout_field_u64(j, "ram_bytes", block->id->ram_bytes);
    put_text(j, "power_mode", block->id->power_mode);
    jsonout_field_string(j, "quant_class", block->id->quant_class);
    jsonout_key(j, "rows");
    jsonout_array(j);
    for (size_t i = 0; i < block->row_count; i++)
        put_row(j, gates, &block->rows[i]);
    jsonout_end(j, ']');
    jsonout_end(j, '}');
}

int report_json_rows(const struct gates *gates, const struct report *report, struct buf *out)
{
    struct jsonout j;
    jsonout_init(&j, out, 2);
    jsonout_object(&j);
    jsonout_field_string(&j, "gates", gates->name);
    jsonout_key(&j, "blocks");
    jsonout_array(&j);
    for (size_t i = 0; i < report->block_count; i++)
        put_block(&j, gates, &report->blocks[i]);
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    return buf_putc(out, '\n');
}

static void put_phase(struct jsonout *j, const struct phase_figures *phase)
{
    const struct {
        const char *name;
        const struct figure *figure;
    } figures[] = {
        {"ttft_ms", &phase->ttft},
        {"decode_tok_s", &phase->decode},
        {"prefill_tok_s", &phase->prefill},
        {"prefix_reuse", &phase->reuse},
        {"prompt_tokens", &phase->prompt},
        {"completion_tokens", &phase->answer},
        {"tokens_per_step", &phase->tokens_per_step},
        {"step_ms", &phase->step},
        {"acceptance", &phase->acceptance},
        {"peak_rss_bytes", &phase->rss},
    };
    const size_t count = sizeof figures / sizeof figures[0];
    jsonout_object(j);
    jsonout_field_string(j, "phase", phase->name);
    jsonout_field_u64(j, "runs_total", phase->total);
    jsonout_field_u64(j, "runs_valid", phase->valid);
    jsonout_field_u64(j, "early_stop", phase->early);
    for (size_t i = 0; i < count; i++)
        jsonout_field_number(j, figures[i].name, figures[i].figure->value);
    jsonout_key(j, "spread");
    jsonout_object(j);
    for (size_t i = 0; i < count; i++)
        jsonout_field_number(j, figures[i].name, figures[i].figure->spread);
    jsonout_end(j, '}');
    jsonout_end(j, '}');
}

static int put_findings(struct jsonout *j, const struct cell *cell)
{
    struct text_list findings = {0};
    int status = cell_findings(cell, &findings);
    if (!status && findings.count)
        put_texts(j, "findings", &findings);
    text_list_release(&findings);
    return status;
}

void report_json_begin_cell(struct jsonout *j, const struct cell *cell)
{
    jsonout_object(j);
    jsonout_field_string(j, "cell", cell->id.cell);
    jsonout_field_string(j, "label", cell->id.label);
    jsonout_field_bool(j, "synthetic", cell_is_synthetic(cell));
}

int report_json_end_cell(struct jsonout *j, const struct cell *cell)
{
    int status = put_findings(j, cell);
    jsonout_end(j, '}');
    return status;
}

static int put_cell_phases(struct jsonout *j, const struct cell *cell)
{
    int status = TT_OK;
    jsonout_key(j, "phases");
    jsonout_array(j);
    for (size_t i = 0; !status && i < cell->phases.count; i++) {
        struct phase_figures phase;
        status = cell_phase(cell, i, &phase);
        if (!status)
            put_phase(j, &phase);
    }
    jsonout_end(j, ']');
    return status;
}

int report_json_cells(const struct report *report, report_json_cell_fn *put, struct buf *out)
{
    struct jsonout j;
    int status = TT_OK;
    jsonout_init(&j, out, 2);
    jsonout_object(&j);
    jsonout_key(&j, "cells");
    jsonout_array(&j);
    for (size_t i = 0; !status && i < report->cell_count; i++) {
        report_json_begin_cell(&j, &report->cells[i]);
        status = put(&j, &report->cells[i]);
        int ended = report_json_end_cell(&j, &report->cells[i]);
        status = status ? status : ended;
    }
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    buf_putc(out, '\n');
    return status ? status : out->failed;
}

int report_json_phases(const struct report *report, struct buf *out)
{
    return report_json_cells(report, put_cell_phases, out);
}

static void put_cause_names(struct jsonout *j, unsigned causes)
{
    jsonout_array(j);
    for (unsigned bit = 1; bit && bit <= causes; bit <<= 1) {
        if (causes & bit)
            jsonout_string(j, invalid_cause_name(bit));
    }
    jsonout_end(j, ']');
}

static void put_value(struct jsonout *j, const struct field_value *value)
{
    switch (value->kind) {
    case FIELD_NULL:
        jsonout_null(j);
        break;
    case FIELD_TRUTH:
        jsonout_bool(j, value->truth);
        break;
    case FIELD_COUNT:
        jsonout_u64(j, value->count);
        break;
    case FIELD_REAL:
        jsonout_number(j, value->real);
        break;
    case FIELD_TEXT:
        jsonout_string(j, value->text);
        break;
    case FIELD_CAUSES:
        put_cause_names(j, value->causes);
        break;
    case FIELD_EVIDENCE:
        evidence_json(value->run, j);
        break;
    }
}

void report_json_run(const struct cell *cell, const struct cell_run *run, struct jsonout *j)
{
    for (size_t i = 0; i < run_field_count(); i++) {
        struct field_value value = run_field(cell, run, i);
        jsonout_key(j, run_field_name(i));
        put_value(j, &value);
    }
    if (run->figures->is_masked)
        jsonout_field_string(j, "not_judged", MASKED_NOTE);
    if (cell->traces[run->trace].findings.count)
        put_texts(j, "findings", &cell->traces[run->trace].findings);
}

static void put_run(struct jsonout *j, const struct cell *cell, const struct cell_run *run)
{
    jsonout_object(j);
    report_json_run(cell, run, j);
    jsonout_end(j, '}');
}

int report_json_runs(const struct report *report, struct buf *out)
{
    struct jsonout j;
    jsonout_init(&j, out, 2);
    jsonout_object(&j);
    jsonout_key(&j, "runs");
    jsonout_array(&j);
    for (size_t i = 0; i < report->cell_count; i++) {
        for (size_t k = 0; k < report->cells[i].run_count; k++)
            put_run(&j, &report->cells[i], cell_run_at(&report->cells[i], k));
    }
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    return buf_putc(out, '\n');
}
