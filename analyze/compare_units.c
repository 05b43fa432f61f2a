/* SPDX-License-Identifier: MIT */
#include "analyze/compare_units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/statistics.h"
#include "formats/alloc.h"

/* ---- units ---- */

struct moment {
    double time; /* ns since 1970; NAN */
    size_t unit;
};

static int begins_unit(const struct cell *cell, size_t i, int unit_is_trace)
{
    if (!unit_is_trace)
        return cell_run_begins_burst(cell, i);
    return i == 0 || cell_run_at(cell, i)->trace != cell_run_at(cell, i - 1)->trace;
}

static size_t count_units(const struct cell *cell, int unit_is_trace)
{
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++)
        count += (size_t)begins_unit(cell, i, unit_is_trace);
    return count;
}

/* Returns whether the engine was restarted before each unit. */
static int number_units(struct compare_table *t, const struct compare_side *side, int which, size_t first,
                        struct moment *moments)
{
    const struct cell *cell = &side->cell;
    size_t unit = first;
    int restarted = 1;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct run_figures *f = cell_run_at(cell, i)->figures;
        if (begins_unit(cell, i, t->unit_is_trace)) {
            t->units[unit] = (struct effect_unit){which, (double)(unit - first)};
            moments[unit] =
                (struct moment){side->origins[cell_run_at(cell, i)->trace] + f->start_s * 1e9, unit};
            restarted &= f->cold == COLD_RESTART;
            unit++;
        }
        t->unit_of[which][i] = unit - 1;
    }
    return restarted;
}

static int compare_moments(const void *a, const void *b)
{
    const struct moment *x = a, *y = b;
    int order = order_doubles(x->time, y->time);
    return order ? order : (x->unit > y->unit) - (x->unit < y->unit);
}

/* Where the sides took turns, a unit's place is that among all of them. Where one side was over before the
 * other began, only the place within a side tells of drift: between the sides it cannot be told from the
 * difference that is looked for. */
static void place_units(struct compare_table *t, size_t base_count, struct moment *moments)
{
    int turns = 0, before = 0;
    for (size_t i = 0; i < t->unit_count; i++) {
        if (isnan(moments[i].time))
            return;
    }
    qsort(moments, t->unit_count, sizeof *moments, compare_moments);
    for (size_t i = 0; i < t->unit_count; i++) {
        int is_new = moments[i].unit >= base_count;
        turns += i && is_new != before;
        before = is_new;
    }
    for (size_t i = 0, n[SIDES] = {0, 0}; i < t->unit_count; i++) {
        struct effect_unit *unit = &t->units[moments[i].unit];
        unit->position = turns > 1 ? (double)i : (double)n[unit->side];
        n[unit->side]++;
    }
}

static int has_bursts(const struct cell *cell)
{
    for (size_t i = 0; i < cell->trace_count; i++) {
        if (cell->traces[i].concurrency > 1)
            return 1;
    }
    return 0;
}

const char *compare_unit_name(const struct compare_table *t)
{
    return t->unit_is_trace ? "trace" : t->has_bursts ? "burst" : "repeat";
}

int compare_units_make(struct compare_table *t, const struct compare_side sides[SIDES])
{
    t->unit_is_trace =
        sides[0].cell.trace_count >= COMPARE_TRACES_MIN && sides[1].cell.trace_count >= COMPARE_TRACES_MIN;
    t->has_bursts = has_bursts(&sides[0].cell) || has_bursts(&sides[1].cell);
    size_t base = count_units(&sides[0].cell, t->unit_is_trace);
    t->unit_count = base + count_units(&sides[1].cell, t->unit_is_trace);
    t->units = mem_zalloc(t->unit_count + 1, sizeof *t->units);
    struct moment *moments = mem_zalloc(t->unit_count + 1, sizeof *moments);
    for (int side = 0; side < SIDES; side++)
        t->unit_of[side] = mem_zalloc(sides[side].cell.run_count + 1, sizeof *t->unit_of[side]);
    int status = t->units && moments && t->unit_of[0] && t->unit_of[1] ? TT_OK : TT_NOMEM;
    if (!status) {
        int restarted = number_units(t, &sides[0], 0, 0, moments);
        restarted &= number_units(t, &sides[1], 1, base, moments);
        t->settings.within_session = !t->unit_is_trace && !restarted;
        place_units(t, base, moments);
    }
    mem_free(moments);
    return status;
}

/* ---- values ---- */

/* A rate over so few tokens is an estimate. */
#define DECODE_TOKENS_MIN 32

