/* SPDX-License-Identifier: MIT */
/* Several conversations at once: bursts of them, a thread for each.
 *
 * Every lane has its own connection and its own ring, so that the stamps of one answer wait for no other.
 * What they share they use under the session's locks, between their runs. */
#include "formats/alloc.h"
#include "record/clock.h"
#include "record/session_state.h"
#include "record/thread.h"

#define RINGS_BYTES ((size_t)32 << 20) /* of all lanes together … */
#define RING_MIN    ((size_t)1 << 20)  /* … and of one, at least and at most */
#define RING_MAX    ((size_t)8 << 20)

#define START_AFTER_NS UINT64_C(50000000) /* time to build the first requests of a burst … */
#define START_EACH_NS  UINT64_C(2000000)  /* … and more for each conversation */

/* A conversation on its way. */
struct ride {
    struct lane *lane;
    uint64_t repeat;
    pthread_t thread;
    int status;
    struct error error;
};

static size_t ring_bytes(uint64_t lanes)
{
    size_t bytes = RINGS_BYTES / (size_t)lanes;
    return bytes < RING_MIN ? RING_MIN : bytes > RING_MAX ? RING_MAX : bytes;
}

static int open_lane(struct session *s, uint64_t slot, struct error *e)
{
    struct lane *lane = &s->lanes[slot];
    int status = lane_init(lane, s, slot, e);
    if (!status)
        status = http_client_new(&lane->client, e);
    if (status)
        return status;
    lane->producer = recorder_producer(s->recorder, ring_bytes(s->options->concurrency), 0);
    return lane->producer ? TT_OK : error_set(e, TT_NOMEM, "out of memory for the recording");
}

void session_close_lanes(struct session *s)
{
    for (uint64_t i = 0; s->lanes && i < s->options->concurrency; i++) {
        lane_release(&s->lanes[i]);
        http_client_free(s->lanes[i].client);
    }
    mem_free(s->lanes);
    s->lanes = NULL;
}

static int open_lanes(struct session *s, struct error *e)
{
    if (s->lanes)
        return TT_OK;
    s->lanes = mem_zalloc((size_t)s->options->concurrency, sizeof *s->lanes);
    int status = s->lanes ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
    for (uint64_t i = 0; i < s->options->concurrency && !status; i++)
        status = open_lane(s, i, e);
    return status;
}

static int run_conversation(struct lane *lane, uint64_t repeat, struct error *e)
{
    struct session *s = lane->session;
    lane->due = s->t_burst;
    return s->options->script ? session_run_script_conversation(lane, repeat, e)
                              : session_run_repeat(lane, repeat, e);
}

/* A failed lane takes the others with it: what ended it, a full disk or no memory, is theirs as well. */
static void *converse(void *argument)
{
    struct ride *ride = argument;
    thread_go_first();
    ride->status = run_conversation(ride->lane, ride->repeat, &ride->error);
    if (ride->status)
        atomic_store(&ride->lane->session->is_stopping, 1);
    return NULL;
}

static int start_ride(struct ride *ride, struct error *e)
{
    if (pthread_create(&ride->thread, NULL, converse, ride) != 0)
        return error_set(e, TT_NOMEM, "no thread can be had for another conversation");
    return TT_OK;
}

static int run_rides(struct session *s, struct ride *rides, uint64_t first_repeat, struct error *e)
{
    uint64_t started = 0;
    int status = TT_OK;
    while (started < s->options->concurrency && !status) {
        rides[started] = (struct ride){.lane = &s->lanes[started], .repeat = first_repeat + started};
        status = start_ride(&rides[started], e);
        started += !status;
    }
    if (status)
        atomic_store(&s->is_stopping, 1);
    for (uint64_t i = 0; i < started; i++) {
        pthread_join(rides[i].thread, NULL);
        if (status || !rides[i].status)
            continue;
        status = rides[i].status;
        if (e)
            *e = rides[i].error;
    }
    return status;
}

static int run_all_at_once(struct session *s, uint64_t first_repeat, struct error *e)
{
    struct ride *rides = mem_zalloc((size_t)s->options->concurrency, sizeof *rides);
    int status = rides ? open_lanes(s, e) : error_set(e, TT_NOMEM, "out of memory");
    if (!status)
        status = run_rides(s, rides, first_repeat, e);
    mem_free(rides);
    return status ? status : session_learn(s, &s->first_answer, e);
}

/* What cannot be done for one conversation beside others is done for all of them before they begin. */
static int make_cold(struct session *s, uint64_t repeat, struct error *e)
{
    struct probe_job job = session_probe_job(&s->lane);
    struct cold_step step;
    struct error why = {0};
    s->cold_of_burst = COLD_NOT_ASKED;
    if (s->cold.method != COLD_RESTART && s->cold.method != COLD_RESET)
        return TT_OK;
    if (cold_prepare(&s->cold, &job, 1, 0, &step, &why) && why.code != TT_INTERRUPTED)
        session_remark(s, "%s", why.text);
    s->cold_of_burst = step.method;
    if (step.mark && s->sampler)
        sampler_look(s->sampler); /* the engine may be another process now */
    return step.mark ? session_mark(s, step.mark, repeat, "", e) : TT_OK;
}

uint64_t session_bursts(const struct session *s)
{
    return s->options->script ? s->options->script->bursts : s->options->runs;
}

int session_run_burst(struct session *s, uint64_t burst, struct error *e)
{
    uint64_t count = s->options->concurrency, first_repeat = burst * count;
    if (session_between_runs(&s->lane, 0))
        return TT_OK;
    int status = make_cold(s, first_repeat, e);
    if (status || session_is_interrupted(s))
        return status;
    s->t_burst = clock_after_ns(START_AFTER_NS + count * START_EACH_NS);
    return count > 1 ? run_all_at_once(s, first_repeat, e) : run_conversation(&s->lane, first_repeat, e);
}

int session_run_bursts(struct session *s, struct error *e)
{
    int status = TT_OK;
    for (uint64_t i = 0; i < session_bursts(s) && !status && !session_is_interrupted(s); i++)
        status = session_run_burst(s, i, e);
    return status;
}
