/* SPDX-License-Identifier: MIT */
/* One run of a session: cold or not, body, request, what came back. */
#include "record/clock.h"
#include "record/session_state.h"

/* What the bytes of an answer go through while they arrive. */
struct arrival {
    struct producer *producer;
    struct live_run *live;
    uint64_t run;
};

/* The hot path: one copy into the ring and one for the figures that are shown. */
static int take_bytes(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct arrival *a = context;
    int status = producer_read(a->producer, a->run, t, bytes, len);
    live_add(a->live, t, bytes, len);
    return status;
}

/* Numbers and rows are in one order: that in which runs begin. */
static int write_begin(struct session *s, struct run_row *row, struct error *e)
{
    pthread_mutex_lock(&s->row_lock);
    row->run = s->next_run++;
    row->t_start = clock_ticks();
    if (row->t_intended == ABSENT)
        row->t_intended = row->t_start;
    int status = producer_row(s->producer, TABLE_RUN, row);
    pthread_mutex_unlock(&s->row_lock);
    return session_row_status(s, status, e);
}

/* Beside other conversations nobody spins: that would take the time from them. */
static int begin_run(struct session *s, struct planned_run *run, struct error *e)
{
    struct run_row *row = &run->row;
    int status = TT_OK;
    if (row->t_intended != ABSENT && s->options->concurrency > 1)
        session_wait(s, row->t_intended);
    else if (row->t_intended != ABSENT)
        status = session_wait_exactly(s, row->t_intended);
    if (!status && session_is_interrupted(s) && s->options->concurrency > 1)
        status = TT_INTERRUPTED;
    return status ? status : write_begin(s, row, e);
}

static int end_run(struct lane *lane, uint64_t run, const struct http_result *result, uint64_t jump,
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
    return session_row_status(lane->session, producer_row(lane->producer, TABLE_RUN_END, &row), e);
}

static int perform(struct lane *lane, struct planned_run *run, struct error *e)
{
    struct session *s = lane->session;
    struct arrival arrival = {lane->producer, lane->live, 0};
    struct http_sink sink = {&arrival, take_bytes};
    struct http_request request = {.url = s->endpoint.chat,
                                   .method = "POST",
                                   .body = buf_bytes(&run->body.bytes),
                                   .headers = (const char *const *)s->headers,
                                   .timeout_s = s->options->timeout_s,
                                   .stall_s = s->options->stall_s};
    struct clock_row before, after;
    clock_triple(&before);
    live_begin(lane->live, clock_ticks());
    session_peak_begin(s);
    int status = begin_run(s, run, e);
    arrival.run = run->row.run;
    if (!status)
        status = http_perform(lane->client, &request, &sink, s->interrupted, &run->result, e);
    clock_triple(&after);
    if (!status)
        status = session_peak_end(s, run->row.run, e);
    if (!status)
        status = session_pieces(lane, run, e);
    return status ? status
                  : end_run(lane, run->row.run, &run->result, (uint64_t)clock_slept(&before, &after), e);
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
    if (figures->malformed && result->status == 200)
        session_remark(s, "'%s' of repeat %llu: %llu of the answer's events could not be read as JSON",
                       told->phase, (unsigned long long)told->repeat + 1,
                       (unsigned long long)figures->malformed);
    if (figures->is_cut)
        session_remark(s,
                       "'%s' of repeat %llu: so much came that the figures shown here are of its beginning; "
                       "the trace has all of it",
                       told->phase, (unsigned long long)told->repeat + 1);
    if (told->is_cold && is_ok)
        judge_cold(s, told, cold, figures);
}

static int prepare(struct session *s, struct planned_run *run, struct error *e)
{
    struct row_sink sink = session_sink(s);
    const struct request_body *body = &run->body;
    int status = body_store_put(s->bodies, &sink, body->bytes.data, body->bytes.len, body->cuts,
                                body->cut_count, &run->row.body, e);
    if (!status && session_remember_body(s, run->row.body, &body->bytes))
        status = error_set(e, TT_NOMEM, "out of memory for request bodies");
    if (!status)
        status = session_clock(s, e);
    if (!status && s->view->run_begins)
        s->view->run_begins(s->view->context, &run->told);
    return status;
}

