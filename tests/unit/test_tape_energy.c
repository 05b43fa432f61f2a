/* SPDX-License-Identifier: MIT */
/* From rails of a trace to the energy of its runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "analyze/report.h"
#include "analyze/tape_energy.h"
#include "analyze/trace_remarks.h"
#include "made_tape.h"

#define SECOND UINT64_C(1000000000)

static void close_to(double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-9 * fabs(wanted)))
        fail_msg("%.17g is not %.17g", value, wanted);
}

/* What a counter does besides counting: at that number it falls to 0 for once, or leaps; or it ends there. */
struct oddity {
    uint64_t falls_at, leaps_at, ends_at;
};

static const struct oddity nothing = {ABSENT, ABSENT, ABSENT};

/* A rail that publishes every `every` ns from 0 to 100 s: a counter of `watts`, or a gauge. */
static void add_odd_rail(struct tape *tape, const char *source, enum series_kind kind, uint64_t rail,
                         uint64_t watts, uint64_t every, const struct oddity *o)
{
    const struct series_row row = made_rail(source, kind, rail);
    uint64_t series = made_tape_series(tape, &row);
    for (uint64_t i = 0; i * every <= 100 * SECOND && i < o->ends_at; i++) {
        uint64_t value = kind == SERIES_ENERGY ? watts * (i * every / 1000) : watts;
        value += i >= o->leaps_at ? UINT64_C(90000000000) : 0; /* 90 kJ within one publication */
        made_tape_sample(tape, series, i * every, ABSENT, i == o->falls_at ? 0 : value);
    }
}

static void add_rail(struct tape *tape, const char *source, enum series_kind kind, uint64_t rail,
                     uint64_t watts, uint64_t every)
{
    add_odd_rail(tape, source, kind, rail, watts, every, &nothing);
}

/* One warm run: sent at 20 s, first token at 22 s, 400th at 30 s. */
static void make(struct tape *tape)
{
    made_tape_init(tape, "aa", NULL);
    struct run_figures *run = made_tape_run(tape, 0, PHASE_WARM, 399 / 8.0, 2000);
    run->t_zero = 20 * SECOND;
    run->t_first_token = 22 * SECOND;
    run->t_last_token = 30 * SECOND;
    run->t_close = 31 * SECOND;
    run->decode_window_ms = 8000;
}

static void windows_of_a_run(void **state)
{
    (void)state;
    struct tape tape;
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, SECOND / 10);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_GPU, 30, SECOND / 10);
    tape.idle[0] = (struct tape_window){5 * SECOND, 10 * SECOND};
    tape.idle_count = 1;
    assert_int_equal(tape_energy(&tape, NULL), 0);
    const struct energy_figures *f = &tape.runs[0].energy;
    close_to(f->prefill_j, 80);
    close_to(f->decode_j, 320);
    close_to(f->run_j, 440);
    close_to(f->soc_w, 40);
    close_to(tape.idle_w, 40);
    assert_true(fabs(f->soc_w_net) < 1e-9);
    close_to(f->j_per_token * (double)tape.runs[0].decode_tokens, f->decode_j);
    close_to(tape.runs[0].decode_tok_s / f->soc_w, 1 / f->j_per_token);
    assert_int_equal(f->grade, GRADE_A);
    assert_null(f->reason);
    assert_int_equal(tape.power_rails.count, 2);
    tape_release(&tape);
}

static void rows_show_energy(void **state)
{
    (void)state;
    struct tape tape;
    struct report report;
    struct gates gates;
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_PACKAGE, 40, SECOND / 10);
    assert_int_equal(tape_energy(&tape, NULL), 0);
    report_init(&report);
    assert_int_equal(gates_open(&gates, GATES_DEFAULT, NULL), 0);
    assert_int_equal(report_add(&report, &tape, NULL), 0);
    assert_int_equal(report_finish(&report, &gates, NULL), 0);
    const struct report_row *row = &report.blocks[0].rows[0];
    close_to(row->figures[METRIC_SOC_W].value, 40);
    close_to(row->figures[METRIC_J_PER_TOKEN].value, 320 / 399.0);
    close_to(row->figures[METRIC_TOK_S_PER_W].value, 399 / 320.0);
    assert_true(isnan(row->figures[METRIC_IDLE_W].value));
    assert_string_equal(row->power_rails.items[0], "meter rail");
    report_release(&report);
    gates_release(&gates);
    tape_release(&tape);
}

static void rails_that_add_up(void **state)
{
    (void)state;
    struct tape tape;
    size_t chosen[8];
    make(&tape);
    add_rail(&tape, "smc", SERIES_POWER, RAIL_MACHINE, 90, SECOND);
    add_rail(&tape, "rapl", SERIES_ENERGY, RAIL_CPU, 20, SECOND);
    assert_int_equal(tape_choose_rails(&tape, chosen, 8), 1);
    assert_int_equal(chosen[0], 1);
    add_rail(&tape, "rapl", SERIES_ENERGY, RAIL_PACKAGE, 30, SECOND);
    add_rail(&tape, "rapl", SERIES_ENERGY, RAIL_PACKAGE, 31, SECOND); /* the second socket */
    add_rail(&tape, "hwmon", SERIES_POWER, RAIL_PACKAGE, 30, SECOND); /* the same once more */
    add_rail(&tape, "rapl", SERIES_ENERGY, RAIL_DRAM, 5, SECOND);
    add_rail(&tape, "nvml", SERIES_POWER, RAIL_BOARD, 300, SECOND);
    add_rail(&tape, "nvml", SERIES_ENERGY, RAIL_BOARD, 300, SECOND); /* a counter is better */
    add_rail(&tape, "nvml", SERIES_ENERGY, RAIL_OTHER, 300, SECOND);
    assert_int_equal(tape_choose_rails(&tape, chosen, 8), 4);
    const size_t wanted[] = {2, 3, 5, 7};
    assert_memory_equal(chosen, wanted, sizeof wanted);
    tape.series[2].row.scope = tape.series[3].row.scope = SCOPE_HOST; /* not the engine's machine */
    tape.series[4].row.scope = SCOPE_HOST;
    assert_int_equal(tape_choose_rails(&tape, chosen, 8), 3);
    assert_int_equal(chosen[0], 1);
    tape_release(&tape);
}

