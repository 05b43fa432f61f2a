/* SPDX-License-Identifier: MIT */
/* Traces played back: who gets which answer, when, and how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "feed_fixture.h"
#include "formats/io.h"
#include "formats/trace_writer.h"
#include "replay/framing.h"
#include "replay/player.h"

#define CHAT      "/v1/chat/completions"
#define MS(n)     ((uint64_t)(n)*1000000u)
#define ZERO      MS(5000) /* every run's time zero, in ticks of the plain clock */
#define META      "{\"format\":\"toktape\",\"model\":{\"id\":\"the-model\"}%s}"
#define NO_CLOCK  ""
#define THIRD     ",\"clock\":{\"numer\":\"125\",\"denom\":\"3\"}"
#define THIRD_OLD ",\"clock\":{\"numer\":125,\"denom\":3}"

struct making {
    char path[64];
    int fd;
    struct trace_writer *writer;
    uint64_t bodies;
};

static struct bytes text(const char *s)
{
    return (struct bytes){(const unsigned char *)s, strlen(s)};
}

static void begin_trace(struct making *m, const char *clock)
{
    char meta[256];
    struct trace_writer_options options = {.block_bytes = 200,
                                           .trace_id = 1}; /* small blocks: runs span several */
    memset(m, 0, sizeof *m);
    snprintf(m->path, sizeof m->path, "/tmp/toktape-player-%ld.toktape", (long)getpid());
    snprintf(meta, sizeof meta, META, clock);
    unlink(m->path);
    m->fd = io_create_new(m->path, NULL);
    assert_true(m->fd >= 0);
    assert_int_equal(trace_writer_new(&m->writer, m->fd, m->path, meta, &options, NULL), TT_OK);
}

static uint64_t add_body(struct making *m, const char *body)
{
    unsigned char sha256[SHA256_BYTES];
    sha256_of(body, strlen(body), sha256);
    struct body_row row = {{sha256, SHA256_BYTES}, strlen(body), {NULL, 0}};
    assert_int_equal(trace_writer_row(m->writer, TABLE_BODY, &row, NULL), TT_OK);
    return m->bodies++;
}

static void start_run(struct making *m, uint64_t run, uint64_t body, const char *path)
{
    struct run_row row = {.run = run,
                          .body = body,
                          .parent = ABSENT,
                          .t_start = ZERO - MS(3),
                          .method = text("POST"),
                          .path = text(path)};
    assert_int_equal(trace_writer_row(m->writer, TABLE_RUN, &row, NULL), TT_OK);
}

static void add_read(struct making *m, uint64_t run, uint64_t t, const char *wire)
{
    struct read_row row = {run, t, strlen(wire)};
    assert_int_equal(trace_writer_read(m->writer, &row, wire, NULL), TT_OK);
}

static void end_run(struct making *m, uint64_t run, uint64_t ended, uint64_t t_close)
{
    struct run_end_row row = {
        .run = run, .t_connected = ZERO, .t_close = t_close, .status = 200, .ended = ended};
    assert_int_equal(trace_writer_row(m->writer, TABLE_RUN_END, &row, NULL), TT_OK);
}

/* A run whose answer is one read, `wire`, 10 ms after time zero. */
static void add_run(struct making *m, uint64_t run, uint64_t body, const char *wire)
{
    start_run(m, run, body, CHAT "?x=1");
    add_read(m, run, ZERO + MS(10), wire);
    end_run(m, run, RUN_ENDED_COMPLETE, ZERO + MS(11));
}

/* The tests run twice: with all answers in memory, and with none, all fetched from the file. */
static size_t kept;

