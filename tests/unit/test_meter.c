/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/buf.h"
#include "record/meter.h"

#define SECOND     ((uint64_t)1000000000)
#define SOME_TIME  1780000000u /* 2026-05-28T20:26:40Z */
#define AT(offset) ((SOME_TIME + (offset)) * SECOND)

static const struct meter_range range = {AT(0), AT(100), 7200};
static struct meter m;

static int parse(const char *text, struct error *e)
{
    return meter_parse(&m, text, strlen(text), &range, e);
}

static void assert_row(size_t i, uint64_t ns, uint64_t value)
{
    assert_true(i < m.count);
    assert_true(m.rows[i].realtime_ns == ns);
    assert_int_equal(m.rows[i].value, value);
}

static void test_times_of_every_kind(void **state)
{
    (void)state;
    assert_int_equal(parse("1780000001,50.5\n1780000002.5,51\n1780000003000,52\n1780000004000000,53\n"
                           "1780000005000000000,54\n2026-05-28T20:26:46Z,55\n2026-05-28 22:26:47.250,56\n"
                           "2026-05-28T18:26:48-02:00,57\n2026-05-29T01:56:49+0530,58\r\n",
                           NULL),
                     TT_OK);
    assert_int_equal(m.count, 9);
    assert_int_equal(m.is_energy, 0);
    assert_row(0, AT(1), 50500000);
    assert_row(1, AT(2) + SECOND / 2, 51000000);
    assert_row(2, AT(3), 52000000);
    assert_row(3, AT(4), 53000000);
    assert_row(4, AT(5), 54000000);
    assert_row(5, AT(6), 55000000);
    assert_row(6, AT(7) + SECOND / 4, 56000000);
    assert_row(7, AT(8), 57000000);
    assert_row(8, AT(9), 58000000);
    meter_release(&m);
}

static void test_headings(void **state)
{
    (void)state;
    struct error e = {0};
    assert_int_equal(parse("# made by a meter\nVolts;\"Timestamp\";Watts\n230;1780000001;40\n", NULL), TT_OK);
    assert_row(0, AT(1), 40000000);
    meter_release(&m);
    assert_int_equal(parse("time\tpower_w\tenergy_j\n1780000001\t40\t1000.25\n", NULL), TT_OK);
    assert_int_equal(m.is_energy, 1);
    assert_row(0, AT(1), 1000250000);
    meter_release(&m);
    assert_int_equal(parse("\xef\xbb\xbftime,watts\n1780000001,40\n", NULL), TT_OK);
    assert_row(0, AT(1), 40000000);
    meter_release(&m);
    assert_int_equal(parse("when,watts\n1780000001,40\n", &e), TT_SYNTAX);
    assert_string_equal(e.text, "the heading names no time; call a column 'time'");
    meter_release(&m);
    assert_int_equal(parse("time,volts\n", &e), TT_SYNTAX);
    meter_release(&m);
}

/* Times that stand still or go back are kept as they are; what is no reading is counted. */
static void test_odd_lines(void **state)
{
    (void)state;
    assert_int_equal(
        parse("1780000002,5\n1780000002,6\n1780000001,7\n1780000003\n1780000003,\n1780000003,-1\n"
              "1780000003,nan\n1780000003,0x10\n1780000003,1e99\nnoise,5\n1780000003,5,7\n"
              "1780000200,9\n1,9\n2026-13-01T00:00:00Z,1\n2026-05-28T20:26:46X,1\n-5,1\n1e300,1\n\n",
              NULL),
        TT_OK);
    assert_int_equal(m.count, 4);
    assert_row(0, AT(2), 5000000);
    assert_row(1, AT(2), 6000000);
    assert_row(2, AT(1), 7000000);
    assert_row(3, AT(3), 5000000);
    assert_int_equal(m.outside, 2);
    assert_int_equal(m.skipped, 11);
    meter_release(&m);
}

/* Hours that are negative, and seconds whose nanoseconds have no room in 64 bits, once came out as other
 * times. */
static void test_times_that_are_none(void **state)
{
    (void)state;
    static const char text[] = "2026-05-28T-1:00:00Z,1\n2026-05-28T01:-1:00Z,1\n2026-05-28T01:00:-1Z,1\n"
                               "99999999999,1\n18446744074,1\n";
    const struct meter_range ever = {0, UINT64_MAX, 0};
    assert_int_equal(meter_parse(&m, text, sizeof text - 1, &ever, NULL),
                     TT_SYNTAX); /* taken for a heading */
    meter_release(&m);
    struct buf all = BUF_INIT;
    buf_puts(&all, "time,watts\n");
    buf_puts(&all, text);
    assert_int_equal(meter_parse(&m, buf_text(&all), all.len, &ever, NULL), TT_OK);
    assert_int_equal(m.count, 0);
    assert_int_equal(m.skipped, 5);
    meter_release(&m);
    buf_release(&all);
}

static void test_bounds(void **state)
{
    (void)state;
    struct error e = {0};
    struct buf text = BUF_INIT;
    buf_puts(&text, "1780000001,1\n");
    for (int i = 0; i < 5000; i++)
        buf_putc(&text, '7'); /* one endless line */
    buf_puts(&text, "\n1780000002,2");
    buf_putc(&text, '\0');
    buf_puts(&text, ",3\n,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n1780000003,3");
    assert_int_equal(meter_parse(&m, buf_text(&text), text.len, &range, &e), TT_OK);
    assert_int_equal(m.count, 2);
    assert_int_equal(m.skipped, 3); /* the endless, the empty and the unfinished one */
    meter_release(&m);
    buf_clear(&text);
    for (unsigned i = 0; i <= METER_ROWS_MAX; i++)
        buf_puts(&text, "1780000001,1\n");
    assert_int_equal(meter_parse(&m, buf_text(&text), text.len, &range, &e), TT_LIMIT);
    meter_release(&m);
    buf_release(&text);
    assert_int_equal(meter_read(&m, "/nowhere/meter.csv", &range, &e), TT_NOTFOUND);
    meter_release(&m);
    assert_int_equal(parse("", NULL), TT_OK);
    assert_int_equal(m.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_of_every_kind),
        cmocka_unit_test(test_headings),
        cmocka_unit_test(test_odd_lines),
        cmocka_unit_test(test_times_that_are_none),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
