/* SPDX-License-Identifier: MIT */
#include "analyze/given.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"

struct given_row *given_copy(const struct given_row *row)
{
    size_t finish = row->finish_reason.len, text = row->text.len;
    struct given_row *copy = mem_alloc(sizeof *copy + finish + text);
    if (!copy)
        return NULL;
    unsigned char *bytes = (unsigned char *)(copy + 1);
    *copy = *row;
    if (finish)
        memcpy(bytes, row->finish_reason.data, finish);
    if (text)
        memcpy(bytes + finish, row->text.data, text);
    copy->finish_reason = (struct bytes){bytes, finish};
    copy->text = (struct bytes){bytes + finish, text};
    return copy;
}

void given_free(struct given_row *given)
{
    mem_free(given);
}

/* A chunk that says nothing but that it is there. */
static void unknown_piece(struct chat_frame *frame)
{
    memset(frame, 0, sizeof *frame);
    frame->kind = FRAME_CONTENT;
    frame->token_ids = ABSENT;
    frame->usage.prompt_tokens = frame->usage.completion_tokens = frame->usage.cached_tokens = ABSENT;
    struct chat_timings *t = &frame->timings;
    t->cache_n = t->prompt_n = t->predicted_n = t->draft_n = t->draft_n_accepted = ABSENT;
    t->prompt_ms = t->predicted_ms = NAN;
    frame->progress = (struct chat_progress){ABSENT, ABSENT, ABSENT};
}

void given_frame(const struct arrival_row *row, struct buf *scratch, struct chat_frame *frame)
{
    if (row->data.len)
        chat_classify(row->data.data, row->data.len, scratch, frame);
    else
        unknown_piece(frame);
}

static void fill_count(uint64_t *count, uint64_t given)
{
    if (*count == ABSENT)
        *count = given;
}

/* The text that a source states as a whole becomes that of the answer when its pieces had none. */
static int take_text(struct answer *a, const struct given_row *given)
{
    struct chat_frame frame;
    int has_text = a->text.content_bytes || a->text.reasoning_bytes || a->text.tool_calls;
    if (has_text || !given->text.len)
        return TT_OK;
    unknown_piece(&frame);
    frame.content = given->text;
    return answer_text_frame(&a->text, &frame);
}

int given_to_answer(struct answer *a, const struct given_row *given)
{
    fill_count(&a->usage.prompt_tokens, given->prompt_tokens);
    fill_count(&a->usage.completion_tokens, given->completion_tokens);
    if (a->usage.cached_state == CACHED_ABSENT && given->cached_tokens != ABSENT) {
        a->usage.cached_state = CACHED_NUMBER;
        a->usage.cached_tokens = given->cached_tokens;
    }
    if (!a->finish_reason[0] && given->finish_reason.len)
        snprintf(a->finish_reason, sizeof a->finish_reason, "%.*s",
                 (int)(given->finish_reason.len < sizeof a->finish_reason ? given->finish_reason.len
                                                                          : sizeof a->finish_reason - 1),
                 (const char *)given->finish_reason.data);
    return take_text(a, given);
}

static double ms_or_nan(uint64_t ns)
{
    return ns == ABSENT ? NAN : (double)ns / 1e6;
}

static void fill_ms(double *ms, double given)
{
    if (isnan(*ms))
        *ms = given;
}

/* A rate and its window say the same when the number of tokens is known. */
static void fill_decode(struct run_figures *f, const struct given_row *given)
{
    if (!isnan(f->decode_tok_s) || (given->decode_ns == ABSENT && given->decode_utok_s == ABSENT))
        return;
    double tokens = given->decode_tokens == ABSENT ? NAN : (double)given->decode_tokens;
    double window_ms = ms_or_nan(given->decode_ns);
    double rate =
        given->decode_utok_s == ABSENT ? tokens / window_ms * 1e3 : (double)given->decode_utok_s / 1e6;
    if (!(rate > 0) || isinf(rate))
        return;
    f->decode_tok_s = rate;
    f->decode_window_ms = isnan(window_ms) ? tokens / rate * 1e3 : window_ms;
    f->decode_tokens = given->decode_tokens == ABSENT ? 0 : given->decode_tokens;
    f->decode_grade = f->decode_tokens + 1 < DECODE_SURE_TOKENS ? GRADE_C : GRADE_B;
}

static void fill_prefill(struct run_figures *f, const struct given_row *given)
{
    if (given->prefill_ns == ABSENT || f->prefill_from_server)
        return;
    f->prefill_ms = ms_or_nan(given->prefill_ns);
    figures_prefill_rate(f);
}

/* Of the decode window; nobody knows how well it was attributed. */
static void fill_energy(struct run_figures *f, const struct given_row *given)
{
    struct energy_figures *energy = &f->energy;
    if (given->soc_uw != ABSENT)
        energy->soc_w = (double)given->soc_uw / 1e6;
    if (given->uj_per_token != ABSENT)
        energy->j_per_token = (double)given->uj_per_token / 1e6;
    energy->grade = isnan(energy->soc_w) && isnan(energy->j_per_token) ? GRADE_NONE : GRADE_C;
}

void given_fill(struct run_figures *f, const struct given_row *given)
{
    fill_ms(&f->ttft_ms, ms_or_nan(given->ttft_ns));
    fill_ms(&f->total_ms, ms_or_nan(given->total_ns));
    fill_count(&f->max_tokens, given->max_tokens);
    if (given->completion_tokens == ABSENT && !f->frames)
        f->completion_tokens = ABSENT;
    fill_decode(f, given);
    fill_prefill(f, given);
    if (!f->early_stop)
        f->early_stop = figures_is_early(f);
    f->is_given = 1;
    fill_energy(f, given);
    f->peak_rss_bytes = given->peak_rss;
}

/* Events that were kept tell whether the answer came to its end. */
static unsigned answer_causes(const struct answer *a)
{
    if (a->has_error)
        return INVALID_ERROR_OBJECT;
    if (a->usage.completion_tokens == 0 && !a->visible_frames)
        return INVALID_NO_TOKEN;
    int kept_events = a->frames > a->unknown_frames;
    if (kept_events && a->t_finish == ABSENT)
        return INVALID_CUT;
    return kept_events && !a->visible_frames ? INVALID_EMPTY : 0;
}

unsigned given_causes(const struct run_figures *f, const struct run_evidence *ev)
{
    if (ev->has_hole)
        return INVALID_LOST;
    if (!ev->end)
        return INVALID_UNFINISHED;
    if (f->http_status != ABSENT && f->http_status != 200)
        return INVALID_STATUS;
    if (f->ended == RUN_ENDED_TIMEOUT)
        return INVALID_TIMEOUT;
    if (f->ended != RUN_ENDED_COMPLETE)
        return f->ended == RUN_ENDED_CUT ? INVALID_TRANSPORT_CUT : INVALID_NO_ANSWER;
    return answer_causes(ev->answer);
}
