/* SPDX-License-Identifier: MIT */
#include "formats/answer_text.h"

#include <string.h>

#include "formats/alloc.h"

void answer_text_init(struct answer_text *a)
{
    memset(a, 0, sizeof *a);
    buf_init(&a->reasoning, ANSWER_TEXT_MAX);
    buf_init(&a->content, ANSWER_TEXT_MAX);
}

void answer_text_release(struct answer_text *a)
{
    for (size_t i = 0; i < a->tool_count; i++) {
        buf_release(&a->tools[i].id);
        buf_release(&a->tools[i].name);
        buf_release(&a->tools[i].arguments);
    }
    mem_free(a->tools);
    buf_release(&a->reasoning);
    buf_release(&a->content);
    answer_text_init(a);
}

static size_t code_points(struct bytes text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++)
        n += (text.data[i] & 0xC0) != 0x80;
    return n;
}

/* Text over the cap is cut, not refused: the figures need its timing, only the text checks need its words. */
static int keep_text(struct answer_text *a, struct buf *kept, struct bytes text, size_t room)
{
    if (text.len > room) {
        text.len = room;
        a->is_cut = 1;
    }
    return buf_append(kept, text.data, text.len) == TT_NOMEM ? TT_NOMEM : TT_OK;
}

static int add_text(struct answer_text *a, const struct chat_frame *chat)
{
    a->reasoning_bytes += chat->reasoning.len;
    a->content_bytes += chat->content.len;
    a->reasoning_chars += code_points(chat->reasoning);
    int status = keep_text(a, &a->reasoning, chat->reasoning, ANSWER_TEXT_MAX - a->reasoning.len);
    return status ? status : keep_text(a, &a->content, chat->content, ANSWER_TEXT_MAX - a->content.len);
}

static int same_id(const struct answer_tool *tool, struct bytes id)
{
    return !id.len || !tool->id.len ||
           (tool->id.len == id.len && memcmp(tool->id.data, id.data, id.len) == 0);
}

/* The call that a fragment continues, or NULL when it begins one. Engines without indices continue the last
 * call until a new name comes. */
static struct answer_tool *find_tool(struct answer_text *a, const struct chat_tool *fragment)
{
    for (size_t i = a->tool_count; i-- > 0;) {
        struct answer_tool *tool = &a->tools[i];
        if (fragment->index == ABSENT)
            return fragment->name.len && tool->name.len ? NULL : tool;
        if (tool->index == fragment->index)
            return same_id(tool, fragment->id) ? tool : NULL;
    }
    return NULL;
}

static struct answer_tool *begin_tool(struct answer_text *a, const struct chat_tool *fragment)
{
    a->tool_calls++;
    struct answer_tool *tool = &a->tools[a->tool_count++];
    tool->index = fragment->index;
    buf_init(&tool->id, ANSWER_TEXT_MAX);
    buf_init(&tool->name, ANSWER_TEXT_MAX);
    buf_init(&tool->arguments, ANSWER_TEXT_MAX);
    return tool;
}

static int keep_tool_text(struct answer_text *a, struct buf *kept, struct bytes text)
{
    size_t room = ANSWER_TEXT_MAX - a->tool_bytes;
    a->tool_bytes += text.len < room ? text.len : room;
    return keep_text(a, kept, text, room);
}

static int add_tool(struct answer_text *a, const struct chat_tool *fragment)
{
    struct answer_tool *tool = find_tool(a, fragment);
    if (!tool && a->tool_count >= ANSWER_TOOLS_MAX) {
        a->is_cut = 1;
        a->tool_calls += fragment->name.len > 0;
        return TT_OK;
    }
    if (!tool && mem_grow(&a->tools, &a->tool_capacity, a->tool_count + 1, sizeof *a->tools))
        return TT_NOMEM;
    if (!tool)
        tool = begin_tool(a, fragment);
    int status = tool->id.len ? TT_OK : keep_tool_text(a, &tool->id, fragment->id);
    if (!status && !tool->name.len)
        status = keep_tool_text(a, &tool->name, fragment->name);
    return status ? status : keep_tool_text(a, &tool->arguments, fragment->arguments);
}

int answer_text_frame(struct answer_text *a, const struct chat_frame *chat)
{
    int status = chat_is_token_bearing(chat) ? add_text(a, chat) : TT_OK;
    for (size_t i = 0; i < chat->tool_count && i < CHAT_TOOLS_MAX && !status; i++)
        status = add_tool(a, &chat->tools[i]);
    return status;
}

static void digest_part(struct sha256 *s, const struct buf *part)
{
    sha256_update(s, part->data, part->len);
    sha256_update(s, "", 1);
}

int answer_text_digest(const struct answer_text *a, unsigned char digest[SHA256_BYTES])
{
    if (a->is_cut)
        return TT_LIMIT;
    struct sha256 *s = sha256_new();
    if (!s)
        return TT_NOMEM;
    digest_part(s, &a->reasoning);
    digest_part(s, &a->content);
    for (size_t i = 0; i < a->tool_count; i++) {
        digest_part(s, &a->tools[i].name);
        digest_part(s, &a->tools[i].arguments);
    }
    sha256_final(s, digest);
    sha256_free(s);
    return TT_OK;
}
