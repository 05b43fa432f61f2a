/* SPDX-License-Identifier: MIT */
#include "formats/agentic_text.h"

#include <string.h>

#include "formats/grammar.h"
#include "formats/texts.h"

/* In a text file, a line "@@ rule" stands where the generated material goes. */
#define MARKER "\n@@ "

struct plan {
    const char *file;
    uint64_t seed;
    size_t usual; /* the end of the generated line (of the section, in the long text) that comes nearest to
                     `tokens` */
    uint64_t tokens;
};

static const struct plan plans[AGENTIC_TEXTS] = {
    [AGENTIC_SYSTEM_A] = {"system_a", 11, 24495, 6000},
    [AGENTIC_SYSTEM_B] = {"system_b", 22, 22994, 6000},
    [AGENTIC_USER_X] = {"user_x", 33, 3959, 1500},
    [AGENTIC_USER_Y] = {"user_y", 44, 3817, 1500},
    [AGENTIC_USER_LONG] = {"user_long", 55, 154574, 50000},
};

static struct bytes find_text(const char *name)
{
    for (const struct embedded_text *t = embedded_texts; t->name; t++) {
        if (strcmp(t->name, name) == 0)
            return t->text;
    }
    return (struct bytes){NULL, 0};
}

static const unsigned char *find_marker(struct bytes text)
{
    size_t len = strlen(MARKER);
    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, MARKER, len) == 0)
            return text.data + i;
    }
    return NULL;
}

static int load_grammar(struct agentic_source *s, uint64_t seed, struct error *e)
{
    int status = TT_OK;
    s->grammar = grammar_new(seed);
    if (!s->grammar)
        return error_set(e, TT_NOMEM, "out of memory");
    for (const struct embedded_text *t = embedded_texts; !status && t->name; t++) {
        if (strncmp(t->name, "grammar_", 8) == 0)
            status = grammar_add(s->grammar, t->text, e);
    }
    return status;
}

/* Splits a text file at its marker into the body's beginning, the rule's name and the ending. */
static int split_file(struct agentic_source *s, const char *name, struct error *e)
{
    struct bytes file = find_text(name);
    const unsigned char *marker = find_marker(file), *end = file.data + file.len;
    const unsigned char *rule = marker ? marker + strlen(MARKER) : end;
    const unsigned char *line_end = memchr(rule, '\n', (size_t)(end - rule));
    if (!marker || !line_end || (size_t)(line_end - rule) >= sizeof s->rule)
        return error_set(e, TT_SYNTAX, "the built-in text '%s' has no place for generated lines", name);
    memcpy(s->rule, rule, (size_t)(line_end - rule));
    s->ending = (struct bytes){line_end, (size_t)(end - line_end)};
    if (buf_append(&s->body, file.data, (size_t)(marker - file.data)))
        return error_set(e, TT_NOMEM, "out of memory");
    return TT_OK;
}

int agentic_source_open(struct agentic_source *s, enum agentic_which which, struct error *e)
{
    const struct plan *plan = &plans[which];
    memset(s, 0, sizeof *s);
    s->usual = plan->usual;
    s->tokens = plan->tokens;
    int status = load_grammar(s, plan->seed, e);
    return status ? status : split_file(s, plan->file, e);
}

int agentic_source_grow(struct agentic_source *s, size_t bytes, struct error *e)
{
    int status = TT_OK;
    while (!status && s->body.len < bytes) {
        buf_putc(&s->body, '\n');
        status = grammar_expand(s->grammar, s->rule, &s->body, e);
    }
    return status;
}

void agentic_source_text(const struct agentic_source *s, size_t bytes, struct bytes link, struct buf *out)
{
    buf_append(out, s->body.data, bytes);
    buf_append(out, link.data, link.len);
    buf_append(out, s->ending.data, s->ending.len);
}

void agentic_source_release(struct agentic_source *s)
{
    buf_release(&s->body);
    grammar_free(s->grammar);
    memset(s, 0, sizeof *s);
}
