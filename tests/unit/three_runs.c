/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/io.h"
#include "three_runs.h"

void three_runs_add(struct trace_writer *w, uint64_t run)
{
    struct run_row start = {.run = run,
                            .phase = run % 3,
                            .parent = ABSENT,
                            .t_start = 1000000 * run,
                            .method = text_bytes("POST"),
                            .path = text_bytes("/v1/chat/completions")};
    assert_int_equal(trace_writer_row(w, TABLE_RUN, &start, NULL), TT_OK);
    for (uint64_t i = 0; i < 40; i++) {
        char wire[64];
        int n = snprintf(wire, sizeof wire, "data: {\"run\":%d,\"i\":%d}\n\n", (int)run, (int)i);
        struct read_row read = {run, 1000000 * run + 500 * i * i + i % 7, (uint64_t)n};
        assert_int_equal(trace_writer_read(w, &read, wire, NULL), TT_OK);
    }
    struct run_end_row end = {.run = run, .t_close = 1000000 * run + 999999, .status = 200, .tls_ns = ABSENT};
    end.error = text_bytes(run == 1 ? "engine closed the stream" : "");
    assert_int_equal(trace_writer_row(w, TABLE_RUN_END, &end, NULL), TT_OK);
}

struct trace_writer *three_runs_begin(int fd, const char *path, size_t block_bytes, int level)
{
    struct trace_writer_options options = {
        .level = level, .block_bytes = block_bytes, .trace_id = 0x1122334455667788};
    struct trace_writer *w;
    assert_true(fd >= 0);
    assert_int_equal(trace_writer_new(&w, fd, path, THREE_RUNS_META, &options, NULL), TT_OK);
    three_runs_add(w, 0);
    assert_int_equal(trace_writer_meta(w, "{\"facts\": []}", NULL), TT_OK);
    three_runs_add(w, 1);
    assert_int_equal(trace_writer_note(w, "{\"text\": \"hello\"}", NULL), TT_OK);
    three_runs_add(w, 2);
    return w;
}

void three_runs_write(const char *path, size_t block_bytes, int level, char id[65])
{
    int fd = io_create_new(path, NULL);
    struct trace_writer *w = three_runs_begin(fd, path, block_bytes, level);
    assert_int_equal(trace_writer_finish(w, "clean", "{\"runs\": 3}", NULL), TT_OK);
    snprintf(id, 65, "%s", trace_writer_content_id(w));
    trace_writer_free(w);
    io_close(fd, path, NULL);
}

int three_runs_setup(void **state)
{
    struct three_runs *f = calloc(1, sizeof *f);
    char id[65];
    snprintf(f->path, sizeof f->path, "trace-test-%ld.toktape", (long)getpid());
    unlink(f->path);
    three_runs_write(f->path, 1024, 3, id);
    if (io_read_file(f->path, 1 << 24, &f->bytes, NULL))
        return -1;
    *state = f;
    return 0;
}

int three_runs_teardown(void **state)
{
    struct three_runs *f = *state;
    unlink(f->path);
    buf_release(&f->bytes);
    free(f);
    return 0;
}

static void log_data(struct sight *s, const struct trace_item *item)
{
    struct read_row read;
    struct run_end_row end;
    size_t at = 0;
    for (size_t i = 0; i < rows_count(item->rows[TABLE_READ]); i++) {
        rows_get(item->rows[TABLE_READ], i, &read);
        buf_printf(&s->log, "read %d %d %.*s", (int)read.run, (int)read.t, (int)read.nbytes,
                   item->wire.data + at);
        at += (size_t)read.nbytes;
    }
    assert_int_equal(at, item->wire.len);
    for (size_t i = 0; i < rows_count(item->rows[TABLE_RUN_END]); i++) {
        rows_get(item->rows[TABLE_RUN_END], i, &end);
        buf_printf(&s->log, "end %d %d %.*s\n", (int)end.run, (int)end.status, (int)end.error.len,
                   end.error.data);
    }
}

void sight_look(struct sight *s, const void *bytes, size_t len, int allow_incomplete)
{
    struct trace_reader_options options = {.allow_incomplete = allow_incomplete};
    struct trace_reader *r;
    struct trace_item item;
    memset(s, 0, sizeof *s);
    assert_int_equal(trace_reader_open_memory(&r, bytes, len, &options, NULL), TT_OK);
    trace_reader_hash_content(r);
    while ((s->status = trace_reader_next(r, &item, NULL)) == TT_OK && item.kind != TRACE_STOP) {
        s->blocks++;
        if (item.kind == TRACE_DATA)
            log_data(s, &item);
        else
            buf_append(&s->log, item.json_text.data, item.json_text.len);
    }
    s->state = trace_reader_state(r);
    assert_int_equal(trace_reader_content_id(r, s->id, NULL), TT_OK);
    trace_reader_free(r);
}
