/* SPDX-License-Identifier: MIT */
/* When the kernel got what waits on a connection, as Linux says it. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/clock.h"
#include "record/receipt.h"

#define WAITED_NS 3000000u
#define TRIES     1000 /* the kernel begins to note some time after it was asked */

struct line {
    int listener, client, server;
};

static void open_line(struct line *line, int is_noted)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    line->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(line->listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(line->listener, 1), 0);
    if (is_noted)
        receipt_note(line->listener);
    assert_int_equal(getsockname(line->listener, (struct sockaddr *)&address, &size), 0);
    line->client = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(line->client, (struct sockaddr *)&address, size), 0);
}

static void close_line(struct line *line)
{
    close(line->client);
    close(line->server);
    close(line->listener);
}

/* The age of a byte that came WAITED_NS and more before its connection was accepted. */
static uint64_t age_of_a_byte(int is_noted, uint64_t *at_most)
{
    struct line line;
    char byte = 0;
    open_line(&line, is_noted);
    uint64_t began = clock_ticks();
    assert_int_equal(send(line.client, "x", 1, 0), 1);
    clock_sleep_ns(WAITED_NS);
    line.server = accept(line.listener, NULL, NULL);
    uint64_t age = receipt_age_ns(line.server);
    *at_most = clock_ticks_to_ns(clock_ticks() - began);
    assert_int_equal(recv(line.server, &byte, 1, 0), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(receipt_age_ns(line.server), 0);
    close_line(&line);
    return age;
}

static void test_age_of_what_waits(void **state)
{
    uint64_t age = 0, at_most = 0;
    (void)state;
    for (int i = 0; i < TRIES && !age; i++)
        age = age_of_a_byte(1, &at_most);
    assert_in_range(age, WAITED_NS, at_most + 1000000);
}

static void test_nothing_known_where_nobody_asked(void **state)
{
    uint64_t at_most;
    (void)state;
    assert_int_equal(age_of_a_byte(0, &at_most), 0);
}

static void test_nothing_waits_on_what_is_no_connection(void **state)
{
    (void)state;
    assert_int_equal(receipt_age_ns(-1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_age_of_what_waits),
        cmocka_unit_test(test_nothing_known_where_nobody_asked),
        cmocka_unit_test(test_nothing_waits_on_what_is_no_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
