/* SPDX-License-Identifier: MIT */
#include "analyze/views_depth.h"

#include "analyze/cell_depth.h"
#include "analyze/report_json.h"
#include "analyze/views.h"
#include "analyze/views_findings.h"
#include "formats/alloc.h"
#include "formats/jsonout.h"

static const struct decimals whole = {DECIMAL_FIXED, 0}, one = {DECIMAL_FIXED, 1};

static void add_bin(const struct depth_bin *bin, struct table *table)
{
    table_row(table);
    table_number(table, (double)bin->depth, 1, whole, STYLE_NONE);
    table_number(table, bin->rate.value, 1, one, STYLE_NONE);
    table_number(table, bin->rate.spread, 1, one, STYLE_NONE);
    table_number(table, (double)bin->rate.n, 1, whole, STYLE_NONE);
    table_number(table, bin->tokens, 1, whole, STYLE_NONE);
}

int view_depth(const struct cell *cell, struct table *table)
{
    static const char *const columns[][2] = {{"depth_tokens", "depth"},
                                             {"decode_tok_s", "dec t/s"},
                                             {"decode_spread", "\xC2\xB1 %"},
                                             {"runs", "runs"},
                                             {"tokens", "tokens"}};
    struct depth_bin *bins;
    size_t count;
    int status = cell_depth(cell, &bins, &count);
    table_title(table, cell->id.label);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        table_column(table, columns[i][0], columns[i][1], ALIGN_RIGHT);
    for (size_t i = 0; i < count; i++)
        add_bin(&bins[i], table);
    table_notef(table,
                "depth: tokens in the context, from this many to %d more; valid runs with at least %d "
                "tokens there",
                DEPTH_BIN, DEPTH_MIN_TOKENS);
    if (cell_is_synthetic(cell))
        table_notef(table, SYNTHETIC_NOTE);
    mem_free(bins);
    return status ? status : table_status(table);
}

static void add_flat_point(const struct cell *cell, const struct cell_depth_point *depth, struct table *table)
{
    static const struct decimals shown = {DECIMAL_FIXED, 3};
    const double numbers[] = {(double)depth->repeat, (double)depth->point.depth, depth->point.tokens,
                              depth->point.window_ms, depth_rate(&depth->point)};
    table_row(table);
    view_flat_cell(cell, table);
    table_text(table, cell->traces[depth->trace].path, STYLE_NONE);
    table_text(table, cell->phases.items[depth->phase], STYLE_NONE);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        table_number(table, numbers[i], 1, shown, STYLE_NONE);
}

int view_flat_depth(const struct report *report, struct table *table)
{
    static const char *const columns[] = {"trace",  "phase",     "repeat",      "depth_tokens",
                                          "tokens", "window_ms", "decode_tok_s"};
    view_flat_cell_columns(table);
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        table_column(table, columns[i], columns[i], ALIGN_NONE);
    int has_findings = view_findings_column(report, table);
    for (size_t i = 0; i < report->cell_count; i++) {
        const struct cell *cell = &report->cells[i];
        for (size_t k = 0; k < cell->depth_count; k++) {
            const struct cell_depth_point *depth = cell_depth_at(cell, k);
            add_flat_point(cell, depth, table);
            if (has_findings)
                view_findings_cell(&cell->traces[depth->trace].findings, table);
        }
    }
    return table_status(table);
}

static void put_bin(struct jsonout *j, const struct depth_bin *bin)
{
    jsonout_object(j);
    jsonout_field_u64(j, "depth_tokens", bin->depth);
    jsonout_field_number(j, "decode_tok_s", bin->rate.value);
    jsonout_field_number(j, "spread", bin->rate.spread);
    jsonout_field_u64(j, "n", bin->rate.n);
    jsonout_field_number(j, "tokens", bin->tokens);
    jsonout_end(j, '}');
}

static void put_point(struct jsonout *j, const struct cell *cell, const struct cell_depth_point *depth)
{
    jsonout_object(j);
    jsonout_field_string(j, "trace", cell->traces[depth->trace].path);
    jsonout_field_u64(j, "repeat", depth->repeat);
    jsonout_field_string(j, "phase", cell->phases.items[depth->phase]);
    jsonout_field_u64(j, "depth_tokens", depth->point.depth);
    jsonout_field_number(j, "tokens", depth->point.tokens);
    jsonout_field_number(j, "window_ms", depth->point.window_ms);
    jsonout_field_number(j, "decode_tok_s", depth_rate(&depth->point));
    jsonout_end(j, '}');
}

static int put_cell(struct jsonout *j, const struct cell *cell)
{
    struct depth_bin *bins;
    size_t count;
    int status = cell_depth(cell, &bins, &count);
    jsonout_field_u64(j, "bin_tokens", DEPTH_BIN);
    jsonout_key(j, "depths");
    jsonout_array(j);
    for (size_t i = 0; i < count; i++)
        put_bin(j, &bins[i]);
    jsonout_end(j, ']');
    jsonout_key(j, "points");
    jsonout_array(j);
    for (size_t i = 0; i < cell->depth_count; i++)
        put_point(j, cell, cell_depth_at(cell, i));
    jsonout_end(j, ']');
    mem_free(bins);
    return status;
}

int report_json_depth(const struct report *report, struct buf *out)
{
    return report_json_cells(report, put_cell, out);
}
