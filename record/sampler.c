/* SPDX-License-Identifier: MIT */
#include "record/sampler.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "formats/alloc.h"
#include "record/cadence.h"
#include "record/clock.h"
#include "record/sensors.h"

#define NAP_NS           100000000u /* how long a stop may have to wait */
#define CLOCK_PERIOD_NS  10000000000u
#define SHARE_PERIOD_NS  1000000000u
#define LOOK_PERIOD_NS   2000000000u /* for new children and restarts */
#define SEARCH_PERIOD_NS 1000000000u /* while no engine is there */
#define LOOK_SOON_NS     250000000u  /* at the earliest, when something has changed */
#define FIRST_LOOK_NS    5000000u    /* what a look is taken to cost at first */

struct source {
    struct sensor sensor;
    void *state;
    struct cadence cadence;
    struct sensor_layout layout;
    int is_here;                          /* scope that the series were declared with */
    uint64_t series[SENSOR_CHANNELS_MAX]; /* ABSENT: not declared */
    struct sensor_value last[SENSOR_CHANNELS_MAX];
    unsigned char is_rail_gone[SENSOR_CHANNELS_MAX];
    int has_worked, is_gone;
    atomic_uint_fast64_t publications; /* reads that brought news of power or energy */
};

struct sampler {
    struct row_sink sink;
    uint64_t start, step_ns;
    struct source sources[SAMPLER_SENSORS_MAX];
    size_t source_count;
    uint64_t next_series;
    uint64_t next_clock_step, next_share_step;
    struct engine_watch watch;
    struct cadence look;
    uint64_t last_look_step;
    pthread_mutex_t facts_lock; /* between the sampler's thread and whoever asks about the engine */
    pthread_t thread;
    atomic_int stops, wants_look;
};

static uint64_t current_step(const struct sampler *s)
{
    return clock_ticks_to_ns(clock_ticks() - s->start) / s->step_ns;
}

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

static void emit_mark(struct sampler *s, const char *kind, const char *text)
{
    struct mark_row row = {clock_ticks(), ABSENT, ABSENT, bytes_of(kind), bytes_of(text)};
    row_sink_emit(&s->sink, TABLE_MARK, &row);
}

static void emit_clock(struct sampler *s)
{
    struct clock_row row;
    clock_triple(&row);
    row_sink_emit(&s->sink, TABLE_CLOCK, &row);
}

/* --- series and samples --- */

static void forget_series(struct source *source)
{
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++) {
        source->series[i] = ABSENT;
        source->is_rail_gone[i] = 0;
        source->last[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
    }
}

/* What the source measures now; series that come to mean something else end. */
static void take_layout(struct sampler *s, struct source *source)
{
    struct sensor_layout now;
    int is_here = s->watch.place == ENGINE_PLACE_HERE;
    source->sensor.ops->layout(source->state, &now);
    if (now.count > SENSOR_CHANNELS_MAX)
        now.count = SENSOR_CHANNELS_MAX;
    if (now.version != source->layout.version || is_here != source->is_here)
        forget_series(source);
    source->layout = now;
    source->is_here = is_here;
}

static const struct sensor_rail no_rail = {ABSENT, ABSENT, "", ""};

/* What an engine says of itself is the engine's wherever it runs. */
static int belongs_to_engine(const struct source *source, const struct sensor_channel *channel)
{
    return source->is_here || channel->kind == SERIES_ENGINE;
}

static int declare(struct sampler *s, struct source *source, size_t i)
{
    const struct sensor_channel *channel = &source->layout.channels[i];
    const struct sensor_rail *rail = channel->rail ? channel->rail : &no_rail;
    struct series_row row = {.series = s->next_series,
                             .kind = channel->kind,
                             .generation = source->layout.generation,
                             .period_ns = cadence_period_ns(&source->cadence),
                             .is_counter = channel->is_counter,
                             .scope = belongs_to_engine(source, channel) ? channel->scope : SCOPE_HOST,
                             .source = bytes_of(source->sensor.ops->source),
                             .name = bytes_of(channel->name),
                             .unit = bytes_of(channel->unit),
                             .cost_ns = cadence_cost_ns(&source->cadence),
                             .rail = rail->rail,
                             .wrap = rail->wrap,
                             .origin = bytes_of(rail->origin),
                             .stamp = bytes_of(rail->stamp)};
    int status = row_sink_emit(&s->sink, TABLE_SERIES, &row);
    if (!status)
        source->series[i] = s->next_series++;
    return status;
}

