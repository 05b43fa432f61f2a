/* SPDX-License-Identifier: MIT */
/* Schedules, the histogram of lateness, and sending on time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "feed_fixture.h"
#include "record/clock.h"
#include "replay/sender.h"

static void test_times_never_go_back(void **state)
{
    (void)state;
    struct schedule s;
    struct drained d;
    schedule_init(&s);
    assert_int_equal(schedule_add(&s, 50, "ab", 2), TT_OK);
    assert_int_equal(schedule_add(&s, 20, "c", 1), TT_OK);
    schedule_finish(&s, FEED_WHOLE, 10);
    drain(schedule_feed(&s), &d);
    assert_int_equal(d.count, 2);
    assert_int_equal(d.due_ns[1], 50);
    assert_int_equal(d.end, FEED_WHOLE);
    assert_int_equal(d.end_ns, 50);
    assert_string_equal(buf_text(&d.bytes), "abc");
    buf_release(&d.bytes);
    schedule_release(&s);
}

static void test_unfinished_schedule_is_cut(void **state)
{
    (void)state;
    struct schedule s;
    struct drained d;
    schedule_init(&s);
    drain(schedule_feed(&s), &d);
    assert_int_equal(d.count, 0);
    assert_int_equal(d.end, FEED_CUT);
    schedule_release(&s);
}

static void test_quantiles(void **state)
{
    (void)state;
    struct pacing p = {{0}, 0, 0}, q = {{0}, 0, 0};
    assert_int_equal(pacing_quantile_ns(&p, 0.99), 0);
    for (uint64_t i = 1; i <= 1000; i++)
        pacing_note(i % 2 ? &p : &q, i * 1000);
    pacing_merge(&p, &q);
    assert_int_equal(p.total, 1000);
    assert_int_equal(p.worst_ns, 1000000);
    assert_in_range(pacing_quantile_ns(&p, 0.5), 500000, 516000);
    assert_in_range(pacing_quantile_ns(&p, 0.99), 990000, 1000000);
    assert_int_equal(pacing_quantile_ns(&p, 1), 1000000);
    assert_in_range(pacing_quantile_ns(&p, 0), 1000, 1032);
}

static void test_quantiles_at_the_edges(void **state)
{
    (void)state;
    for (uint64_t ns = 0; ns < 200; ns++) {
        struct pacing p = {{0}, 0, 0};
        pacing_note(&p, ns);
        assert_int_equal(pacing_quantile_ns(&p, 0.5), ns); /* never above the worst */
    }
    struct pacing p = {{0}, 0, 0};
    pacing_note(&p, UINT64_MAX);
    pacing_note(&p, 1);
    assert_int_equal(pacing_quantile_ns(&p, 0.5), 1);
    assert_int_equal(p.worst_ns, UINT64_MAX);
}

struct pair {
    int near, far, stop[2];
};

static void make_pair(struct pair *p)
{
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p->stop), 0);
    p->near = fds[0];
    p->far = fds[1];
}

static void close_pair(const struct pair *p)
{
    close(p->near);
    if (p->far >= 0)
        close(p->far);
    close(p->stop[0]);
    close(p->stop[1]);
}

static void sender_for(struct sender *s, const struct pair *p, double speed)
{
    memset(s, 0, sizeof *s);
    s->fd = p->near;
    s->stop_fd = p->stop[0];
    s->zero = s->ready = clock_ticks();
    s->speed = speed;
}

static enum sender_result play(struct sender *s, const struct schedule *schedule)
{
    struct feed *feed = schedule_feed(schedule);
    enum sender_result result = sender_play(s, feed);
    feed_free(feed);
    return result;
}

static const char *const words[] = {"one", "two", "three", "four", NULL};

static void test_sending_waits(void **state)
{
    (void)state;
    struct pair p;
    struct schedule schedule;
    struct sender s;
    char text[32] = "";
    make_pair(&p);
    schedule_words(&schedule, words, FEED_WHOLE);
    sender_for(&s, &p, 1);
    assert_int_equal(play(&s, &schedule), SENDER_WHOLE);
    assert_true(clock_ticks_to_ns(clock_ticks() - s.zero) >= 4500000); /* until the end's own time */
    assert_int_equal(s.slices, 4);
    assert_int_equal(s.bytes, 15);
    assert_int_equal(s.pacing.total, 4);
    assert_int_equal(recv(p.far, text, sizeof text, 0), 15);
    assert_string_equal(text, "onetwothreefour");
    close_pair(&p);
    schedule_release(&schedule);
}

static void test_only_the_first_of_a_moment_is_judged(void **state)
{
    (void)state;
    struct pair p;
    struct schedule schedule;
    struct sender s;
    make_pair(&p);
    schedule_init(&schedule);
    for (int i = 0; i < 3; i++)
        assert_int_equal(schedule_add(&schedule, 2000000, "x", 1), TT_OK);
    schedule_finish(&schedule, FEED_WHOLE, 2000000);
    sender_for(&s, &p, 1);
    assert_int_equal(play(&s, &schedule), SENDER_WHOLE);
    assert_int_equal(s.slices, 3);
    assert_int_equal(s.pacing.total, 1);
    close_pair(&p);
    schedule_release(&schedule);
}

