/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "record/tokeniser.h"
#include "tests/unit/tiny_server.h"

/* What the server says, in turn, and the last question that it was asked. */
struct script {
    const char *status, *answers[2];
    char request[400];
};

struct bench {
    struct script script;
    struct tiny_server *server;
    struct endpoint endpoint;
    struct tokeniser tokeniser;
};

static void reply(struct tiny_connection *c, void *context)
{
    struct script *s = context;
    const char *body = s->answers[c->number % 2] ? s->answers[c->number % 2] : s->answers[0];
    char head[100];
    snprintf(s->request, sizeof s->request, "%.*s", (int)c->request_len, c->request);
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n\r\n", s->status, strlen(body));
    tiny_send(c, head);
    tiny_send(c, body);
}

static void open_bench(struct bench *b, enum engine_kind kind, const char *first, const char *second)
{
    memset(b, 0, sizeof *b);
    b->script = (struct script){.status = "200 OK", .answers = {first, second}};
    b->server = tiny_start(reply, &b->script);
    assert_int_equal(endpoint_parse(&b->endpoint, tiny_url(b->server), NULL), TT_OK);
    b->tokeniser = (struct tokeniser){.endpoint = &b->endpoint, .kind = kind, .model = "a \"model\""};
    assert_int_equal(http_client_new(&b->tokeniser.client, NULL), TT_OK);
}

static void close_bench(struct bench *b)
{
    http_client_free(b->tokeniser.client);
    endpoint_release(&b->endpoint);
    tiny_stop(b->server);
}

static int count(struct bench *b, uint64_t *tokens, struct error *e)
{
    return tokeniser_count(&b->tokeniser, (struct bytes){(const unsigned char *)"two \"words\"", 11}, tokens,
                           e);
}

static void assert_question(enum engine_kind kind, const char *body)
{
    struct bench b;
    uint64_t tokens = 0;
    open_bench(&b, kind, "{\"count\": 9, \"tokens\": [3, 0, 4294967295]}", NULL);
    assert_true(tokeniser_can_count(kind));
    assert_int_equal(count(&b, &tokens, NULL), TT_OK);
    assert_int_equal(tokens, 3);
    assert_int_equal(strncmp(b.script.request, "POST /tokenize HTTP/1.1\r\n", 25), 0);
    assert_string_equal(strstr(b.script.request, "\r\n\r\n") + 4, body);
    close_bench(&b);
}

static void test_each_engine_is_asked_in_its_own_way(void **state)
{
    (void)state;
    assert_question(ENGINE_LLAMACPP, "{\"content\":\"two \\\"words\\\"\",\"add_special\":false}");
    assert_question(ENGINE_VLLM, "{\"model\":\"a \\\"model\\\"\",\"prompt\":\"two \\\"words\\\"\","
                                 "\"add_special_tokens\":false}");
    assert_false(tokeniser_can_count(ENGINE_OLLAMA));
    assert_false(tokeniser_can_count(ENGINE_UNKNOWN));
}

static void test_no_tokens_are_no_count(void **state)
{
    static const char *const answers[] = {"",
                                          "{}",
                                          "[1]",
                                          "{\"tokens\": 3}",
                                          "{\"tokens\": [\"a\"]}",
                                          "{\"tokens\": [-1]}",
                                          "{\"tokens\": [1.5]}",
                                          "{\"tokens\": [4294967296]}",
                                          "{\"tokens\": [1, 2}",
                                          "{\"tokens\": [1]} x"};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct bench b;
        struct error e = {0};
        uint64_t tokens;
        open_bench(&b, ENGINE_LLAMACPP, answers[i], NULL);
        assert_int_equal(count(&b, &tokens, &e), TT_NOTFOUND);
        assert_non_null(strstr(e.text, "does not say how many tokens a text has (http://127.0.0.1:"));
        close_bench(&b);
    }
}

static void test_refusals_and_silence(void **state)
{
    struct bench b;
    struct error e = {0};
    uint64_t tokens;
    (void)state;
    open_bench(&b, ENGINE_LLAMACPP, "{\"tokens\": [1]}", NULL);
    b.script.status = "404 Not Found";
    assert_int_equal(count(&b, &tokens, &e), TT_NOTFOUND);
    volatile sig_atomic_t interrupted = 1;
    b.tokeniser.interrupted = &interrupted;
    assert_int_equal(count(&b, &tokens, &e), TT_INTERRUPTED);
    interrupted = 0;
    endpoint_release(&b.endpoint);
    assert_int_equal(endpoint_parse(&b.endpoint, "http://127.0.0.1:1", NULL), TT_OK);
    assert_int_equal(count(&b, &tokens, &e), TT_NETWORK);
    assert_non_null(strstr(e.text, "no longer answers"));
    close_bench(&b);
}

static void test_prompts_become_ids(void **state)
{
    static const struct bytes body = {(const unsigned char *)"{\"messages\":[]}", 15};
    struct bench b;
    struct buf ids = BUF_INIT;
    (void)state;
    open_bench(&b, ENGINE_LLAMACPP, "{\"prompt\": \"<s>\\u00e9\"}", "{\"tokens\": [1, 300]}");
    assert_int_equal(tokeniser_prompt(&b.tokeniser, body, &ids), TT_OK);
    assert_int_equal(ids.len, 3);
    assert_memory_equal(ids.data, "\x01\xac\x02", 3);
    assert_string_equal(strstr(b.script.request, "\r\n\r\n") + 4,
                        "{\"add_special\":true,\"parse_special\":true,\"content\":\"<s>\\u00e9\"}");
    close_bench(&b);
    open_bench(&b, ENGINE_LLAMACPP, "{\"prompt\": \"x\"}", "{\"tokens\": []}");
    assert_int_equal(tokeniser_prompt(&b.tokeniser, body, &ids), TT_NOTFOUND);
    close_bench(&b);
    open_bench(&b, ENGINE_LLAMACPP, "{\"tokens\": [1]}", NULL);
    assert_int_equal(tokeniser_prompt(&b.tokeniser, body, &ids), TT_NOTFOUND);
    close_bench(&b);
    buf_release(&ids);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_engine_is_asked_in_its_own_way),
        cmocka_unit_test(test_no_tokens_are_no_count),
        cmocka_unit_test(test_refusals_and_silence),
        cmocka_unit_test(test_prompts_become_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
