/* SPDX-License-Identifier: MIT */
/* One run of a session: cold or not, body, request, what came back. */
#include "record/clock.h"
#include "record/session_state.h"

#define CLOCK_JUMP_NS 50000000u /* clocks apart by more than this: the machine slept */

/* What the bytes of an answer go through while they arrive. */
struct arrival {
    struct producer *producer;
    struct live_run *live;
    uint64_t run;
};

/* The hot path: one copy into the ring and one for the figures at the end of the run. */
static int take_bytes(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct arrival *a = context;
    int status = producer_read(a->producer, a->run, t, bytes, len);
    live_add(a->live, t, bytes, len);
    return status;
}

static int begin_run(struct session *s, struct planned_run *run, struct error *e)
{
    struct run_row *row = &run->row;
    int status = session_clock(s, e);
    if (s->view->run_begins)
        s->view->run_begins(s->view->context, &run->told);
    if (!status && row->t_intended != ABSENT)
        status = session_wait_exactly(s, row->t_intended);
    row->t_start = clock_ticks();
    if (row->t_intended == ABSENT)
        row->t_intended = row->t_start;
    return status ? status : session_row(s, TABLE_RUN, row, e);
}

static int end_run(struct session *s, uint64_t run, const struct http_result *result, uint64_t jump,
                   struct error *e)
{
    struct run_end_row row = {.run = run,
                              .t_connected = result->t_connected,
                              .t_sent = result->t_sent,
                              .t_header = result->t_header,
                              .t_close = result->t_close,
                              .status = result->status,
                              .ended = result->ended,
                              .lookup_ns = result->lookup_ns,
                              .connect_ns = result->connect_ns,
                              .tls_ns = result->tls_ns,
                              .recorder_cpu_ns = result->cpu_ns,
                              .clock_jump = jump,
                              .error = text_bytes(result->error)};
    return session_row(s, TABLE_RUN_END, &row, e);
}

/* Native time stops while the machine sleeps: when the clock that runs through sleep got ahead, the run is
 * void. */
static uint64_t clock_jumped(const struct clock_row *before, const struct clock_row *after)
{
    uint64_t native = clock_ticks_to_ns(after->native - before->native);
    uint64_t through = after->through_sleep_ns - before->through_sleep_ns;
    uint64_t apart = native > through ? native - through : through - native;
    return apart > CLOCK_JUMP_NS;
}

static int perform(struct session *s, struct planned_run *run, struct error *e)
{
    struct arrival arrival = {s->producer, s->view->live, run->row.run};
    struct http_sink sink = {&arrival, take_bytes, NULL};
    struct http_request request = {.url = s->endpoint.chat,
                                   .method = "POST",
                                   .body = {run->body.bytes.data, run->body.bytes.len},
                                   .headers = (const char *const *)s->headers,
                                   .timeout_s = s->options->timeout_s,
                                   .stall_s = s->options->stall_s};
    struct clock_row before, after;
    clock_triple(&before);
    live_begin(s->view->live, clock_ticks());
    session_peak_begin(s);
    int status = begin_run(s, run, e);
    if (!status)
        status = http_perform(s->client, &request, &sink, s->interrupted, &run->result, e);
    clock_triple(&after);
    if (!status)
        status = session_peak_end(s, run->row.run, e);
    return status ? status : end_run(s, run->row.run, &run->result, clock_jumped(&before, &after), e);
}

static void judge_cold(struct session *s, const struct session_run *told, const struct cold_step *cold,
                       const struct live_figures *figures)
{
    enum cold_judgement judgement = cold_judge(figures->cached_tokens);
    s->cold_asked++;
    s->cold_silent += judgement == COLD_IS_UNKNOWN;
    s->cold_warm += judgement == COLD_IS_NOT;
    if (judgement == COLD_IS_NOT)
        session_remark(
            s, "'%s' of repeat %llu was to be cold (%s), but %llu of %llu prompt tokens came from the cache",
            told->phase, (unsigned long long)told->repeat + 1, cold_method_name(cold->method),
            (unsigned long long)figures->cached_tokens, (unsigned long long)figures->prompt_tokens);
}

static void judge(struct session *s, const struct session_run *told, const struct cold_step *cold,
                  const struct live_figures *figures, const struct http_result *result)
{
    int is_ok = result->ended == RUN_ENDED_COMPLETE && figures->is_whole;
    s->failed += !is_ok;
    s->is_doubtful = result->ended == RUN_ENDED_NO_CONNECTION || result->ended == RUN_ENDED_CUT;
    if (figures->malformed && result->status == 200)
        session_remark(s, "'%s' of repeat %llu: %llu of the answer's events could not be read as JSON",
                       told->phase, (unsigned long long)told->repeat + 1,
                       (unsigned long long)figures->malformed);
    if (told->is_cold && is_ok)
        judge_cold(s, told, cold, figures);
}

