/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/jscan.h"
#include "record/json_merge.h"
#include "record/request.h"

#define DEFAULTS(tokens)                                                                                     \
    "\"max_tokens\":" tokens                                                                                 \
    ",\"temperature\":0,\"stream\":true,\"stream_options\":{\"include_usage\":true},"                        \
    "\"chat_template_kwargs\":{\"enable_thinking\":false}"

static char two_messages[] =
    "[{\"role\":\"system\",\"content\":\"A, [\\\"x\\\"]\"},{\"role\":\"user\",\"content\":\"Hi\"}]";

static struct workload_phase phase_of(char *messages)
{
    static char name[] = "cold";
    return (struct workload_phase){.name = name, .messages = messages, .max_tokens = 400};
}

static void build(struct request_body *body, char *messages, const struct request_options *options)
{
    struct workload_phase phase = phase_of(messages);
    struct error e = {0};
    int status = request_body_build(body, &phase, options, &e);
    if (status)
        fail_msg("%s", e.text);
    struct jscan s;
    jscan_init(&s, body->bytes.data, body->bytes.len);
    jscan_skip(&s);
    assert_true(jscan_finish(&s));
}

/* The segments, separated by '|'. */
static void expect_segments(const struct request_body *body, const char *want)
{
    struct buf text = BUF_INIT;
    size_t from = 0;
    for (size_t i = 0; i < body->cut_count; i++) {
        assert_true(body->cuts[i] > from && body->cuts[i] < body->bytes.len);
        buf_append(&text, body->bytes.data + from, body->cuts[i] - from);
        buf_putc(&text, '|');
        from = body->cuts[i];
    }
    buf_append(&text, body->bytes.data + from, body->bytes.len - from);
    assert_string_equal(buf_text(&text), want);
    buf_release(&text);
}

enum outcome { BUILT, REFUSED, BROKEN };

/* In a process of its own, since a fault is planned once in a process's life. */
static enum outcome build_with_fault(int nth)
{
    pid_t child = fork();
    int how = 0;
    if (child == 0) {
        char plan[32];
        struct request_body body;
        struct request_options options = {.model = "m"};
        struct workload_phase phase = phase_of(two_messages);
        snprintf(plan, sizeof plan, "alloc:%d:fail", nth);
        setenv("TOKTAPE_FAULT", plan, 1);
        request_body_init(&body);
        int status = request_body_build(&body, &phase, &options, NULL);
        int is_whole = strstr(buf_text(&body.bytes), DEFAULTS("400") "}") != NULL;
        _exit(status ? REFUSED : is_whole ? BUILT : BROKEN);
    }
    assert_true(child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how));
    return (enum outcome)WEXITSTATUS(how);
}

/* The n-th allocation fails, for every n there is (none in a build without fault points): whatever is lost,
 * half a request never leaves. First of all tests, while this process has not planned its own faults yet. */
static void test_half_a_body_is_never_sent(void **state)
{
    enum outcome outcome = REFUSED;
    (void)state;
    for (int nth = 1; outcome == REFUSED; nth++)
        outcome = build_with_fault(nth);
    assert_int_equal(outcome, BUILT);
}

static void test_the_default_body(void **state)
{
    (void)state;
    struct request_body body;
    struct request_options options = {0};
    request_body_init(&body);
    build(&body, two_messages, &options);
    expect_segments(&body, "{\"messages\":[|{\"role\":\"system\",\"content\":\"A, [\\\"x\\\"]\"}|,"
                           "{\"role\":\"user\",\"content\":\"Hi\"}|]," DEFAULTS("400") "}");
    request_body_release(&body);
}

static void test_model_tools_and_cold_members_in_their_places(void **state)
{
    (void)state;
    struct request_body body;
    char tools[] = "[{\"type\":\"function\"}]";
    struct workload_phase phase = phase_of(two_messages);
    struct request_options options = {.model = "a \"b\"", .cold_body = "{\"cache_prompt\":false}"};
    phase.tools = tools;
    request_body_init(&body);
    assert_int_equal(request_body_build(&body, &phase, &options, NULL), TT_OK);
    expect_segments(&body, "{\"model\":\"a \\\"b\\\"\",\"messages\":[|{\"role\":\"system\",\"content\":\"A, "
                           "[\\\"x\\\"]\"}|,{\"role\":\"user\",\"content\":\"Hi\"}|],\"tools\":[{\"type\":"
                           "\"function\"}]," DEFAULTS("400") ",\"cache_prompt\":false}");
    request_body_release(&body);
}

