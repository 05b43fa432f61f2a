/* SPDX-License-Identifier: MIT */
/* Spans in OpenTelemetry's JSON encoding, under the names of its conventions for generative AI: one
 * TracesData a line. A trace is a span, its runs are below it, and their parts below those. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/export_out.h"
#include "formats/digest.h"
#include "formats/jsonout.h"
#include "formats/version.h"

#define TRACE_ID_DIGITS 32
#define ROOT_SPAN       1

enum span_kind { SPAN_INTERNAL = 1, SPAN_CLIENT = 3 }; /* as OTLP numbers them */
enum part { PART_CALL, PART_CONNECT, PART_PREFILL, PART_DECODE };

struct otlp {
    struct export_out out;
    struct jsonout j;
    char trace_id[SHA256_HEX_BYTES];
};

static void *otlp_open(const struct export_target *to, struct error *e)
{
    return export_out_open(sizeof(struct otlp), to, e);
}

static int finish(void *state, struct error *e)
{
    return export_out_finish(state, e);
}

/* ---- attributes ---- */

static void begin_attribute(struct jsonout *j, const char *name)
{
    jsonout_object(j);
    jsonout_field_string(j, "key", name);
    jsonout_key(j, "value");
    jsonout_object(j);
}

static void end_attribute(struct jsonout *j)
{
    jsonout_end(j, '}');
    jsonout_end(j, '}');
}

/* What is not known has no attribute. */
static void put_text(struct jsonout *j, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    begin_attribute(j, name);
    jsonout_field_string(j, "stringValue", text);
    end_attribute(j);
}

static void put_count(struct jsonout *j, const char *name, uint64_t count)
{
    if (count > INT64_MAX)
        return;
    begin_attribute(j, name);
    jsonout_key(j, "intValue");
    jsonout_u64_text(j, count);
    end_attribute(j);
}

static void put_number(struct jsonout *j, const char *name, double number)
{
    if (!isfinite(number))
        return;
    begin_attribute(j, name);
    jsonout_field_number(j, "doubleValue", number);
    end_attribute(j);
}

static void put_truth(struct jsonout *j, const char *name, int truth)
{
    begin_attribute(j, name);
    jsonout_field_bool(j, "boolValue", truth);
    end_attribute(j);
}

static void put_list_of_one(struct jsonout *j, const char *name, const char *text)
{
    if (!*text)
        return;
    begin_attribute(j, name);
    jsonout_key(j, "arrayValue");
    jsonout_object(j);
    jsonout_key(j, "values");
    jsonout_array(j);
    jsonout_object(j);
    jsonout_field_string(j, "stringValue", text);
    jsonout_end(j, '}');
    jsonout_end(j, ']');
    jsonout_end(j, '}');
    end_attribute(j);
}

static void begin_list(struct jsonout *j, const char *name)
{
    jsonout_key(j, name);
    jsonout_array(j);
}

/* ---- spans ---- */

static void put_span_id(struct jsonout *j, const char *name, uint64_t id)
{
    char text[20];
    snprintf(text, sizeof text, "%016" PRIx64, id);
    jsonout_field_string(j, name, text);
}

static uint64_t span_of(uint64_t run, enum part part)
{
    return (run + 1) << 8 | (uint64_t)part;
}

/* Nanoseconds since 1970; of a trace that does not tell, on its recorder's clock. */
static void put_moment(struct jsonout *j, const char *name, const struct tape *tape, uint64_t ticks)
{
    uint64_t ns = tape_clock_ns(tape, ticks);
    if (tape->realtime_origin_ns != ABSENT && tape->t_origin != ABSENT)
        ns = tape->realtime_origin_ns + (ns - tape_clock_ns(tape, tape->t_origin));
    jsonout_key(j, name);
    jsonout_u64_text(j, ns);
}

struct span {
    const char *name;
    uint64_t id, parent; /* 0: it has none */
    enum span_kind kind;
    uint64_t from, to; /* native ticks */
};

