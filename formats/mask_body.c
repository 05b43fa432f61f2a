/* SPDX-License-Identifier: MIT */
#include "formats/mask_body.h"

#include <string.h>

/* Where in a line of an event stream. After a field's colon one blank may come. */
enum line { LINE_START, FIELD_NAME, DATA_START, DATA, WORD_START, WORD, COMMENT, OTHER };

static const char byte_order_mark[] = "\xEF\xBB\xBF";

/* "keepalive 12/34": what readers take for progress. */
static const char progress_word[] = "keepalive ";
#define PROGRESS_WORD_LEN   (sizeof progress_word - 1)
#define PROGRESS_DIGITS_MAX 16
enum progress {
    PROGRESS_COUNT = PROGRESS_WORD_LEN,                        /* … digits of the first number */
    PROGRESS_TOTAL = PROGRESS_COUNT + PROGRESS_DIGITS_MAX + 1, /* … of the second */
    PROGRESS_END = PROGRESS_TOTAL + PROGRESS_DIGITS_MAX + 1,
    PROGRESS_NONE
};

void mask_body_init(struct mask_body *b, enum mask_body_form form, const struct mask_key *key)
{
    memset(b, 0, sizeof *b);
    b->form = form;
    b->beginnings = ~0u;
    mask_json_init(&b->json, key);
}

static unsigned char other(struct mask_body *b, unsigned char c)
{
    b->line = OTHER;
    return mask_text_byte(&b->high, c);
}

/* --- comments --- */

static int is_blank(unsigned char c)
{
    return c == ' ' || c == '\t';
}

static unsigned after_digit(unsigned at, unsigned from)
{
    return at < from + PROGRESS_DIGITS_MAX ? at + 1 : PROGRESS_NONE;
}

static unsigned after_comment_byte(unsigned at, unsigned char c)
{
    int is_digit = c >= '0' && c <= '9';
    if (at == 0 && is_blank(c))
        return 0;
    if (at < PROGRESS_WORD_LEN)
        return c == (unsigned char)progress_word[at] ? at + 1 : PROGRESS_NONE;
    if (at < PROGRESS_TOTAL && is_digit)
        return after_digit(at, PROGRESS_COUNT);
    if (at < PROGRESS_TOTAL)
        return c == '/' && at > PROGRESS_COUNT ? PROGRESS_TOTAL : PROGRESS_NONE;
    if (at < PROGRESS_END && is_digit)
        return after_digit(at, PROGRESS_TOTAL);
    return is_blank(c) && at > PROGRESS_TOTAL && at != PROGRESS_NONE ? PROGRESS_END : PROGRESS_NONE;
}

static unsigned char comment(struct mask_body *b, unsigned char c)
{
    b->comment = after_comment_byte(b->comment, c);
    return b->comment == PROGRESS_NONE ? mask_text_byte(&b->high, c) : c;
}

/* --- fields --- */

static void begin_data(struct mask_body *b)
{
    if (b->has_data)
        mask_json_newline(&b->json);
    b->has_data = 1;
    b->line = DATA_START;
}

/* The name of a field is complete at its colon or, when nothing follows, at the line's end. */
static void end_name(struct mask_body *b)
{
    const struct mask_word *name = mask_match_word(&b->match, &mask_fields);
    b->line = OTHER;
    if (name && strcmp(name->text, "data") == 0)
        begin_data(b);
    else if (name && strcmp(name->text, "event") == 0)
        b->line = WORD_START;
}

static unsigned char field_name(struct mask_body *b, unsigned char c)
{
    if (c == ':')
        end_name(b);
    else if (!mask_match_next(&b->match, &mask_fields, c))
        return other(b, c);
    return c;
}

static unsigned char word(struct mask_body *b, unsigned char c)
{
    return mask_match_next(&b->match, &mask_values, c) ? c : mask_text_byte(&b->high, c);
}

/* --- lines --- */

static unsigned char begin_line(struct mask_body *b, unsigned char c)
{
    b->high = 0;
    if (c == ':') {
        b->line = COMMENT;
        b->comment = 0;
        return c;
    }
    b->line = FIELD_NAME;
    mask_match_begin(&b->match, &mask_fields);
    return field_name(b, c);
}

