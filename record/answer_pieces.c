/* SPDX-License-Identifier: MIT */
#include "record/answer_pieces.h"

#include <string.h>

#include "formats/error.h"
#include "formats/jscan.h"
#include "formats/stream.h"

#define TEXT_MAX ((size_t)1 << 20) /* a tokeniser takes seconds for more */

struct gathering {
    struct buf *text;
    int has_content, has_reasoning, has_calls;
};

static int take_frame(void *context, const struct stream_frame *frame)
{
    struct gathering *g = context;
    const struct chat_frame *chat = frame->chat;
    g->has_content |= chat->content.len > 0;
    g->has_reasoning |= chat->reasoning.len > 0;
    g->has_calls |= chat->kind == FRAME_TOOL_CALL || chat->tool_count > 0;
    if (g->has_calls || (g->has_content && g->has_reasoning))
        return TT_NOTFOUND;
    if (chat->reasoning.len + chat->content.len > TEXT_MAX - g->text->len)
        return TT_NOTFOUND;
    buf_append(g->text, chat->reasoning.data, chat->reasoning.len);
    return buf_append(g->text, chat->content.data, chat->content.len);
}

int answer_pieces_text(struct bytes wire, struct buf *text)
{
    struct gathering g = {.text = text};
    struct stream *stream = stream_new(take_frame, NULL, &g);
    int status = stream ? stream_feed(stream, 0, wire.data, wire.len) : TT_NOMEM;
    if (!status)
        status = stream_close(stream, 0);
    stream_free(stream);
    return status ? status : text->len ? TT_OK : TT_NOTFOUND;
}

/* The text of a piece in `scratch`. */
static int read_string(struct jscan *j, struct buf *scratch)
{
    struct jscan_text value;
    jscan_string(j, &value);
    if (j->failed)
        return TT_NOTFOUND;
    unsigned char *room = buf_reserve(scratch, JSCAN_DECODED_MAX(value.len));
    if (!room)
        return TT_NOMEM;
    scratch->len += jscan_decode(&value, room);
    return TT_OK;
}

static int read_octets(struct jscan *j, struct buf *scratch)
{
    jscan_enter(j);
    while (jscan_element(j)) {
        struct jscan_number number;
        if (jscan_type(j) != JSCAN_NUMBER)
            return TT_NOTFOUND;
        jscan_number(j, &number);
        if (number.integer > UINT8_MAX)
            return TT_NOTFOUND;
        buf_putc(scratch, (int)number.integer);
    }
    return scratch->failed;
}

/* The bytes of one token in `scratch`, from {"id": 1, "piece": "a"}. */
static int read_piece(struct jscan *j, struct buf *scratch)
{
    struct jscan_text key;
    int status = TT_NOTFOUND;
    buf_clear(scratch);
    if (jscan_type(j) != JSCAN_OBJECT)
        return TT_NOTFOUND;
    jscan_enter(j);
    while (jscan_member(j, &key)) {
        enum jscan_type type = jscan_type(j);
        int is_piece = jscan_text_is(&key, "piece") && !scratch->len;
        if (is_piece && type == JSCAN_STRING)
            status = read_string(j, scratch);
        else if (is_piece && type == JSCAN_ARRAY)
            status = read_octets(j, scratch);
        else
            jscan_skip(j);
        if (status && is_piece)
            return status;
    }
    return status;
}

/* Each piece is what comes next in the text. */
static int read_pieces(struct jscan *j, struct bytes text, struct buf *scratch, struct buf *lengths)
{
    if (jscan_type(j) != JSCAN_ARRAY)
        return TT_NOTFOUND;
    jscan_enter(j);
    while (jscan_element(j)) {
        int status = read_piece(j, scratch);
        if (status)
            return status;
        if (!scratch->len || scratch->len > text.len || memcmp(scratch->data, text.data, scratch->len) != 0)
            return TT_NOTFOUND;
        text.data += scratch->len;
        text.len -= scratch->len;
        buf_uvarint(lengths, scratch->len);
    }
    return text.len ? TT_NOTFOUND : lengths->failed;
}

int answer_pieces_lengths(struct bytes document, struct bytes text, struct buf *lengths)
{
    struct jscan j;
    struct jscan_text key;
    struct buf scratch = BUF_INIT;
    int status = TT_NOTFOUND, is_found = 0;
    jscan_init(&j, document.data, document.len);
    if (jscan_type(&j) != JSCAN_OBJECT)
        return TT_NOTFOUND;
    jscan_enter(&j);
    while (jscan_member(&j, &key)) {
        if (is_found || !jscan_text_is(&key, "tokens")) {
            jscan_skip(&j);
            continue;
        }
        is_found = 1;
        status = read_pieces(&j, text, &scratch, lengths);
        if (status)
            break;
    }
    buf_release(&scratch);
    return status ? status : jscan_finish(&j) ? TT_OK : TT_NOTFOUND;
}