static void begin_span(struct otlp *o, const struct tape *tape, const struct span *span)
{
    jsonout_object(&o->j);
    jsonout_field_string(&o->j, "traceId", o->trace_id);
    put_span_id(&o->j, "spanId", span->id);
    if (span->parent)
        put_span_id(&o->j, "parentSpanId", span->parent);
    jsonout_field_string(&o->j, "name", span->name);
    jsonout_field_u64(&o->j, "kind", span->kind);
    put_moment(&o->j, "startTimeUnixNano", tape, span->from);
    put_moment(&o->j, "endTimeUnixNano", tape, span->to < span->from ? span->from : span->to);
}

static void put_resource(struct jsonout *j, const struct export_trace *trace)
{
    const struct identity *id = &trace->cell->id;
    jsonout_key(j, "resource");
    jsonout_object(j);
    begin_list(j, "attributes");
    put_text(j, "service.name", "toktape");
    put_text(j, "service.version", toktape_version());
    put_text(j, "host.name", id->machine);
    put_text(j, "toktape.trace_id", trace->id);
    put_text(j, "toktape.content_id", trace->tape->content_id);
    put_text(j, "toktape.label", id->label);
    put_text(j, "toktape.cell", id->cell);
    put_text(j, "toktape.engine", id->engine);
    put_text(j, "toktape.engine_version", id->engine_version);
    put_text(j, "toktape.quant", id->quant);
    put_text(j, "toktape.speculative", id->speculative);
    put_truth(j, "toktape.synthetic", cell_is_synthetic(trace->cell));
    jsonout_end(j, ']');
    jsonout_end(j, '}');
}

/* Everything around the spans of a line. */
static void begin_line(struct otlp *o, const struct export_trace *trace)
{
    struct jsonout *j = &o->j;
    jsonout_init(j, &o->out.text, 0);
    jsonout_object(j);
    begin_list(j, "resourceSpans");
    jsonout_object(j);
    put_resource(j, trace);
    begin_list(j, "scopeSpans");
    jsonout_object(j);
    jsonout_key(j, "scope");
    jsonout_object(j);
    jsonout_field_string(j, "name", "toktape");
    jsonout_field_string(j, "version", toktape_version());
    jsonout_end(j, '}');
    begin_list(j, "spans");
}

static int end_line(struct otlp *o, struct error *e)
{
    static const char brackets[] = "]}]}]}";
    for (size_t i = 0; brackets[i]; i++)
        jsonout_end(&o->j, brackets[i]);
    buf_putc(&o->out.text, '\n');
    return export_out_line(&o->out, e);
}

/* ---- the trace ---- */

static int is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* The digits of its UUID; without a good one, digits that follow from its name. */
static void choose_trace_id(struct otlp *o, const struct export_trace *trace)
{
    const char *uuid = tape_text(trace->tape, "trace");
    size_t used = 0, zeros = 0;
    for (const char *p = uuid ? uuid : ""; *p && used < TRACE_ID_DIGITS; p++) {
        if (!is_hex(*p))
            continue;
        zeros += *p == '0';
        o->trace_id[used++] = *p;
    }
    const char *name = *trace->id ? trace->id : trace->tape->path;
    if (used < TRACE_ID_DIGITS || zeros == TRACE_ID_DIGITS) {
        unsigned char digest[SHA256_BYTES];
        sha256_of(name, strlen(name), digest);
        sha256_hex(digest, o->trace_id);
    }
    o->trace_id[TRACE_ID_DIGITS] = '\0';
}

static void widen(struct span *span, uint64_t from, uint64_t to)
{
    if (from != ABSENT && from < span->from)
        span->from = from;
    if (to != ABSENT && to > span->to)
        span->to = to;
}

