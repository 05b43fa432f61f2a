/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kept_rows.h"
#include "record/cadence.h"
#include "record/clock.h"
#include "record/sampler.h"

#define MS ((uint64_t)1000000)

/* A source that does as a test says. */
struct fake {
    int open_status;
    uint64_t takes_ns;               /* a read sleeps that long */
    unsigned fails_from, fails_to;   /* reads with these numbers fail */
    unsigned silent_from, silent_to; /* these succeed, and say nothing */
    unsigned changes_at;             /* from this read on it is another layout; 0: never */
    unsigned holds;                  /* a counter moves on only every so many reads; 0: always */
    unsigned reads, closes;
    struct sensor_channel channel;
};

static int fake_open(void *context, void **state, struct error *e)
{
    struct fake *f = context;
    *state = f;
    return f->open_status ? error_set(e, (enum tt_err)f->open_status, "no permission for the fake") : TT_OK;
}

static void fake_layout(void *state, struct sensor_layout *layout)
{
    struct fake *f = state;
    uint64_t version = f->changes_at && f->reads > f->changes_at;
    *layout = (struct sensor_layout){&f->channel, 1, version, version};
}

static int fake_read(void *state, struct sensor_value *values)
{
    struct fake *f = state;
    unsigned number = f->reads++;
    if (f->takes_ns)
        clock_sleep_until(clock_ticks() + clock_ns_to_ticks(f->takes_ns));
    if (number >= f->fails_from && number < f->fails_to)
        return TT_NOTFOUND;
    if (number < f->silent_from || number >= f->silent_to)
        values[0].value = f->holds ? number / f->holds : number;
    return TT_OK;
}

static void fake_close(void *state)
{
    struct fake *f = state;
    f->closes++;
}

static const struct sensor_ops fake_ops = {"fake", 0, 0, fake_open, fake_layout, fake_read, fake_close, NULL};

static struct fake new_fake(void)
{
    return (struct fake){.channel = {SERIES_POWER, SCOPE_ENGINE, 0, "fake", "mW", NULL}};
}

static struct kept_rows rows; /* too big for the stack */

static struct sampler *start(struct fake *fakes, size_t count, double hz)
{
    struct sensor sensors[8];
    struct sampler *s;
    for (size_t i = 0; i < count; i++)
        sensors[i] = (struct sensor){&fake_ops, &fakes[i]};
    struct sampler_options options = {
        .hz = hz, .sink = kept_rows_sink(&rows), .more = sensors, .more_count = count};
    assert_int_equal(sampler_start(&s, &options, NULL), TT_OK);
    return s;
}

static void sleep_ms(uint64_t ms)
{
    clock_sleep_until(clock_ticks() + clock_ns_to_ticks(ms * MS));
}

static const struct series_row *only_series(const char *name)
{
    size_t from = 0;
    const struct kept_row *r = kept_rows_series(&rows, name, &from);
    assert_non_null(r);
    assert_null(kept_rows_series(&rows, name, &from));
    return &r->row.series;
}

