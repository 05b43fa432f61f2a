/* SPDX-License-Identifier: MIT */
#include "replay/synth.h"

#include <string.h>

#include "formats/alloc.h"
#include "replay/synth_state.h"
#include "replay/synthetic.h"
#include "replay/tokens.h"

#define BEGINNING_NS  UINT64_C(1000000000)          /* 0 would look like a clock that was never set */
#define REALTIME_ZERO UINT64_C(1767225600000000000) /* 2026-01-01T00:00:00Z: a date like any other */
#define NS            1e9

static struct bytes text(const char *s)
{
    return (struct bytes){(const unsigned char *)s, strlen(s)};
}

int synth_row(struct synth *s, enum table_id table, const void *row, struct error *e)
{
    return trace_writer_row(s->writer, table, row, e);
}

int synth_mark(struct synth *s, const char *kind, uint64_t repeat, struct error *e)
{
    struct mark_row mark = {s->now, ABSENT, repeat, text(kind), text("")};
    return synth_row(s, TABLE_MARK, &mark, e);
}

static int into_writer(void *context, enum table_id table, const void *row)
{
    struct synth *s = context;
    return trace_writer_row(s->writer, table, row, s->error);
}

static int tell_clock(struct synth *s, struct error *e)
{
    struct clock_row row = {s->now, 0, s->now, REALTIME_ZERO + s->now, 0};
    return synth_row(s, TABLE_CLOCK, &row, e);
}

/* The engine waits for nobody: power at rest, before the first run and after the last. */
static int idle(struct synth *s, struct error *e)
{
    if (s->plan->idle_s <= 0 || !s->plan->rail_count)
        return TT_OK;
    int status = synth_mark(s, "idle_begin", ABSENT, e);
    s->now += (uint64_t)(s->plan->idle_s * NS);
    if (!status)
        status = synth_sensors_advance(&s->sensors, s->now, SYNTH_IDLE);
    return status ? status : synth_mark(s, "idle_end", ABSENT, e);
}

/* As a recorder varies its pauses, so that windows do not fall into step with publications. */
static int pause_between(struct synth *s)
{
    s->now += (uint64_t)(s->plan->pause_s * (0.75 + 0.5 * prng_unit(&s->pauses)) * NS);
    return synth_sensors_advance(&s->sensors, s->now, SYNTH_IDLE);
}

static int run_all(struct synth *s, struct error *e)
{
    const struct workload *w = s->options->workload;
    int status = TT_OK;
    for (uint64_t repeat = 0; repeat < s->plan->runs && !status; repeat++) {
        for (size_t phase = 0; phase < w->phase_count && !status; phase++) {
            if (s->next_run)
                status = pause_between(s);
            if (!status)
                status = synth_run(s, repeat, phase, e);
        }
    }
    return status;
}

static int record(struct synth *s, struct error *e)
{
    int status = tell_clock(s, e);
    if (!status)
        status = synth_probe(s, PROBE_AT_START, e);
    if (!status)
        status = synth_sensors_start(&s->sensors, s->plan, &s->sink, s->profile->name, s->now, e);
    if (!status)
        status = idle(s, e);
    if (!status)
        status = run_all(s, e);
    if (!status)
        status = idle(s, e);
    if (!status)
        status = synth_sensors_finish(&s->sensors);
    return status ? status : tell_clock(s, e);
}

static int write_end(struct synth *s, struct error *e)
{
    struct buf summary = BUF_INIT;
    int wanted = s->options->summarise && !s->file.direct, status = TT_OK;
    if (wanted)
        status = trace_writer_flush(s->writer, e);
    if (wanted && !status)
        status = s->options->summarise(s->file.writing_path, &summary, e);
    if (!status)
        status = trace_writer_finish(s->writer, "clean", wanted ? buf_text(&summary) : NULL, e);
    buf_release(&summary);
    return status;
}

