/* SPDX-License-Identifier: MIT */
/* HTTP framing on and off, and the faults that break it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "feed_fixture.h"
#include "replay/faults.h"
#include "replay/framing.h"

#define EVENT(delta) "data: {\"choices\":[{\"delta\":" delta ",\"finish_reason\":null}]}\n\n"
#define ROLE         EVENT("{\"role\":\"assistant\"}")
#define TOKEN(text)  EVENT("{\"content\":\"" text "\"}")
#define FINISH       "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
#define USAGE        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n"
#define DONE         "data: [DONE]\n\n"
#define EVENT_HEAD                                                                                           \
    "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
#define EVENT_HEAD_2 "X-Toktape: test\r\nConnection: close\r\n\r\n"

static const char *const stream[] = {ROLE TOKEN("a"), TOKEN("b"), TOKEN("c"), FINISH USAGE, DONE, NULL};

/* An answer that plays `words`; the schedule must outlive it. */
static void make_answer(struct engine_answer *a, struct schedule *s, const char *const *words,
                        enum answer_form form)
{
    schedule_words(s, words, FEED_WHOLE);
    engine_answer_init(a);
    engine_answer_set_server(a, "s", 1);
    if (form == ANSWER_EVENTS)
        engine_answer_set_type(a, ANSWER_SSE, strlen(ANSWER_SSE));
    a->form = form;
    a->feed = schedule_feed(s);
}

static void drain_answer(struct engine_answer *a, struct drained *d)
{
    drain(a->feed, d);
    a->feed = NULL;
    engine_answer_release(a);
}

static void test_chunks(void **state)
{
    (void)state;
    static const char *const words[] = {"hello", "you", NULL};
    struct schedule s;
    struct engine_answer a;
    struct drained d;
    make_answer(&a, &s, words, ANSWER_EVENTS);
    assert_int_equal(framing_add(&a, "test"), TT_OK);
    assert_int_equal(a.form, ANSWER_WIRE);
    drain_answer(&a, &d);
    assert_string_equal(buf_text(&d.bytes), EVENT_HEAD EVENT_HEAD_2 "5\r\nhello\r\n3\r\nyou\r\n0\r\n\r\n");
    assert_int_equal(d.count, 3);
    assert_int_equal(d.due_ns[0], 1000000);
    assert_int_equal(d.due_ns[2], 2500000);
    assert_int_equal(d.end, FEED_WHOLE);
    buf_release(&d.bytes);
    schedule_release(&s);
}

static void test_early_head(void **state)
{
    (void)state;
    static const char *const words[] = {"hello", NULL};
    struct schedule s;
    struct engine_answer a;
    struct drained d;
    make_answer(&a, &s, words, ANSWER_EVENTS);
    a.header_ns = 300;
    assert_int_equal(framing_add(&a, "test"), TT_OK);
    drain_answer(&a, &d);
    assert_int_equal(d.count, 3);
    assert_int_equal(d.due_ns[0], 300);
    assert_int_equal(d.lens[0], sizeof EVENT_HEAD EVENT_HEAD_2 - 1);
    assert_int_equal(d.due_ns[1], 1000000);
    buf_release(&d.bytes);
    schedule_release(&s);
}

static void test_document(void **state)
{
    (void)state;
    static const char *const words[] = {"{\"a\":1}", NULL};
    struct schedule s;
    struct engine_answer a;
    struct drained d;
    make_answer(&a, &s, words, ANSWER_DOCUMENT);
    a.status = 503;
    assert_int_equal(framing_add(&a, "test"), TT_OK);
    drain_answer(&a, &d);
    assert_int_equal(d.count, 1);
    assert_non_null(strstr(buf_text(&d.bytes), "HTTP/1.1 503 Service Unavailable\r\n"));
    assert_non_null(strstr(buf_text(&d.bytes), "Content-Length: 7\r\n"));
    assert_non_null(strstr(buf_text(&d.bytes), "\r\n\r\n{\"a\":1}"));
    assert_int_equal(d.end, FEED_WHOLE);
    buf_release(&d.bytes);
    schedule_release(&s);
}

