/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/io.h"
#include "record/cold.h"
#include "tests/unit/tiny_server.h"

static enum cold_method planned(const char *choice, enum engine_kind engine, const char *restart_cmd)
{
    struct cold_plan plan;
    struct error e = {0};
    if (cold_plan_make(&plan, choice, engine, &(struct cold_restart){restart_cmd, NULL, NULL}, 1, &e))
        fail_msg("%s", e.text);
    return plan.method;
}

static void test_auto_takes_the_best(void **state)
{
    (void)state;
    assert_int_equal(planned("auto", ENGINE_LLAMACPP, NULL), COLD_REQUEST);
    assert_int_equal(planned("auto", ENGINE_LLAMACPP, "true"), COLD_RESTART);
    assert_int_equal(planned("auto", ENGINE_VLLM, NULL), COLD_REQUEST);
    assert_int_equal(planned("auto", ENGINE_MLX_VLM, NULL), COLD_RESET);
    assert_int_equal(planned("auto", ENGINE_RAPID_MLX, NULL), COLD_RESET);
    assert_int_equal(planned("auto", ENGINE_VLLM_MLX, NULL), COLD_RESET);
    assert_int_equal(planned("auto", ENGINE_MLX_LM, NULL), COLD_NONCE);
    assert_int_equal(planned("auto", ENGINE_OLLAMA, NULL), COLD_NONCE);
    assert_int_equal(planned("auto", ENGINE_UNKNOWN, NULL), COLD_NONCE);
}

static void test_a_choice_is_taken_at_its_word(void **state)
{
    (void)state;
    assert_int_equal(planned("nonce", ENGINE_LLAMACPP, "true"), COLD_NONCE);
    assert_int_equal(planned("keep", ENGINE_LLAMACPP, "true"), COLD_KEEP);
    assert_int_equal(planned("request", ENGINE_LLAMACPP, "true"), COLD_REQUEST);
    assert_int_equal(planned("reset", ENGINE_MLX_VLM, NULL), COLD_RESET);
    assert_int_equal(planned("restart", ENGINE_UNKNOWN, "true"), COLD_RESTART);
}

static void expect_refusal(const char *choice, enum engine_kind engine, const char *why)
{
    struct cold_plan plan;
    struct error e = {0};
    assert_int_equal(cold_plan_make(&plan, choice, engine, NULL, 1, &e), TT_USAGE);
    if (!strstr(e.text, why))
        fail_msg("%s", e.text);
}

static void test_the_impossible_is_refused(void **state)
{
    (void)state;
    expect_refusal("restart", ENGINE_LLAMACPP, "needs '--restart-cmd'");
    expect_refusal("reset", ENGINE_LLAMACPP, "llamacpp offers; it has request, nonce");
    expect_refusal("request", ENGINE_MLX_VLM, "mlx_vlm offers; it has reset, nonce");
    expect_refusal("request", ENGINE_UNKNOWN, "an unknown engine offers; it has nonce");
    expect_refusal("warm", ENGINE_LLAMACPP, "not one of auto");
    expect_refusal("", ENGINE_LLAMACPP, "not one of auto");
    expect_refusal("none", ENGINE_LLAMACPP, "not one of auto");
}

static void prepare(const struct cold_plan *plan, int must_be_cold, uint64_t repeat, struct cold_step *step)
{
    assert_int_equal(cold_prepare(plan, NULL, must_be_cold, repeat, step, NULL), TT_OK);
}

static void test_llamacpp_asks_only_in_the_cold_requests(void **state)
{
    (void)state;
    struct cold_plan plan;
    struct cold_step step;
    assert_int_equal(cold_plan_make(&plan, "auto", ENGINE_LLAMACPP, NULL, 1, NULL), TT_OK);
    prepare(&plan, 1, 0, &step);
    assert_int_equal(step.method, COLD_REQUEST);
    assert_string_equal(step.body, "{\"cache_prompt\":false}");
    assert_null(step.nonce);
    prepare(&plan, 0, 0, &step);
    assert_int_equal(step.method, COLD_NOT_ASKED);
    assert_null(step.body);
}

