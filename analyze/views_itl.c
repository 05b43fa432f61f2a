/* SPDX-License-Identifier: MIT */
#include "analyze/views_itl.h"

#include <math.h>

#include "analyze/cell_itl.h"
#include "analyze/report_json.h"
#include "analyze/views.h"
#include "analyze/views_findings.h"
#include "formats/jsonout.h"

#define FIGURES (2 * ITL_PERCENTILES + 1)

static const struct decimals whole = {DECIMAL_FIXED, 0}, two = {DECIMAL_FIXED, 2}, shown = {DECIMAL_FIXED, 3};

/* In the order of figures_of. */
static const struct {
    const char *key, *header;
} columns[FIGURES] = {
    {"itl_p50_ms", "ITL p50"},   {"itl_p90_ms", "ITL p90"},   {"itl_p95_ms", "ITL p95"},
    {"itl_p99_ms", "ITL p99"},   {"step_p50_ms", "step p50"}, {"step_p90_ms", "step p90"},
    {"step_p95_ms", "step p95"}, {"step_p99_ms", "step p99"}, {"tokens_per_step", "tok/step"},
};

static void figures_of(const struct itl_phase *phase, const struct figure *figures[FIGURES])
{
    for (int i = 0; i < ITL_PERCENTILES; i++) {
        figures[i] = &phase->itl[i];
        figures[ITL_PERCENTILES + i] = &phase->step[i];
    }
    figures[FIGURES - 1] = &phase->tokens_per_step;
}

/* "timings", or "timings 4, even_split 1" where runs differ. */
static void source_text(const struct itl_phase *phase, struct buf *text)
{
    uint64_t all = 0;
    for (int i = 0; i <= TOKENS_EVEN_SPLIT; i++)
        all += phase->sources[i];
    for (int i = 0; i <= TOKENS_EVEN_SPLIT; i++) {
        if (!phase->sources[i])
            continue;
        buf_printf(text, "%s%s", text->len ? ", " : "", token_source_name((enum token_source)i));
        if (phase->sources[i] < all)
            buf_printf(text, " %llu", (unsigned long long)phase->sources[i]);
    }
}

static void add_phase(const struct itl_phase *phase, struct table *table)
{
    const struct figure *figures[FIGURES];
    struct buf source = BUF_INIT;
    int only_early = phase->valid > 0 && phase->early == phase->valid;
    figures_of(phase, figures);
    table_row(table);
    struct buf name = BUF_INIT;
    buf_printf(&name, "%s%s", phase->name, only_early ? " *" : "");
    table_built(table, &name, STYLE_NONE);
    for (size_t i = 0; i < FIGURES; i++)
        table_number(table, figures[i]->value, 1, two, STYLE_NONE);
    source_text(phase, &source);
    table_built(table, &source, STYLE_NONE);
}

static const char *explanation(enum itl_policy policy)
{
    static const char *const texts[ITL_POLICIES] = {
        [ITL_EVEN] = "shared evenly by the tokens of the later read",
        [ITL_ZERO] = "for the first token of the later read; 0 for its others",
        [ITL_STEP] = "one sample each, however many tokens",
    };
    return texts[policy];
}

int view_itl(const struct cell *cell, struct table *table)
{
    int status = TT_OK, any_early = 0;
    table_title(table, cell->id.label);
    table_column(table, "phase", "phase", ALIGN_NONE);
    for (size_t i = 0; i < FIGURES; i++)
        table_column(table, columns[i].key, columns[i].header, ALIGN_RIGHT);
    table_column(table, "token_source", "tokens from", ALIGN_NONE);
    for (size_t i = 0; !status && i < cell->phases.count; i++) {
        struct itl_phase phase;
        status = cell_itl(cell, i, &phase);
        if (!status)
            add_phase(&phase, table);
        any_early |= !status && phase.valid > 0 && phase.early == phase.valid;
    }
    table_notef(table,
                "ITL: ms between reads that brought tokens, %s; each figure is the median of the valid runs'",
                explanation(cell->itl));
    table_notef(table, "step: a read that brought tokens, with speculative decoding a burst of them");
    if (any_early)
        table_notef(table, ONLY_EARLY_NOTE);
    if (cell_is_synthetic(cell))
        table_notef(table, SYNTHETIC_NOTE);
    return status ? status : table_status(table);
}

