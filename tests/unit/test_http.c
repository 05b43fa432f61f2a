/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "record/clock.h"
#include "tests/unit/http_fixture.h"

/* ---- whole messages ---- */

static const char chunked_answer[] = CHUNKED "\r\n6\r\ndata: \r\n3;ext=1\r\nx\n\n\r\n0\r\n\r\n";

static void chunked_keep_alive(struct tiny_connection *c, void *context)
{
    int *closed_by_client = context;
    tiny_send(c, chunked_answer);
    *closed_by_client = tiny_wait_for_close(c, 10000);
}

static void test_chunked_end_is_seen_on_a_kept_connection(void **state)
{
    (void)state;
    struct fixture f;
    int closed_by_client = 0;
    play(&f, chunked_keep_alive, &closed_by_client);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_int_equal(f.result.status, 200);
    assert_string_equal(f.result.error, "");
    assert_string_equal(buf_text(&f.seen.wire), chunked_answer);
    assert_true(elapsed_ms(&f) < 5000);
    close_fixture(&f);
    assert_true(closed_by_client); /* and not used again */
}

static void test_head_and_body_of_one_recv_are_one_read(void **state)
{
    (void)state;
    struct fixture f;
    int unused;
    play(&f, chunked_keep_alive, &unused);
    assert_int_equal(f.seen.count, 1);
    assert_int_equal(f.seen.len[0], sizeof chunked_answer - 1);
    assert_int_equal(f.result.t_header, f.seen.t[0]);
    close_fixture(&f);
}

static void test_stamps_are_in_order(void **state)
{
    (void)state;
    struct fixture f;
    int unused;
    play(&f, chunked_keep_alive, &unused);
    const struct http_result *r = &f.result;
    assert_true(r->t_start <= r->t_connected && r->t_connected <= r->t_sent && r->t_sent <= r->t_header);
    assert_true(r->t_header <= r->t_close && r->t_close != ABSENT);
    assert_true(r->lookup_ns != ABSENT && r->connect_ns != ABSENT);
    assert_true(r->tls_ns == ABSENT);
    assert_true(r->cpu_ns > 0 && r->cpu_ns < 1000000000);
    close_fixture(&f);
}

static void with_a_cookie(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, HEAD_OK
              "Set-Cookie: session=top-secret; Path=/\r\nContent-Length: 24\r\n\r\nSet-Cookie: not a header");
    tiny_wait_for_close(c, 10000);
}

static void test_cookies_are_not_stored(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, with_a_cookie, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_null(strstr(buf_text(&f.seen.wire), "top-secret"));
    assert_non_null(strstr(buf_text(&f.seen.wire), "Set-Cookie: ****"));
    assert_non_null(strstr(buf_text(&f.seen.wire), "\r\n\r\nSet-Cookie: not a header"));
    close_fixture(&f);
}

static void with_a_folded_cookie(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, HEAD_OK "Set-Cookie: session=top-secret\r\n");
    tiny_sleep_ms(30);
    tiny_send(c, " and-more-secret\r\n");
    tiny_sleep_ms(30);
    tiny_send(c, "Server: x\r\n folded\r\nContent-Length: 2\r\n\r\nok");
    tiny_wait_for_close(c, 10000);
}

static void test_a_cookie_that_goes_on_in_the_next_read_is_not_stored(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, with_a_folded_cookie, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_null(strstr(buf_text(&f.seen.wire), "secret"));
    assert_non_null(strstr(buf_text(&f.seen.wire), "\r\n ***************\r\nServer: x\r\n folded\r\n"));
    close_fixture(&f);
}

static void content_length_keep_alive(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, HEAD_OK "Content-Length: 10\r\n\r\n0123");
    tiny_sleep_ms(30);
    tiny_send(c, "456789");
    tiny_wait_for_close(c, 10000);
}

static void test_content_length_on_a_kept_connection(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, content_length_keep_alive, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_int_equal(f.seen.count, 2);
    assert_int_equal(f.seen.len[1], 6);
    assert_true(clock_ticks_to_ns(f.seen.t[1] - f.seen.t[0]) > 20000000);
    assert_true(elapsed_ms(&f) < 5000);
    close_fixture(&f);
}

static void close_delimited(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "HTTP/1.0 200 OK\r\n\r\ndata: {}\n\ndata: [DO");
}

static void test_close_ends_a_message_without_a_length(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, close_delimited, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_string_equal(buf_text(&f.seen.wire), "HTTP/1.0 200 OK\r\n\r\ndata: {}\n\ndata: [DO");
    close_fixture(&f);
}

static void trailers(struct tiny_connection *c, void *context)
{
    tiny_send(c, context);
    tiny_wait_for_close(c, 10000);
}

