/* SPDX-License-Identifier: MIT */
/* Heat of single runs from readings around them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "analyze/report.h"
#include "analyze/run_fields.h"
#include "analyze/tape_thermal.h"
#include "made_tape.h"

/* Runs from 10 to 20, from 30 to 40, and one without times. */
static void make(struct tape *tape)
{
    made_tape_init(tape, "aa", NULL);
    for (uint64_t i = 0; i < 3; i++) {
        struct run_figures *run = made_tape_run(tape, i, PHASE_WARM, 100, 60);
        run->t_zero = i < 2 ? 10 + 20 * i : ABSENT;
        run->t_close = i < 2 ? 20 + 20 * i : ABSENT;
    }
}

static void add_readings(struct tape *tape, uint64_t is_counter, const uint64_t (*readings)[2], size_t count)
{
    const struct series_row row = {.kind = SERIES_THERMAL, .scope = SCOPE_ENGINE, .is_counter = is_counter};
    uint64_t series = made_tape_series(tape, &row);
    for (size_t i = 0; i < count; i++)
        made_tape_sample(tape, series, readings[i][0], ABSENT, readings[i][1]);
}

static void expect(const struct tape *tape, uint64_t first, uint64_t second)
{
    assert_int_equal(tape->runs[0].thermal_max, first);
    assert_int_equal(tape->runs[1].thermal_max, second);
    assert_int_equal(tape->runs[2].thermal_max, ABSENT);
}

/* Level 1 holds when the first run begins and falls in it; level 3 comes between the runs and holds until 35.
 */
static void takes_the_highest_level(void **state)
{
    static const uint64_t readings[][2] = {{5, 1}, {15, 0}, {25, 3}, {35, 0}, {45, 4}};
    struct tape tape;
    (void)state;
    make(&tape);
    add_readings(&tape, 0, readings, 5);
    tape_thermal(&tape);
    expect(&tape, 1, 3);
    assert_true(tape.runs[1].thermal_is_level);
    assert_string_equal(thermal_level_name(3), "trapping");
    assert_string_equal(thermal_level_name(5), "unknown");
    tape_release(&tape);
}

/* First run: readings at 5 (100) to 22 (104): 4 events. Second: from 22 (104) to 45: 104 → 110, 6, then a new
 * beginning at 2 → 5, 3 more. */
static void counts_throttle_events(void **state)
{
    static const uint64_t readings[][2] = {{1, 90},   {5, 100}, {15, 100}, {22, 104},
                                           {33, 110}, {36, 2},  {45, 5}};
    static const uint64_t fewer[][2] = {{1, 7}, {50, 8}};
    struct tape tape;
    (void)state;
    make(&tape);
    add_readings(&tape, 1, fewer, 2);
    add_readings(&tape, 1, readings, 7);
    tape_thermal(&tape);
    expect(&tape, 4, 9);
    assert_false(tape.runs[0].thermal_is_level);
    tape_release(&tape);
}

static void needs_two_readings_of_a_counter(void **state)
{
    static const uint64_t one[][2] = {{5, 100}}, lost[][2] = {{5, ABSENT}, {25, 9}, {45, 9}};
    struct tape tape;
    (void)state;
    make(&tape);
    tape_thermal(&tape);
    expect(&tape, ABSENT, ABSENT);
    add_readings(&tape, 1, one, 1);
    tape_thermal(&tape);
    expect(&tape, ABSENT, ABSENT);
    add_readings(&tape, 1, lost, 3);
    tape_thermal(&tape);
    expect(&tape, ABSENT, 0);
    tape_release(&tape);
}

static void expect_note(struct tape *tape, const char *note, const char *kind)
{
    struct report report;
    struct gates gates;
    size_t field = 0;
    tape_thermal(tape);
    report_init(&report);
    assert_int_equal(gates_open(&gates, GATES_DEFAULT, NULL), 0);
    assert_int_equal(report_add(&report, tape, NULL), 0);
    assert_int_equal(report_finish(&report, &gates, NULL), 0);
    if (text_list_find(&report.blocks[0].rows[0].notes, note) < 0)
        fail_msg("no note '%s'", note);
    while (strcmp(run_field_name(field), "thermal") != 0)
        field++;
    assert_string_equal(run_field(&report.cells[0], &report.cells[0].runs[0], field).text, kind);
    report_release(&report);
    gates_release(&gates);
    tape_release(tape);
}

static void rows_name_heat(void **state)
{
    static const uint64_t events[][2] = {{5, 0}, {25, 12}, {45, 12}},
                          levels[][2] = {{5, 1}, {25, 2}, {45, 0}};
    struct tape tape;
    (void)state;
    make(&tape);
    add_readings(&tape, 1, events, 3);
    expect_note(&tape, "the processor throttled in 1 of 3 runs, up to 12 times in one", "throttle events");
    make(&tape);
    add_readings(&tape, 0, levels, 3);
    expect_note(&tape, "2 of 3 runs under thermal pressure, up to level 2 (heavy)", "moderate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_the_highest_level),
        cmocka_unit_test(counts_throttle_events),
        cmocka_unit_test(needs_two_readings_of_a_counter),
        cmocka_unit_test(rows_name_heat),
    };
    return cmocka_run_group_tests_name("tape_thermal", tests, NULL, NULL);
}