static struct engine *open_engine(struct making *m)
{
    struct recording recording;
    struct recording_options options = {.memory_kept = kept};
    struct engine *engine;
    struct error e = {0};
    assert_int_equal(trace_writer_finish(m->writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(m->writer);
    close(m->fd);
    if (recording_load(&recording, m->path, &options, &e))
        fail_msg("%s", e.text);
    assert_int_equal(player_new(&engine, &recording, NULL), TT_OK);
    return engine;
}

static void close_engine(struct engine *engine, const struct making *m)
{
    engine->free(engine);
    unlink(m->path);
}

static void ask(struct engine *engine, const char *method, const char *path, const char *body,
                struct engine_answer *a)
{
    struct request r = {method, path, text(body)};
    engine_answer_init(a);
    assert_int_equal(engine->answer(engine, &r, a, NULL), TT_OK);
}

/* What a POST to the chat path gets: the wire, or NULL when it is refused. */
static void expect_wire(struct engine *engine, const char *body, const char *wire)
{
    struct engine_answer a;
    struct drained d;
    ask(engine, "POST", CHAT, body, &a);
    if (!wire) {
        assert_null(a.feed);
        assert_int_equal(a.status, 404);
        engine_answer_release(&a);
        return;
    }
    assert_non_null(a.feed);
    drain(a.feed, &d);
    a.feed = NULL;
    engine_answer_release(&a);
    assert_string_equal(buf_text(&d.bytes), wire);
    buf_release(&d.bytes);
}

static void test_matching(void **state)
{
    (void)state;
    struct making m;
    begin_trace(&m, NO_CLOCK);
    uint64_t a = add_body(&m, "A"), b = add_body(&m, "B");
    add_run(&m, 0, a, "a0");
    add_run(&m, 1, b, "b0");
    add_run(&m, 2, a, "a1");
    add_run(&m, 3, b, "b1");
    struct engine *engine = open_engine(&m);
    expect_wire(engine, "B", "b0");
    expect_wire(engine, "A", "a0");
    expect_wire(engine, "A", "a1");
    expect_wire(engine, "A", "a0"); /* the repeats go round */
    expect_wire(engine, "unheard of", "b1");
    expect_wire(engine, "unheard of", NULL); /* all have been played */
    expect_wire(engine, "B", "b0");
    close_engine(engine, &m);
}

static void test_order_without_hashes(void **state)
{
    (void)state;
    struct making m;
    struct engine_answer answer;
    begin_trace(&m, NO_CLOCK);
    for (uint64_t i = 0; i < 3; i++)
        add_run(&m, i, 77, i == 0 ? "first" : i == 1 ? "second" : "third"); /* bodies that the trace lacks */
    struct engine *engine = open_engine(&m);
    ask(engine, "POST", "/v1/other", "x", &answer);
    assert_int_equal(answer.status, 404);
    engine_answer_release(&answer);
    ask(engine, "PUT", CHAT, "x", &answer);
    assert_int_equal(answer.status, 404);
    engine_answer_release(&answer);
    expect_wire(engine, "x", "first");
    expect_wire(engine, "x", "second");
    expect_wire(engine, "", "third");
    expect_wire(engine, "x", NULL);
    close_engine(engine, &m);
}

static void test_times(void **state)
{
    (void)state;
    struct making m;
    struct engine_answer a;
    struct drained d;
    begin_trace(&m, NO_CLOCK);
    uint64_t body = add_body(&m, "A");
    start_run(&m, 0, body, CHAT);
    add_read(&m, 0, ZERO - MS(1), "early");
    add_read(&m, 0, ZERO + MS(7), "head");
    for (uint64_t i = 0; i < 100; i++)
        add_read(&m, 0, ZERO + MS(10 + i), "token");
    end_run(&m, 0, RUN_ENDED_COMPLETE, ZERO + MS(120));
    struct engine *engine = open_engine(&m);
    ask(engine, "POST", CHAT, "A", &a);
    assert_int_equal(a.form, ANSWER_WIRE);
    drain(a.feed, &d);
    a.feed = NULL;
    engine_answer_release(&a);
    assert_int_equal(d.count, 102);
    assert_int_equal(d.due_ns[0], 0); /* before time zero is at time zero */
    assert_int_equal(d.due_ns[1], MS(7));
    assert_int_equal(d.due_ns[101], MS(109));
    assert_int_equal(d.lens[50], 5);
    assert_int_equal(d.end, FEED_WHOLE);
    assert_int_equal(d.end_ns, MS(120));
    buf_release(&d.bytes);
    close_engine(engine, &m);
}

static void test_ticks_are_converted(void **state)
{
    (void)state;
    static const char *const clocks[] = {THIRD, THIRD_OLD};
    for (size_t i = 0; i < 2; i++) {
        struct making m;
        struct engine_answer a;
        struct drained d;
        begin_trace(&m, clocks[i]);
        uint64_t body = add_body(&m, "A");
        start_run(&m, 0, body, CHAT);
        add_read(&m, 0, ZERO + 24, "x");
        end_run(&m, 0, RUN_ENDED_COMPLETE, ZERO + 48);
        struct engine *engine = open_engine(&m);
        ask(engine, "POST", CHAT, "A", &a);
        drain(a.feed, &d);
        a.feed = NULL;
        engine_answer_release(&a);
        assert_int_equal(d.due_ns[0], 1000);
        assert_int_equal(d.end_ns, 2000);
        buf_release(&d.bytes);
        close_engine(engine, &m);
    }
}

static void expect_end(struct engine *engine, const char *body, enum feed_end end, uint64_t end_ns)
{
    struct engine_answer a;
    struct drained d;
    ask(engine, "POST", CHAT, body, &a);
    drain(a.feed, &d);
    a.feed = NULL;
    engine_answer_release(&a);
    assert_int_equal(d.end, end);
    assert_int_equal(d.end_ns, end_ns);
    buf_release(&d.bytes);
}

static void test_ends(void **state)
{
    (void)state;
    static const uint64_t ends[] = {RUN_ENDED_COMPLETE, RUN_ENDED_CUT,         RUN_ENDED_TIMEOUT,
                                    RUN_ENDED_STALLED,  RUN_ENDED_INTERRUPTED, RUN_ENDED_LIMIT};
    static const char *const bodies[] = {"0", "1", "2", "3", "4", "5"};
    struct making m;
    begin_trace(&m, NO_CLOCK);
    for (uint64_t i = 0; i < 6; i++) {
        uint64_t body = add_body(&m, bodies[i]);
        start_run(&m, i, body, CHAT);
        add_read(&m, i, ZERO + MS(1), "x");
        end_run(&m, i, ends[i], ZERO + MS(2));
    }
    struct engine *engine = open_engine(&m);
    expect_end(engine, "0", FEED_WHOLE, MS(2));
    expect_end(engine, "1", FEED_CUT, MS(2));
    expect_end(engine, "2", FEED_SILENT, MS(10002)); /* silent for longer than the recorder's patience */
    expect_end(engine, "3", FEED_SILENT, MS(10002));
    expect_end(engine, "4", FEED_CUT, MS(2));
    expect_end(engine, "5", FEED_CUT, MS(2));
    close_engine(engine, &m);
}

static void test_runs_without_an_answer(void **state)
{
    (void)state;
    struct making m;
    begin_trace(&m, NO_CLOCK);
    uint64_t body = add_body(&m, "A");
    start_run(&m, 0, body, CHAT);
    end_run(&m, 0, RUN_ENDED_NO_CONNECTION, ZERO);
    start_run(&m, 1, body, CHAT); /* cut off with the recording, before anything came */
    start_run(&m, 2, body, CHAT); /* and in the middle of its answer */
    add_read(&m, 2, ZERO + MS(4), "half");
    struct engine *engine = open_engine(&m);
    expect_wire(engine, "A", "half");
    expect_end(engine, "A", FEED_CUT, MS(7)); /* since t_start, as t_connected was never written */
    close_engine(engine, &m);
}

static void add_probe(struct making *m, const char *path, uint64_t status, const char *body)
{
    struct probe_row row = {.run = ABSENT,
                            .status = status,
                            .method = text("GET"),
                            .path = text(path),
                            .headers =
                                text("HTTP/1.1 200 OK\r\nServer: llama.cpp\r\nContent-Type: a/b\r\n\r\n"),
                            .body = text(body)};
    assert_int_equal(trace_writer_row(m->writer, TABLE_PROBE, &row, NULL), TT_OK);
}

static void expect_get(struct engine *engine, const char *path, int status, const char *body)
{
    struct engine_answer a;
    ask(engine, "GET", path, "", &a);
    assert_int_equal(a.status, status);
    assert_null(a.feed);
    if (body)
        assert_string_equal(buf_text(&a.document), body);
    engine_answer_release(&a);
}

static void test_probes(void **state)
{
    (void)state;
    struct making m;
    struct engine_answer a;
    begin_trace(&m, NO_CLOCK);
    add_probe(&m, "/props?a=b", 200, "{\"p\":1}");
    add_probe(&m, "/props", 200, "{\"p\":2}");
    add_probe(&m, "/version", 404, "no");
    add_probe(&m, "/slots", ABSENT, ""); /* never answered */
    struct engine *engine = open_engine(&m);
    ask(engine, "GET", "/props", "", &a);
    assert_string_equal(a.server, "llama.cpp");
    assert_string_equal(a.content_type, "a/b");
    assert_string_equal(buf_text(&a.document), "{\"p\":1}");
    engine_answer_release(&a);
    expect_get(engine, "/props", 200, "{\"p\":2}");
    expect_get(engine, "/props", 200, "{\"p\":2}");
    expect_get(engine, "/version", 404, "no");
    expect_get(engine, "/slots", 404, NULL);
    expect_get(engine, "/health", 200, "{\"status\":\"ok\"}");
    expect_get(engine, "/v1/models", 200,
               "{\"object\":\"list\",\"data\":[{\"id\":\"the-model\",\"object\":\"model\"}]}");
    close_engine(engine, &m);
}

/* Event faults work on recorded streams too: the framing comes off first. */
static void test_recorded_stream_without_framing(void **state)
{
    (void)state;
    struct making m;
    struct engine_answer a;
    struct drained d;
    begin_trace(&m, NO_CLOCK);
    uint64_t body = add_body(&m, "A");
    start_run(&m, 0, body, CHAT);
    add_read(&m, 0, ZERO + MS(5), "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n");
    add_read(&m, 0, ZERO + MS(6), "Transfer-Encoding: chunked\r\n\r\n6\r\ndata: \r\n");
    add_read(&m, 0, ZERO + MS(8), "3\r\nx\n\n\r\n0\r\n\r\n");
    end_run(&m, 0, RUN_ENDED_COMPLETE, ZERO + MS(9));
    struct engine *engine = open_engine(&m);
    ask(engine, "POST", CHAT, "A", &a);
    assert_int_equal(framing_strip(&a), TT_OK);
    drain(a.feed, &d);
    a.feed = NULL;
    engine_answer_release(&a);
    assert_string_equal(buf_text(&d.bytes), "data: x\n\n");
    assert_int_equal(d.due_ns[0], MS(6));
    assert_int_equal(d.due_ns[1], MS(8));
    assert_int_equal(d.end, FEED_WHOLE);
    buf_release(&d.bytes);
    close_engine(engine, &m);
}

static void expect_refused(struct making *m, const char *why)
{
    struct recording recording;
    struct recording_options options = {.memory_kept = kept};
    struct error e = {0};
    assert_int_equal(trace_writer_finish(m->writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(m->writer);
    close(m->fd);
    assert_int_equal(recording_load(&recording, m->path, &options, &e), TT_DAMAGED);
    if (!strstr(e.text, why) || !strstr(e.text, m->path))
        fail_msg("%s", e.text);
    recording_release(&recording);
    unlink(m->path);
}

static void test_contradictions(void **state)
{
    (void)state;
    struct making m;
    begin_trace(&m, NO_CLOCK);
    add_read(&m, 3, ZERO, "x");
    expect_refused(&m, "run 3");
    begin_trace(&m, NO_CLOCK);
    start_run(&m, 4, 0, CHAT);
    start_run(&m, 4, 0, CHAT);
    expect_refused(&m, "begins twice");
    begin_trace(&m, NO_CLOCK);
    end_run(&m, 5, RUN_ENDED_CUT, ZERO);
    expect_refused(&m, "run 5");
    begin_trace(&m, NO_CLOCK);
    struct body_row row = {text("short"), 5, {NULL, 0}};
    assert_int_equal(trace_writer_row(m.writer, TABLE_BODY, &row, NULL), TT_OK);
    expect_refused(&m, "hash");
}

static void test_truncated(void **state)
{
    (void)state;
    struct making m;
    struct buf bytes = BUF_INIT;
    struct recording recording;
    struct recording_options strict = {.memory_kept = kept},
                             lax = {.allow_incomplete = 1, .memory_kept = kept};
    begin_trace(&m, NO_CLOCK);
    uint64_t a = add_body(&m, "A");
    for (uint64_t i = 0; i < 40; i++)
        add_run(&m, i, a, "answer");
    close_engine(open_engine(&m), &m);
    begin_trace(&m, NO_CLOCK);
    a = add_body(&m, "A");
    for (uint64_t i = 0; i < 40; i++)
        add_run(&m, i, a, "answer");
    assert_int_equal(trace_writer_finish(m.writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(m.writer);
    assert_int_equal(io_read_file(m.path, (size_t)1 << 20, &bytes, NULL), TT_OK);
    assert_int_equal(ftruncate(m.fd, (off_t)(bytes.len / 2)), 0);
    close(m.fd);
    assert_int_equal(recording_load(&recording, m.path, &strict, NULL), TT_TRUNCATED);
    recording_release(&recording);
    assert_int_equal(recording_load(&recording, m.path, &lax, NULL), TT_OK);
    assert_in_range(recording.run_count, 5, 39);
    recording_release(&recording);
    buf_release(&bytes);
    unlink(m.path);
}

static void test_a_trace_that_is_gone(void **state)
{
    (void)state;
    struct making m;
    begin_trace(&m, NO_CLOCK);
    add_run(&m, 0, add_body(&m, "A"), "answer");
    struct engine *engine = open_engine(&m);
    assert_int_equal(truncate(m.path, 20), 0);
    if (kept) {
        struct engine_answer a;
        ask(engine, "POST", CHAT, "A", &a);
        assert_null(a.feed);
        assert_int_equal(a.status, 500);
        assert_non_null(strstr(buf_text(&a.document), "can no longer be read"));
        engine_answer_release(&a);
    } else {
        expect_wire(engine, "A", "answer");
    }
    close_engine(engine, &m);
}

/* By default a server's memory has nothing to do with the trace's size. */
static void test_a_large_trace(void **state)
{
    (void)state;
    enum { ANSWER = 1 << 20, ANSWERS = (RECORDING_MEMORY_KEPT >> 20) + 4 };
    struct making m;
    struct recording recording;
    struct recording_options defaults = {0};
    char *answer = malloc(ANSWER + 1);
    size_t left = 0;
    assert_non_null(answer);
    memset(answer, 'x', ANSWER);
    answer[ANSWER] = '\0';
    begin_trace(&m, NO_CLOCK);
    for (uint64_t run = 0, body = add_body(&m, "A"); run < ANSWERS; run++)
        add_run(&m, run, body, answer);
    assert_int_equal(trace_writer_finish(m.writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(m.writer);
    close(m.fd);
    assert_int_equal(recording_load(&recording, m.path, &defaults, NULL), TT_OK);
    for (size_t i = 0; i < recording.run_count; i++)
        left += (size_t)recording.runs[i].is_left;
    assert_in_range(left, 4, 5);
    assert_true(recording.memory <= RECORDING_MEMORY_KEPT);
    recording_release(&recording);
    unlink(m.path);
    free(answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matching),
        cmocka_unit_test(test_order_without_hashes),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_ticks_are_converted),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_runs_without_an_answer),
        cmocka_unit_test(test_probes),
        cmocka_unit_test(test_recorded_stream_without_framing),
        cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_a_trace_that_is_gone),
        cmocka_unit_test(test_a_large_trace),
    };
    int failed = cmocka_run_group_tests_name("in memory", tests, NULL, NULL);
    kept = 1;
    return failed + cmocka_run_group_tests_name("in the file", tests, NULL, NULL);
}
