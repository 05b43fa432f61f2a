/* SPDX-License-Identifier: MIT */
/* asiai's agentic benchmark and the row that its report makes of it, as of its schema agentic-v5. */
#include <math.h>
#include <string.h>

#include "analyze/dialect_measures.h"
#include "formats/error.h"

/* Rounded to two decimals, as its result files have it; only rates above 0 are used. */
static double decode_tok_s(const struct dialect *d, const struct heard *answer)
{
    double tokens = dialect_tokens(d, answer), window = dialect_end(d, answer) - dialect_first(d, answer);
    double rate = tokens > 1 && window > 0 ? stats_round((tokens - 1) / window * 1e9, 2) : NAN;
    return rate > 0 ? rate : NAN;
}

/* Cut to whole milliseconds. */
static double ttft_ms(const struct dialect *d, const struct heard *answer)
{
    double ttft = floor(theirs_ttft_ms(d, answer));
    return ttft > 0 ? ttft : NAN;
}

/* The values of its phase 'warm', without such a phase those of 'cold'. */
struct headline {
    struct samples warm, cold;
};

static int headline_add(struct headline *line, const struct heard *answer, double value)
{
    if (strcmp(answer->phase, "warm") == 0)
        return samples_add(&line->warm, value, 1);
    return strcmp(answer->phase, "cold") == 0 ? samples_add(&line->cold, value, 1) : TT_OK;
}

static int add_decode(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
                      void *state)
{
    (void)heard;
    return headline_add(state, answer, decode_tok_s(d, answer));
}

static int add_ttft(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
                    void *state)
{
    (void)heard;
    return headline_add(state, answer, ttft_ms(d, answer));
}

static int has_warm(const struct tape *tape)
{
    for (size_t i = 0; i < tape->run_count; i++) {
        if (strcmp(tape_phase_name(tape, tape_run_at(tape, i)->phase), "warm") == 0)
            return 1;
    }
    return 0;
}

static int headline_finish(const struct heard_trace *heard, void *state, struct samples *out)
{
    struct headline *line = state;
    return samples_join(out, has_warm(heard->tape) ? &line->warm : &line->cold);
}

static void headline_release(void *state)
{
    struct headline *line = state;
    samples_release(&line->warm);
    samples_release(&line->cold);
}

static const struct survey decode_of_row = {sizeof(struct headline), add_decode, headline_finish,
                                            headline_release},
                           ttft_of_row = {sizeof(struct headline), add_ttft, headline_finish,
                                          headline_release};

static double decode_of_long(const struct dialect *d, const struct heard *answer)
{
    return strcmp(answer->phase, "long-context") == 0 ? decode_tok_s(d, answer) : NAN;
}

static int is_pair(const struct dialect *d, const struct heard *answer)
{
    int is_test = strcmp(answer->phase, "prefix-test-1") == 0 || strcmp(answer->phase, "prefix-test-3") == 0;
    if (!is_test)
        return 0;
    uint64_t wanted = answer->figures->max_tokens;
    int is_early = wanted != ABSENT && dialect_tokens(d, answer) < (double)wanted * 0.5;
    return !is_early && answer->usage.cached_state == CACHED_NUMBER &&
           answer->usage.prompt_tokens != ABSENT && answer->usage.prompt_tokens > 0;
}

/* All cached tokens ÷ all prompt tokens of the pair's runs, to three decimals. */
struct reuse {
    double cached, prompt;
};

static int reuse_add(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
                     void *state)
{
    struct reuse *reuse = state;
    (void)heard;
    if (!is_pair(d, answer))
        return TT_OK;
    reuse->cached += (double)answer->usage.cached_tokens;
    reuse->prompt += (double)answer->usage.prompt_tokens;
    return TT_OK;
}

static int reuse_finish(const struct heard_trace *heard, void *state, struct samples *out)
{
    const struct reuse *r = state;
    (void)heard;
    return samples_add(out, r->prompt > 0 ? stats_round(fmin(r->cached / r->prompt, 1), 3) : NAN, 1);
}

static const struct survey reuse_of_pair = {sizeof(struct reuse), reuse_add, reuse_finish, NULL};

static const enum metric row_decode = METRIC_DECODE, row_peak = METRIC_PEAK, row_long = METRIC_DECODE_50K,
                         row_ttft = METRIC_TTFT, row_reuse = METRIC_REUSE;

static const struct dialect_measure measures[] = {
    {"dec",
     "decode tok/s",
     {DECIMAL_FIXED, 2},
     only_median,
     {.survey = &decode_of_row},
     {0},
     &row_decode,
     "(N − 1) ÷ (first text to [DONE]), to two decimals; tool calls are no text, answers that are invalid or "
     "stopped early count too; ours ends with the frame of the last token"},
    {"peak",
     "peak tok/s",
     {DECIMAL_FIXED, 2},
     only_max,
     {.value = decode_tok_s},
     {0},
     &row_peak,
     "the highest mean of any answer, however short or invalid; ours of valid runs with 64 decode tokens or "
     "more"},
    {"long_ctx",
     "long tok/s",
     {DECIMAL_FIXED, 2},
     only_median,
     {.value = decode_of_long},
     {0},
     &row_long,
     "as its decode, of 'long-context'"},
    {"ttft",
     "TTFT ms",
     {DECIMAL_FIXED, 0},
     only_median,
     {.survey = &ttft_of_row},
     {0},
     &row_ttft,
     "with look-up and connecting, cut to whole milliseconds, and waiting through tool calls"},
    {"reuse",
     "reuse",
     {DECIMAL_FIXED, 3},
     only_mean,
     {.survey = &reuse_of_pair},
     {0},
     &row_reuse,
     "the pair's cached tokens of all repeats ÷ their prompt tokens; ours is the median of the repeats' "
     "means"},
};

const struct dialect dialect_asiai = {
    .title = "asiai agentic",
    .accepts = HEARD_CONTENT | HEARD_REASONING,
    .start = START_CONNECTING,
    .end = END_DONE,
    .tokens = TOKENS_OF_USAGE,
    .measures = measures,
    .measure_count = sizeof measures / sizeof measures[0],
    .note = "its power, memory and validity are left out: they come from its own sensors and checks, read "
            "inside the measured window",
};
