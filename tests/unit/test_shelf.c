/* SPDX-License-Identifier: MIT */
/* Long arrays keep what was written to them, wherever they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/fault.h"
#include "formats/shelf.h"

#define COUNT     ((size_t)100000)
#define IN_MEMORY (SHELF_BYTES / sizeof(uint64_t))

struct numbers {
    uint64_t *items;
    size_t count, capacity;
};

static int add(struct numbers *n, uint64_t value)
{
    int status = shelf_grow(&n->items, &n->capacity, n->count + 1, sizeof *n->items);
    if (!status)
        n->items[n->count++] = value;
    return status;
}

static void fill(struct numbers *n)
{
    for (uint64_t i = 0; i < COUNT; i++) {
        assert_int_equal(add(n, i * i), TT_OK);
        shelf_walk(sizeof n->items[i]);
    }
}

static void expect_squares(const struct numbers *n)
{
    assert_int_equal(n->count, COUNT);
    for (uint64_t i = 0; i < COUNT; i++) {
        shelf_walk(sizeof n->items[i]);
        assert_int_equal(n->items[i], i * i);
    }
}

static void let_go(struct numbers *n)
{
    shelf_free(n->items);
    *n = (struct numbers){NULL, 0, 0};
}

#ifdef __linux__
/* Pages of [from, from + size) that this process has, by /proc/self/smaps. */
static long resident_kib(const void *from)
{
    char line[512], wanted[32];
    long kib = -1;
    int is_there = 0;
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    snprintf(wanted, sizeof wanted, "%lx-", (unsigned long)(uintptr_t)from);
    while (kib < 0 && fgets(line, sizeof line, maps)) {
        is_there |= strncmp(line, wanted, strlen(wanted)) == 0;
        if (is_there && sscanf(line, "Rss: %ld", &kib) == 1)
            break;
    }
    fclose(maps);
    return kib;
}

static void rests_take_its_pages(void **state)
{
    (void)state;
    struct numbers n = {NULL, 0, 0};
    fill(&n);
    shelf_rest();
    assert_int_equal(resident_kib(n.items), 0);
    n.items[COUNT / 2]++;
    assert_true(resident_kib(n.items) > 0);
    shelf_rest();
    assert_int_equal(resident_kib(n.items), 0);
    n.items[COUNT / 2]--; /* what was written comes back */
    expect_squares(&n);
    let_go(&n);
}
#endif

static void keeps_what_was_written(void **state)
{
    (void)state;
    struct numbers a = {NULL, 0, 0}, b = {NULL, 0, 0};
    fill(&a);
    fill(&b);
    expect_squares(&a);
    let_go(&a);
    expect_squares(&b);
    fill(&a);
    expect_squares(&a);
    let_go(&a);
    let_go(&b);
    shelf_free(NULL);
}

/* A short array is given back but for what it holds; a long one stays as it is. */
static void fits_what_is_in_memory(void **state)
{
    (void)state;
    struct numbers n = {NULL, 0, 0};
    for (uint64_t i = 0; i < 100; i++)
        assert_int_equal(add(&n, i), TT_OK);
    shelf_fit(&n.items, &n.capacity, n.count, sizeof *n.items);
    assert_int_equal(n.capacity, 100);
    assert_int_equal(n.items[99], 99);
    let_go(&n);
    fill(&n);
    size_t capacity = n.capacity;
    shelf_fit(&n.items, &n.capacity, n.count, sizeof *n.items);
    assert_int_equal(n.capacity, capacity);
    expect_squares(&n);
    let_go(&n);
}

static void is_refused_what_no_memory_has(void **state)
{
    (void)state;
    struct numbers n = {NULL, 0, 0};
    assert_int_equal(add(&n, 7), TT_OK);
    assert_int_equal(shelf_grow(&n.items, &n.capacity, SIZE_MAX / 4, sizeof *n.items), TT_NOMEM);
    assert_int_equal(n.items[0], 7);
    let_go(&n);
}

static void bufs_stand_there_as_well(void **state)
{
    (void)state;
    struct buf text;
    buf_init_shelved(&text, 0);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(buf_printf(&text, "%zu\n", i), TT_OK);
    shelf_rest();
    const char *at = buf_text(&text);
    for (size_t i = 0; i < COUNT; i++) {
        char *end;
        assert_int_equal(strtoul(at, &end, 10), i);
        at = end + 1;
    }
    assert_int_equal(*at, '\0');
    buf_release(&text);
    assert_int_equal(text.len, 0);
    assert_int_equal(buf_puts(&text, "again"), TT_OK);
    assert_string_equal(buf_text(&text), "again");
    buf_release(&text);
}

/* No file is left behind, and none is seen meanwhile. */
static void has_no_name(void **state)
{
    (void)state;
    char folder[] = "/tmp/toktape-shelf-XXXXXX";
    struct numbers n = {NULL, 0, 0};
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TMPDIR", folder, 1), 0);
    fill(&n);
    assert_int_equal(rmdir(folder), 0);
    expect_squares(&n);
    let_go(&n);
    fill(&n); /* where there is no folder it is memory */
    expect_squares(&n);
    let_go(&n);
    unsetenv("TMPDIR");
}

static void *fill_and_check(void *state)
{
    struct numbers n = {NULL, 0, 0};
    (void)state;
    for (int round = 0; round < 5; round++) {
        fill(&n);
        expect_squares(&n);
        let_go(&n);
    }
    return NULL;
}

static void threads_have_their_own(void **state)
{
    pthread_t threads[3];
    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, fill_and_check, NULL), 0);
    for (size_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

#ifdef TOKTAPE_FAULTS
/* Whatever fails, in whichever call: there is memory instead, or the array is as it was. */
static void survives_every_failure(void **state)
{
    static const char *const points[] = {"alloc", "open", "write"};
    (void)state;
    long held = fault_memory_held();
    for (size_t p = 0; p < sizeof points / sizeof points[0]; p++) {
        for (int n = 1, struck = 1; struck; n++) {
            struct numbers numbers = {NULL, 0, 0};
            char plan[32];
            int status = TT_OK;
            snprintf(plan, sizeof plan, "%s:%d:fail", points[p], n);
            fault_plan(plan);
            while (!status && numbers.count < 2 * IN_MEMORY)
                status = add(&numbers, numbers.count);
            struck = fault_has_struck();
            fault_plan(NULL);
            assert_true(status == TT_OK || (status == TT_NOMEM && p == 0));
            for (size_t i = 0; i < numbers.count; i++)
                assert_int_equal(numbers.items[i], i);
            let_go(&numbers);
        }
    }
    assert_int_equal(fault_memory_held(), held);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef __linux__
        cmocka_unit_test(rests_take_its_pages),
#endif
        cmocka_unit_test(keeps_what_was_written),
        cmocka_unit_test(fits_what_is_in_memory),
        cmocka_unit_test(is_refused_what_no_memory_has),
        cmocka_unit_test(bufs_stand_there_as_well),
        cmocka_unit_test(has_no_name),
        cmocka_unit_test(threads_have_their_own),
#ifdef TOKTAPE_FAULTS
        cmocka_unit_test(survives_every_failure),
#endif
    };
    return cmocka_run_group_tests_name("shelf", tests, NULL, NULL);
}
