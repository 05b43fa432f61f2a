/* SPDX-License-Identifier: MIT */
#include "analyze/validity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/looping.h"
#include "analyze/request.h"
#include "formats/buf.h"
#include "formats/schema.h"

static double ratio_of(const struct buf *text)
{
    double ratio;
    assert_int_equal(looping_ratio(text->data, text->len, &ratio), TT_OK);
    return ratio;
}

/* Letters from a small generator, so that a period has no repetition of its own. */
static void put_letters(struct buf *text, size_t count, uint32_t seed)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        buf_putc(text, (int)('a' + (seed >> 24) % 26));
    }
}

static void sees_loops_of_any_period(void **state)
{
    (void)state;
    for (size_t period = 1; period <= 300; period++) {
        struct buf text = BUF_INIT;
        while (text.len < 10 * period + 400)
            put_letters(&text, period, 7);
        if (!(ratio_of(&text) < LOOPING_THRESHOLD))
            fail_msg("a loop of period %zu goes unseen", period);
        buf_release(&text);
    }
}

/* A text that is fine at first and then hangs: the last half tells. */
static void sees_a_loop_in_the_last_half(void **state)
{
    (void)state;
    struct buf text = BUF_INIT;
    put_letters(&text, 600, 3);
    assert_true(ratio_of(&text) > 0.9);
    for (int i = 0; i < 100; i++)
        buf_puts(&text, "again ");
    assert_true(ratio_of(&text) < 0.05);
    buf_release(&text);
}

static void does_not_judge_short_texts(void **state)
{
    (void)state;
    struct buf text = BUF_INIT;
    for (int i = 0; i < 199; i++)
        buf_putc(&text, 'x');
    assert_true(isnan(ratio_of(&text)));
    buf_puts(&text, "   \n\t  \n");
    assert_true(ratio_of(&text) < 0.02); /* folded, the blanks are the 200th code point */
    buf_clear(&text);
    for (int i = 0; i < 150; i++)
        buf_puts(&text, " \xE3\x80\x80\n");
    assert_true(isnan(ratio_of(&text))); /* white space alone is one blank */
    buf_release(&text);
}

static const char english[] = "The scheduler keeps two queues. Interactive work enters the first one and is "
                              "served within a millisecond; batch "
                              "work waits in the second until a core has nothing better to do. When the load "
                              "average climbs over the number of "
                              "cores, batch jobs are preempted at the next safe point, their registers are "
                              "saved, and the memory they hold is "
                              "marked as reclaimable. None of this is visible to a program that merely asks "
                              "for time, sleeps, and asks again.";

static const char chinese[] = "清晨的港口已经很热闹，渔船一艘接一艘地靠岸，工人们把装满鱼的木箱搬到岸边。远处"
                              "的灯塔在薄雾里只露出一个模糊的影子，海鸥在桅杆之间盘旋，"
                              "不时俯冲下来抢走落在甲板上的小虾。老船长坐在缆绳上抽烟，他说今年的海水比往年暖"
                              "，鱼群向北游得更远，年轻人不得不多走两天的航程。市场里，"
                              "买主们掀开冰块，挑选最新鲜的一尾，讨价还价的声音盖过了波浪。到了中午，码头又慢"
                              "慢安静下来，只剩下修补渔网的妇女，一边聊天一边把破洞织好，"
                              "等着傍晚的潮水把下一批船送出去。孩子们在沙滩上捡贝壳，用树枝写下自己的名字。";

static const char code[] = "static int parse_header(struct parser *p, const char *line, size_t len)\n{\n    "
                           "const char *colon = memchr(line, ':', "
                           "len);\n    if (!colon)\n        return parser_fail(p, \"no colon in header\");\n "
                           "   size_t name_len = (size_t)(colon - "
                           "line);\n    if (name_len == 14 && strncasecmp(line, \"content-length\", 14) == "
                           "0)\n        return parse_length(p, colon "
                           "+ 1, len - name_len - 1);\n    if (name_len == 17 && strncasecmp(line, "
                           "\"transfer-encoding\", 17) == 0)\n        p->chunked "
                           "= has_token(colon + 1, \"chunked\");\n    for (size_t i = 0; i < "
                           "p->listener_count; i++)\n        p->listeners[i]->on_header"
                           "(p->listeners[i], line, name_len);\n    return 0;\n}\n";

static const char json[] = "{\"name\": \"deploy\", \"steps\": [{\"run\": \"make -j4\", \"timeout\": 600, "
                           "\"retries\": 0}, {\"run\": \"make check\", "
                           "\"timeout\": 900, \"retries\": 1}, {\"run\": \"scp build/app host:/srv\", "
                           "\"timeout\": 60, \"retries\": 3}, {\"run\": "
                           "\"ssh host systemctl restart app\", \"timeout\": 30, \"retries\": 2}], "
                           "\"notify\": [\"ops@example.org\", \"dev@example.org\"]}";

