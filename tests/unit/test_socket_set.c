/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/schema.h"
#include "record/clock.h"
#include "record/socket_set.h"

#define ENOUGH_MS 10000 /* nothing here may take that long */

static struct socket_set set;
static struct pollfd ready[SOCKETS_MAX];

static int clear(void **state)
{
    (void)state;
    socket_set_clear(&set);
    return 0;
}

static void says_which_is_ready(void **state)
{
    int idle[2], busy[2];
    (void)state;
    assert_int_equal(pipe(idle), 0);
    assert_int_equal(pipe(busy), 0);
    assert_int_equal(socket_set_watch(&set, idle[0], POLLIN), 0);
    assert_int_equal(socket_set_watch(&set, busy[0], POLLIN), 0);
    assert_int_equal(write(busy[1], "x", 1), 1);
    assert_int_equal(socket_set_wait(&set, ENOUGH_MS, ready), 1);
    assert_int_equal(ready[0].fd, busy[0]);
    assert_true(ready[0].revents & POLLIN);

    assert_int_equal(socket_set_watch(&set, busy[0], 0), 0);
    assert_int_equal(socket_set_wait(&set, 0, ready), 0);
    for (int i = 0; i < 2; i++) {
        close(idle[i]);
        close(busy[i]);
    }
}

static void the_last_wish_counts(void **state)
{
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(socket_set_watch(&set, ends[1], POLLIN), 0);
    assert_int_equal(socket_set_wait(&set, 0, ready), 0);
    assert_int_equal(socket_set_watch(&set, ends[1], POLLOUT), 0);
    assert_int_equal(set.count, 1);
    assert_int_equal(socket_set_wait(&set, ENOUGH_MS, ready), 1);
    assert_true(ready[0].revents & POLLOUT);
    close(ends[0]);
    close(ends[1]);
}

static void holds_no_more_than_it_can(void **state)
{
    (void)state;
    for (int fd = 0; fd < SOCKETS_MAX; fd++)
        assert_int_equal(socket_set_watch(&set, 1000 + fd, POLLIN), 0);
    assert_int_equal(socket_set_watch(&set, 999, POLLIN), -1);
    assert_int_equal(socket_set_watch(&set, 1000, POLLOUT), 0);
    assert_int_equal(socket_set_watch(&set, 999, 0), 0);
    assert_int_equal(socket_set_watch(&set, 1003, 0), 0);
    assert_int_equal(socket_set_watch(&set, 999, POLLIN), 0);
    assert_int_equal(set.count, SOCKETS_MAX);
}

static void a_look_is_due_once(void **state)
{
    (void)state;
    assert_false(socket_set_is_due(&set));
    socket_set_look_in(&set, ENOUGH_MS);
    assert_false(socket_set_is_due(&set));
    socket_set_look_in(&set, 0);
    assert_true(socket_set_is_due(&set));
    assert_false(socket_set_is_due(&set));
    socket_set_look_in(&set, 0);
    socket_set_look_in(&set, -1);
    assert_false(socket_set_is_due(&set));
}

static void waits_for_the_look(void **state)
{
    (void)state;
    uint64_t before = clock_ticks();
    socket_set_look_in(&set, 5);
    assert_int_equal(socket_set_wait(&set, ENOUGH_MS, ready), 0);
    assert_true(socket_set_is_due(&set));
    uint64_t waited = clock_ticks_to_ns(clock_ticks() - before);
    assert_true(waited >= 5000000 && waited < (uint64_t)ENOUGH_MS * 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(says_which_is_ready, clear),
        cmocka_unit_test_setup(the_last_wish_counts, clear),
        cmocka_unit_test_setup(holds_no_more_than_it_can, clear),
        cmocka_unit_test_setup(a_look_is_due_once, clear),
        cmocka_unit_test_setup(waits_for_the_look, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
