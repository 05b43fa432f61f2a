/* SPDX-License-Identifier: MIT */
/* A response from its reads to its frames: the same frames however the reads fall, and a defined end whatever
 * the engine does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "formats/error.h"
#include "formats/stream.h"
#include "tests/unit/frame_text.h"

struct log {
    struct buf frames, body;
    int with_place; /* "@time/read/offset" before each frame */
    int stop_after; /* frames; 0 = never */
    int seen;
};

static int on_frame(void *context, const struct stream_frame *frame)
{
    struct log *log = context;
    if (log->with_place)
        buf_printf(&log->frames, "@%d/%d/%d ", (int)frame->t, (int)frame->read, (int)frame->offset);
    frame_text(&log->frames, frame->chat);
    buf_putc(&log->frames, '\n');
    return ++log->seen == log->stop_after ? 42 : 0;
}

static int on_body(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct log *log = context;
    (void)t;
    return buf_append(&log->body, bytes, len);
}

static void log_release(struct log *log)
{
    buf_release(&log->frames);
    buf_release(&log->body);
}

/* Feeds in memory of exactly its size, gone when the call returns. */
static int feed_copy(struct stream *s, uint64_t t, const char *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    if (len)
        memcpy(copy, bytes, len);
    int status = stream_feed(s, t, copy, len);
    free(copy);
    return status;
}

static int feed_text(struct stream *s, uint64_t t, const char *text)
{
    return feed_copy(s, t, text, strlen(text));
}

/* How the response ended, in words. */
static void describe_state(struct buf *out, const struct stream_state *state)
{
    static const char *const bodies[] = {"none", "events", "document"};
    buf_printf(out, "%d%s%s%s%s", state->http_status, state->head_complete ? "" : " no-head",
               state->body_complete ? " complete" : "", state->bad_framing ? " bad" : "",
               state->saw_done ? " done" : "");
    buf_printf(out, " %s tail=%d", bodies[state->body], (int)state->dropped_tail);
}

static void check_cut(const char *input, size_t len, size_t first, size_t second, const char *expected)
{
    struct log log = {.with_place = 0};
    struct stream *s = stream_new(on_frame, on_body, &log);
    assert_non_null(s);
    assert_int_equal(feed_copy(s, 1, input, first), TT_OK);
    assert_int_equal(feed_copy(s, 2, input + first, second - first), TT_OK);
    assert_int_equal(feed_copy(s, 3, input + second, len - second), TT_OK);
    assert_int_equal(stream_close(s, 4), TT_OK);
    assert_int_equal(stream_state(s)->wire_bytes, len);
    assert_int_equal(stream_state(s)->reads, 3);
    assert_int_equal(stream_state(s)->body_bytes, log.body.len);
    describe_state(&log.frames, stream_state(s));
    assert_string_equal(buf_text(&log.frames), expected);
    stream_free(s);
    log_release(&log);
}

/* Every way to cut the input into three reads gives these frames, one a line, and this end. */
static void check(const char *input, const char *expected)
{
    size_t len = strlen(input);
    for (size_t first = 0; first <= len; first++) {
        for (size_t second = first; second <= len; second += 1 + len / 100)
            check_cut(input, len, first, second, expected);
    }
}

#define HEAD       "HTTP/1.1 200 OK\r\n"
#define TO_CLOSE   HEAD "Content-Type: text/event-stream\r\n\r\n"
#define IN_CHUNKS  HEAD "Content-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
#define TEXT(text) "data: {\"choices\":[{\"delta\":{\"content\":\"" text "\"}}]}"
#define FINISH     "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}"

static void reads_every_line_end(void **state)
{
    static const char frames[] =
        "comment\ncontent content=\"a\"\nfinish finish=\"stop\"\ndone\n200 complete done events tail=0";
    (void)state;
    check(TO_CLOSE ": k\n\n" TEXT("a") "\n\n" FINISH "\n\ndata: [DONE]\n\n", frames);
    check(TO_CLOSE ": k\r\n\r\n" TEXT("a") "\r\n\r\n" FINISH "\r\n\r\ndata: [DONE]\r\n\r\n", frames);
    check(TO_CLOSE ":k\r" TEXT("a") "\r\r" FINISH "\r\rdata:[DONE]\r\r", frames);
    check(TO_CLOSE "\xEF\xBB\xBF: k\n" TEXT("a") "\n\n" FINISH "\n\ndata: [DONE]\n\n", frames);
}

