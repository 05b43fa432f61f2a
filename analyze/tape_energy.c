/* SPDX-License-Identifier: MIT */
#include "analyze/tape_energy.h"

#include <math.h>
#include <string.h>

#include "analyze/tape_stamps.h"
#include "formats/alloc.h"

#define RAILS_MAX 64

/* The chosen rails, borrowed from their series. */
struct rails {
    struct energy_rail *rails[RAILS_MAX];
    int is_optional[RAILS_MAX];
    size_t count;
};

/* A window over all of them. */
struct total {
    double joules, uncertainty;
    unsigned codes;
};

int tape_is_rail(const struct tape_series *s)
{
    int is_known = s->row.rail != ABSENT && s->row.rail != RAIL_OTHER && !isnan(energy_unit(s->unit));
    return is_known && (s->row.kind == SERIES_ENERGY || s->row.kind == SERIES_POWER);
}

static int is_power_of_any(const struct tape_series *s)
{
    return tape_is_rail(s) && s->count > 0;
}

static int is_power(const struct tape_series *s)
{
    return s->row.scope == SCOPE_ENGINE && is_power_of_any(s);
}

/* Why there are no rails to add up. */
static const char *reason_without_rails(const struct tape *tape)
{
    for (size_t i = 0; i < tape->series_count; i++) {
        if (is_power_of_any(&tape->series[i]))
            return ENERGY_ELSEWHERE;
    }
    return ENERGY_UNRECORDED;
}

/* A counter that never changed says nothing. */
static int is_frozen(const struct tape_series *s)
{
    return s->row.kind == SERIES_ENERGY && !s->rail.has_moved;
}

/* Of two series that feed the same thing, the better one. */
static int is_better(const struct tape_series *a, const struct tape_series *b)
{
    if (is_frozen(a) != is_frozen(b))
        return is_frozen(b);
    return a->row.kind == SERIES_ENERGY && b->row.kind != SERIES_ENERGY;
}

/* The source that speaks for a kind of rail: the first with a counter that is not frozen, else with power,
 * else the first. */
static const struct tape_series *speaker(const struct tape *tape, uint64_t rail)
{
    const struct tape_series *best = NULL;
    for (size_t i = 0; i < tape->series_count; i++) {
        const struct tape_series *s = &tape->series[i];
        if (is_power(s) && s->row.rail == rail && (!best || is_better(s, best)))
            best = s;
    }
    return best;
}

static int same_origin(const struct tape_series *a, const struct tape_series *b)
{
    return *a->origin && strcmp(a->source, b->source) == 0 && strcmp(a->origin, b->origin) == 0;
}

static int is_there(const struct tape *tape, const size_t *chosen, size_t count, const struct tape_series *s)
{
    for (size_t i = 0; i < count; i++) {
        if (same_origin(&tape->series[chosen[i]], s))
            return 1;
    }
    return 0;
}

static size_t add_rails(const struct tape *tape, uint64_t rail, size_t *chosen, size_t count, size_t max)
{
    const struct tape_series *best = speaker(tape, rail);
    for (size_t i = 0; best && i < tape->series_count && count < max; i++) {
        const struct tape_series *s = &tape->series[i];
        if (is_power(s) && s->row.rail == rail && s->row.kind == best->row.kind &&
            strcmp(s->source, best->source) == 0 && !is_there(tape, chosen, count, s))
            chosen[count++] = i;
    }
    return count;
}

size_t tape_choose_rails(const struct tape *tape, size_t *chosen, size_t max)
{
    static const uint64_t parts[] = {RAIL_CPU, RAIL_GPU, RAIL_ANE};
    static const uint64_t others[] = {RAIL_DRAM, RAIL_FABRIC, RAIL_BOARD};
    size_t count = add_rails(tape, RAIL_PACKAGE, chosen, 0, max);
    for (size_t i = 0, whole = count; !whole && i < sizeof parts / sizeof parts[0]; i++)
        count = add_rails(tape, parts[i], chosen, count, max);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        count = add_rails(tape, others[i], chosen, count, max);
    return count ? count : add_rails(tape, RAIL_MACHINE, chosen, 0, max);
}

static int name_rail(struct tape *tape, const struct tape_series *s, int is_dead)
{
    return text_list_addf(&tape->power_rails, "%s %s%s", s->source, s->name, is_dead ? " (frozen)" : "");
}

static int find_rails(struct tape *tape, struct rails *rails)
{
    size_t chosen[RAILS_MAX], count = tape_choose_rails(tape, chosen, RAILS_MAX);
    int status = TT_OK;
    for (size_t i = 0; !status && i < count; i++) {
        struct tape_series *s = &tape->series[chosen[i]];
        rails->rails[i] = stamped_rail_best(&s->rail);
        rails->is_optional[i] = s->row.rail == RAIL_ANE;
        rails->count = i + 1;
        energy_rail_finish(rails->rails[i]);
        status = name_rail(tape, s, rails->rails[i]->codes & ENERGY_FROZEN && !rails->is_optional[i]);
    }
    return status;
}