static void add_flat_run(const struct cell *cell, const struct cell_run *run, struct table *table)
{
    const struct run_figures *f = run->figures;
    table_row(table);
    view_flat_cell(cell, table);
    table_text(table, cell->traces[run->trace].path, STYLE_NONE);
    table_text(table, cell_phase_name(cell, run), STYLE_NONE);
    table_number(table, (double)f->repeat, 1, whole, STYLE_NONE);
    table_text(table, cell_run_is_valid(run) ? "true" : "false", STYLE_NONE);
    table_text(table, itl_policy_name(cell->itl), STYLE_NONE);
    for (int i = 0; i < ITL_PERCENTILES; i++)
        table_number(table, f->itl_ms[cell->itl][i], 1, shown, STYLE_NONE);
    for (int i = 0; i < ITL_PERCENTILES; i++)
        table_number(table, f->itl_ms[ITL_STEP][i], 1, shown, STYLE_NONE);
    table_number(table, run_tokens_per_step(run), 1, shown, STYLE_NONE);
    table_text(table, token_source_name(f->token_source), STYLE_NONE);
}

int view_flat_itl(const struct report *report, struct table *table)
{
    static const char *const before[] = {"trace", "phase", "repeat", "valid", "itl_policy"};
    view_flat_cell_columns(table);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
        table_column(table, before[i], before[i], ALIGN_NONE);
    for (size_t i = 0; i < FIGURES; i++)
        table_column(table, columns[i].key, columns[i].key, ALIGN_RIGHT);
    table_column(table, "token_source", "token_source", ALIGN_NONE);
    int has_findings = view_findings_column(report, table);
    for (size_t i = 0; i < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        for (size_t k = 0; k < cell->run_count; k++) {
            add_flat_run(cell, cell_run_at(cell, k), table);
            if (has_findings)
                view_findings_cell(&cell->traces[cell_run_at(cell, k)->trace].findings, table);
        }
    }
    return table_status(table);
}

static void put_figures(struct jsonout *j, const struct figure *const figures[FIGURES], int spread)
{
    for (size_t i = 0; i < FIGURES; i++)
        jsonout_field_number(j, columns[i].key, spread ? figures[i]->spread : figures[i]->value);
}

static void put_phase(struct jsonout *j, const struct itl_phase *phase)
{
    const struct figure *figures[FIGURES];
    figures_of(phase, figures);
    jsonout_object(j);
    jsonout_field_string(j, "phase", phase->name);
    jsonout_field_u64(j, "runs_total", phase->total);
    jsonout_field_u64(j, "runs_valid", phase->valid);
    jsonout_field_u64(j, "early_stop", phase->early);
    put_figures(j, figures, 0);
    jsonout_key(j, "spread");
    jsonout_object(j);
    put_figures(j, figures, 1);
    jsonout_end(j, '}');
    jsonout_key(j, "token_sources");
    jsonout_object(j);
    for (int i = 0; i <= TOKENS_EVEN_SPLIT; i++) {
        if (phase->sources[i])
            jsonout_field_u64(j, token_source_name((enum token_source)i), phase->sources[i]);
    }
    jsonout_end(j, '}');
    jsonout_end(j, '}');
}

static int put_cell(struct jsonout *j, const struct cell *cell)
{
    int status = TT_OK;
    jsonout_field_string(j, "itl_policy", itl_policy_name(cell->itl));
    jsonout_key(j, "phases");
    jsonout_array(j);
    for (size_t i = 0; !status && i < cell->phases.count; i++) {
        struct itl_phase phase;
        status = cell_itl(cell, i, &phase);
        if (!status)
            put_phase(j, &phase);
    }
    jsonout_end(j, ']');
    return status;
}

int report_json_itl(const struct report *report, struct buf *out)
{
    return report_json_cells(report, put_cell, out);
}
