/* SPDX-License-Identifier: MIT */
#include "formats/trace_repair_runs.h"

#include <string.h>

#include "formats/alloc.h"

#define RUNS_MAX ((uint64_t)65536) /* more are not told apart */

enum { RUN_UNSEEN, RUN_OPEN, RUN_ENDED, RUN_HURT };

void repair_runs_init(struct repair_runs *r)
{
    memset(r, 0, sizeof *r);
    r->t_first = r->t_last = ABSENT;
}

void repair_runs_release(struct repair_runs *r)
{
    mem_free(r->states);
}

static int state_of(struct repair_runs *r, uint64_t run, unsigned char **state)
{
    *state = NULL;
    if (run >= RUNS_MAX)
        return TT_OK;
    if (mem_grow(&r->states, &r->capacity, (size_t)run + 1, sizeof *r->states))
        return TT_NOMEM;
    if (run >= r->count) {
        memset(r->states + r->count, RUN_UNSEEN, (size_t)run + 1 - r->count);
        r->count = (size_t)run + 1;
    }
    *state = &r->states[run];
    return TT_OK;
}

/* Each row moves its run from one state to another: what comes without a beginning has lost it. */
static int move(struct repair_runs *r, const struct rows *rows, uint64_t column, unsigned char from,
                unsigned char to)
{
    const uint64_t *runs = rows_column(rows, column);
    for (size_t i = 0; runs && i < rows->count; i++) {
        unsigned char *state;
        if (state_of(r, runs[i], &state))
            return TT_NOMEM;
        if (state)
            *state = *state == from ? to : RUN_HURT;
    }
    return TT_OK;
}

int repair_runs_block(struct repair_runs *r, const struct payload *payload)
{
    uint64_t first, last;
    payload_times(payload, &first, &last);
    if (first < r->t_first)
        r->t_first = first;
    if (last != ABSENT && (r->t_last == ABSENT || last > r->t_last))
        r->t_last = last;
    int status = move(r, payload_rows(payload, TABLE_RUN), RUN_RUN_COLUMN, RUN_UNSEEN, RUN_OPEN);
    if (!status)
        status = move(r, payload_rows(payload, TABLE_READ), READ_RUN_COLUMN, RUN_OPEN, RUN_OPEN);
    if (!status)
        status = move(r, payload_rows(payload, TABLE_RUN_END), RUN_END_RUN_COLUMN, RUN_OPEN, RUN_ENDED);
    return status;
}

void repair_runs_gap(struct repair_runs *r)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->states[i] == RUN_OPEN)
            r->states[i] = RUN_HURT;
    }
}

uint64_t repair_runs_hurt(const struct repair_runs *r, uint64_t *runs, size_t max)
{
    uint64_t hurt = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->states[i] == RUN_ENDED)
            continue;
        if (hurt < max)
            runs[hurt] = i;
        hurt++;
    }
    return hurt;
}

static void stretch(const struct payload *payload, uint64_t table, uint64_t column, uint64_t *first,
                    uint64_t *last)
{
    const struct rows *rows = payload_rows(payload, table);
    const uint64_t *times = rows_column(rows, column);
    for (size_t i = 0; times && i < rows->count; i++) {
        if (times[i] == ABSENT)
            continue;
        *first = times[i] < *first ? times[i] : *first;
        *last = *last == ABSENT || times[i] > *last ? times[i] : *last;
    }
}

void payload_times(const struct payload *payload, uint64_t *first, uint64_t *last)
{
    static const struct {
        uint64_t table, column;
    } times[] = {{TABLE_CLOCK, CLOCK_NATIVE_COLUMN},
                 {TABLE_RUN, RUN_T_START_COLUMN},
                 {TABLE_READ, READ_T_COLUMN},
                 {TABLE_RUN_END, RUN_END_T_CLOSE_COLUMN},
                 {TABLE_SAMPLE, SAMPLE_T_COLUMN}};
    *first = *last = ABSENT;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        stretch(payload, times[i].table, times[i].column, first, last);
}