int session_perform(struct session *s, struct planned_run *run, struct error *e)
{
    struct row_sink sink = producer_sink(s->producer);
    const struct request_body *body = &run->body;
    int status = body_store_put(s->bodies, &sink, body->bytes.data, body->bytes.len, body->cuts,
                                body->cut_count, &run->row.body, e);
    if (!status && session_remember_body(s, run->row.body, &body->bytes))
        status = error_set(e, TT_NOMEM, "out of memory for request bodies");
    if (!status)
        status = perform(s, run, e);
    if (status)
        return status;
    live_end(s->view->live, run->result.t_connected, run->result.t_close, &run->figures);
    s->done++;
    if (run->row.repeat >= s->repeats_begun)
        s->repeats_begun = run->row.repeat + 1;
    s->weight_done += session_weight(s, (size_t)run->row.phase);
    judge(s, &run->told, &run->cold, &run->figures, &run->result);
    if (s->view->run_ends)
        s->view->run_ends(s->view->context, &run->told, &run->figures, &run->result);
    return session_learn(s, &run->figures, e);
}

void session_describe_run(const struct session *s, struct planned_run *run)
{
    const struct session_options *o = s->options;
    const struct workload_phase *p = &o->workload->phases[run->row.phase];
    uint64_t total = o->script ? o->script->count : o->runs * s->chosen_count;
    double weight = s->weight_of_repeat * (double)o->runs;
    run->told = (struct session_run){.phase = p->name,
                                     .repeat = run->row.repeat,
                                     .repeats = o->runs,
                                     .index = s->done,
                                     .total = total,
                                     .max_tokens = p->max_tokens,
                                     .fraction_done = s->weight_done < weight ? s->weight_done / weight : 1,
                                     .is_cold = p->cold};
}

/* The number of the cache epoch that a run belongs to: it changes with every phase that must be cold, whether
 * that phase is recorded or not, so that a selection of phases sends the same requests as the whole. */
static uint64_t cold_epoch(const struct session *s, uint64_t repeat, size_t phase)
{
    const struct workload *w = s->options->workload;
    size_t epoch = 0;
    for (size_t i = 0; i <= phase; i++)
        epoch = w->phases[i].cold ? i : epoch;
    return repeat * w->phase_count + epoch;
}

/* A cache that could not be emptied does not end the recording: the judgement of the run will tell. */
int session_plan_cold(struct session *s, struct planned_run *run, struct error *e)
{
    uint64_t repeat = run->row.repeat;
    size_t phase = (size_t)run->row.phase;
    int must_be_cold = s->options->workload->phases[phase].cold;
    struct probe_job job = session_probe_job(s);
    struct error why = {0};
    if (cold_prepare(&s->cold, &job, must_be_cold, cold_epoch(s, repeat, phase), &run->cold, &why) &&
        why.code != TT_INTERRUPTED)
        session_remark(s, "%s", why.text);
    if (run->cold.mark && s->sampler)
        sampler_look(s->sampler); /* the engine may be another process now */
    run->row.cold = run->cold.method;
    return run->cold.mark ? session_mark(s, run->cold.mark, repeat, "", e) : TT_OK;
}

static int build_and_run(struct session *s, struct planned_run *run, struct error *e)
{
    struct request_options request = {.model = s->options->model ? s->options->model : s->identity.model_id,
                                      .nonce = run->cold.nonce,
                                      .cold_body = run->cold.body,
                                      .extra_body = s->options->extra_body};
    request_body_init(&run->body);
    int status = request_body_build(&run->body, &s->options->workload->phases[run->row.phase], &request, e);
    if (!status)
        status = session_perform(s, run, e);
    request_body_release(&run->body);
    return status;
}

/* The run of this repeat whose conversation the phase carries on. */
static uint64_t parent_of(const struct session *s, size_t phase)
{
    long parent = workload_parent(s->options->workload, phase);
    return parent < 0 ? ABSENT : s->run_of_phase[parent];
}

int session_run_phase(struct session *s, uint64_t repeat, size_t phase, struct error *e)
{
    struct planned_run run = {.row = {.run = s->next_run++,
                                      .repeat = repeat,
                                      .phase = phase,
                                      .conversation = repeat,
                                      .turn = phase,
                                      .parent = parent_of(s, phase),
                                      .t_intended = ABSENT,
                                      .think_ns = s->options->workload->phases[phase].think_ms * 1000000,
                                      .method = text_bytes("POST"),
                                      .path = text_bytes(endpoint_path(&s->endpoint))}};
    s->run_of_phase[phase] = run.row.run;
    int status = session_plan_cold(s, &run, e);
    session_describe_run(s, &run);
    if (status || session_is_interrupted(s))
        return status;
    return build_and_run(s, &run, e);
}