static void leaves_natural_text_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {english, chinese, code, json};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        double ratio;
        assert_int_equal(looping_ratio(texts[i], strlen(texts[i]), &ratio), TT_OK);
        if (!(ratio > 0.43))
            fail_msg("text %zu has only %.2f distinct 8-grams", i, ratio);
    }
}

/* A text whose grams are more than what is looked at in one pass: 300 000 that differ, then the same again
 * and again. */
static void counts_grams_of_long_texts(void **state)
{
    (void)state;
    enum { PERIOD = 300000, TIMES = 4 };
    struct buf text = BUF_INIT;
    for (int i = 0; i < TIMES; i++)
        put_letters(&text, PERIOD, 1);
    double expected = (double)PERIOD / (PERIOD * TIMES - 7);
    assert_true(fabs(ratio_of(&text) - expected) < 1e-5);
    buf_clear(&text);
    put_letters(&text, PERIOD * TIMES, 1);
    assert_true(fabs(ratio_of(&text) - 1) < 1e-5);
    buf_release(&text);
}

/* The ratio of "ab" repeated 150 times: 293 grams, of which two differ. */
static void counts_grams_exactly(void **state)
{
    (void)state;
    struct buf text = BUF_INIT;
    for (int i = 0; i < 150; i++)
        buf_puts(&text, "ab");
    assert_true(fabs(ratio_of(&text) - 2.0 / 293) < 1e-15);
    buf_clear(&text);
    put_letters(&text, 207, 1);
    assert_true(ratio_of(&text) == 1);
    buf_release(&text);
}

static const char tools[] = "[{\"type\":\"function\",\"function\":{\"name\":\"edit\",\"parameters\":{"
                            "\"type\":\"object\",\"required\":[\"path\",\"mode\"],"
                            "\"additionalProperties\":false,\"properties\":{\"path\":{\"type\":\"string\"},"
                            "\"mode\":{\"enum\":[\"append\",\"replace\",3]},"
                            "\"line\":{\"type\":\"integer\"},\"ratio\":{\"type\":[\"number\",\"null\"]},"
                            "\"tags\":{\"type\":\"array\",\"items\":{\"type\":"
                            "\"string\"}},\"where\":{\"type\":\"object\",\"required\":[\"x\"],\"properties\":"
                            "{\"x\":{\"type\":\"boolean\"}}}}}}},"
                            "{\"type\":\"function\",\"function\":{\"name\":\"now\"}}]";

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

static struct word_evidence last_words; /* of the call that was judged last */

static unsigned judge_call(struct bytes declared, const char *name, const char *arguments)
{
    unsigned causes = 0;
    memset(&last_words, 0, sizeof last_words);
    assert_int_equal(validity_tool_call(declared, bytes_of(name), bytes_of(arguments), &causes, &last_words),
                     TT_OK);
    return causes;
}

static unsigned call(const char *name, const char *arguments)
{
    return judge_call(bytes_of(tools), name, arguments);
}

static void accepts_calls_that_fit(void **state)
{
    (void)state;
    static const char *const fitting[] = {
        "{\"path\":\"a\",\"mode\":\"append\"}",
        "{\"path\":\"a\",\"mode\":3,\"line\":4.0,\"ratio\":null}",
        " {\"path\":\"\",\"mode\":\"replace\",\"ratio\":1.5,\"tags\":[\"x\",\"y\"]} ",
        "{\"path\":\"a\",\"mode\":\"append\",\"where\":{\"x\":true,\"more\":1}}",
    };
    for (size_t i = 0; i < sizeof fitting / sizeof fitting[0]; i++)
        assert_int_equal(call("edit", fitting[i]), 0);
    assert_int_equal(call("now", "{}"), 0);
    assert_int_equal(call("now", "{\"anything\":1}"), 0);
}

static void refuses_calls_that_do_not_fit(void **state)
{
    (void)state;
    static const char *const misfits[][2] = {
        {"{\"path\":\"a\"}", "/ required mode"},
        {"{\"path\":1,\"mode\":\"append\"}", "/path type"},
        {"{\"path\":\"a\",\"mode\":\"delete\"}", "/mode enum"},
        {"{\"path\":\"a\",\"mode\":\"append\",\"other\":1}", "/ additionalProperties other"},
        {"{\"path\":\"a\",\"mode\":\"append\",\"line\":4.5}", "/line type"},
        {"{\"path\":\"a\",\"mode\":\"append\",\"ratio\":\"1\"}", "/ratio type"},
        {"{\"path\":\"a\",\"mode\":\"append\",\"tags\":[\"x\",2]}", "/tags/1 type"},
        {"{\"path\":\"a\",\"mode\":\"append\",\"where\":{\"x\":0}}", "/where/x type"},
        {"{\"path\":\"a\",\"mode\":\"append\",\"where\":{}}", "/where required x"},
        {"[\"a\",\"append\"]", "/ type"},
        {"null", "/ type"},
    };
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        assert_int_equal(call("edit", misfits[i][0]), INVALID_TOOL_SCHEMA);
        assert_string_equal(last_words.misfit_tool, "edit");
        assert_string_equal(last_words.misfit_place, misfits[i][1]);
    }
    assert_int_equal(call("unknown", "{}"), INVALID_TOOL_SCHEMA);
    assert_string_equal(last_words.misfit_place, "not declared");
}

