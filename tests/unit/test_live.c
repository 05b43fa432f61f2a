/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
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
    struct live_run *l = live_new(0);
    live_keep_wire(l);
    live_begin(l, at_ms(1000));
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

/* Twice what could be kept at once: each read is looked at before the next one comes. */
static void test_memory_of_what_was_parsed_is_used_again(void **state)
{
    (void)state;
    static char piece[1 << 20];
    struct live_figures f;
    int is_whole;
    uint64_t tokens = 0;
    struct live_run *l = begin();
    add(l, 1010, HEAD);
    for (size_t at = 0; at + sizeof TOKEN < sizeof piece; at += sizeof TOKEN - 1, tokens++)
        memcpy(piece + at, TOKEN, sizeof TOKEN);
    for (uint64_t i = 0; i < 128; i++) {
        add(l, 1050 + i, piece);
        live_catch_up(l);
    }
    add(l, 9000, END);
    live_end(l, at_ms(1000), at_ms(9001), &f);
    assert_true(f.is_whole && !f.is_cut);
    assert_int_equal(f.tokens, 128 * tokens);
    assert_true(live_answer(l)->is_cut); /* of its words a megabyte is kept */
    live_wire(l, &is_whole);
    assert_false(is_whole);
    live_free(l);
}

static void test_a_wire_that_is_asked_for_is_kept(void **state)
{
    (void)state;
    struct live_figures f;
    int is_whole;
    struct live_run *l = live_new(0);
    live_keep_wire(l);
    for (int run = 0; run < 2; run++) {
        live_begin(l, at_ms(1000));
        add(l, 1010, HEAD);
        live_catch_up(l);
        add(l, 1020, TOKEN);
        live_catch_up(l);
        add(l, 1030, END);
        live_end(l, at_ms(1000), at_ms(1301), &f);
        struct bytes wire = live_wire(l, &is_whole);
        assert_true(is_whole && f.is_whole);
        assert_int_equal(wire.len, strlen(HEAD TOKEN END));
        assert_memory_equal(wire.data, HEAD TOKEN END, wire.len);
        assert_int_equal(live_answer(l)->content.len, 1);
    }
    live_free(l);
}

struct looking {
    struct live_run *live;
    atomic_int stop;
};

static void *look_for_ever(void *argument)
{
    struct looking *looking = argument;
    struct live_figures f;
    for (int i = 0; !atomic_load(&looking->stop); i++) {
        if (i % 2)
            live_catch_up(looking->live);
        else
            live_look(looking->live, &f);
    }
    return NULL;
}

/* Reads of every length, cut anywhere in an event, while another thread looks as often as it can. */
static void test_nothing_is_lost_while_another_thread_looks(void **state)
{
    (void)state;
    static char piece[100 * sizeof TOKEN];
    size_t len = 0;
    struct live_figures f;
    struct looking looking = {.live = begin()};
    pthread_t thread;
    for (int i = 0; i < 100; i++, len += sizeof TOKEN - 1)
        memcpy(piece + len, TOKEN, sizeof TOKEN);
    assert_int_equal(pthread_create(&thread, NULL, look_for_ever, &looking), 0);
    for (int run = 0; run < 20; run++) {
        live_begin(looking.live, at_ms(1000));
        add(looking.live, 1010, HEAD);
        for (size_t round = 0, at; round < 300; round++) {
            for (at = 0; at + round < len; at += round + 1)
                live_add(looking.live, at_ms(1050), piece + at, round + 1);
            live_add(looking.live, at_ms(1050), piece + at, len - at);
        }
        add(looking.live, 9000, END);
        live_end(looking.live, at_ms(1000), at_ms(9001), &f);
        assert_true(f.is_whole && !f.is_cut);
        assert_int_equal(f.tokens, 300 * 100);
        assert_int_equal(live_answer(looking.live)->content.len, 300 * 100);
    }
    atomic_store(&looking.stop, 1);
    pthread_join(thread, NULL);
    live_free(looking.live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figures_of_an_answer),
        cmocka_unit_test(test_an_answer_without_its_end_is_not_whole),
        cmocka_unit_test(test_too_much_to_keep_is_said_and_no_failure),
        cmocka_unit_test(test_memory_of_what_was_parsed_is_used_again),
        cmocka_unit_test(test_a_wire_that_is_asked_for_is_kept),
        cmocka_unit_test(test_nothing_is_lost_while_another_thread_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