static int begin(void *state, const struct export_trace *trace, struct error *e)
{
    struct otlp *o = state;
    const struct tape *tape = trace->tape;
    const char *workload = tape_text(tape, "workload.name");
    struct span root = {
        workload && *workload ? workload : "recording", ROOT_SPAN, 0, SPAN_INTERNAL, ABSENT, 0};
    choose_trace_id(o, trace);
    widen(&root, tape->t_origin, tape->t_origin);
    for (size_t i = 0; i < tape->run_count; i++)
        widen(&root, tape_run_at(tape, i)->t_zero, tape_run_at(tape, i)->t_close);
    if (root.from == ABSENT)
        root.from = root.to;
    begin_line(o, trace);
    begin_span(o, tape, &root);
    begin_list(&o->j, "attributes");
    put_text(&o->j, "toktape.closed", tape->closed);
    put_number(&o->j, "toktape.idle_w", tape->idle_w);
    jsonout_end(&o->j, ']');
    jsonout_end(&o->j, '}');
    return end_line(o, e);
}

/* ---- runs ---- */

static const char *operation_of(struct bytes path)
{
    static const char plain[] = "/completions", chat[] = "/chat/completions";
    size_t n = sizeof plain - 1, m = sizeof chat - 1;
    int is_plain = path.len >= n && memcmp(path.data + path.len - n, plain, n) == 0;
    int is_chat = path.len >= m && memcmp(path.data + path.len - m, chat, m) == 0;
    return is_plain && !is_chat ? "text_completion" : "chat";
}

static void put_conversation(struct jsonout *j, const struct export_run *run)
{
    char text[EXPORT_ID_SIZE + 48];
    const struct run_figures *f = run->run->figures;
    if (f->conversation == ABSENT)
        return;
    snprintf(text, sizeof text, "%s/%" PRIu64 "/%" PRIu64, run->trace->id, f->repeat, f->conversation);
    put_text(j, "gen_ai.conversation.id", text);
}

static void put_usage(struct jsonout *j, const struct run_figures *f)
{
    put_count(j, "gen_ai.request.max_tokens", f->max_tokens);
    put_count(j, "gen_ai.usage.input_tokens", f->prompt_tokens);
    put_count(j, "gen_ai.usage.output_tokens", f->completion_tokens);
    if (f->cached_state == CACHED_NUMBER)
        put_count(j, "gen_ai.usage.cache_read.input_tokens", f->cached_tokens);
    put_list_of_one(j, "gen_ai.response.finish_reasons", f->finish_reason);
    put_count(j, "http.response.status_code", f->http_status);
}

static void put_own_figures(struct jsonout *j, const struct export_run *run)
{
    const struct run_figures *f = run->run->figures;
    put_text(j, "toktape.phase", run->phase);
    put_count(j, "toktape.run", f->run);
    put_count(j, "toktape.repeat", f->repeat);
    put_count(j, "toktape.attempt", f->attempt);
    put_truth(j, "toktape.valid", f->invalid == 0);
    put_number(j, "toktape.ttft_ms", f->ttft_ms);
    put_number(j, "toktape.decode_tok_s", f->decode_tok_s);
    put_number(j, "toktape.decode_j", f->energy.decode_j);
    put_count(j, "toktape.peak_rss_bytes", f->peak_rss_bytes);
}

static const char *error_of(const struct run_figures *f)
{
    unsigned failed = f->invalid & INVALID_FAILED;
    return failed ? invalid_cause_name(failed & (~failed + 1)) : NULL;
}

static void put_attributes(struct otlp *o, const struct export_run *run, const char *operation)
{
    struct jsonout *j = &o->j;
    const struct identity *id = &run->trace->cell->id;
    begin_list(j, "attributes");
    put_text(j, "gen_ai.operation.name", operation);
    put_text(j, "gen_ai.provider.name", *id->engine ? id->engine : "unknown");
    put_text(j, "gen_ai.request.model", id->model);
    put_conversation(j, run);
    put_usage(j, run->run->figures);
    put_text(j, "error.type", error_of(run->run->figures));
    put_own_figures(j, run);
    jsonout_end(j, ']');
}

