/* SPDX-License-Identifier: MIT */
#include "record/recorder.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/trace_masker.h"
#include "formats/trace_writer.h"
#include "record/clock.h"
#include "record/ring.h"
#include "record/trace_file.h"

#define WAKE_MS          250        /* how long a first row may wait for the writer … */
#define BLOCK_AGE_NS     500000000u /* … and then for its block to be closed */
#define DEFAULT_RING     ((size_t)16 << 20)
#define WAIT_FOR_ROOM_NS 200000u
#define PART_LEVEL       1     /* of zstd: closing packs anew what is written here */
#define MESSAGE_META     1000u /* message kinds below are table ids */

struct producer {
    struct recorder *recorder;
    struct ring *ring;
    int may_drop;
    uint64_t dropped, dropped_t; /* since the last loss row */
    uint64_t stalls, lost;       /* in all */
};

struct recorder {
    struct trace_file file;
    struct trace_writer *writer;
    struct trace_masker *masker; /* NULL: content is kept */
    struct producer *producers[RECORDER_PRODUCERS_MAX];
    atomic_size_t producer_count;
    atomic_int stop, sync_wanted, failed;
    pthread_t thread;
    void (*awake)(void *context); /* NULL: nothing */
    void *context;
    int wake[2];         /* a byte here ends the writer's nap early */
    uint64_t oldest_row; /* ticks; 0 while the block under way is empty */
    struct error error;  /* why the writer stopped; readable once `failed` is set */
};

static void *row_field(const struct table_def *def, void *row, size_t column)
{
    return (char *)row + def->columns[column].offset;
}

/* In the ring a row is its struct followed by the contents of its byte columns. */
static size_t message_size(const struct table_def *def, const void *row)
{
    size_t size = def->row_size;
    for (size_t i = 0; i < def->column_count; i++) {
        if (def->columns[i].type == COLUMN_BYTES)
            size += ((const struct bytes *)(const void *)((const char *)row + def->columns[i].offset))->len;
    }
    return size;
}

static void message_fill(const struct table_def *def, const void *row, unsigned char *to)
{
    unsigned char *tail = to + def->row_size;
    memcpy(to, row, def->row_size);
    for (size_t i = 0; i < def->column_count; i++) {
        struct bytes value;
        if (def->columns[i].type != COLUMN_BYTES)
            continue;
        memcpy(&value, (const char *)row + def->columns[i].offset, sizeof value);
        if (value.len)
            memcpy(tail, value.data, value.len);
        tail += value.len;
    }
}

/* The struct's pointers refer to the producer's memory: they are set anew to the copies behind it. */
static void message_open(const struct table_def *def, const unsigned char *from, void *row)
{
    const unsigned char *tail = from + def->row_size;
    memcpy(row, from, def->row_size);
    for (size_t i = 0; i < def->column_count; i++) {
        struct bytes value;
        if (def->columns[i].type != COLUMN_BYTES)
            continue;
        memcpy(&value, row_field(def, row, i), sizeof value);
        value.data = tail;
        memcpy(row_field(def, row, i), &value, sizeof value);
        tail += value.len;
    }
}

static int write_masked(struct recorder *r, uint32_t kind, const union any_row *row, const void *wire)
{
    if (kind == TABLE_READ)
        return trace_masker_read(r->masker, r->writer, &row->read, wire, &r->error);
    return trace_masker_row(r->masker, r->writer, (enum table_id)kind, row, &r->error);
}

static int write_message(struct recorder *r, uint32_t kind, const unsigned char *message, size_t len)
{
    union any_row row;
    if (kind == MESSAGE_META) {
        char *json = mem_strndup((const char *)message, len);
        int status = json ? trace_writer_meta(r->writer, json, &r->error)
                          : error_set(&r->error, TT_NOMEM, "out of memory");
        mem_free(json);
        return status;
    }
    const struct table_def *def = schema_table(kind);
    message_open(def, message, &row);
    if (r->masker)
        return write_masked(r, kind, &row, message + def->row_size);
    if (kind == TABLE_READ)
        return trace_writer_read(r->writer, &row.read, message + def->row_size, &r->error);
    return trace_writer_row(r->writer, (enum table_id)kind, &row, &r->error);
}

