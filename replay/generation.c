/* SPDX-License-Identifier: MIT */
#include "replay/generation.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/digest.h"

#define ANSWER_TOKENS_DEFAULT 512 /* when neither the profile nor the request says how long an answer is */
#define TEXT_MAX              ((size_t)PROSE_TOKEN_MAX * PROFILE_CONTEXT_MAX)
#define SLOWEST_FACTOR        0.1 /* jitter never makes a step shorter than this part of itself */

static const char end_marker[] = "<|im_end|>";

static int add_token(struct generation *g, enum token_part part, const char *text, size_t len)
{
    if (mem_grow(&g->tokens, &g->capacity, g->count + 1, sizeof *g->tokens))
        return TT_NOMEM;
    g->tokens[g->count++] = (struct answer_token){part, (uint32_t)g->text.len, (uint32_t)len};
    return buf_append(&g->text, text, len);
}

static int add_marker(struct generation *g, const char *marker)
{
    return add_token(g, TOKEN_SILENT, marker, strlen(marker));
}

/* With a period (not 0) the same words come again and again. */
static int add_prose(struct generation *g, enum token_part part, struct prose *prose, uint64_t count,
                     uint64_t period)
{
    const struct prose beginning = *prose;
    for (uint64_t i = 0; i < count; i++) {
        char word[PROSE_TOKEN_MAX];
        if (period && i % period == 0)
            *prose = beginning;
        prose_next(prose, word);
        int status = add_token(g, part, word, strlen(word));
        if (status)
            return status;
    }
    return TT_OK;
}

/* Length of the next piece of the arguments: a token, but never half a character, since each piece is sent
 * alone. */
