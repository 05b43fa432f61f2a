/* SPDX-License-Identifier: MIT */
#include "formats/grammar.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/prng.h"

#define CLOCK_START_MS                                                                                       \
    ((uint64_t)1936310400000) /* 2031-05-12 00:00 UTC: a date of its own, whatever today is */
#define STEP_MAX_MS 8000
#define REPEAT_MAX  1000

struct rule {
    struct bytes name;
    struct bytes *alternatives;
    size_t count, capacity;
    size_t *deck; /* a permutation; the first `left` cards have not been dealt */
    size_t left;
};

struct variable {
    struct bytes name;
    struct buf value;
};

struct grammar {
    struct rule *rules;
    size_t rule_count, rule_capacity;
    struct variable variables[GRAMMAR_VARIABLES_MAX];
    size_t variable_count;
    struct prng random;
    uint64_t clock_ms;
    int depth;
};

/* Where one expansion writes and complains. */
struct expansion {
    struct grammar *grammar;
    struct buf *out;
    struct error *error;
};

static int expand_rule(struct expansion *x, struct bytes name);

struct grammar *grammar_new(uint64_t seed)
{
    struct grammar *g = mem_zalloc(1, sizeof *g);
    if (!g)
        return NULL;
    prng_seed(&g->random, seed);
    g->clock_ms = CLOCK_START_MS + prng_below(&g->random, 86400000);
    return g;
}

static void forget_variables(struct grammar *g)
{
    for (size_t i = 0; i < g->variable_count; i++)
        buf_release(&g->variables[i].value);
    g->variable_count = 0;
}

void grammar_free(struct grammar *g)
{
    if (!g)
        return;
    forget_variables(g);
    for (size_t i = 0; i < g->rule_count; i++) {
        mem_free(g->rules[i].alternatives);
        mem_free(g->rules[i].deck);
    }
    mem_free(g->rules);
    mem_free(g);
}

/* -------- slices -------- */

static struct bytes slice(const unsigned char *from, const unsigned char *to)
{
    return (struct bytes){from, (size_t)(to - from)};
}

