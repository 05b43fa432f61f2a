/* SPDX-License-Identifier: MIT */
#include "formats/options.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"

#define HELP_COLUMN 30
#define HELP_WIDTH  100

struct parse {
    const struct command_help *help;
    int argc, next;
    char **argv;
    char *values;
    struct option_list *operands;
    int *wants_help;
    struct error *error;
};

static int list_add(struct option_list *list, const char *item)
{
    if (mem_grow(&list->items, &list->capacity, list->count + 1, sizeof *list->items))
        return TT_NOMEM;
    list->items[list->count++] = item;
    return TT_OK;
}

static const struct option_def *find_long(const struct command_help *help, const char *name, size_t len)
{
    for (const struct option_def *o = help->options; o->name; o++) {
        if (strlen(o->name) == len && strncmp(o->name, name, len) == 0)
            return o;
    }
    return NULL;
}

static const struct option_def *find_letter(const struct command_help *help, char letter)
{
    for (const struct option_def *o = help->options; o->name; o++) {
        if (o->letter == letter)
            return o;
    }
    return NULL;
}

static int set_count(const struct option_def *o, void *slot, const char *text, struct error *e)
{
    char *end;
    errno = 0;
    unsigned long long v = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno)
        return error_set(e, TT_USAGE, "--%s wants a whole number, not '%s'", o->name, text);
    *(uint64_t *)slot = v;
    return TT_OK;
}

static int set_real(const struct option_def *o, void *slot, const char *text, struct error *e)
{
    char *end;
    double v = strtod(text, &end);
    if (end == text || *end || !isfinite(v) || v < 0)
        return error_set(e, TT_USAGE, "--%s wants a number of at least 0, not '%s'", o->name, text);
    *(double *)slot = v;
    return TT_OK;
}

static int set_choice(const struct option_def *o, void *slot, const char *text, struct error *e)
{
    size_t len = strlen(text);
    for (const char *p = o->choices; *p;) {
        size_t n = strcspn(p, "|");
        if (n == len && strncmp(p, text, n) == 0) {
            *(const char **)slot = text;
            return TT_OK;
        }
        p += n + (p[n] == '|');
    }
    return error_set(e, TT_USAGE, "--%s wants one of %s, not '%s'", o->name, o->choices, text);
}

static int set_value(struct parse *p, const struct option_def *o, const char *text)
{
    void *slot = p->values + o->offset;
    switch (o->type) {
    case OPTION_FLAG:
        *(int *)slot = 1;
        return TT_OK;
    case OPTION_TEXT:
        *(const char **)slot = text;
        return TT_OK;
    case OPTION_COUNT:
        return set_count(o, slot, text, p->error);
    case OPTION_REAL:
        return set_real(o, slot, text, p->error);
    case OPTION_CHOICE:
        return set_choice(o, slot, text, p->error);
    case OPTION_LIST:
        return list_add(slot, text);
    }
    return TT_USAGE;
}

/* Takes the option's argument from behind '=' or from the next word. */
static int take_option(struct parse *p, const struct option_def *o, const char *attached)
{
    if (o->type == OPTION_FLAG) {
        if (attached)
            return error_set(p->error, TT_USAGE, "--%s takes no value", o->name);
        return set_value(p, o, NULL);
    }
    if (!attached && p->next < p->argc)
        attached = p->argv[p->next++];
    if (!attached)
        return error_set(p->error, TT_USAGE, "--%s wants a value: %s", o->name, o->argument);
    return set_value(p, o, attached);
}

static int unknown_option(struct parse *p, const char *word)
{
    return error_set(p->error, TT_USAGE, "unknown option '%s'; 'toktape %s --help' lists them", word,
                     p->help->name);
}

static int parse_long(struct parse *p, const char *word)
{
    const char *name = word + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    if (len == 4 && strncmp(name, "help", 4) == 0) {
        *p->wants_help = 1;
        return TT_OK;
    }
    const struct option_def *o = find_long(p->help, name, len);
    return o ? take_option(p, o, equals ? equals + 1 : NULL) : unknown_option(p, word);
}

