/* SPDX-License-Identifier: MIT */
/* Fuzz target: what a trace says about itself. Any META, END and NOTE documents around one ordinary run: the
 * trace loads or is refused with a sentence; what loads can be described and reported, as JSON that parses,
 * and END's summary makes `info` say the same without reading the trace.
 *
 * Input: documents with a NUL byte between them: the first META, END, a note, and any number of later METAs.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "analyze/info.h"
#include "analyze/report_json.h"
#include "analyze/summary.h"
#include "analyze/views.h"
#include "formats/alloc.h"
#include "formats/block.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/rows.h"
#include "tests/fuzz/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define DOCUMENTS_MAX 8

struct documents {
    struct bytes texts[DOCUMENTS_MAX];
    size_t count;
};

static void split(struct documents *d, const uint8_t *bytes, size_t len)
{
    memset(d, 0, sizeof *d);
    while (d->count < DOCUMENTS_MAX) {
        const uint8_t *nul = len ? memchr(bytes, 0, len) : NULL;
        size_t part = nul ? (size_t)(nul - bytes) : len;
        d->texts[d->count++] = (struct bytes){bytes, part};
        if (!nul)
            return;
        bytes += part + 1;
        len -= part + 1;
    }
}

/* ---- one ordinary run ---- */

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                             "data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\n"
                             "data: {\"choices\":[{\"delta\":{\"content\":\" two\"}}]}\n\n"
                             "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],"
                             "\"usage\":{\"prompt_tokens\":300,\"completion_tokens\":2,\"prompt_tokens_"
                             "details\":{\"cached_tokens\":9}}}\n\n"
                             "data: [DONE]\n\n";

static void put_run(struct buf *raw)
{
    struct batch batch = {0};
    struct cuts cuts = {0};
    struct run_row run = {.parent = ABSENT, .body = ABSENT, .cold = COLD_NONCE};
    struct run_end_row end = {
        .t_connected = 10, .t_sent = 11, .t_header = 500, .t_close = 2000, .status = 200};
    const size_t len = sizeof answer - 1, first = len / 2;
    const struct read_row reads[] = {{0, 500, first}, {0, 1500, len - first}};
    int status = batch_add(&batch, schema_table(TABLE_RUN), &run);
    status |= batch_add(&batch, schema_table(TABLE_RUN_END), &end);
    status |= batch_add(&batch, schema_table(TABLE_READ), &reads[0]);
    status |= batch_add(&batch, schema_table(TABLE_READ), &reads[1]);
    status |= batch_add_wire(&batch, answer, len);
    status |= batch_encode(&batch, raw, &cuts);
    require(status == TT_OK, "no memory");
    batch_release(&batch);
    mem_free(cuts.at);
}

static void put_text(struct buf *trace, struct compressor *c, unsigned type, struct bytes text,
                     uint64_t sequence)
{
    blocks_put(trace, c, type, type == BLOCK_NOTE ? 0 : BLOCK_CRITICAL, text.data, text.len, sequence);
}

static void build(struct buf *trace, const struct documents *d)
{
    struct compressor *c = compressor_new(1);
    struct buf run = BUF_INIT;
    uint64_t sequence = 0;
    require(c != NULL, "no memory");
    put_run(&run);
    put_text(trace, c, BLOCK_META, d->texts[0], sequence++);
    for (size_t i = 3; i < d->count; i++)
        put_text(trace, c, BLOCK_META, d->texts[i], sequence++);
    blocks_put(trace, c, BLOCK_DATA, BLOCK_CRITICAL, run.data, run.len, sequence++);
    if (d->count > 2 && d->texts[2].len)
        put_text(trace, c, BLOCK_NOTE, d->texts[2], sequence++);
    if (d->count > 1 && d->texts[1].len)
        put_text(trace, c, BLOCK_END, d->texts[1], sequence++);
    compressor_free(c);
    buf_release(&run);
}

/* ---- what is made of it ---- */

static void require_json(const struct buf *text)
{
    struct error e = {0};
    cJSON *json = json_parse(text->data, text->len, JSON_FILE_MAX, &e);
    if (!json && e.code != TT_LIMIT)
        fprintf(stderr, "%s\n%s\n", e.text, buf_text(text));
    require(json || e.code == TT_LIMIT, "a result is no JSON");
    cJSON_Delete(json);
}

