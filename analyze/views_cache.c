/* SPDX-License-Identifier: MIT */
#include "analyze/views_cache.h"

#include <math.h>

#include "analyze/cell_cache.h"
#include "analyze/report_json.h"
#include "analyze/views.h"
#include "analyze/views_findings.h"
#include "formats/jsonout.h"

#define COLUMNS 7

static const struct decimals whole = {DECIMAL_FIXED, 0}, share = {DECIMAL_FIXED, 3};

static const struct {
    const char *key, *header;
    const struct decimals *decimals;
} columns[COLUMNS] = {
    {"prompt_tokens", "prompt", &whole},  {"cached_tokens", "cached", &whole},
    {"prefix_reuse", "reuse", &share},    {"cacheable_tokens", "cacheable", &whole},
    {"hit_rate", "hit", &share},          {"wasted_tokens", "wasted", &whole},
    {"reuse_by_ttft", "by TTFT", &share},
};

static double value_of(const struct phase_figures *phase, size_t column)
{
    const double values[COLUMNS] = {phase->prompt.value,    phase->cached.value,   phase->reuse.value,
                                    phase->cacheable.value, phase->hit_rate.value, phase->wasted.value,
                                    phase->reuse_by_ttft};
    return values[column];
}

static int counts_ids(const struct cell *cell)
{
    return cell->run_count > 0 && cell_run_at(cell, 0)->by_ids;
}

static void add_notes(const struct cell *cell, struct table *table, int estimates)
{
    char name[CACHE_POLICY_NAME];
    table_notef(table, "cacheable: what a cache could have held, by the policy '%s', counted %s",
                cache_policy_name(&cell->policy, name),
                counts_ids(cell) ? "in the engine's token ids" : "in bytes: an estimate");
    table_notef(table,
                "hit: cached \xC3\xB7 cacheable; above 1 is carry-over, which the policy does not allow");
    if (estimates)
        table_notef(table, "by TTFT: reuse estimated for a silent server, 0 as slow as 'cold', 1 as fast as "
                           "'warm', prompts within 10 %% of each other's length");
    if (cell_is_synthetic(cell))
        table_notef(table, SYNTHETIC_NOTE);
}

int view_cache(const struct cell *cell, struct table *table)
{
    int status = TT_OK, estimates = 0;
    table_title(table, cell->id.label);
    table_column(table, "phase", "phase", ALIGN_NONE);
    for (size_t i = 0; i < COLUMNS; i++)
        table_column(table, columns[i].key, columns[i].header, ALIGN_RIGHT);
    for (size_t i = 0; !status && i < cell->phases.count; i++) {
        struct phase_figures phase;
        status = cell_phase(cell, i, &phase);
        if (status)
            break;
        table_row(table);
        table_text(table, phase.name, STYLE_NONE);
        for (size_t k = 0; k < COLUMNS; k++)
            table_number(table, value_of(&phase, k), 1, *columns[k].decimals, STYLE_NONE);
        estimates |= !isnan(phase.reuse_by_ttft);
    }
    add_notes(cell, table, estimates);
    return status ? status : table_status(table);
}

static void add_flat_phase(const struct cell *cell, const struct phase_figures *phase, struct table *table)
{
    char name[CACHE_POLICY_NAME];
    table_row(table);
    view_flat_cell(cell, table);
    table_text(table, cache_policy_name(&cell->policy, name), STYLE_NONE);
    table_text(table, counts_ids(cell) ? "ids" : "bytes", STYLE_NONE);
    table_text(table, phase->name, STYLE_NONE);
    for (size_t k = 0; k < COLUMNS; k++)
        table_number(table, value_of(phase, k), 1, share, STYLE_NONE);
}

int view_flat_cache(const struct report *report, struct table *table)
{
    static const char *const names[] = {"policy", "counted_in", "phase"};
    int status = TT_OK;
    view_flat_cell_columns(table);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        table_column(table, names[i], names[i], ALIGN_NONE);
    for (size_t i = 0; i < COLUMNS; i++)
        table_column(table, columns[i].key, columns[i].key, ALIGN_RIGHT);
    int has_findings = view_findings_column(report, table);
    for (size_t i = 0; i < report->cell_count; i++) {
        for (size_t k = 0; !status && k < report->cells[i].phases.count; k++) {
            struct phase_figures phase;
            status = cell_phase(&report->cells[i], k, &phase);
            if (!status)
                add_flat_phase(&report->cells[i], &phase, table);
            if (!status && has_findings)
                view_findings_of_cell(&report->cells[i], table);
        }
    }
    return status ? status : table_status(table);
}

static int put_cell(struct jsonout *j, const struct cell *cell)
{
    char name[CACHE_POLICY_NAME];
    int status = TT_OK;
    jsonout_field_string(j, "policy", cache_policy_name(&cell->policy, name));
    jsonout_field_string(j, "counted_in", counts_ids(cell) ? "ids" : "bytes");
    jsonout_key(j, "phases");
    jsonout_array(j);
    for (size_t i = 0; !status && i < cell->phases.count; i++) {
        struct phase_figures phase;
        status = cell_phase(cell, i, &phase);
        if (status)
            break;
        jsonout_object(j);
        jsonout_field_string(j, "phase", phase.name);
        for (size_t k = 0; k < COLUMNS; k++)
            jsonout_field_number(j, columns[k].key, value_of(&phase, k));
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
    return status;
}

int report_json_cache(const struct report *report, struct buf *out)
{
    return report_json_cells(report, put_cell, out);
}
