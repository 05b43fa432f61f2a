/* SPDX-License-Identifier: MIT */
/* aiperf's profile_export.jsonl: a line for each request with `metadata` (times in nanoseconds since 1970)
 * and `metrics` ({"value", "unit"}, times in milliseconds). Where inter_chunk_latency lists the gaps between
 * pieces, each piece has its time; else there are only the figures. */
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/importer.h"

#define PIECES_MAX ((size_t)1 << 20)

static const char *const marks[] = {"metadata", "metrics", NULL};
static const char *const lacks[] = {"texts", "finish reasons", "the engine",  "the model",
                                    "power", "memory",         "the machine", NULL};

/* One line. */
struct record {
    struct import_run run;
    char phase[64];
    uint64_t ttft, latency, input, output, cached;
    uint64_t *gaps; /* the line's inter_chunk_latency */
    size_t gap_count, gap_capacity;
    int has_gaps;
};

static void take_metadata(struct importer *im, struct json_pull *p, struct record *r)
{
    struct import_run *run = &r->run;
    if (!json_pull_enter_if(p, JSCAN_OBJECT))
        return;
    while (json_pull_member(p)) {
        if (json_pull_is(p, "request_start_ns"))
            run->row.t_start = json_pull_ns(p, 1);
        else if (json_pull_is(p, "request_ack_ns"))
            run->end.t_header = json_pull_ns(p, 1);
        else if (json_pull_is(p, "request_end_ns"))
            run->end.t_close = json_pull_ns(p, 1);
        else if (json_pull_is(p, "session_num"))
            run->row.conversation = json_pull_count(p);
        else if (json_pull_is(p, "turn_index"))
            run->row.turn = json_pull_count(p);
        else if (json_pull_is(p, "benchmark_phase"))
            import_text(im, p, r->phase, sizeof r->phase);
        else
            json_pull_skip(p);
    }
}

static void take_gaps(struct json_pull *p, struct record *r)
{
    if (!json_pull_enter_if(p, JSCAN_ARRAY))
        return;
    r->has_gaps = 1;
    while (json_pull_element(p)) {
        if (r->gap_count == PIECES_MAX)
            json_pull_fail(p, TT_LIMIT, "an answer has too many pieces");
        else if (mem_grow(&r->gaps, &r->gap_capacity, r->gap_count + 1, sizeof *r->gaps))
            json_pull_fail(p, TT_NOMEM, "out of memory");
        else
            r->gaps[r->gap_count++] = json_pull_ns(p, 1e6);
    }
}

/* {"value", "unit"} */
static void take_value(struct json_pull *p, struct record *r, uint64_t *count, uint64_t *ms)
{
    if (!json_pull_enter_if(p, JSCAN_OBJECT))
        return;
    while (json_pull_member(p)) {
        if (!json_pull_is(p, "value"))
            json_pull_skip(p);
        else if (count)
            *count = json_pull_count(p);
        else if (ms)
            *ms = json_pull_ns(p, 1e6);
        else
            take_gaps(p, r);
    }
}

static void take_metric(struct json_pull *p, struct record *r)
{
    uint64_t *count = json_pull_is(p, "input_sequence_length")            ? &r->input
                      : json_pull_is(p, "output_sequence_length")         ? &r->output
                      : json_pull_is(p, "usage_prompt_cache_read_tokens") ? &r->cached
                                                                          : NULL;
    uint64_t *ms = json_pull_is(p, "time_to_first_token") ? &r->ttft
                   : json_pull_is(p, "request_latency")   ? &r->latency
                                                          : NULL;
    if (count || ms || json_pull_is(p, "inter_chunk_latency"))
        take_value(p, r, count, ms);
    else
        json_pull_skip(p);
}

static void take_metrics(struct json_pull *p, struct record *r)
{
    if (!json_pull_enter_if(p, JSCAN_OBJECT))
        return;
    while (json_pull_member(p))
        take_metric(p, r);
}

static void take_record(struct importer *im, struct json_pull *p, struct record *r)
{
    import_run_init(&r->run);
    snprintf(r->phase, sizeof r->phase, "profiling");
    r->ttft = r->latency = r->input = r->output = r->cached = ABSENT;
    r->gap_count = 0;
    r->has_gaps = 0;
    json_pull_enter(p);
    while (json_pull_member(p)) {
        if (json_pull_is(p, "metadata"))
            take_metadata(im, p, r);
        else if (json_pull_is(p, "error"))
            import_run_error(im, p, &r->run);
        else if (json_pull_is(p, "metrics"))
            take_metrics(p, r);
        else
            json_pull_skip(p);
    }
}

/* By aiperf's definition the last piece ends request_latency, and N - 1 tokens come after the first. */
static void give(struct record *r)
{
    struct given_row *given = &r->run.given;
    given->prompt_tokens = r->input;
    given->completion_tokens = r->output;
    given->cached_tokens = r->cached;
    given->ttft_ns = r->ttft;
    given->total_ns = r->latency;
    if (r->output == ABSENT || r->output < 2 || r->ttft == ABSENT || r->latency == ABSENT ||
        r->latency <= r->ttft)
        return;
    given->decode_tokens = r->output - 1;
    given->decode_ns = r->latency - r->ttft;
}

static int write_arrivals(struct importer *im, struct record *r)
{
    uint64_t t = r->run.row.t_start + r->ttft;
    int status = import_arrival(im, &r->run, t, (struct bytes){NULL, 0});
    for (size_t i = 0; i < r->gap_count && !status; i++) {
        t += r->gaps[i] == ABSENT ? 0 : r->gaps[i];
        status = import_arrival(im, &r->run, t, (struct bytes){NULL, 0});
    }
    return status;
}

/* The two clocks of aiperf differ by microseconds: the last piece may stand behind the end. */
static int write_record(struct importer *im, struct json_pull *p, struct record *r)
{
    struct import_phase *phase;
    struct import_run *run = &r->run;
    int is_ok = run->end.ended == RUN_ENDED_COMPLETE;
    if (run->row.t_start == ABSENT)
        json_pull_fail(p, TT_SYNTAX, "the record has no metadata.request_start_ns");
    if (p->status)
        return p->status;
    run->end.t_connected = run->row.t_start;
    give(r);
    int status = import_clock(im, run->row.t_start, run->row.t_start);
    if (!status)
        status = import_phase(im, r->phase, &phase);
    if (!status)
        status = import_begin(im, run, phase);
    if (!status && is_ok && r->ttft != ABSENT && r->has_gaps)
        status = write_arrivals(im, r);
    if (run->end.t_close != ABSENT && run->end.t_close < im->next_start)
        run->end.t_close = im->next_start;
    return status ? status : import_end(im, run);
}

/* What was measured comes before a warm-up. */
static int describe(struct importer *im)
{
    struct import_phase *phase;
    return import_phase(im, "profiling", &phase);
}

static int runs(struct importer *im)
{
    struct import_reader reader;
    struct record r = {.gaps = NULL};
    int status = import_open(im, &reader, 0, 1);
    while (!status && json_pull_next(&reader.pull)) {
        take_record(im, &reader.pull, &r);
        status = reader.pull.status ? reader.pull.status : write_record(im, &reader.pull, &r);
    }
    mem_free(r.gaps);
    return import_close(&reader, status);
}

const struct import_format import_aiperf = {"aiperf", "aiperf", "aiperf", marks, lacks, describe, runs};
