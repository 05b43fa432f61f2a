/* SPDX-License-Identifier: MIT */
#include "analyze/cells.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/cell_depth.h"
#include "analyze/statistics.h"
#include "analyze/tape_memory.h"
#include "analyze/trace_remarks.h"
#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/order.h"
#include "formats/workload.h"

#define PHASE_NAME_MAX 80
#define NO_PHASE       SIZE_MAX

void cell_init(struct cell *cell, struct identity *id, struct cache_policy policy)
{
    memset(cell, 0, sizeof *cell);
    cell->policy = policy;
    cell->id = *id;
    memset(id, 0, sizeof *id);
    cell->peak_rss = cell->peak_footprint = ABSENT;
}

void cell_release(struct cell *cell)
{
    for (size_t i = 0; i < cell->trace_count; i++) {
        mem_free(cell->traces[i].path);
        mem_free(cell->traces[i].workload);
        text_list_release(&cell->traces[i].findings);
        text_list_release(&cell->traces[i].remarks);
        shared_runs_release(&cell->traces[i].runs);
    }
    mem_free(cell->traces);
    shelf_free(cell->depths);
    mem_free(cell->bursts);
    mem_free(cell->runs);
    text_list_release(&cell->phases);
    text_list_release(&cell->power_rails);
    identity_release(&cell->id);
    memset(cell, 0, sizeof *cell);
}

/* The name that the workload gives to its i-th phase, for as many as it has. */
static const char *phase_name(const struct tape *tape, uint64_t phase, char name[PHASE_NAME_MAX])
{
    const char *own = tape_phase_name(tape, phase);
    if (*own)
        snprintf(name, PHASE_NAME_MAX, "%s", own);
    else if (phase < WORKLOAD_PHASES_MAX)
        snprintf(name, PHASE_NAME_MAX, "phase %llu", (unsigned long long)phase);
    else
        snprintf(name, PHASE_NAME_MAX, "unknown phase");
    return name;
}

/* Runs come in no promised order; each phase's name is looked up once. */
static int add_runs(struct cell *cell, const struct tape *tape, size_t *places, const uint64_t *cacheable)
{
    char name[PHASE_NAME_MAX];
    int by_ids = tape->overlap.unit == OVERLAP_TOKENS;
    for (size_t i = 0; i < tape->run_count; i++) {
        struct run_figures *figures = tape_run_at(tape, i);
        size_t *place = &places[figures->phase < WORKLOAD_PHASES_MAX ? figures->phase : WORKLOAD_PHASES_MAX];
        if (!figures->is_last_attempt)
            continue;
        if (*place == NO_PHASE &&
            text_list_intern(&cell->phases, phase_name(tape, figures->phase, name), place))
            return TT_NOMEM;
        if (mem_grow(&cell->runs, &cell->run_capacity, cell->run_count + 1, sizeof *cell->runs))
            return TT_NOMEM;
        cell->runs[cell->run_count++] = (struct cell_run){figures,
                                                          figures->repeat,
                                                          figures->run,
                                                          (uint32_t)(cell->trace_count - 1),
                                                          (uint32_t)*place,
                                                          cacheable[i],
                                                          cacheable[tape->run_count + i],
                                                          by_ids};
    }
    return TT_OK;
}

static int compare_runs(const void *a, const void *b)
{
    const struct cell_run *x = a, *y = b;
    int order = order_u64(x->repeat, y->repeat);
    return order ? order : order_u64(x->run, y->run);
}

/* By the cell's policy, then again within the repeats. */
static int find_cacheable(const struct cell *cell, const struct tape *tape, uint64_t *cacheable)
{
    static const struct cache_policy in_repeat = {CACHE_CONVERSATION, 0};
    int status = cache_policy_apply(&cell->policy, tape, cacheable);
    return status ? status : cache_policy_apply(&in_repeat, tape, cacheable + tape->run_count);
}