static void test_a_nonce_stands_between_two_cuts(void **state)
{
    (void)state;
    struct request_body body;
    struct request_options options = {.nonce = "N \"1\" "};
    char parts[] = "[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"Hi\"}]}]";
    char no_parts[] = "[{\"content\":[],\"role\":\"user\"}]";
    char empty[] = "[{\"role\":\"user\",\"content\":\"\"}]";
    request_body_init(&body);
    build(&body, two_messages, &options);
    expect_segments(&body,
                    "{\"messages\":[|{\"role\":\"system\",\"content\":\"|N \\\"1\\\" |A, [\\\"x\\\"]\"}|,"
                    "{\"role\":\"user\",\"content\":\"Hi\"}|]," DEFAULTS("400") "}");
    build(&body, parts, &options);
    expect_segments(
        &body,
        "{\"messages\":[|{\"role\":\"user\",\"content\":[|{\"type\":\"text\",\"text\":\"N \\\"1\\\" \"},|"
        "{\"type\":\"text\",\"text\":\"Hi\"}]}|]," DEFAULTS("400") "}");
    build(&body, no_parts, &options);
    expect_segments(&body,
                    "{\"messages\":[|{\"content\":[|{\"type\":\"text\",\"text\":\"N \\\"1\\\" \"}|],\"role\":"
                    "\"user\"}|]," DEFAULTS("400") "}");
    build(&body, empty, &options);
    expect_segments(
        &body, "{\"messages\":[|{\"role\":\"user\",\"content\":\"|N \\\"1\\\" |\"}|]," DEFAULTS("400") "}");
    request_body_release(&body);
}

static void test_no_place_for_a_nonce(void **state)
{
    (void)state;
    static const char *const messages[] = {"[{\"role\":\"assistant\",\"content\":null}]",
                                           "[{\"role\":\"user\"}]", "[5]"};
    struct request_body body;
    struct request_options options = {.nonce = "N"};
    request_body_init(&body);
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        struct workload_phase phase = phase_of(NULL);
        char text[100];
        strncpy(text, messages[i], sizeof text - 1);
        text[sizeof text - 1] = '\0';
        phase.messages = text;
        assert_int_equal(request_body_build(&body, &phase, &options, NULL), TT_UNSUPPORTED);
    }
    request_body_release(&body);
}

static void test_a_growing_history_shares_its_segments(void **state)
{
    (void)state;
    struct request_body one, two;
    struct request_options options = {0};
    char shorter[] = "[{\"role\":\"user\",\"content\":\"1\"},{\"role\":\"assistant\",\"content\":\"2\"}]";
    char longer[] = "[{\"role\":\"user\",\"content\":\"1\"},{\"role\":\"assistant\",\"content\":\"2\"},"
                    "{\"role\":\"user\",\"content\":\"3\"}]";
    request_body_init(&one);
    request_body_init(&two);
    build(&one, shorter, &options);
    build(&two, longer, &options);
    assert_int_equal(one.cut_count + 1, two.cut_count);
    for (size_t i = 0; i < one.cut_count; i++)
        assert_int_equal(one.cuts[i], two.cuts[i]);
    assert_memory_equal(one.bytes.data, two.bytes.data, one.cuts[one.cut_count - 1]);
    request_body_release(&one);
    request_body_release(&two);
}

static void expect_extra(const char *extra, const char *want_members)
{
    struct request_body body;
    struct request_options options = {.extra_body = extra, .cold_body = "{\"cache_prompt\":false}"};
    char none[] = "[]";
    request_body_init(&body);
    build(&body, none, &options);
    const char *text = buf_text(&body.bytes), *from = strstr(text, "\"messages\":[]");
    assert_non_null(from);
    assert_string_equal(from + strlen("\"messages\":[]"), want_members);
    request_body_release(&body);
}

