/* SPDX-License-Identifier: MIT */
/* A trace in which all runs are attempts at one place of the workload: each is exported as what it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyze/export_walk.h"
#include "analyze/exporters.h"
#include "formats/io.h"
#include "tests/unit/small_trace.h"

struct scene {
    struct small_trace trace;
    struct buf text;
};

static int set_up(void **state)
{
    static struct scene s;
    s.text = (struct buf)BUF_INIT;
    *state = &s;
    return small_trace_make(&s.trace, "attempts");
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    unlink(s->trace.out);
    small_trace_release(&s->trace);
    buf_release(&s->text);
    return 0;
}

static void export_as(struct scene *s, const char *format)
{
    const char *const paths[] = {s->trace.path};
    const struct exporter *exporter = exporter_find(format);
    int fd = open(s->trace.out, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    struct export_target target = {.fd = fd, .path = s->trace.out};
    void *state = exporter->open(&target, NULL);
    struct export_walk walk = {.paths = paths, .count = 1, .exporter = exporter, .state = state};
    assert_non_null(state);
    assert_int_equal(export_walk(&walk, NULL), TT_OK);
    assert_int_equal(exporter->finish(state, NULL), TT_OK);
    exporter->close(state);
    text_list_release(&walk.warnings);
    close(fd);
    assert_int_equal(io_read_file(s->trace.out, 1 << 20, &s->text, NULL), TT_OK);
}

static void test_a_timeline_shows_every_attempt_once(void **state)
{
    struct scene *s = *state;
    export_as(s, "perfetto");
    for (int run = 0; run < SMALL_TRACE_RUNS; run++) {
        char args[32];
        snprintf(args, sizeof args, "\"args\":{\"run\":%d,", run);
        const char *first = strstr(buf_text(&s->text), args);
        assert_non_null(first);
        assert_null(strstr(first + 1, args));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_timeline_shows_every_attempt_once, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
