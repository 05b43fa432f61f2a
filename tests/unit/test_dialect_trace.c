/* SPDX-License-Identifier: MIT */
/* Other tools' figures while a trace passes by: what is known only when more of it has been read. */
#include "dialect_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void begin_attempt(struct fixture *f, uint64_t run, uint64_t attempt)
{
    struct run_row row = {.run = run,
                          .attempt = attempt,
                          .parent = ABSENT,
                          .t_intended = ZERO(run) - MS,
                          .t_start = ZERO(run) - MS};
    fixture_row(f, TABLE_RUN, &row);
    fixture_head(f, run, 2);
}

/* Two attempts of one run, both of which have an answer. */
static void write_attempts(struct fixture *f)
{
    static const struct event bad[] = {{10, TEXT("a")}, {500, FINISH("stop")}},
                              good[] = {{30, TEXT("a")}, {50, FINISH("stop")}};
    open_trace(f);
    for (uint64_t run = 0; run < 2; run++) {
        const struct event *ev = run ? good : bad;
        begin_attempt(f, run, run);
        for (size_t i = 0; i < 2; i++)
            fixture_read(f, run, ev[i].ms, ev[i].text, strlen(ev[i].text));
        fixture_end(f, run, ev[1].ms + 1);
    }
    close_trace(f);
}

/* That a later attempt replaces an answer shows when its samples have been taken already. */
static void leaves_out_replaced_attempts(void **state)
{
    struct fixture f;
    struct asked q;
    (void)state;
    write_attempts(&f);
    ask_trace(&q, "vllm", f.path);
    expect(&q, "completed", STAT_SUM, 1);
    expect_ours(&q, "completed", STAT_SUM, 1);
    expect(&q, "ttft_ms", STAT_MEAN, 30);
    expect_ours(&q, "ttft_ms", STAT_MEAN, 30);
    expect(&q, "itl_ms", STAT_MEAN, 20);
    expect(&q, "max_output_tokens_per_s", STAT_MAX, 2);
    leave(&q);
    unlink(f.path);
}

static void feed_pipe(const char *from, const char *to)
{
    char bytes[65536];
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY);
    ssize_t got = read(in, bytes, sizeof bytes);
    _exit(write(out, bytes, (size_t)got) != got);
}

/* A pipe cannot be read again: refused instead of waited for. */
static void wants_a_file_for_attempts(void **state)
{
    struct fixture f;
    struct asked q;
    struct error e = {0};
    char pipe[80];
    (void)state;
    write_attempts(&f);
    snprintf(pipe, sizeof pipe, "%s.pipe", f.path);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    pid_t child = fork();
    if (child == 0)
        feed_pipe(f.path, pipe);
    assert_int_equal(load_trace(&q, "vllm", pipe, &e), TT_USAGE);
    assert_non_null(
        strstr(e.text, "is not a file: --as, where a run has several attempts, reads a trace twice"));
    assert_int_equal(waitpid(child, NULL, 0), child);
    leave(&q);
    unlink(pipe);
    unlink(f.path);
}

#define SECOND(seconds) (ZERO(0) + (uint64_t)((seconds)*1e9))

static void begin_at(struct fixture *f, uint64_t run, double seconds)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    struct run_row row = {
        .run = run, .phase = run, .parent = ABSENT, .t_intended = ABSENT, .t_start = SECOND(seconds)};
    struct read_row read = {run, SECOND(seconds), sizeof head - 1};
    fixture_row(f, TABLE_RUN, &row);
    assert_int_equal(trace_writer_read(f->writer, &read, head, NULL), TT_OK);
}

static void say_at(struct fixture *f, uint64_t run, double seconds, const char *text)
{
    struct read_row read = {run, SECOND(seconds), strlen(text)};
    assert_int_equal(trace_writer_read(f->writer, &read, text, NULL), TT_OK);
}

static void end_at(struct fixture *f, uint64_t run, double start, double end)
{
    struct run_end_row row = fixture_end_row(run, 0);
    row.t_connected = row.t_sent = SECOND(start);
    row.t_close = SECOND(end);
    fixture_row(f, TABLE_RUN_END, &row);
}

/* Whole seconds are counted from the first request on, also when that is not the first to be over: 0.6, 0.7
 * and 0.9 s make the fullest one; from 0.5 s on it would have five chunks. */
static void counts_seconds_from_the_first_request(void **state)
{
    struct fixture f;
    struct asked q;
    (void)state;
    open_trace(&f);
    begin_at(&f, 0, 0);
    begin_at(&f, 1, 0.5);
    say_at(&f, 1, 0.6, TEXT("a"));
    say_at(&f, 0, 0.7, TEXT("a"));
    say_at(&f, 1, 0.9, TEXT("b"));
    say_at(&f, 1, 1.1, TEXT("c"));
    say_at(&f, 1, 1.2, FINISH("stop"));
    end_at(&f, 1, 0.5, 1.3);
    begin_at(&f, 2, 2);
    say_at(&f, 2, 2.5, TEXT("a"));
    say_at(&f, 2, 2.6, FINISH("stop"));
    end_at(&f, 2, 2, 2.7);
    say_at(&f, 0, 4.5, FINISH("stop"));
    end_at(&f, 0, 0, 4.6);
    close_trace(&f);
    ask_trace(&q, "vllm", f.path);
    expect(&q, "completed", STAT_SUM, 3);
    expect(&q, "max_output_tokens_per_s", STAT_MAX, 3);
    leave(&q);
    unlink(f.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_out_replaced_attempts),
        cmocka_unit_test(wants_a_file_for_attempts),
        cmocka_unit_test(counts_seconds_from_the_first_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
