/* SPDX-License-Identifier: MIT */
/* The memo must give what reading the chunk gives, whatever came before: every edit of one byte of many
 * chunks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/chat_memo.h"
#include "tests/unit/frame_text.h"

#define LLAMA(content)                                                                                       \
    "{\"choices\":[{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":\"" content                    \
    "\"}}],\"created\":1748,\"id\":\"c\",\"model\":\"m\",\"system_fingerprint\":\"b1\"}"

/* Chunks that differ in little: alike but for the text, the text in another field, several texts, counts
 * beside it. */
static const char *const chunks[] = {
    LLAMA("Hi"),
    LLAMA(" there, \\\"you\\\"\\n"),
    LLAMA("\xC3\xA9\\ud83d\\ude00"),
    LLAMA(""),
    LLAMA("\xFF"),
    "{\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"R\"}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"R\",\"content\":\"C\"}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\",\"content\":\"b\"}}]}",
    "{\"choices\":[{\"index\":0,\"text\":\"t\"}],\"usage\":{\"completion_tokens\":3}}",
    "{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"o\"}},{\"index\":0,\"delta\":{\"content\":\"z\"}}]}",
    "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\",\"tool_calls\":[{\"index\":0,\"id\":\"i\"}]}}]}",
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"w\"}}",
    "{\"model\":\"m\\/n\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"q\"}}]}",
    "{\"error\":\"e\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"q\"}}]}",
    "[DONE]",
};
#define CHUNKS (sizeof chunks / sizeof *chunks)

struct pair {
    struct chat_memo memo;
    struct buf scratch[2], seen[2];
};

static struct pair *new_pair(void)
{
    struct pair *p = mem_zalloc(1, sizeof *p);
    assert_non_null(p);
    return p;
}

static void free_pair(struct pair *p)
{
    for (int i = 0; i < 2; i++) {
        buf_release(&p->scratch[i]);
        buf_release(&p->seen[i]);
    }
    mem_free(p);
}

static void check_same(struct pair *p, const char *data, size_t len)
{
    struct chat_frame frames[2];
    memset(frames, 0xA5, sizeof frames);
    chat_memo_classify(&p->memo, data, len, &p->scratch[0], &frames[0]);
    chat_classify(data, len, &p->scratch[1], &frames[1]);
    for (int i = 0; i < 2; i++) {
        buf_clear(&p->seen[i]);
        frame_text(&p->seen[i], &frames[i]);
    }
    if (strcmp(buf_text(&p->seen[0]), buf_text(&p->seen[1])) != 0)
        fail_msg("%.*s\n  is       %s\n  but gave %s", (int)len, data, buf_text(&p->seen[1]),
                 buf_text(&p->seen[0]));
}

/* Takes out the byte at `at`, or puts `c` there, instead of it or before it. */
static size_t edit(char *out, const char *in, size_t len, size_t at, int c, int is_insert)
{
    size_t skipped = is_insert ? 0 : 1, put = c >= 0;
    memcpy(out, in, at);
    if (put)
        out[at] = (char)c;
    memcpy(out + at + put, in + at + skipped, len - at - skipped);
    return len - skipped + put;
}

/* The edited chunk comes after the whole one, and the whole one after it. */
static void check_edits(struct pair *p, const char *before, const char *chunk)
{
    static const int replacements[] = {-1,  '"', '\\', 'n', 'u',  '{',  '}', ',',
                                       ':', '0', ' ',  0,   0x1f, 0xC3, 0xFF};
    char edited[1024];
    size_t len = strlen(chunk);
    assert_true(len + 1 < sizeof edited);
    for (size_t at = 0; at < len; at++) {
        for (size_t r = 0; r < sizeof replacements / sizeof *replacements; r++) {
            int is_insert = replacements[r] >= 0 && at % 2;
            size_t size = edit(edited, chunk, len, at, replacements[r], is_insert);
            check_same(p, before, strlen(before));
            check_same(p, edited, size);
        }
    }
}

static void every_edit_reads_the_same(void **state)
{
    (void)state;
    struct pair *p = new_pair();
    for (size_t i = 0; i < CHUNKS; i++)
        check_edits(p, chunks[i], chunks[i]);
    free_pair(p);
}

static void every_order_reads_the_same(void **state)
{
    (void)state;
    struct pair *p = new_pair();
    for (size_t i = 0; i < CHUNKS * CHUNKS * CHUNKS; i++) {
        const char *three[] = {chunks[i % CHUNKS], chunks[i / CHUNKS % CHUNKS], chunks[i / CHUNKS / CHUNKS]};
        for (size_t k = 0; k < 3; k++)
            check_same(p, three[k], strlen(three[k]));
    }
    free_pair(p);
}

/* Without this the tests above would pass for a memo that never remembers. Text of a chunk that is compared
 * points into that chunk. */
static void chunks_alike_are_not_read_again(void **state)
{
    (void)state;
    struct pair *p = new_pair();
    static const char next[] = LLAMA("another");
    struct chat_frame frame;
    chat_memo_classify(&p->memo, chunks[0], strlen(chunks[0]), &p->scratch[0], &frame);
    assert_true(frame.content.data >= p->memo.chunk && frame.content.data < p->memo.chunk + CHAT_MEMO_MAX);
    chat_memo_classify(&p->memo, next, sizeof next - 1, &p->scratch[0], &frame);
    assert_ptr_equal(frame.content.data, strstr(next, "another"));
    assert_memory_equal(frame.model.data, "m", frame.model.len);
    free_pair(p);
}

static void long_chunks_are_read(void **state)
{
    (void)state;
    struct pair *p = new_pair();
    static char text[CHAT_MEMO_MAX + 100], data[sizeof text + 200];
    for (size_t len = CHAT_MEMO_MAX - 100; len < sizeof text; len += 7) {
        memset(text, 'a', len);
        int size =
            snprintf(data, sizeof data, "{\"choices\":[{\"delta\":{\"content\":\"%.*s\"}}]}", (int)len, text);
        check_same(p, data, (size_t)size);
        check_same(p, data, (size_t)size);
    }
    free_pair(p);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_edit_reads_the_same),
        cmocka_unit_test(every_order_reads_the_same),
        cmocka_unit_test(chunks_alike_are_not_read_again),
        cmocka_unit_test(long_chunks_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