static void test_a_cut_has_no_last_chunk(void **state)
{
    (void)state;
    static const char *const words[] = {"hello", NULL};
    struct schedule s;
    struct engine_answer a;
    struct drained d;
    make_answer(&a, &s, words, ANSWER_EVENTS);
    schedule_finish(&s, FEED_CUT, 0);
    assert_int_equal(framing_add(&a, "test"), TT_OK);
    drain_answer(&a, &d);
    assert_null(strstr(buf_text(&d.bytes), "0\r\n\r\n"));
    assert_int_equal(d.end, FEED_CUT);
    buf_release(&d.bytes);
    schedule_release(&s);
}

/* Framing goes off where it came on, whatever the slices were cut at. */
static void test_strip_undoes_add(void **state)
{
    (void)state;
    struct schedule s, wire;
    struct engine_answer a;
    struct drained framed, d;
    make_answer(&a, &s, stream, ANSWER_EVENTS);
    assert_int_equal(framing_add(&a, "test"), TT_OK);
    drain_answer(&a, &framed);
    for (size_t cut = 1; cut < framed.bytes.len; cut += 7) {
        schedule_init(&wire);
        schedule_add(&wire, 5, framed.bytes.data, cut);
        schedule_add(&wire, 9, framed.bytes.data + cut, framed.bytes.len - cut);
        schedule_finish(&wire, FEED_WHOLE, 11);
        engine_answer_init(&a);
        a.form = ANSWER_WIRE;
        a.feed = schedule_feed(&wire);
        assert_int_equal(framing_strip(&a), TT_OK);
        assert_int_equal(a.form, ANSWER_EVENTS);
        assert_int_equal(a.status, 200);
        assert_string_equal(a.content_type, "text/event-stream");
        assert_string_equal(a.server, "s");
        drain_answer(&a, &d);
        assert_string_equal(buf_text(&d.bytes), ROLE TOKEN("a") TOKEN("b") TOKEN("c") FINISH USAGE DONE);
        assert_int_equal(d.end, FEED_WHOLE);
        assert_int_equal(d.due_ns[d.count - 1], cut + strlen("\r\n0\r\n\r\n") < framed.bytes.len ? 9 : 5);
        buf_release(&d.bytes);
        schedule_release(&wire);
    }
    buf_release(&framed.bytes);
    schedule_release(&s);
}

static void strip_text(const char *text, enum feed_end end, struct engine_answer *a, struct schedule *s)
{
    const char *const words[] = {text, NULL};
    schedule_words(s, words, end);
    engine_answer_init(a);
    a->form = ANSWER_WIRE;
    a->feed = schedule_feed(s);
    assert_int_equal(framing_strip(a), TT_OK);
}

static void test_strip_of_what_is_not_whole(void **state)
{
    (void)state;
    struct schedule s;
    struct engine_answer a;
    struct drained d;
    strip_text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", FEED_WHOLE, &a, &s);
    drain_answer(&a, &d);
    assert_string_equal(buf_text(&d.bytes), "hel");
    assert_int_equal(d.end, FEED_CUT);
    buf_release(&d.bytes);
    schedule_release(&s);
    strip_text("SSH-2.0\r\n", FEED_CUT, &a, &s);
    assert_int_equal(a.status, 502);
    drain_answer(&a, &d);
    assert_int_equal(d.count, 0);
    assert_int_equal(d.end, FEED_CUT);
    buf_release(&d.bytes);
    schedule_release(&s);
}

static void play(const char *fault, enum answer_form form, uint64_t request, struct drained *d)
{
    static const char *const document[] = {"{\"a\":12345}", NULL};
    struct fault_list list = {.count = 0};
    struct schedule s;
    struct engine_answer a;
    assert_int_equal(faults_parse(&list, fault, NULL), TT_OK);
    make_answer(&a, &s, form == ANSWER_EVENTS ? stream : document, form);
    assert_int_equal(faults_apply(&list, request, &a, "test"), TT_OK);
    assert_int_equal(a.form, ANSWER_WIRE);
    drain_answer(&a, d);
    schedule_release(&s);
}

/* The body that remains of the stream. */
static void expect_events(const char *fault, const char *body, enum feed_end end)
{
    struct drained d;
    struct engine_answer a;
    struct schedule s;
    play(fault, ANSWER_EVENTS, 0, &d);
    assert_int_equal(d.end, end);
    strip_text(buf_text(&d.bytes), end, &a, &s);
    buf_release(&d.bytes);
    drain_answer(&a, &d);
    if (strcmp(buf_text(&d.bytes), body) != 0)
        fail_msg("%s gives:\n%s", fault, buf_text(&d.bytes));
    buf_release(&d.bytes);
    schedule_release(&s);
}

