/* SPDX-License-Identifier: MIT */
#include "formats/mask.h"

#include <string.h>
#include <sys/random.h>

#include "formats/digest.h"

/* What may come next between two tokens. */
enum expect { VALUE, ITEM_OR_END, NAME_OR_END, NAME, COLON, COMMA_OR_END, NOTHING };

enum token { BETWEEN, IN_NAME, IN_TEXT, IN_NUMBER, IN_LITERAL, BROKEN };

/* What becomes of a text value. */
enum kind { ALL_MASKED, WORD_KEPT, ID_CHANGED };

enum escape { PLAIN, AFTER_BACKSLASH, HEX };

enum number { MINUS = 1, ZERO, DIGITS, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, EXPONENT_DIGITS };

static const char done_text[] = "[DONE]";

int mask_key_make(struct mask_key *key, struct error *e)
{
    if (getentropy(key->bytes, sizeof key->bytes))
        return error_errno(e, TT_IO, "the system gives no random bytes");
    return TT_OK;
}

void mask_json_init(struct mask_json *m, const struct mask_key *key)
{
    memset(m, 0, sizeof *m);
    m->key = key;
    m->expect = VALUE;
}

void mask_json_text(struct mask_json *m, const struct mask_key *key)
{
    mask_json_init(m, key);
    m->token = BROKEN;
}

/* --- characters --- */

