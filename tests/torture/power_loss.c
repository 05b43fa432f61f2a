/* SPDX-License-Identifier: MIT */
/* Power that fails at any moment of a recording. A real recording tells each write, sync, creation, rename
 * and removal; after each of them, the folder is put together as a disk may show it after a crash: what was
 * synced is there, of the rest any part, zeros in its place, or pages of it in any choice; a name that was
 * not synced may be missing. What is found then holds every row that was synced, is whole up to where it ends
 * or said to be damaged, and never says anything else than what was recorded.
 *
 * usage: torture_power_loss [--long]; --long cuts at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/fault.h"
#include "formats/prng.h"
#include "formats/trace_reader.h"
#include "record/clock.h"
#include "record/recorder.h"
#include "tests/unit/tree.h"

#define NAME       "run.toktape"
#define FILES_MAX  4
#define EVENTS_MAX 400
#define READS      240
#define SEED       20260603

/* ---- what a recording does to its folder ---- */

struct event {
    enum fault_point point;
    char path[32], to[32];
    unsigned char *bytes;
    size_t len;
};

static struct event events[EVENTS_MAX];
static size_t event_count;
static int is_long;

static void keep_event(void *context, const struct fault_event *told)
{
    (void)context;
    if (event_count == EVENTS_MAX)
        return;
    struct event *event = &events[event_count++];
    event->point = told->point;
    snprintf(event->path, sizeof event->path, "%s", told->path);
    snprintf(event->to, sizeof event->to, "%s", told->to ? told->to : "");
    event->len = told->len;
    event->bytes = malloc(told->len + 1);
    if (told->len)
        memcpy(event->bytes, told->bytes, told->len);
}

static int wire_of(uint64_t number, char *wire, size_t size)
{
    struct prng random;
    prng_seed(&random, number);
    return snprintf(wire, size, "data: {\"n\":%d,\"noise\":\"%016llx%016llx\"}\n\n", (int)number,
                    (unsigned long long)prng_next(&random), (unsigned long long)prng_next(&random));
}

/* Reads that say their number, with syncs between them as between runs. */
static void record(void)
{
    struct recorder_options options = {.path = NAME, .meta = "{\"format\": \"toktape\"}", .trace_id = 99};
    struct recorder_result result;
    struct recorder *r;
    assert_int_equal(recorder_open(&r, &options, NULL), TT_OK);
    struct producer *p = recorder_producer(r, 1 << 20, 0);
    for (uint64_t i = 0; i < READS; i++) {
        char wire[128];
        int n = wire_of(i, wire, sizeof wire);
        assert_int_equal(producer_read(p, 5, i + 1, wire, (size_t)n), TT_OK);
        if (i % 40 != 39)
            continue;
        recorder_sync(r);
        clock_sleep_until(clock_ticks() + clock_ns_to_ticks(20000000));
    }
    assert_int_equal(recorder_close(r, "clean", NULL, &result, NULL), TT_OK);
    mem_free(result.path);
}

/* ---- the disk ---- */

struct file {
    char name[32];
    unsigned char bytes[1 << 16];
    size_t len, synced;
};

/* Names that are there now, and those that are known to survive: which change with the sync of the folder. */
struct disk {
    struct file files[FILES_MAX];
    int names[FILES_MAX], safe_names[FILES_MAX];
    size_t count;
};

static size_t file_named(struct disk *d, const char *name)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->names[i] && strcmp(d->files[i].name, name) == 0)
            return i;
    }
    fail_msg("no file '%s'", name);
    return 0;
}

static void apply(struct disk *d, const struct event *event)
{
    if (event->point == FAULT_OPEN) {
        struct file *file = &d->files[d->count];
        snprintf(file->name, sizeof file->name, "%s", event->path);
        d->names[d->count++] = 1;
    } else if (event->point == FAULT_SYNC && strcmp(event->path, ".") == 0) {
        memcpy(d->safe_names, d->names, sizeof d->names);
    } else {
        struct file *file = &d->files[file_named(d, event->path)];
        if (event->point == FAULT_WRITE) {
            assert_in_range(file->len + event->len, 1, sizeof file->bytes);
            memcpy(file->bytes + file->len, event->bytes, event->len);
            file->len += event->len;
        } else if (event->point == FAULT_SYNC) {
            file->synced = file->len;
        } else if (event->point == FAULT_RENAME) {
            snprintf(file->name, sizeof file->name, "%s", event->to);
        } else {
            d->names[file - d->files] = 0;
        }
    }
}

/* ---- what is found after the crash ---- */

struct found {
    uint64_t reads;
    enum trace_state state;
};

static void check_row(const struct read_row *row, const unsigned char *bytes, uint64_t number)
{
    char wire[128];
    int n = wire_of(number, wire, sizeof wire);
    if (row->run != 5 || row->t != number + 1 || row->nbytes != (uint64_t)n ||
        memcmp(bytes, wire, (size_t)n) != 0)
        fail_msg("read %d is not what was recorded", (int)number);
}