static void test_a_salt_is_one_repeats(void **state)
{
    (void)state;
    struct cold_plan plan;
    struct cold_step cold, warm, next;
    assert_int_equal(cold_plan_make(&plan, "request", ENGINE_VLLM, NULL, 1, NULL), TT_OK);
    prepare(&plan, 1, 0, &cold);
    prepare(&plan, 0, 0, &warm);
    prepare(&plan, 1, 1, &next);
    assert_string_equal(cold.body, warm.body);
    assert_string_not_equal(cold.body, next.body);
    assert_int_equal(strlen(cold.body), strlen("{\"cache_salt\":\"0123456789abcdef\"}"));
    assert_int_equal(strncmp(cold.body, "{\"cache_salt\":\"", 15), 0);
    assert_int_equal(warm.method, COLD_NOT_ASKED);
}

static void test_a_nonce_follows_from_seed_and_repeat(void **state)
{
    (void)state;
    struct cold_plan plan, other;
    struct cold_step first, again, warm, next, other_seed;
    assert_int_equal(cold_plan_make(&plan, "nonce", ENGINE_MLX_LM, NULL, 7, NULL), TT_OK);
    assert_int_equal(cold_plan_make(&other, "nonce", ENGINE_MLX_LM, NULL, 8, NULL), TT_OK);
    prepare(&plan, 1, 0, &first);
    prepare(&plan, 1, 0, &again);
    prepare(&plan, 0, 0, &warm);
    prepare(&plan, 1, 1, &next);
    prepare(&other, 1, 0, &other_seed);
    assert_int_equal(first.method, COLD_NONCE);
    assert_string_equal(first.nonce, again.nonce);
    assert_string_equal(first.nonce, warm.nonce);
    assert_string_not_equal(first.nonce, next.nonce);
    assert_string_not_equal(first.nonce, other_seed.nonce);
    assert_null(first.body);
}

static void test_keep_does_nothing_and_says_so(void **state)
{
    (void)state;
    struct cold_plan plan;
    struct cold_step step;
    assert_int_equal(
        cold_plan_make(&plan, "keep", ENGINE_LLAMACPP, &(struct cold_restart){"false", NULL, NULL}, 7, NULL),
        TT_OK);
    prepare(&plan, 1, 0, &step);
    assert_int_equal(step.method, COLD_KEEP);
    assert_true(!step.body && !step.nonce && !step.mark);
}

static void test_judgement(void **state)
{
    (void)state;
    assert_int_equal(cold_judge(0), COLD_IS_COLD);
    assert_int_equal(cold_judge(64), COLD_IS_COLD);
    assert_int_equal(cold_judge(65), COLD_IS_NOT);
    assert_int_equal(cold_judge(ABSENT), COLD_IS_UNKNOWN);
}

/* ---- with a server ---- */

struct bench {
    struct tiny_server *server;
    struct http_client *client;
    struct endpoint endpoint;
    struct probe_job job;
    struct error error;
};

/* What the server saw and how it answers. */
struct manners {
    const char *status;
    char line[200];
};

static void resettable(struct tiny_connection *c, void *context)
{
    struct manners *m = context;
    char head[200];
    snprintf(m->line, sizeof m->line, "%.*s", (int)strcspn(c->request, "\r"), c->request);
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", m->status);
    tiny_send(c, head);
}

static void bench_open(struct bench *b, tiny_handler *handler, void *context)
{
    memset(b, 0, sizeof *b);
    b->server = tiny_start(handler, context);
    assert_int_equal(http_client_new(&b->client, NULL), TT_OK);
    assert_int_equal(endpoint_parse(&b->endpoint, tiny_url(b->server), NULL), TT_OK);
    b->job.client = b->client;
    b->job.endpoint = &b->endpoint;
}

static void bench_close(struct bench *b)
{
    endpoint_release(&b->endpoint);
    http_client_free(b->client);
    tiny_stop(b->server);
}

static void test_a_reset_is_asked_for_before_cold_runs_only(void **state)
{
    (void)state;
    struct bench b;
    struct manners manners = {.status = "200 OK"};
    struct cold_plan plan;
    struct cold_step step;
    bench_open(&b, resettable, &manners);
    assert_int_equal(cold_plan_make(&plan, "auto", ENGINE_VLLM_MLX, NULL, 1, NULL), TT_OK);
    assert_int_equal(cold_prepare(&plan, &b.job, 0, 0, &step, &b.error), TT_OK);
    assert_int_equal(tiny_accepted(b.server), 0);
    assert_null(step.mark);
    assert_int_equal(cold_prepare(&plan, &b.job, 1, 0, &step, &b.error), TT_OK);
    assert_string_equal(manners.line, "DELETE /v1/cache HTTP/1.1");
    assert_string_equal(step.mark, "cache_reset");
    assert_int_equal(step.method, COLD_RESET);
    bench_close(&b);
}

