/* SPDX-License-Identifier: MIT */
/* A picture of a long recording stays one that can be opened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "made_tape.h"
#include "plots/charts.h"

#define DEPTHS 14
#define RUNS   1000

static const struct chart_style style = {.format = CHART_SVG};

static void add_points(struct tape *tape, size_t runs)
{
    made_tape_init(tape, "aa", NULL);
    for (size_t i = 0; i < runs; i++)
        made_tape_run(tape, i, PHASE_WARM, 50, 100);
    tape->depth.items = mem_zalloc(runs * DEPTHS, sizeof *tape->depth.items);
    assert_non_null(tape->depth.items);
    for (; tape->depth.count < runs * DEPTHS; tape->depth.count++) {
        size_t i = tape->depth.count;
        tape->depth.items[i] =
            (struct depth_point){(uint32_t)(i / DEPTHS), (uint32_t)(i % DEPTHS * DEPTH_BIN), 500, 10000};
    }
}

/* How many dots of each depth the chart's data has; returns all of them. */
static size_t count_dots(const struct chart *c, size_t of_depth[DEPTHS])
{
    const char *line = strstr(buf_text(&c->data), "# depth tok_s"), *end = strstr(line, "# depth median");
    size_t dots = 0;
    memset(of_depth, 0, DEPTHS * sizeof *of_depth);
    while ((line = strchr(line, '\n') + 1) < end) {
        if (*line < '0' || *line > '9')
            continue;
        of_depth[strtoul(line, NULL, 10) / DEPTH_BIN]++;
        dots++;
    }
    return dots;
}

static size_t draw(size_t runs, size_t of_depth[DEPTHS])
{
    struct tape tape;
    struct report report;
    struct gates gates;
    struct chart c;
    const struct chart_input input = {.report = &report, .gates = &gates};
    add_points(&tape, runs);
    report_init(&report);
    assert_int_equal(gates_open(&gates, GATES_DEFAULT, NULL), 0);
    assert_int_equal(report_add(&report, &tape, NULL), 0);
    assert_int_equal(report_finish(&report, &gates, NULL), 0);
    chart_init(&c, "depth", "depth", &style);
    assert_int_equal(chart_depth(&c, &input, NULL), 0);
    size_t dots = count_dots(&c, of_depth);
    chart_release(&c);
    report_release(&report);
    gates_release(&gates);
    tape_release(&tape);
    return dots;
}

static void every_dot_of_a_few(void **state)
{
    size_t of_depth[DEPTHS];
    (void)state;
    assert_int_equal(draw(100, of_depth), 100 * DEPTHS);
    for (size_t i = 0; i < DEPTHS; i++)
        assert_int_equal(of_depth[i], 100);
}

static void an_even_choice_of_many(void **state)
{
    size_t of_depth[DEPTHS], dots = draw(RUNS, of_depth);
    (void)state;
    assert_in_range(dots, 2990, 3010);
    for (size_t i = 0; i < DEPTHS; i++)
        assert_in_range(of_depth[i], 3000 / DEPTHS - 30, 3000 / DEPTHS + 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_dot_of_a_few),
        cmocka_unit_test(an_even_choice_of_many),
    };
    return cmocka_run_group_tests_name("chart_depth", tests, NULL, NULL);
}
