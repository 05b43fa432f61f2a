/* SPDX-License-Identifier: MIT */
/* A row sink that keeps what it gets, for tests of what the sampler tells. */
#ifndef TOKTAPE_TEST_KEPT_ROWS_H
#define TOKTAPE_TEST_KEPT_ROWS_H

#include <stdatomic.h>
#include <stddef.h>

#include "formats/row_sink.h"

#define KEPT_ROWS_MAX 4096
#define KEPT_TEXT     160

struct kept_row {
    enum table_id table;
    union {
        struct series_row series;
        struct sample_row sample;
        struct process_row process;
        struct mark_row mark;
        struct clock_row clock;
    } row;
    char text[3][KEPT_TEXT]; /* its byte columns, in the order of the struct; NULs as '|' */
};

struct kept_rows {
    struct kept_row rows[KEPT_ROWS_MAX];
    atomic_size_t count;
    size_t too_many;
    size_t refuse_series; /* so many series rows are refused first */
};

struct row_sink kept_rows_sink(struct kept_rows *k); /* empties it */

/* Waits until there are at least `count` rows of that table; 0 when that takes over 20 s. */
int kept_rows_wait(struct kept_rows *k, enum table_id table, size_t count);

size_t kept_rows_count(const struct kept_rows *k, enum table_id table);

/* The first series of that name at or behind row *from, which moves behind it; NULL when there is none. */
const struct kept_row *kept_rows_series(const struct kept_rows *k, const char *name, size_t *from);
const struct kept_row *kept_rows_mark(const struct kept_rows *k, const char *kind);

/* The n-th sample of a series (from 0); NULL when there are fewer. */
const struct sample_row *kept_rows_sample(const struct kept_rows *k, uint64_t series, size_t n);
size_t kept_rows_samples(const struct kept_rows *k, uint64_t series);

#endif
