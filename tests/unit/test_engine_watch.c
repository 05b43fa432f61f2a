/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "kept_rows.h"
#include "record/clock.h"
#include "record/sampler.h"
#include "tree.h"

#define MS ((uint64_t)1000000)

static struct kept_rows rows;
static const char *this_program;

static struct engine_target target_of(uint16_t port)
{
    struct engine_target target = {.port = port, .is_local = 1};
    assert_int_equal(address_parse(&target.address, "127.0.0.1"), TT_OK);
    return target;
}

static struct sampler *start(const struct engine_target *target)
{
    struct sampler *s;
    struct sampler_options options = {.hz = 50, .target = *target, .sink = kept_rows_sink(&rows)};
    assert_int_equal(sampler_start(&s, &options, NULL), TT_OK);
    return s;
}

static void sleep_ms(uint64_t ms)
{
    clock_sleep_until(clock_ticks() + clock_ns_to_ticks(ms * MS));
}

static const struct process_row *process_row_of(pid_t pid)
{
    for (size_t i = 0; i < atomic_load(&rows.count); i++) {
        if (rows.rows[i].table == TABLE_PROCESS && rows.rows[i].row.process.pid == (uint64_t)pid)
            return &rows.rows[i].row.process;
    }
    return NULL;
}

static const char *role_of(pid_t pid)
{
    for (size_t i = 0; i < atomic_load(&rows.count); i++) {
        if (rows.rows[i].table == TABLE_PROCESS && rows.rows[i].row.process.pid == (uint64_t)pid)
            return rows.rows[i].text[0];
    }
    return "";
}

/* The series of resident memory that belongs to a generation. */
static const struct series_row *rss_of(uint64_t generation)
{
    for (size_t i = 0; i < atomic_load(&rows.count); i++) {
        const struct series_row *s = &rows.rows[i].row.series;
        if (rows.rows[i].table == TABLE_SERIES && s->kind == SERIES_RSS && s->generation == generation)
            return s;
    }
    return NULL;
}

static void test_an_engine_and_its_child(void **state)
{
    (void)state;
    struct child c;
    struct sampler_engine engine;
    assert_int_equal(child_start(&c, AF_INET, 0, 1), 0);
    struct engine_target target = target_of(c.port);
    struct sampler *s = start(&target);
    assert_int_equal(sampler_engine(s, &engine, NULL), TT_OK); /* known at once */
    assert_int_equal(engine.place, ENGINE_PLACE_HERE);
    assert_int_equal(engine.generation, 0);
    assert_int_equal(engine.count, 2);
    assert_int_equal(engine.processes[0].id.pid, c.pid);
    assert_int_equal(engine.processes[1].id.pid, c.grandchild);
    assert_true(engine.processes[0].arguments.len > 0);
    sampler_engine_release(&engine);
    sleep_ms(100);
    sampler_stop(s);
    assert_string_equal(role_of(c.pid), "listener");
    assert_string_equal(role_of(c.grandchild), "child");
    assert_int_equal(process_row_of(c.grandchild)->parent_pid, c.pid);
    assert_int_equal(rss_of(0)->scope, SCOPE_ENGINE);
    assert_true(kept_rows_samples(&rows, rss_of(0)->series) >= 2);
    child_kill(&c);
}

