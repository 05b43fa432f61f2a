/* SPDX-License-Identifier: MIT */
#include "kept_rows.h"

#include <string.h>

#include "formats/error.h"
#include "record/clock.h"

static void keep_text(char to[KEPT_TEXT], struct bytes from)
{
    size_t n = from.len < KEPT_TEXT - 1 ? from.len : KEPT_TEXT - 1;
    for (size_t i = 0; i < n; i++)
        to[i] = from.data[i] ? (char)from.data[i] : '|';
    to[n] = '\0';
}

static void keep(struct kept_row *to, enum table_id table, const void *row)
{
    memset(to, 0, sizeof *to);
    to->table = table;
    memcpy(&to->row, row, schema_table((uint64_t)table)->row_size);
    if (table == TABLE_SERIES) {
        keep_text(to->text[0], to->row.series.source);
        keep_text(to->text[1], to->row.series.name);
        keep_text(to->text[2], to->row.series.unit);
    } else if (table == TABLE_PROCESS) {
        keep_text(to->text[0], to->row.process.role);
        keep_text(to->text[1], to->row.process.executable);
        keep_text(to->text[2], to->row.process.arguments);
    } else if (table == TABLE_MARK) {
        keep_text(to->text[0], to->row.mark.kind);
        keep_text(to->text[1], to->row.mark.text);
    }
}

static int take_row(void *context, enum table_id table, const void *row)
{
    struct kept_rows *k = context;
    size_t count = atomic_load(&k->count);
    if (table == TABLE_SERIES && k->refuse_series) {
        k->refuse_series--;
        return TT_LIMIT;
    }
    if (count == KEPT_ROWS_MAX) {
        k->too_many++;
        return TT_OK;
    }
    keep(&k->rows[count], table, row);
    atomic_store(&k->count, count + 1);
    return TT_OK;
}

struct row_sink kept_rows_sink(struct kept_rows *k)
{
    memset(k, 0, sizeof *k);
    return (struct row_sink){take_row, k};
}

size_t kept_rows_count(const struct kept_rows *k, enum table_id table)
{
    size_t found = 0;
    for (size_t i = 0; i < atomic_load(&k->count); i++)
        found += k->rows[i].table == table;
    return found;
}

int kept_rows_wait(struct kept_rows *k, enum table_id table, size_t count)
{
    for (int tries = 0; tries < 2000; tries++) {
        if (kept_rows_count(k, table) >= count)
            return 1;
        clock_sleep_until(clock_ticks() + clock_ns_to_ticks(10000000));
    }
    return 0;
}

const struct kept_row *kept_rows_series(const struct kept_rows *k, const char *name, size_t *from)
{
    for (; *from < atomic_load(&k->count); ++*from) {
        const struct kept_row *r = &k->rows[*from];
        if (r->table == TABLE_SERIES && strcmp(r->text[1], name) == 0) {
            ++*from;
            return r;
        }
    }
    return NULL;
}

const struct kept_row *kept_rows_mark(const struct kept_rows *k, const char *kind)
{
    for (size_t i = 0; i < atomic_load(&k->count); i++) {
        if (k->rows[i].table == TABLE_MARK && strcmp(k->rows[i].text[0], kind) == 0)
            return &k->rows[i];
    }
    return NULL;
}

const struct sample_row *kept_rows_sample(const struct kept_rows *k, uint64_t series, size_t n)
{
    for (size_t i = 0; i < atomic_load(&k->count); i++) {
        const struct kept_row *r = &k->rows[i];
        if (r->table == TABLE_SAMPLE && r->row.sample.series == series && n-- == 0)
            return &r->row.sample;
    }
    return NULL;
}

size_t kept_rows_samples(const struct kept_rows *k, uint64_t series)
{
    size_t n = 0;
    while (kept_rows_sample(k, series, n))
        n++;
    return n;
}
