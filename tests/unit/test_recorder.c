/* SPDX-License-Identifier: MIT */
/* Ring and recorder: order kept, nothing lost but what may be dropped, nothing overwritten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/trace_reader.h"
#include "record/clock.h"
#include "record/recorder.h"
#include "record/ring.h"

#define NAME "recorder-test.toktape"

/* The oldest message, or NULL. */
static const void *peek(struct ring *r, uint32_t *kind, size_t *len)
{
    ring_note(r);
    return ring_peek_noted(r, kind, len);
}

static void test_ring_wraps(void **state)
{
    struct ring *r = ring_new(4096);
    uint32_t kind;
    size_t len;
    (void)state;
    for (uint32_t i = 0; i < 5000; i++) {
        size_t size = i % 1500;
        unsigned char *to = ring_claim(r, size);
        assert_non_null(to);
        memset(to, (int)(i & 255), size);
        ring_commit(r, i);
        const unsigned char *from = peek(r, &kind, &len);
        assert_true(from && kind == i && len == size);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(from[k], i & 255);
        ring_release(r);
    }
    assert_null(peek(r, &kind, &len));
    ring_free(r);
}

static void test_ring_full(void **state)
{
    struct ring *r = ring_new(4096);
    size_t held = 0;
    uint32_t kind;
    size_t len;
    (void)state;
    assert_null(ring_claim(r, 4096));
    while (ring_claim(r, 100)) {
        ring_commit(r, 1);
        held++;
    }
    assert_in_range(held, 30, 40);
    assert_non_null(peek(r, &kind, &len));
    ring_release(r);
    assert_non_null(ring_claim(r, 50));
    ring_free(r);
}

/* The reader is to hurry before there is no room left, and is not told with each message. */
static void test_ring_half_full(void **state)
{
    struct ring *r = ring_new(4096);
    size_t told[8] = {0}, calls = 0;
    uint32_t kind;
    size_t len;
    (void)state;
    for (size_t held = 1; held < 30; held++) { /* 32 would be all of it */
        assert_non_null(ring_claim(r, 120));
        if (ring_commit(r, 1))
            told[calls++] = held;
    }
    assert_int_equal(calls, 2);
    assert_int_equal(told[0], 17);
    assert_int_equal(told[1], 25);
    while (peek(r, &kind, &len))
        ring_release(r);
    assert_non_null(ring_claim(r, 120)); /* the other side has caught up: no need */
    assert_int_equal(ring_commit(r, 1), 0);
    ring_free(r);
}

/* What comes after a look waits for the next one: that is what keeps several rings in step. */
static void test_ring_noted(void **state)
{
    struct ring *r = ring_new(4096);
    uint32_t kind;
    size_t len;
    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        assert_non_null(ring_claim(r, 8));
        ring_commit(r, i);
        if (i == 1)
            ring_note(r);
    }
    for (uint32_t i = 0; i < 2; i++) {
        assert_non_null(ring_peek_noted(r, &kind, &len));
        assert_int_equal(kind, i);
        ring_release(r);
    }
    assert_null(ring_peek_noted(r, &kind, &len));
    ring_note(r);
    assert_non_null(ring_peek_noted(r, &kind, &len));
    assert_int_equal(kind, 2);
    ring_free(r);
}

#define MESSAGES 200000u

static void *feed(void *argument)
{
    struct ring *r = argument;
    for (uint64_t i = 0; i < MESSAGES;) {
        uint64_t *to = ring_claim(r, 8 + i % 64);
        if (!to)
            continue;
        *to = i++;
        ring_commit(r, 7);
    }
    return NULL;
}

static void test_ring_between_threads(void **state)
{
    struct ring *r = ring_new(1 << 16);
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, feed, r), 0);
    for (uint64_t i = 0; i < MESSAGES;) {
        uint32_t kind;
        size_t len;
        const uint64_t *m = peek(r, &kind, &len);
        if (!m)
            continue;
        if (*m != i || len != 8 + i % 64)
            fail();
        ring_release(r);
        i++;
    }
    pthread_join(thread, NULL);
    ring_free(r);
}

static void forget_files(void)
{
    unlink(NAME);
    unlink(NAME ".part");
    unlink(NAME ".pack");
}

static struct recorder *open_recorder(const char *path)
{
    struct recorder_options options = {.path = path, .meta = "{\"format\": \"toktape\"}", .trace_id = 99};
    struct recorder *r;
    struct error e = {0};
    if (recorder_open(&r, &options, &e))
        fail_msg("%s", e.text);
    return r;
}

