/* SPDX-License-Identifier: MIT */
/* The JSON that Perfetto and Chrome's viewer open. Each trace is a process, one after another in time; runs
 * that overlap have tracks of their own, and sensors are counters. Events are written as they become known:
 * those who read the format put them in order. */
#include <inttypes.h>
#include <stdio.h>

#include "analyze/export_out.h"
#include "analyze/timeline.h"
#include "formats/jsonout.h"

#define BETWEEN_TRACES_NS 1000000000u

enum track { TRACK_TURNS = 1, TRACK_PARTS, TRACK_TOKENS, TRACKS };

struct perfetto {
    struct export_out out;
    struct timeline line;
    struct jsonout j;
    size_t process;   /* of the trace under way */
    uint64_t base_ns; /* where it begins */
    int has_events;
};

static int put_event(void *context, const struct timeline_event *event, struct error *e);

static void *perfetto_open(const struct export_target *to, struct error *e)
{
    struct perfetto *p = export_out_open(sizeof *p, to, e);
    if (!p)
        return NULL;
    p->line.tell = put_event;
    p->line.context = p;
    buf_puts(&p->out.text, "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n");
    return p;
}

static void perfetto_close(void *state)
{
    struct perfetto *p = state;
    timeline_release(&p->line);
    export_out_close(p);
}

static int finish(void *state, struct error *e)
{
    struct perfetto *p = state;
    buf_puts(&p->out.text, "\n]}\n");
    return export_out_finish(&p->out, e);
}

/* ---- one event ---- */

static void put_us(struct perfetto *p, const char *name, uint64_t ns)
{
    char text[32];
    int len = snprintf(text, sizeof text, "%" PRIu64 ".%03" PRIu64, ns / 1000, ns % 1000);
    jsonout_key(&p->j, name);
    jsonout_raw(&p->j, text, (size_t)len);
}

/* Begins an event; the caller adds what it is about, and ends it. */
static void begin_event(struct perfetto *p, const char *name, const char *phase, uint64_t t)
{
    if (p->has_events)
        buf_puts(&p->out.text, ",\n");
    p->has_events = 1;
    jsonout_init(&p->j, &p->out.text, 0);
    jsonout_object(&p->j);
    jsonout_field_string(&p->j, "name", name);
    jsonout_field_string(&p->j, "ph", phase);
    put_us(p, "ts", p->base_ns + t);
    jsonout_field_u64(&p->j, "pid", p->process);
}

static int end_event(struct perfetto *p, struct error *e)
{
    jsonout_end(&p->j, '}');
    return export_out_line(&p->out, e);
}

static void begin_args(struct perfetto *p)
{
    jsonout_key(&p->j, "args");
    jsonout_object(&p->j);
}

static int end_args(struct perfetto *p, struct error *e)
{
    jsonout_end(&p->j, '}');
    return end_event(p, e);
}

/* ---- names of processes and tracks ---- */

static size_t track_of(size_t lane, enum track track)
{
    return lane * TRACKS + (size_t)track;
}

static int name_process(struct perfetto *p, const struct export_trace *trace, struct error *e)
{
    begin_event(p, "process_name", "M", 0);
    begin_args(p);
    jsonout_field_string(&p->j, "name", trace->cell->id.label);
    return end_args(p, e);
}

static int name_track(struct perfetto *p, size_t lane, enum track track, struct error *e)
{
    static const char *const names[] = {
        [TRACK_TURNS] = "turns", [TRACK_PARTS] = "prefill and decode", [TRACK_TOKENS] = "tokens"};
    char name[48];
    snprintf(name, sizeof name, lane ? "%s (%zu)" : "%s", names[track], lane + 1);
    begin_event(p, "thread_name", "M", 0);
    jsonout_field_u64(&p->j, "tid", track_of(lane, track));
    begin_args(p);
    jsonout_field_string(&p->j, "name", name);
    return end_args(p, e);
}

static int name_all(struct perfetto *p, const struct export_trace *trace, struct error *e)
{
    int status = name_process(p, trace, e);
    for (size_t lane = 0; lane < p->line.lane_count; lane++) {
        for (int track = TRACK_TURNS; track < TRACKS && !status; track++)
            status = name_track(p, lane, (enum track)track, e);
    }
    return status;
}

/* ---- events ---- */

static void put_turn_args(struct perfetto *p, const struct export_run *run)
{
    const struct run_figures *f = run->run->figures;
    begin_args(p);
    jsonout_field_u64(&p->j, "run", f->run);
    jsonout_field_u64(&p->j, "repeat", f->repeat);
    jsonout_field_u64(&p->j, "attempt", f->attempt);
    jsonout_field_bool(&p->j, "valid", f->invalid == 0);
    if (*run_error(f))
        jsonout_field_string(&p->j, "error", run_error(f));
    if (*f->finish_reason)
        jsonout_field_string(&p->j, "finish_reason", f->finish_reason);
    jsonout_field_u64(&p->j, "prompt_tokens", f->prompt_tokens);
    jsonout_field_u64(&p->j, "cached_tokens", f->cached_tokens);
    jsonout_field_u64(&p->j, "completion_tokens", f->completion_tokens);
    jsonout_field_number(&p->j, "ttft_ms", f->ttft_ms);
    jsonout_field_number(&p->j, "decode_tok_s", f->decode_tok_s);
    jsonout_end(&p->j, '}');
}

