/* SPDX-License-Identifier: MIT */
/* The second pass of a repair: writing one trace of the plan. */
#include "formats/trace_repair.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/block_content.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/trace_repair_runs.h"
#include "formats/trace_scan.h"
#include "formats/trace_writer.h"
#include "formats/version.h"

/* One trace being written. */
struct salvage {
    struct repair_plan *plan;
    const struct repair_part *part;
    struct repair_result *result;
    struct trace_writer *writer;
    struct block_content content;
    struct repair_runs runs;
    cJSON *provenance; /* as the trace's own documents have it, NULL without */
    int old_gaps;
};

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

/* ---- documents ---- */

static void describe_losses(const struct salvage *s, struct jsonout *j)
{
    const struct repair_plan *p = s->plan;
    jsonout_field_u64(j, "blocks_kept", s->result->kept_blocks);
    jsonout_field_u64(j, "blocks_missing", s->part->missing);
    jsonout_field_u64(j, "blocks_repeated", s->part->duplicates + s->part->conflicts);
    jsonout_field_u64(j, "blocks_foreign", p->foreign);
    jsonout_field_u64(j, "bytes_dropped", p->dropped_bytes);
    jsonout_key(j, "dropped");
    jsonout_array(j);
    for (size_t i = 0; i < p->range_count && i < REPAIR_RANGES_MAX; i++) {
        jsonout_array(j);
        jsonout_u64(j, p->ranges[i].offset);
        jsonout_u64(j, p->ranges[i].bytes);
        jsonout_end(j, ']');
    }
    jsonout_end(j, ']');
}

/* The step that this repair adds to the trace's history. */
static void describe_step(const struct salvage *s, struct jsonout *j)
{
    char tool[64];
    snprintf(tool, sizeof tool, "toktape %s", toktape_version());
    jsonout_object(j);
    jsonout_field_string(j, "action", "repair");
    jsonout_field_string(j, "tool", tool);
    jsonout_key(j, "parents");
    jsonout_array(j);
    if (s->part->content_id[0])
        jsonout_string(j, s->part->content_id);
    jsonout_end(j, ']');
    describe_losses(s, j);
    jsonout_end(j, '}');
}

static void describe_history(const struct salvage *s, const char *old, struct jsonout *j)
{
    jsonout_array(j);
    if (old && strlen(old) > 2) /* without its brackets, which are the first and last byte of compact JSON */
        jsonout_raw(j, old + 1, strlen(old) - 2);
    describe_step(s, j);
    jsonout_end(j, ']');
}

/* Takes over the trace's own account of where it comes from; a later one replaces an earlier one. */
static int note_provenance(struct salvage *s, const cJSON *meta)
{
    const cJSON *fact, *found = json_member(meta, "provenance");
    cJSON_ArrayForEach(fact, json_member(meta, "facts"))
    {
        const char *path = json_string(fact, "path");
        if (path && strcmp(path, "provenance") == 0)
            found = json_member(fact, "value");
    }
    if (!cJSON_IsArray(found))
        return TT_OK;
    cJSON_Delete(s->provenance);
    s->provenance = cJSON_Duplicate(found, 1);
    return s->provenance ? TT_OK : TT_NOMEM;
}

static void put_closing_facts(const struct salvage *s, const char *old, struct buf *json)
{
    struct jsonout j;
    jsonout_init(&j, json, 0);
    jsonout_object(&j);
    jsonout_key(&j, "facts");
    jsonout_array(&j);
    jsonout_object(&j);
    jsonout_field_string(&j, "path", "provenance");
    jsonout_key(&j, "value");
    describe_history(s, old, &j);
    jsonout_field_string(&j, "how", "repair");
    jsonout_end(&j, '}');
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
}

/* A history that does not fit is cut to its last step. */
static int write_closing_facts(struct salvage *s, struct error *e)
{
    struct buf json = BUF_INIT;
    char *old = s->provenance ? cJSON_PrintUnformatted(s->provenance) : NULL;
    if (s->provenance && !old)
        return no_memory(e);
    put_closing_facts(s, old, &json);
    if (json.len > JSON_DOCUMENT_MAX) {
        buf_clear(&json);
        put_closing_facts(s, NULL, &json);
    }
    int status = json.failed ? no_memory(e) : trace_writer_meta(s->writer, buf_text(&json), e);
    buf_release(&json);
    mem_free(old);
    return status;
}

/* What stands in for a lost first block: enough to read on, and nothing that is not known. */
static int write_substitute(struct salvage *s, struct error *e)
{
    return trace_writer_meta(
        s->writer, "{\"format\": \"toktape\", \"format_version\": 1, \"description_lost\": true}", e);
}

/* ---- gaps ---- */

/* Which of several gaps took how many rows is not known. */
static int put_lost_rows(const struct salvage *s, cJSON *facts)
{
    const struct repair_part *part = s->part;
    if (part->gaps != 1 || s->old_gaps)
        return TT_OK;
    if (repair_lost_rows(part, TABLE_RUN) == UINT64_MAX)
        return TT_OK;
    cJSON *rows = cJSON_AddObjectToObject(facts, "rows");
    int status = rows ? TT_OK : TT_NOMEM;
    for (enum table_id t = TABLE_RUN; t < TABLE_MAX && !status; t++)
        status = json_set_number(rows, schema_table(t)->name, (double)repair_lost_rows(part, t));
    return status;
}

static int put_time(cJSON *facts, const char *name, uint64_t t)
{
    return t == ABSENT ? TT_OK : json_set_u64(facts, name, t);
}

