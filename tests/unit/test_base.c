/* SPDX-License-Identifier: MIT */
/* The shared base: buffers, integers, errors, JSON in and out, options, files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/digest.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/options.h"
#include "formats/utf8.h"

static void test_buffer_cap_is_sticky(void **state)
{
    struct buf b;
    (void)state;
    buf_init(&b, 8);
    assert_int_equal(buf_puts(&b, "12345678"), TT_OK);
    assert_int_equal(buf_putc(&b, '9'), TT_LIMIT);
    assert_int_equal(buf_puts(&b, ""), TT_LIMIT);
    assert_string_equal(buf_text(&b), "");
    buf_clear(&b);
    assert_int_equal(buf_printf(&b, "%d", 42), TT_OK);
    assert_string_equal(buf_text(&b), "42");
    buf_release(&b);
}

static void test_drop_front(void **state)
{
    struct buf b = BUF_INIT;
    (void)state;
    buf_puts(&b, "hello world");
    buf_drop_front(&b, 6);
    assert_string_equal(buf_text(&b), "world");
    buf_drop_front(&b, 99);
    assert_int_equal(b.len, 0);
    buf_release(&b);
}

static void test_uvarint_has_one_spelling(void **state)
{
    const uint64_t values[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
    const unsigned char padded[] = {0x80, 0x00}, cut[] = {0x80},
                        huge[] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 2};
    uint64_t back = 0;
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        unsigned char raw[UVARINT_MAX_BYTES];
        struct bytes in = {raw, put_uvarint(raw, values[i])};
        assert_int_equal(take_uvarint(&in, &back), 0);
        assert_true(back == values[i] && in.len == 0);
    }
    assert_int_equal(take_uvarint(&(struct bytes){padded, 2}, &back), -1);
    assert_int_equal(take_uvarint(&(struct bytes){cut, 1}, &back), -1);
    assert_int_equal(take_uvarint(&(struct bytes){huge, 10}, &back), -1);
}

static void test_errors_carry_no_controls(void **state)
{
    struct error e;
    (void)state;
    assert_int_equal(error_set(&e, TT_IO, "cannot read '%s'", "a\033[2Jb\n"), TT_IO);
    assert_string_equal(e.text, "cannot read 'a?[2Jb?'");
    error_prefix(&e, "run %d", 3);
    assert_string_equal(e.text, "run 3: cannot read 'a?[2Jb?'");
    error_set(&e, TT_IO, "%s",
              "\xC2\x9B"
              "31m \xE2\x80\xAE"
              "abc \xC3\xA9 \xFF");
    assert_string_equal(e.text, "??31m ???abc \xC3\xA9 ?");
}

static void test_sha256(void **state)
{
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    struct sha256 *s = sha256_new();
    (void)state;
    sha256_update(s, "a", 1);
    assert_int_equal(sha256_peek(s, digest), TT_OK);
    sha256_update(s, "bc", 2);
    sha256_final(s, digest);
    sha256_hex(digest, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256_final(s, digest);
    sha256_hex(digest, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256_free(s);
}

static void test_utf8(void **state)
{
    const unsigned char samples[] = "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\xED\xA0\x80\xC0\xAF";
    size_t size;
    (void)state;
    assert_int_equal(utf8_decode(samples, 14, &size), 0xE9);
    assert_int_equal(utf8_decode(samples + 2, 12, &size), 0x20AC);
    assert_int_equal(utf8_decode(samples + 5, 9, &size), 0x1F600);
    assert_int_equal(utf8_decode(samples + 5, 3, &size), UTF8_INVALID);
    assert_int_equal(utf8_decode(samples + 9, 5, &size), UTF8_INVALID);  /* a surrogate */
    assert_int_equal(utf8_decode(samples + 12, 2, &size), UTF8_INVALID); /* an overlong '/' */
}

static void test_json_reading(void **state)
{
    struct error e;
    const char *good = "{\"a\": {\"b\": 7, \"s\": \"x\"}, \"n\": 1.5, \"t\": true} \n";
    cJSON *root = json_parse(good, strlen(good), 1000, &e);
    (void)state;
    assert_non_null(root);
    assert_int_equal(json_count(json_member(root, "a"), "b"), 7);
    assert_true(json_count(root, "n") == UINT64_MAX);
    assert_string_equal(json_path(root, "a.s")->valuestring, "x");
    assert_null(json_path(root, "a.s.t"));
    assert_int_equal(json_bool(root, "t", 0), 1);
    cJSON_Delete(root);
    const char *counts =
        "{\"t\": \"18446744073709551614\", \"over\": \"18446744073709551615\", \"n\": 7, \"x\": \"7a\"}";
    root = json_parse(counts, strlen(counts), 1000, &e);
    assert_true(json_u64(root, "t") == UINT64_MAX - 1 && json_u64(root, "n") == 7);
    assert_true(json_u64(root, "over") == UINT64_MAX && json_u64(root, "x") == UINT64_MAX);
    cJSON_Delete(root);
    assert_null(json_parse("{\"a\": 1,\n }", 11, 1000, &e));
    assert_int_equal(e.code, TT_SYNTAX);
    assert_non_null(strstr(e.text, "line 2"));
    assert_null(json_parse("{} x", 4, 1000, &e));
    assert_null(json_parse("[]", 2, 1, &e));
    assert_int_equal(e.code, TT_LIMIT);
}

