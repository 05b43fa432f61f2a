/* SPDX-License-Identifier: MIT */
/* Small traces for tests: answers are written as the server-sent events they consist of, with the
 * milliseconds after time zero at which they arrived. Clocks tick in nanoseconds; time zero of run n is (n +
 * 1) × 1000 s. */
#ifndef TAPE_FIXTURE_H
#define TAPE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyze/tape.h"
#include "formats/buf.h"
#include "formats/digest.h"
#include "formats/trace_writer.h"

#define MS         UINT64_C(1000000)
#define ZERO(run)  (((run) + 1) * UINT64_C(1000000) * MS)
#define AT(run, t) (ZERO(run) + (uint64_t)((t)*1e6 + 0.5))

#define CHUNK(body)   "data: {\"object\":\"chat.completion.chunk\"," body "}\n\n"
#define DELTA(fields) CHUNK("\"choices\":[{\"index\":0,\"delta\":{" fields "},\"finish_reason\":null}]")
#define ROLE          DELTA("\"role\":\"assistant\",\"content\":null")
#define TEXT(words)   DELTA("\"content\":\"" words "\"")
#define THINK(words)  DELTA("\"reasoning_content\":\"" words "\"")
#define CALL(name, arguments)                                                                                \
    DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"function\":{\"name\":\"" name                        \
          "\",\"arguments\":\"" arguments "\"}}]")
#define MORE(arguments) DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"" arguments "\"}}]")
#define FINISH(reason)  CHUNK("\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"" reason "\"}]")
#define USAGE(prompt, n)                                                                                     \
    CHUNK("\"choices\":[],\"usage\":{\"prompt_tokens\":" #prompt ",\"completion_tokens\":" #n "}")
#define DONE "data: [DONE]\n\n"

struct event {
    double ms;
    const char *text;
};

struct fixture {
    char path[64];
    int fd;
    struct trace_writer *writer;
    uint64_t bodies;
};

static inline void fixture_open(struct fixture *f, const char *meta)
{
    struct error e = {0};
    struct trace_writer_options options = {.trace_id = 77};
    memset(f, 0, sizeof *f);
    snprintf(f->path, sizeof f->path, "/tmp/toktape-test-XXXXXX");
    f->fd = mkstemp(f->path);
    assert_true(f->fd >= 0);
    assert_int_equal(trace_writer_new(&f->writer, f->fd, f->path, meta, &options, &e), TT_OK);
}

static inline void fixture_row(struct fixture *f, enum table_id table, const void *row)
{
    assert_int_equal(trace_writer_row(f->writer, table, row, NULL), TT_OK);
}

/* Adds a request body of one segment; returns its row number. */
static inline uint64_t fixture_body(struct fixture *f, const char *json)
{
    unsigned char digest[SHA256_BYTES], list[UVARINT_MAX_BYTES];
    size_t len = strlen(json);
    sha256_of(json, len, digest);
    struct segment_row segment = {{digest, sizeof digest}, {(const unsigned char *)json, len}};
    struct body_row body = {{digest, sizeof digest}, len, {list, put_uvarint(list, f->bodies)}};
    fixture_row(f, TABLE_SEGMENT, &segment);
    fixture_row(f, TABLE_BODY, &body);
    return f->bodies++;
}

static inline void fixture_clock(struct fixture *f, uint64_t native)
{
    struct clock_row row = {native, 10, native, 5 * native, 0};
    fixture_row(f, TABLE_CLOCK, &row);
}

static inline void fixture_begin(struct fixture *f, uint64_t run, uint64_t body)
{
    struct run_row row = {.run = run,
                          .phase = run,
                          .parent = ABSENT,
                          .body = body,
                          .think_ns = ABSENT,
                          .t_intended = ZERO(run) - MS,
                          .t_start = ZERO(run) - MS,
                          .method = {(const unsigned char *)"POST", 4},
                          .path = {(const unsigned char *)"/", 1}};
    fixture_row(f, TABLE_RUN, &row);
}

static inline void fixture_read(struct fixture *f, uint64_t run, double ms, const void *bytes, size_t len)
{
    struct read_row row = {run, AT(run, ms), len};
    assert_int_equal(trace_writer_read(f->writer, &row, bytes, NULL), TT_OK);
}

/* The head of an event stream that ends with the connection. */
static inline void fixture_head(struct fixture *f, uint64_t run, double ms)
{
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
    fixture_read(f, run, ms, head, sizeof head - 1);
}

static inline struct run_end_row fixture_end_row(uint64_t run, double ms)
{
    return (struct run_end_row){.run = run,
                                .t_connected = ZERO(run),
                                .t_sent = ZERO(run),
                                .t_header = ABSENT,
                                .t_close = AT(run, ms),
                                .status = 200,
                                .ended = RUN_ENDED_COMPLETE,
                                .lookup_ns = ABSENT,
                                .connect_ns = 250000,
                                .tls_ns = ABSENT,
                                .recorder_cpu_ns = ABSENT};
}

static inline void fixture_end(struct fixture *f, uint64_t run, double ms)
{
    struct run_end_row row = fixture_end_row(run, ms);
    fixture_row(f, TABLE_RUN_END, &row);
}

/* A run without its end: head at 2 ms, the events (consecutive ones of the same time share a read). Returns
 * the last one's time. */
static inline double fixture_stream(struct fixture *f, uint64_t run, uint64_t body,
                                    const struct event *events, size_t count)
{
    double last = 2;
    fixture_begin(f, run, body);
    fixture_head(f, run, 2);
    for (size_t i = 0; i < count;) {
        struct buf read = BUF_INIT;
        last = events[i].ms;
        for (; i < count && !(events[i].ms < last) && !(events[i].ms > last); i++)
            buf_puts(&read, events[i].text);
        fixture_read(f, run, last, read.data, read.len);
        buf_release(&read);
    }
    return last;
}

/* A whole run, closed 1 ms after the last event. */
static inline void fixture_answer(struct fixture *f, uint64_t run, uint64_t body, const struct event *events,
                                  size_t count)
{
    double last = fixture_stream(f, run, body, events, count);
    fixture_end(f, run, last + 1);
}

/* Ends the trace, loads it and removes the file. Returns what tape_load did. */
static inline int fixture_load(struct fixture *f, struct tape *tape, const struct tape_options *options,
                               struct error *e)
{
    assert_int_equal(trace_writer_finish(f->writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(f->writer);
    close(f->fd);
    int status = tape_load(tape, f->path, options, e);
    unlink(f->path);
    return status;
}

#endif
