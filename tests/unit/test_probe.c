/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "record/clock.h"
#include "record/probe.h"
#include "tests/unit/tiny_server.h"

/* The rows that were emitted, as "moment status path body" lines, and their headers. */
struct diary {
    struct buf rows, headers;
    int refuse_with;
};

static int note(void *context, const struct probe_row *row)
{
    struct diary *d = context;
    assert_true(row->t != 0 && row->duration < clock_ns_to_ticks(UINT64_C(60000000000)));
    assert_memory_equal(row->method.data, "GET", 3);
    buf_printf(&d->rows, "%d %d %.*s %.*s\n", (int)row->moment, (int)row->status, (int)row->path.len,
               row->path.data, (int)row->body.len, (const char *)row->body.data);
    buf_append(&d->headers, row->headers.data, row->headers.len);
    return d->refuse_with;
}

struct bench {
    struct tiny_server *server;
    struct http_client *client;
    struct endpoint endpoint;
    struct scrubber scrubber;
    struct probe_set set;
    struct diary diary;
    struct probe_job job;
};

static void bench_open(struct bench *b, tiny_handler *handler)
{
    memset(b, 0, sizeof *b);
    b->server = tiny_start(handler, NULL);
    assert_int_equal(http_client_new(&b->client, NULL), TT_OK);
    assert_int_equal(endpoint_parse(&b->endpoint, tiny_url(b->server), NULL), TT_OK);
    snprintf(b->scrubber.homes[0], sizeof b->scrubber.homes[0], "/home/ada");
    probe_set_init(&b->set);
    b->job = (struct probe_job){.client = b->client,
                                .endpoint = &b->endpoint,
                                .scrubber = &b->scrubber,
                                .emit = note,
                                .context = &b->diary};
}

static void bench_close(struct bench *b)
{
    probe_set_release(&b->set);
    endpoint_release(&b->endpoint);
    http_client_free(b->client);
    tiny_stop(b->server);
    buf_release(&b->diary.rows);
    buf_release(&b->diary.headers);
}

static int asks_for(const struct tiny_connection *c, const char *path)
{
    size_t len = strlen(path);
    return strncmp(c->request, "GET ", 4) == 0 && strncmp(c->request + 4, path, len) == 0 &&
           c->request[4 + len] == ' ';
}

static void answer(struct tiny_connection *c, const char *status, const char *body)
{
    char head[300];
    snprintf(head, sizeof head,
             "HTTP/1.1 %s\r\nServer: tiny/1\r\nSet-Cookie: id=verysecretvalue\r\nContent-Length: %zu\r\n\r\n",
             status, strlen(body));
    tiny_send(c, head);
    tiny_send(c, body);
}

static void llama_like(struct tiny_connection *c, void *context)
{
    (void)context;
    if (asks_for(c, "/health"))
        answer(c, "200 OK", "{\"status\":\"ok\"}");
    else if (asks_for(c, "/props"))
        answer(c, "200 OK", "{\"model_path\":\"/home/ada/m.gguf\"}");
    else if (asks_for(c, "/slots"))
        answer(c, "200 OK", "[]");
    else if (asks_for(c, "/metrics"))
        answer(c, "501 Not Implemented", "{}");
    else
        answer(c, "404 Not Found", "{}");
}

static void test_the_start_asks_everything_and_later_moments_what_changes(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, llama_like);
    assert_int_equal(probe_ask(&b.set, &b.job, PROBE_AT_START, ABSENT, NULL), TT_OK);
    assert_int_equal(tiny_accepted(b.server), (int)b.set.count);
    assert_true(b.set.reached);
    assert_string_equal(buf_text(&b.diary.rows), "0 200 /health {\"status\":\"ok\"}\n"
                                                 "0 200 /props {\"model_path\":\"~/m.gguf\"}\n"
                                                 "0 200 /slots []\n"
                                                 "0 501 /metrics {}\n");
    buf_clear(&b.diary.rows);
    assert_int_equal(probe_ask(&b.set, &b.job, PROBE_BEFORE_RUN, 3, NULL), TT_OK);
    assert_string_equal(buf_text(&b.diary.rows), "2 200 /slots []\n");
    buf_clear(&b.diary.rows);
    assert_int_equal(probe_ask(&b.set, &b.job, PROBE_AT_END, ABSENT, NULL), TT_OK);
    assert_string_equal(buf_text(&b.diary.rows), "1 200 /health {\"status\":\"ok\"}\n1 200 /slots []\n");
    bench_close(&b);
}