static void test_rows_arrive_in_order(void **state)
{
    struct recorder_result result;
    struct error e = {0};
    (void)state;
    forget_files();
    struct recorder *r = open_recorder(NAME);
    struct producer *p = recorder_producer(r, 1 << 20, 0);
    for (uint64_t i = 0; i < 30000; i++) {
        char wire[300];
        int n = snprintf(wire, sizeof wire, "data: %0280d\n\n", (int)i);
        assert_int_equal(producer_read(p, 5, i + 1, wire, (size_t)n), TT_OK);
    }
    struct mark_row mark = {.t = 1, .run = ABSENT, .repeat = ABSENT};
    mark.kind = (struct bytes){(const unsigned char *)"idle_begin", 10};
    mark.text = (struct bytes){(const unsigned char *)"", 0};
    assert_int_equal(producer_row(p, TABLE_MARK, &mark), TT_OK);
    assert_int_equal(producer_meta(p, "{\"facts\": [1]}"), TT_OK);
    assert_int_equal(recorder_close(r, "clean", NULL, &result, &e), TT_OK);
    assert_string_equal(result.path, NAME);
    assert_false(io_exists(NAME ".part"));
    mem_free(result.path);

    struct trace_reader *reader;
    struct trace_item item;
    uint64_t next = 0, metas = 0, marks = 0;
    assert_int_equal(trace_reader_open(&reader, NAME, NULL, &e), TT_OK);
    while (trace_reader_next(reader, &item, &e) == TT_OK && item.kind != TRACE_STOP) {
        const uint64_t *t = rows_column(item.rows[TABLE_READ], READ_T_COLUMN);
        for (size_t i = 0; i < rows_count(item.rows[TABLE_READ]); i++)
            assert_int_equal(t[i], ++next);
        metas += item.kind == TRACE_META;
        marks += rows_count(item.rows[TABLE_MARK]);
    }
    assert_int_equal(trace_reader_state(reader), TRACE_CLEAN);
    assert_int_equal(next, 30000);
    assert_int_equal(metas, 2);
    assert_int_equal(marks, 1);
    trace_reader_free(reader);
    forget_files();
}

static void count_wake(void *context)
{
    atomic_fetch_add((atomic_int *)context, 1);
}

/* By its clock alone the writer would look four times a second at most: ten times half a ring take it 2.5 s.
 */
static void test_a_ring_that_fills_wakes_the_writer(void **state)
{
    atomic_int wakes = 0;
    struct recorder_options options = {
        .path = NAME, .meta = "{\"format\": \"toktape\"}", .awake = count_wake, .context = &wakes};
    struct recorder_result result;
    struct recorder *r;
    struct error e = {0};
    char wire[1024] = "";
    (void)state;
    forget_files();
    assert_int_equal(recorder_open(&r, &options, &e), TT_OK);
    struct producer *p = recorder_producer(r, 1 << 16, 0);
    uint64_t start = clock_ticks();
    for (uint64_t turn = 0; turn < 10; turn++) {
        int before = atomic_load(&wakes);
        for (uint64_t i = 0; i < 35; i++)
            assert_int_equal(producer_read(p, 5, turn * 100 + i, wire, sizeof wire), TT_OK);
        while (atomic_load(&wakes) == before)
            clock_sleep_ns(100000);
    }
    assert_true(clock_ticks_to_ns(clock_ticks() - start) < 1500000000u);
    assert_int_equal(recorder_close(r, "clean", NULL, &result, &e), TT_OK);
    mem_free(result.path);
    forget_files();
}

#define LANES      3
#define LANE_MARKS 30000u

struct lane {
    struct producer *first, *own;
    pthread_mutex_t *lock;
};

/* A mark into the first ring, then a read that refers to it into the lane's own. */
static void *converse(void *argument)
{
    static atomic_uint_fast64_t next;
    const struct lane *lane = argument;
    char wire[200] = {0};
    struct mark_row mark = {.run = ABSENT, .repeat = ABSENT, .kind = {(const unsigned char *)"m", 1}};
    for (uint64_t i = 0; i < LANE_MARKS; i++) {
        pthread_mutex_lock(lane->lock);
        mark.t = atomic_fetch_add(&next, 1);
        int status = producer_row(lane->first, TABLE_MARK, &mark);
        pthread_mutex_unlock(lane->lock);
        if (status || producer_read(lane->own, 0, mark.t, wire, sizeof wire))
            return lane->first;
    }
    return NULL;
}

