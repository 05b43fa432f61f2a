/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formats/alloc.h"
#include "record/linux/procfs.h"
#include "record/linux/procmem_os.h"
#include "tree.h"

#define HEADING                                                                                              \
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#define ROW4(local, state, inode)                                                                            \
    "   0: " local " 00000000:0000 " state " 00000000:00000000 00:00000000 00000000  1000        0 " inode   \
    " 1 0000000000000000 100 0 0 10 0\n"
#define NOBODY6 "00000000000000000000000000000000"
#define LOOP6   "00000000000000000000000001000000"
#define ROW6(local, state, inode)                                                                            \
    "   0: " local " " NOBODY6 ":0000 " state                                                                \
    " 00000000:00000000 00:00000000 00000000     0        0 " inode " 1 0000000000000000 100 0 0 10 0\n"
#define STAT_TAIL " 0 0 0 0 0 0 0 0 0 0 0 0 0 20 0 1 0 "

static int is_little_endian(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

static int parse(const char *line, int version, struct procfs_socket *s)
{
    return procfs_parse_socket(line, strlen(line), version, s);
}

static void test_socket_rows(void **state)
{
    (void)state;
    struct procfs_socket s;
    struct address loopback4, loopback6;
    if (!is_little_endian())
        skip();
    assert_int_equal(address_parse(&loopback4, "127.0.0.1"), TT_OK);
    assert_int_equal(address_parse(&loopback6, "::1"), TT_OK);
    assert_true(parse(ROW4("0100007F:1F90", "0A", "12345"), 4, &s));
    assert_int_equal(s.port, 8080);
    assert_int_equal(s.inode, 12345);
    assert_true(s.listens);
    assert_true(address_equal(&s.address, &loopback4));
    assert_true(parse(ROW4("0100007F:1F90", "01", "1"), 4, &s));
    assert_false(s.listens);
    assert_true(parse(ROW6(LOOP6 ":1f90", "0A", "7"), 6, &s));
    assert_true(address_equal(&s.address, &loopback6));
    assert_true(parse(ROW6("0000000000000000FFFF00000100007F:0050", "0A", "7"), 6, &s));
    assert_true(address_equal(&s.address, &loopback4));
    assert_int_equal(s.port, 80);
}

static void test_socket_rows_that_are_none(void **state)
{
    (void)state;
    static const char *const lines[] = {"",
                                        " ",
                                        HEADING,
                                        "0: 0100007F:1F90",
                                        ROW4("0100007F1F90", "0A", "1"),
                                        ROW4("0100007G:1F90", "0A", "1"),
                                        ROW4("0100007F:1F9", "0A", "1"),
                                        ROW4("0100007F:1F90", "0", "1"),
                                        ROW4("0100007F:1F90", "XX", "1"),
                                        ROW4("0100007F:1F90", "0A", "x"),
                                        ROW4("0100007F:1F90", "0A", "-1"),
                                        ROW4("0100007F:1F90", "0A", "99999999999999999999999")};
    struct procfs_socket s;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_false(parse(lines[i], 4, &s));
    assert_false(parse(ROW4("0100007F:1F90", "0A", "1"), 6, &s));
    assert_false(parse(ROW6(LOOP6 ":1F90", "0A", "1"), 4, &s));
}

static int parse_stat(const char *text, struct process *p)
{
    return procfs_parse_stat(text, strlen(text), p);
}

static void test_stat(void **state)
{
    (void)state;
    struct process p;
    assert_true(parse_stat("77 (llama-server) S 5" STAT_TAIL "4242 1 2", &p));
    assert_int_equal(p.pid, 77);
    assert_int_equal(p.parent_pid, 5);
    assert_int_equal(p.start_time, 4242);
    /* a process may call itself anything */
    assert_true(parse_stat("77 (a) R 1 (b) S 6" STAT_TAIL "9 1", &p));
    assert_int_equal(p.parent_pid, 6);
    assert_true(parse_stat("77 (\n) Z) S 6" STAT_TAIL "9 1", &p));
    assert_false(parse_stat("77 (x) Z 6" STAT_TAIL "9 1", &p));
    assert_false(parse_stat("77 (x) S", &p));
    assert_false(parse_stat("77 (x", &p));
    assert_false(parse_stat("(x) S 6" STAT_TAIL "9 1", &p));
    assert_false(parse_stat("", &p));
    assert_false(parse_stat("77 (x) S 99999999999999999999" STAT_TAIL "9 1", &p));
}

static const char status_text[] =
    "Name:\tx\\nVmRSS:\t1 kB\nUmask:\t0022\nVmPeak:\t  500 kB\nVmHWM:\t  300 kB\n"
    "VmRSS:\t  200 kB\nRssAnon:\t  120 kB\nRssFile:\t   70 kB\nRssShmem:\t   10 kB\n";

static void test_status(void **state)
{
    (void)state;
    struct procmem m;
    assert_int_equal(procmem_parse_status(status_text, strlen(status_text), &m), TT_OK);
    assert_int_equal(m.bytes[PROCMEM_RSS], 200 * 1024);
    assert_int_equal(m.bytes[PROCMEM_ANONYMOUS], 130 * 1024);
    assert_int_equal(m.bytes[PROCMEM_FILE], 70 * 1024);
    assert_int_equal(m.bytes[PROCMEM_PEAK_RSS], 300 * 1024);
    assert_true(m.bytes[PROCMEM_FOOTPRINT] == ABSENT);
    static const char zombie[] = "Name:\tx\nState:\tZ (zombie)\nThreads:\t1\n";
    assert_int_equal(procmem_parse_status(zombie, strlen(zombie), &m), TT_NOTFOUND);
    static const char old[] = "VmRSS:\t8 kB"; /* kernels before 4.5 do not tell the parts */
    assert_int_equal(procmem_parse_status(old, strlen(old), &m), TT_OK);
    assert_true(m.bytes[PROCMEM_ANONYMOUS] == ABSENT && m.bytes[PROCMEM_PEAK_RSS] == ABSENT);
}

static uint64_t field(const char *text, const char *key)
{
    return procfs_field(text, strlen(text), key);
}

static void test_fields(void **state)
{
    (void)state;
    assert_int_equal(field("A: 1 kB\nB:2", "A"), 1024);
    assert_int_equal(field("A: 1 kB\nB:2", "B"), 2);
    assert_int_equal(field("A: 0 kB", "A"), 0);
    assert_true(field("A: 1 kB", "B") == ABSENT);
    assert_true(field("AB: 1 kB", "A") == ABSENT);
    assert_true(field("xA: 1 kB", "A") == ABSENT);
    assert_true(field("A:", "A") == ABSENT);
    assert_true(field("A: kB", "A") == ABSENT);
    assert_true(field("A: -1 kB", "A") == ABSENT);
    assert_true(field("A: 18446744073709551616 kB", "A") == ABSENT);
    assert_true(field("A: 18446744073709551615 kB", "A") == ABSENT);
    assert_true(field("", "A") == ABSENT);
}

/* --- a /proc of our own --- */

static void make_proc(struct tree *t)
{
    tree_make(t);
    tree_file(t, "net/tcp",
              HEADING ROW4("0100007F:1F90", "0A", "100") ROW4("00000000:1F90", "0A", "101")
                  ROW4("0100007F:1F91", "0A", "102") ROW4("0100007F:1F90", "01", "103"));
    tree_file(t, "net/tcp6", HEADING ROW6(NOBODY6 ":1F90", "0A", "200"));
    tree_file(t, "7/stat", "7 (llama) S 1" STAT_TAIL "700 1");
    tree_file(t, "8/stat", "8 (child) S 7" STAT_TAIL "800 1");
    tree_file(t, "9/stat", "9 (dead) Z 7" STAT_TAIL "900 1");
    tree_file(t, "10/stat", "nonsense");
    tree_file(t, "x11/stat", "11 (x) S 7" STAT_TAIL "800 1");
    tree_link(t, "7/fd/0", "/dev/null");
    tree_link(t, "7/fd/3", "socket:[100]");
    tree_link(t, "7/fd/4", "socket:[102]");
    tree_link(t, "8/fd/3", "socket:[100]");
    tree_link(t, "8/fd/4", "socket:[1000]");
    tree_link(t, "8/fd/5", "socket:[100");
    tree_link(t, "8/fd/6", "socket:[]");
    tree_link(t, "7/exe", "/opt/llama-server (deleted)");
    tree_file(t, "7/cmdline", "llama-server");
    tree_file(t, "7/environ", "A=1");
}

static void test_table_of_a_proc(void **state)
{
    (void)state;
    struct tree t;
    struct process_table table = {NULL, 0, 0};
    struct process p;
    make_proc(&t);
    assert_int_equal(procfs_table(t.root, &table), TT_OK);
    assert_int_equal(table.count, 2);
    assert_int_equal(process_table_find(&table, 8)->parent_pid, 7);
    assert_int_equal(process_table_find(&table, 7)->start_time, 700);
    assert_int_equal(procfs_find(t.root, 7, &p), TT_OK);
    assert_int_equal(procfs_find(t.root, 9, &p), TT_NOTFOUND);
    assert_int_equal(procfs_find(t.root, 12345, &p), TT_NOTFOUND);
    process_table_release(&table);
    tree_remove(&t);
    assert_int_equal(procfs_table(t.root, &table), TT_IO);
}

static void test_listeners_of_a_proc(void **state)
{
    (void)state;
    struct tree t;
    struct listeners all = {NULL, 0, 0};
    size_t hidden = 0, of_7 = 0, of_8 = 0;
    make_proc(&t);
    assert_int_equal(procfs_listeners(t.root, 8080, &all), TT_OK);
    for (size_t i = 0; i < all.count; i++) {
        hidden += all.items[i].pid == UINT64_MAX;
        of_7 += all.items[i].pid == 7;
        of_8 += all.items[i].pid == 8;
    }
    assert_int_equal(hidden, 2); /* the sockets 101 and 200 are nobody's whom we see */
    assert_int_equal(of_7, 1);
    assert_int_equal(of_8, 1);
    all.count = 0;
    assert_int_equal(procfs_listeners(t.root, 1, &all), TT_OK);
    assert_int_equal(all.count, 0);
    mem_free(all.items);
    tree_remove(&t);
    all = (struct listeners){NULL, 0, 0};
    assert_int_equal(procfs_listeners(t.root, 8080, &all), TT_IO);
}

static int keep_all(const char *name, size_t len)
{
    (void)name;
    return len > 0;
}

static void test_facts_of_a_proc(void **state)
{
    (void)state;
    struct tree t;
    struct process_facts facts;
    make_proc(&t);
    memset(&facts, 0, sizeof facts);
    assert_int_equal(procfs_facts(t.root, 7, keep_all, &facts), TT_OK);
    assert_string_equal(facts.executable, "/opt/llama-server (deleted)");
    assert_int_equal(facts.arguments.len, sizeof "llama-server"); /* the NUL was missing */
    assert_int_equal(facts.environment.len, sizeof "A=1");
    process_release_facts(&facts);
    assert_int_equal(procfs_facts(t.root, 8, keep_all, &facts), TT_OK); /* nothing but stat may be read */
    assert_null(facts.executable);
    assert_int_equal(facts.arguments.len, 0);
    process_release_facts(&facts);
    tree_remove(&t);
}

static char *repeated(const char *text, size_t count)
{
    size_t n = strlen(text);
    char *all = malloc(n * count + 1);
    assert_non_null(all);
    for (size_t i = 0; i < count; i++)
        memcpy(all + i * n, text, n);
    all[n * count] = '\0';
    return all;
}

/* Rows lie across the ends of reads, one line is far too long, and arguments go on for ever. */
static void test_big_files_are_read_in_bounded_memory(void **state)
{
    (void)state;
    struct tree t;
    struct listeners all = {NULL, 0, 0};
    struct process_facts facts;
    make_proc(&t);
    char *noise = repeated(ROW4("0100007F:2222", "0A", "5"), 3000), *endless = repeated("y", 300000);
    struct buf text = BUF_INIT;
    buf_puts(&text, noise);
    buf_puts(&text, endless);
    buf_puts(&text, ROW4("0100007F:1F90", "0A", "100")); /* the end of the endless line: no row */
    buf_puts(&text, ROW4("0100007F:1F90", "0A", "100"));
    assert_int_equal(text.failed, TT_OK);
    tree_file(&t, "net/tcp", buf_text(&text));
    tree_file(&t, "net/tcp6", "");
    assert_int_equal(procfs_listeners(t.root, 8080, &all), TT_OK);
    assert_int_equal(all.count, 2);
    tree_file(&t, "7/cmdline", endless);
    memset(&facts, 0, sizeof facts);
    assert_int_equal(procfs_facts(t.root, 7, NULL, &facts), TT_OK);
    assert_int_equal(facts.arguments.len, PROCESS_ARGUMENTS_MAX + 1);
    process_release_facts(&facts);
    buf_release(&text);
    free(noise);
    free(endless);
    mem_free(all.items);
    tree_remove(&t);
}

static void test_lines(void **state)
{
    (void)state;
    struct tree t;
    struct procfs_lines lines;
    size_t len;
    char path[128];
    tree_make(&t);
    snprintf(path, sizeof path, "%s/text", t.root);
    tree_file(&t, "text", "one\n\nthree");
    assert_int_equal(procfs_lines_open(&lines, path), TT_OK);
    assert_memory_equal(procfs_lines_next(&lines, &len), "one", 3);
    assert_int_equal(len, 3);
    assert_non_null(procfs_lines_next(&lines, &len));
    assert_int_equal(len, 0);
    assert_memory_equal(procfs_lines_next(&lines, &len), "three", 5);
    assert_int_equal(len, 5);
    assert_null(procfs_lines_next(&lines, &len));
    assert_null(procfs_lines_next(&lines, &len));
    procfs_lines_close(&lines);
    assert_int_equal(procfs_lines_open(&lines, "/nowhere/at/all"), TT_NOTFOUND);
    tree_remove(&t);
}

static void test_memory_of_a_machine(void **state)
{
    (void)state;
    struct tree t;
    uint64_t v[SYSMEM_FIELDS];
    tree_make(&t);
    tree_file(&t, "meminfo", "MemTotal: 100 kB\nUnevictable:  12 kB\nSwapTotal: 50 kB\nSwapFree: 20 kB\n");
    tree_file(&t, "pressure/memory",
              "some avg10=0.00 avg60=0.00 avg300=0.00 total=777\nfull avg10=0.00 total=5\n");
    sysmem_read_from(t.root, v);
    assert_int_equal(v[SYSMEM_WIRED], 12 * 1024);
    assert_int_equal(v[SYSMEM_SWAP], 30 * 1024);
    assert_int_equal(v[SYSMEM_PRESSURE], 777);
    tree_file(&t, "meminfo", "SwapTotal: 50 kB\nSwapFree: 60 kB\n");
    tree_file(&t, "pressure/memory", "none\n");
    sysmem_read_from(t.root, v);
    for (int i = 0; i < SYSMEM_FIELDS; i++)
        assert_true(v[i] == ABSENT);
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_socket_rows),
        cmocka_unit_test(test_socket_rows_that_are_none),
        cmocka_unit_test(test_stat),
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_table_of_a_proc),
        cmocka_unit_test(test_listeners_of_a_proc),
        cmocka_unit_test(test_facts_of_a_proc),
        cmocka_unit_test(test_big_files_are_read_in_bounded_memory),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_memory_of_a_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
