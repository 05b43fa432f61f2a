/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "record/clock.h"
#include "record/live.h"

#define HEAD  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
#define TOKEN "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n"
#define END   "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"

static uint64_t at_ms(uint64_t ms)
{
    return clock_ns_to_ticks(ms * 1000000);
}

static void add(struct live_run *l, uint64_t ms, const char *text)
{
    live_add(l, at_ms(ms), text, strlen(text));
}

static struct live_run *begin(void)
{
    struct live_run *l = live_new(0);
    assert_non_null(l);
    live_begin(l, at_ms(1000));
    return l;
}

static void test_figures_of_an_answer(void **state)
{
    (void)state;
    struct live_figures f;
    struct live_run *l = begin();
    add(l, 1010, HEAD);
    for (uint64_t i = 0; i < 11; i++)
        add(l, 1050 + i * 20, TOKEN);
    live_look(l, &f);
    assert_int_equal(f.tokens, 11);
    assert_false(f.is_whole);
    add(l, 1300, END);
    live_end(l, at_ms(1000), at_ms(1301), &f);
    assert_true(f.is_whole && !f.is_cut);
    assert_float_equal(f.ttft_ms, 50, 0.01);
    assert_float_equal(f.decode_tok_s, 50, 0.01);
    assert_string_equal(f.finish_reason, "stop");
    live_free(l);
}

static void test_an_answer_without_its_end_is_not_whole(void **state)
{
    (void)state;
    struct live_figures f;
    struct live_run *l = begin();
    add(l, 1010, HEAD TOKEN);
    live_end(l, at_ms(1000), at_ms(1301), &f);
    assert_false(f.is_whole || f.is_cut);
    live_free(l);
}

/* More than is kept here is no failed run: the trace has all of it. */
static void test_too_much_to_keep_is_said_and_no_failure(void **state)
{
    (void)state;
    static char piece[16000];
    struct live_figures f;
    struct bytes kept;
    int is_whole;
    struct live_run *l = begin();
    add(l, 1010, HEAD);
    for (size_t at = 0; at + sizeof TOKEN < sizeof piece; at += sizeof TOKEN - 1)
        memcpy(piece + at, TOKEN, sizeof TOKEN);
    for (uint64_t i = 0; i < 4300; i++)
        add(l, 1050 + i, piece);
    add(l, 9000, END);
    live_end(l, at_ms(1000), at_ms(9001), &f);
    assert_true(f.is_cut && f.is_whole);
    kept = live_wire(l, &is_whole);
    assert_true(!is_whole && kept.len > ((size_t)63 << 20));
    live_begin(l, at_ms(1000));
    add(l, 1010, HEAD TOKEN END);
    live_end(l, at_ms(1000), at_ms(1301), &f);
    assert_true(f.is_whole && !f.is_cut);
    live_free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures_of_an_answer),
        cmocka_unit_test(test_an_answer_without_its_end_is_not_whole),
        cmocka_unit_test(test_too_much_to_keep_is_said_and_no_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