static int is_news(const struct source *source, size_t i, const struct sensor_value *value)
{
    const struct sensor_value *last = &source->last[i];
    return !source->layout.channels[i].is_counter || value->value != last->value ||
           value->source_t != last->source_t;
}

static void count_publication(struct source *source, const struct sensor_value *values)
{
    for (size_t i = 0; i < source->layout.count; i++) {
        uint64_t kind = source->layout.channels[i].kind;
        if ((kind != SERIES_ENERGY && kind != SERIES_POWER) || values[i].value == ABSENT)
            continue;
        if (is_news(source, i, &values[i])) {
            atomic_fetch_add(&source->publications, 1);
            return;
        }
    }
}

static void emit_value(struct sampler *s, struct source *source, size_t i, const struct sensor_value *value,
                       uint64_t t, uint64_t duration)
{
    if (source->series[i] == ABSENT && declare(s, source, i))
        return; /* tried again with the next value */
    struct sample_row row = {source->series[i], value->t ? value->t : t,
                             value->t ? value->duration : duration, value->source_t, value->value};
    if (!row_sink_emit(&s->sink, TABLE_SAMPLE, &row))
        source->last[i] = *value;
}

static void tell_state(struct sampler *s, struct source *source, int works)
{
    if (works == !source->is_gone || (!works && !source->has_worked)) {
        source->has_worked = source->has_worked || works;
        return;
    }
    source->is_gone = !works;
    emit_mark(s, works ? "sensor_back" : "sensor_gone", source->sensor.ops->source);
}

/* A rail that told its power and does not any more, while its source works. Other quantities come and go. */
static void tell_rails(struct sampler *s, struct source *source, const struct sensor_value *values)
{
    for (size_t i = 0; i < source->layout.count; i++) {
        const struct sensor_channel *channel = &source->layout.channels[i];
        int is_gone = values[i].value == ABSENT,
            is_power = channel->kind == SERIES_ENERGY || channel->kind == SERIES_POWER;
        if (!is_power || source->series[i] == ABSENT || is_gone == source->is_rail_gone[i])
            continue;
        source->is_rail_gone[i] = (unsigned char)is_gone;
        emit_mark(s, is_gone ? "rail_gone" : "rail_back", channel->name);
    }
}

static void tell_engine(const struct sampler *s, const struct source *source)
{
    uint64_t pids[PROCESS_LIST_MAX];
    size_t count = 0;
    if (!source->sensor.ops->engine)
        return;
    for (size_t i = 0; i < s->watch.count && s->watch.place == ENGINE_PLACE_HERE; i++)
        pids[count++] = s->watch.members[i].id.pid;
    source->sensor.ops->engine(source->state, pids, count);
}

static void read_source(struct sampler *s, struct source *source, uint64_t step, int is_last)
{
    struct sensor_value values[SENSOR_CHANNELS_MAX];
    for (int i = 0; i < SENSOR_CHANNELS_MAX; i++)
        values[i] = (struct sensor_value){.value = ABSENT, .source_t = ABSENT};
    tell_engine(s, source);
    uint64_t t = clock_ticks();
    int works = source->sensor.ops->read(source->state, values) == TT_OK;
    uint64_t duration = clock_ticks() - t;
    cadence_done(&source->cadence, step, current_step(s), clock_ticks_to_ns(duration), works);
    tell_state(s, source, works);
    if (!works)
        return;
    take_layout(s, source);
    tell_rails(s, source, values);
    count_publication(source, values);
    for (size_t i = 0; i < source->layout.count; i++) {
        if (values[i].value != ABSENT && (is_last || is_news(source, i, &values[i])))
            emit_value(s, source, i, &values[i], t, duration);
    }
}

/* --- the engine's processes --- */

static void lock_facts(void *context)
{
    struct sampler *s = context;
    pthread_mutex_lock(&s->facts_lock);
}

static void unlock_facts(void *context)
{
    struct sampler *s = context;
    pthread_mutex_unlock(&s->facts_lock);
}

/* A look's cost is CPU time: it never waits for a device, and on a machine whose engine keeps every core busy
 * the time by the clock would say more about the engine. */
