/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/alloc.h"
#include "formats/prng.h"
#include "record/clock.h"
#include "record/session_state.h"
#include "record/thread.h"

#define HEALTH_WAIT_NS  UINT64_C(3000000000)
#define HEALTH_PAUSE_NS UINT64_C(250000000)

static int is_listed(const struct session_options *o, const char *phase)
{
    for (size_t i = 0; i < o->only_count; i++) {
        if (strcmp(o->only[i], phase) == 0)
            return 1;
    }
    return o->only_count == 0;
}

static int choose_phases(struct session *s, struct error *e)
{
    const struct session_options *o = s->options;
    for (size_t i = 0; i < o->only_count; i++) {
        if (workload_check_phase(s->workload, o->only[i], e))
            return TT_USAGE;
    }
    s->chosen = mem_zalloc(s->workload->phase_count, 1);
    if (!s->chosen)
        return error_set(e, TT_NOMEM, "out of memory");
    for (size_t i = 0; i < s->workload->phase_count; i++) {
        const struct workload_phase *p = &s->workload->phases[i];
        s->chosen[i] = is_listed(o, p->name) && !(o->skip_long && p->is_long);
        s->chosen_count += s->chosen[i];
    }
    return s->chosen_count ? TT_OK : error_set(e, TT_USAGE, "no phase is left to record");
}

static void weigh_repeat(struct session *s)
{
    for (size_t i = 0; i < s->workload->phase_count; i++)
        s->weight_of_repeat += s->chosen[i] ? session_weight(s, i) : 0;
}

/* Pauses differ by up to a quarter, so that repeated windows do not fall into step with a sensor's
 * publications. */
static uint64_t pause_ticks(struct lane *lane, uint64_t think_ms)
{
    double jitter = 0.75 + 0.5 * prng_unit(&lane->random);
    double seconds = think_ms ? (double)think_ms / 1e3 : lane->session->options->pause_s * jitter;
    return clock_ns_to_ticks((uint64_t)(seconds * 1e9));
}

/* An engine that broke off a run may be starting again: it gets a little time, once. The next run is tried in
 * any case, and says what is wrong. */
static void wait_for_health(struct lane *lane)
{
    struct probe_job job = session_probe_job(lane);
    uint64_t until = clock_after_ns(lane->gave_up ? 0 : HEALTH_WAIT_NS);
    int is_healthy = probe_is_healthy(&job);
    while (!is_healthy && !session_is_interrupted(lane->session) && clock_ticks() < until) {
        clock_sleep_ns(HEALTH_PAUSE_NS);
        is_healthy = probe_is_healthy(&job);
    }
    lane->gave_up = !is_healthy;
}

int session_between_runs(struct lane *lane, uint64_t think_ms)
{
    const struct session *s = lane->session;
    if (s->done && (s->options->pause_s > 0 || think_ms))
        session_wait(s, clock_ticks() + pause_ticks(lane, think_ms));
    if (lane->is_doubtful)
        wait_for_health(lane);
    return session_is_interrupted(s);
}

/* Beside other conversations a run is due when the pause after the answer before is over, however long what
 * has to be done in between takes. */
static int between_runs_of_burst(struct lane *lane, uint64_t think_ms)
{
    if (lane->is_doubtful)
        wait_for_health(lane);
    if (lane->sent)
        lane->due = lane->t_ended + pause_ticks(lane, think_ms);
    return session_is_interrupted(lane->session);
}

/* Requests of the longest conversation: phases, or requests of a script. */
static uint64_t turns_max(const struct session *s)
{
    const struct session_options *o = s->options;
    uint64_t turns = s->workload->phase_count;
    for (uint64_t r = 0; o->script && r < o->script->bursts * o->concurrency; r++) {
        uint64_t length = o->script->length(o->script->context, r);
        turns = length > turns ? length : turns;
    }
    return turns;
}

int session_run_repeat(struct lane *lane, uint64_t repeat, struct error *e)
{
    struct session *s = lane->session;
    int status = TT_OK, in_burst = s->options->concurrency > 1;
    lane->sent = 0;
    if (lane->history)
        live_history_clear(lane->history);
    memset(lane->run_of_turn, 0xff, turns_max(s) * sizeof *lane->run_of_turn); /* ABSENT */
    for (size_t phase = 0; phase < s->workload->phase_count; phase++) {
        if (!s->chosen[phase] || session_is_interrupted(s) || status)
            continue;
        uint64_t think_ms = s->workload->phases[phase].think_ms;
        if (!(in_burst ? between_runs_of_burst(lane, think_ms) : session_between_runs(lane, think_ms)))
            status = session_run_phase(lane, repeat, phase, e);
        recorder_sync(s->recorder);
        if (!status)
            status = recorder_status(s->recorder, e);
    }
    return status;
}

