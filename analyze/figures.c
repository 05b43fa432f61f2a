/* SPDX-License-Identifier: MIT */
#include "analyze/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/answer.h"
#include "analyze/given.h"
#include "analyze/request.h"
#include "analyze/statistics.h"
#include "analyze/tokens.h"
#include "analyze/validity.h"
#include "formats/alloc.h"

#define PREFILL_MIN_TOKENS 256 /* fewer uncached tokens measure overhead, not prefill */
#define PEAK_TOKENS        64

/* From one stamp to a later one; NAN when either is missing or they are the wrong way round. */
static double ms_between(const struct run_evidence *ev, uint64_t from, uint64_t to)
{
    if (from == ABSENT || to == ABSENT || to < from)
        return NAN;
    return (double)(to - from) * (double)ev->ticks_numer / (double)ev->ticks_denom / 1e6;
}

static double ms_of_ns(uint64_t ns)
{
    return ns == ABSENT ? NAN : (double)ns / 1e6;
}

static void copy_identity(struct run_figures *f, const struct run_evidence *ev)
{
    f->run = ev->run->run;
    f->repeat = ev->run->repeat;
    f->conversation = ev->run->conversation;
    f->turn = ev->run->turn;
    f->parent = ev->run->parent;
    f->phase = ev->run->phase;
    f->slot = ev->run->slot;
    f->t_intended = ev->run->t_intended;
    f->t_start = ev->run->t_start;
    f->attempt = ev->run->attempt;
    f->body = ev->run->body;
    f->cold = ev->run->cold;
    f->prompt = f->prompt_key = ABSENT;
    f->energy = ENERGY_UNKNOWN;
    f->peak_rss_bytes = f->thermal_max = ABSENT;
    f->peak_rss_grade = GRADE_B;
}

static void copy_ending(struct run_figures *f, const struct run_evidence *ev)
{
    const struct run_end_row *end = ev->end;
    const struct stream_state *s = ev->stream;
    f->t_zero = end ? end->t_connected : ABSENT;
    f->t_close = end ? end->t_close : ABSENT;
    f->t_last_arrival = ev->t_last_arrival;
    f->ended = end ? end->ended : ABSENT;
    f->http_status = end ? end->status : ABSENT;
    if (f->http_status == ABSENT && s->http_status)
        f->http_status = (uint64_t)s->http_status;
    f->clock_jump = end && end->clock_jump == 1;
    f->connect_ms = end ? ms_of_ns(end->connect_ns) : NAN;
}

const char *run_error(const struct run_figures *f)
{
    return f->words ? f->words->error : "";
}

static void copy_counts(struct run_figures *f, const struct run_evidence *ev)
{
    const struct answer *a = ev->answer;
    f->frames = a->frames;
    f->reads = ev->stream->reads;
    f->bytes = ev->stream->wire_bytes;
    f->text_bytes = a->text.reasoning_bytes + a->text.content_bytes;
    f->reasoning_chars = a->text.reasoning_chars;
    f->tool_calls = a->text.tool_calls;
    f->draft_tokens = a->timings.draft_n;
    f->draft_accepted = a->timings.draft_n_accepted;
    f->server_predicted_ms = a->timings.predicted_ms;
    f->server_predicted_n = a->timings.predicted_n;
    snprintf(f->finish_reason, sizeof f->finish_reason, "%s", a->finish_reason);
}

static void time_figures(struct run_figures *f, const struct run_evidence *ev)
{
    const struct answer *a = ev->answer;
    const struct stream_state *s = ev->stream;
    uint64_t header = ev->end && ev->end->t_header != ABSENT ? ev->end->t_header : s->t_head;
    f->t_first_token = a->step_count ? a->steps[0].t : ABSENT;
    f->start_s = ms_between(ev, ev->t_origin, f->t_zero) / 1e3;
    f->ttft_ms = ms_between(ev, f->t_zero, f->t_first_token);
    f->ttft_content_ms = ms_between(ev, f->t_zero, a->t_first_content);
    f->ttfb_ms = ms_between(ev, f->t_zero, s->t_first_byte);
    f->header_ms = ms_between(ev, f->t_zero, header);
    f->total_ms = ms_between(ev, f->t_zero, f->t_close);
    f->due_ttft_ms = ms_between(ev, f->t_intended, f->t_first_token);
    f->due_total_ms = ms_between(ev, f->t_intended, f->t_close);
}