static int is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(unsigned char c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static int is_space(unsigned char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* A byte behind the one that begins a character. After some beginnings not all are valid: which half it is in
 * stays. */
static unsigned char mask_continuation(unsigned char first, unsigned char c)
{
    unsigned char half = first == 0xE0 || first == 0xED ? 0xA0 : first == 0xF0 || first == 0xF4 ? 0x90 : 0;
    if (!half)
        return 0x97;
    return c >= half ? half : 0x80;
}

/* A byte over 0x7f: another one of the same kind, so that text stays as valid, and as long, as it was. */
static unsigned char mask_high_byte(unsigned char *high, unsigned char c)
{
    unsigned char first = *high;
    *high = 0;
    if (c < 0xC0)
        return mask_continuation(first, c);
    *high = c;
    if (c == 0xE0 || c == 0xED || c == 0xF0 || c == 0xF4)
        return c;
    if (c < 0xC2)
        return 0xC0;
    if (c < 0xE0)
        return 0xC3;
    return c < 0xF0 ? 0xE2 : c < 0xF4 ? 0xF1 : 0xFF;
}

unsigned char mask_text_byte(unsigned char *high, unsigned char c)
{
    if (c >= 0x80)
        return mask_high_byte(high, c);
    *high = 0;
    return is_letter(c) || is_digit(c) || (c < ' ' && !is_space(c)) || c == 0x7f ? MASK_CHARACTER : c;
}

/* --- what is no JSON --- */

/* From here on it is text. The byte that shows it stays as wrong as it was. */
static unsigned char broken(struct mask_json *m, unsigned char c)
{
    m->token = BROKEN;
    m->high = 0;
    return mask_text_byte(&m->high, c);
}

/* "[DONE]" ends streams, and is no JSON. */
static unsigned char text(struct mask_json *m, unsigned char c)
{
    if (m->done && m->done < sizeof done_text - 1 && c == (unsigned char)done_text[m->done]) {
        m->done++;
        return c;
    }
    if (!is_space(c))
        m->done = 0;
    return mask_text_byte(&m->high, c);
}

/* --- containers --- */

static void end_value(struct mask_json *m)
{
    m->token = BETWEEN;
    m->flags = 0;
    m->expect = m->depth ? COMMA_OR_END : NOTHING;
}

static unsigned char open_container(struct mask_json *m, unsigned char c)
{
    int in_object = m->depth && (m->objects & 1);
    uint64_t calls = in_object ? (m->flags & MASK_NAME_CALLS) != 0 : m->calls & (m->depth != 0);
    if (m->depth == MASK_DEPTH_MAX)
        return broken(m, c);
    m->depth++;
    m->objects = m->objects << 1 | (c == '{');
    m->calls = m->calls << 1 | calls;
    if (!m->hidden_depth && (m->flags & MASK_NAME_HIDDEN))
        m->hidden_depth = m->depth;
    m->flags = 0;
    m->expect = c == '{' ? NAME_OR_END : ITEM_OR_END;
    return c;
}

static unsigned char close_container(struct mask_json *m, unsigned char c)
{
    if (m->hidden_depth == m->depth)
        m->hidden_depth = 0;
    m->depth--;
    m->objects >>= 1;
    m->calls >>= 1;
    end_value(m);
    return c;
}

/* --- numbers and literals --- */

/* The state after `c`; 0 when the number does not go on with it. */
static unsigned char number_after(unsigned char state, unsigned char c)
{
    int may_have_exponent = state == ZERO || state == DIGITS || state == FRACTION;
    if (is_digit(c)) {
        static const unsigned char next[] = {[MINUS] = DIGITS,
                                             [ZERO] = 0,
                                             [DIGITS] = DIGITS,
                                             [POINT] = FRACTION,
                                             [FRACTION] = FRACTION,
                                             [EXPONENT] = EXPONENT_DIGITS,
                                             [EXPONENT_SIGN] = EXPONENT_DIGITS,
                                             [EXPONENT_DIGITS] = EXPONENT_DIGITS};
        return state == MINUS && c == '0' ? ZERO : next[state];
    }
    if (c == '.')
        return state == ZERO || state == DIGITS ? POINT : 0;
    if ((c | 0x20) == 'e')
        return may_have_exponent ? EXPONENT : 0;
    return (c == '+' || c == '-') && state == EXPONENT ? EXPONENT_SIGN : 0;
}

static unsigned char mask_digit(const struct mask_json *m, unsigned char c)
{
    int hidden = m->hidden_depth || (m->flags & MASK_NAME_HIDDEN);
    return hidden && is_digit(c) ? '1' : c;
}

static unsigned char between(struct mask_json *m, unsigned char c);

static unsigned char number(struct mask_json *m, unsigned char c)
{
    unsigned char next = number_after(m->number, c);
    int may_end =
        m->number == ZERO || m->number == DIGITS || m->number == FRACTION || m->number == EXPONENT_DIGITS;
    if (next) {
        m->number = next;
        return mask_digit(m, c);
    }
    if (!may_end || is_digit(c) || is_letter(c))
        return broken(m, c);
    end_value(m);
    return between(m, c);
}

static unsigned char literal(struct mask_json *m, unsigned char c)
{
    if (c != (unsigned char)m->literal[m->place])
        return broken(m, c);
    if (!m->literal[++m->place])
        end_value(m);
    return c;
}

/* --- strings --- */

static void begin_string(struct mask_json *m, enum token token)
{
    int is_call_id = m->flags & MASK_NAME_ID && m->calls & 1;
    m->token = (unsigned char)token;
    m->escape = PLAIN;
    m->high = m->place = 0;
    m->kind = m->flags & MASK_NAME_WORD ? WORD_KEPT : is_call_id ? ID_CHANGED : ALL_MASKED;
    mask_match_begin(&m->match, token == IN_NAME ? &mask_names : &mask_values);
}

static void end_string(struct mask_json *m)
{
    if (m->token == IN_TEXT) {
        end_value(m);
        return;
    }
    const struct mask_word *name = mask_match_word(&m->match, &mask_names);
    m->flags = name ? name->flags : 0;
    m->token = BETWEEN;
    m->expect = COLON;
}

/* Letters and digits of an id move on by a keyed distance that depends on what stands before them: equal ids
 * stay equal, and different ones different, without anything being known of what follows. */
static unsigned char id_byte(struct mask_json *m, unsigned char c)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const size_t size = sizeof alphabet - 1;
    unsigned char digest[SHA256_BYTES];
    if (!is_letter(c) && !is_digit(c))
        return c == '-' || c == '_' || c == '.' || c == ':' ? c : MASK_CHARACTER;
    if (m->place == MASK_ID_MAX)
        return MASK_CHARACTER;
    hmac_sha256(m->key->bytes, m->id, m->place, digest);
    m->id[m->place++] = c;
    size_t distance = (digest[0] | (size_t)digest[1] << 8) % size;
    size_t at = (size_t)(strchr(alphabet, c) - alphabet);
    return (unsigned char)alphabet[(at + distance) % size];
}

static unsigned char plain(struct mask_json *m, unsigned char c)
{
    const struct mask_list *list = m->token == IN_NAME ? &mask_names : &mask_values;
    if (c >= 0x80) {
        mask_match_fail(&m->match);
        return mask_high_byte(&m->high, c);
    }
    m->high = 0;
    if (m->token == IN_TEXT && m->kind == ALL_MASKED)
        return MASK_CHARACTER;
    if (m->token == IN_TEXT && m->kind == ID_CHANGED)
        return id_byte(m, c);
    return mask_match_next(&m->match, list, c) ? c : MASK_CHARACTER;
}

static int hex_value(unsigned char c)
{
    if (is_digit(c))
        return c - '0';
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
}

/* One digit of \uXXXX. What it becomes keeps the length of the character in UTF-8, and the halves of a pair:
 * U+0078, U+00D7, U+01D7, U+08D7, U+25D7, U+D0D7, U+D8D7 and U+DCD7. m->hex is the digits that were put out
 * so far, a 1 in front. */
static unsigned char hex_digit(struct mask_json *m, unsigned char c)
{
    int value = hex_value(c);
    unsigned char out;
    if (value < 0)
        return broken(m, c);
    switch (m->hex) {
    case 1:
        out = value == 0 ? 0 : value == 0xD ? 0xD : 2;
        m->hex = value == 0 ? 2 : value == 0xD ? 3 : 4;
        break;
    case 2: /* \u0 */
        out = value == 0 ? 0 : value < 8 ? 1 : 8;
        m->hex = value == 0 ? 5 : 6;
        break;
    case 3: /* \uD */
        out = value < 8 ? 0 : value < 0xC ? 8 : 0xC;
        m->hex = 6;
        break;
    case 4:
        out = 5;
        m->hex = 6;
        break;
    case 5: /* \u00 */
        out = value < 8 ? 7 : 0xD;
        m->hex = value < 8 ? 7 : 8;
        break;
    case 6:
        out = 0xD;
        m->hex = 8;
        break;
    default:
        out = m->hex == 7 ? 8 : 7;
        m->escape = PLAIN;
    }
    return (unsigned char)"0123456789abcdef"[out];
}

static unsigned char after_backslash(struct mask_json *m, unsigned char c)
{
    if (c == 'u') {
        m->escape = HEX;
        m->hex = 1;
        return c;
    }
    if (!c || !strchr("\"\\/bfnrt", c))
        return broken(m, c);
    m->escape = PLAIN;
    return '/';
}

static unsigned char string(struct mask_json *m, unsigned char c)
{
    if (m->escape == HEX)
        return hex_digit(m, c);
    if (m->escape == AFTER_BACKSLASH)
        return after_backslash(m, c);
    if (c == '"') {
        end_string(m);
        return c;
    }
    if (c == '\\') {
        mask_match_fail(&m->match);
        m->escape = AFTER_BACKSLASH;
        m->high = 0;
        return c;
    }
    if (c >= ' ')
        return plain(m, c);
    broken(m, c);
    return c; /* a control character is what is wrong here */
}

/* --- the document --- */

static unsigned char begin_value(struct mask_json *m, unsigned char c)
{
    static const char *const literals[] = {"true", "false", "null"};
    if (c == '"') {
        begin_string(m, IN_TEXT);
        return c;
    }
    if (c == '{' || c == '[')
        return open_container(m, c);
    if (c == '-' || is_digit(c)) {
        m->token = IN_NUMBER;
        m->number = c == '-' ? MINUS : c == '0' ? ZERO : DIGITS;
        return mask_digit(m, c);
    }
    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++) {
        if (c != (unsigned char)literals[i][0])
            continue;
        m->token = IN_LITERAL;
        m->literal = literals[i];
        m->place = 1;
        return c;
    }
    return broken(m, c);
}