static int drain(struct recorder *r, struct producer *p)
{
    uint32_t kind;
    size_t len;
    const void *message;
    while ((message = ring_peek_noted(p->ring, &kind, &len)) != NULL) {
        int status = write_message(r, kind, message, len);
        ring_release(p->ring);
        if (status)
            return status;
        if (!r->oldest_row)
            r->oldest_row = clock_ticks();
    }
    return TT_OK;
}

/* What is there is noted from the last producer to the first, and written from the first to the last: rows of
 * one stand before those of later ones that refer to them, in the trace as in time. */
static int drain_all(struct recorder *r)
{
    size_t count = atomic_load_explicit(&r->producer_count, memory_order_acquire);
    int status = TT_OK;
    for (size_t i = count; i > 0; i--)
        ring_note(r->producers[i - 1]->ring);
    for (size_t i = 0; i < count && !status; i++)
        status = drain(r, r->producers[i]);
    return status;
}

static int close_old_block(struct recorder *r, int sync)
{
    int old = r->oldest_row && clock_ticks_to_ns(clock_ticks() - r->oldest_row) >= BLOCK_AGE_NS;
    if (trace_writer_pending(r->writer) == 0)
        r->oldest_row = 0;
    if (!old && !sync)
        return TT_OK;
    int status = trace_writer_flush(r->writer, &r->error);
    r->oldest_row = 0;
    if (!status && sync)
        status = io_sync(r->file.fd, r->file.writing_path, &r->error);
    return status;
}

/* Until there may be rows; where there are some, until their block has to be closed. A producer whose ring
 * is more than half full, and whoever wants what there is on the disk, end it early. */
static int nap_ms(const struct recorder *r)
{
    uint64_t age;
    if (!r->oldest_row)
        return WAKE_MS;
    age = clock_ticks_to_ns(clock_ticks() - r->oldest_row);
    return age < BLOCK_AGE_NS ? (int)((BLOCK_AGE_NS - age + 999999) / 1000000) : 0;
}

static void nap(struct recorder *r)
{
    struct pollfd wake = {r->wake[0], POLLIN, 0};
    char bytes[16];
    if (poll(&wake, 1, nap_ms(r)) > 0 && read(r->wake[0], bytes, sizeof bytes) < 0)
        return; /* nothing to do about it: the nap is over either way */
}

static void *write_for_ever(void *argument)
{
    struct recorder *r = argument;
    int stopping = 0, status = TT_OK;
    while (!stopping && !status) {
        nap(r);
        stopping = atomic_load(&r->stop);
        int sync = atomic_exchange(&r->sync_wanted, 0);
        status = drain_all(r);
        if (!status)
            status = close_old_block(r, sync);
        if (r->awake)
            r->awake(r->context);
    }
    if (status) {
        r->error.code = (enum tt_err)status;
        atomic_store(&r->failed, status);
    }
    return NULL;
}

static void wake_writer(struct recorder *r)
{
    if (write(r->wake[1], "w", 1) < 0)
        return; /* a full pipe wakes just as well */
}

static void recorder_free(struct recorder *r)
{
    for (size_t i = 0; i < r->producer_count; i++) {
        ring_free(r->producers[i]->ring);
        mem_free(r->producers[i]);
    }
    trace_writer_free(r->writer);
    trace_masker_free(r->masker);
    for (int i = 0; i < 2; i++) {
        if (r->wake[i] >= 0)
            close(r->wake[i]);
    }
    trace_file_release(&r->file);
    mem_free(r);
}

/* Never inherited by a command that restarts the engine, and never full enough to make a producer wait. */
static int open_wake_pipe(struct recorder *r, struct error *e)
{
    if (pipe(r->wake) != 0)
        return error_errno(e, TT_IO, "cannot make a pipe");
    for (int i = 0; i < 2; i++) {
        if (fcntl(r->wake[i], F_SETFD, FD_CLOEXEC) != 0 || fcntl(r->wake[i], F_SETFL, O_NONBLOCK) != 0)
            return error_errno(e, TT_IO, "cannot set up a pipe");
    }
    return TT_OK;
}

