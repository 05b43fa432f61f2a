/* SPDX-License-Identifier: MIT */
/* What a reader of a row must know to trust it, as sentences. */
#include <stdlib.h>
#include <string.h>

#include "analyze/cells.h"
#include "analyze/load.h"
#include "analyze/tape_energy.h"
#include "analyze/tape_thermal.h"
#include "formats/alloc.h"
#include "formats/digest.h"
#include "formats/order.h"

#define NAMED_AT_MOST 3 /* single runs that a sentence names before it counts the rest */
#define INVALID_BITS  13

typedef unsigned long long llu;

/* How many runs the predicate holds for. */
static uint64_t count_runs(const struct cell *cell, int (*holds)(const struct cell_run *))
{
    uint64_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++)
        count += (uint64_t)holds(cell_run_at(cell, i));
    return count;
}

static int is_early(const struct cell_run *run)
{
    return cell_run_is_valid(run) && run->figures->early_stop != 0;
}

static int is_thinking(const struct cell_run *run)
{
    return run->figures->thinking_not_honoured != 0;
}

static int is_over_jump(const struct cell_run *run)
{
    return run->figures->clock_jump != 0;
}

static int is_invalid(const struct cell_run *run)
{
    return !cell_run_is_valid(run);
}

static int is_inferred(const struct cell_run *run)
{
    return run->figures->cached_inferred;
}

static int note_headline(const struct cell *cell, struct text_list *notes)
{
    int status = TT_OK;
    struct text_list named = {0};
    for (size_t i = 0; !status && i < cell->trace_count; i++) {
        size_t phase = cell->traces[i].headline;
        const char *name = phase < cell->phases.count ? cell->phases.items[phase] : HEADLINE_PHASE;
        if (strcmp(name, HEADLINE_PHASE) == 0 || text_list_find(&named, name) >= 0)
            continue;
        status = text_list_add(&named, name);
        if (!status)
            status = text_list_addf(notes, "decode and TTFT are those of phase '%s': there is no phase '%s'",
                                    name, HEADLINE_PHASE);
    }
    text_list_release(&named);
    return status;
}

static int note_origin(const struct report_row *row, struct text_list *notes)
{
    int status = TT_OK;
    if (row->synthetic)
        status = text_list_add(notes, SYNTHETIC_NOTE);
    if (!status && strcmp(row->closed, "interrupted") == 0)
        status = text_list_add(notes, "the recording was interrupted");
    if (!status && strcmp(row->closed, "repaired") == 0)
        status = text_list_add(notes, "read from a repaired trace");
    if (!status && strcmp(row->closed, "incomplete") == 0)
        status = text_list_add(notes, "the trace was not closed: only what is whole of it was read");
    return status;
}

/* "looping 4, timeout 2" */
static void put_causes(const struct cell *cell, struct buf *out)
{
    size_t start = out->len;
    for (unsigned bit = 0; bit < INVALID_BITS; bit++) {
        uint64_t count = 0;
        for (size_t i = 0; i < cell->run_count; i++)
            count += cell_run_at(cell, i)->figures->invalid >> bit & 1;
        if (count)
            buf_printf(out, "%s%s %llu", out->len > start ? ", " : "", invalid_cause_name(1u << bit),
                       (llu)count);
    }
}

/* Phases of invalid runs, in the workload's order. */
static void put_invalid_phases(const struct cell *cell, struct buf *out)
{
    unsigned named = 0, more = 0;
    for (size_t phase = 0; phase < cell->phases.count; phase++) {
        size_t i = 0;
        while (i < cell->run_count &&
               (cell_run_at(cell, i)->phase != phase || cell_run_is_valid(cell_run_at(cell, i))))
            i++;
        if (i == cell->run_count)
            continue;
        if (named < NAMED_AT_MOST)
            buf_printf(out, "%s%s", named++ ? ", " : "", cell->phases.items[phase]);
        else
            more++;
    }
    if (more)
        buf_printf(out, " and %u more", more);
}

static int note_invalid(const struct cell *cell, struct text_list *notes)
{
    uint64_t invalid = count_runs(cell, is_invalid);
    struct buf text = BUF_INIT;
    if (!invalid)
        return TT_OK;
    buf_printf(&text, "%llu of %zu runs not valid: ", (llu)invalid, cell->run_count);
    put_causes(cell, &text);
    buf_puts(&text, "; in ");
    put_invalid_phases(cell, &text);
    int status = text.failed ? text.failed : text_list_add(notes, buf_text(&text));
    buf_release(&text);
    return status;
}

