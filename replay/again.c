/* SPDX-License-Identifier: MIT */
#include "replay/again.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/digest.h"
#include "formats/json.h"
#include "formats/order.h"
#include "formats/stream.h"
#include "record/clock.h"

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory for the comparison of answers");
}

static int take_frame(void *context, const struct stream_frame *frame)
{
    struct again *again = context;
    return answer_trail_frame(&again->answer, frame->chat);
}

static int too_many(uint64_t passes, size_t runs, size_t runs_max, struct error *e)
{
    return error_set(e, TT_USAGE, "%llu times %zu requests are over the %zu runs that a trace may have",
                     (unsigned long long)passes, runs, runs_max);
}

int again_init(struct again *again, const struct script *script, uint64_t passes, uint64_t concurrency,
               size_t runs_max, struct error *e)
{
    memset(again, 0, sizeof *again);
    again->concurrency = concurrency;
    int status = concurrency ? script_bursts_make(&again->bursts, script, concurrency, runs_max, e) : TT_OK;
    if (status)
        return status;
    size_t runs = concurrency ? again->bursts.runs : script->count;
    if (passes > runs_max / runs)
        return too_many(passes, runs, runs_max, e);
    again->script = script;
    again->passes = passes;
    buf_init(&again->body, BODY_MAX);
    answer_trail_init(&again->answer);
    answer_trail_init(&again->recorded);
    again->stream = stream_new(take_frame, NULL, again);
    return again->stream ? TT_OK : no_memory(e);
}

void again_release(struct again *again)
{
    buf_release(&again->body);
    answer_trail_release(&again->answer);
    answer_trail_release(&again->recorded);
    stream_free(again->stream);
    mem_free(again->fidelity.lags_ns);
    script_bursts_release(&again->bursts);
    memset(again, 0, sizeof *again);
}

/* ---- the requests ---- */

/* What the recorded body brings about by itself when it is sent again. A nonce is not new any more. */
static uint64_t cold_of(const struct script_run *run)
{
    return run->cold == COLD_REQUEST ? COLD_REQUEST : COLD_NOT_ASKED;
}

static int give_request(void *context, uint64_t index, struct session_request *request, struct error *e)
{
    struct again *again = context;
    const struct script *script = again->script;
    uint64_t pass = index / script->count, i = index % script->count, first = pass * script->count;
    const struct script_run *run = &script->runs[i];
    int status = script_body(script, (size_t)i, &again->body, e);
    *request = (struct session_request){
        .body = buf_bytes(&again->body),
        .repeat = pass * script->repeats + run->repeat,
        .phase = run->phase,
        .conversation =
            run->conversation == ABSENT ? ABSENT : pass * script->conversations + run->conversation,
        .turn = run->turn,
        .parent = run->parent == ABSENT ? ABSENT : first + run->parent,
        .cold = cold_of(run),
        .gap_ns = pass && !i ? script->last_ns : run->gap_ns,
        .think_ns = run->think_ns};
    return status;
}

static int give_request_of(void *context, uint64_t repeat, uint64_t turn, struct session_request *request,
                           struct error *e)
{
    struct again *again = context;
    size_t index = script_bursts_index(&again->bursts, repeat, turn);
    const struct script_run *run = &again->script->runs[index];
    int status = script_body(again->script, index, &again->body, e);
    *request = (struct session_request){
        .body = buf_bytes(&again->body),
        .repeat = repeat,
        .phase = run->phase,
        .conversation = repeat,
        .turn = run->turn,
        .parent = run->parent == ABSENT ? ABSENT : script_bursts_turn(&again->bursts, repeat, run->parent),
        .cold = cold_of(run),
        .think_ns = run->own_think_ns,
        .since_ns = run->since_ns};
    return status;
}

static uint64_t give_length(void *context, uint64_t repeat)
{
    const struct again *again = context;
    return script_bursts_length(&again->bursts, repeat);
}

/* ---- what came of them ---- */

static int note_lag(struct fidelity *f, const struct session_answer *answer)
{
    uint64_t late = answer->t_start > answer->t_intended ? answer->t_start - answer->t_intended : 0;
    if (mem_grow(&f->lags_ns, &f->lag_capacity, f->lag_count + 1, sizeof *f->lags_ns))
        return TT_NOMEM;
    f->lags_ns[f->lag_count++] = clock_ticks_to_ns(late);
    return TT_OK;
}

static void note_divergence(struct fidelity *f, uint64_t request, uint64_t token)
{
    if (f->diverged_count < AGAIN_DIVERGED_MAX)
        f->diverged[f->diverged_count++] = (struct again_diverged){request, token};
}

static uint64_t length_of(const struct answer_trail *answer)
{
    return answer->tokens == ABSENT ? answer->count : answer->tokens;
}

/* A recording that is gone meanwhile is not compared with: this one goes on. */
static int compare(struct again *again, size_t index, const struct session_answer *answer)
{
    struct fidelity *f = &again->fidelity;
    answer_trail_clear(&again->answer);
    stream_reset(again->stream);
    int status = stream_feed(again->stream, 0, answer->wire.data, answer->wire.len);
    if (!status)
        status = stream_close(again->stream, 0);
    if (status || again->answer.is_cut)
        return status;
    const struct answer_trail *recorded;
    status = script_answer(again->script, index, &again->recorded, &recorded);
    if (!recorded)
        return status;
    uint64_t token = answer_trail_diverges(recorded, &again->answer);
    f->compared++;
    f->lengths_equal += length_of(recorded) == length_of(&again->answer);
    f->texts_equal += token == ABSENT;
    if (token != ABSENT)
        note_divergence(f, answer->run, token);
    return TT_OK;
}