static int conclude(struct session *s, struct planned_run *run, struct error *e)
{
    run->told.index = s->done++;
    if (run->row.repeat >= s->repeats_begun)
        s->repeats_begun = run->row.repeat + 1;
    s->weight_done += session_weight(s, (size_t)run->row.phase);
    judge(s, &run->told, &run->cold, &run->figures, &run->result);
    if (s->view->run_ends)
        s->view->run_ends(s->view->context, &run->told, &run->figures, &run->result);
    if (s->options->concurrency == 1)
        return session_learn(s, &run->figures, e);
    if (run->figures.is_whole && !s->first_answer.is_whole)
        s->first_answer = run->figures; /* to learn from when nobody waits for it */
    return TT_OK;
}

int session_perform(struct lane *lane, struct planned_run *run, struct error *e)
{
    struct session *s = lane->session;
    pthread_mutex_lock(&s->lock);
    int status = prepare(s, run, e);
    pthread_mutex_unlock(&s->lock);
    if (!status)
        status = perform(lane, run, e);
    if (status)
        return status;
    live_end(lane->live, run->result.t_connected, run->result.t_close, &run->figures);
    lane->t_ended = run->result.t_close == ABSENT ? clock_ticks() : run->result.t_close;
    lane->is_doubtful = run->result.ended == RUN_ENDED_NO_CONNECTION || run->result.ended == RUN_ENDED_CUT;
    pthread_mutex_lock(&s->lock);
    status = conclude(s, run, e);
    pthread_mutex_unlock(&s->lock);
    return status;
}