static void reads_chunks_that_cut_anywhere(void **state)
{
    (void)state;
    check(IN_CHUNKS "8\r\ndata: {\"\r\n2f\r\nchoices\":[{\"delta\":{\"content\":\"\xC3\xA9\"}}]}\r\n\r\nd: "
                    "x\n\r\n0\r\n\r\n",
          "content content=\"\xC3\xA9\"\n200 complete events tail=5");
    check(IN_CHUNKS "1\r\nd\r\n1\r\na\r\n1\r\nt\r\nD\r\na: [DONE]\r\n\r\n\r\n0\r\n\r\n",
          "done\n200 complete done events tail=0");
}

static void survives_what_engines_do(void **state)
{
    (void)state;
    check(TO_CLOSE TEXT("a") "\n\n" FINISH "\n\n", /* no [DONE] */
          "content content=\"a\"\nfinish finish=\"stop\"\n200 complete events tail=0");
    check(TO_CLOSE TEXT("a") "\n\ndata: {\"error\":{\"message\":\"boom\"}}\n\n",
          "content content=\"a\"\nerror error=\"boom\"\n200 complete events tail=0");
    check(TO_CLOSE TEXT("a") "\n\ndata: {\"choi", "content content=\"a\"\n200 complete events tail=12");
    check(TO_CLOSE TEXT("a") "\n\ndata: [DONE]\n", "content content=\"a\"\n200 complete events tail=13");
    check(TO_CLOSE "data: {\"choices\":[}\n\n" TEXT("b") "\n\n",
          "malformed\ncontent content=\"b\"\n200 complete events tail=0");
    check(TO_CLOSE "data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"x\"}}]}\n\n",
          "content content=\"x\"\n200 complete events tail=0");
    check(TO_CLOSE "event: ping\n\nid: 3\n\ndata: {}\n\n", "role\n200 complete events tail=0");
    check(TO_CLOSE, "200 complete none tail=0");
}

static void survives_transport_cuts(void **state)
{
    (void)state;
    check(IN_CHUNKS "12\r\ndata: [DONE]\n\n", "done\n200 done events tail=0");
    check(IN_CHUNKS "5\r\ndata:", "200 events tail=5");
    check(IN_CHUNKS "5\r\ndata:\r\nzz\r\n", "200 bad events tail=5");
    check(IN_CHUNKS "FFFFFFFFFFFFFFFFFFF\r\n" TEXT("a"), "200 bad none tail=0");
    check("HTTP/1.1 200 OK\r\nContent-Ty", "200 no-head none tail=0");
    check("SSH-2.0-OpenSSH_9.2\r\n", "0 no-head bad none tail=0");
    check("", "0 no-head none tail=0");
}