/* The trace's runs, the repeats one after another. */
static int pool_runs(struct cell *cell, const struct tape *tape)
{
    size_t first = cell->run_count;
    size_t *places = mem_alloc((WORKLOAD_PHASES_MAX + 1) * sizeof *places);
    uint64_t *cacheable = mem_alloc((2 * tape->run_count + 1) * sizeof *cacheable);
    int status = places && cacheable ? find_cacheable(cell, tape, cacheable) : TT_NOMEM;
    for (size_t i = 0; !status && i <= WORKLOAD_PHASES_MAX; i++)
        places[i] = NO_PHASE;
    if (!status)
        status = add_runs(cell, tape, places, cacheable);
    if (!status)
        status = cell_depth_add(cell, tape, places);
    mem_free(places);
    mem_free(cacheable);
    if (cell->run_count > first)
        qsort(cell->runs + first, cell->run_count - first, sizeof *cell->runs, compare_runs);
    return status;
}

/* Engine versions that leave `cached_tokens` out when it is 0. For others, absent stays absent. */
static int omits_zeros(const struct identity *id)
{
    static const char *const known[][2] = {{"rapid-mlx", "0.12.18"}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(id->engine, known[i][0]) == 0 && strcmp(id->engine_version, known[i][1]) == 0)
            return 1;
    }
    return 0;
}

/* Only when the engine showed in another run of the same trace that it does report the number. */
static void infer_zeros(struct cell *cell, size_t first_run)
{
    int reports = 0;
    for (size_t i = first_run; i < cell->run_count; i++)
        reports |= cell_run_at(cell, i)->figures->cached_state == CACHED_NUMBER;
    for (size_t i = first_run; reports && omits_zeros(&cell->id) && i < cell->run_count; i++) {
        struct cell_run *run = cell_run_at(cell, i);
        if (run->figures->cached_state != CACHED_ABSENT || run->figures->prompt_tokens == ABSENT)
            continue;
        run->figures->cached_state = CACHED_NUMBER;
        run->figures->cached_tokens = 0;
        run->figures->cached_inferred = 1;
    }
}

/* 'warm', else the phase that the workload has first. */
static size_t headline_phase(const struct cell *cell, size_t first_run)
{
    size_t phase = NO_PHASE;
    uint64_t lowest = ABSENT;
    for (size_t i = first_run; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (strcmp(cell->phases.items[run->phase], HEADLINE_PHASE) == 0)
            return run->phase;
        if (phase == NO_PHASE || run->figures->phase < lowest) {
            phase = run->phase;
            lowest = run->figures->phase;
        }
    }
    return phase;
}

static char *describe_workload(const struct tape *tape)
{
    const char *name = tape_text(tape, "workload.name"), *sha256 = tape_text(tape, "workload.sha256");
    struct buf text = BUF_INIT;
    buf_printf(&text, "%s%s%.12s", name ? name : "", sha256 ? " " : "", sha256 ? sha256 : "");
    return buf_detach(&text);
}

static const char *known_end(const char *closed)
{
    static const char *const ends[] = {"clean", "interrupted", "repaired"};
    for (size_t i = 0; closed && i < sizeof ends / sizeof ends[0]; i++) {
        if (strcmp(ends[i], closed) == 0)
            return ends[i];
    }
    return "incomplete";
}

static int add_trace(struct cell *cell, const struct tape *tape)
{
    if (mem_grow(&cell->traces, &cell->trace_capacity, cell->trace_count + 1, sizeof *cell->traces))
        return TT_NOMEM;
    struct cell_trace *trace = &cell->traces[cell->trace_count++];
    memset(trace, 0, sizeof *trace);
    trace->runs = shared_runs_hold(tape);
    trace->path = mem_strdup(tape->path ? tape->path : "");
    trace->workload = describe_workload(tape);
    memcpy(trace->content_id, tape->content_id, sizeof trace->content_id);
    trace->closed = known_end(tape->closed);
    trace->synthetic = json_bool(tape->meta, "synthetic", 0);
    trace->is_masked = tape->is_masked;
    trace->stalls = tape->stalls;
    trace->lost_samples = tape->lost_samples;
    trace->idle_w = tape->idle_w;
    trace->concurrency = tape->concurrency;
    trace->begun_ns = tape->realtime_origin_ns;
    for (size_t i = 0; i < tape->power_rails.count; i++) {
        if (text_list_intern(&cell->power_rails, tape->power_rails.items[i], NULL))
            return TT_NOMEM;
    }
    int status = trace_findings(tape->meta, &trace->findings);
    if (!status)
        status = trace_remarks(tape, &trace->remarks);
    return trace->path && trace->workload ? status : TT_NOMEM;
}

