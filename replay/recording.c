/* SPDX-License-Identifier: MIT */
#include "replay/recording.h"

#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/trace_reader.h"

#define RUNS_MAX     ((size_t)1 << 20)
#define OPEN_MAX     1024 /* runs under way at the same moment */
#define PATH_LEN_MAX 2000

struct loading {
    struct recording *recording;
    size_t open[OPEN_MAX]; /* indices of the runs under way */
    size_t open_count;
    int has_gap;               /* blocks are missing, as a repair says */
    uint64_t offset, sequence; /* of the block under way */
};

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

static int take_memory(struct recording *r, size_t bytes, struct error *e)
{
    if (bytes > RECORDING_MEMORY_MAX - r->memory)
        return error_set(e, TT_LIMIT, "the answers need more than %zu MiB of memory",
                         RECORDING_MEMORY_MAX >> 20);
    r->memory += bytes;
    return TT_OK;
}

static char *copy_text(struct bytes text, const char *stop)
{
    size_t len = 0;
    while (len < text.len && len < PATH_LEN_MAX && text.data[len] && !strchr(stop, text.data[len]))
        len++;
    return mem_strndup(len ? (const char *)text.data : "", len);
}

static int load_meta(struct recording *r, const cJSON *meta, struct error *e)
{
    const cJSON *clock = json_member(meta, "clock");
    const char *model = json_string(json_member(meta, "model"), "id");
    uint64_t numer = json_u64(clock, "numer"), denom = json_u64(clock, "denom");
    if (clock && numer && denom && numer != UINT64_MAX && denom != UINT64_MAX) {
        r->numer = numer;
        r->denom = denom;
    }
    if (model && !r->model) {
        r->model = mem_strdup(model);
        if (!r->model)
            return no_memory(e);
    }
    return TT_OK;
}

static int load_bodies(struct recording *r, const struct rows *rows, struct error *e)
{
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct body_row row;
        rows_get(rows, i, &row);
        if (row.sha256.len != SHA256_BYTES)
            return error_set(e, TT_DAMAGED, "request body %zu has no proper hash", r->body_count);
        int status = take_memory(r, SHA256_BYTES, e);
        if (status)
            return status;
        if (mem_grow(&r->bodies, &r->body_capacity, r->body_count + 1, sizeof *r->bodies))
            return no_memory(e);
        memcpy(r->bodies[r->body_count++], row.sha256.data, SHA256_BYTES);
    }
    return TT_OK;
}

static int begin_run(struct loading *l, const struct run_row *row, struct error *e)
{
    struct recording *r = l->recording;
    if (r->run_count == RUNS_MAX || l->open_count == OPEN_MAX)
        return error_set(e, TT_LIMIT, "the trace has too many runs");
    if (mem_grow(&r->runs, &r->run_capacity, r->run_count + 1, sizeof *r->runs))
        return no_memory(e);
    struct recorded_run *run = &r->runs[r->run_count];
    memset(run, 0, sizeof *run);
    schedule_init(&run->schedule);
    run->run = row->run;
    run->body = row->body;
    run->zero = row->t_start;
    run->close = ABSENT;
    run->offset = l->offset;
    run->sequence = l->sequence;
    run->end = FEED_CUT;
    run->is_open = 1;
    run->method = copy_text(row->method, "");
    run->path = copy_text(row->path, "?#");
    l->open[l->open_count++] = r->run_count++;
    return run->method && run->path ? TT_OK : no_memory(e);
}

/* The place of an open run in l->open; l->open_count when there is none of that number. */
static size_t find_open(const struct loading *l, uint64_t number)
{
    size_t i = l->open_count;
    while (i > 0) {
        if (l->recording->runs[l->open[--i]].run == number)
            return i;
    }
    return l->open_count;
}

static int load_runs(struct loading *l, const struct rows *rows, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(rows) && !status; i++) {
        struct run_row row;
        rows_get(rows, i, &row);
        if (find_open(l, row.run) < l->open_count)
            return error_set(e, TT_DAMAGED, "run %llu begins twice", (unsigned long long)row.run);
        status = begin_run(l, &row, e);
    }
    return status;
}