static void reads_documents(void **state)
{
    (void)state;
    check("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 32\r\n\r\n"
          "{\"error\":{\"message\":\"too long\"}}rest",
          "error error=\"too long\"\n400 complete document tail=0");
    check("HTTP/1.0 500 Oops\r\nContent-Type: text/html\r\n\r\n<h1>Oops</h1>",
          "malformed\n500 complete document tail=0");
    check("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"choices\":[{\"mess",
          "malformed\n200 document tail=0");
    check("HTTP/1.1 204 No Content\r\n\r\n", "204 complete none tail=0");
    check("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "500 complete none tail=0");
    check("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "
          "OK\r\n\r\n{\"choices\":[{\"message\":{\"content\":\"x\"}}]}",
          "content content=\"x\"\n200 complete document tail=0");
}

/* Some servers send events under another type. */
static void tells_events_by_their_beginning(void **state)
{
    (void)state;
    check(HEAD "Content-Type: text/plain\r\n\r\n" TEXT("a") "\n\n",
          "content content=\"a\"\n200 complete events tail=0");
    check(HEAD "\r\n: hi\n\n", "comment\n200 complete events tail=0");
    check(HEAD "\r\nevent: x\ndata: {}\n\n", "role\n200 complete events tail=0");
    check(HEAD "\r\ndat", "malformed\n200 complete document tail=0");
    check(HEAD "\r\ndatum: 1\n\n", "malformed\n200 complete document tail=0");
    check(HEAD "Content-Type: text/event-streams\r\n\r\n{}", "role\n200 complete document tail=0");
    check(HEAD "content-type: TEXT/Event-Stream\r\n\r\n{}\n\n", "200 complete events tail=0");
}

/* Several frames in one read, one frame over several: each has the time of the read that completed it. */
static void places_frames_in_reads(void **state)
{
    static const char *const reads[] = {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n",
                                        "\r\n: k\n",
                                        TEXT("a") "\n\n" TEXT("b") "\n\n" TEXT("c"),
                                        "\n",
                                        "\n",
                                        "data: [DO",
                                        "NE]\r",
                                        "\n\r\n"};
    struct log log = {.with_place = 1};
    struct stream *s = stream_new(on_frame, NULL, &log);
    (void)state;
    assert_non_null(s);
    for (size_t i = 0; i < sizeof reads / sizeof *reads; i++) {
        assert_int_equal(feed_text(s, 100 + i, reads[i]), TT_OK);
        if (i == 0)
            assert_true(stream_state(s)->t_head == ABSENT);
    }
    assert_string_equal(buf_text(&log.frames),
                        "@101/1/0 comment\n@102/2/4 content content=\"a\"\n"
                        "@102/2/51 content content=\"b\"\n@104/4/98 content content=\"c\"\n"
                        "@107/7/145 done\n");
    assert_int_equal(stream_state(s)->t_first_byte, 100);
    assert_int_equal(stream_state(s)->t_head, 101);
    assert_int_equal(stream_state(s)->reads, 8);
    assert_int_equal(stream_state(s)->saw_done, 1);
    stream_free(s);
    log_release(&log);
}

/* A document belongs to the last read that brought any of it, not to the close. */
static void places_documents_in_reads(void **state)
{
    struct log log = {.with_place = 1};
    struct stream *s = stream_new(on_frame, NULL, &log);
    (void)state;
    assert_non_null(s);
    assert_int_equal(feed_text(s, 10, HEAD "Content-Length: 2\r\n\r\n{"), TT_OK);
    assert_int_equal(feed_text(s, 20, "}"), TT_OK);
    assert_int_equal(stream_state(s)->body_complete, 1);
    assert_int_equal(stream_close(s, 30), TT_OK);
    assert_int_equal(stream_close(s, 31), TT_OK); /* once is enough */
    assert_string_equal(buf_text(&log.frames), "@20/1/0 role\n");
    stream_free(s);
    log_release(&log);
}

static void keeps_the_head(void **state)
{
    struct stream *s = stream_new(NULL, NULL, NULL);
    const char *input =
        "HTTP/1.0 200 OK\r\nServer: mlx_vlm/0.6.15\r\nContent-Type: text/event-stream\r\n\r\n";
    (void)state;
    assert_non_null(s);
    assert_true(stream_state(s)->t_first_byte == ABSENT);
    assert_int_equal(feed_text(s, 1, ""), TT_OK);
    assert_true(stream_state(s)->t_first_byte == ABSENT);
    assert_int_equal(feed_text(s, 5, input), TT_OK);
    const struct stream_state *st = stream_state(s);
    assert_int_equal(st->http_minor, 0);
    assert_true(st->content_length == ABSENT);
    assert_int_equal(st->server.len, strlen("mlx_vlm/0.6.15"));
    assert_memory_equal(st->server.data, "mlx_vlm/0.6.15", st->server.len);
    assert_memory_equal(st->content_type.data, "text/event-stream", st->content_type.len);
    assert_int_equal(st->t_first_byte, 5);
    stream_free(s);
}

static void is_ready_again_after_reset(void **state)
{
    static const char *const inputs[] = {IN_CHUNKS "5\r\ndata:", "garbage\n", TO_CLOSE TEXT("half"),
                                         HEAD "\r\n{\"choi", TO_CLOSE TEXT("a") "\n\ndata: [DONE]\n\n"};
    struct log log = {.with_place = 0};
    struct stream *s = stream_new(on_frame, NULL, &log);
    (void)state;
    assert_non_null(s);
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        stream_reset(s);
        buf_clear(&log.frames);
        assert_int_equal(feed_text(s, 1, inputs[i]), TT_OK);
        stream_close(s, 2);
    }
    describe_state(&log.frames, stream_state(s));
    assert_string_equal(buf_text(&log.frames),
                        "content content=\"a\"\ndone\n200 complete done events tail=0");
    assert_int_equal(stream_state(s)->reads, 1);
    stream_free(s);
    log_release(&log);
}

static void stops_when_the_callback_says_so(void **state)
{
    struct log log = {.stop_after = 2};
    struct stream *s = stream_new(on_frame, NULL, &log);
    const char *input = TO_CLOSE TEXT("a") "\n\n" TEXT("b") "\n\n" TEXT("c") "\n\n";
    (void)state;
    assert_non_null(s);
    assert_int_equal(feed_text(s, 1, input), 42);
    assert_int_equal(log.seen, 2);
    stream_free(s);
    log_release(&log);
}

