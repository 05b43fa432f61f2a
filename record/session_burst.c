/* SPDX-License-Identifier: MIT */
/* Several conversations at once: bursts of them, a thread for each.
 *
 * Every lane has its own connection and its own ring, so that the stamps of one answer wait for no other.
 * What they share they use under the session's locks, between their runs. */
#include "formats/alloc.h"
#include "record/clock.h"
#include "record/session_state.h"

#define RINGS_BYTES ((size_t)32 << 20) /* of all lanes together … */
#define RING_MIN    ((size_t)1 << 20)  /* … and of one, at least and at most */
#define RING_MAX    ((size_t)8 << 20)

#define START_AFTER_NS UINT64_C(20000000) /* time to build the first requests of a burst … */
#define START_EACH_NS  UINT64_C(1000000)  /* … and more for each conversation */

/* A conversation on its way. */
struct ride {
    struct lane *lane;
    uint64_t repeat;
    pthread_t thread;
    int status;
    struct error error;
};

struct burst {
    struct session *session;
    struct lane *lanes;
    struct ride *rides;
    uint64_t count;
};

static size_t ring_bytes(uint64_t lanes)
{
    size_t bytes = RINGS_BYTES / (size_t)lanes;
    return bytes < RING_MIN ? RING_MIN : bytes > RING_MAX ? RING_MAX : bytes;
}

static int open_lane(struct burst *b, uint64_t slot, struct error *e)
{
    struct session *s = b->session;
    struct lane *lane = &b->lanes[slot];
    int status = lane_init(lane, s, slot, e);
    if (!status)
        status = http_client_new(&lane->client, e);
    if (status)
        return status;
    lane->producer = recorder_producer(s->recorder, ring_bytes(b->count), 0);
    return lane->producer ? TT_OK : error_set(e, TT_NOMEM, "out of memory for the recording");
}

static void close_lanes(struct burst *b)
{
    for (uint64_t i = 0; b->lanes && i < b->count; i++) {
        lane_release(&b->lanes[i]);
        http_client_free(b->lanes[i].client);
    }
    mem_free(b->lanes);
    mem_free(b->rides);
}

static int open_lanes(struct burst *b, struct error *e)
{
    b->lanes = mem_zalloc((size_t)b->count, sizeof *b->lanes);
    b->rides = mem_zalloc((size_t)b->count, sizeof *b->rides);
    int status = b->lanes && b->rides ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
    for (uint64_t i = 0; i < b->count && !status; i++)
        status = open_lane(b, i, e);
    return status;
}

/* A failed lane takes the others with it: what ended it, a full disk or no memory, is theirs as well. */
static void *converse(void *argument)
{
    struct ride *ride = argument;
    struct session *s = ride->lane->session;
    ride->lane->due = s->t_burst;
    ride->status = s->options->script
                       ? session_run_script_conversation(ride->lane, ride->repeat, &ride->error)
                       : session_run_repeat(ride->lane, ride->repeat, &ride->error);
    if (ride->status)
        atomic_store(&s->is_stopping, 1);
    return NULL;
}

static int start_ride(struct burst *b, uint64_t slot, uint64_t repeat, struct error *e)
{
    struct ride *ride = &b->rides[slot];
    *ride = (struct ride){.lane = &b->lanes[slot], .repeat = repeat};
    if (pthread_create(&ride->thread, NULL, converse, ride) != 0)
        return error_set(e, TT_NOMEM, "no thread can be had for another conversation");
    return TT_OK;
}

static int run_burst(struct burst *b, uint64_t first_repeat, struct error *e)
{
    struct session *s = b->session;
    uint64_t started = 0;
    int status = TT_OK;
    s->t_burst = clock_ticks() + clock_ns_to_ticks(START_AFTER_NS + b->count * START_EACH_NS);
    while (started < b->count && !status) {
        status = start_ride(b, started, first_repeat + started, e);
        started += !status;
    }
    if (status)
        atomic_store(&s->is_stopping, 1);
    for (uint64_t i = 0; i < started; i++) {
        pthread_join(b->rides[i].thread, NULL);
        if (!status && b->rides[i].status) {
            status = b->rides[i].status;
            if (e)
                *e = b->rides[i].error;
        }
    }
    return status;
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

int session_run_bursts(struct session *s, struct error *e)
{
    const struct session_options *o = s->options;
    uint64_t bursts = o->script ? o->script->bursts : o->runs;
    struct burst burst = {.session = s, .count = o->concurrency};
    int status = open_lanes(&burst, e);
    for (uint64_t i = 0; i < bursts && !status && !session_between_runs(&s->lane); i++) {
        status = make_cold(s, i * o->concurrency, e);
        if (!status && !session_is_interrupted(s))
            status = run_burst(&burst, i * o->concurrency, e);
        if (!status)
            status = session_learn(s, &s->first_answer, e);
    }
    close_lanes(&burst);
    return status;
}
