/* SPDX-License-Identifier: MIT */
/* The bytes of a request, and how they get out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "record/http_header.h"
#include "tests/unit/http_fixture.h"

/* ---- the head ---- */

static void expect_head(const struct http_request *q, const char *expected)
{
    struct buf head = BUF_INIT;
    struct error e;
    assert_int_equal(http_write_head(&head, q, "host:8080", "/v1/chat?x=1", &e), TT_OK);
    char *agent = strstr(buf_text(&head), "toktape/");
    assert_non_null(agent);
    memset(agent + 8, 'V', strcspn(agent + 8, "\r"));
    assert_string_equal(buf_text(&head), expected);
    buf_release(&head);
}

static void test_a_head_says_what_is_needed(void **state)
{
    (void)state;
    struct http_request q = {.method = "GET"};
    expect_head(&q, "GET /v1/chat?x=1 HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: toktape/VVVVV\r\n"
                    "Accept: */*\r\n\r\n");
    q.method = "POST";
    expect_head(&q, "POST /v1/chat?x=1 HTTP/1.1\r\nHost: host:8080\r\nUser-Agent: toktape/VVVVV\r\n"
                    "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n");
}

static void test_what_is_given_stands_once(void **state)
{
    (void)state;
    static const char *const headers[] = {"host: other", "ACCEPT: text/plain", "content-type: text/x",
                                          "X-A: 1", NULL};
    struct http_request q = {.method = "POST", .headers = headers, .body = {(const unsigned char *)"ab", 2}};
    expect_head(&q, "POST /v1/chat?x=1 HTTP/1.1\r\nUser-Agent: toktape/VVVVV\r\nhost: other\r\n"
                    "ACCEPT: text/plain\r\ncontent-type: text/x\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n");
}

static void test_a_head_of_an_enemy_is_refused(void **state)
{
    (void)state;
    const char *const split[] = {"X-A: 1\r\n\r\nGET / HTTP/1.1", NULL};
    const char *const framing[] = {"content-length: 5", NULL};
    struct http_request q = {.method = "GET", .headers = split};
    struct buf head = BUF_INIT;
    struct error e;
    assert_int_equal(http_write_head(&head, &q, "h", "/", &e), TT_USAGE);
    q.headers = framing;
    assert_int_equal(http_write_head(&head, &q, "h", "/", &e), TT_USAGE);
    q.headers = NULL;
    q.method = "GET /\r\nX";
    assert_int_equal(http_write_head(&head, &q, "h", "/", &e), TT_USAGE);
    assert_int_equal(head.len, 0);
}

/* ---- the URL's part in it ---- */

static void keep_request(struct tiny_connection *c, void *context)
{
    buf_append(context, c->request, c->request_len);
    tiny_send(c, "HTTP/1.1 204 No Content\r\n\r\n");
    tiny_wait_for_close(c, 10000);
}

static void test_path_and_query_are_sent_as_they_are(void **state)
{
    (void)state;
    struct fixture f;
    struct buf request = BUF_INIT, url = BUF_INIT;
    open_fixture(&f, keep_request, &request);
    buf_printf(&url, "%s/a/./b%%2F?q=1&r=%%20#fragment", tiny_url(f.server));
    struct http_request q = {.url = buf_text(&url), .method = "GET", .timeout_s = 5};
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    static const char line[] = "GET /a/./b%2F?q=1&r=%20 HTTP/1.1\r\n";
    assert_memory_equal(buf_text(&request), line, sizeof line - 1);
    const char *host = strstr(buf_text(&request), "\r\nHost: ");
    const char *named = tiny_url(f.server) + strlen("http://");
    assert_non_null(host);
    assert_memory_equal(host + 8, named, strlen(named));
    close_fixture(&f);
    buf_release(&request);
    buf_release(&url);
}

static void test_a_url_that_is_none_is_no_connection(void **state)
{
    (void)state;
    struct fixture f;
    static const char *const urls[] = {"", "http://", "not a url", "http://127.0.0.1:99999/"};
    open_fixture(&f, keep_request, NULL);
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct http_request q = {.url = urls[i], .method = "GET", .timeout_s = 5};
        assert_int_equal(perform(&f, &q, NULL), TT_OK);
        assert_int_equal(f.result.ended, RUN_ENDED_NO_CONNECTION);
        assert_memory_equal(f.result.error, "no connection: ", 15);
        assert_true(f.result.status == ABSENT && f.result.t_sent == ABSENT);
    }
    assert_int_equal(tiny_accepted(f.server), 0);
    close_fixture(&f);
}