static double sure_decode(const struct cell_run *run)
{
    return run->figures->decode_tokens + 1 < DECODE_TOKENS_MIN ? NAN : run_decode(run);
}

cell_value *compare_value(enum compare_id id)
{
    static cell_value *const values[COMPARE_COUNT] = {
        [COMPARE_DECODE] = sure_decode,
        [COMPARE_DECODE_50K] = sure_decode,
        [COMPARE_PREFILL] = run_prefill,
        [COMPARE_TTFT] = run_ttft,
        [COMPARE_J_PER_TOKEN] = run_j_per_token,
        [COMPARE_PEAK_RSS] = run_rss,
        [COMPARE_STEP] = run_step,
        [COMPARE_STEP_50K] = run_step,
        [COMPARE_TOKENS_PER_STEP] = run_tokens_per_step,
        [COMPARE_ACCEPTANCE] = run_acceptance,
        [COMPARE_REUSE] = run_reuse,
        [COMPARE_SOC_W] = run_soc_w,
    };
    return values[id];
}

int compare_in_phases(const struct cell *cell, const struct cell_run *run, const struct text_list *phases)
{
    return text_list_find(phases, cell_phase_name(cell, run)) >= 0;
}

/* Sums over the runs of one unit in one phase, or their largest value. */
struct tally {
    double sum;
    size_t count;
};

static void add_value(struct tally *tally, double value, int takes_largest)
{
    if (!takes_largest || !tally->count || value > tally->sum)
        tally->sum = takes_largest ? value : tally->sum + value;
    tally->count = takes_largest ? 1 : tally->count + 1;
}

/* `phase` NULL: the runs of all phases. */
static void tally_phase(const struct compare_runs *runs, const struct compare_source *source,
                        const char *phase, struct tally *tallies)
{
    memset(tallies, 0, runs->unit_count * sizeof *tallies);
    for (size_t side = 0; side < runs->sides; side++) {
        const struct cell *cell = runs->cells[side];
        for (size_t i = 0; i < cell->run_count; i++) {
            const struct cell_run *run = cell_run_at(cell, i);
            if (phase && strcmp(cell_phase_name(cell, run), phase) != 0)
                continue;
            double value = cell_run_is_valid(run) ? log(source->value(run)) : NAN;
            if (isfinite(value))
                add_value(&tallies[runs->unit_of[side][i]], value, source->takes_largest);
        }
    }
}

/* Means of the sides' units; 0 when a side has none. */
static int centre_of(const struct compare_runs *runs, const struct tally *tallies, const int *side_of,
                     double *centre)
{
    double sums[SIDES] = {0, 0};
    size_t counts[SIDES] = {0, 0};
    for (size_t u = 0; u < runs->unit_count; u++) {
        if (!tallies[u].count)
            continue;
        sums[side_of[u]] += tallies[u].sum / (double)tallies[u].count;
        counts[side_of[u]]++;
    }
    *centre = 0;
    for (size_t side = 0; side < runs->sides; side++) {
        if (!counts[side])
            return 0;
        *centre += sums[side] / (double)counts[side] / (double)runs->sides;
    }
    return 1;
}

/* Adds one phase to the sums in `values`; the number of a unit's phases goes to `seen`. */
static int add_phase(const struct compare_runs *runs, const struct tally *tallies, const int *side_of,
                     double *values, size_t *seen)
{
    double centre;
    if (!centre_of(runs, tallies, side_of, &centre))
        return 0;
    for (size_t u = 0; u < runs->unit_count; u++) {
        if (!tallies[u].count)
            continue;
        values[u] += tallies[u].sum / (double)tallies[u].count - centre;
        seen[u]++;
    }
    return 1;
}

static void find_sides(const struct compare_runs *runs, int *side_of)
{
    for (size_t side = 0; side < runs->sides; side++) {
        for (size_t i = 0; i < runs->cells[side]->run_count; i++)
            side_of[runs->unit_of[side][i]] = (int)side;
    }
}

static void finish_values(const struct compare_runs *runs, const int *side_of, size_t phases, double *values,
                          const size_t *seen, size_t dropped[SIDES])
{
    dropped[0] = dropped[1] = 0;
    for (size_t u = 0; u < runs->unit_count; u++) {
        int is_dropped = !seen[u] || 2 * seen[u] < phases;
        values[u] = is_dropped ? NAN : values[u] / (double)seen[u];
        dropped[side_of[u]] += (size_t)(is_dropped && phases);
    }
}

