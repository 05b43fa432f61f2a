/* SPDX-License-Identifier: MIT */
/* Power in a session: which sources are read, and idling before and after the runs. */
#include "record/clock.h"
#include "record/session_state.h"

#define IDLE_MIN_S        5.0
#define IDLE_MAX_S        30.0
#define IDLE_PUBLICATIONS 10u
#define LOOK_NS           UINT64_C(250000000)

int session_choose_power(struct session *s, struct error *e)
{
    const struct power_source *sources;
    size_t count = power_sources(&sources);
    int status = power_choose(s->options->power, sources, count, &s->power, e);
    for (size_t i = 0; i < s->power.missed_count && !status; i++) {
        const struct power_check *missed = &s->power.missed[i];
        session_remark(s, "no power from %s: %s%s%s", s->power.missed_sources[i]->name, missed->why.text,
                       missed->way_out ? "; " : "", missed->way_out ? missed->way_out : "");
    }
    return status;
}

/* Of this machine's power no figure is made when the engine is another's, nor when it plays a recording. */
static int is_worth_idling(const struct session *s)
{
    struct sampler_engine engine;
    if (!s->power.count || s->playback[0] || sampler_engine(s->sampler, &engine, NULL))
        return 0;
    sampler_engine_release(&engine);
    return engine.place == ENGINE_PLACE_HERE || engine.place == ENGINE_PLACE_UNKNOWN;
}

/* A source that has not published twice by now is frozen or nearly so, and not waited for. */
static int have_published(const struct session *s, const uint64_t *before)
{
    uint64_t now[SAMPLER_SENSORS_MAX];
    size_t count = sampler_publications(s->sampler, now);
    for (size_t i = 0; i < count; i++) {
        if (now[i] > 1 && now[i] - before[i] < IDLE_PUBLICATIONS)
            return 0;
    }
    return 1;
}

/* Until each source has published often enough for a mean, within limits. */
static void idle_for_sources(const struct session *s)
{
    uint64_t before[SAMPLER_SENSORS_MAX], begin = clock_ticks();
    uint64_t end = begin + clock_ns_to_ticks((uint64_t)(IDLE_MAX_S * 1e9));
    sampler_publications(s->sampler, before);
    session_wait(s, begin + clock_ns_to_ticks((uint64_t)(IDLE_MIN_S * 1e9)));
    while (!session_is_interrupted(s) && clock_ticks() < end && !have_published(s, before))
        session_wait(s, clock_after_ns(LOOK_NS));
}

static void idle(const struct session *s)
{
    double seconds = s->options->idle_s;
    if (seconds < 0)
        idle_for_sources(s);
    else
        session_wait(s, clock_after_s(seconds));
}

int session_idle(struct session *s, const char *when, struct error *e)
{
    double seconds = s->options->idle_s;
    if (!s->sampler || seconds == 0 || session_is_interrupted(s) || (seconds < 0 && !is_worth_idling(s)))
        return TT_OK;
    if (s->view->idles)
        s->view->idles(s->view->context, when);
    int status = session_mark(s, "idle_begin", ABSENT, when, e);
    if (!status)
        idle(s);
    return status ? status : session_mark(s, "idle_end", ABSENT, when, e);
}
