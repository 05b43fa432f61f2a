/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "formats/io.h"
#include "formats/trace_writer.h"
#include "tests/unit/small_trace.h"

#define META "{\"format\": \"toktape\", \"trace\": \"0123\"}\n"

static void add_run(struct trace_writer *w, uint64_t run)
{
    static const char wire[] = "HTTP/1.1 200 OK\r\n\r\nhello";
    struct run_row begin = {.run = run, .parent = ABSENT, .t_start = 1000 * run, .body = ABSENT};
    struct read_row read = {run, 1000 * run + 5, sizeof wire - 1};
    struct pieces_row pieces = {run, {(const unsigned char *)"\2\3", 2}};
    struct run_end_row end = {.run = run,
                              .t_connected = 1000 * run + 1,
                              .t_sent = 1000 * run + 2,
                              .t_header = 1000 * run + 5,
                              .t_close = 1000 * run + 9,
                              .status = 200};
    assert_int_equal(trace_writer_row(w, TABLE_RUN, &begin, NULL), TT_OK);
    assert_int_equal(trace_writer_read(w, &read, wire, NULL), TT_OK);
    assert_int_equal(trace_writer_row(w, TABLE_PIECES, &pieces, NULL), TT_OK);
    assert_int_equal(trace_writer_row(w, TABLE_RUN_END, &end, NULL), TT_OK);
    assert_int_equal(trace_writer_flush(w, NULL), TT_OK);
}

int small_trace_make(struct small_trace *f, const char *name)
{
    struct trace_writer_options options = {.trace_id = 7};
    struct trace_writer *w;
    *f = (struct small_trace){.blocks = 0};
    snprintf(f->path, sizeof f->path, "/tmp/toktape-%s.%d", name, (int)getpid());
    snprintf(f->out, sizeof f->out, "%s.out", f->path);
    int fd = open(f->path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_int_equal(trace_writer_new(&w, fd, f->path, META, &options, NULL), TT_OK);
    f->ends[f->blocks++] = (size_t)trace_writer_bytes(w);
    for (uint64_t run = 0; run < SMALL_TRACE_RUNS; run++) {
        add_run(w, run);
        f->ends[f->blocks++] = (size_t)trace_writer_bytes(w);
    }
    assert_int_equal(trace_writer_finish(w, "clean", NULL, NULL), TT_OK);
    f->ends[f->blocks++] = (size_t)trace_writer_bytes(w);
    trace_writer_free(w);
    close(fd);
    return io_read_file(f->path, 1 << 20, &f->bytes, NULL);
}

void small_trace_release(struct small_trace *f)
{
    unlink(f->path);
    buf_release(&f->bytes);
}
