/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/darwin/procargs.h"

/* argc in this machine's byte order, then the text as it is, NULs included. */
static unsigned char *block_of(int32_t argc, const char *text, size_t len)
{
    unsigned char *block =
        malloc(sizeof argc + len); /* exactly, so that a sanitizer sees one byte too many */
    assert_non_null(block);
    memcpy(block, &argc, sizeof argc);
    memcpy(block + sizeof argc, text, len);
    return block;
}

#define PARSE(argc, text, out) parse(argc, text, sizeof(text) - 1, out)

static unsigned char *parse(int32_t argc, const char *text, size_t len, struct procargs *out)
{
    unsigned char *block = block_of(argc, text, len);
    procargs_parse(block, sizeof argc + len, out);
    return block;
}

#define CHECK(part, expected)                                                                                \
    do {                                                                                                     \
        assert_int_equal((part).len, sizeof(expected) - 1);                                                  \
        assert_memory_equal((part).data, expected, sizeof(expected) - 1);                                    \
    } while (0)

static void test_a_whole_block(void **state)
{
    (void)state;
    struct procargs p;
    unsigned char *block =
        PARSE(3, "/opt/llama\0\0\0\0\0\0llama\0--port\0008080\0HOME=/x\0A=b\0\0\0junk", &p);
    CHECK(p.executable, "/opt/llama");
    CHECK(p.arguments, "llama\0--port\0008080\0");
    CHECK(p.environment, "HOME=/x\0A=b\0");
    free(block);
}

static void test_blocks_that_lie_or_end_early(void **state)
{
    (void)state;
    struct procargs p;
    unsigned char *block = PARSE(2000000000, "/x\0\0a\0b", &p);
    CHECK(p.executable, "/x");
    CHECK(p.arguments, "a\0b");
    CHECK(p.environment, "");
    free(block);
    block = PARSE(-5, "/x\0\0a\0", &p);
    CHECK(p.arguments, "");
    CHECK(p.environment, "a\0");
    free(block);
    block = PARSE(1, "/path/without/end", &p);
    CHECK(p.executable, "/path/without/end");
    CHECK(p.arguments, "");
    free(block);
    block = PARSE(1, "\0\0\0\0", &p);
    CHECK(p.executable, "");
    CHECK(p.arguments, "");
    free(block);
    block = PARSE(1, "", &p);
    CHECK(p.executable, "");
    free(block);
    procargs_parse("ab", 2, &p);
    assert_int_equal(p.arguments.len, 0);
}

static void test_empty_arguments_count(void **state)
{
    (void)state;
    struct procargs p;
    unsigned char *block = PARSE(3, "/x\0\0x\0\0y\0E=1\0\0", &p);
    CHECK(p.arguments, "x\0\0y\0");
    CHECK(p.environment, "E=1\0");
    free(block);
}

static void test_any_bytes(void **state)
{
    (void)state;
    uint64_t x = 0x2545F4914F6CDD1Du;
    for (size_t len = 0; len < 600; len++) {
        unsigned char *block = malloc(len ? len : 1);
        assert_non_null(block);
        for (size_t i = 0; i < len; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            block[i] = (x >> 20) % 3 ? (unsigned char)(x >> 30) : 0;
        }
        struct procargs p;
        procargs_parse(block, len, &p);
        assert_true(p.executable.len + p.arguments.len + p.environment.len <= len);
        free(block);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_whole_block),
        cmocka_unit_test(test_blocks_that_lie_or_end_early),
        cmocka_unit_test(test_empty_arguments_count),
        cmocka_unit_test(test_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