/* Nothing is said of a run that went well, as the conventions want it. */
static void put_status(struct jsonout *j, const struct run_figures *f)
{
    jsonout_key(j, "status");
    jsonout_object(j);
    if (error_of(f)) {
        jsonout_field_u64(j, "code", 2);
        jsonout_field_string(j, "message", *run_error(f) ? run_error(f) : error_of(f));
    }
    jsonout_end(j, '}');
}

/* The run that this one carries on. */
static void put_link(struct otlp *o, uint64_t parent)
{
    if (parent == ABSENT || parent >= TAPE_RUNS_MAX)
        return;
    begin_list(&o->j, "links");
    jsonout_object(&o->j);
    jsonout_field_string(&o->j, "traceId", o->trace_id);
    put_span_id(&o->j, "spanId", span_of(parent, PART_CALL));
    jsonout_end(&o->j, '}');
    jsonout_end(&o->j, ']');
}

static void put_call(struct otlp *o, const struct export_run *run, const struct span *span,
                     const char *operation)
{
    const struct run_figures *f = run->run->figures;
    begin_span(o, run->trace->tape, span);
    put_attributes(o, run, operation);
    if (f->t_first_token != ABSENT) {
        begin_list(&o->j, "events");
        jsonout_object(&o->j);
        put_moment(&o->j, "timeUnixNano", run->trace->tape, f->t_first_token);
        jsonout_field_string(&o->j, "name", "first token");
        jsonout_end(&o->j, '}');
        jsonout_end(&o->j, ']');
    }
    put_link(o, f->parent);
    put_status(&o->j, f);
    jsonout_end(&o->j, '}');
}

static void put_part(struct otlp *o, const struct export_run *run, enum part part, uint64_t from, uint64_t to)
{
    static const char *const names[] = {
        [PART_CONNECT] = "connect", [PART_PREFILL] = "prefill", [PART_DECODE] = "decode"};
    uint64_t id = run->run->figures->run;
    struct span span = {names[part], span_of(id, part), span_of(id, PART_CALL), SPAN_INTERNAL, from, to};
    if (from == ABSENT || to == ABSENT)
        return;
    begin_span(o, run->trace->tape, &span);
    jsonout_end(&o->j, '}');
}

/* An end that was not seen is the last thing that was. */
static uint64_t end_of(const struct run_figures *f, uint64_t from)
{
    const uint64_t ends[] = {f->t_close, f->t_last_token, f->t_first_token, f->t_zero};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        if (ends[i] != ABSENT)
            return ends[i];
    }
    return from;
}

static int put_run(void *state, const struct export_run *run, const struct run_row *row, struct error *e)
{
    struct otlp *o = state;
    const struct run_figures *f = run->run->figures;
    const char *operation = operation_of(row->path), *model = run->trace->cell->id.model;
    uint64_t from = f->t_start == ABSENT ? f->t_zero : f->t_start;
    struct buf name = BUF_INIT;
    if (from == ABSENT)
        return TT_OK; /* nothing is known of when it was */
    buf_printf(&name, "%s%s%s", operation, *model ? " " : "", model);
    struct span span = {buf_text(&name), span_of(f->run, PART_CALL), ROOT_SPAN, SPAN_CLIENT, from,
                        end_of(f, from)};
    begin_line(o, run->trace);
    put_call(o, run, &span, operation);
    put_part(o, run, PART_CONNECT, from, f->t_zero);
    put_part(o, run, PART_PREFILL, f->t_zero, f->t_first_token);
    put_part(o, run, PART_DECODE, f->t_first_token, f->t_last_token);
    int status = name.failed ? error_set(e, TT_NOMEM, "out of memory") : end_line(o, e);
    buf_release(&name);
    return status;
}

extern const struct exporter export_otlp;
const struct exporter export_otlp = {
    .name = "otlp",
    .what = "OpenTelemetry spans in OTLP's JSON, named by the conventions for generative AI: a line for each "
            "trace and each run",
    .to = EXPORT_TO_STREAM,
    .open = otlp_open,
    .close = export_out_close,
    .begin = begin,
    .run = put_run,
    .finish = finish,
};
