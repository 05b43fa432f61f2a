/* SPDX-License-Identifier: MIT */
/* Answers of a synthetic engine: what was asked for is what comes, when the profile says, and the numbers it
 * states of itself are true. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "feed_fixture.h"
#include "formats/json.h"
#include "formats/stream.h"
#include "replay/framing.h"
#include "replay/synthetic.h"

#define TOOLS                                                                                                \
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"find\",\"parameters\":{\"type\":\"object\"," \
    "\"properties\":{\"query\":{\"type\":\"string\"},\"limit\":{\"type\":\"integer\"},\"m\xc3\xb6glich\":{"  \
    "\"enum\":["                                                                                             \
    "\"ja\",\"nein\"]},\"unused\":{\"type\":\"boolean\"}},\"required\":[\"query\",\"limit\","                \
    "\"m\xc3\xb6glich\"]}}}],"
#define ASK(more)                                                                                            \
    "{" more "\"messages\":[{\"role\":\"user\",\"content\":\"Tell me of the sea\"}],\"stream\":true}"
#define USAGE "\"stream_options\":{\"include_usage\":true},"

/* What an answer was, as formats/stream reads it. */
struct heard {
    struct buf content, reasoning, arguments;
    char finish[16], tool[64];
    struct chat_usage usage;
    struct chat_timings timings;
    uint64_t kinds[FRAME_MALFORMED + 1];
    uint64_t tokens, first_ns, last_ns, last_predicted_n, reads;
    int saw_done;
};

static int hear(void *context, const struct stream_frame *frame)
{
    struct heard *h = context;
    const struct chat_frame *c = frame->chat;
    h->kinds[c->kind]++;
    buf_append(&h->content, c->content.data, c->content.len);
    buf_append(&h->reasoning, c->reasoning.data, c->reasoning.len);
    for (size_t i = 0; i < c->tool_count; i++) {
        buf_append(&h->arguments, c->tools[i].arguments.data, c->tools[i].arguments.len);
        if (c->tools[i].name.len)
            snprintf(h->tool, sizeof h->tool, "%.*s", (int)c->tools[i].name.len,
                     (const char *)c->tools[i].name.data);
    }
    if (c->finish_reason.len)
        snprintf(h->finish, sizeof h->finish, "%.*s", (int)c->finish_reason.len,
                 (const char *)c->finish_reason.data);
    if (c->has_usage)
        h->usage = c->usage;
    if (c->has_timings) {
        h->timings = c->timings;
        h->last_predicted_n = c->timings.predicted_n;
    }
    if (chat_is_token_bearing(c)) {
        h->first_ns = h->tokens++ ? h->first_ns : frame->t;
        h->last_ns = frame->t;
    }
    h->saw_done |= c->kind == FRAME_DONE;
    return 0;
}

static struct engine *make_engine(const char *profile)
{
    struct profile p;
    struct engine *engine;
    struct error e = {0};
    if (profile_parse(&p, profile, strlen(profile), &e))
        fail_msg("%s", e.text);
    assert_int_equal(synthetic_new(&engine, &p, &e), TT_OK);
    return engine;
}

static void ask(struct engine *engine, const char *path, const char *body, struct engine_answer *a)
{
    struct request r = {body ? "POST" : "GET", path, {(const unsigned char *)body, body ? strlen(body) : 0}};
    engine_answer_init(a);
    assert_int_equal(engine->answer(engine, &r, a, NULL), TT_OK);
}

static void listen_to(struct engine *engine, const char *body, struct heard *h)
{
    struct engine_answer a;
    struct slice slice;
    memset(h, 0, sizeof *h);
    struct stream *stream = stream_new(hear, NULL, h);
    ask(engine, "/v1/chat/completions", body, &a);
    assert_non_null(a.feed);
    assert_int_equal(framing_add(&a, "test"), TT_OK);
    for (;;) {
        assert_int_equal(feed_next(a.feed, &slice), TT_OK);
        if (slice.end != FEED_MORE)
            break;
        assert_int_equal(stream_feed(stream, slice.due_ns, slice.bytes.data, slice.bytes.len), 0);
    }
    assert_int_equal(slice.end, FEED_WHOLE);
    assert_int_equal(stream_close(stream, slice.due_ns), 0);
    assert_true(stream_state(stream)->body_complete && !stream_state(stream)->bad_framing);
    h->reads = stream_state(stream)->reads;
    assert_int_equal(h->kinds[FRAME_MALFORMED], 0);
    stream_free(stream);
    engine_answer_release(&a);
}

