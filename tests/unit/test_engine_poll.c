/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/io.h"
#include "record/clock.h"
#include "record/engine_poll.h"
#include "tiny_server.h"

static uint64_t read_number(const char *path, const char *body, const char *name)
{
    uint64_t values[ENGINE_NUMBERS_MAX];
    struct buf text = BUF_INIT;
    for (size_t i = 0; i < ENGINE_NUMBERS_MAX; i++)
        values[i] = ABSENT;
    buf_puts(&text, body);
    engine_numbers_read(path, &text, values);
    buf_release(&text);
    for (size_t i = 0; i < engine_number_count; i++) {
        if (strcmp(engine_numbers[i].channel.name, name) == 0)
            return values[i];
    }
    fail_msg("no number %s", name);
    return ABSENT;
}

static void read_capture(const char *name, struct buf *raw)
{
    char file[512];
    snprintf(file, sizeof file, "%s/captures/probes/%s", TEST_DATA, name);
    assert_int_equal(io_read_file(file, 1 << 20, raw, NULL), TT_OK);
}

static void test_llamacpp_as_recorded(void **state)
{
    (void)state;
    struct buf raw = BUF_INIT;
    read_capture("llamacpp-metrics.raw", &raw);
    const char *body = strstr(buf_text(&raw), "\r\n\r\n") + 4;
    assert_int_not_equal(read_number("/metrics", body, "llamacpp:prompt_tokens_total"), ABSENT);
    assert_int_not_equal(read_number("/metrics", body, "llamacpp:tokens_predicted_total"), ABSENT);
    assert_int_equal(read_number("/metrics", body, "llamacpp:requests_processing"), 0);
    assert_int_equal(read_number("/metrics", body, "vllm:num_requests_running"), ABSENT);
    buf_clear(&raw);
    read_capture("llamacpp-slots.raw", &raw);
    body = strstr(buf_text(&raw), "\r\n\r\n") + 4;
    assert_int_equal(read_number("/slots", body, "/slots processing"), 0);
    buf_release(&raw);
}

static void test_labels_are_added_up(void **state)
{
    (void)state;
    static const char text[] = "# HELP vllm:num_requests_running x\n"
                               "vllm:num_requests_running{engine=\"0\",model_name=\"a } 7\"} 1.0\n"
                               "vllm:num_requests_running{engine=\"1\"} 2.0\n"
                               "vllm:num_requests_running_other 9\n"
                               "vllm:kv_cache_usage_perc{engine=\"0\"} 0.125\n"
                               "vllm:prompt_tokens_total{a=\"b\"} 1.5e+03\n"
                               "vllm:generation_tokens_total NaN\n"
                               "vllm:prefix_cache_hits_total -4";
    assert_int_equal(read_number("/metrics", text, "vllm:num_requests_running"), 3);
    assert_int_equal(read_number("/metrics", text, "vllm:kv_cache_usage_perc"), 125000);
    assert_int_equal(read_number("/metrics", text, "vllm:prompt_tokens_total"), 1500);
    assert_int_equal(read_number("/metrics", text, "vllm:generation_tokens_total"), ABSENT);
    assert_int_equal(read_number("/metrics", text, "vllm:prefix_cache_hits_total"), ABSENT);
}

static void test_slots(void **state)
{
    (void)state;
    static const char text[] =
        "[{\"n_prompt_tokens\":100,\"is_processing\":true,\"next_token\":[{\"n_decoded\":7}]},"
        "{\"n_prompt_tokens\":20,\"is_processing\":false},{\"id\":3}]";
    assert_int_equal(read_number("/slots", text, "/slots tokens"), 127);
    assert_int_equal(read_number("/slots", text, "/slots processing"), 1);
    assert_int_equal(read_number("/slots", "nonsense", "/slots tokens"), ABSENT);
    assert_int_equal(read_number("/slots", "{}", "/slots processing"), ABSENT);
}

static void answer(struct tiny_connection *c, void *context)
{
    (void)context;
    tiny_send(c, "HTTP/1.1 200 OK\r\nContent-Length: 33\r\n\r\nllamacpp:requests_processing 5   \n");
}

/* A polled engine of which only /metrics is known. */
struct polled {
    struct tiny_server *server;
    struct endpoint endpoint;
    struct probe_set probes;
    struct engine_poll *poll;
    void *open;
};

static void poll_open(struct polled *p, tiny_handler *handler)
{
    p->server = tiny_start(handler, NULL);
    assert_int_equal(endpoint_parse(&p->endpoint, tiny_url(p->server), NULL), TT_OK);
    probe_set_init(&p->probes);
    assert_int_equal(engine_poll_new(&p->poll, &p->endpoint, NULL, &p->probes, NULL), TT_NOTFOUND);
    for (size_t i = 0; i < p->probes.count; i++) {
        if (strcmp(p->probes.answers[i].path, "/metrics") == 0) {
            p->probes.answers[i].status = 200;
            buf_puts(&p->probes.answers[i].body, "llamacpp:requests_processing 0\n");
        }
    }
    assert_int_equal(engine_poll_new(&p->poll, &p->endpoint, NULL, &p->probes, NULL), TT_OK);
    assert_int_equal(sensor_engine_numbers.open(p->poll, &p->open, NULL), TT_OK);
}

static void poll_close(struct polled *p)
{
    sensor_engine_numbers.close(p->open);
    engine_poll_free(p->poll);
    probe_set_release(&p->probes);
    endpoint_release(&p->endpoint);
    tiny_stop(p->server);
}

static void wait_for_value(struct polled *p, struct sensor_value *values)
{
    values[0].value = ABSENT;
    for (int i = 0; i < 1000 && values[0].value == ABSENT; i++) {
        tiny_sleep_ms(10);
        assert_int_equal(sensor_engine_numbers.read(p->open, values), TT_OK);
    }
    assert_int_equal(values[0].value, 5);
}

static void test_the_engine_is_asked_and_each_answer_handed_on_once(void **state)
{
    (void)state;
    struct polled p;
    struct sensor_value values[ENGINE_NUMBERS_MAX];
    poll_open(&p, answer);
    wait_for_value(&p, values);
    assert_true(values[0].t > 0 && values[0].duration > 0);
    assert_int_equal(sensor_engine_numbers.read(p.open, values), TT_OK);
    assert_int_equal(values[0].value, ABSENT);
    assert_int_equal(tiny_accepted(p.server), 1); /* and not again for 2 s */
    poll_close(&p);
}

/* It keeps the first question for half a second and goes away, as an engine does that is being restarted. */
static void answer_after_a_restart(struct tiny_connection *c, void *context)
{
    if (c->number == 0)
        tiny_sleep_ms(500);
    else
        answer(c, context);
}

/* Had that half second been the engine's own time, the next question would come 60 s later. */
static void test_an_unanswered_question_silences_nobody(void **state)
{
    (void)state;
    struct polled p;
    struct sensor_value values[ENGINE_NUMBERS_MAX];
    uint64_t begin = clock_ticks();
    poll_open(&p, answer_after_a_restart);
    wait_for_value(&p, values);
    assert_true(clock_ticks_to_ns(clock_ticks() - begin) < UINT64_C(10000000000));
    assert_true(tiny_accepted(p.server) >= 2);
    poll_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_llamacpp_as_recorded),
        cmocka_unit_test(test_labels_are_added_up),
        cmocka_unit_test(test_slots),
        cmocka_unit_test(test_the_engine_is_asked_and_each_answer_handed_on_once),
        cmocka_unit_test(test_an_unanswered_question_silences_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
