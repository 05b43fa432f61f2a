/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyze/export_walk.h"
#include "analyze/exporters.h"
#include "formats/command.h"
#include "formats/io.h"

int cmd_export(int argc, char **argv);

struct export_options {
    const char *format, *output;
    int allow_incomplete, quiet, is_plain;
    uint64_t part_mb;
};

#define AT(member)      offsetof(struct export_options, member)
#define PART_MB_DEFAULT 512
#define PART_MB_MAX     65536

static char format_names[160]; /* "jsonl|csv|…", of the table of exporters */

static const struct option_def options[] = {
    {"format", 0, OPTION_CHOICE, NULL, format_names, "how to write it (default jsonl)", AT(format)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL,
     "write to a new FILE, or into a folder; '-' (default) is standard output, where the format allows it",
     AT(output)},
    {"part-mb", 0, OPTION_COUNT, "N", NULL,
     "into a folder: a file ends after the trace that makes it N MB of lines (default 512)", AT(part_mb)},
    {"plain", 0, OPTION_FLAG, NULL, NULL, "into a folder: files are not compressed", AT(is_plain)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "no warnings", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static void name_formats(void)
{
    size_t used = 0;
    const struct exporter *x;
    for (size_t i = 0; (x = exporter_at(i)) != NULL; i++) {
        int n = snprintf(format_names + used, sizeof format_names - used, "%s%s", i ? "|" : "", x->name);
        used += n > 0 && (size_t)n < sizeof format_names - used ? (size_t)n : 0;
    }
}

/* A paragraph for each format. */
static void describe_formats(struct buf *notes)
{
    const struct exporter *x;
    for (size_t i = 0; (x = exporter_at(i)) != NULL; i++)
        buf_printf(notes, "%s: %s.\n\n", x->name, x->what);
    buf_puts(notes,
             "Several traces go into one file, each recording once. The exit code is 3 when a trace was "
             "incomplete or repaired.\n\n"
             "examples:\n"
             "  toktape export run.toktape | jq 'select(.type == \"run\")'\n"
             "  toktape export --format sqlite -o archive.sqlite *.toktape");
}

struct export
{
    const struct export_options *options;
    const struct exporter *exporter;
    struct export_walk walk;
};

static int export_into(struct export *x, const struct export_target *to, struct error *e)
{
    void *state = x->exporter->open(to, e);
    if (!state)
        return e->code;
    x->walk.exporter = x->exporter;
    x->walk.state = state;
    int status = export_walk(&x->walk, e);
    if (!status && x->exporter->finish)
        status = x->exporter->finish(state, e);
    x->exporter->close(state);
    return status;
}

static int fill(void *context, int fd, const char *path, struct error *e)
{
    struct export_target to = {.fd = fd, .path = path};
    return export_into(context, &to, e);
}

/* It has its name when it is complete, and not before. */
static int export_file(struct export *x, const char *path, struct error *e)
{
    struct io_making making = {fill, NULL, x};
    struct buf temporary = BUF_INIT;
    if (io_exists(path))
        return error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", path);
    buf_printf(&temporary, "%s.tmp", path);
    int status = temporary.failed ? error_set(e, TT_NOMEM, "out of memory")
                                  : io_make_new(path, buf_text(&temporary), &making, e);
    buf_release(&temporary);
    return status ? status : io_sync_folder_of(path, e);
}

/* A reader who has seen enough may leave. */
static int export_stream(struct export *x, const char *path, struct error *e)
{
    int fd = io_open_stream(path, e);
    if (fd < 0)
        return fd;
    struct export_target to = {.fd = fd, .path = fd == STDOUT_FILENO ? "standard output" : path};
    int status = export_into(x, &to, e);
    int closed = io_close(fd, path, status ? NULL : e);
    return status && status != TT_CLOSED ? status : closed;
}

static int export_folder(struct export *x, const char *path, struct error *e)
{
    struct export_target to = {
        .fd = -1, .path = path, .part_bytes = x->options->part_mb << 20, .is_plain = x->options->is_plain};
    if (x->options->part_mb < 1 || x->options->part_mb > PART_MB_MAX)
        return error_set(e, TT_USAGE, "--part-mb wants 1 to %d", PART_MB_MAX);
    return export_into(x, &to, e);
}

static int export_all(struct export *x, struct error *e)
{
    const char *path = x->options->output ? x->options->output : "-", *name = x->exporter->name;
    int is_stream = io_is_stream(path);
    if (!x->walk.count)
        return error_set(e, TT_USAGE, "export wants a trace; 'toktape export --help' shows how");
    if (x->exporter->to == EXPORT_TO_FOLDER && !is_stream)
        return export_folder(x, path, e);
    if (is_stream && x->exporter->to != EXPORT_TO_STREAM)
        return error_set(e, TT_USAGE, "--format %s cannot go into a pipe; give it a %s with -o", name,
                         x->exporter->to == EXPORT_TO_FOLDER ? "folder" : "new file");
    return is_stream ? export_stream(x, path, e) : export_file(x, path, e);
}

static int export(const struct export_options *o, const struct option_list *traces)
{
    struct error e = {0};
    struct export x = {.options = o, .exporter = exporter_find(o->format)};
    x.walk.paths = traces->items;
    x.walk.count = traces->count;
    x.walk.allow_incomplete = o->allow_incomplete;
    int status = export_all(&x, &e), code = x.walk.has_incomplete ? 3 : 0;
    for (size_t i = 0; !status && !o->quiet && i < x.walk.warnings.count; i++)
        command_warn("%s", x.walk.warnings.items[i]);
    text_list_release(&x.walk.warnings);
    return status ? command_fail(&e) : code;
}

int cmd_export(int argc, char **argv)
{
    struct export_options values = {.format = "jsonl", .part_mb = PART_MB_DEFAULT};
    struct option_list operands = {0};
    struct buf notes = BUF_INIT;
    name_formats();
    describe_formats(&notes);
    struct command_help help = {"export", "TRACE...", "Writes traces in another format.", options,
                                buf_text(&notes)};
    int code = command_begin(&help, argc, argv, &values, &operands);
    if (code == COMMAND_CONTINUE)
        code = export(&values, &operands);
    options_release(&help, &values, &operands);
    buf_release(&notes);
    return code;
}