static int run_all(struct session *s, struct error *e)
{
    int status = TT_OK;
    if (session_has_bursts(s))
        return session_run_bursts(s, e);
    if (s->options->script)
        return session_run_script(s, e);
    for (uint64_t repeat = 0; repeat < s->options->runs && !status && !session_is_interrupted(s); repeat++)
        status = session_run_repeat(&s->lane, repeat, e);
    return status;
}

/* ---- lanes ---- */

int lane_init(struct lane *lane, struct session *s, uint64_t slot, struct error *e)
{
    lane->session = s;
    lane->slot = slot;
    lane->due = ABSENT;
    lane->live = s->view->live[slot];
    if (s->options->script)
        live_keep_wire(lane->live);
    prng_seed(&lane->random, s->options->seed + slot);
    lane->run_of_turn = mem_zalloc(turns_max(s), sizeof *lane->run_of_turn);
    if (!lane->run_of_turn)
        return error_set(e, TT_NOMEM, "out of memory");
    return s->options->live ? live_history_new(&lane->history, s->workload, e) : TT_OK;
}

void lane_release(struct lane *lane)
{
    mem_free(lane->run_of_turn);
    lane->run_of_turn = NULL;
    live_history_free(lane->history);
    lane->history = NULL;
}

/* ---- the whole ---- */

static int reach(struct session *s, struct error *e)
{
    int status = choose_phases(s, e);
    if (!status)
        status = lane_init(&s->lane, s, 0, e);
    if (!status)
        status = session_reach_engine(s, e);
    if (!status)
        status = session_calibrate(s, e);
    if (status)
        return status;
    weigh_repeat(s);
    status = session_check_discipline(s, e);
    return status ? status : session_choose_power(s, e);
}

static void release(struct session *s)
{
    for (char **header = s->headers; header && *header; header++)
        mem_free(*header);
    mem_free(s->headers);
    mem_free(s->chosen);
    workload_release(&s->calibrated);
    lane_release(&s->lane);
    session_close_lanes(s);
    body_store_free(s->bodies);
    sent_bodies_release(&s->sent);
    probe_log_release(&s->probe_log);
    probe_set_release(&s->probes);
    engine_identity_release(&s->identity);
    cJSON_Delete(s->learnt);
    engine_poll_free(s->poll);
    engine_command_stop(s->started);
    power_log_release(&s->power_log);
    mem_free(s->clocks);
    http_client_free(s->client);
    endpoint_release(&s->endpoint);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->row_lock);
    mem_free(s);
}

int session_begin(struct session **session, const struct session_options *options,
                  const struct session_view *view, const volatile sig_atomic_t *interrupted, struct error *e)
{
    struct session *s = mem_zalloc(1, sizeof *s);
    *session = NULL;
    if (!s)
        return error_set(e, TT_NOMEM, "out of memory");
    s->options = options;
    s->workload = options->workload;
    s->view = view;
    s->interrupted = interrupted;
    probe_set_init(&s->probes);
    scrubber_init(&s->scrubber);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->row_lock, NULL);
    int status = reach(s, e);
    if (status)
        release(s);
    else
        *session = s;
    return status;
}

int session_open(struct session *s, struct error *e)
{
    int status = session_open_trace(s, e);
    if (status)
        return status;
    s->is_open = 1;
    thread_go_first();
    return session_idle(s, "before", e);
}

static int tell_the_rest(struct session *s, struct error *e)
{
    int status = session_idle(s, "after", e);
    if (!status)
        status = session_tokenise(s, e);
    return status ? status : session_tell_after(s, e);
}

int session_end(struct session *s, int status, struct session_result *result, struct error *e)
{
    memset(result, 0, sizeof *result);
    if (!s)
        return status;
    if (!status)
        status = tell_the_rest(s, e);
    if (s->is_open)
        status = session_close_trace(s, status, result, e);
    result->runs_total = s->done;
    result->runs_failed = s->failed;
    release(s);
    return status;
}

int session_record(const struct session_options *options, const struct session_view *view,
                   const volatile sig_atomic_t *interrupted, struct session_result *result, struct error *e)
{
    struct session *s;
    int status = session_begin(&s, options, view, interrupted, e);
    if (!status)
        status = session_open(s, e);
    if (!status)
        status = run_all(s, e);
    return session_end(s, status, result, e);
}

void session_result_release(struct session_result *result)
{
    mem_free(result->trace.path);
    memset(result, 0, sizeof *result);
}
