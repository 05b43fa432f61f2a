/* SPDX-License-Identifier: MIT */
#include "formats/trace_check_rows.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"

#define JUMP_S 0.05 /* clocks that drift apart by more did not drift */

static void tell(struct check_rows *r, enum check_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void tell(struct check_rows *r, enum check_severity severity, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    r->found(r->context, severity, text);
}

void check_rows_init(struct check_rows *r,
                     void (*found)(void *context, enum check_severity, const char *text), void *context)
{
    memset(r, 0, sizeof *r);
    r->found = found;
    r->context = context;
    r->numer = r->denom = 1;
}

void check_rows_release(struct check_rows *r)
{
    mem_free(r->runs);
    r->runs = NULL;
}

void check_rows_clock(struct check_rows *r, uint64_t numer, uint64_t denom)
{
    int is_sane = numer && denom && numer != ABSENT && denom != ABSENT;
    r->numer = is_sane ? numer : 1;
    r->denom = is_sane ? denom : 1;
}

void check_rows_gap(struct check_rows *r)
{
    r->has_gap = 1;
}

/* A run that began, or NULL, which was said unless it may have begun where blocks are missing. */
static struct check_run *find_run(struct check_rows *r, uint64_t run, const char *who)
{
    if (run < r->run_count && r->runs[run].t_start != ABSENT)
        return &r->runs[run];
    if (!r->has_gap && run < CHECK_RUNS_MAX)
        tell(r, CHECK_ERROR, "%s names run %llu, which never began", who, (unsigned long long)run);
    return NULL;
}

static int begin_run(struct check_rows *r, const struct run_row *row)
{
    if (row->run >= CHECK_RUNS_MAX)
        return TT_OK;
    if (mem_grow(&r->runs, &r->run_capacity, (size_t)row->run + 1, sizeof *r->runs))
        return TT_NOMEM;
    while (r->run_count <= row->run)
        r->runs[r->run_count++] = (struct check_run){.t_start = ABSENT, .t_last = ABSENT};
    struct check_run *run = &r->runs[row->run];
    if (run->t_start != ABSENT)
        tell(r, CHECK_ERROR, "run %llu begins a second time", (unsigned long long)row->run);
    *run = (struct check_run){.t_start = row->t_start, .t_last = row->t_start};
    if (row->body != ABSENT && row->body >= r->bodies && !r->has_gap)
        tell(r, CHECK_ERROR, "run %llu names body %llu, which is not there", (unsigned long long)row->run,
             (unsigned long long)row->body);
    if (row->t_intended != ABSENT && row->t_start != ABSENT && row->t_intended > row->t_start)
        tell(r, CHECK_WARNING, "run %llu starts before it was meant to", (unsigned long long)row->run);
    return TT_OK;
}

/* A read, or an arrival of an import. */
static void take_piece(struct check_rows *r, const char *what, uint64_t number, uint64_t t)
{
    struct check_run *run = find_run(r, number, what);
    if (!run)
        return;
    if (run->is_over)
        tell(r, CHECK_ERROR, "run %llu has %s behind its end", (unsigned long long)number, what);
    if (t < run->t_last)
        tell(r, CHECK_WARNING, "run %llu: time goes backwards at %s", (unsigned long long)number, what);
    run->t_last = t;
}

static void take_read(struct check_rows *r, const struct read_row *row)
{
    take_piece(r, "a read", row->run, row->t);
}

static void take_arrival(struct check_rows *r, const struct arrival_row *row)
{
    take_piece(r, "an arrival", row->run, row->t);
}

static void take_given(struct check_rows *r, const struct given_row *row)
{
    struct check_run *run = find_run(r, row->run, "a row of given figures");
    if (run && run->is_over)
        tell(r, CHECK_ERROR, "run %llu has given figures behind its end", (unsigned long long)row->run);
}

/* Lengths that are none make the row useless, and so does a token without text. */
static int are_lengths(struct bytes lengths)
{
    uint64_t length = 1;
    while (lengths.len && length) {
        if (take_uvarint(&lengths, &length))
            return 0;
    }
    return length > 0;
}

static void take_pieces(struct check_rows *r, const struct pieces_row *row)
{
    struct check_run *run = find_run(r, row->run, "a row of pieces");
    if (!run)
        return;
    if (run->is_over)
        tell(r, CHECK_ERROR, "run %llu has pieces behind its end", (unsigned long long)row->run);
    if (run->has_pieces)
        tell(r, CHECK_ERROR, "run %llu has pieces a second time", (unsigned long long)row->run);
    if (!are_lengths(row->lengths))
        tell(r, CHECK_ERROR, "run %llu: its pieces are no lengths of tokens", (unsigned long long)row->run);
    run->has_pieces = 1;
}

static int is_before(uint64_t a, uint64_t b)
{
    return a != ABSENT && b != ABSENT && a < b;
}

static void end_run(struct check_rows *r, const struct run_end_row *row)
{
    struct check_run *run = find_run(r, row->run, "a run's end");
    if (!run)
        return;
    if (run->is_over)
        tell(r, CHECK_ERROR, "run %llu ends a second time", (unsigned long long)row->run);
    run->is_over = 1;
    if (is_before(row->t_connected, run->t_start) || is_before(row->t_sent, row->t_connected) ||
        is_before(row->t_header, row->t_connected) || is_before(row->t_close, row->t_connected) ||
        is_before(row->t_close, row->t_header) || is_before(row->t_close, run->t_last))
        tell(r, CHECK_WARNING, "run %llu: its times are not in order", (unsigned long long)row->run);
}

static void take_sample(struct check_rows *r, const struct sample_row *row)
{
    if (row->series >= r->series && !r->has_gap)
        tell(r, CHECK_ERROR, "a sample names series %llu, which was not declared",
             (unsigned long long)row->series);
}

/* How far two clocks have moved apart since the trace began, in seconds, tells sleep and steps whatever the
 * order of the rows, which come from more than one thread. */
static void take_clock(struct check_rows *r, const struct clock_row *row)
{
    double native = (double)row->native * (double)r->numer / (double)r->denom;
    double sleep = ((double)row->through_sleep_ns - native) / 1e9;
    double wall = ((double)row->realtime_ns - (double)row->through_sleep_ns) / 1e9;
    if (!r->has_clock) {
        r->has_clock = 1;
        r->sleep_zero = sleep;
        r->wall_zero = wall;
    }
    double slept = sleep - r->sleep_zero, stepped = wall - r->wall_zero;
    if (fabs(slept - r->slept_s) > JUMP_S) {
        tell(r, CHECK_WARNING,
             "the clock that runs through sleep moved by %+.3f s against the recorder's since the beginning",
             slept);
        r->slept_s = slept;
    }
    if (fabs(stepped - r->stepped_s) > JUMP_S) {
        tell(r, CHECK_NOTE, "the wall clock was set: %+.3f s in all since the beginning", stepped);
        r->stepped_s = stepped;
    }
}

static int take_runs(struct check_rows *r, const struct rows *rows)
{
    struct run_row row;
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(rows) && !status; i++) {
        rows_get(rows, i, &row);
        status = begin_run(r, &row);
    }
    return status;
}

