/* SPDX-License-Identifier: MIT */
#include "analyze/run_fields.h"

#include <math.h>

#include "analyze/tape_thermal.h"

static struct field_value text_value(const char *text)
{
    struct field_value v = {.kind = text && *text ? FIELD_TEXT : FIELD_NULL, .text = text};
    return v;
}

static struct field_value truth_value(int truth)
{
    struct field_value v = {.kind = FIELD_TRUTH, .truth = truth != 0};
    return v;
}

static struct field_value real_value(double real)
{
    struct field_value v = {.kind = isfinite(real) ? FIELD_REAL : FIELD_NULL, .real = real};
    return v;
}

static struct field_value trace_field(const struct cell *cell, const struct cell_run *run)
{
    return text_value(cell->traces[run->trace].path);
}

static struct field_value phase_field(const struct cell *cell, const struct cell_run *run)
{
    return text_value(cell_phase_name(cell, run));
}

static struct field_value valid_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    return truth_value(cell_run_is_valid(run));
}

static struct field_value causes_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    struct field_value v = {.kind = FIELD_CAUSES, .causes = run->figures->invalid};
    return v;
}

static struct field_value evidence_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    struct field_value v = {.kind = FIELD_EVIDENCE, .run = run->figures};
    return v;
}

static struct field_value error_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    return text_value(run_error(run->figures));
}

/* The first cause that makes the run a failed one. */
static struct field_value error_kind_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    unsigned failed = run->figures->invalid & INVALID_FAILED;
    return text_value(failed ? invalid_cause_name(failed & (~failed + 1)) : NULL);
}

static struct field_value reconnected_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    return truth_value(run->figures->attempt > 0);
}

static struct field_value token_source_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    return text_value(token_source_name(run->figures->token_source));
}

static struct field_value cached_state_field(const struct cell *cell, const struct cell_run *run)
{
    static const char *const names[] = {
        [CACHED_ABSENT] = "absent", [CACHED_NULL] = "null", [CACHED_NUMBER] = "number"};
    (void)cell;
    return text_value(names[run->figures->cached_state]);
}

static struct field_value prefill_source_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    if (isnan(run->figures->prefill_ms))
        return text_value(NULL);
    return text_value(run->figures->prefill_from_server ? "server" : "ttft");
}

static struct field_value cacheable_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    struct field_value v = {.kind = run->cacheable == ABSENT ? FIELD_NULL : FIELD_COUNT,
                            .count = run->cacheable};
    return v;
}

static struct field_value hit_rate_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    return real_value(run_hit_rate(run));
}

static struct field_value itl_field(const struct cell *cell, const struct cell_run *run, int place)
{
    return real_value(run->figures->itl_ms[cell->itl][place]);
}

static struct field_value itl_p50_field(const struct cell *cell, const struct cell_run *run)
{
    return itl_field(cell, run, 0);
}

static struct field_value itl_p90_field(const struct cell *cell, const struct cell_run *run)
{
    return itl_field(cell, run, 1);
}

static struct field_value itl_p95_field(const struct cell *cell, const struct cell_run *run)
{
    return itl_field(cell, run, 2);
}

static struct field_value itl_p99_field(const struct cell *cell, const struct cell_run *run)
{
    return itl_field(cell, run, 3);
}

/* What thermal_max is: the name of a level, or that it counts events. */
static struct field_value thermal_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    if (run->figures->thermal_max == ABSENT)
        return text_value(NULL);
    return text_value(run->figures->thermal_is_level ? thermal_level_name(run->figures->thermal_max)
                                                     : "throttle events");
}

static struct field_value energy_reason_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    return text_value(run->figures->energy.reason);
}

static struct field_value cold_field(const struct cell *cell, const struct cell_run *run)
{
    (void)cell;
    return text_value(run->figures->cold == ABSENT ? NULL : cold_method_name(run->figures->cold));
}

/* Either a member of struct run_figures, or a function. */
struct run_field {
    const char *name;
    enum field_kind kind;
    size_t offset;
    struct field_value (*get)(const struct cell *cell, const struct cell_run *run);
};

#define COUNT(name)                                                                                          \
    {                                                                                                        \
#name, FIELD_COUNT, offsetof(struct run_figures, name), NULL                                         \
    }