static void test_rows_of_one_source(void **state)
{
    (void)state;
    struct fake f = new_fake();
    struct sampler *s = start(&f, 1, 50);
    sleep_ms(500);
    sampler_stop(s);
    assert_int_equal(f.closes, 1);
    const struct series_row *series = only_series("fake");
    assert_int_equal(series->kind, SERIES_POWER);
    assert_int_equal(series->scope, SCOPE_HOST); /* no engine on this machine */
    assert_int_equal(series->period_ns, 20 * MS);
    size_t n = kept_rows_samples(&rows, series->series);
    assert_int_equal(n, f.reads);
    assert_in_range(n, 3, 27); /* at most one for each of 25 steps, the first and the last one */
    for (size_t i = 0; i < n; i++) {
        const struct sample_row *sample = kept_rows_sample(&rows, series->series, i);
        assert_int_equal(sample->value, i);
        assert_true(sample->source_t == ABSENT);
        assert_true(i == 0 || sample->t > kept_rows_sample(&rows, series->series, i - 1)->t);
    }
    assert_true(kept_rows_count(&rows, TABLE_CLOCK) >= 2); /* at the start and at the end */
    assert_int_equal(kept_rows_count(&rows, TABLE_PROCESS), 0);
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* However late single reads are, they do not push later ones along. */
static void test_reads_stand_on_a_grid(void **state)
{
    (void)state;
    struct fake f = new_fake();
    f.takes_ns = 50000;
    uint64_t offsets[80], begin = clock_ticks();
    struct sampler *s = start(&f, 1, 40);
    sleep_ms(1600);
    sampler_stop(s);
    uint64_t series = only_series("fake")->series, step = clock_ns_to_ticks(25 * MS);
    size_t n = kept_rows_samples(&rows, series) - 1; /* the last one comes when it is asked for */
    assert_in_range(n, 4, 80);
    for (size_t i = 0; i < n; i++)
        offsets[i] = (kept_rows_sample(&rows, series, i)->t - begin) % step;
    qsort(offsets, n, sizeof offsets[0], compare_u64);
    uint64_t middle = offsets[n * 3 / 4] - offsets[n / 4];
    assert_true(middle < step / 4); /* with a drift they would be spread over the whole step */
}

static void test_a_slow_source_is_read_rarely_and_holds_up_nobody(void **state)
{
    (void)state;
    struct fake f[2] = {new_fake(), new_fake()};
    f[0].takes_ns = 2 * MS;
    f[0].channel.name = "slow";
    struct sampler *s = start(f, 2, 200);
    sleep_ms(1000);
    sampler_stop(s);
    /* 200 × at least 2 ms: at 0, 0.4 and 0.8 s, and the last time */
    assert_in_range(f[0].reads, 2, 4);
    assert_true(f[1].reads > 4 * f[0].reads);
    uint64_t slow = only_series("slow")->series;
    const struct sample_row *first = kept_rows_sample(&rows, slow, 0);
    assert_true(clock_ticks_to_ns(first->duration) >= 2 * MS);
    if (f[0].reads > 2) {
        const struct sample_row *second = kept_rows_sample(&rows, slow, 1);
        assert_true(clock_ticks_to_ns(second->t - first->t) >= 400 * MS - 5 * MS);
    }
}

static void test_a_source_that_goes_and_comes_back(void **state)
{
    (void)state;
    struct fake f = new_fake();
    f.fails_from = 3;
    f.fails_to = 5;
    struct sampler *s = start(&f, 1, 100);
    assert_true(kept_rows_wait(&rows, TABLE_MARK, 2));
    sleep_ms(50);
    sampler_stop(s);
    assert_string_equal(kept_rows_mark(&rows, "sensor_gone")->text[1], "fake");
    assert_string_equal(kept_rows_mark(&rows, "sensor_back")->text[1], "fake");
    assert_int_equal(kept_rows_count(&rows, TABLE_MARK), 2);
    uint64_t series = only_series("fake")->series; /* it is still the same quantity */
    assert_int_equal(kept_rows_sample(&rows, series, 2)->value, 2);
    assert_int_equal(kept_rows_sample(&rows, series, 3)->value, 5);
}

static void test_a_rail_that_goes_and_comes_back(void **state)
{
    (void)state;
    struct fake f[2] = {new_fake(), new_fake()};
    f[0].silent_from = f[1].silent_from = 3;
    f[0].silent_to = f[1].silent_to = 5;
    f[1].channel = (struct sensor_channel){SERIES_DEVICE_MEMORY, SCOPE_ENGINE, 0, "memory", "byte", NULL};
    struct sampler *s = start(f, 2, 100);
    assert_true(kept_rows_wait(&rows, TABLE_MARK, 2));
    sleep_ms(50);
    sampler_stop(s);
    assert_string_equal(kept_rows_mark(&rows, "rail_gone")->text[1], "fake");
    assert_string_equal(kept_rows_mark(&rows, "rail_back")->text[1], "fake");
    assert_int_equal(kept_rows_count(&rows, TABLE_MARK), 2); /* that no memory is told is no event */
    uint64_t series = only_series("fake")->series;
    assert_int_equal(kept_rows_sample(&rows, series, 2)->value, 2);
    assert_int_equal(kept_rows_sample(&rows, series, 3)->value, 5);
}

static void test_a_source_that_never_works_says_nothing(void **state)
{
    (void)state;
    struct fake f = new_fake();
    f.fails_to = 1000000;
    struct sampler *s = start(&f, 1, 200);
    sleep_ms(300);
    sampler_stop(s);
    size_t from = 0;
    assert_null(kept_rows_series(&rows, "fake", &from));
    assert_int_equal(kept_rows_count(&rows, TABLE_MARK), 0);
    assert_in_range(f.reads, 2, 10); /* of 60 steps: 0, 2, 6, 14, 30, 62 and the last time */
}

static void test_sources_that_cannot_be_opened(void **state)
{
    (void)state;
    struct fake f[3] = {new_fake(), new_fake(), new_fake()};
    f[0].open_status = TT_NOTFOUND;
    f[1].open_status = TT_IO;
    struct sampler *s = start(f, 3, 100);
    sleep_ms(100);
    sampler_stop(s);
    assert_int_equal(f[0].reads + f[0].closes + f[1].reads + f[1].closes, 0);
    assert_true(f[2].reads > 0);
    assert_int_equal(kept_rows_count(&rows, TABLE_MARK), 1);
    assert_string_equal(kept_rows_mark(&rows, "sensor_failed")->text[1], "no permission for the fake");
}

static void test_another_layout_is_another_series(void **state)
{
    (void)state;
    struct fake f = new_fake();
    f.changes_at = 5;
    struct sampler *s = start(&f, 1, 100);
    sleep_ms(300);
    sampler_stop(s);
    size_t from = 0;
    const struct kept_row *first = kept_rows_series(&rows, "fake", &from);
    const struct kept_row *second = kept_rows_series(&rows, "fake", &from);
    assert_non_null(first);
    assert_non_null(second);
    assert_int_not_equal(first->row.series.series, second->row.series.series);
    assert_int_equal(first->row.series.generation, 0);
    assert_int_equal(second->row.series.generation, 1);
    assert_int_equal(kept_rows_samples(&rows, first->row.series.series), 5);
    assert_int_equal(kept_rows_sample(&rows, second->row.series.series, 0)->value, 5);
}

static void test_counters_are_stored_when_they_change_and_at_the_end(void **state)
{
    (void)state;
    struct fake f = new_fake();
    f.channel.is_counter = 1;
    f.holds = 8;
    struct sampler *s = start(&f, 1, 200);
    sleep_ms(400);
    sampler_stop(s);
    const struct series_row *series = only_series("fake");
    assert_int_equal(series->is_counter, 1);
    size_t n = kept_rows_samples(&rows, series->series);
    uint64_t last = kept_rows_sample(&rows, series->series, n - 1)->value;
    assert_int_equal(last, (f.reads - 1) / 8);
    assert_true(n == last + 1 || n == last + 2); /* each value once, and the last read in any case */
    for (size_t i = 0; i + 1 < n; i++)
        assert_int_equal(kept_rows_sample(&rows, series->series, i)->value, i);
}

static void test_no_sample_without_its_series(void **state)
{
    (void)state;
    struct fake f = new_fake();
    struct sensor sensor = {&fake_ops, &f};
    struct sampler *s;
    struct sampler_options options = {
        .hz = 100, .sink = kept_rows_sink(&rows), .more = &sensor, .more_count = 1};
    rows.refuse_series = 12; /* a full ring, say */
    assert_int_equal(sampler_start(&s, &options, NULL), TT_OK);
    sleep_ms(500);
    sampler_stop(s);
    LargestIntegralType declared[64];
    uint64_t count = 0;
    for (size_t i = 0; i < rows.count; i++) {
        if (rows.rows[i].table == TABLE_SERIES)
            declared[count++] = rows.rows[i].row.series.series;
        if (rows.rows[i].table == TABLE_SAMPLE)
            assert_in_set(rows.rows[i].row.sample.series, declared, count);
    }
    for (uint64_t i = 0; i < count; i++)
        assert_int_equal(declared[i], i); /* numbers without gaps */
    assert_true(kept_rows_sample(&rows, only_series("fake")->series, 0)->value > 0);
}

static void test_the_recorder_measures_itself(void **state)
{
    (void)state;
    struct sampler *s = start(NULL, 0, 0);
    sleep_ms(50);
    sampler_stop(s);
    const struct series_row *cpu = only_series("process CPU time");
    assert_int_equal(cpu->kind, SERIES_RECORDER_CPU);
    assert_int_equal(cpu->scope, SCOPE_HOST);
    assert_true(cpu->generation == ABSENT);
    assert_true(kept_rows_samples(&rows, cpu->series) >= 2);
}

static void test_options_are_checked(void **state)
{
    (void)state;
    struct sampler *s = NULL;
    struct error e;
    struct fake f = new_fake();
    struct sensor many[SAMPLER_SENSORS_MAX];
    for (size_t i = 0; i < SAMPLER_SENSORS_MAX; i++)
        many[i] = (struct sensor){&fake_ops, &f};
    struct sampler_options options = {.hz = 5000, .sink = kept_rows_sink(&rows)};
    assert_int_equal(sampler_start(&s, &options, &e), TT_USAGE);
    options.hz = -1;
    assert_int_equal(sampler_start(&s, &options, &e), TT_USAGE);
    options.hz = 10;
    options.more = many;
    options.more_count = SAMPLER_SENSORS_MAX;
    assert_int_equal(sampler_start(&s, &options, &e), TT_LIMIT);
    assert_null(s);
    assert_true(f.closes > 0);
    sampler_stop(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_of_one_source),
        cmocka_unit_test(test_reads_stand_on_a_grid),
        cmocka_unit_test(test_a_slow_source_is_read_rarely_and_holds_up_nobody),
        cmocka_unit_test(test_a_source_that_goes_and_comes_back),
        cmocka_unit_test(test_a_rail_that_goes_and_comes_back),
        cmocka_unit_test(test_a_source_that_never_works_says_nothing),
        cmocka_unit_test(test_sources_that_cannot_be_opened),
        cmocka_unit_test(test_another_layout_is_another_series),
        cmocka_unit_test(test_counters_are_stored_when_they_change_and_at_the_end),
        cmocka_unit_test(test_no_sample_without_its_series),
        cmocka_unit_test(test_the_recorder_measures_itself),
        cmocka_unit_test(test_options_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