static int same(struct bytes a, struct bytes b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static int starts_with(struct bytes text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

static struct bytes without_front(struct bytes text, size_t count)
{
    return (struct bytes){text.data + count, text.len - count};
}

/* The next line without its end; *rest moves behind it. */
static struct bytes next_line(struct bytes *rest)
{
    const unsigned char *end = memchr(rest->data, '\n', rest->len);
    struct bytes line = {rest->data, end ? (size_t)(end - rest->data) : rest->len};
    *rest = without_front(*rest, end ? line.len + 1 : line.len);
    return line;
}

static int is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* Takes decimal digits off the front; *digits is how many there were. */
static uint64_t take_number(struct bytes *text, size_t *digits)
{
    uint64_t value = 0;
    for (*digits = 0; text->len && is_digit(text->data[0]) && *digits < 15; ++*digits) {
        value = value * 10 + (uint64_t)(text->data[0] - '0');
        *text = without_front(*text, 1);
    }
    return value;
}

/* -------- reading rules -------- */

static struct rule *find_rule(struct grammar *g, struct bytes name)
{
    for (size_t i = 0; i < g->rule_count; i++) {
        if (same(g->rules[i].name, name))
            return &g->rules[i];
    }
    return NULL;
}

static int add_alternative(struct rule *r, struct bytes text, struct error *e)
{
    while (text.len && text.data[text.len - 1] == '\n')
        text.len--;
    if (!text.len)
        return TT_OK;
    if (mem_grow(&r->alternatives, &r->capacity, r->count + 1, sizeof *r->alternatives))
        return error_set(e, TT_NOMEM, "out of memory");
    r->alternatives[r->count++] = text;
    return TT_OK;
}

static int add_rule(struct grammar *g, struct bytes name, struct error *e)
{
    if (!name.len || find_rule(g, name))
        return error_set(e, TT_SYNTAX, "the grammar has rule '%.*s' twice", (int)name.len,
                         (const char *)name.data);
    if (mem_grow(&g->rules, &g->rule_capacity, g->rule_count + 1, sizeof *g->rules))
        return error_set(e, TT_NOMEM, "out of memory");
    struct rule *r = &g->rules[g->rule_count++];
    memset(r, 0, sizeof *r);
    r->name = name;
    return TT_OK;
}

static int read_lines(struct rule *r, struct bytes *rest, struct error *e)
{
    int status = TT_OK;
    while (!status && rest->len && !starts_with(*rest, "== ")) {
        struct bytes line = next_line(rest);
        if (!starts_with(line, ";;"))
            status = add_alternative(r, line, e);
    }
    return status;
}

static int read_blocks(struct rule *r, struct bytes *rest, struct error *e)
{
    const unsigned char *from = rest->data;
    int status = TT_OK;
    while (!status && rest->len && !starts_with(*rest, "== ")) {
        const unsigned char *line_start = rest->data;
        struct bytes line = next_line(rest);
        if ((line.len == 2 && starts_with(line, "--")) || starts_with(line, ";;")) {
            status = add_alternative(r, slice(from, line_start), e);
            from = rest->data;
        }
    }
    return status ? status : add_alternative(r, slice(from, rest->data), e);
}

int grammar_add(struct grammar *g, struct bytes text, struct error *e)
{
    int status = TT_OK;
    while (!status && text.len) {
        struct bytes name = next_line(&text);
        if (!name.len || starts_with(name, ";;"))
            continue;
        if (!starts_with(name, "== "))
            return error_set(e, TT_SYNTAX, "the grammar has '%.*s' outside of a rule", (int)name.len,
                             (const char *)name.data);
        name = without_front(name, 3);
        int blocks = name.len > 2 && name.data[name.len - 1] == '*';
        name.len -= blocks ? 2 : 0;
        status = add_rule(g, name, e);
        if (!status)
            status = (blocks ? read_blocks : read_lines)(&g->rules[g->rule_count - 1], &text, e);
    }
    return status;
}

/* -------- the clock -------- */

/* Days since 1970 to the proleptic Gregorian date; years begin in March, so that the leap day comes last. */
static void put_date(struct buf *out, uint64_t days)
{
    uint64_t shifted = days + 719468, era = shifted / 146097, day_of_era = shifted % 146097;
    uint64_t year = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint64_t day_of_year = day_of_era - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : (uint64_t)0 - 9;
    buf_printf(out, "%04u-%02u-%02u", (unsigned)(year + era * 400 + (month <= 2)), (unsigned)month,
               (unsigned)day);
}

static void put_stamp(struct grammar *g, struct buf *out)
{
    g->clock_ms += prng_below(&g->random, STEP_MAX_MS) + 1;
    unsigned ms = (unsigned)(g->clock_ms % 86400000);
    put_date(out, g->clock_ms / 86400000);
    buf_printf(out, "T%02u:%02u:%02u.%03uZ", ms / 3600000, ms / 60000 % 60, ms / 1000 % 60, ms % 1000);
}

/* -------- expanding -------- */

static int bad_place_holder(struct expansion *x, struct bytes text)
{
    return error_set(x->error, TT_SYNTAX, "the grammar has a malformed '@{%.*s}'", (int)text.len,
                     (const char *)text.data);
}

static size_t deal(struct grammar *g, struct rule *r)
{
    size_t first = 0;
    if (!r->left) {
        r->left = r->count;
        first = r->count > 1; /* deck[0] was the last card of the round before: not twice in a row */
    }
    size_t k = first + (size_t)prng_below(&g->random, r->left - first);
    size_t card = r->deck[k];
    r->deck[k] = r->deck[--r->left];
    r->deck[r->left] = card;
    return card;
}

static int new_deck(struct rule *r)
{
    r->deck = mem_zalloc(r->count, sizeof *r->deck);
    if (!r->deck)
        return TT_NOMEM;
    for (size_t i = 0; i < r->count; i++)
        r->deck[i] = i;
    r->left = r->count;
    return TT_OK;
}

static struct variable *find_variable(struct grammar *g, struct bytes name)
{
    for (size_t i = 0; i < g->variable_count; i++) {
        if (same(g->variables[i].name, name))
            return &g->variables[i];
    }
    return NULL;
}

static int remember(struct expansion *x, struct bytes name, const unsigned char *text, size_t len)
{
    struct grammar *g = x->grammar;
    struct variable *v = find_variable(g, name);
    if (!v && g->variable_count == GRAMMAR_VARIABLES_MAX)
        return error_set(x->error, TT_LIMIT, "the grammar uses more than %d variables",
                         GRAMMAR_VARIABLES_MAX);
    if (!v) {
        v = &g->variables[g->variable_count++];
        v->name = name;
        buf_init(&v->value, 0);
    }
    buf_clear(&v->value);
    if (buf_append(&v->value, text, len))
        return error_set(x->error, TT_NOMEM, "out of memory");
    return TT_OK;
}

static int expand_binding(struct expansion *x, struct bytes name, struct bytes rule)
{
    size_t from = x->out->len;
    int status = expand_rule(x, rule);
    if (status || x->out->failed)
        return status;
    return remember(x, name, x->out->data + from, x->out->len - from);
}

static int recall(struct expansion *x, struct bytes name, int as_identifier)
{
    struct variable *v = find_variable(x->grammar, name);
    if (!v)
        return bad_place_holder(x, name);
    for (size_t i = 0; i < v->value.len; i++) {
        int c = v->value.data[i];
        buf_putc(x->out, as_identifier && (c == '-' || c == ' ') ? '_' : c);
    }
    return TT_OK;
}

static int expand_capital(struct expansion *x, struct bytes rule)
{
    size_t from = x->out->len;
    int status = expand_rule(x, rule);
    unsigned char *first = x->out->len > from ? x->out->data + from : NULL;
    if (!status && first && *first >= 'a' && *first <= 'z')
        *first = (unsigned char)(*first - 'a' + 'A');
    return status;
}

static int expand_repeat(struct expansion *x, uint64_t count, unsigned char joint, struct bytes rule)
{
    const char *between = joint == '|' ? "\n" : joint == '+' ? " " : ", ";
    int status = TT_OK;
    for (uint64_t i = 0; !status && i < count; i++) {
        if (i > 0)
            buf_puts(x->out, between);
        status = expand_rule(x, rule);
    }
    return status;
}

/* "an empty crate", "a crate". */
static int expand_with_article(struct expansion *x, struct bytes rule)
{
    struct buf text = BUF_INIT;
    struct expansion inner = {x->grammar, &text, x->error};
    int status = expand_rule(&inner, rule);
    int c = text.len ? text.data[0] : 0;
    int has_vowel = c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u';
    if (!status && text.failed)
        status = error_set(x->error, TT_NOMEM, "out of memory");
    buf_puts(x->out, has_vowel ? "an " : "a ");
    buf_append(x->out, text.data, text.len);
    buf_release(&text);
    return status;
}

/* "10..99" or "2..5|rule". */
static int expand_range(struct expansion *x, struct bytes text)
{
    struct bytes rest = text;
    size_t low_digits, high_digits;
    uint64_t low = take_number(&rest, &low_digits);
    if (!starts_with(rest, ".."))
        return bad_place_holder(x, text);
    rest = without_front(rest, 2);
    uint64_t high = take_number(&rest, &high_digits);
    if (!high_digits || high < low)
        return bad_place_holder(x, text);
    int width = *text.data == '0' ? (int)low_digits : 1;
    uint64_t value = low + prng_below(&x->grammar->random, high - low + 1);
    if (!rest.len) {
        buf_printf(x->out, "%0*llu", width, (unsigned long long)value);
        return TT_OK;
    }
    if (!memchr("|+,", rest.data[0], 3) || value > REPEAT_MAX)
        return bad_place_holder(x, text);
    return expand_repeat(x, value, rest.data[0], without_front(rest, 1));
}

static int expand_hex(struct expansion *x, struct bytes text)
{
    size_t digits;
    uint64_t count = take_number(&text, &digits);
    if (!digits || text.len || count > REPEAT_MAX)
        return bad_place_holder(x, text);
    while (count--)
        buf_putc(x->out, "0123456789abcdef"[prng_below(&x->grammar->random, 16)]);
    return TT_OK;
}

static int skip_time(struct expansion *x, struct bytes text)
{
    size_t digits;
    uint64_t seconds = take_number(&text, &digits);
    if (!digits || text.len)
        return bad_place_holder(x, text);
    x->grammar->clock_ms += prng_below(&x->grammar->random, seconds * 1000 + 1);
    return TT_OK;
}

static int expand_place_holder(struct expansion *x, struct bytes text)
{
    const unsigned char *colon = memchr(text.data, ':', text.len);
    if (!text.len)
        return bad_place_holder(x, text);
    if (is_digit(text.data[0]))
        return expand_range(x, text);
    if (text.data[0] == '^')
        return expand_capital(x, without_front(text, 1));
    if (text.data[0] == '+')
        return expand_with_article(x, without_front(text, 1));
    if (text.data[0] == '=')
        return recall(x, without_front(text, 1), 0);
    if (starts_with(text, "_="))
        return recall(x, without_front(text, 2), 1);
    if (starts_with(text, "hex "))
        return expand_hex(x, without_front(text, 4));
    if (starts_with(text, "skip "))
        return skip_time(x, without_front(text, 5));
    if (colon)
        return expand_binding(x, slice(text.data, colon), slice(colon + 1, text.data + text.len));
    if (text.len == 3 && starts_with(text, "day"))
        put_date(x->out, x->grammar->clock_ms / 86400000);
    else if (text.len == 5 && starts_with(text, "stamp"))
        put_stamp(x->grammar, x->out);
    else
        return expand_rule(x, text);
    return TT_OK;
}

/* The first "@{" in text, or its end. */
static const unsigned char *find_opening(struct bytes text)
{
    const unsigned char *end = text.data + text.len;
    for (const unsigned char *p = text.data; p + 1 < end; p++) {
        if (p[0] == '@' && p[1] == '{')
            return p;
    }
    return end;
}

static int expand_text(struct expansion *x, struct bytes text)
{
    const unsigned char *end = text.data + text.len;
    int status = TT_OK;
    while (!status && text.len) {
        const unsigned char *opening = find_opening(text);
        buf_append(x->out, text.data, (size_t)(opening - text.data));
        text = slice(opening, end);
        if (!text.len)
            break;
        const unsigned char *closing = memchr(text.data, '}', text.len);
        if (!closing)
            return bad_place_holder(x, text);
        status = expand_place_holder(x, slice(opening + 2, closing));
        text = slice(closing + 1, end);
    }
    return status;
}

static int expand_rule(struct expansion *x, struct bytes name)
{
    struct grammar *g = x->grammar;
    struct rule *r = find_rule(g, name);
    if (!r || !r->count)
        return error_set(x->error, TT_SYNTAX, "the grammar has no rule '%.*s'", (int)name.len,
                         (const char *)name.data);
    if (!r->deck && new_deck(r))
        return error_set(x->error, TT_NOMEM, "out of memory");
    if (g->depth >= GRAMMAR_DEPTH_MAX)
        return error_set(x->error, TT_LIMIT, "the grammar's rule '%.*s' is nested too deeply", (int)name.len,
                         (const char *)name.data);
    g->depth++;
    int status = expand_text(x, r->alternatives[deal(g, r)]);
    g->depth--;
    return status;
}

int grammar_expand(struct grammar *g, const char *rule, struct buf *out, struct error *e)
{
    struct expansion x = {g, out, e};
    struct bytes name = {(const unsigned char *)rule, strlen(rule)};
    forget_variables(g);
    int status = expand_rule(&x, name);
    if (!status && out->failed)
        status = error_set(e, (enum tt_err)out->failed, "no room for a text from the grammar");
    return status;
}