struct work {
    struct tally *tallies;
    size_t *seen;
    int *side_of;
};

static void add_phases(const struct compare_runs *runs, const struct compare_source *source,
                       const struct work *w, double *values, size_t dropped[SIDES])
{
    size_t phases = 0;
    find_sides(runs, w->side_of);
    if (source->takes_largest) {
        tally_phase(runs, source, NULL, w->tallies);
        phases = (size_t)add_phase(runs, w->tallies, w->side_of, values, w->seen);
    }
    for (size_t i = 0; !source->takes_largest && i < source->phases->count; i++) {
        tally_phase(runs, source, source->phases->items[i], w->tallies);
        phases += (size_t)add_phase(runs, w->tallies, w->side_of, values, w->seen);
    }
    finish_values(runs, w->side_of, phases, values, w->seen, dropped);
}

int compare_unit_values(const struct compare_runs *runs, const struct compare_source *source, double *values,
                        size_t dropped[SIDES])
{
    struct work w = {mem_zalloc(runs->unit_count + 1, sizeof *w.tallies),
                     mem_zalloc(runs->unit_count + 1, sizeof *w.seen),
                     mem_zalloc(runs->unit_count + 1, sizeof *w.side_of)};
    int status = w.tallies && w.seen && w.side_of ? TT_OK : TT_NOMEM;
    for (size_t u = 0; u < runs->unit_count; u++)
        values[u] = 0;
    if (!status)
        add_phases(runs, source, &w, values, dropped);
    mem_free(w.tallies);
    mem_free(w.seen);
    mem_free(w.side_of);
    return status;
}

/* ---- the runs themselves ---- */

static int has_value(const struct cell *cell, const struct compare_source *source, const char *phase)
{
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        if (cell_run_is_valid(run) && !isnan(source->value(run)) &&
            strcmp(cell_phase_name(cell, run), phase) == 0)
            return 1;
    }
    return 0;
}

int compare_usable_phases(const struct compare_runs *runs, const struct compare_source *source,
                          struct text_list *usable)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < source->phases->count; i++) {
        const char *phase = source->phases->items[i];
        size_t sides = 0;
        for (size_t side = 0; side < runs->sides; side++)
            sides += (size_t)has_value(runs->cells[side], source, phase);
        if (sides == runs->sides)
            status = text_list_add(usable, phase);
    }
    return status;
}

static size_t collect(const struct cell *cell, const struct compare_source *source, double *values)
{
    size_t count = 0;
    for (size_t i = 0; i < cell->run_count; i++) {
        const struct cell_run *run = cell_run_at(cell, i);
        double value = cell_run_is_valid(run) ? source->value(run) : NAN;
        if (!isnan(value) && (source->takes_largest || compare_in_phases(cell, run, source->phases)))
            values[count++] = value;
    }
    return count;
}

/* Whether a side's units all have the same value, phase by phase. */
static int is_constant(const struct comparison *c, const struct compare_runs *runs, size_t side)
{
    double low = NAN, high = NAN;
    for (size_t i = 0; i < runs->cells[side]->run_count; i++) {
        double value = c->values[runs->unit_of[side][i]];
        low = value > low ? low : isnan(value) ? low : value;
        high = value < high ? high : isnan(value) ? high : value;
    }
    return high - low <= COMPARE_SAME;
}

static double plain_shift(double base, double new_value)
{
    if (fabs(new_value - base) <= COMPARE_SAME * fabs(base))
        return 0;
    return base > 0 ? new_value / base - 1 : NAN;
}

int compare_run_values(const struct compare_runs *runs, const struct compare_source *source,
                       struct comparison *c)
{
    int zeros[SIDES] = {0, 0}, others = 0;
    for (size_t side = 0; side < runs->sides; side++) {
        double *values = mem_alloc((runs->cells[side]->run_count + 1) * sizeof *values);
        if (!values)
            return TT_NOMEM;
        size_t count = collect(runs->cells[side], source, values);
        for (size_t i = 0; i < count; i++) {
            zeros[side] |= values[i] <= 0;
            others |= values[i] > 0;
        }
        c->median[side] = stats_median(values, count);
        mem_free(values);
    }
    c->is_untestable = (zeros[0] || zeros[1]) && others;
    int all_zero = zeros[0] && zeros[1] && !others;
    c->is_constant = all_zero || (!c->is_untestable && is_constant(c, runs, 0) && is_constant(c, runs, 1));
    c->plain_shift = plain_shift(c->median[0], c->median[1]);
    return TT_OK;
}