static void info_text(const cJSON *info, struct buf *out)
{
    struct jsonout j;
    buf_clear(out);
    jsonout_init(&j, out, 0);
    info_put_json(info, &j);
}

/* The ends of the trace, with END's summary as a writer makes it, tell what all of it tells. */
static void check_ends(const struct tape *tape, const struct documents *d, const cJSON *info)
{
    cJSON *meta = json_parse(d->texts[0].data, d->texts[0].len, JSON_DOCUMENT_MAX, NULL);
    cJSON *end = json_parse(d->texts[1].data, d->texts[1].len, JSON_DOCUMENT_MAX, NULL);
    struct buf summary = BUF_INIT, whole = BUF_INIT, ends = BUF_INIT;
    require(meta && end && info_put_summary(tape, &summary) == TT_OK, "no summary");
    cJSON *told = json_parse(summary.data, summary.len, JSON_FILE_MAX, NULL);
    require(told && json_set(end, "summary", told) == TT_OK, "the summary is no JSON");
    cJSON *from_ends = info_of_ends(meta, end);
    if (from_ends) {
        info_text(info, &whole);
        info_text(from_ends, &ends);
        if (strcmp(buf_text(&whole), buf_text(&ends)) != 0)
            fprintf(stderr, "trace %s\nends  %s\n", buf_text(&whole), buf_text(&ends));
        require(strcmp(buf_text(&whole), buf_text(&ends)) == 0,
                "the ends tell something else than the trace");
    }
    cJSON_Delete(from_ends);
    cJSON_Delete(meta);
    cJSON_Delete(end);
    buf_release(&summary);
    buf_release(&whole);
    buf_release(&ends);
}

static void check_info(const struct tape *tape, const struct documents *d)
{
    struct buf text = BUF_INIT;
    cJSON *info = info_of_tape(tape);
    require(info != NULL, "no description");
    info_text(info, &text);
    require_json(&text);
    if (d->count > 1 && d->texts[1].len)
        check_ends(tape, d, info);
    buf_clear(&text);
    info_put_text(info, &text);
    require(summary_text(tape, 80, 0, &text, NULL) == TT_OK && !text.failed, "no text");
    cJSON_Delete(info);
    buf_release(&text);
}

static void show(const struct gates *gates, const struct report *report, struct buf *out)
{
    struct table table = TABLE_INIT, flat = TABLE_INIT;
    const struct report_block *block = &report->blocks[0];
    require(report->block_count == 1 && block->row_count == 1, "one trace is not one row");
    table_title(&table, block->title);
    require(view_tiers(gates, block->rows, 1, 0, &table) == TT_OK, "no tiers");
    require(view_notes(block->rows, 1, &table) == TT_OK, "no notes");
    require(table_markdown(&table, out) == TT_OK && table_terminal(&table, 80, 1, out) == TT_OK, "no table");
    require(view_flat_rows(gates, report, &flat) == TT_OK && table_csv(&flat, out) == TT_OK, "no CSV");
    buf_clear(out);
    require(report_json_rows(gates, report, out) == TT_OK, "no JSON");
    require_json(out);
    buf_clear(out);
    require(report_json_runs(report, out) == TT_OK, "no JSON of runs");
    require_json(out);
    table_release(&table);
    table_release(&flat);
}

static void check_report(const struct tape *tape)
{
    static struct gates gates;
    struct report report;
    struct buf out = BUF_INIT;
    if (!gates.document)
        require(gates_open(&gates, GATES_DEFAULT, NULL) == TT_OK, "no gates");
    report_init(&report);
    require(report_add(&report, tape, NULL) == TT_OK, "not taken into a report");
    require(report_finish(&report, &gates, NULL) == TT_OK, "no report");
    show(&gates, &report, &out);
    buf_release(&out);
    report_release(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct documents documents;
    struct tape_options options = {.allow_incomplete = 1};
    struct tape tape;
    struct error e = {0};
    struct buf trace = BUF_INIT;
    split(&documents, bytes, len);
    build(&trace, &documents);
    int status = tape_load_memory(&tape, trace.data, trace.len, &options, &e);
    require(status == (int)e.code && (!status || e.text[0]), "an error without a sentence");
    if (!status) {
        check_info(&tape, &documents);
        check_report(&tape);
    }
    tape_release(&tape);
    buf_release(&trace);
    return 0;
}
