/* SPDX-License-Identifier: MIT */
#include "formats/completion_parts.h"

#include <string.h>

#include "formats/texts.h"

/* What the names of arguments in --help stand for. */
static const struct {
    const char *word;
    enum completes kind;
    const char *suffix;
} meanings[] = {
    {"TRACE", COMPLETES_FILES, "toktape"}, {"BASE", COMPLETES_FILES, "toktape"},
    {"NEW", COMPLETES_FILES, "toktape"},   {"md", COMPLETES_FILES, "md"},
    {"json", COMPLETES_FILES, "json"},     {"FILE", COMPLETES_FILES, NULL},
    {"OUT", COMPLETES_FILES, NULL},        {"DIR", COMPLETES_FOLDERS, NULL},
    {"FOLDER", COMPLETES_FOLDERS, NULL},   {"PAGE", COMPLETES_COMMANDS, NULL},
};

static void add_suffix(struct completion_argument *a, const char *suffix)
{
    size_t i = 0;
    while (i < 2 && a->suffix[i] && strcmp(a->suffix[i], suffix) != 0)
        i++;
    a->suffix[i] = suffix;
}

static void add_word(struct completion_argument *a, const char *word, size_t len)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strlen(meanings[i].word) != len || strncmp(meanings[i].word, word, len) != 0)
            continue;
        a->kind = meanings[i].kind;
        if (meanings[i].suffix)
            add_suffix(a, meanings[i].suffix);
    }
}

/* Words are letters; everything else stands between them. */
static struct completion_argument of_name(const char *name, size_t len)
{
    struct completion_argument a = {COMPLETES_NOTHING, NULL, {NULL, NULL, NULL}};
    for (size_t start = 0, i = 0; i <= len; i++) {
        int letter = i < len && ((name[i] >= 'A' && name[i] <= 'Z') || (name[i] >= 'a' && name[i] <= 'z'));
        if (letter)
            continue;
        add_word(&a, name + start, i - start);
        start = i + 1;
    }
    return a;
}

struct completion_argument completion_of_option(const struct option_def *option)
{
    struct completion_argument a = {COMPLETES_NOTHING, NULL, {NULL, NULL, NULL}};
    if (option->argument)
        a = of_name(option->argument, strlen(option->argument));
    a.words = option->choices;
    if (a.words && a.kind == COMPLETES_NOTHING) {
        int list = option->argument && strcmp(option->argument, "LIST") == 0;
        a.kind = list ? COMPLETES_LIST : COMPLETES_WORDS;
    }
    return a;
}

/* "TRACE -o FILE", "[--url URL]": options among the operands are completed as options. */
struct completion_argument completion_of_operands(const struct command_help *help)
{
    const char *operands = help->operands;
    struct completion_argument a = of_name(operands, strcspn(operands, "-"));
    if (a.kind == COMPLETES_NOTHING && *operands >= 'a' && *operands <= 'z') {
        a.kind = COMPLETES_WORDS;
        a.words = operands;
    }
    return a;
}

int completion_takes_value(const struct option_def *option)
{
    return option->type != OPTION_FLAG;
}

void completion_words(struct buf *out, const char *words)
{
    for (; *words; words++)
        buf_putc(out, *words == '|' ? ' ' : *words);
}

void completion_suffixes(struct buf *out, const struct completion_argument *argument)
{
    for (size_t i = 0; i < 3 && argument->suffix[i]; i++)
        buf_printf(out, " %s", argument->suffix[i]);
}

size_t completion_sentence(const char *help)
{
    return strcspn(help, ";\n");
}

void completion_constant(struct buf *out, const char *name)
{
    for (const struct embedded_text *t = command_texts; t->name; t++) {
        if (strcmp(t->name, name) == 0)
            buf_append(out, t->text.data, t->text.len);
    }
}

int completion_write(const char *shell, const struct completion_source *source, struct buf *out,
                     struct error *e)
{
    static const struct {
        const char *name;
        void (*write)(const struct completion_source *source, struct buf *out);
    } shells[] = {{"bash", completion_bash}, {"zsh", completion_zsh}, {"fish", completion_fish}};
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (strcmp(shells[i].name, shell) == 0) {
            shells[i].write(source, out);
            return TT_OK;
        }
    }
    return error_set(e, TT_USAGE, "there is completion for %s, not for '%s'", COMPLETION_SHELLS, shell);
}
