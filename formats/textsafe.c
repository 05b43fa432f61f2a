/* SPDX-License-Identifier: MIT */
#include "formats/textsafe.h"

#include <string.h>
#include <strings.h>

#include "formats/utf8.h"

#define REPLACEMENT 0xFFFDu

struct range {
    uint32_t first, last;
};

/* Unicode's East Asian Width W and F, with neighbouring unassigned code points taken along. */
static const struct range wide[] = {
    {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23EC},   {0x23F0, 0x23F0},
    {0x23F3, 0x23F3},   {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x267F},
    {0x2693, 0x2693},   {0x26A1, 0x26A1},   {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
    {0x26CE, 0x26CE},   {0x26D4, 0x26D4},   {0x26EA, 0x26EA},   {0x26F2, 0x26F3},   {0x26F5, 0x26F5},
    {0x26FA, 0x26FA},   {0x26FD, 0x26FD},   {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},
    {0x274C, 0x274C},   {0x274E, 0x274E},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27B0, 0x27B0},   {0x27BF, 0x27BF},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},   {0x2B55, 0x2B55},
    {0x2E80, 0x303E},   {0x3041, 0x4DBF},   {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
    {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},   {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},
    {0x16FE0, 0x18DFF}, {0x1AFF0, 0x1B2FF}, {0x1F004, 0x1F004}, {0x1F0CF, 0x1F0CF}, {0x1F18E, 0x1F18E},
    {0x1F191, 0x1F19A}, {0x1F200, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C}, {0x1F37E, 0x1F393},
    {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3}, {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E},
    {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC}, {0x1F4FF, 0x1F53D}, {0x1F54B, 0x1F54E}, {0x1F550, 0x1F567},
    {0x1F57A, 0x1F57A}, {0x1F595, 0x1F596}, {0x1F5A4, 0x1F5A4}, {0x1F5FB, 0x1F64F}, {0x1F680, 0x1F6C5},
    {0x1F6CC, 0x1F6CC}, {0x1F6D0, 0x1F6D2}, {0x1F6D5, 0x1F6DF}, {0x1F6EB, 0x1F6EC}, {0x1F6F4, 0x1F6FC},
    {0x1F7E0, 0x1F7F0}, {0x1F90C, 0x1F93A}, {0x1F93C, 0x1F945}, {0x1F947, 0x1F9FF}, {0x1FA70, 0x1FAFF},
    {0x20000, 0x3FFFD},
};

/* Combining marks of the common scripts, joiners and variation selectors. */
static const struct range weightless[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x05BF, 0x05BF},   {0x05C1, 0x05C2},
    {0x05C4, 0x05C5}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670},   {0x06D6, 0x06DC},
    {0x06DF, 0x06E4}, {0x0900, 0x0902}, {0x093C, 0x093C}, {0x0941, 0x0948},   {0x094D, 0x094D},
    {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x1AB0, 0x1AFF},   {0x1DC0, 0x1DFF},
    {0x200B, 0x200D}, {0x2060, 0x2064}, {0x20D0, 0x20FF}, {0x302A, 0x302D},   {0x3099, 0x309A},
    {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0xE0000, 0xE0FFF},
};

static int within(const struct range *ranges, size_t count, uint32_t c)
{
    size_t low = 0;
    while (low < count) {
        size_t middle = low + (count - low) / 2;
        if (c > ranges[middle].last)
            low = middle + 1;
        else if (c < ranges[middle].first)
            count = middle;
        else
            return 1;
    }
    return 0;
}

static int is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0);
}

