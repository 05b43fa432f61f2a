/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/http_fixture.h"

/* ---- everything that goes wrong ---- */

static void cut_in_a_chunk(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, CHUNKED "\r\n20\r\ndata: ");
}

static void test_a_cut_chunk_is_a_cut(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, cut_in_a_chunk, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_int_equal(f.result.status, 200);
    assert_string_equal(buf_text(&f.seen.wire), CHUNKED "\r\n20\r\ndata: ");
    assert_string_equal(f.result.error, "the engine closed the connection before the end of the message");
    close_fixture(&f);
}

static void broken_chunks(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, CHUNKED "\r\n4\r\nabcd\r\nnot hex\r\n");
    tiny_wait_for_close(c, 10000);
}

static void test_broken_chunk_framing_is_kept_and_ends_it(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, broken_chunks, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_string_equal(buf_text(&f.seen.wire), CHUNKED "\r\n4\r\nabcd\r\nnot hex\r\n");
    assert_non_null(strstr(f.result.error, "framing"));
    close_fixture(&f);
}

static void cut_in_the_head(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "HTTP/1.1 200 OK\r\nContent-Type: te");
}

static void test_a_cut_head_has_no_header_time(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, cut_in_the_head, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_true(f.result.t_header == ABSENT);
    assert_string_equal(buf_text(&f.seen.wire), "HTTP/1.1 200 OK\r\n");
    close_fixture(&f);
}

static void silent_close(struct tiny_connection *c, void *context)
{
    (void)c, (void)context;
}

static void test_a_close_without_an_answer(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, silent_close, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_true(f.result.status == ABSENT);
    assert_int_equal(tiny_accepted(f.server), 1); /* libcurl must not have tried again by itself */
    close_fixture(&f);
}

static void reset_midway(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, CHUNKED "\r\n4\r\nabcd\r\n");
    tiny_sleep_ms(50);
    tiny_reset(c);
}

static void test_a_reset_is_a_cut(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, reset_midway, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_string_equal(buf_text(&f.seen.wire), CHUNKED "\r\n4\r\nabcd\r\n");
    assert_string_not_equal(f.result.error, "");
    close_fixture(&f);
}

static void not_http(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "SSH-2.0-OpenSSH_9.2\r\n");
    tiny_wait_for_close(c, 10000);
}

static void test_something_else_than_http(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, not_http, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_string_equal(f.result.error, "what answers there does not speak HTTP/1.x");
    close_fixture(&f);
}

/* A prompt without the end of a line, from somebody who waits for us to speak. */
static void speaks_first(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "login: ");
    tiny_wait_for_close(c, 10000);
}

static void test_something_else_without_a_line_is_known_at_once(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, speaks_first, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_string_equal(f.result.error, "what answers there does not speak HTTP/1.x");
    assert_true(elapsed_ms(&f) < 5000);
    close_fixture(&f);
}

static void secret_in_two_parts(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, HEAD_OK "Set-Cookie: key=top-");
    tiny_sleep_ms(30);
    tiny_send(c, "secret; Path=/\r\nContent-Length: 2\r\n\r\nok");
    tiny_wait_for_close(c, 10000);
}

static void test_a_secret_in_two_parts_is_not_stored(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, secret_in_two_parts, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_int_equal(f.seen.count, 2);
    assert_null(strstr(buf_text(&f.seen.wire), "top-"));
    assert_null(strstr(buf_text(&f.seen.wire), "secret"));
    assert_non_null(strstr(buf_text(&f.seen.wire), "Set-Cookie: ****"));
    close_fixture(&f);
}

static void two_lengths(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(
        c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\nSet-Cookie: top-secret\r\n\r\nok");
    tiny_wait_for_close(c, 10000);
}

static void test_a_message_whose_end_is_unknown_is_a_cut(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, two_lengths, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_true(f.result.t_header == ABSENT);
    assert_null(strstr(buf_text(&f.seen.wire), "secret"));
    close_fixture(&f);
}

static void huge_head(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 3000; i++)
        tiny_send(c, "X-Filler: 0123456789012345678901234567890123456789\r\n");
    tiny_send(c, "\r\n");
}

static void huge_line(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "HTTP/1.1 200 OK\r\nX-Filler: ");
    for (int i = 0; i < 5000; i++)
        tiny_send(c, "0123456789012345678901234567890123456789");
    tiny_send(c, "\r\n\r\n");
}

static void test_a_huge_head_is_refused(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, huge_head, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_LIMIT);
    assert_true(f.seen.wire.len <= HTTP_HEAD_MAX);
    assert_string_equal(f.result.error, "the answer's head is over its limit");
    close_fixture(&f);
    play(&f, huge_line, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_LIMIT);
    close_fixture(&f);
}