static void forget(struct heard *h)
{
    buf_release(&h->content);
    buf_release(&h->reasoning);
    buf_release(&h->arguments);
}

static void test_length(void **state)
{
    (void)state;
    struct engine *engine = make_engine("{\"ttft_ms\":5,\"prefill_tok_s\":1000,\"decode_tok_s\":100}");
    struct heard h;
    listen_to(engine, ASK(USAGE "\"max_tokens\":33,"), &h);
    assert_string_equal(h.finish, "length");
    assert_int_equal(h.tokens, 33);
    assert_int_equal(h.kinds[FRAME_ROLE], 1);
    assert_int_equal(h.usage.completion_tokens, 33);
    assert_int_equal(h.usage.cached_tokens, 0);
    assert_true(h.saw_done);
    assert_int_equal(h.first_ns, 5000000 + h.usage.prompt_tokens * 1000000);
    assert_int_equal(h.last_ns - h.first_ns, 320000000);
    assert_true(h.timings.predicted_ms == 320 && h.timings.predicted_n == 33);
    assert_true(h.timings.prompt_ms == (double)h.usage.prompt_tokens);
    forget(&h);
    engine->free(engine);
}

static void test_cached_prompt_is_fast(void **state)
{
    (void)state;
    struct engine *engine = make_engine("{\"ttft_ms\":5,\"prefill_tok_s\":1000,\"cache_reset\":true}");
    struct heard cold, warm, off, reset;
    struct engine_answer a;
    listen_to(engine, ASK(USAGE "\"max_tokens\":4,"), &cold);
    listen_to(engine, ASK(USAGE "\"max_tokens\":4,"), &warm);
    listen_to(engine, ASK(USAGE "\"max_tokens\":4,\"cache_prompt\":false,"), &off);
    ask(engine, "/v1/cache/reset", "", &a);
    assert_int_equal(a.status, 200);
    engine_answer_release(&a);
    listen_to(engine, ASK(USAGE "\"max_tokens\":4,"), &reset);
    assert_int_equal(cold.usage.cached_tokens, 0);
    assert_int_equal(warm.usage.cached_tokens, warm.usage.prompt_tokens - 1);
    assert_int_equal(warm.timings.cache_n, warm.usage.cached_tokens);
    assert_int_equal(warm.first_ns, 6000000);
    assert_int_equal(off.usage.cached_tokens, 0);
    assert_int_equal(reset.usage.cached_tokens, 0);
    assert_string_equal(buf_text(&cold.content), buf_text(&warm.content)); /* one prompt, one text */
    forget(&cold);
    forget(&warm);
    forget(&off);
    forget(&reset);
    engine->free(engine);
}

static void test_stop_and_silent_tokens(void **state)
{
    (void)state;
    struct engine *engine =
        make_engine("{\"answer_tokens\":20,\"reasoning_tokens\":6,\"decode_tok_s\":1000}");
    struct heard h;
    listen_to(engine, ASK(USAGE "\"max_tokens\":100,"), &h);
    assert_string_equal(h.finish, "stop");
    assert_int_equal(h.usage.completion_tokens, 20);
    assert_int_equal(h.kinds[FRAME_REASONING], 6);
    assert_int_equal(h.kinds[FRAME_CONTENT], 12); /* less the tag and the end */
    assert_true(h.timings.predicted_ms == 19);
    assert_int_equal(h.last_ns - h.first_ns, 18000000); /* the end comes a token later */
    forget(&h);
    listen_to(engine, ASK("\"max_tokens\":100,\"chat_template_kwargs\":{\"enable_thinking\":false},"), &h);
    assert_int_equal(h.kinds[FRAME_REASONING], 0);
    assert_int_equal(h.kinds[FRAME_CONTENT], 19);
    assert_int_equal(h.kinds[FRAME_USAGE], 0);
    assert_int_equal(h.timings.predicted_n, 20); /* on the finish event when nobody asked for usage */
    forget(&h);
    listen_to(engine, ASK("\"max_tokens\":7,"), &h); /* cut right behind the closing tag */
    assert_string_equal(h.finish, "length");
    assert_int_equal(h.kinds[FRAME_REASONING], 6);
    assert_int_equal(h.kinds[FRAME_CONTENT], 0);
    forget(&h);
    engine->free(engine);
}