static void test_answers_are_kept_as_they_came_and_emitted_scrubbed(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, llama_like);
    assert_int_equal(probe_ask(&b.set, &b.job, PROBE_AT_START, ABSENT, NULL), TT_OK);
    const struct probe_answer *props = probe_find(&b.set, "/props");
    assert_non_null(props);
    assert_string_equal(buf_text(&props->body), "{\"model_path\":\"/home/ada/m.gguf\"}");
    assert_null(probe_find(&b.set, "/metrics"));
    assert_null(probe_find(&b.set, "/version"));
    assert_null(strstr(buf_text(&b.diary.headers), "verysecretvalue"));
    assert_non_null(strstr(buf_text(&b.diary.headers), "Server: tiny/1"));
    bench_close(&b);
}

static void test_a_failing_receiver_ends_the_asking(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, llama_like);
    b.diary.refuse_with = TT_IO;
    assert_int_equal(probe_ask(&b.set, &b.job, PROBE_AT_START, ABSENT, NULL), TT_IO);
    assert_int_equal(tiny_accepted(b.server), 1);
    bench_close(&b);
}

static void silent(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_wait_for_close(c, 10000);
}

static void test_a_silent_server_is_not_asked_for_long(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, silent);
    b.job.timeout_s = 0.2;
    assert_int_equal(probe_ask(&b.set, &b.job, PROBE_AT_START, ABSENT, NULL), TT_OK);
    assert_int_equal(tiny_accepted(b.server), PROBE_PATIENCE);
    assert_false(b.set.reached);
    assert_string_equal(buf_text(&b.diary.rows), "");
    assert_false(probe_is_healthy(&b.job));
    bench_close(&b);
}

static void test_nobody_there(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, llama_like);
    tiny_stop(b.server);
    assert_int_equal(probe_ask(&b.set, &b.job, PROBE_AT_START, ABSENT, NULL), TT_OK);
    assert_false(b.set.reached);
    assert_false(probe_is_healthy(&b.job));
    b.server = tiny_start(llama_like, NULL);
    bench_close(&b);
}

static void no_health(struct tiny_connection *c, void *context)
{
    (void)context;
    answer(c, asks_for(c, "/v1/models") ? "200 OK" : "404 Not Found", "{}");
}

static void loading(struct tiny_connection *c, void *context)
{
    (void)context;
    answer(c, asks_for(c, "/health") ? "503 Service Unavailable" : "200 OK", "{}");
}

static int health_of(tiny_handler *handler)
{
    struct bench b;
    bench_open(&b, handler);
    int healthy = probe_is_healthy(&b.job);
    bench_close(&b);
    return healthy;
}

static void test_health(void **state)
{
    (void)state;
    assert_true(health_of(llama_like));
    assert_true(health_of(no_health));
    assert_false(health_of(loading));
}

static void endless(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n");
    for (int i = 0; i < 40000; i++)
        tiny_send(c, "0123456789");
}

static void test_long_answers_are_cut(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b, endless);
    b.job.emit = NULL;
    assert_int_equal(probe_ask(&b.set, &b.job, PROBE_AT_START, ABSENT, NULL), TT_OK);
    assert_int_equal(probe_find(&b.set, "/props")->body.len, PROBE_BODY_MAX);
    assert_true(probe_find(&b.set, "/openapi.json")->body.len < 10000);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_start_asks_everything_and_later_moments_what_changes),
        cmocka_unit_test(test_answers_are_kept_as_they_came_and_emitted_scrubbed),
        cmocka_unit_test(test_a_failing_receiver_ends_the_asking),
        cmocka_unit_test(test_a_silent_server_is_not_asked_for_long),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_long_answers_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