/* With any number of rings, nothing stands in a block before the one with what it refers to. */
static void test_the_first_ring_stands_first(void **state)
{
    struct recorder_result result;
    struct error e = {0};
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[LANES];
    struct lane lanes[LANES];
    (void)state;
    forget_files();
    struct recorder *r = open_recorder(NAME);
    struct producer *first = recorder_producer(r, 1 << 20, 0);
    for (size_t i = 0; i < LANES; i++) {
        lanes[i] = (struct lane){first, recorder_producer(r, 1 << 20, 0), &lock};
        assert_int_equal(pthread_create(&threads[i], NULL, converse, &lanes[i]), 0);
    }
    for (size_t i = 0; i < LANES; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        assert_null(failed);
        recorder_sync(r);
    }
    assert_int_equal(recorder_close(r, "clean", NULL, &result, &e), TT_OK);
    mem_free(result.path);

    struct trace_reader *reader;
    struct trace_item item;
    uint64_t marks = 0, reads = 0;
    assert_int_equal(trace_reader_open(&reader, NAME, NULL, &e), TT_OK);
    while (trace_reader_next(reader, &item, &e) == TT_OK && item.kind != TRACE_STOP) {
        const uint64_t *t = rows_column(item.rows[TABLE_READ], READ_T_COLUMN);
        marks += rows_count(item.rows[TABLE_MARK]);
        for (size_t i = 0; i < rows_count(item.rows[TABLE_READ]); i++)
            assert_true(t[i] < marks);
        reads += rows_count(item.rows[TABLE_READ]);
    }
    assert_int_equal(marks, LANES * LANE_MARKS);
    assert_int_equal(reads, LANES * LANE_MARKS);
    trace_reader_free(reader);
    forget_files();
}

static void test_nothing_is_overwritten(void **state)
{
    struct recorder_options options = {.path = NAME, .meta = "{}", .trace_id = 1};
    struct recorder *r;
    struct error e;
    (void)state;
    forget_files();
    assert_int_equal(io_write_file(NAME, "mine", 4, &e), TT_OK);
    assert_int_equal(recorder_open(&r, &options, &e), TT_EXISTS);
    unlink(NAME);
    assert_int_equal(io_write_file(NAME ".part", "mine", 4, &e), TT_OK);
    assert_int_equal(recorder_open(&r, &options, &e), TT_EXISTS);
    assert_true(io_exists(NAME ".part"));
    unlink(NAME ".part");
    assert_int_equal(io_write_file(NAME ".pack", "mine", 4, &e), TT_OK);
    assert_int_equal(recorder_open(&r, &options, &e), TT_EXISTS);
    assert_false(io_exists(NAME ".part"));
    forget_files();
}

/* Somebody else's file came to the name while the recording ran: both are kept. */
static void test_a_name_taken_meanwhile(void **state)
{
    struct recorder_result result;
    struct error e = {0};
    (void)state;
    forget_files();
    struct recorder *r = open_recorder(NAME);
    assert_int_equal(io_write_file(NAME, "theirs", 6, NULL), TT_OK);
    assert_int_equal(recorder_close(r, "clean", NULL, &result, &e), TT_IO);
    assert_string_equal(e.text,
                        "the recording is complete in '" NAME ".part', but could not be packed into '" NAME
                        "': '" NAME "' exists; nothing is overwritten");
    assert_string_equal(result.path, NAME ".part");
    assert_true(io_exists(NAME ".part"));
    assert_false(io_exists(NAME ".pack"));
    mem_free(result.path);
    forget_files();
}

/* Whatever name a recording may begin under, it can be closed under. */
static void test_the_longest_name(void **state)
{
    struct recorder_result result;
    struct error e = {0};
    char name[251], part[256];
    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    snprintf(part, sizeof part, "%s.part", name);
    unlink(name);
    unlink(part);
    struct recorder *r = open_recorder(name);
    if (recorder_close(r, "clean", NULL, &result, &e))
        fail_msg("%s", e.text);
    assert_string_equal(result.path, name);
    mem_free(result.path);
    unlink(name);
}