static void test_event_faults(void **state)
{
    (void)state;
    expect_events("no-done", ROLE TOKEN("a") TOKEN("b") TOKEN("c") FINISH USAGE, FEED_WHOLE);
    expect_events("no-usage", ROLE TOKEN("a") TOKEN("b") TOKEN("c") FINISH DONE, FEED_WHOLE);
    expect_events("no-finish", ROLE TOKEN("a") TOKEN("b") TOKEN("c") USAGE DONE, FEED_WHOLE);
    expect_events("no-finish,no-usage,no-done", ROLE TOKEN("a") TOKEN("b") TOKEN("c"), FEED_WHOLE);
    expect_events("empty", "", FEED_WHOLE);
    expect_events("error-string:2", ROLE TOKEN("a") "data: {\"error\":\"the engine was told to fail\"}\n\n",
                  FEED_WHOLE);
    expect_events("broken-json:1",
                  ROLE "data: {\"choices\":[{\"delta\":{\"content\n\n" TOKEN("b") TOKEN("c")
                      FINISH USAGE DONE,
                  FEED_WHOLE);
    expect_events("broken-json:99", ROLE TOKEN("a") TOKEN("b") TOKEN("c") FINISH USAGE DONE, FEED_WHOLE);
    expect_events("cut:0", "", FEED_CUT);
}

static void test_line_faults(void **state)
{
    (void)state;
    struct drained d;
    play("crlf", ANSWER_EVENTS, 0, &d);
    assert_non_null(strstr(buf_text(&d.bytes), "\"a\"},\"finish_reason\":null}]}\r\n\r\n"));
    assert_non_null(strstr(buf_text(&d.bytes), "data: [DONE]\r\n\r\n"));
    buf_release(&d.bytes);
    play("multi-line", ANSWER_EVENTS, 0, &d);
    assert_non_null(strstr(buf_text(&d.bytes), "data: {\ndata: \"choices\":[{\"delta\":{\"content\":\"a\""));
    assert_non_null(strstr(buf_text(&d.bytes), "data: [DONE]\n\n"));
    buf_release(&d.bytes);
}

static void test_endless(void **state)
{
    (void)state;
    struct drained d;
    play("endless:2", ANSWER_EVENTS, 0, &d);
    assert_int_equal(d.count, DRAINED_MAX);
    assert_int_equal(d.end, FEED_MORE);
    assert_int_equal(d.due_ns[DRAINED_MAX - 1] - d.due_ns[DRAINED_MAX - 2], 2000000);
    assert_null(strstr(buf_text(&d.bytes), "stop"));
    buf_release(&d.bytes);
}

static void test_wire_faults(void **state)
{
    (void)state;
    struct drained d;
    play("cut:400", ANSWER_EVENTS, 0, &d);
    assert_int_equal(d.bytes.len, 400);
    assert_int_equal(d.end, FEED_CUT);
    buf_release(&d.bytes);
    play("stall:10", ANSWER_EVENTS, 0, &d);
    assert_int_equal(d.bytes.len, 10);
    assert_int_equal(d.end, FEED_SILENT);
    assert_true(d.end_ns == FEED_NEVER);
    buf_release(&d.bytes);
    play("die:10", ANSWER_EVENTS, 0, &d);
    assert_int_equal(d.end, FEED_DEAD);
    buf_release(&d.bytes);
    play("bad-chunk:400", ANSWER_EVENTS, 0, &d);
    assert_non_null(strstr(buf_text(&d.bytes), "\r\nxyz\r\n"));
    assert_int_equal(d.end, FEED_WHOLE);
    buf_release(&d.bytes);
    play("not-http", ANSWER_EVENTS, 0, &d);
    assert_string_equal(buf_text(&d.bytes), "SSH-2.0-OpenSSH_9.2\r\n");
    assert_int_equal(d.end, FEED_CUT);
    buf_release(&d.bytes);
}

