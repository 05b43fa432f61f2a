/* SPDX-License-Identifier: MIT */
#include "analyze/version_order.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

/* What a version is made of: runs of digits or of letters; whatever stands between them only separates. The
 * kinds are in the order in which they follow the same beginning. */
enum part_kind { PART_BEFORE, PART_END, PART_WORD, PART_NUMBER };

struct part {
    enum part_kind kind;
    const char *text;
    size_t len;
};

static int is_digit(char c)
{
    return isdigit((unsigned char)c) != 0;
}

static int is_letter(char c)
{
    return isalpha((unsigned char)c) != 0;
}

static int is_before_release(const char *word, size_t len)
{
    static const char *const words[] = {"a",   "alpha",   "b",       "beta", "c",
                                        "dev", "nightly", "preview", "pre",  "rc"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i]) == len && strncasecmp(words[i], word, len) == 0)
            return 1;
    }
    return 0;
}

/* A word that a version begins with names its scheme, as in b10587. */
static struct part next_part(const char **rest, int is_first)
{
    const char *text = *rest, *end;
    while (*text && !is_digit(*text) && !is_letter(*text))
        text++;
    end = text;
    while (is_digit(*text) ? is_digit(*end) : is_letter(*end))
        end++;
    *rest = end;
    struct part part = {PART_END, text, (size_t)(end - text)};
    if (is_digit(*text))
        part.kind = PART_NUMBER;
    else if (part.len)
        part.kind = !is_first && is_before_release(text, part.len) ? PART_BEFORE : PART_WORD;
    return part;
}

static int order(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Of any length: without leading zeros the longer number is the larger one. */
static int compare_numbers(struct part a, struct part b)
{
    for (; a.len > 1 && *a.text == '0'; a.len--)
        a.text++;
    for (; b.len > 1 && *b.text == '0'; b.len--)
        b.text++;
    return a.len != b.len ? order(a.len, b.len) : strncmp(a.text, b.text, a.len);
}

static int compare_parts(struct part a, struct part b)
{
    if (a.kind != b.kind)
        return order(a.kind, b.kind);
    if (a.kind == PART_NUMBER)
        return compare_numbers(a, b);
    int words = strncasecmp(a.text, b.text, a.len < b.len ? a.len : b.len);
    return words ? words : order(a.len, b.len);
}

static const char *without_v(const char *text)
{
    return (*text == 'v' || *text == 'V') && is_digit(text[1]) ? text + 1 : text;
}

int version_compare(const char *a, const char *b)
{
    const char *rest_a = without_v(a), *rest_b = without_v(b);
    for (int is_first = 1;; is_first = 0) {
        struct part one = next_part(&rest_a, is_first), other = next_part(&rest_b, is_first);
        int way = compare_parts(one, other);
        if (way)
            return way;
        if (one.kind == PART_END)
            return strcmp(a, b);
    }
}
