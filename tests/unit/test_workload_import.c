/* SPDX-License-Identifier: MIT */
/* Workloads made of other people's requests: prompts share what their sources share and nothing else, every
 * truncation is refused or whole, and what does not fit is refused by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "analyze/workload_cache.h"
#include "formats/block_text.h"
#include "formats/io.h"
#include "formats/workload_import.h"

#define HEAD sizeof "[{\"role\":\"user\",\"content\":\"" - 1

static void read_sample(const char *name, struct buf *out)
{
    char path[400];
    struct error e = {0};
    snprintf(path, sizeof path, "%s/imports/%s", TEST_DATA, name);
    if (io_read_file(path, 1 << 24, out, &e))
        fail_msg("%s", e.text);
}

static int import(const void *bytes, size_t len, const char *kind, uint64_t first, struct buf *json,
                  struct error *e)
{
    struct workload_import_options options = {.kind = kind, .first = first};
    struct workload_import_result result;
    memset(e, 0, sizeof *e);
    return workload_import_memory(bytes, len, &options, json, &result, e);
}

static void make(const char *text, const char *kind, struct workload *w)
{
    struct buf json = BUF_INIT;
    struct error e;
    if (import(text, strlen(text), kind, 0, &json, &e) || workload_parse(w, json.data, json.len, &e))
        fail_msg("%s", e.text);
    buf_release(&json);
}

static size_t common(const struct workload *w, size_t a, size_t b)
{
    size_t i = 0;
    while (w->phases[a].messages[i] && w->phases[a].messages[i] == w->phases[b].messages[i])
        i++;
    return i;
}

/* A first word may begin with the same few letters by chance. */
static void shares(const struct workload *w, size_t a, size_t b, size_t tokens)
{
    size_t bytes = common(w, a, b), wanted = HEAD + tokens * BLOCK_TEXT_TOKEN_BYTES;
    if (bytes < wanted || bytes > wanted + 4)
        fail_msg("phases %zu and %zu share %zu bytes, not %zu", a, b, bytes, wanted);
}

static void test_prompts_share_what_their_blocks_do(void **state)
{
    struct workload w;
    (void)state;
    make("{\"input_length\":1100,\"output_length\":7,\"hash_ids\":[1,2,3]}\n"
         "{\"input_length\":1536,\"output_length\":0,\"hash_ids\":[1,2,4]}\n"
         "{\"input_length\":1000,\"output_length\":9,\"hash_ids\":[1,5]}\n"
         "{\"input_length\":600,\"output_length\":9,\"hash_ids\":[2,1]}\n"
         "{\"input_length\":700,\"output_length\":9,\"hash_ids\":[2]}\n"
         "{\"input_length\":1000,\"output_length\":9,\"hash_ids\":[1,5]}\n",
         "mooncake", &w);
    assert_int_equal(w.phase_count, 6);
    assert_int_equal(strlen(w.phases[0].messages), HEAD + 4400 + strlen("\"}]"));
    assert_int_equal(w.phases[0].max_tokens, 7);
    assert_int_equal(w.phases[1].max_tokens, 1);
    shares(&w, 0, 1, 1024);
    shares(&w, 0, 2, 512);
    shares(&w, 0, 3, 0);
    shares(&w, 3, 4, 512); /* behind the blocks is nobody else's */
    assert_string_equal(w.phases[2].messages, w.phases[5].messages);
    workload_release(&w);
}

/* Block numbers are the conversation's own, and a sub-agent's requests stand where it was called. */
static void test_agents(void **state)
{
    struct workload w;
    (void)state;
    make("{\"requests\":[{\"type\":\"n\",\"in\":130,\"out\":5,\"hash_ids\":[1,2,3]},"
         "{\"type\":\"subagent\",\"requests\":[{\"in\":64,\"out\":6,\"hash_ids\":[9],\"think_time\":1.25}]},"
         "{\"type\":\"s\",\"in\":200,\"out\":7,\"hash_ids\":[1,2,3,4]}],\"block_size\":64}",
         "weka", &w);
    assert_int_equal(w.phase_count, 3);
    assert_string_equal(w.phases[0].name, "c1-r00001");
    assert_string_equal(w.phases[1].name, "c1-a1-r00002");
    assert_int_equal(w.phases[1].think_ms, 1250);
    shares(&w, 0, 2, 130);
    shares(&w, 0, 1, 0);
    workload_release(&w);
}

