/* SPDX-License-Identifier: MIT */
/* Gates profiles: which figures a row must have, how rows are put into tiers, and how the table of them
 * looks.
 *
 * A profile is a JSON document; `toktape report --print-gates` shows the built-in one as an example. What was
 * not measured never fails a gate. */
#ifndef TOKTAPE_GATES_H
#define TOKTAPE_GATES_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "analyze/decimal.h"
#include "analyze/row.h"
#include "analyze/table.h"
#include "formats/error.h"

#define GATES_DEFAULT     "docs-2026-06"
#define GATES_FILE_MAX    ((size_t)64 << 10)
#define GATE_RULES_MAX    8
#define GATES_COLUMNS_MAX 32
#define GATES_TIERS       4
#define GATES_MARKS       4

enum gate_test { GATE_BELOW, GATE_ABOVE, GATE_EQUALS };

/* The value fails when it is below, above or equal to the limit. */
struct gate_rule {
    enum gate_test test;
    double limit;
    enum gate_level level;
    const char *remark; /* NULL, or words added to the sentence of a failure */
};

struct gate {
    const char *name, *title, *unit; /* "ttft", "TTFT", " ms" */
    enum metric metric;
    struct gate_rule rules[GATE_RULES_MAX];
    size_t rule_count;
};

enum gates_column_kind { COLUMN_MARK, COLUMN_LABEL, COLUMN_METRIC };

struct gates_column {
    const char *name, *header;
    enum gates_column_kind kind;
    enum metric metric; /* COLUMN_METRIC only */
    struct decimals decimals;
    double divisor; /* 2^30 where the table shows GiB, else 1 */
    enum table_align align;
    int strike, blank; /* in eliminated rows */
};

/* Strings are borrowed from the document. */
struct gates {
    cJSON *document;
    char *text; /* the profile as it was read */
    const char *name;
    struct gate gates[ROW_GATES_MAX];
    size_t gate_count;
    double fast_share;   /* tier 1 needs this share of the best decode */
    uint64_t star_needs; /* bit 1 << metric: must be measured for the winner's mark */
    struct {
        const char *long_title, *short_title;
    } tiers[GATES_TIERS];
    const char *marks[GATES_MARKS]; /* by enum row_mark */
    struct gates_column columns[GATES_COLUMNS_MAX];
    size_t column_count;
};

/* The built-in profile of that name, else the file of that name. Release with gates_release, also after a
 * failure. */
int gates_open(struct gates *gates, const char *name_or_path, struct error *e);
int gates_parse(struct gates *gates, const char *text, size_t len, struct error *e);
void gates_release(struct gates *gates);

/* The text of a built-in profile, NULL when there is none of that name. */
const char *gates_builtin(const char *name);

/* Fills the verdict of every row of one block and puts the rows in the table's order: by tier, then decode
 * falling (absent last), label and content id. Returns TT_OK or TT_NOMEM. */
int gates_judge(const struct gates *gates, struct report_row *rows, size_t count);

/* The verdict of one row in one sentence: "eliminated: valid 75 % is below 80 %". Returns out->failed. */
int gates_verdict(const struct report_row *row, struct buf *out);

const char *gate_level_name(enum gate_level level); /* "not_measured", "pass", "reserve", "eliminated" */

#endif