/* What the usage says, else the timings of llama.cpp, where the prompt is what was cached and what was not.
 */
static void prompt_counts(struct run_figures *f, const struct answer *a)
{
    const struct chat_timings *t = &a->timings;
    f->prompt_tokens = a->usage.prompt_tokens;
    f->cached_state = a->usage.cached_state;
    f->cached_tokens = a->usage.cached_tokens;
    if (f->cached_state == CACHED_ABSENT && t->cache_n != ABSENT) {
        f->cached_state = CACHED_NUMBER;
        f->cached_tokens = t->cache_n;
    }
    if (f->prompt_tokens == ABSENT && t->cache_n != ABSENT && t->prompt_n != ABSENT)
        f->prompt_tokens = t->cache_n + t->prompt_n;
}

int figures_is_early(const struct run_figures *f)
{
    return f->max_tokens != ABSENT && f->completion_tokens < f->max_tokens &&
           f->completion_tokens < f->max_tokens - f->completion_tokens;
}

static void token_counts(struct run_figures *f, const struct run_evidence *ev)
{
    const struct answer *a = ev->answer;
    token_split_make(&f->split, a, (double)ev->ticks_numer / (double)ev->ticks_denom / 1e6);
    f->token_source = f->split.source;
    f->pieces_misfit = a->pieces_misfit;
    f->completion_grade = f->split.grade;
    f->completion_tokens = f->split.total;
    f->visible_tokens = a->visible_frames ? f->split.total - f->split.tail : 0;
    f->max_tokens = ev->request ? ev->request->max_tokens : ABSENT;
    f->early_stop = a->t_finish != ABSENT && figures_is_early(f);
    f->thinking_not_honoured = ev->request && ev->request->thinking_off && a->text.reasoning_bytes > 0;
}

/* The finish frame carries the last token when a stop or a tool call ended the answer, or when silent tokens
 * remain. A finish that came only with the usage, or never, was sent late: then the last text counts, and
 * what it had shown. */
static void decode_window(struct run_figures *f, const struct answer *a, const struct token_time *times)
{
    uint64_t last_text = times[a->step_count - 1].t;
    int late = a->t_finish == ABSENT || a->finish_only_with_usage;
    int ends_with_text = answer_ended_at_limit(a) && f->split.tail == 0;
    uint64_t tokens = late ? f->visible_tokens : f->completion_tokens;
    int ends_before_text = !late && a->t_finish < last_text; /* an engine that went on after its finish */
    f->t_last_token = late || ends_with_text || ends_before_text ? last_text : a->t_finish;
    f->decode_grade = late ? GRADE_B : GRADE_A;
    f->decode_tokens = tokens > f->first_read_tokens ? tokens - f->first_read_tokens : 0;
}

/* `first_frames`: token-bearing frames of the first read. */
static void decode_rate(struct run_figures *f, const struct run_evidence *ev, const struct token_time *times,
                        uint32_t first_frames)
{
    f->first_read_tokens = (uint64_t)times[0].tokens;
    if (!f->first_read_tokens && ev->answer->unknown_frames)
        f->first_read_tokens = 1; /* a piece before the first token, which the source counts as output */
    decode_window(f, ev->answer, times);
    f->decode_window_ms = ms_between(ev, f->t_first_token, f->t_last_token);
    if (f->decode_tokens < 1 || !(f->decode_window_ms > 0)) {
        f->decode_grade = GRADE_NONE;
        return;
    }
    f->decode_tok_s = (double)f->decode_tokens / f->decode_window_ms * 1e3;
    int first_is_derived = f->token_source >= TOKENS_FROM_TOKENISER && f->first_read_tokens != first_frames;
    if (first_is_derived && f->decode_grade == GRADE_A)
        f->decode_grade = GRADE_B;
    if (f->decode_tokens + 1 < DECODE_SURE_TOKENS || f->completion_grade == GRADE_C)
        f->decode_grade = GRADE_C;
}

