/* SPDX-License-Identifier: MIT */
/* What one event says: every engine's spellings, and nothing from what is no chunk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/chat.h"
#include "formats/error.h"
#include "tests/unit/frame_text.h"

struct expectation {
    const char *data, *frame;
};

typedef void classify_fn(const void *data, size_t len, struct buf *scratch, struct chat_frame *frame);

static void check_all(classify_fn *classify, const struct expectation *cases, size_t count)
{
    struct buf scratch = BUF_INIT, seen = BUF_INIT;
    struct chat_frame frame;
    memset(&frame, 0xA5, sizeof frame); /* classification must not rely on what was there */
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(cases[i].data);
        char *copy = mem_strndup(cases[i].data, len);
        assert_non_null(copy);
        classify(copy, len, &scratch, &frame);
        buf_clear(&seen);
        frame_text(&seen, &frame);
        if (strcmp(buf_text(&seen), cases[i].frame) != 0)
            fail_msg("%s\n  is       %s\n  but gave %s", cases[i].data, cases[i].frame, buf_text(&seen));
        mem_free(copy);
    }
    buf_release(&scratch);
    buf_release(&seen);
}

#define CHECK_CHUNKS(cases)    check_all(chat_classify, cases, sizeof(cases) / sizeof *(cases))
#define CHECK_DOCUMENTS(cases) check_all(chat_classify_document, cases, sizeof(cases) / sizeof *(cases))

#define CHOICE(members) "{\"choices\":[{\"index\":0," members "}]}"
#define DELTA(members)  CHOICE("\"delta\":{" members "}")

