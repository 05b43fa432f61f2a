/* SPDX-License-Identifier: MIT */
#include "analyze/model_name.h"

#include <string.h>
#include <strings.h>

#define TOKEN_MAX 32

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_word_part(char c)
{
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static size_t token_length(const char *text)
{
    size_t len = 0;
    while (is_word_part(text[len]))
        len++;
    return len;
}

/* The number of one or two digits at p, and where it ends; 0 when there is none or it is longer. */
static int small_number(const char *p, const char **end)
{
    int value = 0, digits = 0;
    for (; digits < 3 && is_digit(p[digits]); digits++)
        value = value * 10 + (p[digits] - '0');
    *end = p + digits;
    return digits <= 2 ? value : 0;
}

/* "Q4", "Q4_K_M", "IQ3_XXS", "TQ1_0", "Q4F16_1" */
static int k_quant_bits(const char *token)
{
    const char *end, *p = token + ((token[0] == 'I' || token[0] == 'T') && token[1] == 'Q');
    if (*p != 'Q')
        return 0;
    int bits = small_number(p + 1, &end);
    return *end == '\0' || *end == '_' || *end == 'F' || *end == 'K' ? bits : 0;
}

/* "MXFP4", "FP8", "F16", "INT4", "MLX4", "W4A16": a known word before the number. */
static int prefixed_bits(const char *token)
{
    static const struct {
        const char *word;
        int at_least; /* "F5" is a model, not a width */
    } prefixes[] = {{"MXFP", 1}, {"NVFP", 1}, {"NF", 1},  {"BF", 16}, {"FP", 4},
                    {"F", 16},   {"INT", 1},  {"MLX", 1}, {"W", 1}};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        const char *word = prefixes[i].word, *end;
        size_t len = strlen(word);
        if (strncmp(token, word, len) != 0)
            continue;
        int bits = small_number(token + len, &end);
        int ends = *word == 'W' ? *end == 'A' : *end == '\0' || *end == '_';
        if (bits >= prefixes[i].at_least && ends)
            return bits;
    }
    return 0;
}

/* "4BIT", "8BITS" */
static int suffixed_bits(const char *token)
{
    const char *end;
    int bits = small_number(token, &end);
    return strcmp(end, "BIT") == 0 || strcmp(end, "BITS") == 0 ? bits : 0;
}

static int plausible(int bits)
{
    return (bits >= 1 && bits <= 8) || bits == 16 || bits == 32;
}

static int token_bits(const char *text, size_t len)
{
    char token[TOKEN_MAX + 1];
    if (!len || len > TOKEN_MAX)
        return 0;
    for (size_t i = 0; i < len; i++)
        token[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
    token[len] = '\0';
    if (strcmp(token, "AWQ") == 0 || strcmp(token, "GPTQ") == 0)
        return 4; /* unless a number beside it says otherwise */
    int bits = k_quant_bits(token);
    bits = bits ? bits : prefixed_bits(token);
    bits = bits ? bits : suffixed_bits(token);
    return plausible(bits) ? bits : 0;
}

static int is_method_word(const char *text, size_t len)
{
    return (len == 3 && strncasecmp(text, "AWQ", 3) == 0) || (len == 4 && strncasecmp(text, "GPTQ", 4) == 0);
}

/* The first token that states bits; a bare method such as AWQ only if nothing states them. */
const char *quant_in_name(const char *name, size_t *len)
{
    const char *method = NULL;
    size_t method_len = 0;
    for (const char *p = name; *p;) {
        size_t n = token_length(p);
        if (n && is_method_word(p, n)) {
            method = method ? method : p;
            method_len = method == p ? n : method_len;
        } else if (token_bits(p, n)) {
            *len = n;
            return p;
        } else {
            n = strcspn(p, "_") < n ? strcspn(p, "_") + 1
                                    : n; /* "Qwen3_8B_Q4_K_M": try behind the underscore */
        }
        p += n ? n : 1;
    }
    *len = method_len;
    return method;
}

/* Nominal bits of a quantisation's name ("Q4_K - Medium", "UD-Q5_K_XL", "MXFP4", "4bit", "BF16"); 0 when
 * unknown. Floating-point weights of 16 and 32 bits count as such. */
static int quant_bits(const char *quant)
{
    size_t len;
    const char *token = quant_in_name(quant, &len);
    return token ? token_bits(token, len) : 0;
}

int quant_class(const char *quant, struct buf *out)
{
    int bits = quant_bits(quant);
    if (bits)
        return buf_printf(out, "%s%d", bits > 8 ? "F" : "Q", bits);
    return buf_puts(out, *quant ? quant : "unknown quantisation");
}

int quant_display(const char *quant, struct buf *out)
{
    static const struct {
        const char *long_form, *short_form;
    } sizes[] = {{" - Small", "_S"}, {" - Medium", "_M"}, {" - Large", "_L"}};
    size_t len = strlen(quant);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t n = strlen(sizes[i].long_form);
        if (len > n && strcmp(quant + len - n, sizes[i].long_form) == 0) {
            buf_append(out, quant, len - n);
            return buf_puts(out, sizes[i].short_form);
        }
    }
    return buf_puts(out, quant);
}

const char *base_name(const char *path)
{
    size_t end = strlen(path);
    while (end && path[end - 1] != '/' && path[end - 1] != '\\')
        end--;
    return path + end;
}

static int ends_with(const char *text, size_t len, const char *ending)
{
    size_t n = strlen(ending);
    return len > n && strncasecmp(text + len - n, ending, n) == 0;
}

/* Cuts words that say how the file was packed, not what the model is. */
static size_t without_packing(const char *name, size_t len)
{
    static const char *const words[] = {"-UD", "-GGUF", ".GGUF", "-MLX", "-i1", ".i1", "-", ".", "_"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (ends_with(name, len, words[i])) {
            len -= strlen(words[i]);
            i = (size_t)-1; /* from the start again */
        }
    }
    return len;
}

static size_t without_extension(const char *name, size_t len)
{
    static const char *const extensions[] = {".gguf", ".ggml", ".safetensors", ".bin"};
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        if (ends_with(name, len, extensions[i]))
            return len - strlen(extensions[i]);
    }
    return len;
}

/* "-00001-of-00003" */
static size_t without_shard(const char *name, size_t len)
{
    static const char pattern[] = "-00000-of-00000";
    size_t n = sizeof pattern - 1;
    if (len <= n)
        return len;
    for (size_t i = 0; i < n; i++) {
        char c = name[len - n + i];
        if (pattern[i] == '0' ? !is_digit(c) : c != pattern[i])
            return len;
    }
    return len - n;
}

int model_display_name(const char *id_or_file, struct buf *out)
{
    const char *name = base_name(id_or_file);
    size_t quant_len, len = without_shard(name, without_extension(name, strlen(name)));
    const char *quant = quant_in_name(name, &quant_len);
    if (quant && quant > name && (size_t)(quant - name) < len)
        len = (size_t)(quant - name);
    return buf_append(out, name, without_packing(name, len));
}