/* The fastest stretch from one token to the 64th after it. Within a read the first token gives the shortest
 * one. */
static void peak_rate(struct run_figures *f, const struct run_evidence *ev, const struct token_time *times,
                      size_t count)
{
    double before = 0, up_to = 0, best_ms = NAN;
    for (size_t i = 0, j = 0; i < count; i++) {
        while (j < count && up_to + times[j].tokens <= before + PEAK_TOKENS)
            up_to += times[j++].tokens;
        if (j == count)
            break;
        double ms = times[i].tokens > 0 ? ms_between(ev, times[i].t, times[j].t) : NAN;
        if (ms > 0 && !(best_ms <= ms))
            best_ms = ms;
        before += times[i].tokens;
    }
    f->peak64_tok_s = PEAK_TOKENS / best_ms * 1e3;
}

/* The usual case: every read after the first brought one token, so that its gap is its token's. */
static int is_one_by_one(const struct token_time *times, size_t steps)
{
    for (size_t i = 1; i < steps; i++) {
        if (times[i].tokens < 1 || times[i].tokens > 1)
            return 0;
    }
    return 1;
}

static int gaps_one_by_one(struct run_figures *f, const struct run_evidence *ev,
                           const struct token_time *times, size_t steps)
{
    double *gaps = mem_alloc(steps * sizeof *gaps);
    if (!gaps)
        return TT_NOMEM;
    for (size_t i = 1; i < steps; i++)
        gaps[i - 1] = ms_between(ev, times[i - 1].t, times[i].t);
    stats_percentiles(gaps, steps - 1, itl_percentiles, f->itl_ms[ITL_EVEN], ITL_PERCENTILES);
    for (int policy = ITL_EVEN + 1; policy < ITL_POLICIES; policy++)
        memcpy(f->itl_ms[policy], f->itl_ms[ITL_EVEN], sizeof f->itl_ms[policy]);
    mem_free(gaps);
    return TT_OK;
}

static int gaps_of_bursts(struct run_figures *f, const struct run_evidence *ev,
                          const struct token_time *times, size_t steps)
{
    const struct itl_reads reads = {times, steps, ev->ticks_numer, ev->ticks_denom};
    struct counted_value *samples = mem_alloc(steps * sizeof *samples);
    if (!samples)
        return TT_NOMEM;
    for (int policy = 0; policy < ITL_POLICIES; policy++) {
        size_t n = itl_collect((enum itl_policy)policy, &reads, samples);
        uint64_t total = stats_sort_counted(samples, n);
        for (int i = 0; i < ITL_PERCENTILES; i++)
            f->itl_ms[policy][i] = stats_percentile_counted(samples, n, total, itl_percentiles[i]);
    }
    mem_free(samples);
    return TT_OK;
}

static int gap_figures(struct run_figures *f, const struct run_evidence *ev, const struct token_time *times)
{
    size_t steps = ev->answer->step_count;
    int status = is_one_by_one(times, steps) ? gaps_one_by_one(f, ev, times, steps)
                                             : gaps_of_bursts(f, ev, times, steps);
    f->step_ms = f->itl_ms[ITL_STEP][0];
    return status;
}

static void prefill_figures(struct run_figures *f, const struct answer *a)
{
    double server_ms = a->timings.prompt_ms;
    f->prefill_from_server = server_ms > 0;
    f->prefill_ms = f->prefill_from_server ? server_ms : f->ttft_ms;
    figures_prefill_rate(f);
}

