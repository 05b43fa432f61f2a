/* SPDX-License-Identifier: MIT */
/* The built-in workload "agent-loop": a history that grows, and calls that fit what is declared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "analyze/validity.h"
#include "formats/json.h"
#include "formats/workload.h"

#define AGENT_LOOP_SHA256 "7d58958b60c481dce85b9f329046900f5edfdfe6f66ca63da1ed146103632d6c"

static int setup(void **state)
{
    static struct workload w;
    *state = &w;
    return workload_builtin(&w, "agent-loop", NULL);
}

static int teardown(void **state)
{
    workload_release(*state);
    return 0;
}

static void test_bytes_are_the_same_everywhere(void **state)
{
    const struct workload *w = *state;
    assert_string_equal(w->sha256, AGENT_LOOP_SHA256);
}

static void test_each_turn_carries_on_the_one_before(void **state)
{
    const struct workload *w = *state;
    assert_in_range(w->phase_count, 12, 64);
    for (size_t i = 0; i < w->phase_count; i++) {
        assert_int_equal(workload_parent(w, i), (long)i - 1);
        assert_string_equal(w->phases[i].tools, w->phases[0].tools);
        assert_int_equal(w->phases[i].cold, i == 0);
        assert_true(workload_phase_context(&w->phases[i]) <= w->context_needed);
    }
}

static void test_agentic_phases_carry_on_nothing(void **state)
{
    struct workload w;
    (void)state;
    assert_int_equal(workload_builtin(&w, "agentic-8", NULL), TT_OK);
    for (size_t i = 0; i < w.phase_count; i++)
        assert_int_equal(workload_parent(&w, i), -1);
    workload_release(&w);
}

/* Of several histories that a phase goes beyond, the longest counts; its own text again is none. */
static void test_the_longest_history_counts(void **state)
{
    static const char text[] =
        "{\"name\":\"w\",\"phases\":[" /* b goes beyond a; c says the same as b; d goes beyond a, b and c */
        "{\"name\":\"a\",\"max_tokens\":1,\"messages\":[{\"role\":\"x\"}]},"
        "{\"name\":\"b\",\"max_tokens\":1,\"messages\":[{\"role\":\"x\"},{\"role\":\"y\"}]},"
        "{\"name\":\"c\",\"max_tokens\":1,\"messages\":[{\"role\":\"x\"},{\"role\":\"y\"}]},"
        "{\"name\":\"d\",\"max_tokens\":1,\"messages\":[{\"role\":\"x\"},{\"role\":\"y\"},{\"role\":\"z\"}]},"
        "{\"name\":\"e\",\"max_tokens\":1,\"messages\":[{\"role\":\"xy\"}]}]}";
    static const long parents[] = {-1, 0, 0, 1, -1};
    struct workload w;
    (void)state;
    assert_int_equal(workload_parse(&w, text, sizeof text - 1, NULL), TT_OK);
    for (size_t i = 0; i < w.phase_count; i++)
        assert_int_equal(workload_parent(&w, i), parents[i]);
    workload_release(&w);
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

static void check_call(const cJSON *call, struct bytes tools)
{
    const cJSON *function = json_member(call, "function");
    unsigned causes = 0;
    struct word_evidence words = {0};
    assert_string_equal(json_string(call, "type"), "function");
    assert_int_equal(validity_tool_call(tools, bytes_of(json_string(function, "name")),
                                        bytes_of(json_string(function, "arguments")), &causes, &words),
                     TT_OK);
    assert_int_equal(causes, 0);
}

/* Every call of an assistant's message is answered by a message of its own right behind. */
static const cJSON *check_answers(const cJSON *message, const cJSON *calls)
{
    const cJSON *call;
    cJSON_ArrayForEach(call, calls)
    {
        message = message->next;
        assert_non_null(message);
        assert_string_equal(json_string(message, "role"), "tool");
        assert_string_equal(json_string(message, "tool_call_id"), json_string(call, "id"));
    }
    return message;
}

static void test_calls_fit_their_declarations_and_are_answered(void **state)
{
    const struct workload *w = *state;
    const struct workload_phase *last = &w->phases[w->phase_count - 1];
    cJSON *messages = json_parse(last->messages, strlen(last->messages), JSON_FILE_MAX, NULL);
    size_t turns = 0, parallel = 0;
    assert_non_null(messages);
    for (const cJSON *m = messages->child, *call; m; m = m->next) {
        const cJSON *calls = json_member(m, "tool_calls");
        turns += strcmp(json_string(m, "role"), "assistant") == 0;
        parallel += cJSON_GetArraySize(calls) > 1;
        cJSON_ArrayForEach(call, calls)
        {
            check_call(call, bytes_of(last->tools));
        }
        m = check_answers(m, calls);
    }
    assert_int_equal(turns + 1, w->phase_count);
    assert_in_range(parallel, 5, turns);
    cJSON_Delete(messages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_are_the_same_everywhere),
        cmocka_unit_test(test_each_turn_carries_on_the_one_before),
        cmocka_unit_test(test_agentic_phases_carry_on_nothing),
        cmocka_unit_test(test_the_longest_history_counts),
        cmocka_unit_test(test_calls_fit_their_declarations_and_are_answered),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