void session_describe_run(const struct session *s, struct planned_run *run)
{
    const struct session_options *o = s->options;
    const struct workload_phase *p = &o->workload->phases[run->row.phase];
    uint64_t total = o->script ? o->script->count : o->runs * o->concurrency * s->chosen_count;
    double weight = s->weight_of_repeat * (double)(o->runs * o->concurrency);
    run->told = (struct session_run){.phase = p->name,
                                     .repeat = run->row.repeat,
                                     .repeats = o->runs * o->concurrency,
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
    const struct workload *w = s->workload;
    size_t epoch = 0;
    for (size_t i = 0; i <= phase; i++)
        epoch = w->phases[i].cold ? i : epoch;
    return repeat * w->phase_count + epoch;
}

/* A cache that could not be emptied does not end the recording: the judgement of the run will tell. */
static int plan_cold(struct lane *lane, struct planned_run *run, struct error *e)
{
    struct session *s = lane->session;
    uint64_t repeat = run->row.repeat;
    size_t phase = (size_t)run->row.phase;
    int must_be_cold = s->workload->phases[phase].cold;
    struct probe_job job = session_probe_job(lane);
    struct error why = {0};
    if (cold_prepare(&s->cold, &job, must_be_cold, cold_epoch(s, repeat, phase), &run->cold, &why) &&
        why.code != TT_INTERRUPTED)
        session_remark(s, "%s", why.text);
    if (run->cold.mark && s->sampler)
        sampler_look(s->sampler); /* the engine may be another process now */
    run->row.cold = run->cold.method;
    return run->cold.mark ? session_mark(s, run->cold.mark, repeat, "", e) : TT_OK;
}

/* What empties the whole cache was done before the burst, if at all: now it would take from the others. */
static void plan_cold_beside_others(struct lane *lane, struct planned_run *run)
{
    struct session *s = lane->session;
    const struct run_row *row = &run->row;
    int must_be_cold = s->workload->phases[row->phase].cold;
    uint64_t epoch = cold_epoch(s, row->repeat, (size_t)row->phase);
    cold_prepare(&s->cold_in_burst, NULL, must_be_cold, epoch, &run->cold, NULL);
    int is_cold_by_itself = run->cold.method == COLD_REQUEST || run->cold.method == COLD_NONCE;
    int was_emptied = s->cold_of_burst == COLD_RESTART || s->cold_of_burst == COLD_RESET;
    if (!lane->sent && (was_emptied || (s->cold_of_burst == COLD_KEEP && !is_cold_by_itself)))
        run->cold.method =
            (enum cold_method)s->cold_of_burst; /* its nonce stays: those after it have it, too */
    run->row.cold = run->cold.method;
}

int session_plan_cold(struct lane *lane, struct planned_run *run, struct error *e)
{
    if (!session_has_bursts(lane->session))
        return plan_cold(lane, run, e);
    plan_cold_beside_others(lane, run);
    return TT_OK;
}

static void tell_what_is_carried_on(struct lane *lane, const struct session_run *told, int is_usable,
                                    size_t broken)
{
    struct session *s = lane->session;
    pthread_mutex_lock(&s->lock);
    if (!is_usable)
        session_remark(s, "'%s' of repeat %llu has no answer to carry on: the workload's stands for it",
                       told->phase, (unsigned long long)told->repeat + 1);
    if (broken)
        session_remark(
            s,
            "'%s' of repeat %llu: %zu tool calls whose arguments are no JSON object are carried on "
            "without any",
            told->phase, (unsigned long long)told->repeat + 1, broken);
    pthread_mutex_unlock(&s->lock);
}

/* What the engine said becomes part of the prompts to come. */
static void carry_on(struct lane *lane, const struct planned_run *run)
{
    int is_usable = 0;
    size_t broken = 0;
    if (run->figures.is_whole && !run->figures.is_cut)
        is_usable =
            live_history_answer(lane->history, (size_t)run->row.phase, live_answer(lane->live), &broken);
    tell_what_is_carried_on(lane, &run->told, is_usable, broken);
}

static int build_and_run(struct lane *lane, struct planned_run *run, struct error *e)
{
    struct session *s = lane->session;
    struct request_options request = {.model = s->options->model ? s->options->model : s->identity.model_id,
                                      .nonce = run->cold.nonce,
                                      .cold_body = run->cold.body,
                                      .extra_body = s->options->extra_body};
    struct workload_phase phase = s->workload->phases[run->row.phase];
    int status = lane->history
                     ? live_history_messages(lane->history, (size_t)run->row.phase, &phase.messages, e)
                     : TT_OK;
    request_body_init(&run->body);
    if (!status)
        status = request_body_build(&run->body, &phase, &request, e);
    if (!status)
        status = session_perform(lane, run, e);
    if (!status && lane->history)
        carry_on(lane, run);
    request_body_release(&run->body);
    return status;
}

/* The run of this repeat whose conversation the phase carries on. */
static uint64_t parent_of(const struct lane *lane, size_t phase)
{
    long parent = workload_parent(lane->session->workload, phase);
    return parent < 0 ? ABSENT : lane->run_of_turn[parent];
}

int session_run_phase(struct lane *lane, uint64_t repeat, size_t phase, struct error *e)
{
    struct session *s = lane->session;
    struct planned_run run = {.row = {.repeat = repeat,
                                      .phase = phase,
                                      .conversation = repeat,
                                      .turn = phase,
                                      .parent = parent_of(lane, phase),
                                      .slot = lane->slot,
                                      .t_intended = lane->due,
                                      .think_ns = s->workload->phases[phase].think_ms * 1000000,
                                      .method = text_bytes("POST"),
                                      .path = text_bytes(endpoint_path(&s->endpoint))}};
    int status = session_plan_cold(lane, &run, e);
    if (status || session_is_interrupted(s))
        return status;
    pthread_mutex_lock(&s->lock);
    session_describe_run(s, &run);
    pthread_mutex_unlock(&s->lock);
    status = build_and_run(lane, &run, e);
    lane->run_of_turn[phase] = run.row.run;
    lane->sent++;
    return status == TT_INTERRUPTED ? TT_OK : status;
}
