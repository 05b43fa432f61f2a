/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/io.h"
#include "formats/jsonout.h"
#include "formats/trace_repair.h"

int cmd_repair(int argc, char **argv);

struct repair_options {
    const char *output;
    int json, quiet;
};

#define AT(member) offsetof(struct repair_options, member)

static const struct option_def options[] = {
    {"output", 'o', OPTION_TEXT, "OUT", NULL, "the new trace; it must not exist", AT(output)},
    {"json", 0, OPTION_FLAG, NULL, NULL, "say what was kept and lost as one JSON object", AT(json)},
    {"quiet", 'q', OPTION_FLAG, NULL, NULL, "say nothing but errors", AT(quiet)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {
    "repair", "TRACE -o OUT", "Saves what is good of a damaged or unfinished trace in a new one.", options,
    "Good blocks are copied byte for byte; where some are missing, the new trace says so, and the runs that "
    "were "
    "under way there count as failed. When several traces stand one after another in the file, the second "
    "one "
    "goes to OUT-2 (x-2.toktape for x.toktape), and so on. The input stays as it is. The exit code is 0 when "
    "nothing was lost, 3 when something was, 4 when nothing can be saved.\n\n"
    "example:\n"
    "  toktape repair run.toktape.part -o run.toktape"};

/* Where part `number` goes: OUT, then OUT-2 … before the name's ".toktape". */
static char *output_name(const char *output, size_t number)
{
    static const char suffix[] = ".toktape";
    struct buf name = BUF_INIT;
    size_t len = strlen(output), tail = sizeof suffix - 1;
    int has_suffix = len > tail && strcmp(output + len - tail, suffix) == 0;
    if (number == 0)
        return mem_strdup(output);
    buf_append(&name, output, has_suffix ? len - tail : len);
    buf_printf(&name, "-%zu%s", number + 1, has_suffix ? suffix : "");
    return buf_detach(&name);
}

/* Refuses before anything is written rather than after the first of three. */
static int check_outputs(const struct repair_plan *plan, const char *output, struct error *e)
{
    int status = TT_OK;
    if (io_is_stream(output))
        return plan->part_count == 1
                   ? TT_OK
                   : error_set(e, TT_USAGE,
                               "%zu traces stand in one file, and '%s' can take only one: name a file",
                               plan->part_count, output);
    for (size_t i = 0; i < plan->part_count && !status; i++) {
        char *name = output_name(output, i);
        if (!name)
            status = error_set(e, TT_NOMEM, "out of memory");
        else if (io_exists(name))
            status = error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", name);
        mem_free(name);
    }
    return status;
}

static int write_stream(struct repair_plan *plan, const char *path, struct repair_result *result,
                        struct error *e)
{
    int fd = io_open_stream(path, e);
    if (fd < 0)
        return fd;
    int status = repair_write(plan, 0, fd, path, result, e);
    int closed = io_close(fd, path, status ? NULL : e);
    return status ? status : closed;
}

/* One of the traces of the plan. */
struct saving {
    struct repair_plan *plan;
    size_t part;
    struct repair_result *result;
};

static int save(void *context, int fd, const char *path, struct error *e)
{
    struct saving *s = context;
    return repair_write(s->plan, s->part, fd, path, s->result, e);
}

static int write_file(struct repair_plan *plan, size_t part, const char *path, struct repair_result *result,
                      struct error *e)
{
    struct buf temporary = BUF_INIT;
    struct saving saving = {plan, part, result};
    struct io_making making = {save, NULL, &saving};
    buf_printf(&temporary, "%s.repair", path);
    int status = temporary.failed ? error_set(e, TT_NOMEM, "out of memory")
                                  : io_make_new(path, buf_text(&temporary), &making, e);
    buf_release(&temporary);
    return status ? status : io_sync_folder_of(path, e);
}

/* ---- what is said about it ---- */

static double seconds(const struct repair_result *r, uint64_t t)
{
    return (double)(t - r->t_first) * (double)r->ticks_numer / (double)r->ticks_denom / 1e9;
}

static void put_gap(const struct repair_result *r, const struct repair_gap *gap, struct buf *out)
{
    uint64_t count = gap->next - gap->first;
    buf_printf(out, "  missing: %" PRIu64 " block%s, number%s %" PRIu64, count, count == 1 ? "" : "s",
               count == 1 ? "" : "s", gap->first);
    if (count > 1)
        buf_printf(out, " to %" PRIu64, gap->next - 1);
    if (gap->t_before != ABSENT && gap->t_after != ABSENT && gap->t_after >= gap->t_before)
        buf_printf(out, ", between %.3f s and %.3f s", seconds(r, gap->t_before), seconds(r, gap->t_after));
    buf_putc(out, '\n');
}

static void put_lost(const struct repair_part *part, struct buf *out)
{
    uint64_t runs = repair_lost_rows(part, TABLE_RUN), reads = repair_lost_rows(part, TABLE_READ);
    uint64_t samples = repair_lost_rows(part, TABLE_SAMPLE);
    if (!part->is_intact && part->has_end)
        buf_printf(out, "  lost: %" PRIu64 " runs, %" PRIu64 " reads, %" PRIu64 " samples\n", runs, reads,
                   samples);
}

static void put_runs(const struct repair_result *r, struct buf *out)
{
    size_t listed = sizeof r->hurt / sizeof r->hurt[0];
    if (!r->runs_hurt)
        return;
    buf_printf(out, "  runs hurt: %" PRIu64 " (", r->runs_hurt);
    for (size_t i = 0; i < r->runs_hurt && i < listed; i++)
        buf_printf(out, "%s%" PRIu64, i ? ", " : "", r->hurt[i]);
    buf_printf(out, "%s); they count as failed\n", r->runs_hurt > listed ? " …" : "");
}

static void put_part(const struct repair_part *part, const struct repair_result *r, const char *name,
                     struct buf *out)
{
    buf_printf(out, "%s: %s\n", name,
               part->is_intact ? "whole, nothing is missing" : "repaired; reading it exits with 3");
    buf_printf(out, "  kept: %" PRIu64 " blocks, %" PRIu64 " bytes, %" PRIu64 " runs, %" PRIu64 " reads",
               r->kept_blocks, part->bytes, r->rows[TABLE_RUN], r->rows[TABLE_READ]);
    if (r->t_first != ABSENT)
        buf_printf(out, ", %.3f s", seconds(r, r->t_last));
    buf_putc(out, '\n');
    if (!part->has_description)
        buf_puts(out, "  missing: the description; without its clock no figure can be computed, but 'toktape "
                      "extract' gives what was sent and received\n");
    for (size_t i = 0; i < r->gap_count && i < REPAIR_GAPS_MAX; i++)
        put_gap(r, &r->gaps[i], out);
    if (r->gap_count > REPAIR_GAPS_MAX)
        buf_printf(out, "  … and %zu more gaps\n", r->gap_count - REPAIR_GAPS_MAX);
    put_lost(part, out);
    put_runs(r, out);
    if (part->duplicates)
        buf_printf(out, "  left out: %" PRIu64 " blocks that are there twice\n", part->duplicates);
    if (part->conflicts)
        buf_printf(out, "  left out: %" PRIu64 " other blocks whose number was taken\n", part->conflicts);
    if (part->reordered)
        buf_printf(out, "  put in order: %" PRIu64 " blocks\n", part->reordered);
}

static void put_dropped(const struct repair_plan *p, struct buf *out)
{
    for (size_t i = 0; i < p->range_count && i < REPAIR_RANGES_MAX; i++)
        buf_printf(out, "dropped: %" PRIu64 " bytes from byte %" PRIu64 ": %s\n", p->ranges[i].bytes,
                   p->ranges[i].offset, p->ranges[i].why);
    if (p->range_count > REPAIR_RANGES_MAX)
        buf_printf(out, "dropped: … and %" PRIu64 " more places, %" PRIu64 " bytes in all\n",
                   p->range_count - REPAIR_RANGES_MAX, p->dropped_bytes);
    if (p->foreign)
        buf_printf(out, "dropped: %" PRIu64 " blocks of traces that do not begin in this file\n", p->foreign);
}

static void json_gaps(const struct repair_result *r, struct jsonout *j)
{
    jsonout_key(j, "gaps");
    jsonout_array(j);
    for (size_t i = 0; i < r->gap_count && i < REPAIR_GAPS_MAX; i++) {
        const struct repair_gap *gap = &r->gaps[i];
        jsonout_object(j);
        jsonout_field_u64(j, "first", gap->first);
        jsonout_field_u64(j, "next", gap->next);
        jsonout_key(j, "t_before");
        gap->t_before == ABSENT ? jsonout_null(j) : jsonout_u64_text(j, gap->t_before);
        jsonout_key(j, "t_after");
        gap->t_after == ABSENT ? jsonout_null(j) : jsonout_u64_text(j, gap->t_after);
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
    jsonout_field_u64(j, "gap_count", r->gap_count);
}

static void json_part(const struct repair_part *part, const struct repair_result *r, const char *name,
                      struct jsonout *j)
{
    jsonout_object(j);
    jsonout_field_string(j, "output", name);
    jsonout_field_string(j, "state", part->is_intact ? "intact" : "repaired");
    jsonout_field_bool(j, "has_description", part->has_description);
    jsonout_field_string(j, "content_id", r->content_id[0] ? r->content_id : NULL);
    jsonout_field_u64(j, "blocks_kept", r->kept_blocks);
    jsonout_field_u64(j, "bytes_kept", part->bytes);
    jsonout_field_u64(j, "blocks_missing", part->missing);
    jsonout_field_u64(j, "blocks_repeated", part->duplicates);
    jsonout_field_u64(j, "blocks_conflicting", part->conflicts);
    jsonout_field_u64(j, "blocks_reordered", part->reordered);
    jsonout_key(j, "rows");
    jsonout_object(j);
    for (uint64_t t = 1; t < TABLE_MAX; t++)
        jsonout_field_u64(j, schema_table(t)->name, r->rows[t]);
    jsonout_end(j, '}');
    jsonout_field_u64(j, "wire_bytes", r->wire_bytes);
    json_gaps(r, j);
    jsonout_key(j, "runs_hurt");
    jsonout_array(j);
    for (size_t i = 0; i < r->runs_hurt && i < sizeof r->hurt / sizeof r->hurt[0]; i++)
        jsonout_u64(j, r->hurt[i]);
    jsonout_end(j, ']');
    jsonout_field_u64(j, "runs_hurt_count", r->runs_hurt);
    jsonout_end(j, '}');
}

static void json_dropped(const struct repair_plan *p, struct jsonout *j)
{
    jsonout_key(j, "dropped");
    jsonout_array(j);
    for (size_t i = 0; i < p->range_count && i < REPAIR_RANGES_MAX; i++) {
        jsonout_object(j);
        jsonout_field_u64(j, "offset", p->ranges[i].offset);
        jsonout_field_u64(j, "bytes", p->ranges[i].bytes);
        jsonout_field_string(j, "why", p->ranges[i].why);
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
    jsonout_field_u64(j, "dropped_count", p->range_count);
    jsonout_field_u64(j, "bytes_dropped", p->dropped_bytes);
    jsonout_field_u64(j, "blocks_foreign", p->foreign);
}

/* ---- one command ---- */

static int write_part(struct repair_plan *plan, size_t part, const char *output, struct jsonout *j,
                      struct buf *said, struct error *e)
{
    struct repair_result result;
    char *name = output_name(output, part);
    int status = name ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
    if (!status)
        status = io_is_stream(name) ? write_stream(plan, name, &result, e)
                                    : write_file(plan, part, name, &result, e);
    if (!status && j)
        json_part(&plan->parts[part], &result, name, j);
    else if (!status)
        put_part(&plan->parts[part], &result, name, said);
    mem_free(name);
    return status;
}

static int write_parts(struct repair_plan *plan, const struct repair_options *o, struct buf *said,
                       struct error *e)
{
    struct jsonout j;
    int status = TT_OK;
    jsonout_init(&j, said, 2);
    if (o->json) {
        jsonout_object(&j);
        jsonout_key(&j, "traces");
        jsonout_array(&j);
    }
    for (size_t i = 0; i < plan->part_count && !status; i++)
        status = write_part(plan, i, o->output, o->json ? &j : NULL, said, e);
    if (!o->json) {
        put_dropped(plan, said);
        return status;
    }
    jsonout_end(&j, ']');
    json_dropped(plan, &j);
    jsonout_end(&j, '}');
    buf_putc(said, '\n');
    return status;
}

/* The account goes where the trace does not. */
static int tell(const struct repair_options *o, const struct buf *said)
{
    if (o->quiet && !o->json)
        return 0;
    if (strcmp(o->output, "-") != 0)
        return command_deliver(NULL, said);
    fputs(buf_text(said), stderr);
    return 0;
}

static int repair(const struct repair_options *o, const struct option_list *operands)
{
    struct repair_plan plan = {0};
    struct buf said = BUF_INIT;
    struct error e = {0};
    int status = TT_OK, code;
    if (operands->count != 1 || !o->output)
        status =
            error_set(&e, TT_USAGE, "repair wants one trace and -o OUT; 'toktape repair --help' shows how");
    if (!status)
        status = repair_plan(&plan, operands->items[0], &e);
    if (!status)
        status = check_outputs(&plan, o->output, &e);
    if (!status)
        status = write_parts(&plan, o, &said, &e);
    code = status ? command_fail(&e) : tell(o, &said);
    if (!code && repair_loses(&plan))
        code = 3;
    repair_plan_release(&plan);
    buf_release(&said);
    return code;
}

int cmd_repair(int argc, char **argv)
{
    struct repair_options values = {0};
    struct option_list operands = {0};
    int code = command_begin(&help, argc, argv, &values, &operands);
    if (code == COMMAND_CONTINUE)
        code = repair(&values, &operands);
    options_release(&help, &values, &operands);
    return code;
}
