/* SPDX-License-Identifier: MIT */
/* genai-perf's profile_export.json: `experiments`, each with its load and its `requests`; a request has its
 * time, its payload, and for each response the time (nanoseconds) and the bytes, in lists of their own. */
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/importer.h"
#include "formats/jscan.h"
#include "formats/sse.h"

#define RESPONSES_MAX ((size_t)1 << 20)
#define EVENT_MAX     ((size_t)1 << 20)

static const char *const marks[] = {"experiments", "service_kind", NULL};
static const char *const lacks[] = {"response heads", "the engine", "power", "memory", "the machine", NULL};

/* One request. */
struct request {
    struct import_run run;
    uint64_t *times; /* of its responses */
    size_t time_count, time_capacity;
    int has_begun;
    struct buf payload, response;
    struct sse events;
};

/* ---- the load, which names the phase ---- */

static void take_load(struct importer *im, struct json_pull *p, char *name, size_t size)
{
    char mode[40] = "load";
    uint64_t value = ABSENT;
    if (!json_pull_enter_if(p, JSCAN_OBJECT))
        return;
    while (json_pull_member(p)) {
        if (json_pull_is(p, "mode"))
            import_text(im, p, mode, sizeof mode);
        else if (json_pull_is(p, "value") && json_pull_type(p) == JSCAN_NUMBER)
            value = json_pull_scaled(p, 1);
        else
            json_pull_skip(p);
    }
    if (value == ABSENT)
        snprintf(name, size, "%s", mode);
    else
        snprintf(name, size, "%s %llu", mode, (unsigned long long)value);
}

/* ---- a request ---- */

static void take_payload(struct json_pull *p, struct request *r)
{
    if (!json_pull_enter_if(p, JSCAN_OBJECT))
        return;
    while (json_pull_member(p)) {
        if (json_pull_is(p, "payload"))
            json_pull_text(p, &r->payload);
        else
            json_pull_skip(p);
    }
}

static void take_times(struct json_pull *p, struct request *r)
{
    if (!json_pull_enter_if(p, JSCAN_ARRAY))
        return;
    while (json_pull_element(p)) {
        if (r->time_count == RESPONSES_MAX)
            json_pull_fail(p, TT_LIMIT, "a request has too many responses");
        else if (mem_grow(&r->times, &r->time_capacity, r->time_count + 1, sizeof *r->times))
            json_pull_fail(p, TT_NOMEM, "out of memory");
        else
            r->times[r->time_count++] = json_pull_ns(p, 1);
    }
}

static int begin(struct importer *im, struct json_pull *p, struct request *r, const char *phase_name)
{
    struct import_phase *phase;
    if (r->has_begun)
        return TT_OK;
    if (r->run.row.t_start == ABSENT)
        json_pull_fail(p, TT_SYNTAX, "a request has no timestamp before its responses");
    if (p->status)
        return p->status;
    r->has_begun = 1;
    r->run.end.t_connected = r->run.row.t_start;
    int status = import_clock(im, r->run.row.t_start, r->run.row.t_start);
    if (!status)
        status = import_phase(im, phase_name, &phase);
    if (!status)
        status = import_body(im, &r->run, buf_bytes(&r->payload));
    return status ? status : import_begin(im, &r->run, phase);
}

/* The bytes of one response: events, several of them at times, or a document. */
static int write_response(struct importer *im, struct request *r, uint64_t t)
{
    struct bytes in = buf_bytes(&r->response);
    struct sse_event event;
    int found = SSE_MORE, status = TT_OK;
    if (r->response.len && r->response.data[0] == '{')
        return import_arrival(im, &r->run, t, in);
    sse_clear(&r->events);
    do {
        found = sse_next(&r->events, &in, &event);
        if (found == SSE_EVENT && event.text.len)
            status = import_arrival(im, &r->run, t, event.text);
    } while (found > SSE_MORE && !status);
    return found < 0 ? error_set(im->error, TT_NOMEM, "out of memory") : status;
}

/* {"response": "data: …"} */
static int take_output(struct importer *im, struct json_pull *p, struct request *r, size_t number)
{
    buf_clear(&r->response);
    json_pull_enter(p);
    while (json_pull_member(p)) {
        if (json_pull_is(p, "response"))
            json_pull_text(p, &r->response);
        else
            json_pull_skip(p);
    }
    if (number >= r->time_count || r->times[number] == ABSENT)
        json_pull_fail(p, TT_SYNTAX, "a response has no time in response_timestamps before it");
    return p->status ? p->status : write_response(im, r, r->times[number]);
}