static unsigned char begin_name(struct mask_json *m, unsigned char c)
{
    if (c != '"')
        return broken(m, c);
    m->flags = 0;
    begin_string(m, IN_NAME);
    return c;
}

static unsigned char after_item(struct mask_json *m, unsigned char c)
{
    int in_object = m->objects & 1;
    if (c == (in_object ? '}' : ']'))
        return close_container(m, c);
    if (c != ',')
        return broken(m, c);
    m->expect = in_object ? NAME : VALUE;
    return c;
}

static unsigned char between(struct mask_json *m, unsigned char c)
{
    if (is_space(c))
        return c;
    switch (m->expect) {
    case ITEM_OR_END:
        return c == ']' ? close_container(m, c) : begin_value(m, c);
    case VALUE:
        return begin_value(m, c);
    case NAME_OR_END:
        return c == '}' ? close_container(m, c) : begin_name(m, c);
    case NAME:
        return begin_name(m, c);
    case COLON:
        m->expect = VALUE;
        return c == ':' ? c : broken(m, c);
    case COMMA_OR_END:
        return after_item(m, c);
    default:
        return broken(m, c);
    }
}

/* A document that begins like "[DONE]". */
static void look_for_done(struct mask_json *m, unsigned char c)
{
    int is_first = m->depth == 0 && m->expect == VALUE;
    if (is_first && c == '[')
        m->done = 1;
    else if (m->done == 1 && c != 'D')
        m->done = 0;
}