static void no_figure_without_a_rail(void **state)
{
    (void)state;
    struct tape tape;
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, SECOND / 10);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_ANE, 0, SECOND / 10); /* idle: allowed */
    assert_int_equal(tape_energy(&tape, NULL), 0);
    close_to(tape.runs[0].energy.decode_j, 80);
    tape_release(&tape);

    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, SECOND / 10);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_GPU, 0, SECOND / 10); /* frozen */
    assert_int_equal(tape_energy(&tape, NULL), 0);
    assert_true(isnan(tape.runs[0].energy.decode_j));
    assert_string_equal(tape.runs[0].energy.reason, "the rail is frozen");
    tape_release(&tape);

    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, 10 * SECOND);
    assert_int_equal(tape_energy(&tape, NULL), 0);
    assert_string_equal(tape.runs[0].energy.reason, "window shorter than publication");
    tape_release(&tape);
}

static void expect_row_note(struct tape *tape, const char *note)
{
    struct report report;
    struct gates gates;
    report_init(&report);
    assert_int_equal(gates_open(&gates, GATES_DEFAULT, NULL), 0);
    assert_int_equal(tape_energy(tape, NULL), 0);
    assert_int_equal(report_add(&report, tape, NULL), 0);
    assert_int_equal(report_finish(&report, &gates, NULL), 0);
    const struct text_list *notes = &report.blocks[0].rows[0].notes;
    if (note && text_list_find(notes, note) < 0)
        fail_msg("no note '%s' among %zu", note, notes->count);
    for (size_t i = 0; !note && i < notes->count; i++)
        assert_null(strstr(notes->items[i], "energy"));
    report_release(&report);
    gates_release(&gates);
    tape_release(tape);
}

/* A row without energy figures says why; one that never had a source of power does not. */
static void rows_say_why_energy_is_absent(void **state)
{
    (void)state;
    struct tape tape;
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, 10 * SECOND);
    expect_row_note(&tape, "no energy figure for 1 of 1 runs: window shorter than publication");
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_GPU, 0, SECOND / 10);
    expect_row_note(&tape, "no energy figure for 1 of 1 runs: the rail is frozen");
    make(&tape);
    struct oddity o = nothing;
    o.falls_at = 250; /* at 25 s, inside the decode window */
    add_odd_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, SECOND / 10, &o);
    expect_row_note(&tape, "no energy figure for 1 of 1 runs: the counter was reset");
    make(&tape);
    o = nothing;
    o.leaps_at = 250;
    add_odd_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, SECOND / 10, &o);
    expect_row_note(&tape, "no energy figure for 1 of 1 runs: the counter made an implausible step");
    make(&tape);
    o = nothing;
    o.ends_at = 250;
    add_odd_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, SECOND / 10, &o);
    expect_row_note(&tape, "no energy figure for 1 of 1 runs: nothing was published around the window");
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, SECOND / 10);
    tape.series[0].row.scope = SCOPE_HOST;
    expect_row_note(&tape,
                    "no energy figure for 1 of 1 runs: the sources of power are not of the engine's machine");
    make(&tape);
    assert_int_equal(tape_energy(&tape, NULL), 0);
    assert_string_equal(tape.runs[0].energy.reason, "no source of power was recorded");
    expect_row_note(&tape, NULL);
    make(&tape);
    add_rail(&tape, "meter", SERIES_ENERGY, RAIL_CPU, 10, SECOND / 10);
    expect_row_note(&tape, NULL);
}

/* What is not in the sum is named. */
static void unknown_units_are_said(void **state)
{
    (void)state;
    struct tape tape;
    struct text_list remarks = {0};
    make(&tape);
    add_rail(&tape, "ioreport", SERIES_ENERGY, RAIL_CPU, 10, SECOND);
    assert_int_equal(trace_remarks(&tape, &remarks), TT_OK);
    assert_int_equal(remarks.count, 0);
    add_rail(&tape, "ioreport", SERIES_ENERGY, RAIL_OTHER, 10, SECOND);
    memcpy(tape.series[1].unit, "bl", sizeof "bl");
    assert_int_equal(trace_remarks(&tape, &remarks), TT_OK);
    assert_int_equal(remarks.count, 1);
    assert_string_equal(remarks.items[0], "power rails of an unknown unit, in no sum: 1 (rail, unit 'bl')");
    text_list_release(&remarks);
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_of_a_run),
        cmocka_unit_test(rows_show_energy),
        cmocka_unit_test(rails_that_add_up),
        cmocka_unit_test(no_figure_without_a_rail),
        cmocka_unit_test(rows_say_why_energy_is_absent),
        cmocka_unit_test(unknown_units_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
