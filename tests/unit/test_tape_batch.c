/* SPDX-License-Identifier: MIT */
/* Traces loaded on all cores come one after another, in order, on the caller's thread; run it under a thread
 * sanitizer, too. */
#include "tape_fixture.h"

#include <pthread.h>

#include "analyze/tape_batch.h"

#define TRACES 40

static char paths[TRACES][64];
static const char *list[TRACES];

/* Trace i has i % 5 + 1 runs, the last of them with i + 1 frames of text. */
static void make_trace(size_t i)
{
    struct fixture f;
    fixture_open(&f, "{\"format\":\"toktape\"}");
    uint64_t body = fixture_body(&f, "{\"messages\":[],\"max_tokens\":100}");
    for (uint64_t run = 0; run <= i % 5; run++) {
        struct event events[TRACES + 1];
        size_t count = 0, wanted = run == i % 5 ? i + 1 : 1;
        for (; count < wanted; count++)
            events[count] = (struct event){100 + 10 * (double)count, TEXT("word")};
        events[count++] = (struct event){1000, FINISH("length")};
        fixture_answer(&f, run, body, events, count);
    }
    assert_int_equal(trace_writer_finish(f.writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(f.writer);
    close(f.fd);
    memcpy(paths[i], f.path, sizeof f.path);
    list[i] = paths[i];
}

static int set_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRACES; i++)
        make_trace(i);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < TRACES; i++)
        unlink(paths[i]);
    return 0;
}

struct taken {
    pthread_t caller;
    size_t count;
    size_t refuse_at; /* SIZE_MAX: nothing */
};

static int take(void *context, const struct tape *tape, struct error *e)
{
    struct taken *taken = context;
    size_t i = taken->count;
    assert_true(pthread_equal(taken->caller, pthread_self()));
    if (i == taken->refuse_at)
        return error_set(e, TT_USAGE, "number %zu is refused", i);
    assert_string_equal(tape->path, list[i]);
    assert_int_equal(tape->run_count, i % 5 + 1);
    assert_int_equal(tape->runs[tape->run_count - 1].completion_tokens, i + 1);
    taken->count++;
    return TT_OK;
}

static int load(struct taken *taken, size_t count, size_t refuse_at, struct error *e)
{
    struct tape_batch batch = {.paths = list, .count = count, .take = take, .context = taken};
    *taken = (struct taken){pthread_self(), 0, refuse_at};
    return tape_load_batch(&batch, e);
}

static void takes_every_trace_in_order(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, 5, TRACES};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct taken taken;
        struct error e = {0};
        assert_int_equal(load(&taken, counts[i], SIZE_MAX, &e), TT_OK);
        assert_int_equal(taken.count, counts[i]);
        assert_int_equal(e.code, TT_OK);
    }
}

/* Traces that others are loading meanwhile are given up. */
static void ends_where_one_is_refused(void **state)
{
    static const size_t places[] = {0, 1, 17, TRACES - 1};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct taken taken;
        struct error e = {0};
        char wanted[64];
        snprintf(wanted, sizeof wanted, "number %zu is refused", places[i]);
        assert_int_equal(load(&taken, TRACES, places[i], &e), TT_USAGE);
        assert_int_equal(taken.count, places[i]);
        assert_string_equal(e.text, wanted);
        assert_int_equal(load(&taken, TRACES, places[i], NULL), TT_USAGE);
    }
}

/* Of several that cannot be read the first of the list is told, however soon the others fail, and what comes
 * before it has been taken. */
static void tells_the_first_failure(void **state)
{
    static const size_t places[] = {0, 3, TRACES - 2};
    (void)state;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct taken taken;
        struct error e = {0};
        list[places[i]] = "/nonexistent/first.toktape";
        list[TRACES - 1] = "/nonexistent/last.toktape";
        assert_int_equal(load(&taken, TRACES, SIZE_MAX, &e), TT_NOTFOUND);
        assert_int_equal(taken.count, places[i]);
        assert_non_null(strstr(e.text, "first.toktape"));
        assert_int_equal(load(&taken, TRACES, SIZE_MAX, NULL), TT_NOTFOUND);
        list[places[i]] = paths[places[i]];
        list[TRACES - 1] = paths[TRACES - 1];
    }
}

static int count_incomplete(void *context, const struct tape *tape, struct error *e)
{
    size_t *incomplete = context;
    (void)e;
    *incomplete += (size_t)tape_is_incomplete(tape);
    return TT_OK;
}

/* The options are every trace's. */
static void loads_as_it_is_told(void **state)
{
    size_t incomplete = 0;
    struct tape_batch batch = {
        .paths = list, .count = TRACES, .take = count_incomplete, .context = &incomplete};
    (void)state;
    assert_int_equal(truncate(paths[7], 700), 0);
    assert_int_equal(tape_load_batch(&batch, NULL), TT_TRUNCATED);
    assert_int_equal(incomplete, 0);
    batch.options.allow_incomplete = 1;
    assert_int_equal(tape_load_batch(&batch, NULL), TT_OK);
    assert_int_equal(incomplete, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_trace_in_order),
        cmocka_unit_test(ends_where_one_is_refused),
        cmocka_unit_test(tells_the_first_failure),
        cmocka_unit_test(loads_as_it_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