static size_t memory_of(const struct schedule *s)
{
    return s->bytes.len + s->count * sizeof *s->entries;
}

/* Whether the answer stays in the file, as it does when this much more of it would be too much. */
static int leave(struct recording *r, struct recorded_run *run, size_t more)
{
    if (!run->is_left && r->path && r->memory + more > r->memory_kept) {
        r->memory -= memory_of(&run->schedule);
        schedule_release(&run->schedule);
        run->is_left = 1;
    }
    return run->is_left;
}

/* Times stay native ticks until the run's end tells its time zero. */
static int add_read(struct loading *l, const struct read_row *row, const unsigned char *wire, struct error *e)
{
    size_t place = find_open(l, row->run);
    if (place == l->open_count && l->has_gap)
        return TT_OK;
    if (place == l->open_count)
        return error_set(e, TT_DAMAGED, "a read belongs to run %llu, which is not under way",
                         (unsigned long long)row->run);
    if (!row->nbytes)
        return TT_OK;
    struct recorded_run *run = &l->recording->runs[l->open[place]];
    size_t more = (size_t)row->nbytes + sizeof(struct schedule_entry);
    if (leave(l->recording, run, more))
        return TT_OK;
    int status = take_memory(l->recording, more, e);
    if (status)
        return status;
    status = schedule_add(&run->schedule, row->t, wire, (size_t)row->nbytes);
    return status ? no_memory(e) : TT_OK;
}

static int load_reads(struct loading *l, const struct trace_item *item, struct error *e)
{
    struct read_cursor reads;
    struct read_row row;
    const unsigned char *bytes;
    int status = TT_OK;
    read_cursor_init(&reads, item);
    while (!status && read_cursor_next(&reads, &row, &bytes))
        status = add_read(l, &row, bytes, e);
    return status;
}

static enum feed_end end_of(uint64_t ended)
{
    switch (ended) {
    case RUN_ENDED_COMPLETE:
        return FEED_WHOLE;
    case RUN_ENDED_TIMEOUT:
    case RUN_ENDED_STALLED:
        return FEED_SILENT;
    default:
        return FEED_CUT;
    }
}

static int load_run_ends(struct loading *l, const struct rows *rows, struct error *e)
{
    for (size_t i = 0; i < rows_count(rows); i++) {
        struct run_end_row row;
        rows_get(rows, i, &row);
        size_t place = find_open(l, row.run);
        if (place == l->open_count && l->has_gap)
            continue;
        if (place == l->open_count)
            return error_set(e, TT_DAMAGED, "run %llu ends, but is not under way",
                             (unsigned long long)row.run);
        struct recorded_run *run = &l->recording->runs[l->open[place]];
        if (row.t_connected != ABSENT)
            run->zero = row.t_connected;
        run->is_playable = row.ended != RUN_ENDED_NO_CONNECTION;
        run->is_open = 0;
        run->end = end_of(row.ended);
        run->close = row.t_close;
        recording_set_times(l->recording, run, &run->schedule);
        l->open[place] = l->open[--l->open_count];
    }
    return TT_OK;
}

static int add_probe(struct recording *r, const struct probe_row *row, struct error *e)
{
    int status = take_memory(r, row->headers.len + row->body.len + sizeof(struct recorded_probe), e);
    if (status)
        return status;
    if (mem_grow(&r->probes, &r->probe_capacity, r->probe_count + 1, sizeof *r->probes))
        return no_memory(e);
    struct recorded_probe *p = &r->probes[r->probe_count++];
    memset(p, 0, sizeof *p);
    buf_append(&p->head, row->headers.data, row->headers.len);
    buf_append(&p->body, row->body.data, row->body.len);
    p->status = row->status;
    p->method = copy_text(row->method, "");
    p->path = copy_text(row->path, "?#");
    return p->method && p->path && !p->head.failed && !p->body.failed ? TT_OK : no_memory(e);
}

static int load_probes(struct recording *r, const struct rows *rows, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < rows_count(rows) && !status; i++) {
        struct probe_row row;
        rows_get(rows, i, &row);
        if (row.status != ABSENT)
            status = add_probe(r, &row, e);
    }
    return status;
}

