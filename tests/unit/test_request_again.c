/* SPDX-License-Identifier: MIT */
/* A recorded request that is sent again: byte for byte, or changed in what was asked for alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "record/request.h"

#define RECORDED                                                                                             \
    "{\"model\":\"m\", \"messages\":[{\"role\":\"system\",\"content\":\"A\\u0062\"}, "                       \
    "{\"role\":\"user\"}],\"n\":1.50}"

static int again(struct request_body *body, const char *recorded, const struct request_options *o,
                 struct error *e)
{
    request_body_init(body);
    return request_body_again(body, (struct bytes){(const unsigned char *)recorded, strlen(recorded)}, o, e);
}

static void check(const char *recorded, const struct request_options *o, const char *expected)
{
    struct request_body body;
    struct error e = {0};
    assert_int_equal(again(&body, recorded, o, &e), TT_OK);
    assert_int_equal(body.bytes.len, strlen(expected));
    assert_memory_equal(body.bytes.data, expected, body.bytes.len);
    for (size_t i = 0; i < body.cut_count; i++)
        assert_in_range(body.cuts[i], i ? body.cuts[i - 1] + 1 : 1, body.bytes.len - 1);
    request_body_release(&body);
}

static void test_nothing_changes_by_itself(void **state)
{
    static const char *const bodies[] = {RECORDED,
                                         "{}",
                                         "no JSON \x01 at all",
                                         "[1, 2]",
                                         "{\"messages\":[]}",
                                         "{\"messages\":7}",
                                         "{\"messages\":[{\"role\":\"user\"}",
                                         "{\"messages\":[1],\"messages\":[2, 3]}"};
    struct request_options none = {0};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        check(bodies[i], &none, bodies[i]);
}

static void test_bodies_are_cut_at_their_messages(void **state)
{
    struct request_body body;
    struct request_options none = {0};
    (void)state;
    assert_int_equal(again(&body, RECORDED, &none, NULL), TT_OK);
    assert_int_equal(body.cut_count, 3); /* before the first message and behind each */
    assert_int_equal(body.bytes.data[body.cuts[0]], '{');
    assert_int_equal(body.bytes.data[body.cuts[1]], ',');
    assert_int_equal(body.bytes.data[body.cuts[2]], ']');
    request_body_release(&body);
}

static void test_only_what_was_asked_for_changes(void **state)
{
    struct request_options model = {.model = "x\"y"}, extra = {.extra_body = "{\"n\": null, \"seed\": 7}"},
                           nonce = {.nonce = "N "};
    (void)state;
    check(RECORDED, &model,
          "{\"model\":\"x\\\"y\",\"messages\":[{\"role\":\"system\",\"content\":\"A\\u0062\"},{\"role\":"
          "\"user\"}],"
          "\"n\":1.50}");
    check(RECORDED, &extra,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"A\\u0062\"},{\"role\":\"user\"}]"
          ",\"seed\":7}");
    check(RECORDED, &nonce,
          "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"N "
          "A\\u0062\"},{\"role\":\"user\"}],\"n\":1.50}");
}

static void test_changes_that_cannot_be_made(void **state)
{
    static const struct {
        const char *recorded;
        struct request_options options;
        int status;
    } cases[] = {
        {"[1]", {.model = "x"}, TT_UNSUPPORTED},
        {"", {.nonce = "n"}, -1},
        {"no JSON", {.model = "x"}, -1},
        {"{}", {.nonce = "n"}, TT_UNSUPPORTED},
        {"{\"messages\":[]}", {.nonce = "n"}, TT_UNSUPPORTED},
        {"{\"messages\":[7]}", {.nonce = "n"}, TT_UNSUPPORTED},
        {"{\"messages\":[{\"content\":null}]}", {.nonce = "n"}, TT_UNSUPPORTED},
        {"{}", {.extra_body = "{\"messages\":[]}"}, TT_USAGE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct request_body body;
        struct error e = {0};
        int status = again(&body, cases[i].recorded, &cases[i].options, &e);
        assert_int_not_equal(status, TT_OK);
        assert_true(cases[i].status < 0 || status == cases[i].status);
        assert_true(e.text[0] != '\0');
        request_body_release(&body);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_changes_by_itself),
        cmocka_unit_test(test_bodies_are_cut_at_their_messages),
        cmocka_unit_test(test_only_what_was_asked_for_changes),
        cmocka_unit_test(test_changes_that_cannot_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