static void test_a_refused_reset_is_named(void **state)
{
    (void)state;
    struct bench b;
    struct manners manners = {.status = "404 Not Found"};
    struct cold_plan plan;
    struct cold_step step;
    bench_open(&b, resettable, &manners);
    assert_int_equal(cold_plan_make(&plan, "auto", ENGINE_MLX_VLM, NULL, 1, NULL), TT_OK);
    assert_int_equal(cold_prepare(&plan, &b.job, 1, 0, &step, &b.error), TT_NETWORK);
    assert_string_equal(manners.line, "POST /v1/cache/reset HTTP/1.1");
    assert_non_null(strstr(b.error.text, "/v1/cache/reset answered 404"));
    assert_null(step.mark);
    assert_int_equal(step.method, COLD_KEEP);
    bench_close(&b);
}

/* Refuses to be healthy for the first three questions, as an engine does that is still loading. */
static void slow_starter(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, c->number < 3 ? "HTTP/1.1 503 Loading\r\nContent-Length: 0\r\n\r\n"
                               : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void test_a_restart_waits_for_the_engine(void **state)
{
    (void)state;
    struct bench b;
    struct cold_plan plan;
    struct cold_step step;
    char folder[] = "/tmp/toktape-cold.XXXXXX", command[200], marker[100];
    assert_non_null(mkdtemp(folder));
    snprintf(marker, sizeof marker, "%s/restarted", folder);
    snprintf(command, sizeof command, "touch %s", marker);
    bench_open(&b, slow_starter, NULL);
    assert_int_equal(
        cold_plan_make(&plan, "auto", ENGINE_LLAMACPP, &(struct cold_restart){command, NULL, NULL}, 1, NULL),
        TT_OK);
    assert_int_equal(cold_prepare(&plan, &b.job, 1, 0, &step, &b.error), TT_OK);
    assert_true(io_exists(marker));
    assert_int_equal(tiny_accepted(b.server), 4);
    assert_string_equal(step.mark, "restart");
    bench_close(&b);
    io_remove(marker, NULL);
    rmdir(folder);
}

static void test_a_failing_restart_is_named(void **state)
{
    (void)state;
    struct bench b;
    struct cold_plan plan;
    struct cold_step step;
    static const volatile sig_atomic_t set = 1;
    bench_open(&b, slow_starter, NULL);
    assert_int_equal(cold_plan_make(&plan, "restart", ENGINE_UNKNOWN,
                                    &(struct cold_restart){"echo no such unit; exit 5", NULL, NULL}, 1, NULL),
                     TT_OK);
    assert_int_equal(cold_prepare(&plan, &b.job, 1, 0, &step, &b.error), TT_IO);
    assert_string_equal(b.error.text, "the restart command ended with exit status 5: no such unit");
    assert_null(step.mark);
    b.job.interrupted = &set;
    assert_int_equal(cold_plan_make(&plan, "restart", ENGINE_UNKNOWN,
                                    &(struct cold_restart){"sleep 20", NULL, NULL}, 1, NULL),
                     TT_OK);
    assert_int_equal(cold_prepare(&plan, &b.job, 1, 0, &step, &b.error), TT_INTERRUPTED);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_auto_takes_the_best),
        cmocka_unit_test(test_a_choice_is_taken_at_its_word),
        cmocka_unit_test(test_the_impossible_is_refused),
        cmocka_unit_test(test_llamacpp_asks_only_in_the_cold_requests),
        cmocka_unit_test(test_a_salt_is_one_repeats),
        cmocka_unit_test(test_a_nonce_follows_from_seed_and_repeat),
        cmocka_unit_test(test_keep_does_nothing_and_says_so),
        cmocka_unit_test(test_judgement),
        cmocka_unit_test(test_a_reset_is_asked_for_before_cold_runs_only),
        cmocka_unit_test(test_a_refused_reset_is_named),
        cmocka_unit_test(test_a_restart_waits_for_the_engine),
        cmocka_unit_test(test_a_failing_restart_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
