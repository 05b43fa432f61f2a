/* SPDX-License-Identifier: MIT */
/* A session that sends the requests of a script, at the script's pace. */
#include "formats/json.h"
#include "record/clock.h"
#include "record/session_state.h"

#define FIRST_AFTER_NS                                                                                       \
    UINT64_C(5000000) /* the first request of a schedule: time enough to get ready for it */

static const char *pace_name(enum session_pace pace)
{
    static const char *const names[] = {
        [PACE_ASAP] = "asap", [PACE_RECORDED] = "recorded", [PACE_THINK] = "think"};
    return names[pace];
}

int session_describe_script(const struct session *s, cJSON *description)
{
    const struct session_script *script = s->options->script;
    cJSON *replay = cJSON_CreateObject();
    int status = provenance_detail(description, script->parent, script->substitutions);
    if (status)
        cJSON_Delete(replay);
    else
        status = json_set(description, "replay", replay);
    if (!status)
        status = json_set_string(replay, "parent", script->parent);
    if (!status)
        status = json_set_string(replay, "pace", pace_name(script->pace));
    if (!status && script->side)
        status = json_set_string(replay, "side", script->side);
    return status ? status : json_set_number(replay, "requests", (double)script->count);
}

/* When the request is to be sent; ABSENT: at once. */
static uint64_t due(struct session *s, const struct session_request *request)
{
    enum session_pace pace = s->options->script->pace;
    if (pace == PACE_THINK && s->script_ended)
        return s->script_ended + clock_ns_to_ticks(request->think_ns);
    if (pace != PACE_RECORDED)
        return ABSENT;
    s->script_due =
        s->script_due ? s->script_due + clock_ns_to_ticks(request->gap_ns) : clock_after_ns(FIRST_AFTER_NS);
    return s->script_due;
}

static struct run_row row_of(const struct lane *lane, const struct session_request *request, uint64_t due)
{
    int thinks = lane->session->options->script->pace == PACE_THINK;
    return (struct run_row){.repeat = request->repeat,
                            .phase = request->phase,
                            .conversation = request->conversation,
                            .turn = request->turn,
                            .parent = request->parent,
                            .slot = lane->slot,
                            .t_intended = due,
                            .think_ns = thinks ? request->think_ns : 0,
                            .method = text_bytes("POST"),
                            .path = text_bytes(endpoint_path(&lane->session->endpoint))};
}

/* The body may ask for a cold run by itself: then nothing else was done, and that is how it is cold. */
static void adopt_cold(struct planned_run *run, const struct session_request *request)
{
    if (run->row.cold == COLD_KEEP && request->cold != COLD_NOT_ASKED)
        run->row.cold = run->cold.method = (enum cold_method)request->cold;
}

static struct session_answer answer_of(const struct lane *lane, const struct planned_run *run)
{
    struct session_answer answer = {.body = buf_bytes(&run->body.bytes),
                                    .run = run->row.run,
                                    .t_intended = run->row.t_intended,
                                    .t_start = run->result.t_start,
                                    .figures = &run->figures,
                                    .result = &run->result};
    answer.wire = live_wire(lane->live, &answer.is_whole);
    return answer;
}

/* Fills the planned run's cold method, description and body. */
static int plan(struct lane *lane, const struct session_request *request, struct planned_run *run,
                struct error *e)
{
    const struct session_options *o = lane->session->options;
    int status = session_plan_cold(lane, run, e);
    adopt_cold(run, request);
    session_describe_run(lane->session, run);
    struct request_options changes = {
        .model = o->model, .nonce = run->cold.nonce, .extra_body = o->extra_body};
    return status ? status : request_body_again(&run->body, request->body, &changes, e);
}

/* ---- one after another ---- */

static int send(struct session *s, uint64_t index, struct planned_run *run, struct error *e)
{
    const struct session_script *script = s->options->script;
    int status = session_perform(&s->lane, run, e);
    if (status)
        return status == TT_INTERRUPTED ? TT_OK : status;
    struct session_answer answer = answer_of(&s->lane, run);
    s->script_ended = s->lane.t_ended;
    return script->answered(script->context, index, &answer, e);
}

static int run_request(struct session *s, uint64_t index, struct error *e)
{
    const struct session_script *script = s->options->script;
    struct session_request request = {0};
    struct planned_run run = {0};
    int status = script->request(script->context, index, &request, e);
    if (status)
        return status;
    run.row = row_of(&s->lane, &request, due(s, &request));
    request_body_init(&run.body);
    status = plan(&s->lane, &request, &run, e);
    if (!status && !session_is_interrupted(s))
        status = send(s, index, &run, e);
    request_body_release(&run.body);
    return status;
}

int session_run_script(struct session *s, struct error *e)
{
    int status = TT_OK;
    for (uint64_t i = 0; i < s->options->script->count && !status; i++) {
        if (session_between_runs(&s->lane, 0))
            break;
        status = run_request(s, i, e);
        recorder_sync(s->recorder);
        if (!status)
            status = recorder_status(s->recorder, e);
    }
    return status;
}

/* ---- one conversation of several ---- */

static uint64_t due_in_burst(const struct lane *lane, const struct session_request *request)
{
    enum session_pace pace = lane->session->options->script->pace;
    if (pace == PACE_RECORDED)
        return lane->session->t_burst + clock_ns_to_ticks(request->since_ns);
    if (!lane->sent)
        return lane->session->t_burst;
    return lane->t_ended + (pace == PACE_THINK ? clock_ns_to_ticks(request->think_ns) : 0);
}

/* Parents are known by their turns: which runs they become shows only when they are sent. */
static void adopt_place(struct lane *lane, uint64_t repeat, const struct session_request *request,
                        struct planned_run *run)
{
    run->row = row_of(lane, request, due_in_burst(lane, request));
    run->row.repeat = run->row.conversation = repeat;
    run->row.parent = request->parent == ABSENT ? ABSENT : lane->run_of_turn[request->parent];
}

static int take_turn(struct lane *lane, uint64_t repeat, uint64_t turn, struct planned_run *run,
                     struct error *e)
{
    struct session *s = lane->session;
    const struct session_script *script = s->options->script;
    struct session_request request = {0};
    pthread_mutex_lock(&s->lock);
    int status = script->request_of(script->context, repeat, turn, &request, e);
    if (!status) {
        adopt_place(lane, repeat, &request, run);
        status = plan(lane, &request, run, e);
    }
    pthread_mutex_unlock(&s->lock);
    if (!status && !session_is_interrupted(s))
        status = session_perform(lane, run, e);
    else if (!status)
        status = TT_INTERRUPTED;
    if (status)
        return status;
    struct session_answer answer = answer_of(lane, run);
    pthread_mutex_lock(&s->lock);
    status = script->answered_of(script->context, repeat, turn, &answer, e);
    pthread_mutex_unlock(&s->lock);
    return status;
}

int session_run_script_conversation(struct lane *lane, uint64_t repeat, struct error *e)
{
    struct session *s = lane->session;
    const struct session_script *script = s->options->script;
    uint64_t turns = script->length(script->context, repeat);
    int status = TT_OK;
    lane->sent = 0;
    for (uint64_t turn = 0; turn < turns && !status; turn++) {
        struct planned_run run = {0};
        request_body_init(&run.body);
        status = take_turn(lane, repeat, turn, &run, e);
        request_body_release(&run.body);
        lane->run_of_turn[turn] = run.row.run;
        lane->sent++;
        recorder_sync(s->recorder);
        if (!status)
            status = recorder_status(s->recorder, e);
    }
    return status == TT_INTERRUPTED ? TT_OK : status;
}