#define FOR_EACH(table, type, take)                                                                          \
    do {                                                                                                     \
        const struct rows *rows = payload_rows(payload, table);                                              \
        struct type row;                                                                                     \
        for (size_t i = 0; i < rows_count(rows); i++) {                                                      \
            rows_get(rows, i, &row);                                                                         \
            take(r, &row);                                                                                   \
        }                                                                                                    \
    } while (0)

/* Within a block the order of rows of different tables is not known: what is named comes first. */
int check_rows_block(struct check_rows *r, const struct payload *payload)
{
    r->segments += rows_count(payload_rows(payload, TABLE_SEGMENT));
    r->bodies += rows_count(payload_rows(payload, TABLE_BODY));
    r->series += rows_count(payload_rows(payload, TABLE_SERIES));
    int status = take_runs(r, payload_rows(payload, TABLE_RUN));
    if (status)
        return status;
    FOR_EACH(TABLE_READ, read_row, take_read);
    FOR_EACH(TABLE_ARRIVAL, arrival_row, take_arrival);
    FOR_EACH(TABLE_GIVEN, given_row, take_given);
    FOR_EACH(TABLE_PIECES, pieces_row, take_pieces);
    FOR_EACH(TABLE_RUN_END, run_end_row, end_run);
    FOR_EACH(TABLE_SAMPLE, sample_row, take_sample);
    FOR_EACH(TABLE_CLOCK, clock_row, take_clock);
    return TT_OK;
}
