/* SPDX-License-Identifier: MIT */
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"
#include "formats/alloc.h"
#include "record/clock.h"
#include "record/locality.h"
#include "record/process.h"

static struct address address_of(const char *text)
{
    struct address a;
    assert_int_equal(address_parse(&a, text), TT_OK);
    return a;
}

static void find_the_listener(int family, const char *where)
{
    struct child c;
    struct process_list found;
    struct error e;
    int hidden;
    struct address address = address_of(where);
    if (child_start(&c, family, 0, 0) != 0)
        skip();
    assert_int_equal(process_listeners(c.port, NULL, &found, &hidden, &e), TT_OK);
    assert_int_equal(found.count, 1);
    assert_int_equal(found.pids[0], c.pid);
    assert_int_equal(process_listeners(c.port, &address, &found, &hidden, &e), TT_OK);
    assert_int_equal(found.pids[0], c.pid);
    uint16_t port = c.port;
    child_kill(&c);
    assert_int_equal(process_listeners(port, NULL, &found, &hidden, &e), TT_NOTFOUND);
    assert_int_equal(found.count, 0);
    assert_false(hidden);
    assert_non_null(strstr(e.text, "listens on port"));
}

static void test_listener_on_ipv4(void **state)
{
    (void)state;
    find_the_listener(AF_INET, "127.0.0.1");
}

static void test_listener_on_ipv6(void **state)
{
    (void)state;
    find_the_listener(AF_INET6, "::1");
}

static void test_a_listener_elsewhere_does_not_count(void **state)
{
    (void)state;
    struct child c;
    struct process_list found;
    int hidden;
    struct address other = address_of("127.0.0.2");
    assert_int_equal(child_start(&c, AF_INET, 0, 0), 0);
    assert_int_equal(process_listeners(c.port, &other, &found, &hidden, NULL), TT_NOTFOUND);
    child_kill(&c);
}

/* Workers that were forked after the socket was opened hold it as well as their parent. */
static void test_all_holders_of_one_socket_are_found(void **state)
{
    (void)state;
    struct child worker;
    struct process_list found;
    int hidden, fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(listen(fd, 1), 0); /* the system chooses a port, on all addresses */
    assert_int_equal(child_start(&worker, 0, 0, 0), 0);
    struct sockaddr_in name;
    socklen_t len = sizeof name;
    assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &len), 0);
    uint16_t port = ntohs(name.sin_port);
    struct address loopback = address_of("127.0.0.1");
    assert_int_equal(process_listeners(port, &loopback, &found, &hidden, NULL), TT_OK);
    assert_int_equal(found.count, 2);
    assert_true(process_list_has(&found, (uint64_t)getpid()));
    assert_true(process_list_has(&found, (uint64_t)worker.pid));
    child_kill(&worker);
    close(fd);
}

static void test_children_are_followed_down(void **state)
{
    (void)state;
    struct child c;
    struct process_table table = {NULL, 0, 0};
    struct process_list list = {.count = 0};
    assert_int_equal(child_start(&c, 0, 0, 1), 0);
    assert_int_equal(process_table_read(&table), TT_OK);
    process_list_add(&list, (uint64_t)getpid());
    process_list_add_children(&list, &table);
    assert_true(process_list_has(&list, (uint64_t)c.pid));
    assert_true(process_list_has(&list, (uint64_t)c.grandchild));
    const struct process *grandchild = process_table_find(&table, (uint64_t)c.grandchild);
    assert_non_null(grandchild);
    assert_int_equal(grandchild->parent_pid, c.pid);
    assert_null(process_table_find(&table, UINT64_MAX));
    child_kill(&c);
    process_table_release(&table);
}

static void test_alive_is_pid_and_start_time(void **state)
{
    (void)state;
    struct child c;
    struct process_facts facts;
    assert_int_equal(child_start(&c, 0, 0, 0), 0);
    assert_int_equal(process_read_facts((uint64_t)c.pid, NULL, &facts, NULL), TT_OK);
    struct process p = facts.id, impostor = facts.id;
    impostor.start_time++;
    process_release_facts(&facts);
    assert_true(process_is_alive(&p));
    assert_false(process_is_alive(&impostor));
    kill(c.pid, SIGKILL); /* dead, and nobody has waited for it yet */
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT), 0);
    assert_false(process_is_alive(&p));
    child_kill(&c);
    assert_false(process_is_alive(&p));
    assert_int_equal(process_read_facts(p.pid, NULL, &facts, NULL), TT_NOTFOUND);
    process_release_facts(&facts);
}

static int keeps_toktape_variables(const char *name, size_t len)
{
    return len > 13 && strncmp(name, "TOKTAPE_TEST_", 13) == 0;
}

/* A program of its own, because arguments and environment are those of exec. */
static pid_t run_sleep(char *const environment[])
{
    pid_t pid = fork();
    if (pid == 0) {
        char *const arguments[] = {(char[]){"sleep"}, (char[]){"30"}, NULL};
        execve("/bin/sleep", arguments, environment);
        _exit(127);
    }
    return pid;
}

