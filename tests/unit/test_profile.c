/* SPDX-License-Identifier: MIT */
/* Profiles: what they say, what they may not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "replay/profile.h"

static int parse(struct profile *p, const char *text, struct error *e)
{
    memset(e, 0, sizeof *e);
    return profile_parse(p, text, strlen(text), e);
}

static void test_defaults(void **state)
{
    (void)state;
    struct profile p;
    struct error e;
    assert_int_equal(parse(&p, "{}", &e), TT_OK);
    assert_string_equal(p.name, "llama.cpp");
    assert_int_equal(p.style, STYLE_LLAMA_CPP);
    assert_int_equal(p.context, 131072);
    assert_int_equal(p.answer_tokens, ABSENT);
    assert_int_equal(p.cache_policy, CACHE_LAST);
    assert_true(isnan(p.acceptance) && isnan(p.header_ms));
    assert_true(p.usage && p.timings && p.done && p.role_chunk);
    assert_true(profile_mean_burst(&p) == 1);
    profile_release(&p);
}

static void test_every_key(void **state)
{
    (void)state;
    static const char text[] =
        "{\"name\":\"vllm\",\"version\":\"1\",\"model\":\"m\",\"quant\":\"Q4\",\"style\":\"openai\","
        "\"context\":4096,"
        "\"prefill_tok_s\":10,\"prefill_attention_ns\":0.5,\"ttft_ms\":7,\"header_ms\":3,\"decode_tok_s\":20,"
        "\"decode_depth_ns\":4,\"jitter\":0.1,\"seed\":9,\"tokens_per_burst\":[1,0,3],\"merge_bursts\":true,"
        "\"acceptance\":0.5,\"answer_tokens\":11,\"reasoning_tokens\":5,\"reasoning_field\":\"reasoning\","
        "\"tool_call\":true,\"prefix_cache\":\"slots:12\",\"block\":16,\"cache_reset\":true,\"cached_field\":"
        "\"null\","
        "\"usage\":false,\"timings\":false,\"done\":false,\"role_chunk\":false,\"keepalive_ms\":100}";
    struct profile p;
    struct error e;
    assert_int_equal(parse(&p, text, &e), TT_OK);
    assert_string_equal(p.name, "vllm");
    assert_string_equal(p.reasoning_field, "reasoning");
    assert_int_equal(p.style, STYLE_OPENAI);
    assert_true(p.prefill_tok_s == 10 && p.prefill_attention_ns == 0.5 && p.ttft_ms == 7 && p.header_ms == 3);
    assert_true(p.decode_tok_s == 20 && p.decode_depth_ns == 4 && p.jitter == 0.1 && p.keepalive_ms == 100);
    assert_int_equal(p.burst_max, 3);
    assert_true(p.burst_weights[0] == 0.25 && p.burst_weights[2] == 0.75);
    assert_true(profile_mean_burst(&p) == 2.5 && p.acceptance == 0.5);
    assert_int_equal(p.answer_tokens, 11);
    assert_int_equal(p.reasoning_tokens, 5);
    assert_int_equal(p.cache_policy, CACHE_SLOTS);
    assert_int_equal(p.cache_slots, 12);
    assert_int_equal(p.cache_block, 16);
    assert_int_equal(p.cached_field, CACHED_FIELD_NULL);
    assert_true(p.merge_bursts && p.tool_call && p.cache_reset);
    assert_false(p.usage || p.timings || p.done || p.role_chunk);
    profile_speed_up(&p, 2);
    assert_true(p.prefill_tok_s == 20 && p.ttft_ms == 3.5 && p.decode_tok_s == 40 && p.keepalive_ms == 50);
    assert_true(p.decode_depth_ns == 2 && p.prefill_attention_ns == 0.25 && p.header_ms == 1.5);
    profile_release(&p);
}

static void test_mean_burst(void **state)
{
    (void)state;
    static const double means[] = {1, 2, 2.25, 15.5, 16};
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++) {
        char text[64];
        struct profile p;
        struct error e;
        snprintf(text, sizeof text, "{\"tokens_per_burst\":%g}", means[i]);
        assert_int_equal(parse(&p, text, &e), TT_OK);
        assert_true(profile_mean_burst(&p) == means[i]);
        profile_release(&p);
    }
}

static void test_refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *named;
    } wrong[] = {
        {"{\"speeed\":1}", "speeed"},
        {"[]", "object"},
        {"{\"name\":\"\"}", "name"},
        {"{\"name\":\"a\\nb\"}", "name"},
        {"{\"model\":3}", "model"},
        {"{\"style\":\"other\"}", "style"},
        {"{\"context\":1.5}", "context"},
        {"{\"context\":8}", "context"},
        {"{\"decode_tok_s\":0}", "decode_tok_s"},
        {"{\"decode_tok_s\":\"fast\"}", "decode_tok_s"},
        {"{\"prefill_tok_s\":-1}", "prefill_tok_s"},
        {"{\"jitter\":0.9}", "jitter"},
        {"{\"seed\":-1}", "seed"},
        {"{\"tokens_per_burst\":0.5}", "tokens_per_burst"},
        {"{\"tokens_per_burst\":17}", "tokens_per_burst"},
        {"{\"tokens_per_burst\":[]}", "tokens_per_burst"},
        {"{\"tokens_per_burst\":[0,0]}", "tokens_per_burst"},
        {"{\"tokens_per_burst\":[-1,2]}", "tokens_per_burst"},
        {"{\"tokens_per_burst\":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]}", "tokens_per_burst"},
        {"{\"tokens_per_burst\":\"two\"}", "tokens_per_burst"},
        {"{\"acceptance\":0}", "acceptance"},
        {"{\"answer_tokens\":0}", "answer_tokens"},
        {"{\"prefix_cache\":\"slots\"}", "prefix_cache"},
        {"{\"prefix_cache\":\"slots:\"}", "prefix_cache"},
        {"{\"prefix_cache\":\"slots:0\"}", "prefix_cache"},
        {"{\"prefix_cache\":\"slots:65\"}", "prefix_cache"},
        {"{\"prefix_cache\":\"slots:99999999999999999999\"}", "prefix_cache"},
        {"{\"prefix_cache\":\"slots:2x\"}", "prefix_cache"},
        {"{\"prefix_cache\":1}", "prefix_cache"},
        {"{\"block\":0}", "block"},
        {"{\"cached_field\":\"zero\"}", "cached_field"},
        {"{\"usage\":1}", "usage"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct profile p;
        struct error e;
        if (parse(&p, wrong[i].text, &e) != TT_USAGE || !strstr(e.text, wrong[i].named))
            fail_msg("%s: %s", wrong[i].text, e.text);
        profile_release(&p);
    }
    struct profile p;
    struct error e;
    assert_int_equal(parse(&p, "{\"name\":", &e), TT_SYNTAX);
    profile_release(&p);
}

static void test_examples(void **state)
{
    (void)state;
    static const char *const names[] = {"fast", "slow", "bursts"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[256];
        struct profile p;
        struct error e = {0};
        snprintf(path, sizeof path, TEST_DATA "/profiles/%s.json", names[i]);
        if (profile_load(&p, path, &e))
            fail_msg("%s", e.text);
        assert_string_equal(p.model, names[i]);
        profile_release(&p);
    }
    struct profile p;
    struct error e = {0};
    assert_int_not_equal(profile_load(&p, "/nowhere/profile.json", &e), TT_OK);
    assert_non_null(strstr(e.text, "/nowhere/profile.json"));
    profile_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_every_key), cmocka_unit_test(test_mean_burst),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
