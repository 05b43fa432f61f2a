/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analyze/info.h"
#include "analyze/tape.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/textsafe.h"
#include "formats/trace_reader.h"

int cmd_info(int argc, char **argv);

struct info_options {
    const char *output;
    int json, allow_incomplete;
};

#define AT(member) offsetof(struct info_options, member)

static const struct option_def options[] = {
    {"json", 0, OPTION_FLAG, NULL, NULL, "one JSON object, or an array of them for several traces", AT(json)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write to FILE instead of standard output", AT(output)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {"info", "TRACE...",
                                         "Says what a trace is a recording of, and how it ended.", options,
                                         "A closed trace is described by its first and last block, whatever "
                                         "its size. The exit code is 3 when a trace "
                                         "was incomplete or repaired."};

/* 1 when both ends of the file can be reached without reading what is between; a pipe's cannot. */
static int can_seek(const char *path)
{
    int fd = strcmp(path, "-") == 0 ? -1 : io_open_read(path, NULL);
    int regular = fd >= 0 && io_is_regular(fd);
    if (fd >= 0)
        io_close(fd, path, NULL);
    return regular;
}

static cJSON *describe_ends(const char *path)
{
    cJSON *meta = NULL, *end = NULL, *info = NULL;
    if (can_seek(path) && trace_read_ends(path, &meta, &end, NULL) == TT_OK && end)
        info = info_of_ends(meta, end);
    cJSON_Delete(meta);
    cJSON_Delete(end);
    return info;
}

static cJSON *describe_whole(const char *path, const struct info_options *o, struct error *e)
{
    struct tape tape;
    struct tape_options how = {.allow_incomplete = o->allow_incomplete};
    cJSON *info = NULL;
    if (tape_load(&tape, path, &how, e) == TT_OK && !(info = info_of_tape(&tape)))
        error_set(e, TT_NOMEM, "out of memory");
    tape_release(&tape);
    return info;
}

static int was_incomplete(const cJSON *info)
{
    const char *closed = json_string(info, "closed");
    return closed && (strcmp(closed, "incomplete") == 0 || strcmp(closed, "repaired") == 0);
}

/* Describes one trace; `j` is NULL for text. */
static int describe(const char *path, const struct info_options *o, struct jsonout *j, struct buf *out,
                    int *incomplete, struct error *e)
{
    cJSON *info = describe_ends(path);
    if (!info)
        info = describe_whole(path, o, e);
    if (!info)
        return e->code ? (int)e->code : TT_NOMEM;
    *incomplete |= was_incomplete(info);
    if (j) {
        info_put_json(info, j);
    } else {
        if (out->len)
            buf_putc(out, '\n');
        text_plain(out, path);
        buf_putc(out, '\n');
        info_put_text(info, out);
    }
    cJSON_Delete(info);
    return TT_OK;
}

static int describe_all(const struct info_options *o, const struct option_list *traces, struct buf *out,
                        int *incomplete, struct error *e)
{
    struct jsonout j;
    int status = TT_OK, as_array = traces->count > 1;
    jsonout_init(&j, out, 2);
    if (o->json && as_array)
        jsonout_array(&j);
    for (size_t i = 0; i < traces->count && !status; i++)
        status = describe(traces->items[i], o, o->json ? &j : NULL, out, incomplete, e);
    if (o->json && as_array)
        jsonout_end(&j, ']');
    if (o->json)
        buf_putc(out, '\n');
    return status;
}

static int info(const struct info_options *o, const struct option_list *traces)
{
    struct buf out = BUF_INIT;
    struct error e = {0};
    int incomplete = 0, status;
    if (traces->count)
        status = describe_all(o, traces, &out, &incomplete, &e);
    else
        status = error_set(&e, TT_USAGE, "info wants a trace; 'toktape info --help' shows how");
    int code = status ? command_fail(&e) : command_deliver(o->output, &out);
    buf_release(&out);
    return !code && incomplete ? 3 : code;
}

int cmd_info(int argc, char **argv)
{
    struct info_options values = {0};
    struct option_list operands = {0};
    int code = command_begin(&help, argc, argv, &values, &operands);
    if (code == COMMAND_CONTINUE)
        code = info(&values, &operands);
    options_release(&help, &values, &operands);
    return code;
}