static void test_tool_call(void **state)
{
    (void)state;
    struct engine *engine = make_engine("{\"tool_call\":true}");
    struct heard h;
    listen_to(engine, ASK(TOOLS USAGE "\"max_tokens\":200,"), &h);
    assert_string_equal(h.finish, "tool_calls");
    assert_string_equal(h.tool, "find");
    assert_int_equal(h.kinds[FRAME_CONTENT], 0);
    assert_int_equal(h.usage.completion_tokens, h.tokens + 3);
    cJSON *arguments = json_parse(h.arguments.data, h.arguments.len, 4096, NULL);
    assert_non_null(json_string(arguments, "query"));
    assert_true(json_number(arguments, "limit", NAN) == 1);
    assert_string_equal(json_string(arguments, "m\xc3\xb6glich"), "ja");
    assert_null(json_member(arguments, "unused"));
    cJSON_Delete(arguments);
    forget(&h);
    listen_to(engine, ASK(TOOLS "\"max_tokens\":4,"), &h);
    assert_string_equal(h.finish, "length");
    forget(&h);
    listen_to(engine, ASK(TOOLS "\"tool_choice\":\"none\",\"max_tokens\":4,"), &h);
    assert_int_equal(h.kinds[FRAME_CONTENT], 4);
    forget(&h);
    listen_to(engine, ASK("\"tools\":[{}],\"max_tokens\":4,"), &h); /* not callable: it answers in words */
    assert_int_equal(h.kinds[FRAME_CONTENT], 4);
    forget(&h);
    engine->free(engine);
}

static void test_bursts(void **state)
{
    (void)state;
    static const char profile[] =
        "{\"tokens_per_burst\":[1,1,1,1],\"acceptance\":0.5,\"decode_tok_s\":500%s}";
    char text[200];
    snprintf(text, sizeof text, profile, "");
    struct engine *engine = make_engine(text);
    struct heard h, merged;
    listen_to(engine, ASK(USAGE "\"max_tokens\":1001,"), &h);
    engine->free(engine);
    assert_int_equal(h.tokens, 1001);
    /* a read each step, and three for the end: finish, [DONE], last chunk */
    uint64_t steps = h.reads - 4;
    assert_in_range(steps, 370, 430);
    assert_int_equal(h.timings.draft_n_accepted, 1000 - steps);
    assert_int_equal(h.timings.draft_n, 2 * (1000 - steps));
    assert_int_equal(h.last_ns - h.first_ns, steps * 5000000);
    snprintf(text, sizeof text, profile, ",\"merge_bursts\":true");
    engine = make_engine(text);
    listen_to(engine, ASK(USAGE "\"max_tokens\":1001,\"timings_per_token\":true,"), &merged);
    engine->free(engine);
    assert_int_equal(merged.tokens, steps + 1);
    assert_int_equal(merged.last_predicted_n, 1001);
    assert_string_equal(buf_text(&merged.content), buf_text(&h.content));
    forget(&h);
    forget(&merged);
}

static void test_options_of_the_stream(void **state)
{
    (void)state;
    struct engine *engine = make_engine(
        "{\"style\":\"openai\",\"usage\":false,\"done\":false,\"role_chunk\":false,\"timings\":false,"
        "\"keepalive_ms\":10,\"ttft_ms\":35,\"prefill_tok_s\":1e9,\"reasoning_tokens\":2,"
        "\"reasoning_field\":\"reasoning\"}");
    struct heard h;
    listen_to(engine, ASK(USAGE "\"max_tokens\":5,"), &h);
    assert_int_equal(h.kinds[FRAME_PROGRESS] + h.kinds[FRAME_COMMENT], 3);
    assert_int_equal(h.kinds[FRAME_ROLE], 0);
    assert_int_equal(h.kinds[FRAME_USAGE], 0);
    assert_int_equal(h.kinds[FRAME_REASONING], 2);
    assert_false(h.saw_done);
    forget(&h);
    engine->free(engine);
    static const char *const fields[] = {"number", "null", "absent"};
    for (size_t i = 0; i < 3; i++) {
        char text[64];
        snprintf(text, sizeof text, "{\"cached_field\":\"%s\"}", fields[i]);
        engine = make_engine(text);
        listen_to(engine, ASK(USAGE "\"max_tokens\":1,"), &h);
        assert_int_equal(h.usage.cached_state, i == 0 ? CACHED_NUMBER : i == 1 ? CACHED_NULL : CACHED_ABSENT);
        forget(&h);
        engine->free(engine);
    }
}

