/* SPDX-License-Identifier: MIT */
/* The fields of one run under their machine-readable names, for JSON and CSV alike. */
#ifndef TOKTAPE_RUN_FIELDS_H
#define TOKTAPE_RUN_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include "analyze/cells.h"

enum field_kind {
    FIELD_NULL,
    FIELD_TRUTH,
    FIELD_COUNT,
    FIELD_REAL,
    FIELD_TEXT,
    FIELD_CAUSES,
    FIELD_EVIDENCE
};

struct field_value {
    enum field_kind kind;
    int truth;
    uint64_t count;                /* FIELD_COUNT */
    double real;                   /* FIELD_REAL */
    const char *text;              /* FIELD_TEXT; borrowed */
    unsigned causes;               /* FIELD_CAUSES: enum invalid_cause bits, shown as a list of names */
    const struct run_figures *run; /* FIELD_EVIDENCE: as analyze/evidence.h shows it; borrowed */
};

size_t run_field_count(void);
const char *run_field_name(size_t field);

/* What was not measured is FIELD_NULL. */
struct field_value run_field(const struct cell *cell, const struct cell_run *run, size_t field);

#endif