/* again->body is the request as it was recorded. */
static int judge(struct again *again, size_t index, const struct session_answer *answer, struct error *e)
{
    const struct script_run *run = &again->script->runs[index];
    const struct buf *recorded = &again->body;
    int is_complete = answer->result->ended == RUN_ENDED_COMPLETE && answer->result->status == 200;
    again->fidelity.requests++;
    again->fidelity.identical_bodies +=
        recorded->len == answer->body.len && memcmp(recorded->data, answer->body.data, answer->body.len) == 0;
    int status = note_lag(&again->fidelity, answer);
    if (!status && run->has_answer && is_complete && answer->is_whole)
        status = compare(again, index, answer);
    return status ? no_memory(e) : TT_OK;
}

/* The body of give_request is still there: the session asks for one after another. */
static int take_answer(void *context, uint64_t index, const struct session_answer *answer, struct error *e)
{
    struct again *again = context;
    return judge(again, (size_t)(index % again->script->count), answer, e);
}

static int take_answer_of(void *context, uint64_t repeat, uint64_t turn, const struct session_answer *answer,
                          struct error *e)
{
    struct again *again = context;
    size_t index = script_bursts_index(&again->bursts, repeat, turn);
    int status = script_body(again->script, index, &again->body, e);
    return status ? status : judge(again, index, answer, e);
}

/* ---- the fact ---- */

/* Type 7, as all percentiles here; to the nanosecond. */
static double percentile_ms(const uint64_t *sorted, size_t count, double share)
{
    double place = share * (double)(count - 1);
    size_t low = (size_t)place, high = low + 1 < count ? low + 1 : low;
    double part = place - (double)low;
    return round((1 - part) * (double)sorted[low] + part * (double)sorted[high]) / 1e6;
}

static int put_lag(struct fidelity *f, cJSON *value)
{
    static const struct {
        const char *name;
        double share;
    } figures[] = {{"p50", 0.5}, {"p99", 0.99}, {"max", 1}};
    cJSON *lag = cJSON_CreateObject();
    int status = json_set(value, "send_lag_ms", lag);
    if (f->lag_count)
        qsort(f->lags_ns, f->lag_count, sizeof *f->lags_ns, compare_u64);
    for (size_t i = 0; !status && f->lag_count && i < sizeof figures / sizeof figures[0]; i++)
        status =
            json_set_number(lag, figures[i].name, percentile_ms(f->lags_ns, f->lag_count, figures[i].share));
    return status;
}

static int put_diverged(const struct fidelity *f, cJSON *value)
{
    cJSON *list = cJSON_CreateArray();
    int status = json_set(value, "diverged", list);
    for (size_t i = 0; !status && i < f->diverged_count; i++) {
        cJSON *one = cJSON_CreateObject();
        status = one && cJSON_AddItemToArray(list, one) ? TT_OK : TT_NOMEM;
        if (status)
            cJSON_Delete(one);
        if (!status)
            status = json_set_number(one, "request", (double)f->diverged[i].request);
        if (!status)
            status = json_set_number(one, "first_diverging_token", (double)f->diverged[i].token);
    }
    return status;
}

static int put_fidelity(struct fidelity *f, cJSON *value)
{
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {{"requests", f->requests},
                  {"identical_bodies", f->identical_bodies},
                  {"answers_compared", f->compared},
                  {"lengths_equal", f->lengths_equal},
                  {"texts_equal", f->texts_equal}};
    int status = TT_OK;
    for (size_t i = 0; !status && i < sizeof counts / sizeof counts[0]; i++)
        status = json_set_number(value, counts[i].name, (double)counts[i].count);
    if (!status)
        status = put_lag(f, value);
    return status ? status : put_diverged(f, value);
}

static cJSON *give_facts(void *context)
{
    struct again *again = context;
    cJSON *facts = cJSON_CreateArray(), *fact = cJSON_CreateObject(), *value = cJSON_CreateObject();
    int status = facts && fact && cJSON_AddItemToArray(facts, fact) ? TT_OK : TT_NOMEM;
    if (status)
        cJSON_Delete(fact);
    if (!status)
        status = json_set_string(fact, "path", "replay.fidelity");
    if (!status)
        status = json_set_string(fact, "how", "requests and answers compared with those of the parent");
    if (!status)
        status = value ? put_fidelity(&again->fidelity, value) : TT_NOMEM;
    if (status)
        cJSON_Delete(value);
    else
        status = json_set(fact, "value", value);
    if (!status)
        return facts;
    cJSON_Delete(facts);
    return NULL;
}

struct session_script again_script(struct again *again, enum session_pace pace,
                                   const char *const *substitutions)
{
    int is_burst = again->concurrency > 0;
    return (struct session_script){
        .context = again,
        .count = again->passes * (is_burst ? again->bursts.runs : again->script->count),
        .bursts = is_burst ? again->passes * again->bursts.repeats / again->concurrency : 0,
        .length = give_length,
        .request_of = give_request_of,
        .answered_of = take_answer_of,
        .pace = pace,
        .parent = again->script->content_id,
        .substitutions = substitutions,
        .request = give_request,
        .answered = take_answer,
        .facts = give_facts};
}