static unsigned char end_line(struct mask_body *b, unsigned char c)
{
    int is_rest_of_crlf = c == '\n' && b->after_cr;
    b->after_cr = c == '\r';
    if (is_rest_of_crlf)
        return c;
    if (b->line == FIELD_NAME)
        end_name(b);
    if (b->line == LINE_START && b->has_data) {
        mask_json_init(&b->json, b->json.key);
        b->has_data = 0;
    }
    b->line = LINE_START;
    return c;
}

/* Only the body's first bytes can be one. What is not whole makes a line of no kind. */
static int is_of_mark(struct mask_body *b, unsigned char c)
{
    if (b->offset != b->mark || b->mark == sizeof byte_order_mark - 1 ||
        c != (unsigned char)byte_order_mark[b->mark])
        return 0;
    b->mark++;
    b->line = b->mark == sizeof byte_order_mark - 1 ? LINE_START : OTHER;
    return 1;
}

static unsigned char event_byte(struct mask_body *b, unsigned char c)
{
    if (c == '\n' || c == '\r')
        return end_line(b, c);
    b->after_cr = 0;
    if (is_of_mark(b, c))
        return c;
    int is_first = b->line == DATA_START || b->line == WORD_START;
    if (b->line == WORD_START)
        mask_match_begin(&b->match, &mask_values);
    if (is_first)
        b->line = b->line == DATA_START ? DATA : WORD;
    if (is_first && c == ' ')
        return c;
    switch (b->line) {
    case LINE_START:
        return begin_line(b, c);
    case FIELD_NAME:
        return field_name(b, c);
    case DATA:
        return mask_json_byte(&b->json, c);
    case WORD:
        return word(b, c);
    case COMMENT:
        return comment(b, c);
    default:
        return mask_text_byte(&b->high, c);
    }
}

/* Up to a line's end, which the document never sees. */
static size_t data_run(struct mask_body *b, unsigned char *bytes, size_t len)
{
    const unsigned char *end = memchr(bytes, '\n', len);
    size_t run = end ? (size_t)(end - bytes) : len;
    end = memchr(bytes, '\r', run);
    run = end ? (size_t)(end - bytes) : run;
    mask_json_run(&b->json, bytes, run);
    return run;
}

static void mask_events(struct mask_body *b, unsigned char *bytes, size_t len)
{
    size_t at = 0;
    while (at < len) {
        if (b->line == DATA)
            at += data_run(b, bytes + at, len - at);
        if (at == len)
            return;
        bytes[at] = event_byte(b, bytes[at]);
        at++;
        b->offset += b->offset < sizeof byte_order_mark;
    }
}

/* --- events or a document --- */

/* Takes one byte while it is not known what the body is. */
static unsigned char undecided_byte(struct mask_body *b, unsigned char c)
{
    static const char *const beginnings[] = {":", "data:", "event:"};
    unsigned left = 0;
    for (unsigned i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (!(b->beginnings >> i & 1) || c != (unsigned char)beginnings[i][b->offset])
            continue;
        left |= 1u << i;
        if (!beginnings[i][b->offset + 1])
            b->form = MASK_BODY_EVENTS;
    }
    b->beginnings = left;
    if (left) {
        c = event_byte(b, c);
        b->offset++;
        return c;
    }
    if (b->offset) /* no document begins like the beginning of an event */
        mask_json_text(&b->json, b->json.key);
    b->form = MASK_BODY_DOCUMENT;
    return mask_json_byte(&b->json, c);
}

void mask_body_run(struct mask_body *b, unsigned char *bytes, size_t len)
{
    while (len && b->form == MASK_BODY_UNDECIDED) {
        *bytes = undecided_byte(b, *bytes);
        bytes++;
        len--;
    }
    if (!len)
        return;
    if (b->form == MASK_BODY_EVENTS)
        mask_events(b, bytes, len);
    else if (b->form == MASK_BODY_DOCUMENT)
        mask_json_run(&b->json, bytes, len);
    else
        memset(bytes, MASK_CHARACTER, len);
}
