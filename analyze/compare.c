/* SPDX-License-Identifier: MIT */
#include "analyze/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/student.h"
#include "formats/alloc.h"
#include "formats/error.h"

#define GIB     1073741824.0
#define PERCENT 0.01

static const struct compare_metric metrics[COMPARE_COUNT] = {
    [COMPARE_DECODE] = {"decode_tok_s", "decode tok/s", "decode", 1, "faster", "slower", 1},
    [COMPARE_DECODE_50K] = {"decode_50k_tok_s", "50K tok/s", "decode-50k", 1, "faster", "slower", 1},
    [COMPARE_PREFILL] = {"prefill_tok_s", "prefill tok/s", "prefill", 1, "faster", "slower", 1},
    [COMPARE_TTFT] = {"ttft_ms", "cached TTFT ms", "ttft", 0, "faster", "slower", 1},
    [COMPARE_J_PER_TOKEN] = {"j_per_token", "J/token", "j-per-token", 0, "less", "more", 1},
    [COMPARE_PEAK_RSS] = {"peak_rss_bytes", "RAM GiB", "ram", 0, "less", "more", GIB},
    [COMPARE_STEP] = {"step_ms", "step ms", "step", 0, "faster", "slower", 1},
    [COMPARE_STEP_50K] = {"step_50k_ms", "50K step ms", "step-50k", 0, "faster", "slower", 1},
    [COMPARE_TOKENS_PER_STEP] = {"tokens_per_step", "tokens/step", "tokens-per-step", 1, "more", "fewer", 1},
    [COMPARE_ACCEPTANCE] = {"acceptance", "acceptance %", "acceptance", 1, "more", "less", PERCENT},
    [COMPARE_DEPTH] = {"depth", "50K/decode %", "depth", 1, "more", "less", PERCENT},
    [COMPARE_REUSE] = {"prefix_reuse", "reuse %", "reuse", 1, "more", "less", PERCENT},
    [COMPARE_SOC_W] = {"soc_w", "SoC W", "soc-w", 0, "less", "more", 1},
};

const struct compare_metric *compare_metric(enum compare_id id)
{
    return &metrics[id];
}

static int is_word(const char *word, const char *text, size_t len)
{
    return strlen(word) == len && strncmp(word, text, len) == 0;
}

enum compare_id compare_find(const char *name, size_t len)
{
    int i = 0;
    while (i < COMPARE_COUNT && !is_word(metrics[i].name, name, len) &&
           !is_word(metrics[i].short_name, name, len))
        i++;
    return (enum compare_id)i;
}

static int has_enough_units(const struct comparison *c)
{
    return c->effect.n[0] >= EFFECT_UNITS_MIN && c->effect.n[1] >= EFFECT_UNITS_MIN;
}

static void measure(struct comparison *c, const struct effect_unit *units, size_t count,
                    const struct compare_settings *settings)
{
    c->effect = effect_fit(units, c->values, count);
    if (c->is_constant && !isnan(c->effect.d))
        c->plain_shift = fabs(c->effect.d) < COMPARE_SAME ? 0 : exp(c->effect.d) - 1;
    c->shift = c->is_untestable || c->is_constant ? c->plain_shift : exp(c->effect.d) - 1;
    c->low = c->high = c->p = c->p_adjusted = NAN;
    c->significant = c->equivalent = 0;
    c->more_repeats = 0;
    c->verdict = VERDICT_NONE;
    if (c->is_untestable || c->is_constant || !has_enough_units(c))
        return;
    if (settings->within_session && !isnan(c->session_sd))
        effect_add_session(&c->effect, c->session_sd, c->session_df);
    double half = effect_half_width(&c->effect, COMPARE_LEVEL);
    c->low = exp(c->effect.d - half) - 1;
    c->high = exp(c->effect.d + half) - 1;
    c->p = effect_p(&c->effect);
    c->equivalent = effect_is_within(&c->effect, settings->margin);
}

static enum verdict better_or_worse(const struct comparison *c)
{
    return (c->effect.d > 0) == metrics[c->id].more_is_better ? VERDICT_FASTER : VERDICT_SLOWER;
}

/* What needs no test. VERDICT_NONE when only a test can tell. */
static enum verdict untested(const struct comparison *c)
{
    if (c->is_constant && isnan(c->effect.d)) /* zeros, which have no logarithm */
        return VERDICT_EQUAL;
    if (!has_enough_units(c) || c->is_untestable)
        return VERDICT_INCONCLUSIVE;
    if (c->is_constant)
        return c->plain_shift > 0 || c->plain_shift < 0 ? VERDICT_CHANGED : VERDICT_EQUAL;
    return VERDICT_NONE;
}