static int start(struct recorder *r, const struct recorder_options *options, struct error *e)
{
    struct trace_writer_options writer = {.trace_id = options->trace_id};
    int status = open_wake_pipe(r, e);
    if (!status && options->without_content)
        status = trace_masker_new(&r->masker, e);
    if (!status)
        status = trace_file_create(&r->file, options->path, e);
    writer.level = r->file.direct ? 0 : PART_LEVEL;
    if (!status)
        status = trace_writer_new(&r->writer, r->file.fd, r->file.writing_path, options->meta, &writer, e);
    if (!status && pthread_create(&r->thread, NULL, write_for_ever, r) != 0)
        status = error_set(e, TT_NOMEM, "cannot start the writer thread");
    if (status)
        trace_file_abandon(&r->file);
    return status;
}

int recorder_open(struct recorder **recorder, const struct recorder_options *options, struct error *e)
{
    struct recorder *r = mem_zalloc(1, sizeof *r);
    if (!r)
        return error_set(e, TT_NOMEM, "out of memory");
    r->wake[0] = r->wake[1] = -1;
    r->awake = options->awake;
    r->context = options->context;
    int status = start(r, options, e);
    if (status) {
        recorder_free(r);
        r = NULL;
    }
    *recorder = r;
    return status;
}

struct producer *recorder_producer(struct recorder *r, size_t ring_bytes, int may_drop)
{
    size_t count = atomic_load(&r->producer_count);
    struct producer *p = count < RECORDER_PRODUCERS_MAX ? mem_zalloc(1, sizeof *p) : NULL;
    if (!p)
        return NULL;
    p->recorder = r;
    p->may_drop = may_drop;
    p->ring = ring_new(ring_bytes ? ring_bytes : DEFAULT_RING);
    if (!p->ring) {
        mem_free(p);
        return NULL;
    }
    r->producers[count] = p;
    atomic_store_explicit(&r->producer_count, count + 1, memory_order_release);
    return p;
}

/* The slow way in: the ring is full. Waits until the writer made room, or learns that it never will. */
static void *wait_for_room(struct producer *p, size_t len)
{
    void *room = NULL;
    wake_writer(p->recorder);
    while (!room && !atomic_load(&p->recorder->failed)) {
        clock_sleep_ns(WAIT_FOR_ROOM_NS);
        room = ring_claim(p->ring, len);
    }
    return room;
}

static void commit(struct producer *p, uint32_t kind)
{
    if (ring_commit(p->ring, kind))
        wake_writer(p->recorder);
}

static void put_row(struct producer *p, enum table_id table, const void *row, void *room)
{
    message_fill(schema_table(table), row, room);
    commit(p, table);
}

static int drop(struct producer *p)
{
    p->dropped++;
    p->lost++;
    p->dropped_t = clock_ticks();
    return TT_LIMIT;
}

static struct loss_row loss_of(const struct producer *p)
{
    return (struct loss_row){p->dropped_t,
                             p->dropped,
                             {(const unsigned char *)"sampler", 7},
                             {(const unsigned char *)"ring full", 9}};
}

/* A loss is told as soon as there is room again, before what follows it. */
static void tell_loss(struct producer *p)
{
    struct loss_row loss = loss_of(p);
    void *room = ring_claim(p->ring, message_size(schema_table(TABLE_LOSS), &loss));
    if (!room)
        return;
    put_row(p, TABLE_LOSS, &loss, room);
    p->dropped = 0;
}

static void tell_stall(struct producer *p, uint64_t since, size_t len)
{
    uint64_t now = clock_ticks();
    struct stall_row stall = {since, now - since, len};
    p->stalls++;
    void *room = ring_claim(p->ring, sizeof stall);
    if (!room)
        room = wait_for_room(p, sizeof stall); /* where there was hardly room for the row itself */
    if (room)
        put_row(p, TABLE_STALL, &stall, room);
}

static int failure(const struct producer *p)
{
    return atomic_load(&p->recorder->failed);
}

/* Room for a message, waiting or dropping as this producer may. NULL with *status TT_OK means dropped. */
static void *claim(struct producer *p, size_t len, uint64_t *stalled_since, int *status)
{
    *stalled_since = 0;
    *status = TT_OK;
    void *room = ring_claim(p->ring, len);
    if (room)
        return room;
    if (len > ring_largest_message(p->ring)) {
        *status = TT_LIMIT;
    } else if (p->may_drop) {
        *status = drop(p);
    } else {
        *stalled_since = clock_ticks();
        room = wait_for_room(p, len);
        *status = room ? TT_OK : failure(p);
    }
    return room;
}

