/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "record/clock.h"
#include "record/engine_watch.h"
#include "record/procmem.h"

#define MIB ((uint64_t)1 << 20)

/* What grows when memory is touched: the footprint where there is one, the resident pages everywhere. */
static void assert_grown(uint64_t before, uint64_t after, uint64_t bytes)
{
    assert_true(before != ABSENT && after != ABSENT);
    /* An eighth more is the shadow that AddressSanitizer keeps of it. */
    assert_in_range(after, before + bytes - MIB, before + bytes + bytes / 8 + MIB);
}

static void test_touched_memory_is_seen(void **state)
{
    (void)state;
    struct child c;
    struct procmem_probe probe;
    struct procmem before, after;
    assert_int_equal(child_start(&c, 0, 0, 0), 0);
    assert_int_equal(procmem_open(&probe, (uint64_t)c.pid), TT_OK);
    assert_int_equal(procmem_read(&probe, &before), TT_OK);
    child_touch(&c, 64 * MIB);
    assert_int_equal(procmem_read(&probe, &after), TT_OK);
    assert_grown(before.bytes[PROCMEM_RSS], after.bytes[PROCMEM_RSS], 64 * MIB);
    if (before.bytes[PROCMEM_ANONYMOUS] != ABSENT)
        assert_grown(before.bytes[PROCMEM_ANONYMOUS], after.bytes[PROCMEM_ANONYMOUS], 64 * MIB);
    if (before.bytes[PROCMEM_FOOTPRINT] != ABSENT)
        assert_grown(before.bytes[PROCMEM_FOOTPRINT], after.bytes[PROCMEM_FOOTPRINT], 64 * MIB);
    procmem_close(&probe);
    child_kill(&c);
}

/* Touched and given back between two looks: only the kernel has seen it. */
static void test_the_peak_of_an_interval(void **state)
{
    (void)state;
    struct child c;
    struct procmem_probe probe;
    struct procmem_peak before, after;
    assert_int_equal(child_start(&c, 0, 0, 0), 0);
    assert_int_equal(procmem_open(&probe, (uint64_t)c.pid), TT_OK);
    child_touch(&c, 32 * MIB);
    if (procmem_reset_peak(&probe) == TT_OK) {
        assert_int_equal(procmem_read_peak(&probe, &before), TT_OK);
        child_touch(&c, 64 * MIB);
        assert_int_equal(procmem_read_peak(&probe, &after), TT_OK);
        if (before.rss != ABSENT)
            assert_grown(before.rss, after.rss, 64 * MIB);
        else
            assert_grown(before.footprint, after.footprint, 64 * MIB);
    }
    child_kill(&c);
    assert_int_equal(procmem_reset_peak(&probe), TT_NOTFOUND);
    assert_int_equal(procmem_read_peak(&probe, &after), TT_NOTFOUND);
    procmem_close(&probe);
}

static void test_the_kernel_tracks_the_peak(void **state)
{
    (void)state;
    struct child c;
    struct procmem_probe probe;
    struct procmem m;
    assert_int_equal(child_start(&c, 0, 0, 0), 0);
    assert_int_equal(procmem_open(&probe, (uint64_t)c.pid), TT_OK);
    child_touch(&c, 32 * MIB);
    assert_int_equal(procmem_read(&probe, &m), TT_OK);
    int has_footprint = m.bytes[PROCMEM_PEAK_RSS] == ABSENT;
    uint64_t peak = m.bytes[has_footprint ? PROCMEM_PEAK_FOOTPRINT : PROCMEM_PEAK_RSS];
    uint64_t now = m.bytes[has_footprint ? PROCMEM_FOOTPRINT : PROCMEM_RSS];
    assert_in_range(peak, now - MIB, now + MIB);
    procmem_close(&probe);
    child_kill(&c);
}

static void test_a_dead_process_has_no_memory(void **state)
{
    (void)state;
    struct child c;
    struct procmem_probe probe, late;
    struct procmem m;
    siginfo_t info;
    assert_int_equal(child_start(&c, 0, 0, 0), 0);
    uint64_t pid = (uint64_t)c.pid;
    assert_int_equal(procmem_open(&probe, pid), TT_OK);
    kill(c.pid, SIGKILL);
    assert_int_equal(waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT), 0);
    assert_int_equal(procmem_read(&probe, &m), TT_NOTFOUND); /* a zombie */
    child_kill(&c);
    assert_int_equal(procmem_read(&probe, &m), TT_NOTFOUND);
    procmem_close(&probe);
    assert_int_equal(procmem_open(&late, pid), TT_NOTFOUND);
    procmem_close(&late);
}

static void test_the_machine_answers_within_reason(void **state)
{
    (void)state;
    uint64_t values[SYSMEM_FIELDS];
    sysmem_read(values);
    assert_true(values[SYSMEM_SWAP] == ABSENT || values[SYSMEM_SWAP] < ((uint64_t)1 << 50));
    assert_true(values[SYSMEM_WIRED] == ABSENT || values[SYSMEM_WIRED] < ((uint64_t)1 << 50));
}

static int ignore_row(void *context, enum table_id table, const void *row)
{
    (void)context;
    (void)table;
    (void)row;
    return TT_OK;
}

static void test_a_tree_is_summed(void **state)
{
    (void)state;
    struct child c;
    struct engine_watch watch;
    struct procmem before, after;
    struct procmem_probe probe;
    assert_int_equal(child_start(&c, 0, 0, 1), 0);
    const struct engine_target target = {.is_local = 1, .pid = (uint64_t)c.pid};
    const struct row_sink sink = {ignore_row, NULL};
    engine_watch_init(&watch, &target, &sink, NULL);
    assert_int_equal(engine_watch_memory(&watch, &before), TT_NOTFOUND);
    assert_int_equal(engine_watch_scan(&watch, NULL), TT_OK);
    assert_int_equal(watch.count, 2);
    assert_int_equal(engine_watch_memory(&watch, &before), TT_OK);
    child_touch(&c, 16 * MIB);
    assert_int_equal(engine_watch_memory(&watch, &after), TT_OK);
    assert_grown(before.bytes[PROCMEM_RSS], after.bytes[PROCMEM_RSS], 16 * MIB);
    struct procmem alone;
    assert_int_equal(procmem_open(&probe, (uint64_t)c.grandchild), TT_OK);
    assert_int_equal(procmem_read(&probe, &alone), TT_OK);
    assert_true(alone.bytes[PROCMEM_RSS] < after.bytes[PROCMEM_RSS]);
    procmem_close(&probe);
    child_kill(&c);
    assert_int_equal(engine_watch_scan(&watch, NULL), TT_OK);
    engine_watch_release(&watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_touched_memory_is_seen),
        cmocka_unit_test(test_the_peak_of_an_interval),
        cmocka_unit_test(test_the_kernel_tracks_the_peak),
        cmocka_unit_test(test_a_dead_process_has_no_memory),
        cmocka_unit_test(test_the_machine_answers_within_reason),
        cmocka_unit_test(test_a_tree_is_summed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
