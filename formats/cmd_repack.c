/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/jsonout.h"
#include "formats/scrub.h"
#include "formats/trace_repack.h"

int cmd_repack(int argc, char **argv);

/* An archive is written once: the strongest compression whose window every reader holds, and larger blocks.
 * Of 100 kB it saves five per cent over LARGE_LEVEL; where numbers prevail, as in all that is large, it saves
 * nothing, and takes minutes. */
#define ARCHIVE_LEVEL       19
#define ARCHIVE_BLOCK_BYTES ((size_t)4 << 20)
#define LARGE_LEVEL         15
#define LARGE_BYTES         ((off_t)4 << 20)

struct repack_options {
    const char *output, *note;
    int no_content, allow_incomplete, json;
};

#define AT(member) offsetof(struct repack_options, member)

static const struct option_def options[] = {
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "the new trace; nothing is overwritten", AT(output)},
    {"note", 0, OPTION_TEXT, "TEXT", NULL, "add a note, which does not change the content id", AT(note)},
    {"no-content", 0, OPTION_FLAG, NULL, NULL,
     "mask the words of requests, answers and probes; figures stay. Makes a new trace, with a new content id",
     AT(no_content)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept a trace whose end is missing",
     AT(allow_incomplete)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "print the result as JSON", AT(json)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "repack", "TRACE -o FILE",
    "Rewrites a trace smaller: larger blocks, stronger compression, the same content id.", options,
    "The new file is read back and compared before it gets its name. --no-content keeps every length, time "
    "and count; lengths and times can still betray what was said. The exit code is 3 when the trace was "
    "incomplete.\n\n"
    "examples:\n"
    "  toktape repack run.toktape -o archive/run.toktape --note 'before the upgrade'\n"
    "  toktape repack run.toktape -o public.toktape --no-content"};

static int check(const struct repack_options *o, const struct option_list *operands, struct error *e)
{
    if (operands->count != 1)
        return error_set(e, TT_USAGE, "repack wants one trace; 'toktape repack --help' shows how");
    if (!o->output || !*o->output)
        return error_set(e, TT_USAGE, "repack wants --output FILE for the new trace");
    if (strcmp(operands->items[0], "-") == 0 || strcmp(o->output, "-") == 0)
        return error_set(e, TT_USAGE,
                         "repack reads what it wrote before it is done: it wants files, not '-'");
    return io_exists(o->output) ? error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", o->output)
                                : TT_OK;
}

static void put_time(struct jsonout *j)
{
    char text[32];
    struct tm utc;
    time_t now = time(NULL);
    if (gmtime_r(&now, &utc) && strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc))
        jsonout_field_string(j, "time", text);
}

/* What a person writes may name a home or a key as well as what a program says. */
static int make_note(const char *text, struct buf *json)
{
    struct scrubber scrubber;
    struct buf clean = BUF_INIT;
    struct jsonout j;
    scrubber_init(&scrubber);
    int status = scrub_text(&scrubber, &clean, text, strlen(text));
    jsonout_init(&j, json, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "text", buf_text(&clean));
    put_time(&j);
    jsonout_end(&j, '}');
    buf_release(&clean);
    return status ? status : json->failed;
}

static void put_json(const struct trace_repack_result *r, const char *path, struct buf *out)
{
    struct jsonout j;
    jsonout_init(&j, out, 2);
    jsonout_object(&j);
    jsonout_field_string(&j, "path", path);
    jsonout_field_string(&j, "content_id", r->content_id);
    jsonout_field_string(&j, "parent", r->parent_id);
    jsonout_field_u64(&j, "bytes_before", r->bytes_before);
    jsonout_field_u64(&j, "bytes", r->bytes);
    jsonout_field_u64(&j, "dropped", r->dropped);
    jsonout_key(&j, "incomplete");
    jsonout_bool(&j, r->is_incomplete);
    jsonout_end(&j, '}');
    buf_putc(out, '\n');
}

static int deliver(const struct repack_options *o, const struct trace_repack_result *r)
{
    struct buf out = BUF_INIT;
    if (r->dropped)
        command_warn("%llu blocks, tables or columns that this version does not know were left out: they may "
                     "hold content",
                     (unsigned long long)r->dropped);
    if (o->json)
        put_json(r, o->output, &out);
    else
        buf_printf(&out, "%s  %llu bytes, before %llu, content id %.12s\n", o->output,
                   (unsigned long long)r->bytes, (unsigned long long)r->bytes_before, r->content_id);
    int code = command_deliver(NULL, &out);
    buf_release(&out);
    return code ? code : r->is_incomplete ? 3 : 0;
}

static int level_for(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && about.st_size > LARGE_BYTES ? LARGE_LEVEL : ARCHIVE_LEVEL;
}

static int run(const struct repack_options *o, const char *from, struct trace_repack_result *result,
               struct error *e)
{
    struct buf note = BUF_INIT, temporary = BUF_INIT;
    struct trace_repack_options how = {.level = level_for(from),
                                       .block_bytes = ARCHIVE_BLOCK_BYTES,
                                       .allow_incomplete = o->allow_incomplete,
                                       .without_content = o->no_content};
    int status = o->note ? make_note(o->note, &note) : TT_OK;
    how.note = o->note ? buf_text(&note) : NULL;
    if (status || buf_printf(&temporary, "%s.pack", o->output))
        status = error_set(e, TT_NOMEM, "out of memory");
    else
        status = trace_repack_file(from, buf_text(&temporary), o->output, &how, result, e);
    if (!status)
        status = io_sync_folder_of(o->output, e);
    buf_release(&note);
    buf_release(&temporary);
    return status;
}

int cmd_repack(int argc, char **argv)
{
    struct repack_options o = {0};
    struct option_list operands = {0};
    struct trace_repack_result result;
    struct error e = {0};
    int code = command_begin(&help, argc, argv, &o, &operands);
    if (code == COMMAND_CONTINUE) {
        if (check(&o, &operands, &e) || run(&o, operands.items[0], &result, &e))
            code = command_fail(&e);
        else
            code = deliver(&o, &result);
    }
    options_release(&help, &o, &operands);
    return code;
}
