/* SPDX-License-Identifier: MIT */
/* Several conversations at once: what they get together, percentiles from the intended start, and energy,
 * which only whole bursts have. Every figure is reckoned by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analyze/load.h"
#include "analyze/report.h"
#include "analyze/tape_bursts.h"
#include "analyze/tape_energy.h"
#include "formats/alloc.h"
#include "made_tape.h"

#define SECOND UINT64_C(1000000000)

static void close_to(double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-9 * fabs(wanted)))
        fail_msg("%.17g is not %.17g", value, wanted);
}

/* A rail that publishes every `every` ns from 0 to 100 s: a counter of `watts`, or a gauge. */
static void add_rail(struct tape *tape, const char *source, enum series_kind kind, uint64_t rail,
                     uint64_t watts, uint64_t every)
{
    const struct series_row row = made_rail(source, kind, rail);
    uint64_t series = made_tape_series(tape, &row);
    for (uint64_t t = 0; t <= 100 * SECOND; t += every)
        made_tape_sample(tape, series, t, ABSENT, kind == SERIES_ENERGY ? watts * (t / 1000) : watts);
}

/* Times in seconds. */
struct sent {
    uint64_t repeat, intended, zero, first, close, tokens;
    unsigned invalid;
};

static void add_run(struct tape *tape, const struct sent *sent)
{
    struct run_figures *run = made_tape_run(tape, sent->repeat, PHASE_WARM, 10, 1000);
    run->t_intended = sent->intended * SECOND;
    run->t_zero = sent->zero * SECOND;
    run->t_first_token = sent->first * SECOND;
    run->t_last_token = run->t_close = sent->close * SECOND;
    run->decode_window_ms = (double)(sent->close - sent->first) * 1e3;
    run->due_ttft_ms = (double)(sent->first - sent->intended) * 1e3;
    run->due_total_ms = (double)(sent->close - sent->intended) * 1e3;
    run->completion_tokens = sent->tokens;
    run->invalid = sent->invalid;
}

/* Two bursts of two; a run of the second one broke off. */
static const struct sent sent[] = {{0, 0, 1, 2, 10, 100, 0},
                                   {1, 0, 1, 3, 12, 140, 0},
                                   {2, 20, 20, 24, 30, 60, 0},
                                   {3, 20, 21, 22, 26, 50, INVALID_TRANSPORT_CUT}};

static void make(struct tape *tape)
{
    made_tape_init(tape, "aa", "{\"options\": {\"concurrency\": 2}}");
    for (size_t i = 0; i < sizeof sent / sizeof sent[0]; i++)
        add_run(tape, &sent[i]);
}

static void bursts_of_repeats(void **state)
{
    struct tape tape;
    (void)state;
    make(&tape);
    assert_int_equal(tape_find_bursts(&tape, NULL), 0);
    assert_int_equal(tape.concurrency, 2);
    assert_int_equal(tape.burst_count, 2);
    close_to(tape.bursts[0].seconds, 12);
    close_to(tape.bursts[1].seconds, 10);
    assert_int_equal(tape.bursts[0].tokens, 240);
    assert_int_equal(tape.bursts[1].tokens, 60); /* not the 50 of the run that broke off */
    assert_int_equal(tape.bursts[1].runs, 2);
    assert_int_equal(tape.bursts[1].valid, 1);
    for (size_t i = 0; i < tape.run_count; i++)
        assert_int_equal(tape.runs[i].is_beside_others, 1);
    tape_release(&tape);
}