/* Inside a block the tables stand side by side: a run's row comes before its reads, its end behind them. */
static int load_block(struct loading *l, const struct trace_item *item, struct error *e)
{
    int status = l->has_gap ? TT_OK : load_bodies(l->recording, item->rows[TABLE_BODY], e);
    if (!status)
        status = load_runs(l, item->rows[TABLE_RUN], e);
    if (!status)
        status = load_reads(l, item, e);
    if (!status)
        status = load_probes(l->recording, item->rows[TABLE_PROBE], e);
    return status ? status : load_run_ends(l, item->rows[TABLE_RUN_END], e);
}

static void cut_off(const struct recording *r, struct recorded_run *run)
{
    recording_set_times(r, run, &run->schedule);
    run->is_playable = run->schedule.count > 0 || run->is_left;
}

/* A run without its end was cut off together with the recording. */
static void finish(struct loading *l)
{
    struct recording *r = l->recording;
    for (size_t i = 0; i < r->run_count; i++) {
        struct recorded_run *run = &r->runs[i];
        if (run->is_open)
            cut_off(r, run);
        if (run->body < r->body_count) {
            memcpy(run->body_sha256, r->bodies[run->body], SHA256_BYTES);
            run->has_body = 1;
        }
    }
}

/* Blocks are missing here. Runs under way end as far as they are known, rows about them are passed over, and
 * nobody knows the numbers of the bodies that follow. */
static void take_gap(struct loading *l)
{
    struct recording *r = l->recording;
    l->has_gap = 1;
    for (size_t i = 0; i < l->open_count; i++) {
        struct recorded_run *run = &r->runs[l->open[i]];
        cut_off(r, run);
        run->is_open = 0;
    }
    l->open_count = 0;
}

static int load_items(struct loading *l, struct trace_reader *reader, const char *path, struct error *e)
{
    struct trace_item item;
    for (;;) {
        int status = trace_reader_next(reader, &item, e);
        if (status)
            return status;
        if (item.kind == TRACE_STOP)
            return TT_OK;
        l->offset = item.offset;
        l->sequence = item.sequence;
        if (item.kind == TRACE_META)
            status = load_meta(l->recording, item.json, e);
        else if (item.kind == TRACE_DATA)
            status = load_block(l, &item, e);
        else if (item.kind == TRACE_GAP)
            take_gap(l);
        if (status) {
            error_prefix(e, "'%s'", path);
            return status;
        }
    }
}

int recording_load(struct recording *r, const char *path, const struct recording_options *options,
                   struct error *e)
{
    struct trace_reader *reader = NULL;
    struct trace_reader_options reading = {.allow_incomplete = options->allow_incomplete};
    memset(r, 0, sizeof *r);
    r->numer = r->denom = 1;
    r->memory_kept = options->memory_kept ? options->memory_kept : RECORDING_MEMORY_KEPT;
    if (!io_is_stream(path) && !(r->path = mem_strdup(path)))
        return no_memory(e);
    struct loading *l = mem_zalloc(1, sizeof *l);
    if (!l)
        return no_memory(e);
    l->recording = r;
    int status = trace_reader_open(&reader, path, &reading, e);
    if (!status)
        status = load_items(l, reader, path, e);
    if (!status)
        finish(l);
    r->trace_id = reader ? trace_reader_trace_id(reader) : 0;
    trace_reader_free(reader);
    mem_free(l);
    return status;
}

void recording_release(struct recording *r)
{
    for (size_t i = 0; i < r->run_count; i++) {
        mem_free(r->runs[i].method);
        mem_free(r->runs[i].path);
        schedule_release(&r->runs[i].schedule);
    }
    for (size_t i = 0; i < r->probe_count; i++) {
        mem_free(r->probes[i].method);
        mem_free(r->probes[i].path);
        buf_release(&r->probes[i].head);
        buf_release(&r->probes[i].body);
    }
    mem_free(r->runs);
    mem_free(r->probes);
    mem_free(r->bodies);
    mem_free(r->model);
    mem_free(r->path);
    memset(r, 0, sizeof *r);
}
