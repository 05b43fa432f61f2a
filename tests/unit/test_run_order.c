/* SPDX-License-Identifier: MIT */
/* Runs in the order of their keys, those of equal keys as they began. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/run_order.h"
#include "formats/alloc.h"
#include "made_tape.h"

#define MANY 2000 /* figures that stand in a file */

static void by_phase_backwards(const struct run_figures *run, uint64_t keys[RUN_ORDER_KEYS])
{
    keys[1] = PHASE_COUNT - run->phase;
}

static void fill(struct tape *tape)
{
    made_tape_init(tape, "aa", NULL);
    for (uint64_t i = 0; i < MANY; i++)
        made_tape_run(tape, i, i % PHASE_COUNT, 10, 100);
}

static void orders_by_keys(void **state)
{
    struct tape tape;
    (void)state;
    fill(&tape);
    struct run_place *places = run_order(&tape, by_phase_backwards);
    assert_non_null(places);
    for (size_t i = 0; i < MANY; i++) {
        const struct run_figures *run = tape_run_at(&tape, places[i].index);
        assert_int_equal(places[i].keys[1], PHASE_COUNT - run->phase);
        assert_int_equal(run->repeat, places[i].index);
        if (!i)
            continue;
        assert_true(places[i - 1].keys[1] <= places[i].keys[1]);
        assert_true(places[i - 1].keys[1] < places[i].keys[1] || places[i - 1].index < places[i].index);
    }
    mem_free(places);
    tape_release(&tape);
}

static void leaves_them_without_keys(void **state)
{
    struct tape tape;
    (void)state;
    fill(&tape);
    struct run_place *places = run_order(&tape, NULL);
    assert_non_null(places);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(places[i].index, i);
    mem_free(places);
    tape_release(&tape);
    made_tape_init(&tape, "aa", NULL);
    places = run_order(&tape, NULL);
    assert_non_null(places);
    mem_free(places);
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_by_keys),
        cmocka_unit_test(leaves_them_without_keys),
    };
    return cmocka_run_group_tests_name("run_order", tests, NULL, NULL);
}
