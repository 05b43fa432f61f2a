/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/io.h"
#include "record/clock.h"
#include "record/command_runner.h"

static struct command_outcome outcome;
static struct error error;

static int run(const char *command, double timeout_s, const volatile sig_atomic_t *interrupted)
{
    struct command_job job = {"the test command", command, timeout_s, interrupted};
    error.text[0] = '\0';
    return command_run(&job, &outcome, &error);
}

static double seconds_of(int (*what)(void))
{
    uint64_t begin = clock_ticks();
    what();
    return (double)clock_ticks_to_ns(clock_ticks() - begin) / 1e9;
}

static void test_success(void **state)
{
    (void)state;
    assert_int_equal(run("echo out; echo err >&2", 10, NULL), TT_OK);
    assert_int_equal(outcome.exit_status, 0);
    assert_string_equal(outcome.tail, "out\nerr\n");
    assert_int_equal(run("cat; test -z \"$(jobs)\"", 10, NULL), TT_OK); /* its input is empty */
}

static void test_failure_names_the_last_line(void **state)
{
    (void)state;
    assert_int_equal(run("echo first; echo 'no such\x1b[2Jservice'; echo; exit 3", 10, NULL), TT_IO);
    assert_int_equal(outcome.exit_status, 3);
    assert_string_equal(error.text, "the test command ended with exit status 3: no such?[2Jservice");
    assert_int_equal(run("exit 4", 10, NULL), TT_IO);
    assert_string_equal(error.text, "the test command ended with exit status 4");
    assert_int_equal(run("/no/such/program", 10, NULL), TT_IO);
    assert_int_equal(outcome.exit_status, 127);
}

static void test_death_by_signal(void **state)
{
    (void)state;
    assert_int_equal(run("kill -9 $$", 10, NULL), TT_IO);
    assert_int_equal(outcome.signal, SIGKILL);
    assert_int_equal(outcome.exit_status, -1);
    assert_non_null(strstr(error.text, "signal 9"));
}

static void test_only_the_end_of_the_output_is_kept(void **state)
{
    (void)state;
    assert_int_equal(run("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done", 20, NULL), TT_OK);
    assert_int_equal(strlen(outcome.tail), COMMAND_TAIL_BYTES);
    assert_string_equal(outcome.tail + COMMAND_TAIL_BYTES - 10, "line 1999\n");
}

static int run_sleeper(void)
{
    return run("sleep 30 & sleep 30; wait", 0.2, NULL);
}

static void test_a_time_out_kills_the_group(void **state)
{
    (void)state;
    assert_true(seconds_of(run_sleeper) < COMMAND_GRACE_S + 1.0);
    assert_true(outcome.timed_out);
    assert_string_equal(error.text, "the test command did not end within 0.2 s");
}

static int run_stubborn(void)
{
    return run("trap '' TERM; while :; do sleep 1; done", 0.2, NULL);
}

static void test_what_ignores_the_request_is_killed(void **state)
{
    (void)state;
    double took = seconds_of(run_stubborn);
    assert_true(took >= COMMAND_GRACE_S && took < COMMAND_GRACE_S + 3);
    assert_int_equal(outcome.signal, SIGKILL);
}

static void test_an_interrupt_ends_it(void **state)
{
    (void)state;
    static const volatile sig_atomic_t set = 1;
    assert_int_equal(run("sleep 30", 20, &set), TT_INTERRUPTED);
}

/* A restart leaves the engine running behind it, and the engine goes on writing. */
static void test_a_daemon_survives_with_its_output(void **state)
{
    (void)state;
    char folder[] = "/tmp/toktape-command.XXXXXX", command[300], marker[100];
    assert_non_null(mkdtemp(folder));
    snprintf(marker, sizeof marker, "%s/alive", folder);
    snprintf(command, sizeof command, "(sleep 0.5; echo still; echo here; touch %s) & echo started", marker);
    assert_int_equal(run(command, 10, NULL), TT_OK);
    assert_false(io_exists(marker));
    for (int i = 0; i < 100 && !io_exists(marker); i++)
        usleep(50000);
    assert_true(io_exists(marker));
    io_remove(marker, NULL);
    rmdir(folder);
}

static void test_signals_that_the_recorder_ignores_work_in_the_command(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(run("kill -PIPE $$; exit 0", 10, NULL), TT_IO);
    assert_int_equal(outcome.signal, SIGPIPE);
    signal(SIGPIPE, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_success),
        cmocka_unit_test(test_failure_names_the_last_line),
        cmocka_unit_test(test_death_by_signal),
        cmocka_unit_test(test_only_the_end_of_the_output_is_kept),
        cmocka_unit_test(test_a_time_out_kills_the_group),
        cmocka_unit_test(test_what_ignores_the_request_is_killed),
        cmocka_unit_test(test_an_interrupt_ends_it),
        cmocka_unit_test(test_a_daemon_survives_with_its_output),
        cmocka_unit_test(test_signals_that_the_recorder_ignores_work_in_the_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
