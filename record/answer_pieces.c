/* SPDX-License-Identifier: MIT */
#include "record/answer_pieces.h"

#include <string.h>

#include "formats/error.h"
#include "formats/jscan.h"

int answer_pieces_text(const struct answer_text *answer, struct bytes *text)
{
    int has_both = answer->reasoning.len && answer->content.len;
    if (answer->is_cut || answer->tool_calls || has_both)
        return TT_NOTFOUND;
    *text = buf_bytes(answer->reasoning.len ? &answer->reasoning : &answer->content);
    return text->len ? TT_OK : TT_NOTFOUND;
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