void figures_prefill_rate(struct run_figures *f)
{
    int counted = f->prompt_tokens != ABSENT && f->cached_state == CACHED_NUMBER &&
                  f->cached_tokens <= f->prompt_tokens;
    uint64_t uncached = counted ? f->prompt_tokens - f->cached_tokens : 0;
    if (uncached < PREFILL_MIN_TOKENS || !(f->prefill_ms > 0))
        return;
    f->prefill_tok_s = (double)uncached / f->prefill_ms * 1e3;
    f->prefill_grade = f->prefill_from_server ? GRADE_A : GRADE_B;
}

static void nothing_measured(struct run_figures *f)
{
    memset(f, 0, sizeof *f);
    f->decode_window_ms = f->decode_tok_s = f->peak64_tok_s = f->prefill_tok_s = f->step_ms = NAN;
    for (int i = 0; i < ITL_POLICIES * ITL_PERCENTILES; i++)
        f->itl_ms[i / ITL_PERCENTILES][i % ITL_PERCENTILES] = NAN;
    f->t_last_token = ABSENT;
}

/* The tokens of one step may arrive in several reads, a tenth of a millisecond apart, or in one: only the
 * count of accepted tokens tells how many steps there were. The first read is the first token, which no step
 * made, and what more there is in it one step. */
static void steps_by_drafts(struct run_figures *f)
{
    int drafts = f->draft_tokens != ABSENT && f->draft_tokens > 0 && f->draft_accepted != ABSENT;
    if (!drafts || f->draft_accepted >= f->completion_tokens)
        return;
    uint64_t steps = f->completion_tokens - f->draft_accepted;
    uint64_t before = 1 + (uint64_t)(f->first_read_tokens > 1);
    f->steps = steps;
    f->step_tokens = f->completion_tokens;
    f->step_ms = steps > before ? f->decode_window_ms / (double)(steps - before) : NAN;
}

static int stream_figures(struct run_figures *f, const struct run_evidence *ev, struct token_time **times,
                          size_t *count)
{
    *times = NULL;
    *count = 0;
    if (!ev->answer->step_count)
        return TT_OK;
    uint32_t first_frames = ev->answer->steps[0].frames;
    int status = token_times(&f->split, ev->answer, times, count);
    if (status)
        return status;
    f->steps = ev->answer->step_count;
    f->step_tokens = f->visible_tokens;
    decode_rate(f, ev, *times, first_frames);
    peak_rate(f, ev, *times, *count);
    int failed = gap_figures(f, ev, *times);
    steps_by_drafts(f);
    return failed;
}

/* Of masked text the recorder kept a digest that was made before, with a key. */
static int text_digest(struct run_figures *f, const struct run_evidence *ev)
{
    unsigned char digest[SHA256_BYTES];
    int status = TT_OK;
    f->is_masked = ev->is_masked;
    if (ev->given && !f->text_bytes && ev->answer->frames == ev->answer->unknown_frames)
        return TT_OK; /* nobody knows what was said */
    if (!ev->is_masked)
        status = answer_text_digest(&ev->answer->text, digest);
    else if (ev->end && ev->end->answer_hmac.len == sizeof digest)
        memcpy(digest, ev->end->answer_hmac.data, sizeof digest);
    else
        status = TT_LIMIT;
    if (!status)
        sha256_hex(digest, f->text_sha256);
    return status == TT_NOMEM ? status : TT_OK;
}

int figures_compute(struct run_figures *f, const struct run_evidence *ev, struct token_time **times,
                    size_t *count)
{
    nothing_measured(f);
    if (ev->given && given_to_answer(ev->answer, ev->given))
        return TT_NOMEM;
    copy_identity(f, ev);
    copy_ending(f, ev);
    copy_counts(f, ev);
    time_figures(f, ev);
    prompt_counts(f, ev->answer);
    token_counts(f, ev);
    int status = stream_figures(f, ev, times, count);
    prefill_figures(f, ev->answer);
    if (ev->given)
        given_fill(f, ev->answer, ev->given);
    if (!status)
        status = text_digest(f, ev);
    return status ? status : validity_judge(f, ev);
}