static void test_slower_with_depth(void **state)
{
    (void)state;
    struct engine *engine =
        make_engine("{\"decode_tok_s\":1000,\"decode_depth_ns\":1000,\"prefill_tok_s\":1e6,"
                    "\"prefill_attention_ns\":100}");
    struct heard h;
    listen_to(engine, ASK(USAGE "\"max_tokens\":3,"), &h);
    uint64_t p = h.usage.prompt_tokens;
    assert_int_equal(h.first_ns, p * 1000 + 50 * p * p);
    assert_int_equal(h.last_ns - h.first_ns, 2000000 + 1000 * (2 * p + 3));
    forget(&h);
    engine->free(engine);
}

static void test_same_seed_same_bytes(void **state)
{
    (void)state;
    struct buf texts[3] = {BUF_INIT, BUF_INIT, BUF_INIT};
    for (int i = 0; i < 3; i++) {
        struct engine *engine =
            make_engine(i < 2 ? "{\"jitter\":0.2,\"seed\":5}" : "{\"jitter\":0.2,\"seed\":6}");
        struct engine_answer a;
        struct drained d;
        ask(engine, "/v1/chat/completions", ASK("\"max_tokens\":50,"), &a);
        drain(a.feed, &d);
        a.feed = NULL;
        engine_answer_release(&a);
        for (size_t k = 0; k < d.count; k++)
            buf_printf(&texts[i], "%llu ", (unsigned long long)d.due_ns[k]);
        buf_append(&texts[i], d.bytes.data, d.bytes.len);
        buf_release(&d.bytes);
        engine->free(engine);
    }
    assert_string_equal(buf_text(&texts[0]), buf_text(&texts[1]));
    assert_string_not_equal(buf_text(&texts[0]), buf_text(&texts[2]));
    for (int i = 0; i < 3; i++)
        buf_release(&texts[i]);
}

static void test_document(void **state)
{
    (void)state;
    struct engine *engine = make_engine("{\"ttft_ms\":5,\"prefill_tok_s\":1e9,\"decode_tok_s\":100,"
                                        "\"answer_tokens\":11,\"reasoning_tokens\":3,\"tool_call\":true}");
    struct engine_answer a;
    struct drained d;
    ask(engine, "/v1/chat/completions", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}", &a);
    assert_int_equal(a.form, ANSWER_DOCUMENT);
    drain(a.feed, &d);
    assert_int_equal(d.count, 1);
    assert_in_range(d.due_ns[0], 105000000, 105001000);
    cJSON *document = json_parse(d.bytes.data, d.bytes.len, 65536, NULL);
    const cJSON *choice = json_member(document, "choices")->child;
    assert_string_equal(json_string(choice, "finish_reason"), "stop");
    assert_non_null(json_string(json_member(choice, "message"), "content"));
    assert_non_null(json_string(json_member(choice, "message"), "reasoning_content"));
    assert_int_equal(json_count(json_member(document, "usage"), "completion_tokens"), 11);
    cJSON_Delete(document);
    buf_release(&d.bytes);
    a.feed = NULL;
    engine_answer_release(&a);
    ask(engine, "/v1/chat/completions", "{" TOOLS "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}",
        &a);
    drain(a.feed, &d);
    document = json_parse(d.bytes.data, d.bytes.len, 65536, NULL);
    const cJSON *call = json_path(json_member(document, "choices")->child, "message.tool_calls")->child;
    assert_string_equal(json_string(json_member(call, "function"), "name"), "find");
    cJSON *arguments = cJSON_Parse(json_string(json_member(call, "function"), "arguments"));
    assert_non_null(json_string(arguments, "query"));
    cJSON_Delete(arguments);
    cJSON_Delete(document);
    buf_release(&d.bytes);
    a.feed = NULL;
    engine_answer_release(&a);
    engine->free(engine);
}

static void test_context(void **state)
{
    (void)state;
    struct engine *engine = make_engine("{\"context\":24}");
    struct engine_answer a;
    struct heard h;
    ask(engine, "/v1/chat/completions",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"a b c d e f g h i j k l m n o p q r s t u v w x y "
        "z\"}]}",
        &a);
    assert_int_equal(a.status, 400);
    assert_non_null(strstr(buf_text(&a.document), "exceed_context_size_error"));
    assert_non_null(strstr(buf_text(&a.document), "\"n_ctx\":24"));
    engine_answer_release(&a);
    listen_to(engine, ASK(USAGE "\"max_tokens\":100,"), &h); /* the context ends the answer */
    assert_string_equal(h.finish, "length");
    assert_int_equal(h.usage.prompt_tokens + h.usage.completion_tokens, 24);
    forget(&h);
    engine->free(engine);
}

