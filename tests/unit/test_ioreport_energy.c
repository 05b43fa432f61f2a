/* SPDX-License-Identifier: MIT */
/* From an Apple chip's counters to the energy of a run: rails that publish in batches, that freeze, whose
 * stamps lie, that vanish. The chip is played in virtual time; recording and analysis are the real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "analyze/energy.h"
#include "analyze/tape_energy.h"
#include "fake_frameworks.h"
#include "formats/alloc.h"
#include "made_tape.h"

#define MS     UINT64_C(1000000)
#define SECOND (1000 * MS)
#define LENGTH (60 * SECOND)
#define RAILS  3

enum { CPU, GPU, DRAM };

/* Watts: idle until 20 s, prefill to 22 s, decode to 30 s, idle. */
static const struct {
    uint64_t until;
    double watts[RAILS];
} load[] = {{20 * SECOND, {1, 0.5, 0.5}},
            {22 * SECOND, {12, 20, 3}},
            {30 * SECOND, {4, 11, 6}},
            {LENGTH, {1, 0.5, 0.5}}};

static double joules(int rail, uint64_t t)
{
    double sum = 0;
    uint64_t from = 0;
    for (size_t i = 0; i < sizeof load / sizeof load[0] && from < t; i++) {
        uint64_t to = load[i].until < t ? load[i].until : t;
        sum += load[i].watts[rail] * (double)(to - from) / 1e9;
        from = to;
    }
    return sum;
}

static double true_joules(uint64_t from, uint64_t to)
{
    double sum = 0;
    for (int rail = 0; rail < RAILS; rail++)
        sum += joules(rail, to) - joules(rail, from);
    return sum;
}

/* What is odd about the chip. */
struct oddity {
    uint64_t frozen_from;  /* CPU and DRAM publish nothing from then on */
    uint64_t gone_from;    /* DRAM vanishes from the samples */
    uint64_t stamp_stands; /* CPU's stamp stands still from then on */
    uint64_t stamp_back;   /* one of CPU's stamps is 10 s early */
    uint64_t stamp_ahead;  /* all of CPU's stamps are that much late */
    uint64_t bare_from;    /* CPU has no element, and so no stamp, from then on */
};

static struct fake_channel chip[RAILS];

/* GPU's nanojoules are published at every reading, the others' millijoules every 2.1 s. */
static void play(uint64_t t, const struct oddity *o)
{
    uint64_t stopped = t < o->frozen_from ? t : o->frozen_from, batch = stopped - stopped % (2100 * MS);
    chip[GPU] = (struct fake_channel){"GPU Energy", "nJ", (int64_t)(joules(GPU, t) * 1e9), t + 1, 0, 0};
    chip[CPU] =
        (struct fake_channel){"CPU Energy", "mJ", (int64_t)(joules(CPU, batch) * 1e3), batch + 1, 0, 0};
    chip[DRAM] = (struct fake_channel){"DRAM0", "mJ", (int64_t)(joules(DRAM, batch) * 1e3), batch + 1, 0, 0};
    chip[DRAM].is_gone = t >= o->gone_from;
    if (batch >= o->stamp_stands)
        chip[CPU].stamp = o->stamp_stands + 1;
    if (o->stamp_back <= batch && batch < o->stamp_back + 2100 * MS)
        chip[CPU].stamp -= 10 * SECOND;
    chip[CPU].stamp += o->stamp_ahead;
    chip[CPU].is_bare = t >= o->bare_from;
}

static const struct ioreport_api *load_fake(struct error *e)
{
    (void)e;
    return &fake_ioreport;
}

static void add_series(struct tape *tape, const char *source, const struct sensor_channel *c)
{
    const struct series_row row = {.kind = c->kind,
                                   .rail = c->rail->rail,
                                   .wrap = c->rail->wrap,
                                   .scope = c->scope,
                                   .source = made_text(source),
                                   .name = made_text(c->name),
                                   .unit = made_text(c->unit),
                                   .origin = made_text(c->rail->origin),
                                   .stamp = made_text(c->rail->stamp)};
    made_tape_series(tape, &row);
}

