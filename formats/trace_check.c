/* SPDX-License-Identifier: MIT */
#include "formats/trace_check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/block_content.h"
#include "formats/content_id.h"
#include "formats/json.h"
#include "formats/trace_check_rows.h"
#include "formats/trace_scan.h"

#define NEWER_MAX 64 /* more tables of a newer version are not told of */

struct checker {
    struct trace_check *to;
    struct trace_scan *scan;
    struct scan_item found; /* what is looked at */
    struct block_content content;
    struct content_id *hashes;
    struct check_rows rows;
    uint64_t expected, trace_id; /* of the next block */
    uint64_t table_rows[TABLE_MAX], wire_bytes, metas;
    uint64_t newer[NEWER_MAX]; /* tables that were said to be newer, or to have such columns */
    size_t newer_count;
    int has_begun, saw_end, is_repaired, saw_damage, is_cut, is_other, is_unhashed;
};

const char *check_verdict_name(enum check_verdict verdict)
{
    static const char *const names[] = {"intact", "repaired", "truncated", "damaged"};
    return names[verdict];
}

const char *check_severity_name(enum check_severity severity)
{
    static const char *const names[] = {"note", "warning", "error"};
    return names[severity];
}

static void add(struct checker *c, enum check_severity severity, const char *text)
{
    struct trace_check *to = c->to;
    c->saw_damage |= severity == CHECK_ERROR;
    if (to->total++ >= CHECK_FINDINGS_MAX)
        return;
    struct check_finding *f = &to->findings[to->total - 1];
    f->severity = severity;
    f->offset = c->found.offset;
    f->block = c->found.kind == SCAN_BLOCK || c->found.has_header ? c->found.header.sequence : ABSENT;
    snprintf(f->text, sizeof f->text, "%s", text);
}

