/* SPDX-License-Identifier: MIT */
#include "formats/secrets.h"

#include <string.h>

#define WORD_MAX         32
#define VALUE_MAX        64 /* what is harmless is also short */
#define PIECE_MIN        20 /* shorter pieces cannot be told from names */
#define AFTER_PREFIX_MIN 16
#define COUNT_OF(array)  (sizeof(array) / sizeof((array)[0]))

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static int is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static int is_alnum(char c)
{
    return is_digit(c) || is_upper(c) || is_lower(c);
}

static char to_lower(char c)
{
    return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static int is_hex_digit(char c)
{
    return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

static int in_list(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0)
            return 1;
    }
    return 0;
}

/* Takes the next word of a name, in lower case and cut to WORD_MAX - 1 letters. Returns 0 at the end. */
static int next_word(const char *name, size_t len, size_t *at, char word[WORD_MAX])
{
    size_t n = 0;
    while (*at < len && !is_alnum(name[*at]))
        ++*at;
    for (; *at < len && is_alnum(name[*at]); ++*at) {
        if (n && is_upper(name[*at]) && is_lower(name[*at - 1]))
            break;
        if (n < WORD_MAX - 1)
            word[n++] = to_lower(name[*at]);
    }
    word[n] = '\0';
    return n > 0;
}

static int ends_like_a_secret(const char *word)
{
    static const char *const endings[] = {"key",        "token",       "secret", "secrets",
                                          "password",   "passwd",      "cookie", "cookies",
                                          "credential", "credentials", "auth"};
    size_t len = strlen(word);
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        size_t n = strlen(endings[i]);
        if (len >= n && strcmp(word + len - n, endings[i]) == 0)
            return 1;
    }
    return 0;
}

static int starts_like_a_secret(const char *word)
{
    static const char *const starts[] = {"secret", "passw",  "passphrase", "credential",
                                         "apikey", "cookie", "authori"};
    for (size_t i = 0; i < COUNT_OF(starts); i++) {
        if (strncmp(word, starts[i], strlen(starts[i])) == 0)
            return 1;
    }
    return 0;
}

static int is_secret_word(const char *word)
{
    static const char *const words[] = {"keys",           "pass", "pwd", "cred",   "creds",
                                        "authentication", "jwt",  "pat", "bearer", "signature"};
    return in_list(word, words, COUNT_OF(words)) || ends_like_a_secret(word) || starts_like_a_secret(word);
}

/* "bos_token" names a piece of a vocabulary, "first-token" an event: neither opens a door. */
static int is_vocabulary_token(const char *word, const char *before)
{
    static const char *const kinds[] = {"bos",   "eos",   "pad",   "unk",     "sep",   "cls",
                                        "mask",  "eot",   "eom",   "special", "start", "end",
                                        "next",  "first", "last",  "per",     "image", "audio",
                                        "video", "think", "draft", "stop",    "add",   "new"};
    return strcmp(word, "token") == 0 && in_list(before, kinds, COUNT_OF(kinds));
}

int secret_name(const char *name, size_t len)
{
    char word[WORD_MAX], before[WORD_MAX] = "";
    size_t at = 0;
    while (next_word(name, len, &at, word)) {
        if (is_secret_word(word) && !is_vocabulary_token(word, before))
            return 1;
        memcpy(before, word, sizeof before);
    }
    return 0;
}

int secret_value_is_harmless(const char *value, size_t len)
{
    static const char *const words[] = {"true", "false", "null", "none", "on", "off", "yes", "no", "auto"};
    static const char *const types[] = {"bool:", "int:", "float:"};
    char word[WORD_MAX];
    if (!len || (len < WORD_MAX && value[0] == '<' && value[len - 1] == '>'))
        return 1;
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        if (len < VALUE_MAX && len > strlen(types[i]) && strncmp(value, types[i], strlen(types[i])) == 0)
            return 1;
    }
    size_t at = 0;
    return next_word(value, len, &at, word) && at == len && in_list(word, words, COUNT_OF(words));
}

struct piece {
    size_t len, digits, uppers, lowers, hex_lower, hex_upper, steps;
};

static int class_of(char c)
{
    return is_lower(c) ? 0 : is_upper(c) ? 1 : 2;
}

static struct piece measure_piece(const char *text, size_t len)
{
    struct piece p = {0, 0, 0, 0, 0, 0, 0};
    for (; p.len < len && (is_alnum(text[p.len]) || text[p.len] == '+'); p.len++) {
        char c = text[p.len];
        p.digits += (size_t)is_digit(c);
        p.uppers += (size_t)is_upper(c);
        p.lowers += (size_t)is_lower(c);
        p.hex_lower += (size_t)(is_digit(c) || (c >= 'a' && c <= 'f'));
        p.hex_upper += (size_t)(is_digit(c) || (c >= 'A' && c <= 'F'));
        p.steps += (size_t)(p.len && class_of(c) != class_of(text[p.len - 1]));
    }
    return p;
}

static int piece_is_hex(const struct piece *p)
{
    return p->hex_lower == p->len || p->hex_upper == p->len;
}

static int piece_is_random(const struct piece *p)
{
    if (p->len < PIECE_MIN)
        return 0;
    if (p->uppers && p->lowers)
        return p->steps * 100 >= 42 * (p->len - 1);
    return p->digits && (p->uppers || p->lowers) && p->steps * 100 >= 18 * (p->len - 1);
}

static size_t token_length(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && text[n] && (is_alnum(text[n]) || strchr("-_+/=", text[n])))
        n++;
    return n;
}

static size_t uuid_length(const char *text, size_t len)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    size_t n = sizeof shape - 1;
    if (len < n)
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (shape[i] == 'x' ? !is_hex_digit(text[i]) : text[i] != '-')
            return 0;
    }
    return len > n && is_alnum(text[n]) ? 0 : n;
}

static size_t prefixed_length(const char *text, size_t len)
{
    static const char *const prefixes[] = {
        "sk-",   "sk_",   "hf_",  "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "nvapi-", "gsk_", "xai-",
        "xoxb-", "xoxp-", "AKIA", "ASIA", "AIza", "eyJ",  "dckr_pat_",   "r8_",    "pk_",    "npm_"};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t n = strlen(prefixes[i]), end = n;
        if (len < n || strncmp(text, prefixes[i], n) != 0)
            continue;
        while (end < len && text[end] && (is_alnum(text[end]) || strchr("-_.+/=", text[end])))
            end++;
        return end - n >= AFTER_PREFIX_MIN ? end : 0;
    }
    return 0;
}

size_t secret_look(const char *text, size_t len, int *is_hex)
{
    *is_hex = 0;
    size_t found = prefixed_length(text, len);
    if (!found)
        found = uuid_length(text, len);
    if (found)
        return found;
    struct piece p = measure_piece(text, len);
    if (!piece_is_random(&p))
        return 0;
    *is_hex = piece_is_hex(&p);
    return *is_hex ? p.len : token_length(text, len);
}
