/* SPDX-License-Identifier: MIT */
#include "formats/manual.h"

#include <stdio.h>
#include <string.h>

#include "formats/manual_prose.h"
#include "formats/roff.h"
#include "formats/version.h"

#define PAGE_NAME_MAX 64

/* Behind the description, in the order that readers of manual pages expect. */
static const char *const sections[] = {
    "ENVIRONMENT", "FILES",     "EXIT STATUS", "EXAMPLES", "DIAGNOSTICS",
    "SEE ALSO",    "STANDARDS", "CAVEATS",     NULL,
};

/* Text that a section has when nobody wrote one. */
struct fallback {
    const char *section, *text;
};

static void write_bytes(struct buf *out, struct bytes text)
{
    if (text.len)
        buf_append(out, text.data, text.len);
}

static void write_head(struct buf *out, const char *name, const char *section, const char *summary)
{
    buf_printf(out, ".\\\" Made from option tables and docs/man/%s.mdoc.\n.Dd %s\n.Dt ", name,
               toktape_date());
    for (const char *c = name; *c; c++)
        buf_putc(out, *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    buf_printf(out, " %s\n.Os toktape %s\n.Sh NAME\n.Nm %s\n.Nd ", section, toktape_version(), name);
    roff_text(out, summary, strlen(summary));
}

static void write_sections(struct buf *out, struct bytes prose, const struct fallback *fallbacks)
{
    for (size_t i = 0; sections[i]; i++) {
        struct bytes text = manual_prose_section(prose, sections[i]);
        const struct fallback *f = fallbacks;
        while (!text.len && f->section && strcmp(f->section, sections[i]) != 0)
            f++;
        if (text.len || (f->text && *f->text))
            buf_printf(out, ".Sh %s\n", sections[i]);
        if (text.len)
            write_bytes(out, text);
        else if (f->text)
            buf_puts(out, f->text);
    }
}

/* "auto|none|LIST": alternatives; what is in capitals stands for something. */
static void write_alternatives(struct buf *out, const char *text, const char *macro)
{
    while (*text) {
        size_t len = strcspn(text, "|");
        buf_printf(out, " %s ", macro);
        roff_word(out, text, len);
        text += len;
        if (*text) {
            buf_puts(out, " |");
            text++;
        }
    }
}

static void write_option_name(struct buf *out, const struct option_def *o)
{
    buf_puts(out, ".It");
    if (o->letter)
        buf_printf(out, " Fl %c ,", o->letter);
    buf_printf(out, " Fl \\-%s", o->name);
    if (o->type == OPTION_CHOICE)
        write_alternatives(out, o->choices, "Cm");
    else if (o->argument)
        write_alternatives(out, o->argument, "Ar");
    buf_putc(out, '\n');
}

static void write_options(struct buf *out, const struct option_def *options)
{
    buf_puts(out, ".Pp\nThe options are:\n.Bl -tag -width Ds\n");
    for (const struct option_def *o = options; o->name; o++) {
        write_option_name(out, o);
        roff_text(out, o->help, strlen(o->help));
    }
    buf_puts(out, ".It Fl h , Fl \\-help\nshow the options\n.El\n");
}

/* Where the paragraph, or the block of indented lines, at `text` ends. */
static size_t piece_length(const char *text)
{
    size_t len = 0;
    int literal = *text == ' ';
    while (text[len] && text[len] != '\n' && (text[len] == ' ') == literal) {
        len += strcspn(text + len, "\n");
        len += text[len] == '\n';
    }
    return len;
}

static void write_piece(struct buf *out, const char *text, size_t len)
{
    if (*text == ' ')
        buf_puts(out, ".Bd -literal -offset indent\n");
    else
        buf_puts(out, ".Pp\n");
    if (*text == ' ')
        roff_lines(out, text, len);
    else
        roff_text(out, text, len);
    if (*text == ' ')
        buf_puts(out, ".Ed\n");
}

static int starts_examples(const char *text)
{
    return strncmp(text, "example:", 8) == 0 || strncmp(text, "examples:", 9) == 0;
}

/* The notes of --help; what stands under "examples:" goes to *examples. */
static void write_notes(struct buf *out, const char *notes, struct buf *examples)
{
    while (notes && *notes) {
        size_t len = piece_length(notes);
        if (starts_examples(notes)) {
            notes += strcspn(notes, "\n");
            notes += *notes == '\n';
            len = piece_length(notes);
            write_piece(examples, notes, len);
        } else if (len) {
            write_piece(out, notes, len);
        }
        notes += len;
        notes += strspn(notes, "\n");
    }
}

/* "Ar TRACE", "Fl o": one word of the operands. */
static void write_operand(struct buf *out, const char *word, size_t len)
{
    int option = *word == '-';
    buf_puts(out, option ? "Fl " : "Ar ");
    roff_word(out, word + option, len - (size_t)option);
}

/* A line for each word, and one for what stands in brackets, which need not be there. */
static void write_synopsis(struct buf *out, const char *operands)
{
    while (*operands) {
        int optional = *operands == '[';
        const char *word = operands + optional, *end = word + strcspn(word, optional ? "]" : " ");
        buf_puts(out, optional ? ".Op " : ".");
        for (size_t len; word < end; word += len) {
            len = strcspn(word, optional ? " ]" : " ");
            write_operand(out, word, len);
            len += word[len] == ' ';
            buf_puts(out, word + len < end ? " " : "");
        }
        buf_putc(out, '\n');
        operands = end + (optional && *end);
        operands += strspn(operands, " ");
    }
}

void manual_command(const char *summary, const struct command_help *help, struct buf *out)
{
    char page[PAGE_NAME_MAX];
    snprintf(page, sizeof page, "toktape-%s", help->name);
    struct bytes prose = manual_prose(page);
    struct buf examples = BUF_INIT;
    write_head(out, page, "1", summary);
    buf_printf(out, ".Sh SYNOPSIS\n.Nm toktape\n.Cm %s\n.Op Ar options\n", help->name);
    write_synopsis(out, help->operands);
    buf_puts(out, ".Sh DESCRIPTION\n");
    roff_text(out, help->summary, strlen(help->summary));
    write_bytes(out, manual_prose_section(prose, NULL));
    write_options(out, help->options);
    write_notes(out, help->notes, &examples);
    const struct fallback fallbacks[] = {
        {"EXIT STATUS", "0 for success; all codes are listed in\n.Xr toktape 1 .\n"},
        {"EXAMPLES", buf_text(&examples)},
        {"SEE ALSO", ".Xr toktape 1 ,\n.Xr toktape-trace 5\n"},
        {NULL, NULL},
    };
    write_sections(out, prose, fallbacks);
    if (examples.failed)
        out->failed = examples.failed;
    buf_release(&examples);
}

void manual_overview(const struct manual_entry *entries, size_t count, struct buf *out)
{
    static const struct fallback none[] = {{NULL, NULL}};
    struct bytes prose = manual_prose("toktape");
    write_head(out, "toktape", "1", "record what an LLM engine does, and make figures of recordings");
    buf_puts(out,
             ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar options\n.Op Ar operands\n.Nm\n.Fl \\-version\n.Nm\n"
             ".Cm help\n.Op Ar command\n.Sh DESCRIPTION\n");
    write_bytes(out, manual_prose_section(prose, NULL));
    buf_puts(out, ".Pp\nThe commands are:\n.Bl -tag -width completion\n");
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, ".It Xr toktape-%s 1\n", entries[i].name);
        roff_text(out, entries[i].summary, strlen(entries[i].summary));
    }
    buf_puts(out, ".El\n");
    write_sections(out, prose, none);
}

void manual_trace(struct buf *out)
{
    static const struct fallback none[] = {{NULL, NULL}};
    struct bytes prose = manual_prose("toktape-trace");
    write_head(out, "toktape-trace", "5", "the file of one recording");
    buf_puts(out, ".Sh DESCRIPTION\n");
    write_bytes(out, manual_prose_section(prose, NULL));
    write_sections(out, prose, none);
}