static void test_transcripts_keep_their_words(void **state)
{
    struct workload w;
    (void)state;
    make("{\"messages\": [{\"role\":\"user\", \"content\":\"a\\u00e9\"}, "
         "{\"role\":\"assistant\",\"content\":\"b\"},"
         "{\"role\":\"user\",\"content\":\"c\"},{\"role\":\"assistant\",\"content\":\"d\"}]}\n"
         "{\"messages\":[{\"role\":\"user\",\"content\":\"e\"}],\"tools\":[{\"type\":\"function\","
         "\"function\":{\"name\":\"f\"}}]}",
         "messages", &w);
    assert_int_equal(w.phase_count, 3);
    assert_string_equal(w.phases[0].messages, "[{\"role\":\"user\",\"content\":\"a\\u00e9\"}]");
    assert_int_equal(workload_parent(&w, 1), 0);
    assert_string_equal(w.phases[2].name, "c2-t1");
    assert_non_null(w.phases[2].tools);
    workload_release(&w);
}

static void test_every_truncation(void **state)
{
    static const char *const samples[][2] = {
        {"mooncake.jsonl", "mooncake"}, {"weka.json", "weka"}, {"messages.jsonl", "messages"}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct buf file = BUF_INIT, json = BUF_INIT;
        struct error e;
        read_sample(samples[i][0], &file);
        int is_lines = i != 1;
        for (size_t len = 0; len < file.len - 1; len += 5) {
            int status = import(file.data, len, samples[i][1], 2, &json, &e);
            const unsigned char *line_end = memchr(file.data, '\n', file.len);
            int may = is_lines && len >= (size_t)(line_end - file.data);
            if ((status == TT_OK && !may) || (status && !e.text[0]))
                fail_msg("%s, %zu bytes: %d %s", samples[i][0], len, status, e.text);
            buf_release(&json);
        }
        assert_int_equal(import(file.data, file.len, "auto", 0, &json, &e), TT_OK);
        buf_release(&json);
        buf_release(&file);
    }
}

static void refused(const char *text, const char *kind, enum tt_err code, const char *sentence)
{
    struct buf json = BUF_INIT;
    struct error e;
    int status = import(text, strlen(text), kind, 0, &json, &e);
    if (status != (int)code || !strstr(e.text, sentence))
        fail_msg("%d '%s', not %d '%s'", status, e.text, (int)code, sentence);
    buf_release(&json);
}

static void test_refusals(void **state)
{
    struct buf text = BUF_INIT, json = BUF_INIT;
    struct error e;
    (void)state;
    refused("", "auto", TT_SYNTAX, "the file is empty");
    refused("{\"a\":1}", "auto", TT_USAGE, "no trace of requests");
    refused("{\"hash_ids\":[1]}", "mooncake", TT_SYNTAX, "no input_length");
    refused("{\"input_length\":-1,\"hash_ids\":[]}", "mooncake", TT_SYNTAX, "line 1, 'input_length'");
    refused("{\"input_length\":1,\"hash_ids\":[1.5]}", "mooncake", TT_SYNTAX, "whole number");
    refused("{\"input_length\":99999999,\"hash_ids\":[]}", "mooncake", TT_LIMIT, "over the limit");
    refused("{\"requests\":[],\"block_size\":0}", "weka", TT_SYNTAX, "no tokens");
    refused("{\"requests\":[],\"block_size\":16}", "weka", TT_USAGE, "no requests");
    refused("{\"messages\":[]}", "messages", TT_USAGE, "no requests");
    refused("{\"messages\":[{\"role\":\"user\"},5]}", "messages", TT_USAGE, "makes no workload");
    for (int i = 0; i < 1025; i++)
        buf_printf(&text, "{\"input_length\":1,\"hash_ids\":[%d]}\n", i);
    refused(buf_text(&text), "mooncake", TT_LIMIT, "--first N");
    assert_int_equal(import(text.data, text.len, "mooncake", 1024, &json, &e), TT_OK);
    buf_release(&json);
    buf_release(&text);
}

/* Four prompts of two blocks: the second repeats the first, the third shares a block, the fourth nothing. */
static void test_theoretical_reuse(void **state)
{
    struct workload w;
    struct workload_cache cache;
    struct cache_policy own = {CACHE_BLOCK, 512};
    (void)state;
    make("{\"input_length\":1024,\"hash_ids\":[1,2]}\n{\"input_length\":1024,\"hash_ids\":[1,2]}\n"
         "{\"input_length\":1024,\"hash_ids\":[1,3]}\n{\"input_length\":1024,\"hash_ids\":[4,2]}\n",
         "mooncake", &w);
    assert_int_equal(workload_cache_compute(&cache, &w, &own), TT_OK);
    assert_int_equal(cache.reuse[cache.count - 1].cacheable, 1024 + 512);
    assert_in_range(cache.reuse[0].cacheable, 1024 + 512, 1024 + 512 + 4 * 8);
    assert_in_range(cache.prompt, 4096, 4096 + 4 * 10);
    workload_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prompts_share_what_their_blocks_do),
        cmocka_unit_test(test_agents),
        cmocka_unit_test(test_transcripts_keep_their_words),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_theoretical_reuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
