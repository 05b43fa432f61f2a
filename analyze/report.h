/* SPDX-License-Identifier: MIT */
/* From traces to judged rows in blocks.
 *
 *   report_init → report_add for each trace (which may then be released) → report_finish → blocks, cells
 */
#ifndef TOKTAPE_REPORT_H
#define TOKTAPE_REPORT_H

#include "analyze/cells.h"
#include "analyze/gates.h"

/* Rows that may be compared. Rows are in the table's order after report_finish. */
struct report_block {
    const struct identity *id; /* of its first cell: machine, chip, RAM, power mode, quantisation class */
    char *title;
    struct report_row *rows;
    size_t row_count, row_capacity;
};

struct report {
    struct cache_policy
        policy;              /* for cacheable tokens and hit rates of single runs; set it before report_add */
    enum itl_policy itl;     /* of the inter-token latencies that are shown; set it before report_add */
    unsigned block_by;       /* enum block_by; report_init sets the usual ones */
    struct text_list labels; /* "key=value": win over the traces' labels */
    struct text_list warnings; /* sentences for standard error */
    struct cell *cells;        /* in order of appearance */
    size_t cell_count, cell_capacity;
    struct report_block *blocks; /* in order of appearance; report_finish makes them */
    size_t block_count, block_capacity;
};

void report_init(struct report *report);
void report_release(struct report *report);

/* Names the model or the machine in all rows, whatever the traces say: "model=NAME", "machine=NAME"; before
 * the first report_add. TT_USAGE for anything else. */
int report_label(struct report *report, const char *label, struct error *e);

/* Names from a JSON file {"models": {"file or id": "Name"}, "machines": {"name": "Name"}}; they stand behind
 * --label and the traces' own labels. Before the first report_add. TT_USAGE, or what reading gave. */
int report_names(struct report *report, const char *path, struct error *e);

/* Pools the trace with the earlier ones of its cell, which share its runs from now on. The same recording
 * given twice counts once, with a warning. TT_OK or TT_NOMEM. */
int report_add(struct report *report, const struct tape *tape, struct error *e);

/* Computes and judges all rows. TT_OK or TT_NOMEM. */
int report_finish(struct report *report, const struct gates *gates, struct error *e);

/* True when any row is eliminated; when any trace was incomplete or repaired. */
int report_has_failed_gate(const struct report *report);
int report_is_partial(const struct report *report);

#endif