static void test_a_restart_on_the_same_port_is_a_new_generation(void **state)
{
    (void)state;
    struct child old, new;
    struct sampler_engine engine;
    assert_int_equal(child_start(&old, AF_INET, 0, 0), 0);
    uint16_t port = old.port;
    pid_t old_pid = old.pid;
    struct engine_target target = target_of(port);
    struct sampler *s = start(&target);
    sleep_ms(100);
    child_kill(&old);
    assert_true(kept_rows_wait(&rows, TABLE_MARK, 1)); /* seen without waiting for the next regular look */
    assert_non_null(kept_rows_mark(&rows, "engine_gone"));
    assert_int_equal(child_start(&new, AF_INET, port, 0), 0);
    sampler_look(s);
    assert_true(kept_rows_wait(&rows, TABLE_PROCESS, 2));
    sleep_ms(200);
    assert_int_equal(sampler_engine(s, &engine, NULL), TT_OK);
    assert_int_equal(engine.generation, 1);
    assert_int_equal(engine.count, 1);
    assert_int_equal(engine.processes[0].id.pid, new.pid);
    sampler_engine_release(&engine);
    sampler_stop(s);
    assert_int_equal(process_row_of(old_pid)->generation, 0);
    assert_int_equal(process_row_of(new.pid)->generation, 1);
    const struct series_row *before = rss_of(0), *after = rss_of(1);
    assert_int_not_equal(before->series, after->series);
    size_t n = kept_rows_samples(&rows, before->series);
    assert_true(n > 0 && kept_rows_samples(&rows, after->series) > 0);
    assert_true(kept_rows_sample(&rows, before->series, n - 1)->t <
                kept_rows_sample(&rows, after->series, 0)->t);
    child_kill(&new);
}

static void test_the_machine_belongs_to_the_engine_from_when_it_is_seen(void **state)
{
    (void)state;
    struct child c;
    size_t from = 0;
    assert_int_equal(child_start(&c, AF_INET, 0, 0), 0); /* a port that is free afterwards */
    uint16_t port = c.port;
    child_kill(&c);
    struct engine_target target = target_of(port);
    struct sampler *s = start(&target);
    sleep_ms(300);
    assert_int_equal(child_start(&c, AF_INET, port, 0), 0);
    sampler_look(s);
    assert_true(kept_rows_wait(&rows, TABLE_PROCESS, 1));
    sampler_stop(s);
    const struct kept_row *first = kept_rows_series(&rows, "SwapTotal-SwapFree", &from);
    if (!first)
        first = kept_rows_series(&rows, "vm.swapusage", (from = 0, &from));
    assert_non_null(first);
    const struct kept_row *second = kept_rows_series(&rows, first->text[1], &from);
    assert_non_null(second);
    assert_int_equal(first->row.series.scope, SCOPE_HOST);
    assert_int_equal(second->row.series.scope, SCOPE_ENGINE);
    assert_true(second->row.series.generation == ABSENT);
    child_kill(&c);
}

static void test_an_engine_elsewhere(void **state)
{
    (void)state;
    struct child c;
    struct sampler_engine engine;
    assert_int_equal(child_start(&c, AF_INET, 0, 0), 0);
    struct engine_target target = target_of(c.port);
    target.is_local = 0;
    struct sampler *s = start(&target);
    assert_int_equal(sampler_engine(s, &engine, NULL), TT_OK);
    assert_int_equal(engine.place, ENGINE_PLACE_ELSEWHERE);
    assert_int_equal(engine.count, 0);
    assert_true(engine.generation == ABSENT);
    sampler_engine_release(&engine);
    sleep_ms(100);
    sampler_stop(s);
    assert_int_equal(kept_rows_count(&rows, TABLE_PROCESS), 0);
    for (size_t i = 0; i < rows.count; i++) {
        if (rows.rows[i].table == TABLE_SERIES)
            assert_int_equal(rows.rows[i].row.series.scope, SCOPE_HOST);
    }
    child_kill(&c);
}

static void test_a_named_process_counts_while_it_lives(void **state)
{
    (void)state;
    struct child named, listener;
    assert_int_equal(child_start(&named, 0, 0, 0), 0);
    assert_int_equal(child_start(&listener, AF_INET, 0, 0), 0);
    struct engine_target target = target_of(listener.port);
    target.pid = (uint64_t)named.pid;
    struct sampler *s = start(&target);
    sleep_ms(50);
    assert_int_equal(kept_rows_count(&rows, TABLE_PROCESS), 1);
    assert_non_null(process_row_of(named.pid));
    child_kill(&named);
    assert_true(kept_rows_wait(&rows, TABLE_PROCESS, 2));
    sampler_stop(s);
    assert_int_equal(process_row_of(listener.pid)->generation, 1);
    child_kill(&listener);
}