static void knows_text(void **state)
{
    static const struct expectation cases[] = {
        {DELTA("\"content\":\"Hi\""), "content content=\"Hi\""},
        {DELTA("\"role\":\"assistant\",\"content\":\"a\\n\\u00e9\\ud83d\\ude00\""),
         "content content=\"a\\n\xC3\xA9\xF0\x9F\x98\x80\""},
        {DELTA("\"content\":\"\\u0000\""), "content content=\"\\u0000\""},
        {DELTA("\"content\":\"\\ud800x\xFF\""), "content content=\"\xEF\xBF\xBDx\xEF\xBF\xBD\""},
        {DELTA("\"c\\u006fntent\":\"key\""), "content content=\"key\""},
        {DELTA("\"reasoning_content\":\"R\""), "reasoning reasoning=\"R\""},
        {DELTA("\"reasoning\":\"R\""), "reasoning reasoning=\"R\""},
        {DELTA("\"reasoning_content\":\"R\",\"reasoning\":\"R\""), "reasoning reasoning=\"R\""},
        {DELTA("\"reasoning\":\"S\",\"reasoning_content\":\"R\""), "reasoning reasoning=\"R\""},
        {DELTA("\"reasoning\":\"S\",\"reasoning_content\":\"\""), "reasoning reasoning=\"S\""},
        {DELTA("\"reasoning\":\"S\",\"reasoning_content\":null"), "reasoning reasoning=\"S\""},
        {DELTA("\"reasoning_content\":\"R\",\"content\":\"C\""), "content content=\"C\" reasoning=\"R\""},
        {DELTA("\"content\":\"\",\"reasoning_content\":\"R\""), "reasoning reasoning=\"R\""},
        {CHOICE("\"text\":\" legacy\",\"logprobs\":null"), "content content=\" legacy\""},
        {CHOICE("\"delta\":{\"content\":\"C\"},\"text\":\"T\""), "content content=\"C\""},
        {DELTA("\"content\":7,\"reasoning\":{\"a\":1},\"reasoning_content\":[\"x\"]"), "role"},
        {CHOICE("\"delta\":{\"content\":\"x\"},\"token_ids\":[311,5046,419]"), "content content=\"x\" ids=3"},
        {CHOICE("\"delta\":{\"content\":\"x\"},\"token_ids\":[]"), "content content=\"x\" ids=0"},
        {CHOICE("\"delta\":{\"content\":\"x\"},\"token_ids\":null"), "content content=\"x\""},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void knows_what_bears_no_token(void **state)
{
    static const struct expectation cases[] = {
        {"{}", "role"},
        {DELTA("\"role\":\"assistant\""), "role"},
        {DELTA("\"role\":\"assistant\",\"content\":\"\""), "role"},
        {DELTA("\"role\":\"assistant\",\"content\":null"), "role"},
        {DELTA("\"tool_calls\":null"), "role"},
        {DELTA("\"tool_calls\":[]"), "role"},
        {CHOICE("\"delta\":null"), "role"},
        {CHOICE("\"finish_reason\":null"), "role"},
        {"{\"choices\":[]}", "role"},
        {"{\"choices\":null}", "role"},
        {"{\"choices\":[null]}", "role"},
        {"{\"choices\":{\"delta\":{\"content\":\"x\"}}}", "role"},
        {"{\"error\":null}", "role"},
        {"{\"error\":false}", "role"},
        {"{\"usage\":null}", "role"},
        {"{\"usage\":{}}", "role"},
        {"{\"timings\":{\"predicted_per_second\":101.5}}", "role"},
        {"{\"detail\":\"only in a document\"}", "role"},
        {CHOICE("\"finish_reason\":\"stop\",\"delta\":{}"), "finish finish=\"stop\""},
        {CHOICE("\"finish_reason\":\"\",\"delta\":{}"), "role"},
        {CHOICE("\"finish_reason\":\"stop\",\"delta\":{\"content\":\"x\"}"),
         "content content=\"x\" finish=\"stop\""},
        {"[DONE]", "done"},
        {" [DONE]\t", "done"},
        {"[done]", "malformed"},
        {"[DONE", "malformed"},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void knows_tool_calls(void **state)
{
    static const struct expectation cases[] = {
        {DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":"
               "\"f\",\"arguments\":"
               "\"{\"}}]"),
         "tool_call tool=0,\"c1\",\"f\",\"{\""},
        {DELTA("\"tool_calls\":[{\"index\":1,\"function\":{\"arguments\":\"\\\"p\\\"\"}}]"),
         "tool_call tool=1,\"\",\"\",\"\\\"p\\\"\""},
        {DELTA("\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]"),
         "tool_call tool=-,\"\",\"f\",\"\""},
        {DELTA("\"tool_calls\":[{\"index\":0,\"id\":\"c1\"}]"), "role tool=0,\"c1\",\"\",\"\""},
        {DELTA("\"tool_calls\":[{\"index\":0,\"function\":{\"name\":null,\"arguments\":null}}]"),
         "role tool=0,\"\",\"\",\"\""},
        {DELTA("\"tool_calls\":[{\"function\":{\"name\":\"a\"}},{\"function\":{\"name\":\"b\"}}]"),
         "tool_call tool=-,\"\",\"a\",\"\" tool=-,\"\",\"b\",\"\""},
        {DELTA("\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\": [1]}}}]"),
         "tool_call tool=-,\"\",\"f\",\"{\\\"a\\\": [1]}\""},
        {DELTA("\"function_call\":{\"name\":\"old\",\"arguments\":\"{}\"}"),
         "tool_call tool=-,\"\",\"old\",\"{}\""},
        {DELTA("\"function_call\":null"), "role"},
        {DELTA("\"content\":\"x\",\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]"),
         "content content=\"x\" tool=-,\"\",\"f\",\"\""},
        {DELTA("\"reasoning\":\"r\",\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]"),
         "tool_call reasoning=\"r\" tool=-,\"\",\"f\",\"\""},
        {DELTA("\"tool_calls\":[7,null,\"x\"]"),
         "role tool=-,\"\",\"\",\"\" tool=-,\"\",\"\",\"\" tool=-,\"\",\"\",\"\""},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void reads_only_the_first_choice(void **state)
{
    static const struct expectation cases[] = {
        {"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}},{\"index\":1,\"delta\":{\"content\":"
         "\"b\"}}]}",
         "content content=\"a\""},
        {"{\"choices\":[{\"delta\":{\"content\":\"b\",\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]},"
         "\"index\":1,"
         "\"finish_reason\":\"stop\"}]}",
         "role"},
        {"{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}},{\"index\":0,\"delta\":{\"content\":"
         "\"a\"}}]}",
         "content content=\"a\""},
        {"{\"choices\":[{\"delta\":{\"content\":\"a\"}},{\"delta\":{\"content\":\"b\"}}]}",
         "content content=\"a\""},
        {"{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}},{\"index\":0,]}", "malformed"},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void knows_usage(void **state)
{
    static const struct expectation cases[] = {
        {"{\"choices\":[],\"usage\":{\"prompt_tokens\":8265,\"completion_tokens\":42,\"prompt_tokens_"
         "details\":{\"cached_"
         "tokens\":6615}}}",
         "usage usage=prompt=8265,completion=42,cached=6615"},
        {"{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_"
         "tokens\":0}}}",
         "usage usage=prompt=1,completion=2,cached=0"},
        {"{\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}",
         "usage usage=prompt=1,completion=2,cached=absent"},
        {"{\"usage\":{\"prompt_tokens\":1,\"prompt_tokens_details\":{}}}",
         "usage usage=prompt=1,completion=-,cached=absent"},
        {"{\"usage\":{\"prompt_tokens\":1,\"prompt_tokens_details\":null}}",
         "usage usage=prompt=1,completion=-,cached=null"},
        {"{\"usage\":{\"prompt_tokens\":1,\"prompt_tokens_details\":{\"cached_tokens\":null}}}",
         "usage usage=prompt=1,completion=-,cached=null"},
        {"{\"usage\":{\"prompt_tokens\":1,\"cached_tokens\":6144}}",
         "usage usage=prompt=1,completion=-,cached=6144"},
        {"{\"usage\":{\"prompt_tokens\":1,\"cached_tokens\":5,\"prompt_tokens_details\":null}}",
         "usage usage=prompt=1,completion=-,cached=5"},
        {"{\"usage\":{\"cached_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":7}}}",
         "usage usage=prompt=-,completion=-,cached=7"},
        {"{\"usage\":{\"cached_tokens\":null}}", "usage usage=prompt=-,completion=-,cached=null"},
        {"{\"usage\":{\"prompt_tokens\":1,\"cached_tokens\":-1}}",
         "usage usage=prompt=1,completion=-,cached=absent"},
        {"{\"usage\":{\"prompt_tokens\":\"1\",\"completion_tokens\":1.5}}", "role"},
        {CHOICE("\"finish_reason\":\"stop\"") "", "finish finish=\"stop\""},
        {"{\"choices\":[{\"finish_reason\":\"stop\",\"delta\":{}}],\"usage\":{\"completion_tokens\":3}}",
         "finish finish=\"stop\" usage=prompt=-,completion=3,cached=absent"},
        {"{\"choices\":[{\"delta\":{\"role\":\"assistant\"}}],\"usage\":{\"prompt_tokens\":3,\"completion_"
         "tokens\":0}}",
         "role usage=prompt=3,completion=0,cached=absent"},
        {"{\"usage\":{\"prompt_tokens\":9223372036854775808}}",
         "usage usage=prompt=9223372036854775808,completion=-,cached=absent"},
        {"{\"usage\":{\"prompt_tokens\":18446744073709551615}}", "role"},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void knows_timings_and_progress(void **state)
{
    static const struct expectation cases[] = {
        {"{\"timings\":{\"cache_n\":1,\"prompt_n\":11,\"prompt_ms\":2.5,\"predicted_n\":24,\"predicted_ms\":"
         "30.75}}",
         "timings timings=cache_n=1,prompt_n=11,prompt_ms=2.5,predicted_n=24,predicted_ms=30.75,draft_n=-,"
         "draft_n_accepted=-"},
        {"{\"choices\":[],\"timings\":{\"draft_n\":4,\"draft_n_accepted\":3}}",
         "timings "
         "timings=cache_n=-,prompt_n=-,prompt_ms=-,predicted_n=-,predicted_ms=-,draft_n=4,draft_n_accepted="
         "3"},
        {"{\"timings\":{\"predicted_ms\":1e999,\"predicted_n\":1}}",
         "timings "
         "timings=cache_n=-,prompt_n=-,prompt_ms=-,predicted_n=1,predicted_ms=-,draft_n=-,draft_n_accepted="
         "-"},
        {"{\"choices\":[{\"delta\":{\"content\":null}}],\"prompt_progress\":{\"total\":9,\"cache\":1,"
         "\"processed\":5,\"time_ms\":"
         "3}}",
         "progress progress=total=9,cached=1,processed=5"},
        {"{\"prompt_progress\":{\"processed\":5},\"timings\":{\"prompt_n\":4}}",
         "progress "
         "timings=cache_n=-,prompt_n=4,prompt_ms=-,predicted_n=-,predicted_ms=-,draft_n=-,draft_n_accepted=- "
         "progress=total=-,cached=-,processed=5"},
        {"{\"omlx_progress\":{\"phase\":\"prefill\",\"processed\":5,\"total\":9}}",
         "progress progress=total=9,cached=-,processed=5"},
        {"{\"choices\":[{\"delta\":{\"role\":\"assistant\"}}],\"timings\":{\"predicted_n\":0}}",
         "role "
         "timings=cache_n=-,prompt_n=-,prompt_ms=-,predicted_n=0,predicted_ms=-,draft_n=-,draft_n_accepted="
         "-"},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void knows_errors(void **state)
{
    static const struct expectation cases[] = {
        {"{\"error\":{\"message\":\"out of memory\",\"code\":500}}", "error error=\"out of memory\""},
        {"{\"error\":\"[metal::malloc] failed\"}", "error error=\"[metal::malloc] failed\""},
        {"{\"error\":\"\"}", "error"},
        {"{\"error\":{\"code\": 500}}", "error error=\"{\\\"code\\\": 500}\""},
        {"{\"error\":{\"message\":null}}", "error error=\"{\\\"message\\\":null}\""},
        {"{\"error\":true}", "error error=\"true\""},
        {"{\"error\":[\"a\"]}", "error error=\"[\\\"a\\\"]\""},
        {"{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}",
         "error error=\"busy\""},
        {"{\"object\":\"error\",\"message\":\"no such model\"}", "error error=\"no such model\""},
        {"{\"choices\":[{\"delta\":{\"content\":\"x\"}}],\"error\":\"late\"}",
         "error content=\"x\" error=\"late\""},
        {"{\"error\":{\"message\":\"a\"", "malformed"},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void knows_anthropic_events(void **state)
{
    static const struct expectation cases[] = {
        {"{\"type\":\"message_start\",\"message\":{\"role\":\"assistant\",\"content\":[],\"stop_reason\":"
         "null,\"usage\":{\"cache_"
         "read_input_tokens\":10,\"input_tokens\":2,\"output_tokens\":0}}}",
         "usage usage=prompt=12,completion=-,cached=10"},
        {"{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\","
         "\"thinking\":\"\"}}",
         "role"},
        {"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":"
         "\"hm\"}}",
         "reasoning reasoning=\"hm\""},
        {"{\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}",
         "content content=\"Hi\""},
        {"{\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":"
         "\"t1\",\"name\":\"f\","
         "\"input\":{}}}",
         "tool_call tool=2,\"t1\",\"f\",\"\""},
        {"{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{"
         "\\\"a\\\"\"},\"index\":2}",
         "tool_call tool=2,\"\",\"\",\"{\\\"a\\\"\""},
        {"{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\","
         "\"signature\":\"abc\"}}",
         "role"},
        {"{\"type\":\"content_block_stop\",\"index\":0}", "role"},
        {"{\"type\":\"ping\"}", "role"},
        {"{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\",\"stop_sequence\":null},"
         "\"usage\":{\"output_"
         "tokens\":16}}",
         "finish finish=\"max_tokens\" usage=prompt=-,completion=16,cached=absent"},
        {"{\"type\":\"message_stop\"}", "done"},
        {"{\"usage\":{\"input_tokens\":9223372036854775808,\"cache_read_input_tokens\":9223372036854775808}}",
         "usage usage=prompt=-,completion=-,cached=9223372036854775808"},
        {"{\"usage\":{\"input_tokens\":1,\"cache_read_input_tokens\":2,\"cache_creation_input_tokens\":4}}",
         "usage usage=prompt=7,completion=-,cached=2"},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void refuses_what_is_no_chunk(void **state)
{
    static const struct expectation cases[] = {
        {"", "malformed"},
        {" ", "malformed"},
        {"null", "malformed"},
        {"[]", "malformed"},
        {"\"text\"", "malformed"},
        {"7", "malformed"},
        {"{", "malformed"},
        {"{}x", "malformed"},
        {"hello", "malformed"},
        {"{\"choices\":[{\"delta\":{\"content\":\"x\"}}]", "malformed"},
        {"{\"choices\":[{\"delta\":{\"content\":\"x\",\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]}}],}",
         "malformed"},
        {"{\"usage\":{\"prompt_tokens\":01}}", "malformed"},
        {"{\"id\":\"\n\",\"choices\":[]}", "malformed"},
    };
    (void)state;
    CHECK_CHUNKS(cases);
}

static void classifies_documents(void **state)
{
    static const struct expectation cases[] = {
        {"  "
         "{\"choices\":[{\"index\":0,\"finish_reason\":\"length\",\"message\":{\"role\":\"assistant\","
         "\"content\":\"\","
         "\"reasoning_content\":\"hm\"}}],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":24}}\n",
         "reasoning reasoning=\"hm\" finish=\"length\" usage=prompt=12,completion=24,cached=absent"},
        {"{\"choices\":[{\"finish_reason\":\"tool_calls\",\"message\":{\"content\":null,\"tool_calls\":[{"
         "\"id\":\"a\","
         "\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},{\"id\":\"b\",\"function\":{\"name\":\"g\","
         "\"arguments\":\"{}\"}}]}}]}",
         "tool_call tool=-,\"a\",\"f\",\"{}\" tool=-,\"b\",\"g\",\"{}\" finish=\"tool_calls\""},
        {"{\"error\":{\"code\":400,\"message\":\"too long\"}}", "error error=\"too long\""},
        {"{\"detail\":\"Not Found\"}", "error error=\"Not Found\""},
        {"{\"detail\":[{\"loc\":[\"body\"]}]}", "error error=\"[{\\\"loc\\\":[\\\"body\\\"]}]\""},
        {"{\"status\":\"ok\"}", "role"},
        {"<html>502 Bad Gateway</html>", "malformed"},
        {"[DONE]", "malformed"},
        {"", "malformed"},
    };
    (void)state;
    CHECK_DOCUMENTS(cases);
}

static void classifies_comments(void **state)
{
    static const struct expectation cases[] = {
        {"", "comment"},
        {" keep-alive", "comment"},
        {" keepalive", "comment"},
        {" keepalive 2048/8265", "progress progress=total=8265,cached=-,processed=2048"},
        {"keepalive 0/1 ", "progress progress=total=1,cached=-,processed=0"},
        {" keepalive 2048/", "comment"},
        {" keepalive /8265", "comment"},
        {" keepalive 2048 8265", "comment"},
        {" keepalive 2048/8265x", "comment"},
        {" keepalive 99999999999999999999/1", "comment"},
        {" keepalive -1/5", "comment"},
    };
    struct buf seen = BUF_INIT;
    struct chat_frame frame;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        chat_classify_comment(cases[i].data, strlen(cases[i].data), &frame);
        buf_clear(&seen);
        frame_text(&seen, &frame);
        assert_string_equal(buf_text(&seen), cases[i].frame);
    }
    buf_release(&seen);
}

static void keeps_only_so_many_tools(void **state)
{
    struct buf text = BUF_INIT, scratch = BUF_INIT;
    struct chat_frame frame;
    (void)state;
    buf_puts(&text, "{\"choices\":[{\"delta\":{\"tool_calls\":[");
    for (int i = 0; i < CHAT_TOOLS_MAX + 5; i++)
        buf_printf(&text, "%s{\"index\":%d,\"function\":{\"name\":\"\\u0066%d\"}}", i ? "," : "", i, i);
    buf_puts(&text, "]}}]}");
    chat_classify(text.data, text.len, &scratch, &frame);
    assert_int_equal(frame.kind, FRAME_TOOL_CALL);
    assert_int_equal(frame.tool_count, CHAT_TOOLS_MAX);
    assert_int_equal(frame.tools_dropped, 5);
    assert_int_equal(frame.tools[CHAT_TOOLS_MAX - 1].index, CHAT_TOOLS_MAX - 1);
    assert_memory_equal(frame.tools[0].name.data, "f0", 2); /* not moved by what was decoded after it */
    assert_memory_equal(frame.tools[CHAT_TOOLS_MAX - 1].name.data, "f31", 3);
    buf_release(&text);
    buf_release(&scratch);
}

/* Many texts that grow in decoding: all stay where the frame points to. */
static void decoded_texts_stay(void **state)
{
    struct buf text = BUF_INIT, scratch = BUF_INIT, seen = BUF_INIT;
    struct chat_frame frame;
    (void)state;
    buf_puts(&text, "{\"model\":\"\xFF\xFF\xFF\",\"system_fingerprint\":\"\xFE\",\"choices\":[{\"delta\":{"
                    "\"content\":\"");
    for (int i = 0; i < 100000; i++)
        buf_putc(&text, 0xFF);
    buf_puts(&text, "\",\"reasoning\":\"\\n\"}}]}");
    chat_classify(text.data, text.len, &scratch, &frame);
    assert_int_equal(frame.kind, FRAME_CONTENT);
    assert_int_equal(frame.content.len, 300000);
    quoted_text(&seen, frame.model);
    quoted_text(&seen, frame.fingerprint);
    quoted_text(&seen, frame.reasoning);
    assert_string_equal(buf_text(&seen), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"\"\xEF\xBF\xBD\"\"\\n\"");
    buf_release(&text);
    buf_release(&scratch);
    buf_release(&seen);
}

/* Without room for a text there is no frame, and the caller can see why. */
static void says_when_there_is_no_room(void **state)
{
    static const char data[] = DELTA("\"content\":\"a\\nb\"");
    struct buf scratch;
    struct chat_frame frame;
    (void)state;
    buf_init(&scratch, 10);
    chat_classify(data, sizeof data - 1, &scratch, &frame);
    assert_int_equal(frame.kind, FRAME_MALFORMED);
    assert_int_equal(scratch.failed, TT_LIMIT);
    assert_int_equal(frame.content.len, 0);
    chat_classify("{}", 2, &scratch, &frame);
    assert_int_equal(frame.kind, FRAME_ROLE);
    buf_release(&scratch);
}

static void names_every_kind(void **state)
{
    struct chat_frame frame;
    (void)state;
    for (int kind = FRAME_COMMENT; kind <= FRAME_MALFORMED; kind++) {
        int bears = kind == FRAME_REASONING || kind == FRAME_CONTENT || kind == FRAME_TOOL_CALL;
        frame.kind = (enum frame_kind)kind;
        assert_string_not_equal(frame_kind_name(frame.kind), "unknown");
        assert_int_equal(chat_is_token_bearing(&frame), bears);
    }
    assert_string_equal(frame_kind_name((enum frame_kind)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_text),
        cmocka_unit_test(knows_what_bears_no_token),
        cmocka_unit_test(knows_tool_calls),
        cmocka_unit_test(reads_only_the_first_choice),
        cmocka_unit_test(knows_usage),
        cmocka_unit_test(knows_timings_and_progress),
        cmocka_unit_test(knows_errors),
        cmocka_unit_test(knows_anthropic_events),
        cmocka_unit_test(refuses_what_is_no_chunk),
        cmocka_unit_test(classifies_documents),
        cmocka_unit_test(classifies_comments),
        cmocka_unit_test(keeps_only_so_many_tools),
        cmocka_unit_test(decoded_texts_stay),
        cmocka_unit_test(says_when_there_is_no_room),
        cmocka_unit_test(names_every_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
