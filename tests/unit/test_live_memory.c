/* SPDX-License-Identifier: MIT */
/* A live answer where memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/fault.h"
#include "record/clock.h"
#include "record/live.h"

#define TIMES 40
#define TEXT  "\xC3\xA9\n and more of it"

static const char HEAD[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
static const char ESCAPED[] =
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\\u00e9\\n and more of it\"},"
    "\"finish_reason\":null}]}\n\n";
static const char END[] =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

static uint64_t at_ms(uint64_t ms)
{
    return clock_ns_to_ticks(ms * 1000000);
}

/* Events with escapes, each cut in two, while a look follows every part. */
static void hear(struct live_run *l, struct live_figures *f)
{
    live_begin(l, at_ms(1000));
    live_add(l, at_ms(1010), HEAD, sizeof HEAD - 1);
    for (size_t i = 0; i < TIMES; i++) {
        live_add(l, at_ms(1050), ESCAPED, i);
        live_catch_up(l);
        live_add(l, at_ms(1060), &ESCAPED[i], sizeof ESCAPED - 1 - i);
        live_catch_up(l);
    }
    live_add(l, at_ms(1090), END, sizeof END - 1);
    live_end(l, at_ms(1000), at_ms(1301), f);
}

/* Whichever allocation fails: words are missing only from an answer that is said to be cut. */
static void test_an_answer_without_memory_is_told_as_cut(void **state)
{
    (void)state;
    struct live_figures f;
    int struck = 1, cut = 0;
    for (int n = 1; struck; n++) {
        char plan[32];
        snprintf(plan, sizeof plan, "alloc:%d:fail", n);
        struct live_run *l = live_new(0);
        fault_plan(plan);
        hear(l, &f);
        struck = fault_has_struck();
        fault_plan(NULL);
        const struct answer_text *answer = live_answer(l);
        size_t whole = TIMES * (sizeof TEXT - 1);
        assert_true(answer->is_cut || (f.is_whole && f.tokens == TIMES && answer->content.len == whole));
        cut += answer->is_cut;
        hear(l, &f); /* the next run has what it needs */
        assert_true(f.is_whole && !f.is_cut && !live_answer(l)->is_cut);
        assert_int_equal(live_answer(l)->content.len, whole);
        live_free(l);
    }
    assert_true(cut > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_answer_without_memory_is_told_as_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