static void decide(struct comparison *c, const struct compare_settings *settings)
{
    c->significant = c->p_adjusted <= COMPARE_ALPHA;
    c->verdict = untested(c);
    if (c->verdict)
        return;
    if (c->equivalent)
        c->verdict = VERDICT_EQUIVALENT;
    else if (c->significant)
        c->verdict = better_or_worse(c);
    else {
        c->verdict = VERDICT_INCONCLUSIVE;
        c->more_repeats = effect_repeats_needed(&c->effect, settings->margin);
    }
}

/* Room for one family of hypotheses. */
struct family {
    double *p, *weights, *adjusted;
    size_t *members, count;
};

static void collect(struct family *f, const struct comparison *items, size_t count, size_t parent)
{
    f->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (items[i].parent != parent || isnan(items[i].p) || !(items[i].weight > 0))
            continue;
        f->p[f->count] = items[i].p;
        f->weights[f->count] = items[i].weight;
        f->members[f->count++] = i;
    }
}

/* No child is surer than what it explains: p is at least `least`. */
static void judge_family(struct family *f, struct comparison *items, size_t count, size_t parent,
                         double least, const struct compare_settings *settings)
{
    collect(f, items, count, parent);
    holm_adjust(f->p, f->weights, f->adjusted, f->count);
    for (size_t i = 0; i < f->count; i++)
        items[f->members[i]].p_adjusted = fmax(f->adjusted[i], least);
    for (size_t i = 0; i < count; i++) {
        if (items[i].parent == parent && items[i].texts_equal != 1 && items[i].weight <= 0)
            items[i].verdict = VERDICT_TEXT_DIFFERS;
        else if (items[i].parent == parent)
            decide(&items[i], settings);
    }
}

/* Children of what is not called faster or slower are shown, not tested; what never varies needs no test. */
static void leave_untested(struct comparison *items, size_t count, size_t parent)
{
    for (size_t i = 0; i < count; i++) {
        if (items[i].parent != parent)
            continue;
        enum verdict verdict = untested(&items[i]);
        items[i].verdict = verdict == VERDICT_EQUAL || verdict == VERDICT_CHANGED ? verdict : VERDICT_NONE;
    }
}

int compare_judge(struct comparison *items, size_t count, const struct effect_unit *units, size_t unit_count,
                  const struct compare_settings *settings)
{
    double *room = mem_alloc((3 * count + 1) * sizeof *room);
    size_t *members = mem_alloc((count + 1) * sizeof *members);
    struct family family = {0};
    int status = room && members ? TT_OK : TT_NOMEM;
    if (!status)
        family = (struct family){room, room + count, room + 2 * count, members, 0};
    for (size_t i = 0; !status && i < count; i++)
        measure(&items[i], units, unit_count, settings);
    if (!status)
        judge_family(&family, items, count, COMPARE_HEADLINE, 0, settings);
    for (size_t i = 0; !status && i < count; i++) {
        if (items[i].parent != COMPARE_HEADLINE)
            continue;
        if (items[i].verdict == VERDICT_FASTER || items[i].verdict == VERDICT_SLOWER)
            judge_family(&family, items, count, i, items[i].p_adjusted, settings);
        else
            leave_untested(items, count, i);
    }
    mem_free(room);
    mem_free(members);
    return status;
}

int compare_is_one_session(const struct comparison *c, const struct compare_settings *settings)
{
    return settings->within_session && isnan(c->session_sd);
}

const char *compare_verdict_text(const struct comparison *c, const struct compare_settings *settings,
                                 char room[80])
{
    static const char *const words[] = {
        [VERDICT_NONE] = NULL,        [VERDICT_EQUIVALENT] = "equivalent",     [VERDICT_FASTER] = "faster",
        [VERDICT_SLOWER] = "slower",  [VERDICT_INCONCLUSIVE] = "inconclusive", [VERDICT_EQUAL] = "equal",
        [VERDICT_CHANGED] = "changed"};
    int is_claim = c->verdict == VERDICT_FASTER || c->verdict == VERDICT_SLOWER;
    if (c->verdict == VERDICT_TEXT_DIFFERS && c->texts_equal < 0)
        return "texts cannot be compared";
    if (c->verdict == VERDICT_TEXT_DIFFERS) {
        snprintf(room, 80, "text differs in %llu of %llu runs", (unsigned long long)c->texts_differing,
                 (unsigned long long)c->texts_compared);
        return room;
    }
    if (!is_claim || !compare_is_one_session(c, settings))
        return words[c->verdict];
    snprintf(room, 80, "%s (one session each)", words[c->verdict]);
    return room;
}
