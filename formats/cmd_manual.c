/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/manual.h"

int cmd_manual(int argc, char **argv);

struct manual_options {
    const char *output, *all;
};

#define AT(member) offsetof(struct manual_options, member)

static const struct option_def options[] = {
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write to FILE instead of standard output", AT(output)},
    {"all", 0, OPTION_TEXT, "DIR", NULL, "write every page into DIR, which is made when missing", AT(all)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "manual", "[PAGE]", "Prints a manual page: that of a command, of the format (trace), or the overview.",
    options,
    "Installed packages have them where man looks for them. They are written in mdoc, which every man "
    "understands.\n\n"
    "examples:\n"
    "  toktape manual record | man -l -            # on Linux\n"
    "  toktape manual record | mandoc | less       # on macOS\n"
    "  mkdir -p ~/.local/share/man/man1\n"
    "  toktape manual --all ~/.local/share/man/man1"};

static int write_told(const struct command_help *told, void *context)
{
    struct buf *out = context;
    const struct command *c = toktape_commands;
    while (strcmp(c->name, told->name) != 0)
        c++;
    manual_command(c->summary, told, out);
    return 0;
}

static int write_overview(struct buf *out, struct error *e)
{
    size_t count = 0;
    while (toktape_commands[count].name)
        count++;
    struct manual_entry *entries = mem_zalloc(count, sizeof *entries);
    if (!entries)
        return error_set(e, TT_NOMEM, "out of memory");
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct manual_entry){toktape_commands[i].name, toktape_commands[i].summary};
    manual_overview(entries, count, out);
    mem_free(entries);
    return TT_OK;
}

/* `page` is NULL for the overview. */
static int write_page(const char *page, struct buf *out, struct error *e)
{
    const struct command *c = toktape_commands;
    if (!page)
        return write_overview(out, e);
    while (c->name && strcmp(c->name, page) != 0)
        c++;
    if (c->name)
        command_describe(c, write_told, out);
    else if (strcmp(page, "trace") == 0)
        manual_trace(out);
    else
        return error_set(e, TT_USAGE, "there is no page '%s'; 'toktape manual' lists the commands", page);
    return TT_OK;
}

static int save_page(const char *folder, const char *page, int section, struct error *e)
{
    struct buf text = BUF_INIT, path = BUF_INIT;
    int status = write_page(page, &text, e);
    buf_printf(&path, "%s/toktape%s%s.%d", folder, page ? "-" : "", page ? page : "", section);
    if (!status && (text.failed || path.failed))
        status = error_set(e, TT_NOMEM, "out of memory");
    if (!status)
        status = io_write_file(buf_text(&path), text.data, text.len, e);
    buf_release(&text);
    buf_release(&path);
    return status;
}

static int save_all(const char *folder, struct error *e)
{
    int status = io_make_directory(folder, e);
    if (!status)
        status = save_page(folder, NULL, 1, e);
    if (!status)
        status = save_page(folder, "trace", 5, e);
    for (const struct command *c = toktape_commands; !status && c->name; c++)
        status = save_page(folder, c->name, 1, e);
    return status;
}

static int check(const struct manual_options *o, const struct option_list *pages, struct error *e)
{
    if (pages->count > 1)
        return error_set(e, TT_USAGE, "manual wants one page at a time, or --all DIR");
    if (o->all && (pages->count || o->output))
        return error_set(e, TT_USAGE,
                         "--all writes every page into a folder: no page and no --output beside it");
    return TT_OK;
}

int cmd_manual(int argc, char **argv)
{
    struct manual_options o = {NULL, NULL};
    struct option_list pages = {0};
    struct error e = {0};
    struct buf text = BUF_INIT;
    int code = command_begin(&help, argc, argv, &o, &pages);
    if (code == COMMAND_CONTINUE) {
        int status = check(&o, &pages, &e);
        if (!status)
            status = o.all ? save_all(o.all, &e) : write_page(pages.count ? pages.items[0] : NULL, &text, &e);
        code = status ? command_fail(&e) : o.all ? 0 : command_deliver(o.output, &text);
    }
    buf_release(&text);
    options_release(&help, &o, &pages);
    return code;
}