static void test_speed(void **state)
{
    (void)state;
    struct pair p;
    struct schedule schedule;
    struct sender s;
    make_pair(&p);
    schedule_init(&schedule);
    assert_int_equal(schedule_add(&schedule, 3600000000000u, "late", 4), TT_OK);
    schedule_finish(&schedule, FEED_CUT, 0);
    sender_for(&s, &p, 1e6); /* 3.6 ms */
    assert_int_equal(play(&s, &schedule), SENDER_CUT);
    uint64_t took = clock_ticks_to_ns(clock_ticks() - s.zero);
    assert_true(took >= 3600000 && took < 3000000000u);
    sender_for(&s, &p, 0);
    assert_int_equal(play(&s, &schedule), SENDER_CUT);
    assert_int_equal(s.pacing.total, 0); /* nothing was to be punctual */
    assert_int_equal(s.slices, 1);
    close_pair(&p);
    schedule_release(&schedule);
}

static void test_client_leaves(void **state)
{
    (void)state;
    struct pair p;
    struct schedule schedule;
    struct sender s;
    make_pair(&p);
    schedule_init(&schedule);
    schedule_finish(&schedule, FEED_SILENT, FEED_NEVER);
    sender_for(&s, &p, 1);
    close(p.far);
    p.far = -1;
    assert_int_equal(play(&s, &schedule), SENDER_CUT); /* silence ends when nobody listens */
    schedule_words(&schedule, words, FEED_WHOLE);
    sender_for(&s, &p, 1);
    assert_int_equal(play(&s, &schedule), SENDER_GONE);
    close_pair(&p);
    schedule_release(&schedule);
}

static void *send_stop(void *context)
{
    const struct pair *p = context;
    clock_sleep_until(clock_ticks() + clock_ns_to_ticks(20000000));
    assert_int_equal(send(p->stop[1], "", 1, 0), 1);
    return NULL;
}

static void test_stop_ends_the_silence(void **state)
{
    (void)state;
    struct pair p;
    struct schedule schedule;
    struct sender s;
    pthread_t thread;
    make_pair(&p);
    /* What the client says meanwhile must neither end the silence nor keep a core busy. */
    assert_int_equal(send(p.far, "hello", 5, 0), 5);
    schedule_init(&schedule);
    schedule_finish(&schedule, FEED_SILENT, FEED_NEVER);
    sender_for(&s, &p, 1);
    assert_int_equal(pthread_create(&thread, NULL, send_stop, &p), 0);
    uint64_t cpu = clock_thread_cpu_ns();
    assert_int_equal(play(&s, &schedule), SENDER_STOPPED);
    assert_true(clock_thread_cpu_ns() - cpu < 10000000);
    pthread_join(thread, NULL);
    close_pair(&p);
    schedule_release(&schedule);
}

static void *read_slowly(void *context)
{
    const struct pair *p = context;
    static char bytes[1 << 16];
    size_t total = 0;
    while (total < (size_t)4 << 20) {
        ssize_t n = recv(p->far, bytes, sizeof bytes, 0);
        assert_true(n > 0);
        total += (size_t)n;
    }
    return NULL;
}

static void test_full_socket_is_waited_for(void **state)
{
    (void)state;
    struct pair p;
    struct schedule schedule;
    struct sender s;
    struct buf big = BUF_INIT;
    pthread_t thread;
    make_pair(&p);
    assert_non_null(buf_reserve(&big, (size_t)4 << 20));
    memset(big.data, 'x', (size_t)4 << 20);
    schedule_init(&schedule);
    assert_int_equal(schedule_add(&schedule, 0, big.data, (size_t)4 << 20), TT_OK);
    schedule_finish(&schedule, FEED_WHOLE, 0);
    sender_for(&s, &p, 1);
    assert_int_equal(pthread_create(&thread, NULL, read_slowly, &p), 0);
    assert_int_equal(play(&s, &schedule), SENDER_WHOLE);
    assert_int_equal(s.bytes, (size_t)4 << 20);
    pthread_join(thread, NULL);
    buf_release(&big);
    close_pair(&p);
    schedule_release(&schedule);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times_never_go_back),
        cmocka_unit_test(test_unfinished_schedule_is_cut),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_quantiles_at_the_edges),
        cmocka_unit_test(test_sending_waits),
        cmocka_unit_test(test_only_the_first_of_a_moment_is_judged),
        cmocka_unit_test(test_speed),
        cmocka_unit_test(test_client_leaves),
        cmocka_unit_test(test_stop_ends_the_silence),
        cmocka_unit_test(test_full_socket_is_waited_for),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