static void test_extra_body_is_merged(void **state)
{
    (void)state;
    expect_extra("{}", "," DEFAULTS("400") ",\"cache_prompt\":false}");
    expect_extra(" { \"seed\" : 1.50e1 , \"x\":\"\\u00e9\" } ",
                 "," DEFAULTS("400") ",\"cache_prompt\":false,\"seed\":1.50e1,\"x\":\"\\u00e9\"}");
    expect_extra("{\"max_tokens\":7}", "," DEFAULTS("7") ",\"cache_prompt\":false}");
    expect_extra(
        "{\"cache_prompt\":null,\"temperature\":null,\"stream_options\":null,\"chat_template_kwargs\":null}",
        ",\"max_tokens\":400,\"stream\":true}");
    expect_extra(
        "{\"chat_template_kwargs\":{\"enable_thinking\":true,\"budget\":5},\"new\":{\"a\":null,\"b\":1}}",
        ",\"max_tokens\":400,\"temperature\":0,\"stream\":true,\"stream_options\":{\"include_usage\":true},"
        "\"chat_template_kwargs\":{\"enable_thinking\":true,\"budget\":5},\"cache_prompt\":false,"
        "\"new\":{\"b\":1}}");
    expect_extra("{\"seed\":1,\"seed\":2}", "," DEFAULTS("400") ",\"cache_prompt\":false,\"seed\":2}");
    expect_extra(
        "{\"\\u0074emperature\":1}",
        ",\"max_tokens\":400,\"temperature\":1,\"stream\":true,\"stream_options\":{\"include_usage\":true},"
        "\"chat_template_kwargs\":{\"enable_thinking\":false},\"cache_prompt\":false}");
    expect_extra("{\"max_tokens\":null,\"temperature\":null,\"stream\":null,\"stream_options\":null,"
                 "\"chat_template_kwargs\":null,\"cache_prompt\":null}",
                 "}");
}

static void test_a_model_in_extra_body(void **state)
{
    (void)state;
    struct request_body body;
    struct request_options options = {.model = "a", .extra_body = "{\"model\":\"b\"}"};
    request_body_init(&body);
    build(&body, two_messages, &options);
    assert_memory_equal(body.bytes.data, "{\"model\":\"b\",\"messages\":[", 25);
    request_body_release(&body);
}

static void expect_refusal(const char *extra, int want, const char *why)
{
    struct error e = {0};
    assert_int_equal(request_check_extra_body(extra, &e), want);
    assert_non_null(strstr(e.text, why));
    struct request_body body;
    struct request_options options = {.extra_body = extra};
    struct workload_phase phase = phase_of(two_messages);
    request_body_init(&body);
    assert_int_equal(request_body_build(&body, &phase, &options, NULL), want);
    request_body_release(&body);
}

static void test_bad_extra_bodies_are_refused(void **state)
{
    (void)state;
    struct error e = {0};
    expect_refusal("", TT_USAGE, "--extra-body");
    expect_refusal("[1]", TT_USAGE, "no JSON object");
    expect_refusal("5", TT_USAGE, "no JSON object");
    expect_refusal("{\"a\":}", TT_USAGE, "line 1, column 6");
    expect_refusal("{\"messages\":[]}", TT_USAGE, "'messages'");
    expect_refusal("{\"\\u0074ools\":[]}", TT_USAGE, "'tools'");
    assert_int_equal(request_check_extra_body("{\"top_k\":1}", &e), TT_OK);
}

static void test_merging_is_bounded(void **state)
{
    (void)state;
    struct buf deep = BUF_INIT, out = BUF_INIT, wide = BUF_INIT;
    for (int i = 0; i < 40; i++)
        buf_puts(&deep, "{\"a\":");
    buf_putc(&deep, '1');
    for (int i = 0; i < 40; i++)
        buf_putc(&deep, '}');
    buf_puts(&wide, "{\"a\":1");
    for (int i = 0; i < JSON_MERGE_MEMBERS; i++)
        buf_printf(&wide, ",\"m%d\":1", i);
    buf_putc(&wide, '}');
    struct bytes empty = {(const unsigned char *)"{}", 2};
    assert_int_equal(json_merge(&out, empty, (struct bytes){deep.data, deep.len}), TT_LIMIT);
    assert_int_equal(json_merge(&out, empty, (struct bytes){wide.data, wide.len}), TT_LIMIT);
    buf_release(&deep);
    buf_release(&wide);
    buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_half_a_body_is_never_sent),
        cmocka_unit_test(test_the_default_body),
        cmocka_unit_test(test_model_tools_and_cold_members_in_their_places),
        cmocka_unit_test(test_a_nonce_stands_between_two_cuts),
        cmocka_unit_test(test_no_place_for_a_nonce),
        cmocka_unit_test(test_a_growing_history_shares_its_segments),
        cmocka_unit_test(test_extra_body_is_merged),
        cmocka_unit_test(test_a_model_in_extra_body),
        cmocka_unit_test(test_bad_extra_bodies_are_refused),
        cmocka_unit_test(test_merging_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