static int note_early(const struct cell *cell, struct text_list *notes)
{
    uint64_t early = count_runs(cell, is_early);
    if (!early)
        return TT_OK;
    return text_list_addf(
        notes, "%llu of %zu runs stopped before half of max_tokens and are left out of the medians%s",
        (llu)early, cell->run_count, early >= ROW_EARLY_STOPS_MAX ? "; no peak and no winner's mark" : "");
}

/* Runs that had to be cold and were not, by name. */
static int note_cold(const struct cell *cell, struct text_list *notes)
{
    uint64_t more = 0;
    int status = TT_OK, named = 0;
    for (size_t i = 0; !status && i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        const struct run_figures *f = run->figures;
        if (f->cold == COLD_NOT_ASKED || f->cold == ABSENT || f->cached_state != CACHED_NUMBER ||
            f->cached_tokens <= COLD_CACHED_MAX)
            continue;
        if (named++ < NAMED_AT_MOST)
            status =
                text_list_addf(notes, "'%s' of repeat %llu was not cold (%s): %llu prompt tokens were cached",
                               cell_phase_name(cell, run), (llu)f->repeat + 1, cold_method_name(f->cold),
                               (llu)f->cached_tokens);
        else
            more++;
    }
    if (!status && more)
        status = text_list_addf(notes, "%llu more cold runs were not cold", (llu)more);
    return status;
}

static int note_marks(const struct cell *cell, struct text_list *notes)
{
    static const struct {
        int (*holds)(const struct cell_run *);
        const char *sentence;
    } marks[] = {
        {is_thinking, "runs where the engine thought although it was told not to"},
        {is_over_jump, "runs lie over a sleep or a step of the clock"},
        {is_inferred, "runs count as 0 cached tokens, which this engine version leaves out"},
    };
    int status = TT_OK;
    for (size_t i = 0; !status && i < sizeof marks / sizeof marks[0]; i++) {
        uint64_t count = count_runs(cell, marks[i].holds);
        if (count)
            status = text_list_addf(notes, "%llu of %zu %s", (llu)count, cell->run_count, marks[i].sentence);
    }
    return status;
}

static int add_new(const struct text_list *texts, struct text_list *list)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < texts->count; i++)
        status = text_list_intern(list, texts->items[i], NULL);
    return status;
}

int cell_findings(const struct cell *cell, struct text_list *findings)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < cell->trace_count; i++)
        status = add_new(&cell->traces[i].findings, findings);
    return status;
}

static int note_remarks(const struct cell *cell, struct text_list *notes)
{
    int status = cell_findings(cell, notes);
    for (size_t i = 0; !status && i < cell->trace_count; i++)
        status = add_new(&cell->traces[i].remarks, notes);
    return status;
}

static int note_losses(const struct cell *cell, struct text_list *notes)
{
    uint64_t stalls = 0, lost = 0;
    int status = TT_OK;
    for (size_t i = 0; i < cell->trace_count; i++) {
        stalls += cell->traces[i].stalls;
        lost += cell->traces[i].lost_samples;
    }
    if (stalls)
        status = text_list_addf(notes, "the recorder had to wait for its disk %llu times", (llu)stalls);
    if (!status && lost)
        status = text_list_addf(notes, "%llu sensor samples were lost", (llu)lost);
    return status;
}

static int note_workloads(const struct cell *cell, struct text_list *notes)
{
    for (size_t i = 1; i < cell->trace_count; i++) {
        if (strcmp(cell->traces[i].workload, cell->traces[0].workload) != 0)
            return text_list_addf(notes, "traces of different workloads are pooled: %s and %s",
                                  cell->traces[0].workload, cell->traces[i].workload);
    }
    return TT_OK;
}

static int any_is_masked(const struct cell *cell)
{
    for (size_t i = 0; i < cell->trace_count; i++) {
        if (cell->traces[i].is_masked)
            return 1;
    }
    return 0;
}

static int note_masked(const struct cell *cell, struct text_list *notes)
{
    return any_is_masked(cell) ? text_list_add(notes, MASKED_NOTE) : TT_OK;
}