/* Whatever META says: runs that overlap share what the machine takes. */
static void company_of_others(void **state)
{
    static const struct sent long_one[] = {
        {0, 0, 0, 1, 9, 10, 0}, {1, 2, 2, 3, 4, 10, 0}, {2, 5, 5, 6, 7, 10, 0}, {3, 9, 9, 10, 11, 10, 0}};
    static const int beside[] = {1, 1, 1, 0}; /* the last begins as the first one ends */
    struct tape tape;
    (void)state;
    made_tape_init(&tape, "aa", NULL);
    for (size_t i = 0; i < 4; i++)
        add_run(&tape, &long_one[i]);
    assert_int_equal(tape_find_bursts(&tape, NULL), 0);
    assert_int_equal(tape.concurrency, 1);
    assert_int_equal(tape.burst_count, 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(tape.runs[i].is_beside_others, beside[i]);
    tape_release(&tape);
}

static void energy_of_bursts_only(void **state)
{
    struct tape tape;
    (void)state;
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_PACKAGE, 40, SECOND / 10);
    assert_int_equal(tape_find_bursts(&tape, NULL), 0);
    assert_int_equal(tape_energy(&tape, NULL), 0);
    for (size_t i = 0; i < tape.run_count; i++) {
        assert_true(isnan(tape.runs[i].energy.run_j) && isnan(tape.runs[i].energy.decode_j));
        assert_string_equal(tape.runs[i].energy.reason, ENERGY_SHARED);
    }
    close_to(tape.bursts[0].joules, 480);
    close_to(tape.bursts[1].joules, 400);
    assert_int_equal(tape.bursts[0].grade, GRADE_A);
    tape_release(&tape);
}

static void figures_of_a_load(void **state)
{
    struct tape tape;
    struct report report;
    struct load_figures load;
    struct load_line line;
    (void)state;
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_PACKAGE, 40, SECOND / 10);
    assert_int_equal(tape_find_bursts(&tape, NULL), 0);
    assert_int_equal(tape_energy(&tape, NULL), 0);
    report_init(&report);
    assert_int_equal(report_add(&report, &tape, NULL), 0);
    assert_int_equal(load_of(&report.cells[0], &load), 0);
    assert_int_equal(load.concurrency, 2);
    close_to(load.tok_s.value, 13); /* of 240 in 12 s and 60 in 10 s */
    close_to(load.least_tok_s, 6);
    close_to(load.most_tok_s, 20);
    close_to(load.j_per_token.value, (480 / 240.0 + 400 / 60.0) / 2);
    assert_int_equal(load_line_of(&report.cells[0], LOAD_ALL_PHASES, &line), 0);
    assert_int_equal(line.runs, 4);
    assert_int_equal(line.valid, 3);
    close_to(line.ttft_ms[0], 3000); /* of 2000, 3000, 4000 */
    close_to(line.ttft_ms[1], 3900);
    close_to(line.ttft_ms[2], 3980);
    close_to(line.latency_ms[0], 10000); /* of 10000, 10000, 12000 */
    close_to(line.latency_ms[1], 11800);
    close_to(line.latency_ms[2], 11960);
    report_release(&report);
    tape_release(&tape);
}

/* Another load is another cell. */
static void cells_of_their_own(void **state)
{
    struct tape one, two;
    struct report report;
    (void)state;
    made_tape_init(&one, "bb", NULL);
    add_run(&one, &sent[0]);
    make(&two);
    assert_int_equal(tape_find_bursts(&one, NULL), 0);
    assert_int_equal(tape_find_bursts(&two, NULL), 0);
    report_init(&report);
    assert_int_equal(report_add(&report, &one, NULL), 0);
    assert_int_equal(report_add(&report, &two, NULL), 0);
    assert_int_equal(report.cell_count, 2);
    assert_null(strstr(report.cells[0].id.label, "at once"));
    assert_non_null(strstr(report.cells[1].id.label, "2 at once"));
    assert_true(cell_run_begins_burst(&report.cells[1], 0) && !cell_run_begins_burst(&report.cells[1], 1) &&
                cell_run_begins_burst(&report.cells[1], 2));
    report_release(&report);
    tape_release(&one);
    tape_release(&two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bursts_of_repeats),     cmocka_unit_test(company_of_others),
        cmocka_unit_test(energy_of_bursts_only), cmocka_unit_test(figures_of_a_load),
        cmocka_unit_test(cells_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
