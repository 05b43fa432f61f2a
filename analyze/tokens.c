/* SPDX-License-Identifier: MIT */
#include "analyze/tokens.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"

#define COUNT_MAX ((uint64_t)UINT32_MAX) /* no answer is longer; keeps every product below 2^64 */

/* N, best source first. Frames are a poor count: one may carry several tokens, and silent tokens have none.
 */
static void choose_total(struct token_split *s, const struct answer *a)
{
    s->grade = GRADE_A;
    s->total = a->usage.completion_tokens;
    if (s->total == ABSENT)
        s->total = a->timings.predicted_n;
    if (s->total == ABSENT && a->count_kind == COUNT_IDS && !a->count_broken)
        s->total = a->ids_counted;
    if (s->total == ABSENT) {
        s->total = a->visible_frames;
        s->grade = GRADE_C;
    }
    if (s->total > COUNT_MAX)
        s->total = COUNT_MAX;
}

static enum token_source counted_source(const struct answer *a)
{
    static const enum token_source sources[] = {TOKENS_EVEN_SPLIT, TOKENS_FROM_TIMINGS, TOKENS_FROM_USAGE,
                                                TOKENS_FROM_IDS, TOKENS_FROM_TOKENISER};
    return a->count_broken ? TOKENS_EVEN_SPLIT : sources[a->count_kind];
}

/* Without counts, more tokens than frames but fewer than two each means that an engine of one token per frame
 * kept some silent, and the last of them came with the finish frame. With two or more the frames simply carry
 * several. A stop or a tool call ends with a silent token in any case. */
static uint64_t uncounted_tail(const struct token_split *s, const struct answer *a)
{
    if (a->t_finish == ABSENT || a->t_tail == ABSENT || a->finish_has_text || s->total <= s->frames)
        return 0;
    return !answer_ended_at_limit(a) || s->total < 2 * s->frames;
}

/* One step of the engine, in milliseconds: a token, or a speculative burst. */
static double server_step_ms(const struct token_split *s, const struct chat_timings *t)
{
    uint64_t gaps = s->total - 1, accepted = t->draft_n_accepted;
    return t->predicted_ms / (double)(accepted < gaps ? gaps - accepted : gaps);
}

/* Silent tokens before the first text (a tag, the head of a tool call) are not in our window, but the
 * server's clock ran through them: the difference of both windows says how many they were. One step more or
 * less is how late a first frame may be, and half a per cent is nothing: those are left alone. */
static uint64_t lead_by_time(const struct token_split *s, const struct chat_timings *t, double window_ms)
{
    double missing_ms = t->predicted_ms - window_ms;
    if (missing_ms < 1.5 * server_step_ms(s, t) || missing_ms < 0.005 * t->predicted_ms)
        return 0;
    return (uint64_t)(missing_ms / t->predicted_ms * (double)(s->total - 1) + 0.5);
}

/* Only tokens that no frame accounts for can be silent. */
static uint64_t silent_lead(const struct token_split *s, const struct answer *a, double ms_per_tick)
{
    uint64_t first = a->steps[0].t;
    uint64_t spare = s->total - s->tail > s->frames ? s->total - s->tail - s->frames : 0;
    int comparable = s->tail && spare && s->total < 2 * s->frames && !a->finish_only_with_usage;
    if (!comparable || a->timings.predicted_n != s->total || !(a->timings.predicted_ms > 0) ||
        !isfinite(a->timings.predicted_ms) || a->t_finish < first)
        return 0;
    uint64_t lead = lead_by_time(s, &a->timings, (double)(a->t_finish - first) * ms_per_tick);
    return lead < spare ? lead : spare;
}

void token_split_make(struct token_split *s, const struct answer *a, double ms_per_tick)
{
    memset(s, 0, sizeof *s);
    choose_total(s, a);
    s->frames = a->visible_frames < COUNT_MAX ? a->visible_frames : COUNT_MAX;
    if (!s->frames)
        return;
    s->source = counted_source(a);
    if (s->source == TOKENS_EVEN_SPLIT)
        s->tail = uncounted_tail(s, a);
    else if (s->total > a->last_count && a->t_tail != ABSENT)
        s->tail = s->total - a->last_count;
    if (s->source == TOKENS_EVEN_SPLIT)
        s->lead = silent_lead(s, a, ms_per_tick);
}

uint64_t token_split_up_to(const struct token_split *s, uint64_t frames, uint64_t counted)
{
    if (!frames || !s->frames)
        return 0;
    if (frames >= s->frames)
        return s->total - s->tail;
    if (s->source != TOKENS_EVEN_SPLIT)
        return counted < s->total ? counted : s->total;
    return s->lead + (s->total - s->tail - s->lead) * frames / s->frames;
}

static int carries_tail(const struct token_split *s, const struct token_cursor *c,
                        const struct chat_frame *chat)
{
    return s->frames && c->frames >= s->frames && !c->tail_given && answer_frame_may_end(chat);
}

/* The running count after this token-bearing frame. */
static uint64_t cursor_count(struct token_cursor *c, enum token_source source, const struct chat_frame *chat)
{
    switch (source) {
    case TOKENS_FROM_TIMINGS:
        return answer_frame_count(chat, COUNT_TIMINGS);
    case TOKENS_FROM_USAGE:
        return answer_frame_count(chat, COUNT_USAGE);
    case TOKENS_FROM_IDS:
        return c->ids;
    case TOKENS_FROM_TOKENISER:
        c->text += chat->reasoning.len + chat->content.len;
        return piece_cursor_up_to(&c->pieces, c->text);
    default:
        return ABSENT;
    }
}

uint64_t token_cursor_next(struct token_cursor *c, const struct token_split *s, const struct chat_frame *chat)
{
    if (chat->token_ids != ABSENT)
        c->ids += chat->token_ids;
    if (chat_is_token_bearing(chat)) {
        uint64_t before = c->given;
        c->given = token_split_up_to(s, ++c->frames, cursor_count(c, s->source, chat));
        return c->given - before;
    }
    if (!carries_tail(s, c, chat))
        return 0;
    c->tail_given = 1;
    return s->tail;
}

_Static_assert(sizeof(struct token_time) == sizeof(struct answer_step), "a time takes the place of a step");

/* memcpy on both sides, because the bytes change their type. */
static void replace_steps(const struct token_split *s, struct answer *a, struct token_time *times)
{
    uint64_t frames = 0, given = 0;
    for (size_t i = 0; i < a->step_count; i++) {
        struct answer_step step;
        memcpy(&step, &a->steps[i], sizeof step);
        frames += step.frames;
        uint64_t up_to =
            token_split_up_to(s, frames, step.counted == ANSWER_UNCOUNTED ? ABSENT : step.counted);
        struct token_time time = {step.t, (double)(up_to - given)};
        memcpy(&times[i], &time, sizeof time);
        given = up_to;
    }
}

int token_times(const struct token_split *s, struct answer *a, struct token_time **times, size_t *count)
{
    size_t with_tail = a->step_count + 1;
    if (mem_grow(&a->steps, &a->step_capacity, with_tail, sizeof *a->steps))
        return TT_NOMEM;
    *times = (void *)a->steps;
    *count = a->step_count;
    replace_steps(s, a, *times);
    if (s->tail) {
        struct token_time tail = {a->t_tail, (double)s->tail};
        memcpy(*times + a->step_count, &tail, sizeof tail);
        *count = with_tail;
    }
    return TT_OK;
}

const char *token_source_name(enum token_source source)
{
    static const char *const names[] = {"none", "timings", "usage", "ids", "tokeniser", "even_split"};
    return names[source];
}