/* --- a forwarder: this program under another name --- */

static int listen_and_tell(void)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    socklen_t len = sizeof in;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)&in, len) != 0 || listen(fd, 1) != 0)
        return 1;
    getsockname(fd, (struct sockaddr *)&in, &len);
    uint16_t port = ntohs(in.sin_port);
    char byte;
    if (write(STDOUT_FILENO, &port, sizeof port) != (ssize_t)sizeof port)
        return 1;
    return read(STDIN_FILENO, &byte, 1) == 0 ? 0 : 1; /* until the test is over */
}

static void copy_program(const char *to)
{
    static char chunk[65536];
    FILE *in = fopen(this_program, "rb"), *out = fopen(to, "wb");
    size_t n;
    assert_non_null(in);
    assert_non_null(out);
    while ((n = fread(chunk, 1, sizeof chunk, in)) > 0)
        assert_int_equal(fwrite(chunk, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(to, 0700), 0);
}

static pid_t run_listener(const char *program, int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pair[1], STDIN_FILENO);
        dup2(pair[1], STDOUT_FILENO);
        close(pair[0]);
        close(pair[1]);
        execl(program, "ssh", "listen", "-L", "8080:someones.host:80", (char *)NULL);
        _exit(127);
    }
    close(pair[1]);
    return pid;
}

static void test_a_forwarder_is_no_engine(void **state)
{
    (void)state;
    struct tree t;
    char program[128];
    int pair[2];
    uint16_t port;
    struct sampler_engine engine;
    tree_make(&t);
    snprintf(program, sizeof program, "%s/ssh", t.root);
    copy_program(program);
    pid_t pid = run_listener(program, pair);
    assert_int_equal(read(pair[0], &port, sizeof port), sizeof port);
    struct engine_target target = target_of(port);
    struct sampler *s = start(&target);
    assert_int_equal(sampler_engine(s, &engine, NULL), TT_OK);
    assert_int_equal(engine.place, ENGINE_PLACE_FORWARDED);
    sampler_engine_release(&engine);
    sleep_ms(100);
    sampler_stop(s);
    assert_string_equal(role_of(pid), "forwarder");
    assert_int_equal(process_row_of(pid)->arguments.len, 0);
    assert_null(rss_of(0));
    close(pair[0]);
    waitpid(pid, NULL, 0);
    tree_remove(&t);
}

/* The trace never sees a secret of the command line. */
static void test_arguments_are_scrubbed_in_rows(void **state)
{
    (void)state;
    int pair[2];
    uint16_t port;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(pair[1], STDIN_FILENO);
        dup2(pair[1], STDOUT_FILENO);
        close(pair[0]);
        close(pair[1]);
        execl(this_program, "engine", "listen", "--api-key", "hunter2", (char *)NULL);
        _exit(127);
    }
    close(pair[1]);
    assert_int_equal(read(pair[0], &port, sizeof port), sizeof port);
    struct engine_target target = target_of(port);
    sampler_stop(start(&target));
    for (size_t i = 0; i < rows.count; i++) {
        if (rows.rows[i].table == TABLE_PROCESS)
            assert_string_equal(rows.rows[i].text[2], "engine|listen|--api-key|<redacted>|");
    }
    assert_int_equal(kept_rows_count(&rows, TABLE_PROCESS), 1);
    close(pair[0]);
    waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "listen") == 0)
        return listen_and_tell();
    this_program = argv[0];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_engine_and_its_child),
        cmocka_unit_test(test_a_restart_on_the_same_port_is_a_new_generation),
        cmocka_unit_test(test_the_machine_belongs_to_the_engine_from_when_it_is_seen),
        cmocka_unit_test(test_an_engine_elsewhere),
        cmocka_unit_test(test_a_named_process_counts_while_it_lives),
        cmocka_unit_test(test_a_forwarder_is_no_engine),
        cmocka_unit_test(test_arguments_are_scrubbed_in_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