static void test_json_depth(void **state)
{
    char deep[20001];
    struct error e;
    (void)state;
    memset(deep, '[', 10000);
    memset(deep + 10000, ']', 10000);
    assert_null(json_parse(deep, 20000, 1 << 20, &e));
    assert_int_equal(e.code, TT_LIMIT);
}

static void test_json_writing(void **state)
{
    struct buf b = BUF_INIT;
    struct jsonout j;
    (void)state;
    jsonout_init(&j, &b, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "s", "a\"\\\n\x01\xff\xC3\xA9");
    jsonout_field_number(&j, "x", 0.1);
    jsonout_field_number(&j, "nan", NAN);
    jsonout_field_u64(&j, "none", UINT64_MAX);
    jsonout_key(&j, "list");
    jsonout_array(&j);
    jsonout_u64(&j, 1);
    jsonout_u64_text(&j, UINT64_MAX);
    jsonout_bool(&j, 1);
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    assert_string_equal(
        buf_text(&b),
        "{\"s\":\"a\\\"\\\\\\n\\u0001\xEF\xBF\xBD\xC3\xA9\",\"x\":0.1,\"nan\":null,\"none\":null,"
        "\"list\":[1,\"18446744073709551615\",true]}");
    buf_release(&b);
}

struct sample_options {
    int quiet;
    const char *output, *format;
    uint64_t runs;
    double pause;
    struct option_list labels;
};

static const struct option_def sample_table[] = {
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "say nothing", offsetof(struct sample_options, quiet)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "where to", offsetof(struct sample_options, output)},
    {"format", 0, OPTION_CHOICE, NULL, "md|json", "how", offsetof(struct sample_options, format)},
    {"runs", 0, OPTION_COUNT, "N", NULL, "how often", offsetof(struct sample_options, runs)},
    {"pause", 0, OPTION_REAL, "S", NULL, "between runs", offsetof(struct sample_options, pause)},
    {"label", 0, OPTION_LIST, "K=V", NULL, "a label", offsetof(struct sample_options, labels)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help sample = {"sample", "FILE...", "Does things.", sample_table, NULL};

static int parse(struct sample_options *o, struct option_list *operands, struct error *e, int argc,
                 const char **words)
{
    int wants_help;
    char *argv[16];
    memset(o, 0, sizeof *o);
    memset(operands, 0, sizeof *operands);
    for (int i = 0; i < argc; i++)
        memcpy(&argv[i], &words[i], sizeof argv[i]);
    return options_parse(&sample, argc, argv, o, operands, &wants_help, e);
}

static void test_options(void **state)
{
    struct sample_options o;
    struct option_list operands;
    struct error e;
    const char *good[] = {"sample", "-qoout",      "a",  "--runs=3", "--label",
                          "x=1",    "--label=y=2", "--", "--b",      "-"};
    (void)state;
    assert_int_equal(parse(&o, &operands, &e, 10, good), TT_OK);
    assert_true(o.quiet && o.runs == 3 && o.labels.count == 2 && operands.count == 3);
    assert_string_equal(o.output, "out");
    assert_string_equal(operands.items[1], "--b");
    options_release(&sample, &o, &operands);
    const char *bad[][3] = {{"sample", "--nope", ""},     {"sample", "--runs", "x"},
                            {"sample", "--runs", "-1"},   {"sample", "--format", "xml"},
                            {"sample", "--pause", "nan"}, {"sample", "--quiet=1", ""}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(parse(&o, &operands, &e, 3, bad[i]), TT_USAGE);
        options_release(&sample, &o, &operands);
    }
    const char *missing[] = {"sample", "--runs"};
    assert_int_equal(parse(&o, &operands, &e, 2, missing), TT_USAGE);
    options_release(&sample, &o, &operands);
}

static void test_files_are_never_overwritten(void **state)
{
    struct error e;
    struct buf back = BUF_INIT;
    (void)state;
    unlink("base-test.txt");
    assert_int_equal(io_write_file("base-test.txt", "one", 3, &e), TT_OK);
    assert_int_equal(io_create_new("base-test.txt", &e), TT_EXISTS);
    assert_int_equal(io_write_file("base-test.new", "two", 3, &e), TT_OK);
    assert_int_equal(io_rename_new("base-test.new", "base-test.txt", &e), TT_EXISTS);
    assert_int_equal(io_read_file("base-test.txt", 100, &back, &e), TT_OK);
    assert_string_equal(buf_text(&back), "one");
    assert_int_equal(io_read_file("base-test.txt", 2, &back, &e), TT_LIMIT);
    assert_int_equal(io_open_read(".", &e), TT_USAGE);
    assert_int_equal(io_open_read("no-such-file", &e), TT_NOTFOUND);
    buf_release(&back);
    unlink("base-test.txt");
    unlink("base-test.new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffer_cap_is_sticky),
        cmocka_unit_test(test_drop_front),
        cmocka_unit_test(test_uvarint_has_one_spelling),
        cmocka_unit_test(test_errors_carry_no_controls),
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_json_reading),
        cmocka_unit_test(test_json_depth),
        cmocka_unit_test(test_json_writing),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_files_are_never_overwritten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