/* As the sampler does: when it changed, and at the end. */
static void add_samples(struct tape *tape, struct sensor_value *last, const struct sensor_value *values,
                        uint64_t t)
{
    for (size_t i = 0; i < tape->series_count; i++) {
        int is_news = last[i].value != values[i].value || last[i].source_t != values[i].source_t;
        if (values[i].value == ABSENT || (!is_news && t < LENGTH))
            continue;
        made_tape_sample(tape, i, t, values[i].source_t, values[i].value);
        last[i] = values[i];
    }
}

static void forget(struct sensor_value values[SENSOR_CHANNELS_MAX])
{
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++)
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
}

static void sample(struct tape *tape, void *s, struct sensor_value *last, uint64_t t)
{
    struct sensor_value values[SENSOR_CHANNELS_MAX];
    struct sensor_layout layout;
    forget(values);
    assert_int_equal(sensor_ioreport.read(s, values), TT_OK);
    sensor_ioreport.layout(s, &layout);
    for (size_t i = tape->series_count; i < layout.count; i++)
        add_series(tape, "ioreport", &layout.channels[i]);
    add_samples(tape, last, values, t);
}

/* One run: sent at 20 s, first token at 22 s, last at 30 s; read every 700 ms. */
static void record(struct tape *tape, const struct oddity *o)
{
    static struct ioreport_context context = {load_fake};
    struct sensor_value last[SENSOR_CHANNELS_MAX];
    void *s = NULL;
    forget(last);
    made_tape_init(tape, "aa", NULL);
    tape->t_origin = 0;
    struct run_figures *run = made_tape_run(tape, 0, PHASE_WARM, 50, 2000);
    run->t_zero = 20 * SECOND;
    run->t_first_token = 22 * SECOND;
    run->t_last_token = 30 * SECOND;
    run->t_close = 31 * SECOND;
    run->decode_window_ms = 8000;
    play(0, o);
    fake_ioreport_set(chip, RAILS);
    assert_int_equal(sensor_ioreport.open(&context, &s, NULL), TT_OK);
    for (uint64_t t = 0; t <= LENGTH; t += t + 700 * MS > LENGTH && t < LENGTH ? LENGTH - t : 700 * MS) {
        play(t, o);
        sample(tape, s, last, t + 5 * MS);
    }
    sensor_ioreport.close(s);
    assert_int_equal(tape_energy(tape, NULL), 0);
}

static const struct oddity nothing = {ABSENT, ABSENT, ABSENT, ABSENT, 0, ABSENT};

static void batches_are_attributed(void **state)
{
    (void)state;
    struct tape tape;
    record(&tape, &nothing);
    const struct energy_figures *f = &tape.runs[0].energy;
    double truth = true_joules(22 * SECOND, 30 * SECOND);
    assert_null(f->reason);
    assert_true(f->decode_u_j > 0 && f->decode_u_j < 0.25 * truth);
    assert_true(fabs(f->decode_j - truth) <= f->decode_u_j);
    assert_true(fabs(f->run_j - true_joules(20 * SECOND, 31 * SECOND)) < 0.1 * f->run_j);
    assert_true(isnan(f->prefill_j)); /* 2 s are shorter than a publication: no figure */
    assert_int_equal(tape.power_rails.count, 3);
    assert_true(tape.series[0].count > 20 &&
                tape.series[0].count < 40); /* once a batch, not once a reading */
    tape_release(&tape);
}

/* Differences of readings, as a live monitor takes them, alternate between nothing and too much. */
static void readings_alternate(void **state)
{
    (void)state;
    int zeros = 0, doubles = 0;
    for (uint64_t t = 22 * SECOND; t < 30 * SECOND; t += 700 * MS) {
        play(t, &nothing);
        int64_t before = chip[CPU].value;
        play(t + 700 * MS, &nothing);
        double watts = (double)(chip[CPU].value - before) / 700;
        zeros += watts == 0;
        doubles += watts > 8;
    }
    assert_true(zeros >= 6 && doubles >= 3);
}