static void test_trailers_stand_once_in_the_wire(void **state)
{
    (void)state;
    struct fixture f;
    char text[] = CHUNKED "\r\n1\r\nx\r\n0\r\nX-Sum: 1\r\n\r\n";
    play(&f, trailers, text);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_string_equal(buf_text(&f.seen.wire), text);
    close_fixture(&f);
}

static void slow_bytes(struct tiny_connection *c, void *context)
{
    (void)context;
    for (const char *p = chunked_answer; *p; p++) {
        tiny_send_bytes(c, p, 1);
        tiny_sleep_ms(1);
    }
    tiny_wait_for_close(c, 10000);
}

static void test_one_byte_at_a_time(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, slow_bytes, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_string_equal(buf_text(&f.seen.wire), chunked_answer);
    size_t body = strlen(strstr(chunked_answer, "\r\n\r\n") + 4);
    assert_true(f.seen.count >= body / 2); /* the kernel may join some */
    for (size_t i = 1; i < f.seen.count; i++)
        assert_true(f.seen.t[i] >= f.seen.t[i - 1]);
    close_fixture(&f);
}

static void continue_first(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "HTTP/1.1 100 Continue\r\n\r\n");
    tiny_sleep_ms(30);
    tiny_send(c, "HTTP/1.1 102 Processing\r\nX-A: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    tiny_wait_for_close(c, 10000);
}

static void test_interim_answers_do_not_end_the_head(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, continue_first, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_int_equal(f.result.status, 200);
    assert_int_equal(f.seen.count, 2);
    assert_int_equal(f.result.t_header, f.seen.t[1]);
    assert_non_null(strstr(buf_text(&f.seen.wire), "100 Continue"));
    assert_non_null(strstr(buf_text(&f.seen.wire), "\r\n\r\nok"));
    close_fixture(&f);
}

static void redirect(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
    tiny_wait_for_close(c, 10000);
}

static void test_redirects_are_not_followed(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, redirect, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_int_equal(f.result.status, 302);
    assert_int_equal(tiny_accepted(f.server), 1);
    close_fixture(&f);
}

static void large_body(struct tiny_connection *c, void *context)
{
    static char block[100000];
    memset(block, 'x', sizeof block);
    (void)context;
    tiny_send(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
    for (int i = 0; i < 10; i++)
        tiny_send_bytes(c, block, sizeof block);
    tiny_wait_for_close(c, 10000);
}

static void test_a_large_body_arrives_whole(void **state)
{
    (void)state;
    struct fixture f;
    play(&f, large_body, NULL);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_int_equal(f.seen.wire.len, 1000000 + strlen("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"));
    close_fixture(&f);
}

/* ---- the request ---- */

static void keep_request(struct tiny_connection *c, void *context)
{
    struct buf *copy = context;
    buf_append(copy, c->request, c->request_len);
    tiny_send(c, "HTTP/1.1 204 No Content\r\n\r\n");
    tiny_wait_for_close(c, 10000);
}

static void test_the_request_carries_what_was_asked_and_no_more(void **state)
{
    (void)state;
    struct fixture f;
    struct buf request = BUF_INIT;
    static const char *const headers[] = {"X-Mine: yes", NULL};
    open_fixture(&f, keep_request, &request);
    struct http_request q = post(&f, "{\"stream\":true}");
    q.headers = headers;
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.status, 204);
    const char *text = buf_text(&request);
    assert_memory_equal(text, "POST / HTTP/1.1\r\n", 17);
    assert_non_null(strstr(text, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(text, "\r\nContent-Length: 15\r\n"));
    assert_non_null(strstr(text, "\r\nX-Mine: yes\r\n"));
    assert_non_null(strstr(text, "\r\nUser-Agent: toktape/"));
    assert_non_null(strstr(text, "\r\n\r\n{\"stream\":true}"));
    assert_null(strstr(text, "Accept-Encoding"));
    assert_null(strstr(text, "Expect"));
    close_fixture(&f);
    buf_release(&request);
}

static void test_a_post_without_a_body_has_a_length(void **state)
{
    (void)state;
    struct fixture f;
    struct buf request = BUF_INIT;
    open_fixture(&f, keep_request, &request);
    struct http_request q = {.url = tiny_url(f.server), .method = "POST", .timeout_s = 5};
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_non_null(strstr(buf_text(&request), "\r\nContent-Length: 0\r\n"));
    buf_clear(&request);
    q.method = "DELETE";
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_memory_equal(buf_text(&request), "DELETE / HTTP/1.1\r\n", 19);
    assert_null(strstr(buf_text(&request), "Content-"));
    close_fixture(&f);
    buf_release(&request);
}

static void test_a_long_body_is_sent_whole(void **state)
{
    (void)state;
    struct fixture f;
    struct buf request = BUF_INIT;
    static char body[60001];
    memset(body, 'b', sizeof body - 1);
    open_fixture(&f, keep_request, &request);
    struct http_request q = post(&f, body);
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_string_equal(strstr(buf_text(&request), "\r\n\r\n") + 4, body);
    assert_true(f.result.t_sent >= f.result.t_connected);
    close_fixture(&f);
    buf_release(&request);
}

static void test_each_attempt_has_its_own_connection(void **state)
{
    (void)state;
    struct fixture f;
    int unused;
    play(&f, chunked_keep_alive, &unused);
    struct http_request q = post(&f, "{}");
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(tiny_accepted(f.server), 3);
    close_fixture(&f);
}

static void refuse_header(struct fixture *f, const char *line)
{
    const char *const headers[] = {line, NULL};
    struct http_request q = post(f, "{}");
    q.headers = headers;
    assert_int_equal(perform(f, &q, NULL), TT_USAGE);
}

static void test_headers_that_would_change_the_message_are_refused(void **state)
{
    (void)state;
    struct fixture f;
    int unused;
    open_fixture(&f, chunked_keep_alive, &unused);
    refuse_header(&f, "X: a\r\nY: b");
    refuse_header(&f, "no colon");
    refuse_header(&f, ": empty");
    refuse_header(&f, "accept-encoding: gzip");
    refuse_header(&f, "Transfer-Encoding: chunked");
    assert_int_equal(tiny_accepted(f.server), 0);
    close_fixture(&f);
}

static void test_only_http_is_spoken(void **state)
{
    (void)state;
    struct fixture f;
    int unused;
    open_fixture(&f, chunked_keep_alive, &unused);
    struct http_request q = {.url = "file:///etc/hostname", .method = "GET", .timeout_s = 5};
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.ended, RUN_ENDED_NO_CONNECTION);
    assert_int_equal(f.seen.count, 0);
    q.method = "GET / HTTP/1.1\r\nX:";
    assert_int_equal(perform(&f, &q, NULL), TT_USAGE);
    close_fixture(&f);
}