/* "-qv" is two flags; "-oFILE" is one option with its value attached. */
static int parse_letters(struct parse *p, const char *word)
{
    for (const char *c = word + 1; *c; c++) {
        const struct option_def *o = find_letter(p->help, *c);
        if (!o && *c == 'h') {
            *p->wants_help = 1;
            return TT_OK;
        }
        if (!o)
            return unknown_option(p, word);
        if (o->type != OPTION_FLAG)
            return take_option(p, o, c[1] ? c + 1 : NULL);
        int status = take_option(p, o, NULL);
        if (status)
            return status;
    }
    return TT_OK;
}

int options_parse(const struct command_help *help, int argc, char **argv, void *values,
                  struct option_list *operands, int *wants_help, struct error *e)
{
    struct parse p = {help, argc, 1, argv, values, operands, wants_help, e};
    int only_operands = 0, status = TT_OK;
    *wants_help = 0;
    while (p.next < argc && !status && !*wants_help) {
        const char *word = argv[p.next++];
        if (only_operands || word[0] != '-' || !word[1])
            status = list_add(operands, word);
        else if (strcmp(word, "--") == 0)
            only_operands = 1;
        else
            status = word[1] == '-' ? parse_long(&p, word) : parse_letters(&p, word);
    }
    return status == TT_NOMEM ? error_set(e, TT_NOMEM, "out of memory") : status;
}

void options_release(const struct command_help *help, void *values, struct option_list *operands)
{
    for (const struct option_def *o = help->options; o->name; o++) {
        if (o->type == OPTION_LIST) {
            struct option_list *list = (void *)((char *)values + o->offset);
            mem_free(list->items);
            memset(list, 0, sizeof *list);
        }
    }
    mem_free(operands->items);
    memset(operands, 0, sizeof *operands);
}

/* Breaks a line of text at spaces so that it fits beside the option names. */
static void describe_line(struct buf *out, const char *text, size_t len, size_t indent)
{
    size_t room = HELP_WIDTH - indent;
    while (len > room) {
        size_t cut = room;
        while (cut > 0 && text[cut] != ' ')
            cut--;
        if (!cut)
            break;
        buf_append(out, text, cut);
        buf_printf(out, "\n%*s", (int)indent, "");
        text += cut + 1;
        len -= cut + 1;
    }
    buf_append(out, text, len);
    buf_putc(out, '\n');
}

static void describe_wrapped(struct buf *out, const char *text, size_t indent)
{
    for (size_t len; *text; text += len + (text[len] == '\n')) {
        len = strcspn(text, "\n");
        describe_line(out, text, len, indent);
    }
}

static void describe_option(struct buf *out, const struct option_def *o)
{
    const char *argument = o->type == OPTION_CHOICE ? o->choices : o->argument;
    char letter[8] = "    ";
    size_t begin = out->len;
    if (o->letter)
        snprintf(letter, sizeof letter, "-%c, ", o->letter);
    buf_printf(out, "  %s--%s%s%s", letter, o->name, argument ? " " : "", argument ? argument : "");
    size_t used = out->len - begin;
    if (used >= HELP_COLUMN - 1)
        buf_printf(out, "\n%*s", HELP_COLUMN, "");
    else
        buf_printf(out, "%*s", HELP_COLUMN - (int)used, "");
    describe_wrapped(out, o->help, HELP_COLUMN);
}

void options_describe(const struct command_help *help, struct buf *out)
{
    buf_printf(out, "usage: toktape %s [options]%s%s\n\n", help->name, *help->operands ? " " : "",
               help->operands);
    describe_wrapped(out, help->summary, 0);
    buf_puts(out, "\noptions:\n");
    for (const struct option_def *o = help->options; o->name; o++)
        describe_option(out, o);
    buf_puts(out, "  -h, --help                  show this\n");
    if (help->notes) {
        buf_putc(out, '\n');
        describe_wrapped(out, help->notes, 0);
    }
}
