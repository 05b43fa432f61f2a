/* SPDX-License-Identifier: MIT */
/* Each cause of an invalid run is shown with what it rests on. */
#include "tape_fixture.h"

#include "analyze/evidence.h"

static const char meta[] = "{\"format\":\"toktape\"}";
static const char request[] =
    "{\"messages\":[],\"max_tokens\":100,\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"edit\","
    "\"parameters\":{\"type\":\"object\",\"required\":[\"path\"],\"properties\":{\"path\":{\"type\":"
    "\"string\"},\"lines\":{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}}}}}]}";

static void expect_evidence_of(const struct event *events, size_t count, const char *wanted)
{
    struct fixture f;
    struct tape tape;
    struct error e = {0};
    struct buf text = BUF_INIT;
    fixture_open(&f, meta);
    fixture_clock(&f, ZERO(0) - 5000 * MS);
    fixture_answer(&f, 0, fixture_body(&f, request), events, count);
    if (fixture_load(&f, &tape, NULL, &e))
        fail_msg("%s", e.text);
    assert_int_equal(evidence_text(&tape.runs[0], &text), TT_OK);
    assert_string_equal(buf_text(&text), wanted);
    buf_release(&text);
    tape_release(&tape);
}

/* "ab " 100 times folds to 300 code points: 293 8-grams of which 3 differ, in the last half 143; 3 / 293 =
 * 0.010 is the smaller share. The last 63 bytes are kept. */
static void shows_the_loop(void **state)
{
    (void)state;
    struct event ev[102];
    for (int i = 0; i < 100; i++)
        ev[i] = (struct event){100 + i, TEXT("ab ")};
    ev[100] = (struct event){300, FINISH("length")};
    ev[101] = (struct event){300, USAGE(9, 100)};
    expect_evidence_of(
        ev, 102,
        "looping ratio=0.010 limit=0.300 in=\"content\" text=\"ab ab ab ab ab ab ab ab ab ab ab ab "
        "ab ab ab ab ab ab ab ab ab \"");
    for (int i = 0; i < 100; i++)
        ev[i].text = THINK("\xC3\xA4\xC3\xB6"); /* four bytes: the cut leaves whole characters */
    expect_evidence_of(
        ev, 102,
        "looping ratio=0.010 limit=0.300 in=\"reasoning\" text=\"\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4"
        "\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4"
        "\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4"
        "\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6\xC3\xA4\xC3\xB6\"");
}

static void shows_where_a_call_is_wrong(void **state)
{
    (void)state;
    struct event misfit[] = {{100, CALL("edit", "{\\\"path\\\":\\\"a\\\",\\\"lines\\\":[1,\\\"x\\\"]}")},
                             {110, FINISH("tool_calls")},
                             {110, USAGE(9, 3)}};
    expect_evidence_of(misfit, 3, "tool_schema tool=\"edit\" place=\"/lines/1 type\"");
    struct event broken[] = {
        {100, CALL("edit", "{\\\"path\\\":")}, {110, FINISH("tool_calls")}, {110, USAGE(9, 3)}};
    expect_evidence_of(broken, 3, "tool_arguments tool=\"edit\" arguments=\"{\\\"path\\\":\"");
    struct event unknown[] = {{100, CALL("rm", "{}")}, {110, FINISH("tool_calls")}, {110, USAGE(9, 3)}};
    expect_evidence_of(unknown, 3, "tool_schema tool=\"rm\" place=\"not declared\"");
}

static void shows_how_far_an_answer_came(void **state)
{
    (void)state;
    struct event error[] = {{100, TEXT("a")}, {110, "data: {\"error\":{\"message\":\"no memory\"}}\n\n"}};
    expect_evidence_of(error, 2, "error_object token_frames=1 message=\"no memory\"");
    struct event open_end[] = {{100, TEXT("a")}, {110, TEXT("b")}, {110, DONE}};
    struct buf wanted = BUF_INIT;
    size_t head = strlen("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    size_t bytes = head + strlen(TEXT("a")) + strlen(TEXT("b")) + strlen(DONE);
    buf_printf(&wanted, "cut ended=\"complete\" bytes=%zu token_frames=2 after_ms=111", bytes);
    expect_evidence_of(open_end, 3, buf_text(&wanted));
    buf_release(&wanted);
    struct event silent[] = {{10, ROLE}, {110, FINISH("stop")}, {110, USAGE(10, 0)}};
    head += strlen(ROLE) + strlen(FINISH("stop")) + strlen(USAGE(10, 0));
    buf_printf(&wanted, "no_token completion_tokens=0 frames=3 bytes=%zu", head);
    expect_evidence_of(silent, 3, buf_text(&wanted));
    buf_release(&wanted);
}

static void says_nothing_of_a_valid_run(void **state)
{
    (void)state;
    struct event fine[] = {{100, TEXT("a")}, {110, FINISH("stop")}, {110, USAGE(9, 2)}};
    expect_evidence_of(fine, 3, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_the_loop),
        cmocka_unit_test(shows_where_a_call_is_wrong),
        cmocka_unit_test(shows_how_far_an_answer_came),
        cmocka_unit_test(says_nothing_of_a_valid_run),
    };
    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
