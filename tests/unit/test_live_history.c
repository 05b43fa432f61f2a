/* SPDX-License-Identifier: MIT */
/* Conversations that carry on what the engine said: its words, its calls, the ids of these at the results. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "record/live_history.h"
#include "wire_answer.h"

#define HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define DELTA(fields)                                                                                        \
    "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{" fields "}}]}\n\n"
#define CALL(index, id, name, arguments)                                                                     \
    DELTA("\"tool_calls\":[{\"index\":" #index ",\"id\":\"" id "\",\"function\":{\"name\":\"" name           \
          "\",\"arguments\":\"" arguments "\"}}]")
#define END "data: [DONE]\n\n"

#define SYSTEM "{\"role\":\"system\",\"content\":\"S\"}"
#define ASK    "{\"role\":\"user\",\"content\":\"ask\"}"
#define CALLS                                                                                                \
    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"r1\",\"type\":\"function\","         \
    "\"function\":"                                                                                          \
    "{\"name\":\"a\",\"arguments\":\"{}\"}},{\"id\":\"r2\",\"type\":\"function\",\"function\":{\"name\":"    \
    "\"b\","                                                                                                 \
    "\"arguments\":\"{}\"}}]}"
#define RESULT(id, text)                                                                                     \
    "{\"role\":\"tool\",\"tool_call_id\":\"" id "\",\"name\":\"t\",\"content\":\"" text "\"}"
#define THANKS "{\"role\":\"user\",\"content\":\"thanks\"}"
#define FIRST  "[" SYSTEM "," ASK "]"
#define SECOND "[" SYSTEM "," ASK "," CALLS "," RESULT("r2", "two") "," RESULT("r1", "one") "]"
#define THIRD                                                                                                \
    "[" SYSTEM "," ASK "," CALLS "," RESULT("r2", "two") "," RESULT(                                         \
        "r1", "one") ",{\"role\":\"assistant\",\"content\":\"recorded\"}," THANKS "]"

#define WORKLOAD                                                                                             \
    "{\"name\":\"w\",\"phases\":[{\"name\":\"p1\",\"max_tokens\":9,\"messages\":" FIRST                      \
    "},{\"name\":\"p2\",\"max_tokens\":9,\"messages\":" SECOND                                               \
    "},{\"name\":\"p3\",\"max_tokens\":9,\"messages\":" THIRD "}]}"

struct fixture {
    struct workload workload;
    struct live_history *history;
};

static void begin(struct fixture *f)
{
    assert_int_equal(workload_parse(&f->workload, WORKLOAD, strlen(WORKLOAD), NULL), 0);
    assert_int_equal(live_history_new(&f->history, &f->workload, NULL), 0);
}

static void end(struct fixture *f)
{
    live_history_free(f->history);
    workload_release(&f->workload);
}

static void expect_messages(struct fixture *f, size_t phase, const char *wanted)
{
    char *messages;
    assert_int_equal(live_history_messages(f->history, phase, &messages, NULL), 0);
    assert_string_equal(messages, wanted);
}

static void answer(struct fixture *f, size_t phase, const char *wire, int usable, size_t broken)
{
    size_t broken_calls;
    struct answer_text said = wire_answer(wire, strlen(wire));
    assert_int_equal(live_history_answer(f->history, phase, &said, &broken_calls), usable);
    assert_int_equal(broken_calls, broken);
    assert_true(!said.content.len && !said.tool_count); /* it was taken over */
    answer_text_release(&said);
}

#define ENGINE_CALL(id, name, arguments)                                                                     \
    "{\"id\":\"" id "\",\"type\":\"function\",\"function\":{\"name\":\"" name                                \
    "\",\"arguments\":\"" arguments "\"}}"

/* Results go to the engine's calls in their order, whatever order they were recorded in. */
static void ids_of_the_engines_calls(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    expect_messages(&f, 0, FIRST);
    answer(&f, 0,
           HEAD DELTA("\"reasoning_content\":\"hm\"") DELTA("\"content\":\"I \\\"look\\\"\"")
               CALL(0, "e1", "x", "{\\\"n\\\":")
                   DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"1}\"}}]")
                       CALL(1, "e2", "y", "{}") END,
           1, 0);
    expect_messages(
        &f, 1,
        "[" SYSTEM "," ASK
        ",{\"role\":\"assistant\",\"content\":\"I \\\"look\\\"\",\"tool_calls\":[" ENGINE_CALL(
            "e1", "x",
            "{\\\"n\\\":1}") "," ENGINE_CALL("e2", "y",
                                             "{}") "]}," RESULT("e2", "two") "," RESULT("e1", "one") "]");
    end(&f);
}

