/* SPDX-License-Identifier: MIT */
/* What a thread asks of Linux's scheduler, as the kernel says it back. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "record/linux/scheduling.h"
#include "record/thread.h"

struct asked {
    int nice;
    struct scheduling before, after, of_child;
};

static void *look(void *argument)
{
    assert_int_equal(scheduling_of_this_thread(argument), 0);
    return NULL;
}

static void *ask(void *argument)
{
    struct asked *asked = argument;
    pthread_t child;
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), asked->nice);
    assert_int_equal(scheduling_of_this_thread(&asked->before), 0);
    thread_go_first();
    assert_int_equal(scheduling_of_this_thread(&asked->after), 0);
    assert_int_equal(pthread_create(&child, NULL, look, &asked->of_child), 0);
    pthread_join(child, NULL);
    return NULL;
}

/* Nice values and slices are a thread's here: each test asks in one of its own. */
static struct asked ask_in_a_thread(int nice)
{
    struct asked asked = {.nice = nice};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, ask, &asked), 0);
    pthread_join(thread, NULL);
    return asked;
}

/* Before Linux 6.12 the kernel says no slice, before or after. */
static void test_slice_is_short_and_the_share_stays(void **state)
{
    struct asked asked = ask_in_a_thread(0);
    (void)state;
    if (asked.before.runtime)
        assert_true(asked.after.runtime < asked.before.runtime);
    assert_true(asked.after.flags & SCHEDULING_RESET_ON_FORK);
    assert_int_equal(asked.after.nice, asked.before.nice);
    assert_int_equal(asked.after.policy, asked.before.policy);
}

static void test_what_it_starts_has_the_usual_slice(void **state)
{
    struct asked asked = ask_in_a_thread(3);
    (void)state;
    assert_int_equal(asked.of_child.runtime, asked.before.runtime);
    assert_int_equal(asked.of_child.nice, 3);
    assert_false(asked.of_child.flags & SCHEDULING_RESET_ON_FORK);
}

static void test_a_favoured_thread_stays_as_it_is(void **state)
{
    struct asked asked = ask_in_a_thread(-5);
    (void)state;
    if (asked.before.nice == -5) /* the right to favour oneself is not everybody's */
        assert_memory_equal(&asked.after, &asked.before, sizeof asked.after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slice_is_short_and_the_share_stays),
        cmocka_unit_test(test_what_it_starts_has_the_usual_slice),
        cmocka_unit_test(test_a_favoured_thread_stays_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
