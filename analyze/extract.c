/* SPDX-License-Identifier: MIT */
#include "analyze/extract.h"

#include <stdlib.h>
#include <string.h>

#include "analyze/tape_meta.h"
#include "formats/bodies.h"
#include "formats/json.h"
#include "formats/stream.h"
#include "formats/trace_reader.h"

/* One pass over the trace. The run under `row` is the best so far: a later attempt puts it aside. */
struct extraction {
    const struct extract_choice *choice;
    struct trace_reader *reader;
    struct bodies bodies;
    struct stream *stream; /* EXTRACT_RESPONSE only */
    struct buf *out;
    uint64_t phase; /* index of choice->phase */
    int found, ended, has_hole, head_complete;
    struct run_row row;
    uint64_t last_read; /* time of its last read */
    const char *closed;
    int is_masked;
};

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

static int too_long(const struct extraction *x, int status, struct error *e)
{
    if (status == TT_LIMIT)
        return error_set(e, TT_LIMIT, "what was asked for is longer than the limit of %zu bytes",
                         x->out->limit ? x->out->limit : BUF_DEFAULT_LIMIT);
    return status == TT_NOMEM ? no_memory(e) : status;
}

/* Phases are named by the workload; without a name of that kind, a number will do. */
static int find_phase(struct extraction *x, const cJSON *meta, struct error *e)
{
    const cJSON *phase;
    char *end;
    x->phase = 0;
    cJSON_ArrayForEach(phase, json_path(meta, "workload.phases"))
    {
        const char *name = json_string(phase, "name");
        if (name && strcmp(name, x->choice->phase) == 0)
            return TT_OK;
        x->phase++;
    }
    unsigned long long number = strtoull(x->choice->phase, &end, 10);
    if (*end || end == x->choice->phase || *x->choice->phase == '-')
        return error_set(e, TT_NOTFOUND, "the workload has no phase '%s'; 'toktape info' lists its phases",
                         x->choice->phase);
    x->phase = number;
    return TT_OK;
}

static int on_body(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct extraction *x = context;
    (void)t;
    return buf_append(x->out, bytes, len);
}

static int on_frame(void *context, const struct stream_frame *frame)
{
    (void)context;
    (void)frame;
    return TT_OK;
}

static int is_wanted(const struct extraction *x, const struct run_row *row)
{
    if (row->repeat != x->choice->repeat || row->phase != x->phase)
        return 0;
    if (x->choice->attempt != ABSENT)
        return row->attempt == x->choice->attempt;
    return !x->found || row->attempt >= x->row.attempt;
}

static void choose(struct extraction *x, const struct run_row *row)
{
    x->found = 1;
    x->ended = x->has_hole = x->head_complete = 0;
    x->row = *row;
    x->row.method = x->row.path = (struct bytes){NULL, 0};
    buf_clear(x->out);
    if (x->stream)
        stream_reset(x->stream);
}

static void choose_runs(struct extraction *x, const struct rows *rows)
{
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct run_row row;
        rows_get(rows, i, &row);
        if (is_wanted(x, &row))
            choose(x, &row);
    }
}

/* Keeps the head's lines and nothing behind them; the blank line may be split over reads. */
static int take_head(struct extraction *x, const unsigned char *bytes, size_t len)
{
    size_t from = x->out->len > 3 ? x->out->len - 3 : 0;
    if (x->head_complete)
        return TT_OK;
    int status = buf_append(x->out, bytes, len);
    for (size_t at = from; !status && !x->head_complete && at + 4 <= x->out->len; at++) {
        if (memcmp(x->out->data + at, "\r\n\r\n", 4) == 0) {
            x->out->len = at + 4;
            x->head_complete = 1;
        }
    }
    return status;
}

static int take_read(struct extraction *x, const struct read_row *row, const unsigned char *bytes)
{
    x->last_read = row->t;
    switch (x->choice->part) {
    case EXTRACT_WIRE:
        return buf_append(x->out, bytes, (size_t)row->nbytes);
    case EXTRACT_HEAD:
        return take_head(x, bytes, (size_t)row->nbytes);
    case EXTRACT_RESPONSE:
        return stream_feed(x->stream, row->t, bytes, (size_t)row->nbytes);
    default:
        return TT_OK;
    }
}

static int take_reads(struct extraction *x, const struct trace_item *item, struct error *e)
{
    struct read_cursor reads;
    struct read_row row;
    const unsigned char *bytes;
    int status = TT_OK;
    read_cursor_init(&reads, item);
    while (!status && read_cursor_next(&reads, &row, &bytes)) {
        if (x->found && row.run == x->row.run)
            status = take_read(x, &row, bytes);
    }
    return too_long(x, status, e);
}