static void look(struct sampler *s, uint64_t step)
{
    const struct engine_lock lock = {lock_facts, unlock_facts, s};
    uint64_t cpu = clock_thread_cpu_ns();
    int status = engine_watch_scan(&s->watch, &lock);
    s->last_look_step = step;
    s->look.min_period_ns = s->watch.count ? LOOK_PERIOD_NS : SEARCH_PERIOD_NS;
    cadence_done(&s->look, step, current_step(s), clock_thread_cpu_ns() - cpu, status == TT_OK);
}

/* A member that has gone makes the next look due early, within what looks may cost; a person's wish makes it
 * due at once. */
static int should_look(struct sampler *s, uint64_t step)
{
    if (s->watch.place == ENGINE_PLACE_ELSEWHERE)
        return 0;
    if (atomic_exchange(&s->wants_look, 0)) {
        engine_watch_search(&s->watch);
        return 1;
    }
    uint64_t pause = cadence_cost_ns(&s->look) * CADENCE_COST_FACTOR,
             since = (step - s->last_look_step) * s->step_ns;
    int may_be_early = since >= LOOK_SOON_NS && since >= pause;
    return step >= s->look.next_step || (s->watch.is_stale && may_be_early);
}

/* --- the thread --- */

/* The sources and the looks share the time that measuring may take. */
static void share_time(struct sampler *s, uint64_t step)
{
    const struct cadence *all[SAMPLER_SENSORS_MAX + 1] = {&s->look};
    for (size_t i = 0; i < s->source_count; i++)
        all[i + 1] = &s->sources[i].cadence;
    uint64_t factor = cadence_shared_factor(all, s->source_count + 1);
    for (size_t i = 0; i < s->source_count; i++)
        s->sources[i].cadence.factor = factor;
    s->look.factor = factor;
    s->next_share_step = step + (SHARE_PERIOD_NS + s->step_ns - 1) / s->step_ns;
}

static void do_what_is_due(struct sampler *s)
{
    uint64_t step = current_step(s);
    if (step >= s->next_share_step)
        share_time(s, step);
    if (should_look(s, step))
        look(s, step);
    for (size_t i = 0; i < s->source_count; i++) {
        if (step >= s->sources[i].cadence.next_step)
            read_source(s, &s->sources[i], step, 0);
    }
    if (step >= s->next_clock_step) {
        emit_clock(s);
        s->next_clock_step = step + (CLOCK_PERIOD_NS + s->step_ns - 1) / s->step_ns;
    }
}

static uint64_t next_step(const struct sampler *s)
{
    uint64_t next = s->next_clock_step;
    if (s->watch.place != ENGINE_PLACE_ELSEWHERE && s->look.next_step < next)
        next = s->look.next_step;
    for (size_t i = 0; i < s->source_count; i++) {
        if (s->sources[i].cadence.next_step < next)
            next = s->sources[i].cadence.next_step;
    }
    return next;
}

static void wait_for_step(struct sampler *s, uint64_t step)
{
    uint64_t deadline = s->start + clock_ns_to_ticks(step * s->step_ns), nap = clock_ns_to_ticks(NAP_NS);
    uint64_t now = clock_ticks();
    while (!atomic_load(&s->stops) && now < deadline) {
        clock_sleep_until(deadline - now < nap ? deadline : now + nap);
        now = clock_ticks();
    }
}

static void *run(void *argument)
{
    struct sampler *s = argument;
    while (!atomic_load(&s->stops)) {
        do_what_is_due(s);
        wait_for_step(s, next_step(s));
    }
    for (size_t i = 0; i < s->source_count; i++)
        read_source(s, &s->sources[i], current_step(s), 1);
    emit_clock(s);
    return NULL;
}

/* --- start and stop --- */

/* TT_OK also when this machine has no such source. */
static int add_source(struct sampler *s, const struct sensor *sensor, struct error *e)
{
    struct error why = {TT_OK, ""};
    if (s->source_count == SAMPLER_SENSORS_MAX)
        return error_set(e, TT_LIMIT, "more than %d sources of measurements", SAMPLER_SENSORS_MAX);
    struct source *source = &s->sources[s->source_count];
    source->sensor = *sensor;
    forget_series(source);
    cadence_init(&source->cadence, s->step_ns, sensor->ops->period_ns, sensor->ops->first_cost_ns);
    int status = sensor->ops->open(sensor->context, &source->state, &why);
    if (!status)
        s->source_count++;
    else if (status != TT_NOTFOUND)
        emit_mark(s, "sensor_failed", why.text[0] ? why.text : sensor->ops->source);
    return TT_OK;
}

