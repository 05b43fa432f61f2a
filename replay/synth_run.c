/* SPDX-License-Identifier: MIT */
/* One run of a made-up recording: the request, and the answer as its reads would have come. */
#include <math.h>
#include <string.h>

#include "formats/http_wire.h"
#include "record/request.h"
#include "replay/framing.h"
#include "replay/schedule.h"
#include "replay/synth_state.h"
#include "replay/synthetic.h"

#define PATH           "/v1/chat/completions"
#define CONNECT_NS     100000u  /* from the start to an open connection */
#define SEND_NS        20000u   /* until the request has been handed over */
#define ANSWER_NOW_NS  1000000u /* an answer that needs no engine */
#define RESTART_NS     UINT64_C(5000000000)
#define RESET_NS       UINT64_C(2000000)
#define HEAD_MAX       ((size_t)64 << 10)
#define WIRE_SLICE_MAX ((size_t)256 << 10) /* no recv gives more */

static struct bytes text(const char *s)
{
    return (struct bytes){(const unsigned char *)s, strlen(s)};
}

/* The number of the cold phase that this one follows, counted through all repeats. */
static uint64_t epoch_of(const struct synth *s, uint64_t repeat, size_t phase)
{
    const struct workload *w = s->options->workload;
    size_t epoch = 0;
    for (size_t i = 0; i <= phase; i++)
        epoch = w->phases[i].cold ? i : epoch;
    return repeat * w->phase_count + epoch;
}

static int act_on_engine(struct synth *s, uint64_t repeat, struct error *e)
{
    int is_restart = s->cold.method == COLD_RESTART;
    synthetic_forget(s->engine);
    s->now += is_restart ? RESTART_NS : RESET_NS;
    int status = synth_sensors_advance(&s->sensors, s->now, SYNTH_IDLE);
    if (!status)
        status = synth_mark(s, is_restart ? "restart" : "cache_reset", repeat, e);
    return status || !is_restart ? status : synth_sensors_restart(&s->sensors, s->profile->name);
}

static int make_cold(struct synth *s, uint64_t repeat, size_t phase, struct cold_step *step, struct error *e)
{
    int is_cold = s->options->workload->phases[phase].cold;
    struct cold_plan plan = s->cold;
    int ours = plan.method == COLD_RESTART || plan.method == COLD_RESET;
    plan.method = ours ? COLD_KEEP : plan.method;
    int status = cold_prepare(&plan, NULL, is_cold, epoch_of(s, repeat, phase), step, e);
    if (!status && ours && is_cold) {
        step->method = s->cold.method;
        status = act_on_engine(s, repeat, e);
    }
    return status;
}

static void tune(struct synth *s, const char *phase)
{
    const struct synth_phase *own = synth_plan_phase(s->plan, phase);
    struct profile *p = s->profile;
    p->first_token_ms = own && !isnan(own->first_token_ms) ? own->first_token_ms : s->usual.first_token_ms;
    p->decode_tok_s = own && !isnan(own->decode_tok_s) ? own->decode_tok_s : s->usual.decode_tok_s;
    p->answer_tokens = own && own->answer_tokens != ABSENT ? own->answer_tokens : s->usual.answer_tokens;
    p->loop_tokens = own && own->loop_tokens != ABSENT ? own->loop_tokens : s->usual.loop_tokens;
}

/* A document that was ready at once, as a schedule of one slice. */
static int schedule_document(struct engine_answer *a, struct schedule *schedule)
{
    int status = schedule_add(schedule, ANSWER_NOW_NS, a->document.data, a->document.len);
    schedule_finish(schedule, FEED_WHOLE, ANSWER_NOW_NS);
    a->feed = status ? NULL : schedule_feed(schedule);
    a->form = ANSWER_DOCUMENT;
    return status ? status : a->feed ? TT_OK : TT_NOMEM;
}

/* What one run's answer goes through. */
struct course {
    struct synth *s;
    struct run_end_row end;
    uint64_t run, zero, last;
    struct http_wire wire;
    int has_token;
};

/* Only as far as the head goes: what the body is does not matter to a recorder. */
static int watch_head(struct course *c, struct bytes bytes, uint64_t t)
{
    struct bytes body;
    int more = 1;
    while (more == 1 && !c->wire.head_complete)
        more = http_wire_next(&c->wire, &bytes, &body);
    if (c->wire.head_complete && c->end.t_header == ABSENT) {
        c->end.t_header = t;
        c->end.status = (uint64_t)c->wire.status;
    }
    return more == 1 ? TT_OK : more;
}