/* --- size --- */

static void feed_filler(struct stream *s, size_t bytes)
{
    static char filler[1 << 20];
    memset(filler, 'x', sizeof filler);
    for (; bytes > sizeof filler; bytes -= sizeof filler)
        assert_int_equal(stream_feed(s, 1, filler, sizeof filler), TT_OK);
    assert_int_equal(stream_feed(s, 1, filler, bytes), TT_OK);
}

/* An event of 100 MB is passed over, and what follows is read; one byte more or less decides at the cap. */
static void passes_over_oversized_events(void **state)
{
    static const size_t sizes[] = {STREAM_EVENT_MAX - 9, STREAM_EVENT_MAX - 8, (size_t)100 << 20};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct log log = {.with_place = 0};
        struct stream *s = stream_new(on_frame, NULL, &log);
        assert_non_null(s);
        assert_int_equal(feed_text(s, 0, TO_CLOSE), TT_OK);
        assert_int_equal(feed_text(s, 1, "data: {\"x\":\""), TT_OK);
        feed_filler(s, sizes[i]);
        assert_int_equal(feed_text(s, 2, "\"} \n\n"), TT_OK);
        assert_int_equal(feed_text(s, 3, TEXT("b") "\n\n"), TT_OK);
        assert_string_equal(buf_text(&log.frames),
                            i ? "malformed\ncontent content=\"b\"\n" : "role\ncontent content=\"b\"\n");
        stream_free(s);
        log_release(&log);
    }
}

static void caps_documents(void **state)
{
    for (size_t extra = 0; extra < 2; extra++) {
        struct log log = {.with_place = 0};
        struct stream *s = stream_new(on_frame, NULL, &log);
        (void)state;
        assert_non_null(s);
        assert_int_equal(feed_text(s, 0, HEAD "\r\n{\"x\":\""), TT_OK);
        feed_filler(s, STREAM_BODY_MAX - 8 + extra);
        assert_int_equal(feed_text(s, 2, "\"}"), TT_OK);
        if (extra)
            feed_filler(s, (size_t)50 << 20);
        assert_int_equal(stream_close(s, 3), TT_OK);
        assert_string_equal(buf_text(&log.frames), extra ? "malformed\n" : "role\n");
        stream_free(s);
        log_release(&log);
    }
}

/* Over the cap is over the cap, even when what was kept would make a document. */
static void a_document_ends_where_it_ends(void **state)
{
    static const char spaces[] = "                                                                ";
    struct log log = {.with_place = 0};
    struct stream *s = stream_new(on_frame, NULL, &log);
    (void)state;
    assert_non_null(s);
    assert_int_equal(feed_text(s, 0, HEAD "\r\n{}"), TT_OK);
    for (size_t i = 0; i <= STREAM_BODY_MAX / (sizeof spaces - 1); i++)
        assert_int_equal(stream_feed(s, 1, spaces, sizeof spaces - 1), TT_OK);
    assert_int_equal(stream_close(s, 3), TT_OK);
    assert_string_equal(buf_text(&log.frames), "malformed\n");
    stream_free(s);
    log_release(&log);
}

static void caps_the_head(void **state)
{
    struct stream *s = stream_new(NULL, NULL, NULL);
    (void)state;
    assert_non_null(s);
    assert_int_equal(feed_text(s, 0, HEAD "X: "), TT_OK);
    feed_filler(s, STREAM_HEAD_MAX - strlen(HEAD) - 4);
    assert_int_equal(stream_state(s)->bad_framing, 0);
    feed_filler(s, 2);
    assert_int_equal(stream_state(s)->bad_framing, 1);
    assert_int_equal(stream_state(s)->head_complete, 0);
    feed_filler(s, (size_t)50 << 20);
    stream_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_line_end),
        cmocka_unit_test(reads_chunks_that_cut_anywhere),
        cmocka_unit_test(survives_what_engines_do),
        cmocka_unit_test(survives_transport_cuts),
        cmocka_unit_test(reads_documents),
        cmocka_unit_test(tells_events_by_their_beginning),
        cmocka_unit_test(places_frames_in_reads),
        cmocka_unit_test(places_documents_in_reads),
        cmocka_unit_test(keeps_the_head),
        cmocka_unit_test(is_ready_again_after_reset),
        cmocka_unit_test(stops_when_the_callback_says_so),
        cmocka_unit_test(passes_over_oversized_events),
        cmocka_unit_test(caps_documents),
        cmocka_unit_test(a_document_ends_where_it_ends),
        cmocka_unit_test(caps_the_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
