/* SPDX-License-Identifier: MIT */
/* Lines of sensors for pictures: as fine as is seen, and never more than memory bears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_tape.h"
#include "plots/sensor_lines.h"

#define SAMPLES 1000

static void add(struct sensor_lines *lines, const struct tape *tape, uint64_t series, uint64_t t)
{
    const struct sample_row row = {.series = series, .t = t, .source_t = ABSENT, .value = 1 + t};
    assert_int_equal(sensor_lines_add(lines, tape, &tape->series[series], &row), TT_OK);
}

static void many_series_have_coarser_lines(void **state)
{
    (void)state;
    const struct series_row rss = {.kind = SERIES_RSS, .scope = SCOPE_ENGINE};
    struct tape tape;
    struct sensor_lines lines = {0};
    size_t room = 0;
    made_tape_init(&tape, "aa", NULL);
    for (uint64_t i = 0; i < TAPE_SERIES_MAX; i++) {
        made_tape_series(&tape, &rss);
        for (uint64_t t = 0; t < SAMPLES; t++)
            add(&lines, &tape, i, t);
        room += lines.items[i].values.capacity;
    }
    assert_int_equal(lines.items[0].values.count, SAMPLES);
    assert_true(lines.items[TAPE_SERIES_MAX - 1].values.count <= SENSOR_LINE_LEAST);
    assert_true(room < TAPE_SERIES_MAX * SAMPLES / 2);
    sensor_lines_release(&lines);
    tape_release(&tape);
}

static void lines_are_of_the_engine_s_machine(void **state)
{
    (void)state;
    const struct series_row rows[] = {{.kind = SERIES_RSS, .scope = SCOPE_ENGINE},
                                      {.kind = SERIES_RSS, .scope = SCOPE_HOST},
                                      {.kind = SERIES_RSS, .scope = SCOPE_ENGINE}};
    struct tape tape;
    struct sensor_lines lines = {0};
    made_tape_init(&tape, "aa", NULL);
    for (uint64_t i = 0; i < 3; i++) {
        made_tape_series(&tape, &rows[i]);
        add(&lines, &tape, i, 5);
    }
    assert_non_null(sensor_lines_find(&lines, 0));
    assert_null(sensor_lines_find(&lines, 1));
    assert_non_null(sensor_lines_find(&lines, 2));
    assert_null(sensor_lines_find(&lines, 3));
    sensor_lines_release(&lines);
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_series_have_coarser_lines),
        cmocka_unit_test(lines_are_of_the_engine_s_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