static void test_pieces(void **state)
{
    (void)state;
    struct drained whole, d;
    play("no-done@9", ANSWER_EVENTS, 0, &whole);
    play("split-frames:5", ANSWER_EVENTS, 0, &d);
    assert_int_equal(d.bytes.len, whole.bytes.len);
    assert_memory_equal(d.bytes.data, whole.bytes.data, whole.bytes.len);
    assert_in_range(d.count, 4 * whole.count, 5 * whole.count);
    buf_release(&d.bytes);
    play("slow-header:2", ANSWER_EVENTS, 0, &d);
    size_t head = sizeof EVENT_HEAD EVENT_HEAD_2 - 1;
    assert_memory_equal(d.bytes.data, whole.bytes.data, whole.bytes.len);
    assert_int_equal(d.count, head + whole.count);
    assert_int_equal(d.due_ns[1] - d.due_ns[0], 2000000);
    assert_int_equal(d.due_ns[head], 1000000 + head * 2000000);
    assert_int_equal(d.due_ns[head + 1] - d.due_ns[head], 1000000); /* the stream keeps its pace behind it */
    buf_release(&d.bytes);
    buf_release(&whole.bytes);
}

static void test_documents(void **state)
{
    (void)state;
    struct drained d;
    play("broken-json", ANSWER_DOCUMENT, 0, &d);
    assert_non_null(strstr(buf_text(&d.bytes), "Content-Length: 6\r\n"));
    assert_non_null(strstr(buf_text(&d.bytes), "\r\n\r\n{\"a\":1"));
    buf_release(&d.bytes);
    play("no-done,crlf", ANSWER_DOCUMENT, 0, &d);
    assert_non_null(strstr(buf_text(&d.bytes), "\r\n\r\n{\"a\":12345}"));
    buf_release(&d.bytes);
}

static void test_status(void **state)
{
    (void)state;
    struct fault_list list = {.count = 0};
    struct schedule s;
    struct engine_answer a;
    assert_int_equal(faults_parse(&list, "status:503,crlf,cut:3", NULL), TT_OK);
    make_answer(&a, &s, stream, ANSWER_EVENTS);
    assert_int_equal(faults_apply(&list, 0, &a, "test"), TT_OK);
    assert_int_equal(a.form, ANSWER_NOW);
    assert_int_equal(a.status, 503);
    assert_null(a.feed);
    assert_non_null(strstr(buf_text(&a.document), "\"code\":503"));
    engine_answer_release(&a);
    schedule_release(&s);
}

static void test_numbers(void **state)
{
    (void)state;
    struct drained d;
    play("cut:3@2", ANSWER_EVENTS, 1, &d);
    assert_int_equal(d.end, FEED_WHOLE);
    buf_release(&d.bytes);
    play("cut:3@2", ANSWER_EVENTS, 2, &d);
    assert_int_equal(d.bytes.len, 3);
    buf_release(&d.bytes);
}

static void test_refusals(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "nonsense",
                                        "cut:",
                                        "cut:x",
                                        "cut:-1",
                                        "cut:1:2",
                                        "cut@",
                                        "cut@x",
                                        "crlf:1",
                                        "cut,",
                                        ",cut",
                                        "split-frames:1",
                                        "status:200",
                                        "status:600",
                                        "endless:0",
                                        "cut:99999999999999999999",
                                        "cutcutcutcutcutcutcutcutcutcutcutcutcutcutcutcutcutcutcutcutcutcut"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct fault_list list = {.count = 0};
        struct error e = {0};
        if (faults_parse(&list, wrong[i], &e) != TT_USAGE || !e.text[0])
            fail_msg("'%s' was accepted", wrong[i]);
    }
    struct fault_list list = {.count = 0};
    for (int i = 0; i < FAULTS_MAX; i++)
        assert_int_equal(faults_parse(&list, "cut", NULL), TT_OK);
    assert_int_equal(faults_parse(&list, "cut", NULL), TT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunks),           cmocka_unit_test(test_early_head),
        cmocka_unit_test(test_document),         cmocka_unit_test(test_a_cut_has_no_last_chunk),
        cmocka_unit_test(test_strip_undoes_add), cmocka_unit_test(test_strip_of_what_is_not_whole),
        cmocka_unit_test(test_event_faults),     cmocka_unit_test(test_line_faults),
        cmocka_unit_test(test_endless),          cmocka_unit_test(test_wire_faults),
        cmocka_unit_test(test_pieces),           cmocka_unit_test(test_documents),
        cmocka_unit_test(test_status),           cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