static void endless_interim(struct tiny_connection *c, void *context)
{
    (void)context;
    for (int i = 0; i < 20000; i++)
        tiny_send(c, "HTTP/1.1 100 Continue\r\n\r\n");
}

static void test_endless_interim_answers_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, endless_interim, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_LIMIT);
    close_fixture(&f);
}

static void test_connection_refused(void **state)
{
    (void)state;
    struct fixture f;
    char url[64];
    open_fixture(&f, silent_close, NULL);
    snprintf(url, sizeof url, "%s", tiny_url(f.server));
    tiny_stop(f.server);
    struct http_request q = {.url = url, .method = "GET", .timeout_s = 5};
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.ended, RUN_ENDED_NO_CONNECTION);
    assert_true(f.result.t_connected == ABSENT && f.result.t_sent == ABSENT && f.result.t_close != ABSENT);
    assert_string_equal(f.result.error, "no connection: Connection refused");
    f.server = tiny_start(silent_close, NULL);
    close_fixture(&f);
}

/* ---- time ---- */

static void silent_after_one(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, CHUNKED "\r\n4\r\nabcd\r\n");
    tiny_wait_for_close(c, 10000);
}

static void test_silence_ends_the_attempt(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, silent_after_one, NULL);
    struct http_request q = post(&f, "{}");
    q.stall_s = 0.3;
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.ended, RUN_ENDED_STALLED);
    assert_true(elapsed_ms(&f) > 290 && elapsed_ms(&f) < 2000);
    assert_string_equal(f.result.error, "the engine was silent for 0.3 s");
    assert_string_equal(buf_text(&f.seen.wire), CHUNKED "\r\n4\r\nabcd\r\n");
    close_fixture(&f);
}

static void never_ending(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, CHUNKED "\r\n");
    for (int i = 0; i < 300; i++) {
        tiny_send(c, "1\r\nx\r\n");
        if (tiny_wait_for_close(c, 10))
            return;
    }
}

static void test_the_time_out_bounds_a_lively_stream(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, never_ending, NULL);
    struct http_request q = post(&f, "{}");
    q.timeout_s = 0.4;
    q.stall_s = 5;
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.ended, RUN_ENDED_TIMEOUT);
    assert_true(elapsed_ms(&f) > 390 && elapsed_ms(&f) < 2000);
    assert_string_equal(f.result.error, "no end of the message within 0.4 s");
    assert_true(f.seen.count > 5);
    close_fixture(&f);
}

static volatile sig_atomic_t interrupted;

static void *interrupt_soon(void *unused)
{
    (void)unused;
    tiny_sleep_ms(100);
    interrupted = 1;
    return NULL;
}

static void test_an_interrupt_ends_the_attempt(void **state)
{
    (void)state;
    struct fixture f;
    pthread_t thread;
    open_fixture(&f, silent_after_one, NULL);
    struct http_request q = post(&f, "{}");
    interrupted = 0;
    assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, NULL), 0);
    assert_int_equal(perform(&f, &q, &interrupted), TT_OK);
    pthread_join(thread, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_INTERRUPTED);
    assert_true(elapsed_ms(&f) < 100 + 2 * HTTP_WAIT_MAX_MS + 500);
    assert_string_equal(buf_text(&f.seen.wire), CHUNKED "\r\n4\r\nabcd\r\n");
    close_fixture(&f);
}

static void test_the_sink_can_end_it(void **state)
{
    (void)state;
    struct fixture f;
    open_fixture(&f, never_ending, NULL);
    struct http_request q = post(&f, "{}");
    f.seen.refuse_with = TT_IO;
    assert_int_equal(perform(&f, &q, NULL), TT_IO);
    assert_int_equal(f.seen.count, 1);
    f.seen.refuse_with = TT_LIMIT;
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.ended, RUN_ENDED_LIMIT);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cut_chunk_is_a_cut),
        cmocka_unit_test(test_broken_chunk_framing_is_kept_and_ends_it),
        cmocka_unit_test(test_a_cut_head_has_no_header_time),
        cmocka_unit_test(test_a_close_without_an_answer),
        cmocka_unit_test(test_a_reset_is_a_cut),
        cmocka_unit_test(test_something_else_than_http),
        cmocka_unit_test(test_something_else_without_a_line_is_known_at_once),
        cmocka_unit_test(test_a_secret_in_two_parts_is_not_stored),
        cmocka_unit_test(test_a_message_whose_end_is_unknown_is_a_cut),
        cmocka_unit_test(test_a_huge_head_is_refused),
        cmocka_unit_test(test_endless_interim_answers_are_refused),
        cmocka_unit_test(test_connection_refused),
        cmocka_unit_test(test_silence_ends_the_attempt),
        cmocka_unit_test(test_the_time_out_bounds_a_lively_stream),
        cmocka_unit_test(test_an_interrupt_ends_the_attempt),
        cmocka_unit_test(test_the_sink_can_end_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
