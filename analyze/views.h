/* SPDX-License-Identifier: MIT */
/* The tables that `report` shows, made from judged rows and from cells. All return TT_OK, TT_NOMEM or
 * TT_LIMIT, and the table is released by the caller in every case. */
#ifndef TOKTAPE_VIEWS_H
#define TOKTAPE_VIEWS_H

#include "analyze/report.h"
#include "analyze/table.h"

/* The rows of a block in tiers, with the profile's columns and titles. */
int view_tiers(const struct gates *gates, const struct report_row *rows, size_t count, int short_titles,
               struct table *table);

/* Every figure of the rows of a block in one line each, without tiers. */
int view_grid(const struct report_row *rows, size_t count, struct table *table);

#define ONLY_EARLY_NOTE "phases with * have only answers below half of max_tokens; their figures are of those"

/* How many of a phase's runs are valid, as a cell. */
void view_phase_share(const struct phase_figures *phase, struct table *table);

/* The phases of one cell. */
int view_phases(const struct cell *cell, struct table *table);

/* The runs of one cell. */
int view_runs(const struct cell *cell, struct table *table);

/* The same data for machines: one table over the whole report, with all columns that tell the lines apart. */
/* The columns "cell", "label" and "synthetic", and what a line of the cell has there: with them begins every
 * table for machines that is not of tiers, phases or runs. */
void view_flat_cell_columns(struct table *table);
void view_flat_cell(const struct cell *cell, struct table *table);

int view_flat_rows(const struct gates *gates, const struct report *report, struct table *table);
int view_flat_phases(const struct report *report, struct table *table);
int view_flat_runs(const struct report *report, struct table *table);

/* Its columns, but the findings, and the cells of one run in a line that is begun. */
void view_flat_run_columns(struct table *table);
void view_flat_run(const struct cell *cell, const struct cell_run *run, struct table *table);

/* What the rows' notes say, each sentence once with the labels it is about. */
int view_notes(const struct report_row *rows, size_t count, struct table *table);

#endif
