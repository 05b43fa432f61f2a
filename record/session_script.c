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
    s->script_due = s->script_due ? s->script_due + clock_ns_to_ticks(request->gap_ns)
                                  : clock_ticks() + clock_ns_to_ticks(FIRST_AFTER_NS);
    return s->script_due;
}

static struct run_row row_of(struct session *s, const struct session_request *request)
{
    int thinks = s->options->script->pace == PACE_THINK;
    return (struct run_row){.run = s->next_run++,
                            .repeat = request->repeat,
                            .phase = request->phase,
                            .conversation = request->conversation,
                            .turn = request->turn,
                            .parent = request->parent,
                            .t_intended = due(s, request),
                            .think_ns = thinks ? request->think_ns : 0,
                            .method = text_bytes("POST"),
                            .path = text_bytes(endpoint_path(&s->endpoint))};
}

/* The body may ask for a cold run by itself: then nothing else was done, and that is how it is cold. */
static void adopt_cold(struct planned_run *run, const struct session_request *request)
{
    if (run->row.cold == COLD_KEEP && request->cold != COLD_NOT_ASKED)
        run->row.cold = run->cold.method = (enum cold_method)request->cold;
}

static int send(struct session *s, uint64_t index, struct planned_run *run, struct error *e)
{
    const struct session_script *script = s->options->script;
    int status = session_perform(s, run, e);
    if (status)
        return status == TT_INTERRUPTED ? TT_OK : status;
    struct session_answer answer = {.body = {run->body.bytes.data, run->body.bytes.len},
                                    .t_intended = run->row.t_intended,
                                    .t_start = run->result.t_start,
                                    .figures = &run->figures,
                                    .result = &run->result};
    answer.wire = live_wire(s->view->live, &answer.is_whole);
    s->script_ended = run->result.t_close == ABSENT ? clock_ticks() : run->result.t_close;
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
    run.row = row_of(s, &request);
    request_body_init(&run.body);
    status = session_plan_cold(s, &run, e);
    adopt_cold(&run, &request);
    session_describe_run(s, &run);
    struct request_options changes = {
        .model = s->options->model, .nonce = run.cold.nonce, .extra_body = s->options->extra_body};
    if (!status)
        status = request_body_again(&run.body, request.body, &changes, e);
    if (!status && !session_is_interrupted(s))
        status = send(s, index, &run, e);
    request_body_release(&run.body);
    return status;
}

int session_run_script(struct session *s, struct error *e)
{
    struct prng random;
    int status = TT_OK;
    prng_seed(&random, s->options->seed);
    for (uint64_t i = 0; i < s->options->script->count && !status; i++) {
        if (session_between_runs(s, &random, 0))
            break;
        status = run_request(s, i, e);
        recorder_sync(s->recorder);
        if (!status)
            status = recorder_status(s->recorder, e);
    }
    return status;
}