static int add_sources(struct sampler *s, const struct sampler_options *options, struct error *e)
{
    const struct sensor own[] = {
        {&sensor_engine_memory, &s->watch}, {&sensor_system_memory, NULL}, {&sensor_recorder_cpu, NULL}};
    const struct sensor *machine;
    size_t machine_count = machine_sensors(&machine);
    int status = TT_OK;
    for (size_t i = 0; !status && i < sizeof own / sizeof own[0]; i++)
        status = add_source(s, &own[i], e);
    for (size_t i = 0; !status && i < machine_count; i++)
        status = add_source(s, &machine[i], e);
    for (size_t i = 0; !status && i < options->more_count; i++)
        status = add_source(s, &options->more[i], e);
    return status;
}

static void release(struct sampler *s)
{
    for (size_t i = 0; i < s->source_count; i++)
        s->sources[i].sensor.ops->close(s->sources[i].state);
    engine_watch_release(&s->watch);
    pthread_mutex_destroy(&s->facts_lock);
    mem_free(s);
}

/* The person's Ctrl-C is the main thread's business. */
static int start_thread(struct sampler *s, struct error *e)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&s->thread, NULL, run, s);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return failed ? error_set(e, TT_IO, "cannot start the sampling thread: %s", strerror(failed)) : TT_OK;
}

int sampler_start(struct sampler **sampler, const struct sampler_options *options, struct error *e)
{
    double hz = options->hz == 0 ? SAMPLER_HZ : options->hz;
    *sampler = NULL;
    if (!(hz >= SAMPLER_HZ_MIN && hz <= SAMPLER_HZ_MAX))
        return error_set(e, TT_USAGE, "a sampling rate is between %g and %g a second", SAMPLER_HZ_MIN,
                         SAMPLER_HZ_MAX);
    struct sampler *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return error_set(e, TT_NOMEM, "out of memory");
    s->sink = options->sink;
    s->step_ns = (uint64_t)(1e9 / hz + 0.5);
    s->start = clock_ticks();
    pthread_mutex_init(&s->facts_lock, NULL);
    engine_watch_init(&s->watch, &options->target, &options->sink, options->scrubber);
    cadence_init(&s->look, s->step_ns, SEARCH_PERIOD_NS, FIRST_LOOK_NS);
    look(s, 0);
    int status = add_sources(s, options, e);
    if (!status)
        status = start_thread(s, e);
    if (status)
        release(s);
    else
        *sampler = s;
    return status;
}

void sampler_stop(struct sampler *s)
{
    if (!s)
        return;
    atomic_store(&s->stops, 1);
    pthread_join(s->thread, NULL);
    release(s);
}

int sampler_engine(struct sampler *s, struct sampler_engine *engine, struct error *e)
{
    memset(engine, 0, sizeof *engine);
    lock_facts(s);
    engine->place = s->watch.place;
    engine->hidden = s->watch.hidden;
    engine->generation = s->watch.generation;
    int count = engine_watch_facts(&s->watch, engine->processes);
    unlock_facts(s);
    engine->count = count > 0 ? (size_t)count : 0;
    return count < 0 ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}

void sampler_engine_release(struct sampler_engine *engine)
{
    for (size_t i = 0; i < engine->count; i++)
        process_release_facts(&engine->processes[i]);
    engine->count = 0;
}

size_t sampler_publications(struct sampler *s, uint64_t counts[SAMPLER_SENSORS_MAX])
{
    for (size_t i = 0; i < s->source_count; i++)
        counts[i] = atomic_load(&s->sources[i].publications);
    return s->source_count;
}

void sampler_look(struct sampler *s)
{
    atomic_store(&s->wants_look, 1);
}

int sampler_reset_peaks(struct sampler *s)
{
    lock_facts(s);
    int status = engine_watch_reset_peaks(&s->watch);
    unlock_facts(s);
    return status;
}

int sampler_read_peaks(struct sampler *s, struct procmem_peak *sum, uint64_t *processes)
{
    lock_facts(s);
    int status = engine_watch_read_peaks(&s->watch, sum, processes);
    unlock_facts(s);
    return status;
}