static void list_gap(struct repair_result *result, const struct repair_gap *gap)
{
    if (result->gap_count < REPAIR_GAPS_MAX)
        result->gaps[result->gap_count] = *gap;
    result->gap_count++;
}

/* Says that blocks are missing before `block`, which has `payload`. */
static int write_gap(struct salvage *s, const struct repair_block *block, const struct payload *payload,
                     struct error *e)
{
    struct repair_gap gap = {trace_writer_sequence(s->writer), block->sequence, s->runs.t_last, ABSENT};
    uint64_t last;
    payload_times(payload, &gap.t_after, &last);
    cJSON *facts = cJSON_CreateObject();
    int status = facts ? put_lost_rows(s, facts) : TT_NOMEM;
    if (!status)
        status = put_time(facts, "t_before", gap.t_before);
    if (!status)
        status = put_time(facts, "t_after", gap.t_after);
    status = status ? no_memory(e) : trace_writer_gap(s->writer, facts, gap.next - gap.first, e);
    cJSON_Delete(facts);
    repair_runs_gap(&s->runs);
    list_gap(s->result, &gap);
    return status;
}

/* ---- blocks ---- */

static void note_clock(struct repair_result *result, const cJSON *meta)
{
    const cJSON *clock = json_member(meta, "clock");
    uint64_t numer = json_u64(clock, "numer"), denom = json_u64(clock, "denom");
    if (!numer || !denom || numer == UINT64_MAX || denom == UINT64_MAX)
        return;
    result->ticks_numer = numer;
    result->ticks_denom = denom;
}

static int keep(struct salvage *s, const struct repair_block *block, const struct scan_item *found,
                struct error *e)
{
    int status = TT_OK;
    if (block->sequence > trace_writer_sequence(s->writer))
        status = write_gap(s, block, &s->content.payload, e);
    if (block->type == BLOCK_GAP)
        repair_runs_gap(&s->runs);
    if (!status && block->type == BLOCK_META) {
        status = note_provenance(s, s->content.json) ? no_memory(e) : TT_OK;
        if (!block->sequence)
            note_clock(s->result, s->content.json);
    }
    if (!status && repair_runs_block(&s->runs, &s->content.payload))
        status = no_memory(e);
    s->result->kept_blocks++;
    return status ? status : trace_writer_keep(s->writer, found, &s->content, e);
}

/* An END speaks of a trace that lacks nothing, so it goes; but what it followed may be missing. */
static int drop_end(struct salvage *s, const struct repair_block *end, struct error *e)
{
    static const struct payload nothing;
    if (end->sequence <= trace_writer_sequence(s->writer))
        return TT_OK;
    return write_gap(s, end, &nothing, e);
}

static int copy_block(struct salvage *s, const struct repair_block *block, struct error *e)
{
    struct scan_item found;
    if (block->type == BLOCK_END && !s->part->is_intact)
        return drop_end(s, block, e);
    int status = repair_read_block(s->plan, block, &found, &s->content, e);
    return status ? status : keep(s, block, &found, e);
}

static int copy_blocks(struct salvage *s, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < s->part->count && !status; i++)
        status = copy_block(s, &s->plan->blocks[s->part->first + i], e);
    return status;
}

static int write_trace(struct salvage *s, struct error *e)
{
    int status = s->part->has_description ? TT_OK : write_substitute(s, e);
    if (!status)
        status = copy_blocks(s, e);
    if (status || s->part->is_intact)
        return status;
    status = write_closing_facts(s, e);
    return status ? status : trace_writer_finish(s->writer, "repaired", NULL, e);
}

static void conclude(struct salvage *s)
{
    struct repair_result *r = s->result;
    for (enum table_id t = TABLE_RUN; t < TABLE_MAX; t++)
        r->rows[t] = trace_writer_rows(s->writer, t);
    r->bytes = trace_writer_bytes(s->writer);
    r->blocks = trace_writer_blocks(s->writer);
    r->wire_bytes = trace_writer_wire_bytes(s->writer);
    r->t_first = s->runs.t_first;
    r->t_last = s->runs.t_last;
    r->runs_hurt = repair_runs_hurt(&s->runs, r->hurt, sizeof r->hurt / sizeof r->hurt[0]);
    memcpy(r->content_id, trace_writer_content_id(s->writer), sizeof r->content_id);
}

static int has_old_gaps(const struct repair_plan *plan, const struct repair_part *part)
{
    for (size_t i = 0; i < part->count; i++) {
        if (plan->blocks[part->first + i].type == BLOCK_GAP)
            return 1;
    }
    return 0;
}

int repair_write(struct repair_plan *plan, size_t number, int fd, const char *to_path,
                 struct repair_result *result, struct error *e)
{
    const struct repair_part *part = &plan->parts[number];
    struct trace_writer_options options = {.trace_id = part->trace_id};
    struct salvage s = {.plan = plan, .part = part, .result = result, .old_gaps = has_old_gaps(plan, part)};
    memset(result, 0, sizeof *result);
    result->ticks_numer = result->ticks_denom = 1;
    repair_runs_init(&s.runs);
    int status = trace_writer_bare(&s.writer, fd, to_path, &options, e);
    if (!status)
        status = write_trace(&s, e);
    if (!status)
        conclude(&s);
    trace_writer_free(s.writer);
    block_content_release(&s.content);
    repair_runs_release(&s.runs);
    cJSON_Delete(s.provenance);
    return status;
}
