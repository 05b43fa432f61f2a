/* SPDX-License-Identifier: MIT */
/* The answers of a script: kept in memory, or left in the trace until they are asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/buf.h"
#include "formats/io.h"
#include "formats/schema.h"
#include "replay/script.h"

#define AGENTIC TEST_DATA "/golden/agentic.toktape"
#define TOOLS   TEST_DATA "/golden/tools.toktape"

static struct script load(const char *path, size_t kept)
{
    struct script script;
    struct script_options options = {.answers_kept = kept};
    struct error e = {0};
    if (script_load(&script, path, &options, &e))
        fail_msg("%s", e.text);
    return script;
}

/* Both say the same to every request; how many of the second one's answers were left. */
static size_t expect_same(const struct script *kept, const struct script *left)
{
    size_t count = 0;
    struct answer_trail room;
    answer_trail_init(&room);
    assert_true(kept->count > 0);
    assert_int_equal(left->count, kept->count);
    for (size_t i = 0; i < kept->count; i++) {
        const struct answer_trail *a, *b;
        assert_int_equal(left->runs[i].has_answer, kept->runs[i].has_answer);
        if (!kept->runs[i].has_answer)
            continue;
        assert_false(kept->runs[i].is_left);
        assert_int_equal(script_answer(kept, i, &room, &a), TT_OK);
        assert_int_equal(script_answer(left, i, &room, &b), TT_OK);
        assert_non_null(b);
        assert_true(a->count > 0);
        assert_int_equal(b->count, a->count);
        assert_int_equal(b->tokens, a->tokens);
        assert_int_equal(answer_trail_diverges(a, b), ABSENT);
        count += (size_t)left->runs[i].is_left;
    }
    answer_trail_release(&room);
    return count;
}

static void test_left_answers_are_those_that_were_kept(void **state)
{
    static const char *const paths[] = {AGENTIC, TOOLS};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct script kept = load(paths[i], 0), left = load(paths[i], 1);
        assert_int_equal(expect_same(&kept, &left), kept.count);
        assert_true(kept.answers_bytes > 1);
        assert_int_equal(left.answers_bytes, 0);
        script_release(&kept);
        script_release(&left);
    }
}

static void test_what_fits_is_kept(void **state)
{
    struct script kept = load(AGENTIC, 0);
    size_t half = kept.answers_bytes / 2;
    struct script left = load(AGENTIC, half);
    size_t count = expect_same(&kept, &left);
    (void)state;
    assert_true(count > 0 && count < kept.count);
    assert_true(left.answers_bytes > 0 && left.answers_bytes <= half);
    script_release(&kept);
    script_release(&left);
}

static void write_all(const char *path, const struct buf *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes->data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

/* Gone, cut, another trace, or damaged meanwhile: there is no answer, and no error either. */
static void test_file_is_not_what_it_was(void **state)
{
    char path[] = "/tmp/toktape-script.XXXXXX";
    struct buf bytes, other;
    const struct answer_trail *answer;
    struct answer_trail room;
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    buf_init(&bytes, SIZE_MAX);
    buf_init(&other, SIZE_MAX);
    assert_int_equal(io_read_file(AGENTIC, SIZE_MAX, &bytes, NULL), TT_OK);
    assert_int_equal(io_read_file(TOOLS, SIZE_MAX, &other, NULL), TT_OK);
    write_all(path, &bytes, bytes.len);
    answer_trail_init(&room);
    struct script script = load(path, 1);
    size_t last = script.count - 1;
    assert_int_equal(script_answer(&script, last, &room, &answer), TT_OK);
    assert_non_null(answer);
    write_all(path, &bytes, (size_t)script.runs[last].offset + 100);
    assert_int_equal(script_answer(&script, last, &room, &answer), TT_OK);
    assert_null(answer);
    write_all(path, &other, other.len);
    assert_int_equal(script_answer(&script, last, &room, &answer), TT_OK);
    assert_null(answer);
    bytes.data[script.runs[last].offset + 100] ^= 0x40;
    write_all(path, &bytes, bytes.len);
    assert_int_equal(script_answer(&script, last, &room, &answer), TT_OK);
    assert_null(answer);
    unlink(path);
    assert_int_equal(script_answer(&script, last, &room, &answer), TT_OK);
    assert_null(answer);
    answer_trail_release(&room);
    script_release(&script);
    buf_release(&bytes);
    buf_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_answers_are_those_that_were_kept),
        cmocka_unit_test(test_what_fits_is_kept),
        cmocka_unit_test(test_file_is_not_what_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