int producer_row(struct producer *p, enum table_id table, const void *row)
{
    uint64_t stalled;
    int status;
    size_t len = message_size(schema_table(table), row);
    if (p->dropped)
        tell_loss(p);
    void *room = claim(p, len, &stalled, &status);
    if (!room)
        return status;
    put_row(p, table, row, room);
    if (stalled)
        tell_stall(p, stalled, len);
    return failure(p);
}

static int into_producer(void *context, enum table_id table, const void *row)
{
    return producer_row(context, table, row);
}

struct row_sink producer_sink(struct producer *p)
{
    return (struct row_sink){into_producer, p};
}

int producer_read(struct producer *p, uint64_t run, uint64_t t, const void *bytes, size_t len)
{
    uint64_t stalled;
    int status;
    struct read_row row = {run, t, len};
    unsigned char *room = claim(p, sizeof row + len, &stalled, &status);
    if (!room)
        return status;
    memcpy(room, &row, sizeof row);
    memcpy(room + sizeof row, bytes, len);
    commit(p, TABLE_READ);
    if (stalled)
        tell_stall(p, stalled, len);
    return failure(p);
}

int producer_meta(struct producer *p, const char *json)
{
    uint64_t stalled;
    int status;
    size_t len = strlen(json);
    void *room = claim(p, len, &stalled, &status);
    if (!room)
        return status;
    memcpy(room, json, len);
    commit(p, MESSAGE_META);
    return failure(p);
}

int recorder_status(struct recorder *r, struct error *e)
{
    int failed = atomic_load(&r->failed);
    if (failed && e)
        *e = r->error;
    return failed;
}

void recorder_losses(const struct recorder *r, uint64_t *stalls, uint64_t *samples)
{
    *stalls = *samples = 0;
    for (size_t i = 0; i < r->producer_count; i++) {
        *stalls += r->producers[i]->stalls;
        *samples += r->producers[i]->lost;
    }
}

void recorder_sync(struct recorder *r)
{
    atomic_store(&r->sync_wanted, 1);
    wake_writer(r);
}

/* What was dropped since the last row that a producer got in. The writer thread has ended. */
static int write_last_losses(struct recorder *r, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < r->producer_count && !status; i++) {
        struct loss_row loss = loss_of(r->producers[i]);
        if (loss.count)
            status = trace_writer_row(r->writer, TABLE_LOSS, &loss, e);
    }
    return status;
}

static void keep_what_is_safe(struct recorder *r, uint64_t bytes, struct error *e)
{
    unsigned long long count = bytes;
    if (r->file.direct) /* what went into a pipe is not ours to promise */
        return;
    if (trace_file_keep(&r->file) == TT_OK)
        error_prefix(e, "the recording stopped; %llu bytes are safe in '%s'", count, r->file.writing_path);
    else
        error_prefix(e, "the recording stopped; %llu bytes were written to '%s', not all of them synced",
                     count, r->file.writing_path);
}

static int finish(struct recorder *r, const char *how, const char *summary, struct recorder_result *result,
                  struct error *e)
{
    int status = recorder_status(r, e);
    if (!status)
        status = write_last_losses(r, e);
    if (!status && r->masker)
        status = trace_masker_finish(r->masker, r->writer, e);
    if (!status)
        status = trace_writer_finish(r->writer, how, summary, e);
    result->safe_bytes = trace_writer_bytes(r->writer);
    if (!status)
        memcpy(result->content_id, trace_writer_content_id(r->writer), sizeof result->content_id);
    if (!status)
        status = trace_file_close(&r->file, result->safe_bytes, &result->bytes, e);
    else
        keep_what_is_safe(r, result->safe_bytes, e);
    result->path = mem_strdup(trace_file_result(&r->file));
    return status;
}

int recorder_close(struct recorder *r, const char *how, const char *summary, struct recorder_result *result,
                   struct error *e)
{
    memset(result, 0, sizeof *result);
    atomic_store(&r->stop, 1);
    wake_writer(r);
    pthread_join(r->thread, NULL);
    int status = finish(r, how, summary, result, e);
    recorder_free(r);
    return status;
}
