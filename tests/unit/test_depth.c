/* SPDX-License-Identifier: MIT */
/* Decode rate against context depth, computed by hand. */
#include "tape_fixture.h"

#include <math.h>

#include "analyze/cell_depth.h"
#include "analyze/report.h"
#include "formats/alloc.h"

static const char meta[] =
    "{\"format\":\"toktape\",\"workload\":{\"phases\":[{\"name\":\"a\"},{\"name\":\"b\"}]}}";

static void near(double got, double want)
{
    if (!(fabs(got - want) <= 1e-9 * fabs(want)))
        fail_msg("%.17g is not %.17g", got, want);
}

/* 201 words: the first at 100 ms, then `slow` of them 20 ms apart and the others 10 ms apart, cut off by
 * max_tokens, so that the last word ends the decode window. */
static size_t words(struct event *ev, int slow, const char *usage)
{
    static char texts[201][160];
    double t = 100;
    size_t n = 0;
    for (int i = 0; i < 201; i++) {
        t += i == 0 ? 0 : i <= slow ? 20 : 10;
        snprintf(texts[i], sizeof texts[i], TEXT(" %d"), i * 7919 % 1000); /* no two alike: no loop */
        ev[n++] = (struct event){t, texts[i]};
    }
    ev[n++] = (struct event){t + 5, FINISH("length")};
    ev[n++] = (struct event){t + 5, usage};
    return n;
}

static void load(struct tape *tape, const char *first, const char *second)
{
    static const char body[] = "{\"model\":\"m\",\"messages\":[],\"max_tokens\":201}";
    struct event ev[256];
    struct fixture f;
    struct error e = {0};
    struct tape_options options = {.with_depth = 1};
    fixture_open(&f, meta);
    fixture_clock(&f, ZERO(0) - 5000 * MS);
    uint64_t row = fixture_body(&f, body);
    size_t n = words(ev, 100, first);
    fixture_answer(&f, 0, row, ev, n);
    n = words(ev, 0, second);
    fixture_answer(&f, 1, row, ev, n);
    if (fixture_load(&f, tape, &options, &e))
        fail_msg("%s", e.text);
}

static void expect_point(const struct depth_point *p, size_t run, uint64_t depth, double tokens, double ms)
{
    assert_int_equal(p->run, run);
    assert_int_equal(p->depth, depth);
    near(p->tokens, tokens);
    near(p->window_ms, ms);
}

/* A prompt of 923 tokens: the first word makes 924, so the second is made at depth 924 and 100 of them (924 …
 * 1023) are below 1024, 20 ms each: 100 ÷ 2 s. The other 100 (1024 … 1123) take 10 ms each: 100 ÷ 1 s. The
 * second run's prompt of 1000: 23 words (1001 … 1023) are too few for a rate, 177 take 1.77 s. */
static void cuts_runs_at_depths(void **state)
{
    struct tape tape;
    (void)state;
    load(&tape, USAGE(923, 201), USAGE(1000, 201));
    assert_int_equal(tape.depth.count, 3);
    expect_point(&tape.depth.items[0], 0, 512, 100, 2000);
    expect_point(&tape.depth.items[1], 0, 1024, 100, 1000);
    expect_point(&tape.depth.items[2], 1, 1024, 177, 1770);
    near(depth_rate(&tape.depth.items[0]), 50);
    /* Both pieces together are the run's decode window and tokens. */
    near(tape.runs[0].decode_window_ms, 3000);
    near((double)tape.runs[0].decode_tokens, 200);
    tape_release(&tape);
}

static void pools_a_cell(void **state)
{
    struct tape tape;
    struct report report;
    struct depth_bin *bins;
    size_t count;
    (void)state;
    load(&tape, USAGE(923, 201), USAGE(900, 201)); /* 123 words at 901 … 1023 in 1.23 s, 77 in 0.77 s */
    report_init(&report);
    assert_int_equal(report_add(&report, &tape, NULL), 0);
    tape_release(&tape);
    assert_int_equal(cell_depth(&report.cells[0], &bins, &count), 0);
    assert_int_equal(count, 2);
    assert_int_equal(bins[0].depth, 512);
    near(bins[0].rate.value, 75); /* median of 50 and 100 */
    assert_int_equal(bins[0].rate.n, 2);
    near(bins[0].tokens, 223);
    near(bins[1].rate.value, 100);
    near(bins[1].tokens, 177);
    mem_free(bins);
    report_release(&report);
}

/* No depth without a prompt's length, and none for a run that is not valid. */
static void leaves_out_what_has_no_depth(void **state)
{
    struct tape tape;
    struct report report;
    struct depth_bin *bins;
    size_t count;
    (void)state;
    load(&tape, CHUNK("\"choices\":[],\"usage\":{\"completion_tokens\":201}"), USAGE(1000, 201));
    assert_int_equal(tape.depth.count, 1);
    assert_int_equal(tape.depth.items[0].run, 1);
    tape.runs[1].invalid = INVALID_CUT;
    report_init(&report);
    assert_int_equal(report_add(&report, &tape, NULL), 0);
    tape_release(&tape);
    assert_int_equal(cell_depth(&report.cells[0], &bins, &count), 0);
    assert_int_equal(count, 0);
    mem_free(bins);
    report_release(&report);
}

#define DEPTHS 40
#define RUNS   5003 /* more points than are gathered at a time */

static double rate_at(size_t run, size_t depth)
{
    return 10 + (double)(run * 31 % RUNS) / RUNS + (double)depth;
}

/* Points as runs give them: each run's one after another, every other depth. */
static void add_points(struct cell *cell)
{
    for (size_t run = 0; run < RUNS; run++) {
        for (size_t depth = run % 2; depth < DEPTHS; depth += 2) {
            assert_int_equal(
                shelf_grow(&cell->depths, &cell->depth_capacity, cell->depth_count + 1, sizeof *cell->depths),
                0);
            cell->depths[cell->depth_count++] = (struct cell_depth_point){
                .point = {(uint32_t)run, (uint32_t)depth * 3 * DEPTH_BIN, rate_at(run, depth), 1000}};
        }
    }
}

static void bins_have_every_point_of_their_depth(void **state)
{
    struct cell cell = {.run_count = 0};
    struct depth_bin *bins;
    size_t count;
    (void)state;
    add_points(&cell);
    assert_int_equal(cell_depth(&cell, &bins, &count), 0);
    assert_int_equal(count, DEPTHS);
    for (size_t depth = 0; depth < DEPTHS; depth++) {
        double *rates = mem_alloc(RUNS * sizeof *rates), tokens = 0;
        size_t n = 0;
        for (size_t run = depth % 2; run < RUNS; run += 2, n++)
            tokens += rates[n] = rate_at(run, depth);
        struct figure rate = figure_of(rates, n, GRADE_B);
        assert_int_equal(bins[depth].depth, depth * 3 * DEPTH_BIN);
        assert_int_equal(bins[depth].rate.n, n);
        near(bins[depth].rate.value, rate.value);
        near(bins[depth].rate.spread, rate.spread);
        near(bins[depth].tokens, tokens);
        mem_free(rates);
    }
    mem_free(bins);
    shelf_free(cell.depths);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_runs_at_depths),
        cmocka_unit_test(pools_a_cell),
        cmocka_unit_test(leaves_out_what_has_no_depth),
        cmocka_unit_test(bins_have_every_point_of_their_depth),
    };
    return cmocka_run_group_tests_name("depth", tests, NULL, NULL);
}