/* Without sampling the repeats of a phase are one text, so ten repeats are not ten proofs. */
static int note_texts(const struct cell *cell, struct text_list *notes)
{
    size_t count = 0, distinct = 0;
    uint64_t *hashes = mem_alloc((cell->run_count + 1) * sizeof *hashes);
    if (!hashes)
        return TT_NOMEM;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct run_figures *f = cell_run_at(cell, i)->figures;
        if (!f->invalid && f->text_sha256[0])
            hashes[count++] = xxh64_of(f->text_sha256, strlen(f->text_sha256));
    }
    if (count)
        qsort(hashes, count, sizeof *hashes, compare_u64);
    for (size_t i = 0; i < count; i++)
        distinct += i == 0 || hashes[i - 1] != hashes[i];
    mem_free(hashes);
    if (distinct == count)
        return TT_OK;
    int is_bound = cell->trace_count > 1 && any_is_masked(cell); /* each masked trace has a key of its own */
    return text_list_addf(
        notes, "%zu valid runs gave %s%zu different text%s: validity and acceptance rest on %s", count,
        is_bound ? "at most " : "", distinct, distinct == 1 ? "" : "s", distinct == 1 ? "that" : "those");
}

/* "5 throttle events", "level 2 (heavy)" */
static int note_heat(const struct cell *cell, struct text_list *notes)
{
    const struct run_figures *worst = NULL;
    uint64_t hot = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct run_figures *f = cell_run_at(cell, i)->figures;
        if (f->thermal_max == ABSENT || f->thermal_max == 0)
            continue;
        hot++;
        worst = worst && worst->thermal_max >= f->thermal_max ? worst : f;
    }
    if (!worst)
        return TT_OK;
    if (worst->thermal_is_level)
        return text_list_addf(notes, "%llu of %zu runs under thermal pressure, up to level %llu (%s)",
                              (llu)hot, cell->run_count, (llu)worst->thermal_max,
                              thermal_level_name(worst->thermal_max));
    return text_list_addf(notes, "the processor throttled in %llu of %zu runs, up to %llu times in one",
                          (llu)hot, cell->run_count, (llu)worst->thermal_max);
}

/* Runs that the row's energy figures are made of, without any; `reason` NULL counts them all. */
static uint64_t count_without_energy(const struct cell *cell, const char *reason)
{
    uint64_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        const char *own = run->figures->energy.reason;
        if (cell_run_is_base(run) && cell_run_is_headline(cell, run))
            count += (uint64_t)(!reason || (own && strcmp(own, reason) == 0));
    }
    return count;
}

/* A trace that no power was recorded for has no rails, and needs no sentence. */
static int note_energy(const struct cell *cell, struct text_list *notes)
{
    struct text_list told = {0};
    int status = TT_OK;
    for (size_t i = 0; !status && i < cell->run_count; i++) {
        const char *reason = cell_run_at(cell, i)->figures->energy.reason;
        if (!reason || strcmp(reason, ENERGY_UNRECORDED) == 0 || text_list_find(&told, reason) >= 0)
            continue;
        uint64_t count = count_without_energy(cell, reason);
        status = text_list_add(&told, reason);
        if (!status && count)
            status = text_list_addf(notes, "no energy figure for %llu of %llu runs: %s", (llu)count,
                                    (llu)count_without_energy(cell, NULL), reason);
    }
    text_list_release(&told);
    return status;
}

int cell_notes(const struct cell *cell, struct report_row *row)
{
    struct text_list *notes = &row->notes;
    int status = cell_findings(cell, &row->findings);
    if (!status)
        status = note_origin(row, notes);
    if (!status)
        status = note_headline(cell, notes);
    if (!status)
        status = load_note(cell, notes);
    if (!status)
        status = note_invalid(cell, notes);
    if (!status)
        status = note_early(cell, notes);
    if (!status)
        status = note_cold(cell, notes);
    if (!status)
        status = note_marks(cell, notes);
    if (!status && row->figures[METRIC_DECODE].grade == GRADE_C)
        status =
            text_list_add(notes, "decode is an estimate: few tokens, or their number is not the server's");
    if (!status)
        status = note_heat(cell, notes);
    if (!status)
        status = note_energy(cell, notes);
    if (!status)
        status = note_masked(cell, notes);
    if (!status)
        status = note_texts(cell, notes);
    if (!status)
        status = note_workloads(cell, notes);
    if (!status)
        status = note_remarks(cell, notes);
    return status ? status : note_losses(cell, notes);
}