static void frozen_is_not_zero(void **state)
{
    (void)state;
    struct tape tape;
    struct oddity o = nothing;
    o.frozen_from = 0; /* from the start */
    record(&tape, &o);
    assert_true(isnan(tape.runs[0].energy.decode_j));
    assert_string_equal(tape.runs[0].energy.reason, "the rail is frozen");
    assert_string_equal(tape.power_rails.items[0], "ioreport CPU Energy (frozen)");
    assert_string_equal(tape.power_rails.items[1], "ioreport GPU Energy");
    tape_release(&tape);
    o.frozen_from = 25 * SECOND; /* while it decodes */
    record(&tape, &o);
    assert_true(isnan(tape.runs[0].energy.decode_j));
    assert_string_equal(tape.runs[0].energy.reason, "the rail is frozen");
    tape_release(&tape);
}

/* Another source that moves stands in for a rail that is frozen. */
static void another_source_stands_in(void **state)
{
    (void)state;
    struct tape tape;
    struct oddity o = nothing;
    size_t chosen[8];
    o.frozen_from = 0;
    record(&tape, &o);
    const struct sensor_rail rail = {RAIL_CPU, ABSENT, "", ""};
    const struct sensor_channel channel = {SERIES_ENERGY, SCOPE_ENGINE, 1, "cpu_energy", "uJ", &rail};
    add_series(&tape, "powermetrics", &channel);
    for (uint64_t t = 0; t <= LENGTH; t += SECOND)
        made_tape_sample(&tape, 3, t, ABSENT, t);
    assert_int_equal(tape_choose_rails(&tape, chosen, 8), 3);
    assert_int_equal(chosen[0], 3);
    tape_release(&tape);
}

static void a_rail_vanishes(void **state)
{
    (void)state;
    struct tape tape;
    struct oddity o = nothing;
    o.gone_from = 25 * SECOND;
    record(&tape, &o);
    assert_true(isnan(tape.runs[0].energy.decode_j));
    assert_string_equal(tape.runs[0].energy.reason, "nothing was published around the window");
    tape_release(&tape);
}

/* One that comes without a stamp leaves those before it their own. */
static void stamps_that_end(void **state)
{
    (void)state;
    struct tape tape, whole;
    struct oddity o = nothing;
    o.bare_from = 58 * SECOND;
    record(&tape, &o);
    record(&whole, &nothing);
    assert_true(tape.runs[0].energy.decode_j == whole.runs[0].energy.decode_j);
    tape_release(&tape);
    tape_release(&whole);
}

/* Without stamps a value counts from when it was read: up to a reading's pause late, and no figure is lost.
 */
static void stamps_that_lie(void **state)
{
    (void)state;
    struct oddity oddities[3] = {nothing, nothing, nothing};
    double truth = true_joules(22 * SECOND, 30 * SECOND);
    oddities[0].stamp_stands = 21 * SECOND;
    oddities[1].stamp_back = 25200 * MS;
    oddities[2].stamp_ahead = 3 * SECOND;
    for (int i = 0; i < 3; i++) {
        struct tape tape;
        record(&tape, &oddities[i]);
        const struct energy_figures *f = &tape.runs[0].energy;
        assert_null(f->reason);
        assert_true(fabs(f->decode_j - truth) <= f->decode_u_j + 0.7 * 12);
        tape_release(&tape);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_are_attributed), cmocka_unit_test(readings_alternate),
        cmocka_unit_test(frozen_is_not_zero),     cmocka_unit_test(another_source_stands_in),
        cmocka_unit_test(a_rail_vanishes),        cmocka_unit_test(stamps_that_lie),
        cmocka_unit_test(stamps_that_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