static void expect_status(struct engine *engine, const char *path, const char *body, int status)
{
    struct engine_answer a;
    ask(engine, path, body, &a);
    if (a.status != status)
        fail_msg("%s %s: %d", path, body ? body : "", a.status);
    engine_answer_release(&a);
}

static void test_requests_that_are_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {"",
                                        "[]",
                                        "{",
                                        "{}",
                                        "{\"messages\":{}}",
                                        "{\"messages\":[1]}",
                                        "{\"messages\":[{\"content\":\"x\"}]}",
                                        "{\"messages\":[{\"role\":1}]}",
                                        "{\"messages\":[]} x"};
    struct engine *engine = make_engine("{}");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        expect_status(engine, "/v1/chat/completions", wrong[i], 400);
    expect_status(engine, "/v1/chat/completions", NULL, 404);
    expect_status(
        engine, "/v1/chat/completions",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\\u0000\\ud800\"},7,"
        "{\"type\":\"image_url\"}],\"x\":null},{\"role\":\"assistant\",\"content\":null}],\"max_tokens\":-3,"
        "\"stream\":\"yes\",\"stream_options\":null,\"tools\":3}",
        200);
    engine->free(engine);
}

static void test_information(void **state)
{
    (void)state;
    static const char *const both[] = {"/v1/models", "/health"};
    static const char *const llama[] = {"/props", "/slots"};
    struct engine *one = make_engine("{}"), *other = make_engine("{\"style\":\"openai\"}");
    for (size_t i = 0; i < 2; i++) {
        expect_status(one, both[i], NULL, 200);
        expect_status(other, both[i], NULL, 200);
        expect_status(one, llama[i], NULL, 200);
        expect_status(other, llama[i], NULL, 404);
    }
    expect_status(one, "/version", NULL, 404);
    expect_status(other, "/version", NULL, 200);
    expect_status(one, "/v1/cache/reset", "", 404);
    expect_status(one, "/tokenize", "{\"content\":3}", 400);
    expect_status(other, "/tokenize", "{\"content\":\"x\"}", 400);
    expect_status(other, "/tokenize", "{\"prompt\":\"x\"}", 200);
    expect_status(one, "/tokenize", "{\"content\":\"x\"", 400);
    struct engine_answer a;
    ask(one, "/tokenize", "{\"content\":\"<|im_start|>user\\nhello\"}", &a);
    cJSON *document = json_parse(a.document.data, a.document.len, 4096, NULL);
    assert_int_equal(cJSON_GetArraySize(json_member(document, "tokens")), 4);
    cJSON_Delete(document);
    engine_answer_release(&a);
    ask(one, "/tokenize", "{\"with_pieces\":true,\"content\":\"sea: \\u6d77\\u6d77\"}", &a);
    document = json_parse(a.document.data, a.document.len, 4096, NULL);
    char *pieces = cJSON_PrintUnformatted(document);
    assert_non_null(strstr(pieces, "\"piece\":\"sea\"},{\"id\":"));
    assert_non_null(strstr(pieces, "\"piece\":\":\"},{\"id\":"));
    assert_non_null(strstr(pieces, "\"piece\":[32,230,181,183,230,181]},{\"id\":"));
    assert_non_null(strstr(pieces, "\"piece\":[183]}]}"));
    cJSON_free(pieces);
    cJSON_Delete(document);
    engine_answer_release(&a);
    ask(one, "/v1/chat/completions/input_tokens", ASK(""), &a);
    assert_string_equal(buf_text(&a.document), "{\"input_tokens\":14}");
    engine_answer_release(&a);
    ask(one, "/apply-template", ASK(""), &a);
    assert_string_equal(buf_text(&a.document), "{\"prompt\":\"<|im_start|>user\\nTell me of the "
                                               "sea<|im_end|>\\n<|im_start|>assistant\\n\"}");
    engine_answer_release(&a);
    one->free(one);
    other->free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_cached_prompt_is_fast),
        cmocka_unit_test(test_stop_and_silent_tokens),
        cmocka_unit_test(test_tool_call),
        cmocka_unit_test(test_bursts),
        cmocka_unit_test(test_options_of_the_stream),
        cmocka_unit_test(test_slower_with_depth),
        cmocka_unit_test(test_same_seed_same_bytes),
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_requests_that_are_none),
        cmocka_unit_test(test_information),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
