/* SPDX-License-Identifier: MIT */
/* What the recorder found amiss with its measurement, in every table that shows its figures. */
#include "analyze/views_findings.h"

int view_findings(const struct cell *cell, struct table *table)
{
    struct text_list findings = {0};
    int status = cell_findings(cell, &findings);
    for (size_t i = 0; !status && i < findings.count; i++)
        table_notef(table, "%s", findings.items[i]);
    text_list_release(&findings);
    return status ? status : table_status(table);
}

int view_findings_column(const struct report *report, struct table *table)
{
    for (size_t i = 0; i < report->cell_count; i++) {
        for (size_t k = 0; k < report->cells[i].trace_count; k++) {
            if (report->cells[i].traces[k].findings.count == 0)
                continue;
            table_column(table, "findings", "findings", ALIGN_NONE);
            return 1;
        }
    }
    return 0;
}

void view_findings_cell(const struct text_list *findings, struct table *table)
{
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < findings->count; i++)
        buf_printf(&text, "%s%s", i ? "; " : "", findings->items[i]);
    if (findings->count)
        table_built(table, &text, STYLE_NONE);
    else
        table_absent(table);
}

void view_findings_of_cell(const struct cell *cell, struct table *table)
{
    struct text_list findings = {0};
    if (cell_findings(cell, &findings))
        table->status = TT_NOMEM;
    view_findings_cell(&findings, table);
    text_list_release(&findings);
}
