/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "formats/json_pull.h"
#include "formats/schema.h"

/* A document in memory, and the cursor on it. */
struct reading {
    struct source source;
    struct json_pull pull;
    struct error error;
};

static struct json_pull *begin(struct reading *r, const char *text)
{
    memset(r, 0, sizeof *r);
    source_open_memory(&r->source, text, strlen(text));
    assert_int_equal(json_pull_init(&r->pull, &r->source, 0, 1, &r->error), TT_OK);
    assert_true(json_pull_next(&r->pull));
    return &r->pull;
}

static void end(struct reading *r)
{
    json_pull_release(&r->pull);
    source_close(&r->source);
}

static void failed(struct reading *r, const char *sentence)
{
    assert_int_equal(r->pull.status, TT_SYNTAX);
    if (!strstr(r->error.text, sentence))
        fail_msg("'%s' has no '%s'", r->error.text, sentence);
    end(r);
}

static void one_bracket_is_not_the_other(void **state)
{
    struct reading r;
    (void)state;
    json_pull_enter(begin(&r, "[\"a\":1}"));
    assert_false(json_pull_member(&r.pull));
    failed(&r, "line 1: this should be an object");
    json_pull_enter(begin(&r, "{1]"));
    assert_false(json_pull_element(&r.pull));
    failed(&r, "line 1: this should be an array");
    json_pull_enter(begin(&r, "[]"));
    assert_false(json_pull_member(&r.pull));
    failed(&r, "this should be an object");
    json_pull_skip(begin(&r, "[1}"));
    failed(&r, "this is no JSON");
}

/* What is read is decoded, what is passed over is checked all the same. */
static void reads_members_in_turn(void **state)
{
    struct reading r;
    struct buf text = BUF_INIT;
    (void)state;
    struct json_pull *p =
        begin(&r, "{\"skip\":[1,{\"x\":NaN}],\"t\":\"a\\u00e9\\n\",\"n\":2.5,\"c\":null}\n7");
    json_pull_enter(p);
    assert_true(json_pull_member(p) && json_pull_is(p, "skip"));
    json_pull_skip(p);
    assert_true(json_pull_member(p) && json_pull_is(p, "t"));
    json_pull_text(p, &text);
    assert_string_equal(buf_text(&text), "a\xC3\xA9\n");
    assert_true(json_pull_member(p) && json_pull_is(p, "n"));
    assert_int_equal(json_pull_ns(p, 1e6), 2500000);
    assert_true(json_pull_member(p) && json_pull_is(p, "c"));
    assert_true(json_pull_count(p) == ABSENT);
    assert_false(json_pull_member(p));
    assert_true(json_pull_next(p));
    assert_int_equal(json_pull_count(p), 7);
    assert_false(json_pull_next(p) || p->status);
    buf_release(&text);
    end(&r);
}

static void says_where_it_broke(void **state)
{
    struct reading r;
    (void)state;
    json_pull_enter(begin(&r, "{\n\"a\":\n\"x"));
    assert_true(json_pull_member(&r.pull));
    json_pull_skip(&r.pull);
    failed(&r, "line 3, 'a': the file ends in the middle of a value");
    json_pull_skip(begin(&r, "{\"a\":1 \"b\":2}"));
    failed(&r, "this is no JSON");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_bracket_is_not_the_other),
        cmocka_unit_test(reads_members_in_turn),
        cmocka_unit_test(says_where_it_broke),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