static void test_facts_of_a_program(void **state)
{
    (void)state;
    char *const environment[] = {(char[]){"SECRET=1"}, (char[]){"TOKTAPE_TEST_A=b=c"},
                                 (char[]){"TOKTAPE_TEST_"}, (char[]){"TOKTAPE_TEST_E="}, NULL};
    static const char expected[] = "TOKTAPE_TEST_A=b=c\0TOKTAPE_TEST_E=";
    struct process_facts facts, copy;
    pid_t pid = run_sleep(environment);
    for (int tries = 0; tries < 200; tries++) {
        assert_int_equal(process_read_facts((uint64_t)pid, keeps_toktape_variables, &facts, NULL), TT_OK);
        if (facts.arguments.len == sizeof "sleep\00030")
            break;
        process_release_facts(&facts); /* exec has not happened yet */
        clock_sleep_until(clock_ticks() + clock_ns_to_ticks(10000000));
    }
    assert_memory_equal(facts.arguments.data, "sleep\00030", sizeof "sleep\00030");
    assert_int_equal(facts.environment.len, sizeof expected);
    assert_memory_equal(facts.environment.data, expected, sizeof expected);
    assert_non_null(facts.executable);
    assert_int_equal(facts.executable[0], '/');
    assert_int_equal(facts.id.parent_pid, getpid());
    assert_int_equal(process_copy_facts(&copy, &facts), TT_OK);
    process_release_facts(&facts);
    assert_memory_equal(copy.arguments.data, "sleep\00030", sizeof "sleep\00030");
    process_release_facts(&copy);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static void test_choosing_the_most_exact_socket(void **state)
{
    (void)state;
    struct listeners all = {NULL, 0, 0};
    struct process_list list = {.count = 0};
    struct address any4 = address_of("0.0.0.0"), any6 = address_of("::"), one = address_of("127.0.0.1");
    struct address other = address_of("10.0.0.1"), one6 = address_of("::1");
    int hidden;
    assert_int_equal(listeners_add(&all, &any4, 10), TT_OK);
    assert_int_equal(listeners_add(&all, &any6, 11), TT_OK);
    assert_int_equal(listeners_add(&all, &one, 12), TT_OK);
    assert_int_equal(listeners_add(&all, &one, 12), TT_OK);
    assert_int_equal(listeners_add(&all, &other, 13), TT_OK);
    process_choose_listeners(&all, &one, &list, &hidden);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.pids[0], 12);
    list.count = 0;
    process_choose_listeners(&all, &one6, &list, &hidden);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.pids[0], 11);
    list.count = 0;
    process_choose_listeners(&all, NULL, &list, &hidden);
    assert_int_equal(list.count, 4);
    assert_false(hidden);
    list.count = 0;
    assert_int_equal(listeners_add(&all, &one, UINT64_MAX), TT_OK);
    process_choose_listeners(&all, &one, &list, &hidden);
    assert_int_equal(list.count, 1);
    assert_true(hidden);
    mem_free(all.items);
}

static void test_lists_are_bounded(void **state)
{
    (void)state;
    struct process_list list = {.count = 0};
    struct process_table table = {NULL, 0, 0};
    for (uint64_t pid = 1; pid <= 2 * PROCESS_LIST_MAX; pid++)
        assert_int_equal(process_table_add(&table, &(struct process){pid + 1, pid, 0}), TT_OK);
    assert_int_equal(process_table_add(&table, &(struct process){1, 1, 0}), TT_OK); /* its own parent */
    process_list_add(&list, 1);
    process_list_add_children(&list, &table);
    assert_int_equal(list.count, PROCESS_LIST_MAX);
    assert_int_equal(process_list_add(&list, 1), 1);
    assert_int_equal(process_list_add(&list, 999999), 0);
    process_table_release(&table);
}

static void test_forwarders(void **state)
{
    (void)state;
    assert_true(process_is_forwarder("/usr/bin/ssh"));
    assert_true(process_is_forwarder("ssh"));
    assert_true(process_is_forwarder("/usr/bin/docker-proxy (deleted)"));
    assert_true(process_is_forwarder("/Applications/OrbStack.app/Contents/MacOS/OrbStack Helper"));
    assert_false(process_is_forwarder("/usr/bin/sshfs"));
    assert_false(process_is_forwarder("/opt/ssh/llama-server"));
    assert_false(process_is_forwarder("/usr/bin/python3.12"));
    assert_false(process_is_forwarder(""));
    assert_false(process_is_forwarder(NULL));
}

static void test_addresses_of_this_machine(void **state)
{
    (void)state;
    struct address only, public_one = address_of("192.0.2.1"), loopback = address_of("127.3.2.1");
    assert_true(locality_of_address(&loopback));
    assert_false(locality_of_address(&public_one)); /* reserved for documentation: nobody has it */
    assert_true(locality_of_host("127.0.0.1", &only));
    assert_int_equal(only.version, 4);
    assert_true(locality_of_host("[::1]", &only));
    assert_int_equal(only.version, 6);
    assert_true(locality_of_host("0.0.0.0", NULL));
    assert_true(locality_of_host("localhost", &only)); /* one address or two */
    assert_true(only.version == 0 || locality_of_address(&only));
    assert_false(locality_of_host("does-not-exist.invalid", &only));
    assert_int_equal(only.version, 0);
    char long_name[400];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    assert_false(locality_of_host(long_name, NULL));
    assert_false(locality_of_host("", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_listener_on_ipv4),
        cmocka_unit_test(test_listener_on_ipv6),
        cmocka_unit_test(test_a_listener_elsewhere_does_not_count),
        cmocka_unit_test(test_all_holders_of_one_socket_are_found),
        cmocka_unit_test(test_children_are_followed_down),
        cmocka_unit_test(test_alive_is_pid_and_start_time),
        cmocka_unit_test(test_facts_of_a_program),
        cmocka_unit_test(test_choosing_the_most_exact_socket),
        cmocka_unit_test(test_lists_are_bounded),
        cmocka_unit_test(test_forwarders),
        cmocka_unit_test(test_addresses_of_this_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