static int write_trace(struct synth *s, struct synth_result *result, struct error *e)
{
    struct trace_writer_options options = {.trace_id = s->identity.id};
    char *meta = synth_describe(s, e);
    int status = meta ? TT_OK : (int)e->code;
    if (!status)
        status = trace_writer_new(&s->writer, s->file.fd, s->options->output, meta, &options, e);
    if (!status)
        status = record(s, e);
    if (!status)
        status = write_end(s, e);
    if (!status) {
        memcpy(result->content_id, trace_writer_content_id(s->writer), sizeof result->content_id);
        status = trace_file_close(&s->file, trace_writer_bytes(s->writer), &result->bytes, e);
    }
    mem_free(meta);
    return status;
}

static int choose_cold(struct synth *s, struct error *e)
{
    int is_llama = s->usual.style == STYLE_LLAMA_CPP;
    enum cold_method method = s->plan->cold;
    if (method == COLD_NOT_ASKED)
        method = is_llama ? COLD_REQUEST : s->usual.cache_reset ? COLD_RESET : COLD_NONCE;
    int ours = method == COLD_RESTART || method == COLD_RESET; /* done to the engine, not to the request */
    int status = cold_plan_make(&s->cold, ours ? "keep" : cold_method_name(method),
                                is_llama ? ENGINE_LLAMACPP : ENGINE_UNKNOWN, NULL, s->usual.seed, e);
    s->cold.method = method;
    return status;
}

/* The trace's identity follows from all that it is made from. */
static int identify(struct synth *s, struct error *e)
{
    const struct synth_options *o = s->options;
    struct buf all = BUF_INIT;
    buf_printf(&all, "%s\n%llu\n%llu\n", o->workload->sha256, (unsigned long long)s->usual.seed,
               (unsigned long long)s->plan->runs);
    for (size_t i = 0; i < o->label_count; i++)
        buf_printf(&all, "%s\n", o->labels[i]);
    buf_append(&all, o->source.data, o->source.len);
    int status = all.failed ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
    if (!status)
        trace_identity_of(&s->identity, all.data, all.len);
    buf_release(&all);
    return status;
}

static int prepare(struct synth *s, struct error *e)
{
    int status = synth_plan_check(s->plan, s->options->workload, e);
    if (!status)
        status = choose_cold(s, e);
    if (!status)
        status = identify(s, e);
    s->bodies = status ? NULL : body_store_new();
    if (!status && !s->bodies)
        status = error_set(e, TT_NOMEM, "out of memory");
    return status;
}

int synth_count_tokens(void *context, const char *text, size_t len, uint64_t *tokens, struct error *e)
{
    struct tokens counted;
    (void)context;
    tokens_init(&counted, 0);
    int status = tokens_append(&counted, text, len);
    *tokens = counted.total;
    tokens_release(&counted);
    return status ? error_set(e, TT_NOMEM, "out of memory for counting tokens") : TT_OK;
}

static int write_file(struct synth *s, struct synth_result *result, struct error *e)
{
    int status = trace_file_create(&s->file, s->options->output, e);
    if (!status && (status = write_trace(s, result, e)) != TT_OK)
        trace_file_abandon(&s->file);
    trace_file_release(&s->file);
    return status;
}

int synth_write(struct profile *p, const struct synth_options *options, struct synth_result *result,
                struct error *e)
{
    struct synth s = {.options = options, .plan = options->plan, .error = e, .now = BEGINNING_NS};
    memset(result, 0, sizeof *result);
    int status = synthetic_new(&s.engine, p, e);
    if (status)
        return status;
    s.profile = synthetic_profile(s.engine);
    s.usual = *s.profile;
    s.sink = (struct row_sink){into_writer, &s};
    prng_seed(&s.pauses, s.usual.seed);
    status = prepare(&s, e);
    if (!status)
        status = write_file(&s, result, e);
    result->runs_total = s.next_run;
    result->runs_failed = s.failed;
    trace_writer_free(s.writer);
    body_store_free(s.bodies);
    s.engine->free(s.engine);
    return status;
}