/* The sum, or NAN with the codes that say why not. A gauge's uncertainty is not known, and so is the sum's.
 */
static struct total sum_rails(const struct rails *rails, double from, double to)
{
    struct total total = {rails->count ? 0 : NAN, 0, 0};
    for (size_t i = 0; i < rails->count; i++) {
        struct energy_window window;
        energy_rail_window(rails->rails[i], from, to, &window);
        if (rails->is_optional[i] && isnan(window.joules))
            continue;
        total.joules += window.joules;
        total.uncertainty += window.uncertainty;
        total.codes |= window.codes;
    }
    return total;
}

#define GRADE_A_SHARE 0.02
#define GRADE_B_SHARE 0.10
#define GRADE_C_SHARE 0.25

/* More uncertain than a quarter is no figure. */
static enum grade grade_of(const struct total *total)
{
    double share = total->uncertainty / total->joules;
    if (isnan(total->joules))
        return GRADE_NONE;
    if (isnan(share))
        return total->codes & ENERGY_HAS_GAP ? GRADE_C : GRADE_B;
    return share <= GRADE_A_SHARE   ? GRADE_A
           : share <= GRADE_B_SHARE ? GRADE_B
           : share <= GRADE_C_SHARE ? GRADE_C
                                    : GRADE_NONE;
}

static struct total window_of(const struct tape *tape, const struct rails *rails, uint64_t from, uint64_t to)
{
    struct total none = {NAN, NAN, ENERGY_NOT_COVERED};
    if (from == ABSENT || to == ABSENT || from >= to)
        return none;
    struct total total = sum_rails(rails, tape_seconds(tape, from), tape_seconds(tape, to));
    if (!isnan(total.joules) && grade_of(&total) == GRADE_NONE)
        total = (struct total){NAN, NAN, ENERGY_TOO_SHORT};
    return total;
}

static void fill_decode(const struct tape *tape, const struct rails *rails, struct run_figures *run)
{
    struct total decode = window_of(tape, rails, run->t_first_token, run->t_last_token);
    struct energy_figures *f = &run->energy;
    f->decode_j = decode.joules;
    f->decode_u_j = decode.uncertainty;
    f->grade = grade_of(&decode);
    f->reason = !isnan(decode.joules)          ? NULL
                : !(run->decode_window_ms > 0) ? "no decode window"
                                               : energy_reason(decode.codes);
    f->soc_w = decode.joules / (run->decode_window_ms / 1e3);
    f->soc_w_net = f->soc_w - tape->idle_w;
    if (run->decode_tokens != ABSENT && run->decode_tokens > 0)
        f->j_per_token = decode.joules / (double)run->decode_tokens;
}

/* Energy over all idle windows that have a figure, by their length. */
static double idle_power(const struct tape *tape, const struct rails *rails)
{
    double joules = 0, length = 0;
    for (size_t i = 0; i < tape->idle_count; i++) {
        const struct tape_window *idle = &tape->idle[i];
        struct total total = window_of(tape, rails, idle->from, idle->to);
        if (isnan(total.joules))
            continue;
        joules += total.joules;
        length += tape_ns(tape, idle->to - idle->from) / 1e9;
    }
    return length > 0 ? joules / length : NAN;
}

static void fill_burst(const struct tape *tape, const struct rails *rails, struct tape_burst *burst)
{
    struct total total = window_of(tape, rails, burst->from, burst->to);
    burst->joules = total.joules;
    burst->uncertainty = total.uncertainty;
    burst->grade = grade_of(&total);
}

int tape_energy(struct tape *tape, struct error *e)
{
    struct rails *rails = mem_zalloc(1, sizeof *rails);
    int status = rails ? find_rails(tape, rails) : TT_NOMEM;
    const char *without = reason_without_rails(tape);
    tape->idle_w = status ? NAN : idle_power(tape, rails);
    for (size_t i = 0; !status && i < tape->run_count; i++) {
        struct run_figures *run = tape_run_at(tape, i);
        if (run->is_given)
            continue;
        run->energy = ENERGY_UNKNOWN;
        run->energy.reason = rails->count ? NULL : without;
        if (!rails->count)
            continue;
        if (run->is_beside_others) {
            run->energy.reason = ENERGY_SHARED;
            continue;
        }
        fill_decode(tape, rails, run);
        run->energy.prefill_j = window_of(tape, rails, run->t_zero, run->t_first_token).joules;
        run->energy.run_j = window_of(tape, rails, run->t_zero, run->t_close).joules;
    }
    for (size_t i = 0; !status && rails->count && i < tape->burst_count; i++)
        fill_burst(tape, rails, &tape->bursts[i]);
    mem_free(rails);
    return status ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}