static int has_event(struct bytes bytes)
{
    static const char event[] = "data: {";
    for (size_t i = 0; i + sizeof event - 1 <= bytes.len; i++) {
        if (bytes.data[i] == 'd' && memcmp(bytes.data + i, event, sizeof event - 1) == 0)
            return 1;
    }
    return 0;
}

static int read_slice(struct course *c, const struct slice *slice, struct error *e)
{
    uint64_t t = c->zero + slice->due_ns;
    int status = synth_sensors_advance(&c->s->sensors, t, c->s->sensors.activity);
    if (!c->has_token && has_event(slice->bytes)) {
        c->has_token = 1;
        c->s->sensors.tokens = synthetic_tokens_held(c->s->engine);
        if (!status)
            status = synth_sensors_advance(&c->s->sensors, t, SYNTH_DECODE);
    }
    if (!status)
        status = watch_head(c, slice->bytes, t);
    for (size_t at = 0; at < slice->bytes.len && !status; at += WIRE_SLICE_MAX) {
        size_t left = slice->bytes.len - at, len = left < WIRE_SLICE_MAX ? left : WIRE_SLICE_MAX;
        struct read_row row = {c->run, t, len};
        status = trace_writer_read(c->s->writer, &row, slice->bytes.data + at, e);
    }
    c->last = t;
    return status;
}

static void close_run(struct course *c, enum run_ended ended, uint64_t t, const char *error)
{
    c->end.ended = ended;
    c->end.t_close = t;
    c->end.error = text(error);
}

/* Whether the run ends before this slice because the recorder's patience does. */
static int gives_up(struct course *c, const struct slice *slice)
{
    uint64_t due = slice->due_ns > UINT64_MAX - c->zero ? UINT64_MAX : c->zero + slice->due_ns;
    uint64_t stalled = c->last + (uint64_t)(c->s->plan->stall_s * 1e9);
    uint64_t timeout = c->zero + (uint64_t)(c->s->plan->timeout_s * 1e9);
    if (due <= stalled && due <= timeout)
        return 0;
    if (stalled < timeout)
        close_run(c, RUN_ENDED_STALLED, stalled, "the engine fell silent");
    else
        close_run(c, RUN_ENDED_TIMEOUT, timeout, "the answer took too long");
    return 1;
}

static void end_with(struct course *c, const struct slice *slice)
{
    uint64_t t = c->zero + slice->due_ns;
    if (slice->end == FEED_WHOLE)
        close_run(c, RUN_ENDED_COMPLETE, t, "");
    else
        close_run(c, RUN_ENDED_CUT, t, "the engine closed the connection in the middle of its answer");
}

static int play(struct course *c, struct feed *feed, struct error *e)
{
    struct slice slice;
    for (;;) {
        int status = feed_next(feed, &slice);
        if (status)
            return error_set(e, TT_NOMEM, "out of memory for an answer");
        if (gives_up(c, &slice))
            return TT_OK;
        if (slice.end != FEED_MORE) {
            end_with(c, &slice);
            return TT_OK;
        }
        status = read_slice(c, &slice, e);
        if (status)
            return status;
    }
}

static int frame(struct synth *s, const struct run_row *row, const char *phase, struct engine_answer *a,
                 struct schedule *schedule, struct error *e)
{
    struct fault_list faults = {.count = 0};
    int status = synth_plan_faults(s->plan, phase, row->repeat, &faults);
    if (status)
        return error_set(e, TT_USAGE, "'%s' of repeat %llu has over %d faults", phase,
                         (unsigned long long)row->repeat, FAULTS_MAX);
    status = faults_apply(&faults, row->run, a, s->engine->kind);
    if (!status && a->form == ANSWER_NOW)
        status = schedule_document(a, schedule);
    if (!status)
        status = framing_add(a, s->engine->kind);
    return status ? error_set(e, TT_NOMEM, "out of memory for an answer") : TT_OK;
}

static int answer(struct course *c, const struct run_row *row, const char *phase,
                  const struct request_body *body, struct error *e)
{
    struct synth *s = c->s;
    struct request request = {"POST", PATH, {body->bytes.data, body->bytes.len}};
    struct engine_answer a;
    struct schedule schedule;
    engine_answer_init(&a);
    schedule_init(&schedule);
    int status = s->engine->answer(s->engine, &request, &a, e);
    if (!status)
        status = frame(s, row, phase, &a, &schedule, e);
    if (!status)
        status = play(c, a.feed, e);
    engine_answer_release(&a);
    schedule_release(&schedule);
    return status;
}