static void refuses_arguments_that_are_not_json(void **state)
{
    (void)state;
    static const char *const broken[] = {"", "{", "{\"path\":}", "{} {}", "path: a", "{\"a\":1}}"};
    struct bytes undeclared = {NULL, 0};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_int_equal(call("edit", broken[i]), INVALID_TOOL_ARGUMENTS);
        assert_string_equal(last_words.broken_text, broken[i]);
        assert_int_equal(judge_call(undeclared, "edit", broken[i]), INVALID_TOOL_ARGUMENTS);
    }
    assert_int_equal(judge_call(undeclared, "edit", "{\"any\":[1]}"), 0);
    assert_int_equal(judge_call(bytes_of("[{"), "edit", "{}"), 0);
}

/* A schema and a value that are made to be compared for ever are given up quickly, in the value's favour. */
static void bounds_the_work_on_hostile_schemas(void **state)
{
    (void)state;
    struct buf schema = BUF_INIT, value = BUF_INIT;
    buf_puts(&schema, "[{\"function\":{\"name\":\"f\",\"parameters\":{\"properties\":{");
    buf_puts(&value, "{");
    for (int i = 0; i < 12000; i++) {
        buf_printf(&schema, "%s\"property_%d\":{}", i ? "," : "", i);
        buf_printf(&value, "%s\"member_%d\":0", i ? "," : "", i);
    }
    buf_puts(&schema, "}}}}]");
    buf_puts(&value, "}");
    assert_int_equal(judge_call((struct bytes){schema.data, schema.len}, "f", buf_text(&value)), 0);
    buf_release(&schema);
    buf_release(&value);
}

static void reads_what_a_request_asked_for(void **state)
{
    (void)state;
    struct request_facts facts;
    const char *body =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"max_tokens\"}],\"max_tokens\":400,"
        "\"chat_template_kwargs\":{\"a\":{\"enable_thinking\":true},\"enable_thinking\":false},"
        "\"tools\":[{\"x\":1}],\"reasoning_effort\":\"high\"}";
    request_read(&facts, body, strlen(body));
    assert_int_equal(facts.max_tokens, 400);
    assert_int_equal(facts.thinking_off, 1);
    assert_int_equal(facts.tools.len, strlen("[{\"x\":1}]"));
    assert_memory_equal(facts.tools.data, "[{\"x\":1}]", facts.tools.len);
    static const char *const useless[] = {"",
                                          "[]",
                                          "{\"max_tokens\":5",
                                          "{\"max_tokens\":\"5\",\"tools\":{}}",
                                          "{\"max_tokens\":-1}",
                                          "{\"max_tokens\":1.5,\"enable_thinking\":0}"};
    for (size_t i = 0; i < sizeof useless / sizeof useless[0]; i++) {
        request_read(&facts, useless[i], strlen(useless[i]));
        assert_int_equal(facts.max_tokens, ABSENT);
        assert_int_equal(facts.thinking_off, 0);
        assert_null(facts.tools.data);
    }
}

static void names_every_cause(void **state)
{
    (void)state;
    for (unsigned bit = INVALID_NO_ANSWER; bit <= INVALID_LOST; bit <<= 1)
        assert_string_not_equal(invalid_cause_name(bit), "unknown");
    assert_string_equal(invalid_cause_name(INVALID_UNFINISHED), "unfinished");
    assert_string_equal(invalid_cause_name(INVALID_TOOL_SCHEMA), "tool_schema");
    assert_string_equal(invalid_cause_name(INVALID_LOST << 1), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sees_loops_of_any_period),
        cmocka_unit_test(sees_a_loop_in_the_last_half),
        cmocka_unit_test(does_not_judge_short_texts),
        cmocka_unit_test(leaves_natural_text_alone),
        cmocka_unit_test(counts_grams_exactly),
        cmocka_unit_test(counts_grams_of_long_texts),
        cmocka_unit_test(accepts_calls_that_fit),
        cmocka_unit_test(refuses_calls_that_do_not_fit),
        cmocka_unit_test(refuses_arguments_that_are_not_json),
        cmocka_unit_test(bounds_the_work_on_hostile_schemas),
        cmocka_unit_test(reads_what_a_request_asked_for),
        cmocka_unit_test(names_every_cause),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
