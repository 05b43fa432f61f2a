/* SPDX-License-Identifier: MIT */
/* aiperf's profile_export_raw.jsonl (--export-level raw): a line for each request with its `payload`, and in
 * `responses` every server-sent event with perf_ns, the time when it came on the clock of start_perf_ns. */
#include <stdio.h>
#include <string.h>

#include "formats/importer.h"

static const char *const marks[] = {"start_perf_ns", "responses", NULL};
static const char *const lacks[] = {
    "response heads", "how events shared reads", "power", "memory", "the machine", NULL};

/* One line. Members come in the order in which aiperf writes them; the responses last but for `error`. */
struct record {
    struct import_run run;
    char phase[64];
    uint64_t realtime, perf_start, end;
    int has_begun;
    struct buf payload, value;
};

static void take_metadata(struct importer *im, struct json_pull *p, struct record *r)
{
    if (!json_pull_enter_if(p, JSCAN_OBJECT))
        return;
    while (json_pull_member(p)) {
        if (json_pull_is(p, "request_start_ns"))
            r->realtime = json_pull_ns(p, 1);
        else if (json_pull_is(p, "request_end_ns"))
            r->end = json_pull_ns(p, 1);
        else if (json_pull_is(p, "session_num"))
            r->run.row.conversation = json_pull_count(p);
        else if (json_pull_is(p, "turn_index"))
            r->run.row.turn = json_pull_count(p);
        else if (json_pull_is(p, "benchmark_phase"))
            import_text(im, p, r->phase, sizeof r->phase);
        else
            json_pull_skip(p);
    }
}

static int begin(struct importer *im, struct json_pull *p, struct record *r)
{
    struct import_phase *phase;
    if (r->has_begun)
        return TT_OK;
    if (r->perf_start == ABSENT)
        json_pull_fail(p, TT_SYNTAX, "the record has no start_perf_ns before its responses");
    if (p->status)
        return p->status;
    r->has_begun = 1;
    r->run.row.t_start = r->run.end.t_connected = r->perf_start;
    int status = import_clock(im, r->perf_start, r->realtime);
    if (!status)
        status = import_phase(im, r->phase, &phase);
    if (!status)
        status = import_body(im, &r->run, buf_bytes(&r->payload));
    return status ? status : import_begin(im, &r->run, phase);
}

/* {"name": "data", "value": …}; other fields of an event say nothing. */
static int take_packet(struct importer *im, struct json_pull *p, struct record *r, uint64_t t)
{
    int is_data = 0;
    buf_clear(&r->value);
    json_pull_enter(p);
    while (json_pull_member(p)) {
        if (json_pull_is(p, "name")) {
            json_pull_text(p, &im->text);
            is_data = strcmp(buf_text(&im->text), "data") == 0;
        } else if (json_pull_is(p, "value"))
            json_pull_text(p, &r->value);
        else
            json_pull_skip(p);
    }
    if (p->status || !is_data || !r->value.len)
        return p->status;
    if (t == ABSENT)
        json_pull_fail(p, TT_SYNTAX, "an event has no perf_ns before its packets");
    return p->status ? p->status : import_arrival(im, &r->run, t, buf_bytes(&r->value));
}

static int take_packets(struct importer *im, struct json_pull *p, struct record *r, uint64_t t)
{
    int status = TT_OK;
    if (!json_pull_enter_if(p, JSCAN_ARRAY))
        return p->status;
    while (!status && json_pull_element(p))
        status = take_packet(im, p, r, t);
    return status ? status : p->status;
}

static int take_response(struct importer *im, struct json_pull *p, struct record *r)
{
    uint64_t t = ABSENT;
    int status = TT_OK;
    json_pull_enter(p);
    while (!status && json_pull_member(p)) {
        if (json_pull_is(p, "perf_ns"))
            t = json_pull_ns(p, 1);
        else if (json_pull_is(p, "packets"))
            status = take_packets(im, p, r, t);
        else
            json_pull_skip(p);
    }
    return status ? status : p->status;
}

static int take_responses(struct importer *im, struct json_pull *p, struct record *r)
{
    int status = begin(im, p, r);
    if (status || !json_pull_enter_if(p, JSCAN_ARRAY))
        return status ? status : p->status;
    while (!status && json_pull_element(p))
        status = take_response(im, p, r);
    return status ? status : p->status;
}

static int take_member(struct importer *im, struct json_pull *p, struct record *r)
{
    if (json_pull_is(p, "responses"))
        return take_responses(im, p, r);
    if (json_pull_is(p, "metadata"))
        take_metadata(im, p, r);
    else if (json_pull_is(p, "start_perf_ns"))
        r->perf_start = json_pull_ns(p, 1);
    else if (json_pull_is(p, "payload") && json_pull_type(p) == JSCAN_OBJECT)
        json_pull_raw(p, &r->payload);
    else if (json_pull_is(p, "status"))
        r->run.end.status = json_pull_count(p);
    else if (json_pull_is(p, "error"))
        import_run_error(im, p, &r->run);
    else
        json_pull_skip(p);
    return p->status;
}

static int take_record(struct importer *im, struct json_pull *p, struct record *r)
{
    int status = TT_OK;
    import_run_init(&r->run);
    snprintf(r->phase, sizeof r->phase, "profiling");
    r->realtime = r->perf_start = r->end = ABSENT;
    r->has_begun = 0;
    buf_clear(&r->payload);
    json_pull_enter(p);
    while (!status && json_pull_member(p))
        status = take_member(im, p, r);
    if (!status)
        status = p->status ? p->status : begin(im, p, r);
    if (!status && r->end != ABSENT && r->realtime != ABSENT && r->end >= r->realtime)
        r->run.end.t_close = r->perf_start + (r->end - r->realtime);
    if (!status && r->run.end.t_close != ABSENT && r->run.end.t_close < im->next_start)
        r->run.end.t_close = im->next_start; /* the two clocks differ by microseconds */
    return status ? status : import_end(im, &r->run);
}

/* The first request says which model was asked for. */
static int describe(struct importer *im)
{
    struct import_reader r;
    struct import_phase *phase;
    int status = import_open(im, &r, 0, 1);
    if (!status && json_pull_next(&r.pull) && json_pull_find(&r.pull, "payload"))
        status = import_model(im, &r.pull);
    if (!status)
        status = import_phase(im, "profiling", &phase); /* rather than a warm-up before it */
    return import_close(&r, status);
}

static int runs(struct importer *im)
{
    struct import_reader reader;
    struct record r = {.payload = BUF_INIT, .value = BUF_INIT};
    int status = import_open(im, &reader, 0, 1);
    while (!status && json_pull_next(&reader.pull))
        status = take_record(im, &reader.pull, &r);
    buf_release(&r.payload);
    buf_release(&r.value);
    return import_close(&reader, status);
}

const struct import_format import_aiperf_raw = {"aiperf-raw", "aiperf", "aiperf", marks,
                                                lacks,        describe, runs};