/* ---- small answers ---- */

static void test_fetch_takes_the_framing_off(void **state)
{
    (void)state;
    struct fixture f;
    struct http_answer answer;
    int unused;
    open_fixture(&f, chunked_keep_alive, &unused);
    struct http_request q = {.url = tiny_url(f.server), .method = "GET", .timeout_s = 5};
    assert_int_equal(http_fetch(f.client, &q, 1000, NULL, &answer, &f.error), TT_OK);
    assert_string_equal(buf_text(&answer.body), "data: x\n\n");
    struct bytes type = http_header_value(&answer.head, "content-type");
    assert_int_equal(type.len, 17);
    assert_memory_equal(type.data, "text/event-stream", 17);
    assert_int_equal(http_header_value(&answer.head, "Content").len, 0);
    http_answer_release(&answer);
    close_fixture(&f);
}

static void test_fetch_stops_at_its_cap(void **state)
{
    (void)state;
    struct fixture f;
    struct http_answer answer;
    open_fixture(&f, large_body, NULL);
    struct http_request q = {.url = tiny_url(f.server), .method = "GET", .timeout_s = 5};
    assert_int_equal(http_fetch(f.client, &q, 1000, NULL, &answer, &f.error), TT_OK);
    assert_int_equal(answer.result.ended, RUN_ENDED_LIMIT);
    assert_int_equal(answer.body.len, 1000);
    http_answer_release(&answer);
    close_fixture(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chunked_end_is_seen_on_a_kept_connection),
        cmocka_unit_test(test_head_and_body_of_one_recv_are_one_read),
        cmocka_unit_test(test_stamps_are_in_order),
        cmocka_unit_test(test_cookies_are_not_stored),
        cmocka_unit_test(test_a_cookie_that_goes_on_in_the_next_read_is_not_stored),
        cmocka_unit_test(test_content_length_on_a_kept_connection),
        cmocka_unit_test(test_close_ends_a_message_without_a_length),
        cmocka_unit_test(test_trailers_stand_once_in_the_wire),
        cmocka_unit_test(test_one_byte_at_a_time),
        cmocka_unit_test(test_interim_answers_do_not_end_the_head),
        cmocka_unit_test(test_redirects_are_not_followed),
        cmocka_unit_test(test_a_large_body_arrives_whole),
        cmocka_unit_test(test_the_request_carries_what_was_asked_and_no_more),
        cmocka_unit_test(test_a_post_without_a_body_has_a_length),
        cmocka_unit_test(test_a_long_body_is_sent_whole),
        cmocka_unit_test(test_each_attempt_has_its_own_connection),
        cmocka_unit_test(test_headers_that_would_change_the_message_are_refused),
        cmocka_unit_test(test_only_http_is_spoken),
        cmocka_unit_test(test_fetch_takes_the_framing_off),
        cmocka_unit_test(test_fetch_stops_at_its_cap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