static int take_outputs(struct importer *im, struct json_pull *p, struct request *r, const char *phase)
{
    size_t number = 0;
    int status = begin(im, p, r, phase);
    if (status || !json_pull_enter_if(p, JSCAN_ARRAY))
        return status ? status : p->status;
    while (!status && json_pull_element(p))
        status = take_output(im, p, r, number++);
    return status ? status : p->status;
}

static int take_request(struct importer *im, struct json_pull *p, struct request *r, const char *phase)
{
    int status = TT_OK;
    import_run_init(&r->run);
    r->time_count = 0;
    r->has_begun = 0;
    buf_clear(&r->payload);
    json_pull_enter(p);
    while (!status && json_pull_member(p)) {
        if (json_pull_is(p, "timestamp"))
            r->run.row.t_start = json_pull_ns(p, 1);
        else if (json_pull_is(p, "request_inputs"))
            take_payload(p, r);
        else if (json_pull_is(p, "response_timestamps"))
            take_times(p, r);
        else if (json_pull_is(p, "response_outputs"))
            status = take_outputs(im, p, r, phase);
        else
            json_pull_skip(p);
    }
    if (!status)
        status = p->status ? p->status : begin(im, p, r, phase);
    if (r->time_count)
        r->run.end.t_close = r->times[r->time_count - 1];
    return status ? status : import_end(im, &r->run);
}

/* ---- the whole ---- */

static int take_requests(struct importer *im, struct json_pull *p, const char *phase)
{
    struct request r = {.times = NULL, .payload = BUF_INIT, .response = BUF_INIT};
    int status = TT_OK;
    if (!json_pull_enter_if(p, JSCAN_ARRAY))
        return p->status;
    sse_init(&r.events, EVENT_MAX);
    while (!status && json_pull_element(p))
        status = take_request(im, p, &r, phase);
    mem_free(r.times);
    buf_release(&r.payload);
    buf_release(&r.response);
    sse_release(&r.events);
    return status ? status : p->status;
}

static int take_experiment(struct importer *im, struct json_pull *p)
{
    char phase[80] = "load";
    int status = TT_OK;
    json_pull_enter(p);
    while (!status && json_pull_member(p)) {
        if (json_pull_is(p, "experiment"))
            take_load(im, p, phase, sizeof phase);
        else if (json_pull_is(p, "requests"))
            status = take_requests(im, p, phase);
        else
            json_pull_skip(p);
    }
    return status ? status : p->status;
}

static int take_experiments(struct importer *im, struct json_pull *p)
{
    int status = TT_OK;
    if (!json_pull_enter_if(p, JSCAN_ARRAY))
        return p->status;
    while (!status && json_pull_element(p))
        status = take_experiment(im, p);
    return status ? status : p->status;
}

static int take_document(struct importer *im, struct json_pull *p)
{
    int status = TT_OK;
    json_pull_enter(p);
    while (!status && json_pull_member(p)) {
        if (json_pull_is(p, "experiments"))
            status = take_experiments(im, p);
        else
            json_pull_skip(p);
    }
    return status ? status : p->status;
}

/* Steps to the first element of the list that is the member `name` of the object at the cursor. */
static int find_first(struct json_pull *p, const char *name)
{
    return json_pull_find(p, name) && json_pull_enter_if(p, JSCAN_ARRAY) && json_pull_element(p);
}

/* A payload is a document of its own, in a text. */
static int describe_payload(struct importer *im, struct json_pull *outer)
{
    struct source source;
    struct json_pull p;
    struct buf payload = BUF_INIT;
    json_pull_text(outer, &payload);
    source_open_memory(&source, payload.data, payload.len);
    source.path = im->path;
    int status = outer->status ? outer->status : json_pull_init(&p, &source, 0, outer->line, im->error);
    if (!outer->status) {
        if (!status && json_pull_next(&p))
            status = import_model(im, &p);
        json_pull_release(&p);
    }
    buf_release(&payload);
    return status;
}

/* The first request says which model was asked for. */
static int describe(struct importer *im)
{
    struct import_reader r;
    struct json_pull *p = &r.pull;
    int status = import_open(im, &r, 0, 1);
    if (!status && json_pull_next(p) && find_first(p, "experiments") && find_first(p, "requests") &&
        json_pull_find(p, "request_inputs") && json_pull_find(p, "payload") &&
        json_pull_type(p) == JSCAN_STRING)
        status = describe_payload(im, p);
    return import_close(&r, status);
}

static int runs(struct importer *im)
{
    struct import_reader reader;
    int status = import_open(im, &reader, 0, 1);
    if (!status && json_pull_next(&reader.pull))
        status = take_document(im, &reader.pull);
    if (!status)
        json_pull_last(&reader.pull);
    return import_close(&reader, status);
}

const struct import_format import_genai_perf = {"genai-perf", "genai-perf", "genai-perf", marks,
                                                lacks,        describe,     runs};