static int put_slice(struct perfetto *p, const struct timeline_event *event, enum track track,
                     const char *name, struct error *e)
{
    begin_event(p, name, "X", event->t);
    put_us(p, "dur", event->duration);
    jsonout_field_u64(&p->j, "tid", track_of(event->lane, track));
    if (event->kind == TIMELINE_TURN)
        put_turn_args(p, event->run);
    if (event->kind == TIMELINE_TOKENS) {
        begin_args(p);
        jsonout_field_u64(&p->j, "tokens", event->value.count);
        jsonout_end(&p->j, '}');
    }
    return end_event(p, e);
}

static int put_counter(struct perfetto *p, const struct timeline_event *event, const char *name,
                       struct error *e)
{
    begin_event(p, name, "C", event->t);
    begin_args(p);
    jsonout_field_number(&p->j, "value", event->value.number);
    return end_args(p, e);
}

/* A process that was started again has series of the same names. */
static int put_sensor(struct perfetto *p, const struct timeline_event *event, struct error *e)
{
    const struct tape_series *series = event->series;
    struct buf name = BUF_INIT;
    buf_printf(&name, "%s %s", series->source, series->name);
    if (series->row.generation != ABSENT && series->row.generation)
        buf_printf(&name, " of process %" PRIu64, series->row.generation + 1);
    buf_printf(&name, " [%s]", timeline_is_watts(series) ? "W" : series->unit);
    int status =
        name.failed ? error_set(e, TT_NOMEM, "out of memory") : put_counter(p, event, buf_text(&name), e);
    buf_release(&name);
    return status;
}

static int put_progress(struct perfetto *p, const struct timeline_event *event, struct error *e)
{
    char name[64];
    size_t lane = event->lane;
    snprintf(name, sizeof name, lane ? "%s (%zu)" : "%s", "prompt tokens processed", lane + 1);
    return put_counter(p, event, name, e);
}

static int put_event(void *context, const struct timeline_event *event, struct error *e)
{
    struct perfetto *p = context;
    switch (event->kind) {
    case TIMELINE_TURN:
        return put_slice(p, event, TRACK_TURNS, event->run->phase ? event->run->phase : "run", e);
    case TIMELINE_CONNECT:
        return put_slice(p, event, TRACK_PARTS, "connect", e);
    case TIMELINE_PREFILL:
        return put_slice(p, event, TRACK_PARTS, "prefill", e);
    case TIMELINE_DECODE:
        return put_slice(p, event, TRACK_PARTS, "decode", e);
    case TIMELINE_TOKENS:
        return put_slice(p, event, TRACK_TOKENS, *event->text ? event->text : "(no text)", e);
    case TIMELINE_PROGRESS:
        return put_progress(p, event, e);
    case TIMELINE_SENSOR:
        return put_sensor(p, event, e);
    }
    return TT_OK;
}

/* ---- what is told ---- */

static int begin(void *state, const struct export_trace *trace, struct error *e)
{
    struct perfetto *p = state;
    int status = timeline_begin(&p->line, trace->tape, e);
    p->process = trace->number + 1;
    return status ? status : name_all(p, trace, e);
}

static int put_run(void *state, const struct export_run *run, const struct run_row *row, struct error *e)
{
    struct perfetto *p = state;
    (void)row;
    return timeline_run(&p->line, run, e);
}

static int put_frame(void *state, const struct export_frame *frame, struct error *e)
{
    struct perfetto *p = state;
    return timeline_frame(&p->line, frame, e);
}

static int put_sample(void *state, const struct export_sample *sample, struct error *e)
{
    struct perfetto *p = state;
    return timeline_sample(&p->line, sample, e);
}

static int end(void *state, const struct export_trace *trace, struct error *e)
{
    struct perfetto *p = state;
    int status = timeline_end(&p->line, e);
    (void)trace;
    p->base_ns += p->line.span + BETWEEN_TRACES_NS;
    return status;
}

extern const struct exporter export_perfetto;
const struct exporter export_perfetto = {
    .name = "perfetto",
    .what = "a timeline for Perfetto's and Chrome's viewer: turns, prefill and decode, tokens, server "
            "progress, power and memory",
    .to = EXPORT_TO_STREAM,
    .open = perfetto_open,
    .close = perfetto_close,
    .begin = begin,
    .run = put_run,
    .frame = put_frame,
    .sample = put_sample,
    .end = end,
    .finish = finish,
};