unsigned char mask_json_byte(struct mask_json *m, unsigned char c)
{
    switch (m->token) {
    case BETWEEN:
        look_for_done(m, c);
        if (m->done == 1 && c == 'D') {
            m->token = BROKEN;
            return text(m, c);
        }
        return between(m, c);
    case IN_NAME:
    case IN_TEXT:
        return string(m, c);
    case IN_NUMBER:
        return number(m, c);
    case IN_LITERAL:
        return literal(m, c);
    default:
        return text(m, c);
    }
}

void mask_json_newline(struct mask_json *m)
{
    mask_json_byte(m, '\n');
}

static int is_plain_text(unsigned char c)
{
    return c >= ' ' && c < 0x80 && c != '"' && c != '\\';
}

void mask_json_run(struct mask_json *m, unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (m->token == IN_TEXT && m->kind == ALL_MASKED && m->escape == PLAIN && is_plain_text(bytes[i])) {
            m->high = 0;
            while (i < len && is_plain_text(bytes[i])) /* nearly all of it passes here */
                bytes[i++] = MASK_CHARACTER;
            if (i == len)
                return;
        }
        bytes[i] = mask_json_byte(m, bytes[i]);
    }
}

/* --- metrics --- */

static int is_metric_name(unsigned char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == ':';
}

/* What stands between quotes, from the opening one on; returns the place behind the closing one. */
static size_t mask_quoted(unsigned char *line, size_t at, size_t len)
{
    unsigned char high = 0;
    for (at++; at < len && line[at] != '"'; at++) {
        int is_escape = line[at] == '\\' && at + 1 < len;
        at += (size_t)is_escape;
        line[at] = is_escape ? '\\' : line[at] < 0x80 ? MASK_CHARACTER : mask_text_byte(&high, line[at]);
    }
    return at < len ? at + 1 : at;
}

static size_t mask_labels(unsigned char *line, size_t at, size_t len)
{
    while (at < len && line[at] != '}')
        at = line[at] == '"' ? mask_quoted(line, at, len) : at + 1;
    return at;
}

static int is_number_text(const unsigned char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]) && (!text[i] || !strchr("+-.eE \t\r", text[i])))
            return 0;
    }
    return 1;
}

static void mask_rest(unsigned char *text, size_t len)
{
    unsigned char high = 0;
    for (size_t i = 0; i < len; i++)
        text[i] = mask_text_byte(&high, text[i]);
}

/* NAME{LABEL="VALUE",...} NUMBER; anything else is text. */
static void mask_metric(unsigned char *line, size_t len)
{
    size_t name = 0;
    while (name < len && is_metric_name(line[name]))
        name++;
    size_t rest = name;
    if (rest < len && line[rest] == '{') {
        rest = mask_labels(line, rest, len);
        rest += rest < len;
    }
    int is_metric = name && rest < len && line[rest] == ' ' && is_number_text(line + rest, len - rest);
    if (!is_metric)
        mask_rest(line, len);
}

void mask_metrics(unsigned char *bytes, size_t len)
{
    while (len) {
        const unsigned char *end = memchr(bytes, '\n', len);
        size_t line = end ? (size_t)(end - bytes) : len;
        mask_metric(bytes, line);
        line += end != NULL;
        bytes += line;
        len -= line;
    }
}