static void see_ends(struct extraction *x, const struct rows *ends)
{
    const uint64_t *runs = rows_column(ends, RUN_END_RUN_COLUMN);
    for (size_t i = 0; runs && i < ends->count; i++)
        x->ended |= x->found && runs[i] == x->row.run;
}

/* Blocks are missing here: of a run under way, and of the numbering of bodies. */
static void take_gap(struct extraction *x, const cJSON *gap)
{
    x->has_hole |= x->found && !x->ended;
    bodies_gap(&x->bodies, gap);
}

static int take_item(struct extraction *x, const struct trace_item *item, struct error *e)
{
    int status = TT_OK;
    if (item->kind == TRACE_META && !x->closed) {
        x->closed = meta_closed(item->json, NULL);
        x->is_masked = meta_is_masked(item->json);
        return find_phase(x, item->json, e);
    }
    if (item->kind == TRACE_END && strcmp(x->closed, "repaired") != 0)
        x->closed = meta_closed(NULL, item->json);
    if (item->kind == TRACE_GAP)
        take_gap(x, item->json);
    if (item->kind != TRACE_DATA)
        return TT_OK;
    if (x->choice->part == EXTRACT_REQUEST)
        status = bodies_add_rows(&x->bodies, item->rows[TABLE_SEGMENT], item->rows[TABLE_BODY], NULL, e);
    choose_runs(x, item->rows[TABLE_RUN]);
    if (!status)
        status = take_reads(x, item, e);
    see_ends(x, item->rows[TABLE_RUN_END]);
    return status;
}

static int not_found(const struct extraction *x, struct error *e)
{
    unsigned long long repeat = x->choice->repeat, attempt = x->choice->attempt;
    if (x->choice->attempt != ABSENT)
        return error_set(e, TT_NOTFOUND, "there is no attempt %llu of phase '%s' in repeat %llu", attempt,
                         x->choice->phase, repeat);
    return error_set(e, TT_NOTFOUND, "there is no phase '%s' in repeat %llu", x->choice->phase, repeat);
}

/* What can only be said when the whole trace was seen. */
static int conclude(struct extraction *x, struct error *e)
{
    int status = TT_OK;
    if (!x->found)
        return not_found(x, e);
    if (x->choice->part == EXTRACT_REQUEST && x->row.body == ABSENT)
        return error_set(e, TT_NOTFOUND, "the request of phase '%s' was not recorded", x->choice->phase);
    if (x->choice->part == EXTRACT_REQUEST)
        return bodies_assemble(&x->bodies, x->row.body, !x->is_masked, x->out, e);
    if (x->choice->part != EXTRACT_RESPONSE)
        return TT_OK;
    if (x->has_hole)
        return error_set(e, TT_DAMAGED,
                         "a part of this answer was lost with a damaged block; --wire gives what is left");
    status = stream_close(x->stream, x->last_read);
    if (!status && stream_state(x->stream)->bad_framing)
        return error_set(e, TT_DAMAGED, "the answer's HTTP framing is broken; --wire gives it as received");
    return too_long(x, status, e);
}

static int read_all(struct extraction *x, const char *path, struct error *e)
{
    for (;;) {
        struct trace_item item;
        int status = trace_reader_next(x->reader, &item, e);
        if (status)
            return status; /* names the file itself */
        status = item.kind == TRACE_STOP ? conclude(x, e) : take_item(x, &item, e);
        if (status)
            error_prefix(e, "'%s'", path);
        if (status || item.kind == TRACE_STOP)
            return status;
    }
}

int extract_run(const char *path, const struct extract_choice *choice, struct buf *out,
                struct extract_state *state, struct error *e)
{
    struct trace_reader_options how = {.allow_incomplete = choice->allow_incomplete};
    struct extraction x = {.choice = choice, .out = out};
    buf_clear(out);
    bodies_init(&x.bodies);
    int status = trace_reader_open(&x.reader, path, &how, e);
    if (!status && choice->part == EXTRACT_RESPONSE)
        status = (x.stream = stream_new(on_frame, on_body, &x)) ? TT_OK : no_memory(e);
    if (!status)
        status = read_all(&x, path, e);
    state->is_masked = x.is_masked;
    state->is_incomplete =
        !status && (strcmp(x.closed, "incomplete") == 0 || strcmp(x.closed, "repaired") == 0);
    stream_free(x.stream);
    bodies_release(&x.bodies);
    trace_reader_free(x.reader);
    return status;
}