#define REAL(name)                                                                                           \
    {                                                                                                        \
#name, FIELD_REAL, offsetof(struct run_figures, name), NULL                                          \
    }
#define TRUTH(name)                                                                                          \
    {                                                                                                        \
#name, FIELD_TRUTH, offsetof(struct run_figures, name), NULL                                         \
    }
#define TEXT(name)                                                                                           \
    {                                                                                                        \
#name, FIELD_TEXT, offsetof(struct run_figures, name), NULL                                          \
    }
#define BY(name, get)                                                                                        \
    {                                                                                                        \
#name, FIELD_NULL, 0, get                                                                            \
    }

static const struct run_field fields[] = {
    BY(trace, trace_field),
    COUNT(repeat),
    BY(phase, phase_field),
    COUNT(attempt),
    TRUTH(ok),
    BY(valid, valid_field),
    BY(invalid_causes, causes_field),
    BY(invalid_evidence, evidence_field),
    BY(error, error_field),
    BY(error_kind, error_kind_field),
    COUNT(http_status),
    TEXT(finish_reason),
    TRUTH(early_stop),
    REAL(ttft_ms),
    REAL(ttft_content_ms),
    REAL(ttfb_ms),
    REAL(connect_ms),
    BY(reconnected, reconnected_field),
    REAL(decode_tok_s),
    COUNT(decode_tokens),
    REAL(decode_window_ms),
    COUNT(first_read_tokens),
    BY(token_source, token_source_field),
    COUNT(completion_tokens),
    COUNT(prompt_tokens),
    COUNT(cached_tokens),
    BY(cached_state, cached_state_field),
    BY(cacheable_tokens, cacheable_field),
    BY(hit_rate, hit_rate_field),
    REAL(prefill_ms),
    BY(prefill_source, prefill_source_field),
    COUNT(max_tokens),
    COUNT(frames),
    {"chunks", FIELD_COUNT, offsetof(struct run_figures, reads), NULL},
    COUNT(bytes),
    TEXT(text_sha256),
    COUNT(reasoning_chars),
    COUNT(tool_calls),
    COUNT(steps),
    REAL(step_ms),
    BY(itl_p50_ms, itl_p50_field),
    BY(itl_p90_ms, itl_p90_field),
    BY(itl_p95_ms, itl_p95_field),
    BY(itl_p99_ms, itl_p99_field),
    COUNT(draft_tokens),
    COUNT(draft_accepted),
    {"prefill_j", FIELD_REAL, offsetof(struct run_figures, energy.prefill_j), NULL},
    {"decode_j", FIELD_REAL, offsetof(struct run_figures, energy.decode_j), NULL},
    {"energy_u_j", FIELD_REAL, offsetof(struct run_figures, energy.decode_u_j), NULL},
    BY(energy_reason, energy_reason_field),
    {"soc_w", FIELD_REAL, offsetof(struct run_figures, energy.soc_w), NULL},
    COUNT(peak_rss_bytes),
    COUNT(thermal_max),
    BY(thermal, thermal_field),
    BY(cold_method, cold_field),
    COUNT(slot),
    REAL(due_ttft_ms),
    REAL(due_total_ms),
};

size_t run_field_count(void)
{
    return sizeof fields / sizeof fields[0];
}

const char *run_field_name(size_t field)
{
    return fields[field].name;
}

struct field_value run_field(const struct cell *cell, const struct cell_run *run, size_t index)
{
    const struct run_field *field = &fields[index];
    const void *member = (const char *)run->figures + field->offset;
    struct field_value value = {.kind = FIELD_NULL};
    if (field->get)
        return field->get(cell, run);
    switch (field->kind) {
    case FIELD_COUNT:
        value.count = *(const uint64_t *)member;
        value.kind = value.count == ABSENT ? FIELD_NULL : FIELD_COUNT;
        return value;
    case FIELD_REAL:
        return real_value(*(const double *)member);
    case FIELD_TRUTH:
        return truth_value(*(const bool *)member);
    case FIELD_TEXT:
        return text_value(member);
    case FIELD_NULL:
    case FIELD_CAUSES:
    case FIELD_EVIDENCE:
        break;
    }
    return value;
}
