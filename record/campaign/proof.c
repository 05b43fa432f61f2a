/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/trace_check.h"
#include "formats/trace_reader.h"
#include "record/campaign/campaign.h"

static int check(const char *path, struct error *e)
{
    struct trace_check *c = mem_zalloc(1, sizeof *c);
    int status = c ? trace_check(c, path, e) : error_set(e, TT_NOMEM, "out of memory");
    if (!status && c->verdict != CHECK_INTACT)
        status = error_set(e, TT_DAMAGED, "the trace is %s: %s", check_verdict_name(c->verdict),
                           c->total ? c->findings[0].text : "");
    mem_free(c);
    return status;
}

/* The recorder's own count, which also knows answers that came to no proper end. */
static void read_counts(const cJSON *end, struct proof *proof)
{
    uint64_t total = json_count(json_path(end, "summary.runs"), "total");
    uint64_t failed = json_count(json_path(end, "summary.runs"), "failed");
    proof->runs = total == UINT64_MAX ? 0 : total;
    proof->failed = failed == UINT64_MAX ? 0 : failed;
}

/* Up to its END, which must say that it was closed in the usual way. */
static int read_through(struct trace_reader *r, struct proof *proof, struct error *e)
{
    struct trace_item item = {0};
    int status, closed = 0;
    while (!(status = trace_reader_next(r, &item, e)) && item.kind != TRACE_STOP) {
        if (item.kind == TRACE_END) {
            const char *how = json_string(item.json, "ended");
            closed = how && strcmp(how, "clean") == 0;
            read_counts(item.json, proof);
        }
    }
    if (!status && !closed)
        status = error_set(e, TT_DAMAGED, "the recording was not closed cleanly");
    return status;
}

int campaign_prove(const char *path, struct proof *proof, struct error *e)
{
    struct trace_reader_options options = {0};
    struct trace_reader *r = NULL;
    memset(proof, 0, sizeof *proof);
    int status = check(path, e);
    if (status)
        return status;
    status = trace_reader_open(&r, path, &options, e);
    if (!status) {
        trace_reader_hash_content(r);
        status = read_through(r, proof, e);
    }
    if (!status)
        status = trace_reader_content_id(r, proof->content_id, e);
    trace_reader_free(r);
    return status;
}