/* Marks, embeddings, overrides and isolates that change the order of what is displayed. */
static int is_bidi_control(uint32_t c)
{
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

static int is_line_break(uint32_t c)
{
    return (c >= '\t' && c <= '\r') || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* The next harmless code point; *text moves on. */
static uint32_t take_safe(const unsigned char **text, size_t *len)
{
    size_t size;
    uint32_t c = utf8_decode(*text, *len, &size);
    *text += size;
    *len -= size;
    if (c == UTF8_INVALID)
        return REPLACEMENT;
    if (is_line_break(c))
        return ' ';
    return is_control(c) || is_bidi_control(c) ? REPLACEMENT : c;
}

static void put_code_point(struct buf *out, uint32_t c)
{
    unsigned char bytes[4];
    buf_append(out, bytes, utf8_encode(c, bytes));
}

int text_plain_part(struct buf *out, const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    while (len)
        put_code_point(out, take_safe(&p, &len));
    return out->failed;
}

int text_plain(struct buf *out, const char *text)
{
    return text_plain_part(out, text, strlen(text));
}

static int is_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80;
}

/* Whether c could mean something to Markdown between the characters before and after it. An underscore inside
 * a word is plain text, and escaping it would spoil names like mlx_vlm for readers of the source. */
static int is_markup(uint32_t before, uint32_t c, uint32_t after)
{
    if (c == '_')
        return !is_word(before) || !is_word(after);
    if (c == ':')
        return after == '/';
    return c < 0x80 && c != 0 && strchr("\\`*{}[]#|~!@$", (int)c) != NULL;
}

static void put_markdown(struct buf *out, uint32_t c, int escaped)
{
    if (c == '<' || c == '>' || c == '&') {
        buf_puts(out, c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;");
        return;
    }
    if (escaped)
        buf_putc(out, '\\');
    put_code_point(out, c);
}

int text_lines(struct buf *out, const char *text, const char *first, const char *others)
{
    const char *lead = first;
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (len) {
            buf_puts(out, lead);
            text_plain_part(out, text, len);
            buf_putc(out, '\n');
            lead = others;
        }
        text += len + (text[len] == '\n');
    }
    return out->failed;
}

int text_markdown(struct buf *out, const char *text)
{
    const unsigned char *start = (const unsigned char *)text, *p = start;
    size_t len = strlen(text);
    uint32_t before = ' ';
    while (len) {
        uint32_t c = take_safe(&p, &len);
        /* "www." alone makes GitHub's dialect draw a link. */
        int host = c == '.' && p - start >= 4 && strncasecmp((const char *)p - 4, "www", 3) == 0;
        put_markdown(out, c, host || is_markup(before, c, len ? *p : ' '));
        before = c;
    }
    return out->failed;
}

int text_html(struct buf *out, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = strlen(text);
    while (len) {
        uint32_t c = take_safe(&p, &len);
        if (c == '<' || c == '>' || c == '&')
            buf_puts(out, c == '<' ? "&lt;" : c == '>' ? "&gt;" : "&amp;");
        else if (c == '"' || c == '\'')
            buf_puts(out, c == '"' ? "&quot;" : "&#39;");
        else
            put_code_point(out, c);
    }
    return out->failed;
}

int text_csv(struct buf *out, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = strlen(text);
    /* Spreadsheets skip leading space before they look for a formula. */
    size_t lead = strspn(text, " \t\r\n");
    int formula = text[lead] && strchr("=+-@", text[lead]) != NULL;
    int quoted = formula || strpbrk(text, ",\"\r\n") != NULL;
    if (quoted)
        buf_puts(out, formula ? "\"'" : "\"");
    while (len) {
        uint32_t c = take_safe(&p, &len);
        if (c == '"')
            buf_putc(out, '"');
        put_code_point(out, c);
    }
    if (quoted)
        buf_putc(out, '"');
    return out->failed;
}

/* Columns of one code point. */
static size_t width_of(uint32_t c)
{
    if (within(wide, sizeof wide / sizeof wide[0], c))
        return 2;
    return within(weightless, sizeof weightless / sizeof weightless[0], c) ? 0 : 1;
}

size_t text_width(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t len = strlen(text), width = 0;
    while (len)
        width += width_of(take_safe(&p, &len));
    return width;
}

size_t text_line(const char *text, size_t width, size_t *next)
{
    const unsigned char *start = (const unsigned char *)text, *p = start;
    size_t used = 0, end = 0, after = 0;
    while (*p) {
        size_t at = (size_t)(p - start), left = strnlen((const char *)p, 4);
        uint32_t c = take_safe(&p, &left);
        if (c == ' ') {
            end = at;
            after = (size_t)(p - start);
        }
        used += width_of(c);
        if (used > width && at) {
            *next = after ? after : at;
            return after ? end : at;
        }
    }
    *next = (size_t)(p - start);
    return *next;
}

int text_wrap(struct buf *out, const char *text, size_t used, size_t width, size_t indent)
{
    for (size_t next; *text; text += next) {
        size_t len = text_line(text, width > used ? width - used : 1, &next);
        text_plain_part(out, text, len);
        if (text[next])
            buf_printf(out, "\n%*s", (int)indent, "");
        used = indent;
    }
    return out->failed;
}