/* ---- a body that does not fit into the socket at once ---- */

#define LONG_BODY ((size_t)12 << 20)

static char *long_body(void)
{
    char *body = malloc(LONG_BODY + 1);
    assert_non_null(body);
    for (size_t i = 0; i < LONG_BODY; i++)
        body[i] = (char)('a' + i % 23);
    body[LONG_BODY] = '\0';
    return body;
}

/* Takes the rest in slowly and checks each byte of it. */
static void read_all(struct tiny_connection *c, void *context)
{
    static char bytes[50000];
    const char *body = strstr(c->request, "\r\n\r\n") + 4;
    size_t have = c->request_len - (size_t)(body - c->request);
    size_t *wrong = context;
    while (have < LONG_BODY) {
        ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);
        if (n <= 0)
            break;
        for (ssize_t i = 0; i < n; i++)
            *wrong += bytes[i] != (char)('a' + (have + (size_t)i) % 23);
        have += (size_t)n;
    }
    *wrong += have != LONG_BODY;
    tiny_send(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    tiny_wait_for_close(c, 10000);
}

static void test_a_body_larger_than_the_socket_is_sent_whole(void **state)
{
    (void)state;
    struct fixture f;
    size_t wrong = 0;
    char *body = long_body();
    open_fixture(&f, read_all, &wrong);
    struct http_request q = post(&f, body);
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
    assert_true(f.result.t_sent <= f.result.t_header);
    close_fixture(&f);
    assert_int_equal(wrong, 0);
    free(body);
}

/* It goes on listening, or hangs up on the rest of the request. */
static void too_large(struct tiny_connection *c, void *context)
{
    const int *hangs_up = context;
    tiny_send(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nlong");
    if (!*hangs_up)
        tiny_sleep_ms(500);
}

static void test_an_answer_before_the_request_is_out_is_taken(void **state)
{
    (void)state;
    struct fixture f;
    char *body = long_body();
    for (int hangs_up = 0; hangs_up < 2; hangs_up++) {
        open_fixture(&f, too_large, &hangs_up);
        struct http_request q = post(&f, body);
        assert_int_equal(perform(&f, &q, NULL), TT_OK);
        assert_int_equal(f.result.ended, RUN_ENDED_COMPLETE);
        assert_int_equal(f.result.status, 413);
        close_fixture(&f);
    }
    free(body);
}

static void hangs_up(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_reset(c);
}

static void test_a_request_that_nobody_takes_is_a_cut(void **state)
{
    (void)state;
    struct fixture f;
    char *body = long_body();
    open_fixture(&f, hangs_up, NULL);
    struct http_request q = post(&f, body);
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.ended, RUN_ENDED_CUT);
    assert_string_equal(f.result.error, "the connection broke while the request was being sent");
    close_fixture(&f);
    free(body);
}

static void deaf(struct tiny_connection *c, void *context)
{
    (void)c, (void)context;
    tiny_sleep_ms(1500);
}

static void test_a_server_that_takes_nothing_in_is_given_up(void **state)
{
    (void)state;
    struct fixture f;
    char *body = long_body();
    open_fixture(&f, deaf, NULL);
    struct http_request q = post(&f, body);
    q.stall_s = 0.3;
    assert_int_equal(perform(&f, &q, NULL), TT_OK);
    assert_int_equal(f.result.ended, RUN_ENDED_STALLED);
    assert_true(f.result.t_header == ABSENT);
    close_fixture(&f);
    free(body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_head_says_what_is_needed),
        cmocka_unit_test(test_what_is_given_stands_once),
        cmocka_unit_test(test_a_head_of_an_enemy_is_refused),
        cmocka_unit_test(test_path_and_query_are_sent_as_they_are),
        cmocka_unit_test(test_a_url_that_is_none_is_no_connection),
        cmocka_unit_test(test_a_body_larger_than_the_socket_is_sent_whole),
        cmocka_unit_test(test_an_answer_before_the_request_is_out_is_taken),
        cmocka_unit_test(test_a_request_that_nobody_takes_is_a_cut),
        cmocka_unit_test(test_a_server_that_takes_nothing_in_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