/* The last rows are among the dropped ones: nothing comes after them that could tell. */
static void test_samples_may_be_dropped_and_are_counted(void **state)
{
    struct recorder_result result;
    struct error e = {0};
    uint64_t samples = 0, lost = 0, refused = 0;
    (void)state;
    forget_files();
    struct recorder *r = open_recorder(NAME);
    struct producer *p = recorder_producer(r, 4096, 1);
    for (uint64_t i = 0; i < 3000; i++) {
        struct sample_row sample = {0, i + 1, 1, ABSENT, i};
        refused += producer_row(p, TABLE_SAMPLE, &sample) == TT_LIMIT;
        if (i % 1000 == 500)
            clock_sleep_until(clock_ticks() + clock_ns_to_ticks(400000000));
    }
    assert_int_equal(recorder_close(r, "clean", NULL, &result, &e), TT_OK);
    mem_free(result.path);

    struct trace_reader *reader;
    struct trace_item item;
    assert_int_equal(trace_reader_open(&reader, NAME, NULL, &e), TT_OK);
    while (trace_reader_next(reader, &item, &e) == TT_OK && item.kind != TRACE_STOP) {
        struct loss_row loss;
        samples += rows_count(item.rows[TABLE_SAMPLE]);
        for (size_t i = 0; i < rows_count(item.rows[TABLE_LOSS]); i++) {
            rows_get(item.rows[TABLE_LOSS], i, &loss);
            lost += loss.count;
        }
    }
    trace_reader_free(reader);
    assert_true(lost > 0);
    assert_int_equal(lost, refused);
    assert_int_equal(samples + lost, 3000);
    forget_files();
}

static void test_a_full_ring_makes_the_reader_wait(void **state)
{
    struct recorder_result result;
    struct error e = {0};
    static unsigned char wire[3000];
    uint64_t stalls = 0, bytes = 0, waits, dropped;
    (void)state;
    forget_files();
    struct recorder *r = open_recorder(NAME);
    struct producer *p = recorder_producer(r, 8192, 0);
    for (int i = 0; i < 50; i++)
        assert_int_equal(producer_read(p, 0, (uint64_t)i + 1, wire, sizeof wire), TT_OK);
    recorder_losses(r, &waits, &dropped);
    assert_int_equal(producer_read(p, 0, 1, wire, 1 << 20), TT_LIMIT);
    assert_int_equal(recorder_close(r, "interrupted", NULL, &result, &e), TT_OK);
    mem_free(result.path);

    struct trace_reader *reader;
    struct trace_item item;
    assert_int_equal(trace_reader_open(&reader, NAME, NULL, &e), TT_OK);
    while (trace_reader_next(reader, &item, &e) == TT_OK && item.kind != TRACE_STOP) {
        stalls += rows_count(item.rows[TABLE_STALL]);
        bytes += item.wire.len;
    }
    trace_reader_free(reader);
    assert_true(stalls > 0);
    assert_int_equal(stalls, waits);
    assert_int_equal(bytes, 50 * sizeof wire);
    forget_files();
}

static void test_a_pipe_gets_the_blocks_directly(void **state)
{
    struct recorder_result result;
    struct error e = {0};
    char command[] = "cat fifo-test > fifo-copy.toktape";
    (void)state;
    unlink("fifo-test");
    unlink("fifo-copy.toktape");
    assert_int_equal(mkfifo("fifo-test", 0600), 0);
    if (fork() == 0) {
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    struct recorder *r = open_recorder("fifo-test");
    assert_int_equal(recorder_close(r, "clean", NULL, &result, &e), TT_OK);
    mem_free(result.path);
    for (int i = 0; i < 100 && !io_exists("fifo-copy.toktape"); i++)
        usleep(10000);
    usleep(100000);
    cJSON *meta, *end;
    assert_int_equal(trace_read_ends("fifo-copy.toktape", &meta, &end, &e), TT_OK);
    assert_non_null(end);
    cJSON_Delete(meta);
    cJSON_Delete(end);
    unlink("fifo-test");
    unlink("fifo-copy.toktape");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring_wraps),
        cmocka_unit_test(test_ring_full),
        cmocka_unit_test(test_ring_half_full),
        cmocka_unit_test(test_ring_noted),
        cmocka_unit_test(test_ring_between_threads),
        cmocka_unit_test(test_rows_arrive_in_order),
        cmocka_unit_test(test_a_ring_that_fills_wakes_the_writer),
        cmocka_unit_test(test_the_first_ring_stands_first),
        cmocka_unit_test(test_nothing_is_overwritten),
        cmocka_unit_test(test_a_name_taken_meanwhile),
        cmocka_unit_test(test_the_longest_name),
        cmocka_unit_test(test_samples_may_be_dropped_and_are_counted),
        cmocka_unit_test(test_a_full_ring_makes_the_reader_wait),
        cmocka_unit_test(test_a_pipe_gets_the_blocks_directly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
