/* SPDX-License-Identifier: MIT */
/* When the long file about a process's memory is read anew: on a machine of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "formats/error.h"
#include "record/clock.h"
#include "record/procmem.h"
#include "tests/unit/tree.h"

static struct tree machine;

static int make_process(void **state)
{
    (void)state;
    tree_file(&machine, "proc/7/status", "VmHWM:\t 100 kB\nVmRSS:\t 100 kB\n");
    tree_file(&machine, "proc/7/statm", "900 25 10 5 0 99 0\n");
    return 0;
}

static int make_machine(void **state)
{
    (void)state;
    tree_make(&machine);
    return setenv("TOKTAPE_ROOT", machine.root, 1);
}

static int remove_machine(void **state)
{
    (void)state;
    tree_remove(&machine);
    return 0;
}

static void assert_kib(struct procmem_probe *probe, uint64_t rss, uint64_t peak)
{
    struct procmem memory;
    assert_int_equal(procmem_read(probe, &memory), TT_OK);
    assert_int_equal(memory.bytes[PROCMEM_RSS], rss * 1024);
    assert_int_equal(memory.bytes[PROCMEM_PEAK_RSS], peak * 1024);
}

static void test_what_changed_is_read_at_once(void **state)
{
    (void)state;
    struct procmem_probe probe;
    assert_int_equal(procmem_open(&probe, 7), TT_OK);
    assert_kib(&probe, 100, 100);
    tree_file(&machine, "proc/7/status", "VmHWM:\t 200 kB\nVmRSS:\t 180 kB\n");
    tree_file(&machine, "proc/7/statm", "900 45 10 5 0 99 0\n");
    assert_kib(&probe, 180, 200);
    procmem_close(&probe);
}

static void test_a_peak_that_went_is_read_within_a_second(void **state)
{
    (void)state;
    struct procmem_probe probe;
    struct procmem_peak peak;
    assert_int_equal(procmem_open(&probe, 7), TT_OK);
    assert_kib(&probe, 100, 100);
    tree_file(&machine, "proc/7/status", "VmHWM:\t 300 kB\nVmRSS:\t 100 kB\n");
    assert_int_equal(procmem_read_peak(&probe, &peak), TT_OK);
    assert_int_equal(peak.rss, 300 * 1024); /* whoever asks for the peak gets it */
    clock_sleep_ns(1100000000u);
    assert_kib(&probe, 100, 300);
    procmem_close(&probe);
}

static void test_without_the_short_file_each_read_is_a_whole_one(void **state)
{
    (void)state;
    struct procmem_probe probe;
    tree_file(&machine, "proc/8/status", "VmHWM:\t 100 kB\nVmRSS:\t 100 kB\n");
    assert_int_equal(procmem_open(&probe, 8), TT_OK);
    assert_kib(&probe, 100, 100);
    tree_file(&machine, "proc/8/status", "VmHWM:\t 100 kB\nVmRSS:\t  90 kB\n");
    assert_kib(&probe, 90, 100);
    procmem_close(&probe);
}

static void test_one_that_ended_is_gone(void **state)
{
    (void)state;
    struct procmem_probe probe;
    struct procmem memory;
    assert_int_equal(procmem_open(&probe, 7), TT_OK);
    assert_int_equal(procmem_read(&probe, &memory), TT_OK);
    tree_file(&machine, "proc/7/status", "State:\tZ (zombie)\n");
    tree_file(&machine, "proc/7/statm", "0 0 0 0 0 0 0\n");
    assert_int_equal(procmem_read(&probe, &memory), TT_NOTFOUND);
    assert_int_equal(procmem_read(&probe, &memory), TT_NOTFOUND); /* said again, not remembered as a figure */
    procmem_close(&probe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_what_changed_is_read_at_once, make_process),
        cmocka_unit_test_setup(test_a_peak_that_went_is_read_within_a_second, make_process),
        cmocka_unit_test_setup(test_without_the_short_file_each_read_is_a_whole_one, make_process),
        cmocka_unit_test_setup(test_one_that_ended_is_gone, make_process),
    };
    return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
