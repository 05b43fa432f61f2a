/* SPDX-License-Identifier: MIT */
/* Conditions that a program fails on: "decode slower 2%". Each has a one-sided test of its own. */
#ifndef TOKTAPE_COMPARE_FAIL_ON_H
#define TOKTAPE_COMPARE_FAIL_ON_H

#include "analyze/compare_table.h"
#include "formats/error.h"

struct fail_clause {
    const char *text;   /* as it was given; borrowed */
    enum compare_id id; /* a headline metric */
    int sign;           /* of the shift that is looked for */
    double limit;       /* fraction that the estimate has at least */

    /* Filled by fail_clauses_test. */
    double p, alpha; /* NAN: there is no test */
    double shift;
    int is_tested, has_fired;
};

#define FAIL_CLAUSES_MAX 32

/* "METRIC slower|faster|more|less N%". TT_USAGE. */
int fail_clause_parse(struct fail_clause *clause, const char *text, struct error *e);

/* Tests each at 5 % ÷ count: fired when significant and the estimate is at least the limit. Where nothing
 * varies the difference itself decides. Returns whether any has fired. */
int fail_clauses_test(struct fail_clause *clauses, size_t count, const struct compare_table *table);

#endif
