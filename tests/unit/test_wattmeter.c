/* SPDX-License-Identifier: MIT */
/* How much power a campaign takes the machine to have: which sources it adds up, and over a counter's end. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "record/campaign/wattmeter.h"
#include "record/clock.h"

/* Readings are only so exact where other programs want the processor, too: what is told apart differs by
 * more.
 *
 * A sensor with one channel: a counter that grows by `watts`, or a gauge of so much. */
struct fake {
    uint64_t kind, rail, wrap;
    const char *unit;
    double watts, start; /* joules at the first read */
    int is_away;
    uint64_t began;
    struct sensor_rail about;
    struct sensor_channel channel;
};

static int open_fake(void *context, void **state, struct error *e)
{
    struct fake *f = context;
    if (f->is_away)
        return error_set(e, TT_NOTFOUND, "nothing of the kind");
    f->about = (struct sensor_rail){f->rail, f->wrap, "", ""};
    f->channel =
        (struct sensor_channel){f->kind, SCOPE_ENGINE, f->kind == SERIES_ENERGY, "x", f->unit, &f->about};
    f->began = clock_ticks();
    *state = f;
    return TT_OK;
}

static void layout_fake(void *state, struct sensor_layout *layout)
{
    struct fake *f = state;
    *layout = (struct sensor_layout){&f->channel, 1, ABSENT, 0};
}

static int read_fake(void *state, struct sensor_value *values)
{
    struct fake *f = state;
    double seconds = (double)clock_ticks_to_ns(clock_ticks() - f->began) / 1e9;
    if (f->is_away)
        return TT_NOTFOUND;
    uint64_t uj = (uint64_t)((f->start + f->watts * seconds) * 1e6);
    values[0].value = f->kind == SERIES_ENERGY ? uj % f->wrap : (uint64_t)(f->watts * 1e3);
    return TT_OK;
}

static void close_fake(void *state)
{
    (void)state;
}

static const struct sensor_ops ops = {"fake", 0, 0, open_fake, layout_fake, read_fake, close_fake, NULL};

#define LARGE UINT64_C(262143328850)
#define COUNTER(rail, wrap, watts, start)                                                                    \
    {                                                                                                        \
        SERIES_ENERGY, rail, wrap, "uJ", watts, start, 0, 0, {0},                                            \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }
#define GAUGE(rail, watts)                                                                                   \
    {                                                                                                        \
        SERIES_POWER, rail, ABSENT, "mW", watts, 0, 0, 0, {0},                                               \
        {                                                                                                    \
            0                                                                                                \
        }                                                                                                    \
    }

static struct fake processor, gpu, battery;
static const struct sensor sensors[] = {{&ops, &processor}, {&ops, &gpu}, {&ops, &battery}};
static const struct power_source sources[] = {
    {"rapl", "", 1, NULL, NULL, &sensors[0], 1, NULL},
    {"nvml", "", 1, NULL, NULL, &sensors[1], 1, NULL},
    {"battery", "", 1, NULL, NULL, &sensors[2], 1, NULL},
};
static const volatile sig_atomic_t no;

static int set_up(void **state)
{
    (void)state;
    processor = (struct fake)COUNTER(RAIL_PACKAGE, LARGE, 20, 7);
    gpu = (struct fake)COUNTER(RAIL_BOARD, LARGE, 300, 7);
    battery = (struct fake)GAUGE(RAIL_MACHINE, 4500);
    return 0;
}

static double watts_of(const char *names)
{
    struct wattmeter m;
    wattmeter_open(&m, sources, 3);
    assert_string_equal(m.names, names);
    double watts = wattmeter_watts(&m, 0.3, &no);
    wattmeter_close(&m);
    return watts;
}

/* A GPU that is still hot counts, a total beside them does not. */
static void test_processor_and_gpu_add_up(void **state)
{
    (void)state;
    assert_true(fabs(watts_of("rapl, nvml") - 320) < 150);
}

static void test_a_total_where_there_is_nothing_else(void **state)
{
    (void)state;
    processor.is_away = gpu.is_away = 1;
    assert_true(fabs(watts_of("battery") - 4500) < 1);
    battery.is_away = 1;
    assert_true(isnan(watts_of("")));
}

static void test_another_view_of_the_same_is_left_out(void **state)
{
    (void)state;
    gpu.rail = RAIL_PACKAGE;
    assert_true(fabs(watts_of("rapl") - 20) < 10);
}

static void test_over_the_end_of_a_counter(void **state)
{
    (void)state;
    gpu.is_away = 1;
    processor.wrap = 50000000;
    processor.start = 49; /* joules of 50: it begins anew within the first tenth of a second */
    assert_true(fabs(watts_of("rapl") - 20) < 10);
}

static void test_a_source_that_goes_away(void **state)
{
    struct wattmeter m;
    (void)state;
    wattmeter_open(&m, sources, 3);
    gpu.is_away = 1;
    assert_true(isnan(wattmeter_watts(&m, 0.1, &no)));
    wattmeter_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_processor_and_gpu_add_up, set_up),
        cmocka_unit_test_setup(test_a_total_where_there_is_nothing_else, set_up),
        cmocka_unit_test_setup(test_another_view_of_the_same_is_left_out, set_up),
        cmocka_unit_test_setup(test_over_the_end_of_a_counter, set_up),
        cmocka_unit_test_setup(test_a_source_that_goes_away, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
