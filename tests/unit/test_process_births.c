/* SPDX-License-Identifier: MIT */
/* When the engine's processes are looked for again: on a machine of files, whose loadavg says what was
 * started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "formats/error.h"
#include "record/engine_watch.h"
#include "record/process.h"
#include "tests/unit/tree.h"

#define STAT_TAIL " 0 0 0 0 0 0 0 0 0 0 0 0 0 20 0 1 0 "

static struct tree machine;

static int ignore_row(void *context, enum table_id table, const void *row)
{
    (void)context;
    (void)table;
    (void)row;
    return TT_OK;
}

static void add_process(const char *stat_path, const char *status_path, const char *stat)
{
    tree_file(&machine, stat_path, stat);
    tree_file(&machine, status_path, "VmRSS:\t    100 kB\n");
}

static int make_machine(void **state)
{
    (void)state;
    tree_make(&machine);
    tree_file(&machine, "proc/loadavg", "0.10 0.20 0.30 1/90 500\n");
    add_process("proc/7/stat", "proc/7/status", "7 (engine) S 1" STAT_TAIL "700 1");
    return setenv("TOKTAPE_ROOT", machine.root, 1);
}

static int remove_machine(void **state)
{
    (void)state;
    tree_remove(&machine);
    return 0;
}

static size_t members_now(struct engine_watch *watch)
{
    struct procmem sum;
    assert_int_equal(engine_watch_scan(watch, NULL), TT_OK);
    engine_watch_memory(watch, &sum);
    return watch->count;
}

static void test_the_mark_is_the_last_pid(void **state)
{
    (void)state;
    assert_int_equal(process_births(), 500);
    tree_file(&machine, "proc/loadavg", "0.10 0.20 0.30 1/90 x\n");
    assert_int_equal(process_births(), 0);
    tree_file(&machine, "proc/loadavg", "");
    assert_int_equal(process_births(), 0);
    tree_file(&machine, "proc/loadavg", "0.10 0.20 0.30 1/90 500\n");
}

static void test_who_is_looked_for_only_when_something_was_started(void **state)
{
    (void)state;
    struct engine_watch watch;
    const struct engine_target target = {.is_local = 1, .pid = 7};
    const struct row_sink sink = {ignore_row, NULL};
    engine_watch_init(&watch, &target, &sink, NULL);
    assert_int_equal(members_now(&watch), 1);
    add_process("proc/8/stat", "proc/8/status", "8 (child) S 7" STAT_TAIL "800 1");
    assert_int_equal(members_now(&watch), 1); /* nobody says that there is more to see */
    tree_file(&machine, "proc/loadavg", "0.10 0.20 0.30 2/91 501\n");
    assert_int_equal(members_now(&watch), 2);
    add_process("proc/9/stat", "proc/9/status", "9 (child) S 8" STAT_TAIL "900 1");
    assert_int_equal(members_now(&watch), 2);
    engine_watch_search(&watch); /* a person's wish */
    assert_int_equal(members_now(&watch), 3);
    tree_file(&machine, "proc/9/status", ""); /* a zombie, say: its memory cannot be read any more */
    tree_file(&machine, "proc/9/stat", "9 (child) Z 8" STAT_TAIL "900 1");
    assert_int_equal(members_now(&watch), 3);
    assert_int_equal(members_now(&watch), 2);
    engine_watch_release(&watch);
}

static void test_without_the_mark_every_look_is_a_whole_one(void **state)
{
    (void)state;
    struct engine_watch watch;
    const struct engine_target target = {.is_local = 1, .pid = 7};
    const struct row_sink sink = {ignore_row, NULL};
    tree_file(&machine, "proc/loadavg", "0.10 0.20 0.30 0/0 0\n");
    engine_watch_init(&watch, &target, &sink, NULL);
    assert_int_equal(members_now(&watch), 2);
    add_process("proc/10/stat", "proc/10/status", "10 (child) S 7" STAT_TAIL "1000 1");
    assert_int_equal(members_now(&watch), 3);
    engine_watch_release(&watch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_mark_is_the_last_pid),
        cmocka_unit_test(test_who_is_looked_for_only_when_something_was_started),
        cmocka_unit_test(test_without_the_mark_every_look_is_a_whole_one),
    };
    return cmocka_run_group_tests(tests, make_machine, remove_machine);
}