static struct found read_back(const unsigned char *bytes, size_t len)
{
    struct trace_reader_options options = {.allow_incomplete = 1};
    struct found found = {0, TRACE_TRUNCATED};
    struct trace_reader *reader;
    struct trace_item item = {0};
    int status = trace_reader_open_memory(&reader, bytes, len, &options, NULL);
    while (!status && item.kind != TRACE_STOP) {
        struct read_cursor cursor;
        struct read_row row;
        const unsigned char *wire;
        status = trace_reader_next(reader, &item, NULL);
        if (status || item.kind != TRACE_DATA)
            continue;
        for (read_cursor_init(&cursor, &item); read_cursor_next(&cursor, &row, &wire);)
            check_row(&row, wire, found.reads++);
    }
    if (len)
        found.state = reader ? trace_reader_state(reader) : TRACE_DAMAGED_AT;
    trace_reader_free(reader);
    return found;
}

static uint64_t states_seen, damaged_seen, truncated_seen;

/* However the unsynced rest came out: what was synced is there, and a damaged rest is not taken for a clean
 * end. */
static void expect(const unsigned char *bytes, size_t len, const struct file *file, uint64_t synced_reads)
{
    struct found found = read_back(bytes, len);
    states_seen++;
    damaged_seen += found.state == TRACE_DAMAGED_AT;
    truncated_seen += found.state == TRACE_TRUNCATED;
    if (found.reads < synced_reads)
        fail_msg("of %d reads synced in '%s' only %d are found", (int)synced_reads, file->name,
                 (int)found.reads);
    int is_whole = len == file->len && memcmp(bytes, file->bytes, len) == 0;
    if (found.state == TRACE_CLEAN && !is_whole)
        fail_msg("'%s' is taken for clean, and is not", file->name);
}

static void cut_suffixes(const struct file *file, uint64_t synced_reads, size_t step)
{
    static unsigned char state[sizeof file->bytes];
    for (size_t len = file->synced; len <= file->len;
         len += len + step > file->len && len < file->len ? file->len - len : step) {
        expect(file->bytes, len, file, synced_reads);
        memcpy(state, file->bytes, len);
        memset(state + len, 0, file->len - len); /* the length reached the disk, the bytes did not */
        expect(state, file->len, file, synced_reads);
    }
}

/* Pages that reached the disk in any order: those that did not are zeros. */
static void lose_pages(const struct file *file, uint64_t synced_reads, size_t page, uint64_t seed, int tries)
{
    static unsigned char state[sizeof file->bytes];
    struct prng random;
    prng_seed(&random, seed);
    for (int i = 0; i < tries && file->synced < file->len; i++) {
        memcpy(state, file->bytes, file->len);
        for (size_t at = file->synced; at < file->len; at = (at / page + 1) * page) {
            size_t end = (at / page + 1) * page < file->len ? (at / page + 1) * page : file->len;
            if (prng_next(&random) & 1)
                memset(state + at, 0, end - at);
        }
        expect(state, file->len, file, synced_reads);
    }
}

static void crash_file(const struct file *file, uint64_t seed)
{
    uint64_t synced_reads = read_back(file->bytes, file->synced).reads;
    cut_suffixes(file, synced_reads, is_long ? 1 : 61);
    lose_pages(file, synced_reads, 512, seed, is_long ? 200 : 8);
    lose_pages(file, synced_reads, 4096, seed + 1, is_long ? 50 : 4);
}

static uint64_t best_synced(const struct disk *d, const int *names)
{
    uint64_t best = 0;
    for (size_t i = 0; i < d->count; i++) {
        uint64_t reads = names[i] ? read_back(d->files[i].bytes, d->files[i].synced).reads : 0;
        best = reads > best ? reads : best;
    }
    return best;
}

/* Whether an unsynced change of names survives is chance: with the old names and with the new ones nothing
 * that was safe once may be gone. */
static void check_names(const struct disk *d, uint64_t *safe_once)
{
    uint64_t now = best_synced(d, d->names), safe = best_synced(d, d->safe_names);
    if (now < *safe_once || safe < *safe_once)
        fail_msg("%d reads were safe, and after the next step only %d", (int)*safe_once,
                 (int)(now < safe ? now : safe));
    *safe_once = now < safe ? now : safe;
}

static void test_every_crash(void **state)
{
    static struct disk disk;
    uint64_t safe_once = 0;
    (void)state;
    fault_observe(keep_event, NULL);
    record();
    fault_observe(NULL, NULL);
    assert_in_range(event_count, 20, EVENTS_MAX - 1);
    for (size_t i = 0; i < event_count; i++) {
        apply(&disk, &events[i]);
        check_names(&disk, &safe_once);
        if (events[i].point == FAULT_WRITE)
            crash_file(&disk.files[file_named(&disk, events[i].path)], SEED + i);
        free(events[i].bytes);
    }
    assert_int_equal(safe_once, READS);
    assert_int_equal(read_back(disk.files[1].bytes, disk.files[1].len).state, TRACE_CLEAN);
    print_message("%d steps, %d crashes: %d truncated, %d damaged\n", (int)event_count, (int)states_seen,
                  (int)truncated_seen, (int)damaged_seen);
    assert_in_range(damaged_seen, 10, states_seen);
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_crash)};
    struct tree work;
    tree_make(&work);
    if (chdir(work.root) != 0)
        return 2;
    is_long = argc > 1 && strcmp(argv[1], "--long") == 0;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    tree_remove(&work);
    return failed;
}