static void course_init(struct course *c, struct synth *s, uint64_t run)
{
    memset(c, 0, sizeof *c);
    c->s = s;
    c->run = run;
    c->zero = c->last = s->now + CONNECT_NS;
    c->end = (struct run_end_row){.run = run,
                                  .t_connected = c->zero,
                                  .t_sent = c->zero + SEND_NS,
                                  .t_header = ABSENT,
                                  .status = ABSENT,
                                  .connect_ns = CONNECT_NS};
    http_wire_init(&c->wire, HEAD_MAX);
}

static int run_with_body(struct synth *s, struct run_row *row, const char *phase, struct request_body *body,
                         struct error *e)
{
    struct course c;
    course_init(&c, s, row->run);
    int status = body_store_put(s->bodies, &s->sink, body->bytes.data, body->bytes.len, body->cuts,
                                body->cut_count, &row->body, e);
    if (!status)
        status = synth_row(s, TABLE_RUN, row, e);
    if (!status)
        status = synth_sensors_advance(&s->sensors, c.zero, SYNTH_PREFILL);
    if (!status)
        status = answer(&c, row, phase, body, e);
    http_wire_release(&c.wire);
    if (status)
        return status;
    s->now = c.end.t_close;
    s->failed += c.end.ended != RUN_ENDED_COMPLETE || c.end.status != 200;
    status = synth_sensors_advance(&s->sensors, s->now, SYNTH_IDLE);
    return status ? status : synth_row(s, TABLE_RUN_END, &c.end, e);
}

static int build_and_run(struct synth *s, const struct workload_phase *phase, struct run_row *row,
                         const struct cold_step *cold, struct error *e)
{
    struct request_options options = {
        .model = s->profile->model, .nonce = cold->nonce, .cold_body = cold->body};
    struct request_body body;
    request_body_init(&body);
    int status = request_body_build(&body, phase, &options, e);
    if (!status)
        status = run_with_body(s, row, phase->name, &body, e);
    request_body_release(&body);
    return status;
}

int synth_run(struct synth *s, uint64_t repeat, size_t phase, struct error *e)
{
    const struct workload_phase *p = &s->options->workload->phases[phase];
    struct cold_step cold;
    int status = make_cold(s, repeat, phase, &cold, e);
    struct run_row row = {.run = s->next_run++,
                          .repeat = repeat,
                          .phase = phase,
                          .conversation = repeat,
                          .turn = phase,
                          .parent = ABSENT,
                          .cold = cold.method,
                          .t_intended = s->now,
                          .t_start = s->now,
                          .method = text("POST"),
                          .path = text(PATH)};
    tune(s, p->name);
    return status ? status : build_and_run(s, p, &row, &cold, e);
}

static int probe_one(struct synth *s, enum probe_moment moment, const char *path, struct error *e)
{
    struct request request = {"GET", path, {NULL, 0}};
    struct engine_answer a;
    struct buf head = BUF_INIT;
    engine_answer_init(&a);
    int status = s->engine->answer(s->engine, &request, &a, e);
    if (!status && a.status == 200) {
        buf_printf(&head, "HTTP/1.1 200 OK\r\nContent-Type: %s\r\n" FRAMING_MARK ": %s\r\n\r\n",
                   a.content_type, s->engine->kind);
        struct probe_row row = {s->now,
                                ANSWER_NOW_NS,
                                moment,
                                ABSENT,
                                200,
                                text("GET"),
                                text(path),
                                {head.data, head.len},
                                {a.document.data, a.document.len}};
        status = head.failed ? error_set(e, TT_NOMEM, "out of memory") : synth_row(s, TABLE_PROBE, &row, e);
        s->now += ANSWER_NOW_NS;
    }
    buf_release(&head);
    engine_answer_release(&a);
    return status;
}

int synth_probe(struct synth *s, enum probe_moment moment, struct error *e)
{
    static const char *const paths[] = {"/v1/models", "/props", "/version", "/slots"};
    int status = TT_OK;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0] && !status; i++)
        status = probe_one(s, moment, paths[i], e);
    return status;
}