/* Fewer calls: what nobody asked for is left out. More: they get an answer all the same. And what the engine
 * said earlier stays in the prompts of later turns. */
static void other_numbers_of_calls(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    expect_messages(&f, 0, FIRST);
    answer(&f, 0, HEAD CALL(0, "only", "x", "{}") END, 1, 0);
#define SAID                                                                                                 \
    "[" SYSTEM "," ASK ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" ENGINE_CALL(             \
        "only", "x", "{}") "]}," RESULT("only", "one")
    expect_messages(&f, 1, SAID "]");
    answer(&f, 1, HEAD CALL(0, "m1", "x", "{}") CALL(1, "m2", "y", "{}") END, 1, 0);
    expect_messages(
        &f, 2,
        SAID ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" ENGINE_CALL(
            "m1", "x",
            "{}") "," ENGINE_CALL("m2", "y",
                                  "{}") "]},"
                                        "{\"role\":\"tool\",\"tool_call_id\":\"m1\",\"content\":\"{"
                                        "\\\"error\\\":\\\"there is no "
                                        "result of this "
                                        "call\\\"}\"},{\"role\":\"tool\",\"tool_call_id\":\"m2\",\"content\":"
                                        "\"{"
                                        "\\\"error\\\":\\\"there is no result of this call\\\"}\"}," THANKS
                                        "]");
    end(&f);
}

/* No call, so no result: somebody has to say something before the engine goes on. */
static void an_answer_without_calls(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    expect_messages(&f, 0, FIRST);
    answer(&f, 0, HEAD DELTA("\"content\":\"No.\"") END, 1, 0);
    expect_messages(&f, 1,
                    "[" SYSTEM "," ASK ",{\"role\":\"assistant\",\"content\":\"No.\"},{\"role\":\"user\","
                    "\"content\":\"Go on.\"}]");
    end(&f);
}

/* Ids that are missing or not unique are made up; arguments that are no object are not sent back. */
static void calls_that_are_not_sound(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    expect_messages(&f, 0, FIRST);
    answer(&f, 0, HEAD CALL(0, "same", "x", "{") CALL(1, "same", "y", "[1]") END, 1, 2);
    expect_messages(
        &f, 1,
        "[" SYSTEM "," ASK ",{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[" ENGINE_CALL(
            "same", "x", "{}") "," ENGINE_CALL("call_0_1", "y",
                                               "{}") "]}," RESULT("call_0_1", "two") "," RESULT("same",
                                                                                                "one") "]");
    end(&f);
}

/* Nothing usable came: the workload's own turn stands, ids and all, behind what the engine did say before. */
static void the_workloads_words_stand_in(void **state)
{
    struct fixture f;
    (void)state;
    begin(&f);
    expect_messages(&f, 0, FIRST);
    answer(&f, 0, HEAD END, 0, 0);
    expect_messages(&f, 1, SECOND);
    answer(&f, 1, HEAD DELTA("\"content\":\"Fine.\"") END, 1, 0);
    expect_messages(&f, 2,
                    "[" SYSTEM "," ASK "," CALLS "," RESULT("r2", "two") "," RESULT(
                        "r1", "one") ",{\"role\":\"assistant\",\"content\":\"Fine.\"}," THANKS "]");
    live_history_clear(f.history);
    expect_messages(&f, 2, THIRD);
    end(&f);
}

static void workloads_without_answers(void **state)
{
    static const char text[] =
        "{\"name\":\"flat\",\"phases\":[{\"name\":\"p1\",\"max_tokens\":9,\"messages\":" FIRST
        "},{\"name\":\"p2\",\"max_tokens\":9,\"messages\":[" SYSTEM "," ASK "," THANKS "]}]}";
    struct workload w;
    struct live_history *history;
    struct error e = {0};
    (void)state;
    assert_int_equal(workload_parse(&w, text, strlen(text), NULL), 0);
    assert_int_equal(live_history_new(&history, &w, &e), TT_USAGE);
    assert_null(history);
    assert_non_null(strstr(e.text, "'flat' has none"));
    workload_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_the_engines_calls),     cmocka_unit_test(other_numbers_of_calls),
        cmocka_unit_test(an_answer_without_calls),      cmocka_unit_test(calls_that_are_not_sound),
        cmocka_unit_test(the_workloads_words_stand_in), cmocka_unit_test(workloads_without_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