/* At equal height the better grade stands. */
static void raise_peak(struct cell *cell, uint64_t peak, enum grade grade)
{
    if (peak == ABSENT || (cell->peak_rss != ABSENT && peak < cell->peak_rss))
        return;
    if (peak != cell->peak_rss || grade < cell->peak_rss_grade)
        cell->peak_rss_grade = grade;
    cell->peak_rss = peak;
}

static int add_bursts(struct cell *cell, const struct tape *tape)
{
    if (mem_grow(&cell->bursts, &cell->burst_capacity, cell->burst_count + tape->burst_count,
                 sizeof *cell->bursts))
        return TT_NOMEM;
    for (size_t i = 0; i < tape->burst_count; i++)
        cell->bursts[cell->burst_count++] = (struct cell_burst){tape->bursts[i], cell->trace_count - 1};
    return TT_OK;
}

int cell_add(struct cell *cell, const struct tape *tape, struct error *e)
{
    size_t first_run = cell->run_count;
    int status = add_trace(cell, tape);
    if (!status)
        status = pool_runs(cell, tape);
    if (!status && tape->burst_count)
        status = add_bursts(cell, tape);
    if (status)
        return error_set(e, TT_NOMEM, "out of memory");
    infer_zeros(cell, first_run);
    cell->traces[cell->trace_count - 1].headline = headline_phase(cell, first_run);
    uint64_t footprint = tape_peak_footprint(tape);
    if (footprint != ABSENT && (cell->peak_footprint == ABSENT || footprint > cell->peak_footprint))
        cell->peak_footprint = footprint;
    raise_peak(cell, tape_whole_peak_rss(tape), GRADE_B);
    for (size_t i = 0; i < tape->run_count; i++) {
        if (tape_run_at(tape, i)->peak_rss_is_tracked || tape_run_at(tape, i)->is_given)
            raise_peak(cell, tape_run_at(tape, i)->peak_rss_bytes, tape_run_at(tape, i)->peak_rss_grade);
    }
    return TT_OK;
}

int cell_run_is_valid(const struct cell_run *run)
{
    return run->figures->invalid == 0;
}

int cell_run_is_failed(const struct cell_run *run)
{
    return (run->figures->invalid & INVALID_FAILED) != 0;
}

int cell_run_is_base(const struct cell_run *run)
{
    return cell_run_is_valid(run) && !run->figures->early_stop;
}

int cell_run_is_headline(const struct cell *cell, const struct cell_run *run)
{
    return cell->traces[run->trace].headline == run->phase;
}

int cell_is_synthetic(const struct cell *cell)
{
    for (size_t i = 0; i < cell->trace_count; i++) {
        if (cell->traces[i].synthetic)
            return 1;
    }
    return 0;
}

const char *cell_phase_name(const struct cell *cell, const struct cell_run *run)
{
    return cell->phases.items[run->phase];
}

int cell_run_begins_repeat(const struct cell *cell, size_t index)
{
    const struct cell_run *run = cell_run_at(cell, index);
    if (index == 0)
        return 1;
    const struct cell_run *before = run - 1;
    return before->trace != run->trace || before->repeat != run->repeat;
}

int cell_run_begins_burst(const struct cell *cell, size_t index)
{
    const struct cell_run *run = cell_run_at(cell, index);
    uint64_t concurrency = cell->traces[run->trace].concurrency;
    if (!cell_run_begins_repeat(cell, index))
        return 0;
    return index == 0 || (run - 1)->trace != run->trace ||
           (run - 1)->repeat / concurrency != run->repeat / concurrency;
}

uint64_t cell_repeats(const struct cell *cell)
{
    uint64_t repeats = 0;
    for (size_t i = 0; i < cell->run_count; i++)
        repeats += (uint64_t)cell_run_begins_repeat(cell, i);
    return repeats;
}