static void find(struct checker *c, enum check_severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void find(struct checker *c, enum check_severity severity, const char *format, ...)
{
    char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add(c, severity, text);
}

static void row_finding(void *context, enum check_severity severity, const char *text)
{
    add(context, severity, text);
}

/* ---- what a block says ---- */

static int is_first_of_newer(struct checker *c, uint64_t table)
{
    for (size_t i = 0; i < c->newer_count; i++)
        if (c->newer[i] == table)
            return 0;
    if (c->newer_count == NEWER_MAX)
        return 0;
    c->newer[c->newer_count++] = table;
    return 1;
}

static int has_newer_columns(const struct rows *rows)
{
    size_t known = 0;
    for (size_t i = 0; i < rows->def->column_count; i++)
        known += rows->place[i] >= 0;
    return known < rows->column_count;
}

/* Said once for each table, not in every block. */
static void note_newer(struct checker *c, const struct rows *rows)
{
    if (rows->def && !has_newer_columns(rows))
        return;
    if (!is_first_of_newer(c, rows->table))
        return;
    if (rows->def)
        find(c, CHECK_NOTE, "table '%s' has columns of a newer version: they are not looked at",
             rows->def->name);
    else
        find(c, CHECK_NOTE, "table %" PRIu64 " is of a newer version: its rows are not looked at",
             rows->table);
}

static int take_data(struct checker *c)
{
    const struct payload *p = &c->content.payload;
    c->wire_bytes += p->wire.len;
    for (size_t i = 0; i < p->table_count; i++) {
        if (p->tables[i].def)
            c->table_rows[p->tables[i].table] += p->tables[i].count;
        note_newer(c, &p->tables[i]);
    }
    return check_rows_block(&c->rows, p);
}

static void take_meta(struct checker *c)
{
    const cJSON *clock = json_member(c->content.json, "clock");
    if (c->metas++ == 0)
        check_rows_clock(&c->rows, json_u64(clock, "numer"), json_u64(clock, "denom"));
}

static int hash(struct checker *c)
{
    int status = TT_OK;
    if (c->found.header.type == BLOCK_META)
        status = content_id_meta(c->hashes, c->found.raw.data, c->found.raw.len);
    else if (c->found.header.type == BLOCK_DATA)
        status = content_id_payload(c->hashes, &c->content.payload);
    if ((status == TT_UNSUPPORTED || status == TT_LIMIT) && !c->is_unhashed) {
        find(c, CHECK_WARNING, "a column or table of a newer version: the content id cannot be checked");
        c->is_unhashed = 1;
    }
    return status == TT_NOMEM ? status : TT_OK;
}

/* ---- what END says of the whole ---- */

static void compare_count(struct checker *c, const char *what, uint64_t said, uint64_t there)
{
    if (said != UINT64_MAX && said != there)
        find(c, CHECK_ERROR, "END tells of %" PRIu64 " %s, and %" PRIu64 " are there", said, what, there);
}

static void compare_rows(struct checker *c, const cJSON *end)
{
    const cJSON *rows = json_member(end, "rows");
    for (uint64_t t = 1; t < TABLE_MAX; t++) {
        char what[64];
        const char *name = schema_table(t)->name;
        uint64_t said = json_count(rows, name);
        snprintf(what, sizeof what, "rows of table '%s'", name);
        compare_count(c, what, said == UINT64_MAX ? 0 : said, c->table_rows[t]);
    }
}

/* Each stream has a digest, so that it is known which of them is not what it was. */
static void compare_streams(struct checker *c, const cJSON *end, const cJSON *here)
{
    const cJSON *stream;
    cJSON_ArrayForEach(stream, json_member(end, "streams"))
    {
        const char *digest = cJSON_IsString(stream) ? stream->valuestring : "";
        const char *own = stream->string ? json_string(here, stream->string) : NULL;
        if (!own || strcmp(own, digest) != 0)
            find(c, CHECK_ERROR, "stream '%.40s' is not what END says it was", stream->string);
    }
}

static int compare_digests(struct checker *c, const cJSON *end)
{
    char id[SHA256_HEX_BYTES];
    const char *said = json_string(end, "content_id");
    struct buf text = BUF_INIT;
    struct jsonout out;
    jsonout_init(&out, &text, 0);
    int status = content_id_streams(c->hashes, &out);
    cJSON *here = status ? NULL : json_parse(text.data, text.len, JSON_DOCUMENT_MAX, NULL);
    if (here) {
        compare_streams(c, end, here);
        status = content_id_hex(c->hashes, id);
    }
    if (here && !status && (!said || strcmp(said, id) != 0))
        find(c, CHECK_ERROR, "the content id is not the one that END states");
    cJSON_Delete(here);
    buf_release(&text);
    return here && !status ? TT_OK : TT_NOMEM;
}

static int take_end(struct checker *c)
{
    const cJSON *end = c->content.json;
    const char *ended = json_string(end, "ended");
    c->saw_end = 1;
    c->is_repaired |= ended && strcmp(ended, "repaired") == 0;
    compare_rows(c, end);
    compare_count(c, "bytes of wire", json_count(end, "wire_bytes"), c->wire_bytes);
    compare_count(c, "blocks", json_count(end, "blocks"), c->to->blocks);
    compare_count(c, "META documents", json_count(end, "meta"), c->metas);
    /* What is missing or cannot be hashed was said already, and makes every digest another. */
    return c->saw_damage || c->is_unhashed ? TT_OK : compare_digests(c, end);
}

/* ---- where a block stands ---- */

static void check_place(struct checker *c)
{
    const struct block_header *h = &c->found.header;
    if (c->saw_end)
        find(c, CHECK_ERROR, "a block stands behind END");
    if (h->trace_id != c->trace_id)
        find(c, CHECK_ERROR, "a block of another trace");
    else if (h->sequence > c->expected)
        find(c, CHECK_ERROR, "%" PRIu64 " blocks are missing in front of this one",
             h->sequence - c->expected);
    else if (h->sequence < c->expected)
        find(c, CHECK_ERROR, "a block that stood before, or that stands too late");
    if (h->sequence > c->expected)
        check_rows_gap(&c->rows);
}

static void begin(struct checker *c)
{
    const struct block_header *h = &c->found.header;
    c->has_begun = 1;
    c->trace_id = h->trace_id;
    c->expected = h->sequence;
    if (h->type != BLOCK_META || h->sequence != 0)
        find(c, CHECK_ERROR, "the trace does not begin with its description");
}

static int take_content(struct checker *c)
{
    switch (c->found.header.type) {
    case BLOCK_META:
        take_meta(c);
        break;
    case BLOCK_DATA:
        if (take_data(c))
            return TT_NOMEM;
        break;
    case BLOCK_END:
        return take_end(c);
    case BLOCK_GAP:
        c->is_repaired = 1;
        check_rows_gap(&c->rows);
        find(c, CHECK_NOTE, "blocks are missing here, as a repair says");
        break;
    case BLOCK_NOTE:
        break;
    default:
        find(c, CHECK_NOTE, "a block of type %d, which this version does not know and may pass over",
             (int)c->found.header.type);
    }
    return hash(c);
}

static int take_block(struct checker *c, struct error *e)
{
    struct error why = {0};
    const struct block_header *h = &c->found.header;
    if (!c->has_begun)
        begin(c);
    else if (h->type == BLOCK_META && h->sequence == 0)
        c->is_other = 1;
    if (c->is_other) {
        find(c, CHECK_ERROR,
             "another trace begins here: 'toktape repair' takes them apart; it is not looked at");
        return TT_OK;
    }
    check_place(c);
    c->to->blocks++;
    int status = block_content_decode(&c->content, h, c->found.raw, &why);
    if (status == TT_NOMEM)
        return error_set(e, TT_NOMEM, "out of memory");
    c->expected = status ? h->sequence + 1 : c->content.next;
    if (status)
        find(c, CHECK_ERROR, "%s", why.text);
    else if (take_content(c))
        return error_set(e, TT_NOMEM, "out of memory");
    return TT_OK;
}

/* ---- what is between the blocks ---- */

static int take_bad(struct checker *c, struct error *e)
{
    uint64_t from = c->found.offset;
    int status = trace_scan_resync(c->scan, e);
    if (!status)
        find(c, CHECK_ERROR, "%.150s; %" PRIu64 " bytes are lost", c->found.why.text,
             trace_scan_offset(c->scan) - from);
    check_rows_gap(&c->rows);
    return status;
}

static void take_rest(struct checker *c)
{
    const char *what =
        c->found.kind == SCAN_CUT ? "the file ends inside this block" : "zeros to the end of the file";
    c->is_cut = !c->saw_end && c->has_begun;
    find(c, c->is_cut ? CHECK_WARNING : CHECK_ERROR, "%s: %" PRIu64 " bytes are lost", what, c->found.bytes);
}

static int take(struct checker *c, struct error *e)
{
    if (c->is_other) /* only how long the file is */
        return c->found.kind == SCAN_BAD ? trace_scan_resync(c->scan, e) : TT_OK;
    switch (c->found.kind) {
    case SCAN_BLOCK:
        return take_block(c, e);
    case SCAN_BAD:
        return take_bad(c, e);
    case SCAN_STOP:
        return TT_OK;
    default:
        take_rest(c);
        return TT_OK;
    }
}

static int look_at_all(struct checker *c, struct error *e)
{
    int status;
    do {
        status = trace_scan_next(c->scan, &c->found, e);
        if (!status)
            status = take(c, e);
        if (!status && !c->saw_damage && !c->is_cut)
            c->to->good_bytes = trace_scan_offset(c->scan);
    } while (!status && c->found.kind != SCAN_STOP);
    return status;
}

static void judge(struct checker *c)
{
    c->to->bytes = trace_scan_offset(c->scan);
    if (!c->has_begun)
        find(c, CHECK_ERROR, "nothing here is a whole block of a trace");
    else if (!c->saw_end && !c->is_cut && !c->saw_damage)
        find(c, CHECK_WARNING, "the file ends without END: the recording was not closed");
    c->to->verdict = c->saw_damage    ? CHECK_DAMAGED
                     : !c->saw_end    ? CHECK_TRUNCATED
                     : c->is_repaired ? CHECK_REPAIRED
                                      : CHECK_INTACT;
}

static int check(struct checker *c, struct error *e)
{
    check_rows_init(&c->rows, row_finding, c);
    c->hashes = content_id_new();
    int status = c->hashes ? look_at_all(c, e) : error_set(e, TT_NOMEM, "out of memory");
    if (!status)
        judge(c);
    trace_scan_free(c->scan);
    content_id_free(c->hashes);
    check_rows_release(&c->rows);
    block_content_release(&c->content);
    return status;
}

int trace_check(struct trace_check *to, const char *path, struct error *e)
{
    struct checker c = {.to = to};
    memset(to, 0, sizeof *to);
    int status = trace_scan_open(&c.scan, path, e);
    if (!status)
        return check(&c, e);
    trace_scan_free(c.scan);
    return status;
}

int trace_check_memory(struct trace_check *to, const void *bytes, size_t len, struct error *e)
{
    struct checker c = {.to = to};
    memset(to, 0, sizeof *to);
    int status = trace_scan_open_memory(&c.scan, bytes, len, e);
    if (!status)
        return check(&c, e);
    trace_scan_free(c.scan);
    return status;
}