static size_t piece_length(const char *text, size_t len)
{
    size_t n = token_length(text, len);
    while (n < len && ((unsigned char)text[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static int add_arguments(struct generation *g, const struct buf *arguments)
{
    const char *text = buf_text(arguments);
    size_t left = arguments->len;
    int status = TT_OK;
    while (!status && left) {
        size_t n = piece_length(text, left);
        status = add_token(g, TOKEN_TOOL_ARGUMENTS, text, n);
        text += n;
        left -= n;
    }
    return status;
}

/* TT_SYNTAX when the tool cannot be called. */
static int plan_tool_call(struct generation *g, struct bytes tool, struct prose *prose)
{
    struct buf arguments = BUF_INIT;
    int status = tool_call_make(tool, prose, g->tool_name, &arguments);
    if (!status)
        status = add_marker(g, "<|tool_call|>");
    if (!status)
        status = add_token(g, TOKEN_TOOL_NAME, g->tool_name, strlen(g->tool_name));
    if (!status)
        status = add_arguments(g, &arguments);
    if (!status)
        status = add_marker(g, "<|tool_end|>");
    if (!status)
        status = add_marker(g, end_marker);
    if (!status)
        g->finish_reason = "tool_calls";
    buf_release(&arguments);
    return status;
}

static int plan_text(struct generation *g, const struct profile *p, const struct chat_request *request,
                     struct prose *prose, uint64_t limit)
{
    uint64_t wanted = p->answer_tokens;
    if (wanted == ABSENT)
        wanted = request->max_tokens == ABSENT ? ANSWER_TOKENS_DEFAULT : limit + 1;
    uint64_t visible = (wanted > limit ? limit : wanted - 1);
    uint64_t reasoning = request->thinking ? p->reasoning_tokens : 0;
    int status = TT_OK;
    if (reasoning) {
        if (reasoning > visible)
            reasoning = visible;
        status = add_prose(g, TOKEN_REASONING, prose, reasoning, 0);
        if (!status && reasoning < visible) {
            status = add_marker(g, "<|think_end|>");
            reasoning++;
        }
    }
    if (!status)
        status = add_prose(g, TOKEN_CONTENT, prose, visible - reasoning, p->loop_tokens);
    if (!status && wanted <= limit)
        status = add_marker(g, end_marker);
    g->finish_reason = wanted <= limit ? "stop" : "length";
    return status;
}

/* The request or the context may allow fewer tokens than the answer has. */
static void cut_to_limit(struct generation *g, uint64_t limit)
{
    if (g->count <= limit)
        return;
    g->count = (size_t)limit;
    g->finish_reason = "length";
}

static double jitter_factor(struct prng *prng, double jitter)
{
    double factor = jitter > 0 ? 1 + jitter * prng_normal(prng) : 1;
    return factor < SLOWEST_FACTOR ? SLOWEST_FACTOR : factor;
}

static void plan_prefill(struct generation *g, const struct profile *p)
{
    struct prng prng;
    double prompt = (double)g->prompt_tokens, cached = (double)g->cached_tokens;
    double prefill = (prompt - cached) * 1e9 / p->prefill_tok_s +
                     p->prefill_attention_ns * (prompt * prompt - cached * cached) / 2;
    prng_seed(&prng, ~g->timing_seed);
    double factor = jitter_factor(&prng, p->jitter);
    g->prompt_ns = (uint64_t)(prefill * factor);
    g->first_ns = (uint64_t)((p->ttft_ms * 1e6 + prefill) * factor);
    if (p->first_token_ms >= 0)
        g->first_ns = (uint64_t)(p->first_token_ms * 1e6 * factor);
    if (g->prompt_ns > g->first_ns)
        g->prompt_ns = g->first_ns;
}

static void make_id(struct generation *g, uint64_t seed)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    struct prng prng;
    size_t n = (size_t)snprintf(g->id, sizeof g->id, "chatcmpl-");
    prng_seed(&prng, seed);
    for (int i = 0; i < 32; i++)
        g->id[n++] = digits[prng_below(&prng, sizeof digits - 1)];
    g->id[n] = '\0';
}

int generation_plan(struct generation *g, const struct profile *p, const struct chat_request *request,
                    const struct tokens *prompt, uint64_t cached, uint64_t number)
{
    struct prose prose;
    uint64_t seed = p->seed * 0x9e3779b97f4a7c15u + number;
    uint64_t room = p->context - prompt->total;
    uint64_t limit = request->max_tokens < room ? request->max_tokens : room;
    memset(g, 0, sizeof *g);
    buf_init(&g->text, TEXT_MAX);
    g->prompt_tokens = prompt->total;
    g->cached_tokens = cached;
    g->timing_seed = prng_splitmix(&seed);
    g->stream = request->stream;
    g->include_usage = request->include_usage && p->usage;
    g->timings_per_token = request->timings_per_token && p->timings;
    make_id(g, g->timing_seed);
    plan_prefill(g, p);
    prose_init(&prose, p->seed ^ xxh64_of(request->prompt.data, request->prompt.len));
    int status = TT_SYNTAX;
    if (p->tool_call && request->first_tool.len)
        status = plan_tool_call(g, request->first_tool, &prose);
    if (status == TT_SYNTAX)
        status = plan_text(g, p, request, &prose, limit);
    cut_to_limit(g, limit);
    return status;
}

void generation_release(struct generation *g)
{
    mem_free(g->tokens);
    buf_release(&g->text);
    memset(g, 0, sizeof *g);
}

int generation_append_ids(const struct generation *g, struct tokens *sequence)
{
    for (size_t i = 0; i + 1 < g->count; i++) {
        const char *text = (const char *)g->text.data + g->tokens[i].offset;
        int status = tokens_append_id(sequence, token_id(text, g->tokens[i].len));
        if (status)
            return status;
    }
    return TT_OK;
}

void stepper_init(struct stepper *s, const struct generation *g)
{
    memset(s, 0, sizeof *s);
    prng_seed(&s->prng, g->timing_seed);
}

static size_t draw_burst(struct stepper *s, const struct profile *p)
{
    double u = prng_unit(&s->prng);
    size_t i = 0;
    while (i + 1 < p->burst_max && u >= p->burst_weights[i])
        u -= p->burst_weights[i++];
    return i + 1;
}

size_t stepper_next(struct stepper *s, const struct profile *p, const struct generation *g)
{
    size_t left = g->count - s->done;
    if (!left)
        return 0;
    size_t burst = 1; /* prefill gives one token, whatever is drafted afterwards */
    if (s->done == 0) {
        s->t_ns = (double)g->first_ns;
    } else {
        double depth = (double)(g->prompt_tokens + s->done);
        double token_ns = 1e9 / p->decode_tok_s + p->decode_depth_ns * depth;
        burst = draw_burst(s, p);
        s->t_ns += profile_mean_burst(p) * token_ns * jitter_factor(&s->prng, p->jitter);
        burst = burst < left ? burst : left;
        s->accepted += burst - 1;
    }
    s->done += burst;
    return burst;
}
