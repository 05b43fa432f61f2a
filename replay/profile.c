/* SPDX-License-Identifier: MIT */
#include "replay/profile.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/io.h"
#include "formats/json.h"
#include "replay/profile_read.h"

static const char *const known_keys[] = {"name",
                                         "version",
                                         "model",
                                         "quant",
                                         "style",
                                         "context",
                                         "prefill_tok_s",
                                         "ttft_ms",
                                         "header_ms",
                                         "decode_tok_s",
                                         "decode_depth_ns",
                                         "prefill_attention_ns",
                                         "jitter",
                                         "seed",
                                         "tokens_per_burst",
                                         "merge_bursts",
                                         "acceptance",
                                         "answer_tokens",
                                         "reasoning_tokens",
                                         "reasoning_field",
                                         "tool_call",
                                         "prefix_cache",
                                         "block",
                                         "cache_reset",
                                         "cached_field",
                                         "usage",
                                         "timings",
                                         "done",
                                         "role_chunk",
                                         "keepalive_ms",
                                         "first_token_ms",
                                         "loop_tokens",
                                         "synth",
                                         NULL};

/* A mean between two whole numbers is a mixture of both. */
static void set_mean_burst(struct profile *p, double mean)
{
    size_t below = (size_t)mean;
    double share = mean - (double)below;
    memset(p->burst_weights, 0, sizeof p->burst_weights);
    p->burst_weights[below - 1] = 1 - share;
    if (share > 0)
        p->burst_weights[below] = share;
    p->burst_max = below + (share > 0);
}

static int set_burst_weights(struct profile *p, const cJSON *list)
{
    double sum = 0;
    size_t count = 0;
    const cJSON *item;
    memset(p->burst_weights, 0, sizeof p->burst_weights);
    cJSON_ArrayForEach(item, list)
    {
        if (count == PROFILE_BURST_MAX || !cJSON_IsNumber(item) || item->valuedouble < 0 ||
            item->valuedouble > 1e9)
            return TT_USAGE;
        p->burst_weights[count++] = item->valuedouble;
        sum += item->valuedouble;
    }
    if (!(sum > 0))
        return TT_USAGE;
    for (size_t i = 0; i < count; i++)
        p->burst_weights[i] /= sum;
    p->burst_max = count;
    return TT_OK;
}

static void read_bursts(struct profile_reading *r, struct profile *p)
{
    const cJSON *item = json_member(r->document, "tokens_per_burst");
    if (cJSON_IsNumber(item) && item->valuedouble >= 1 && item->valuedouble <= PROFILE_BURST_MAX)
        set_mean_burst(p, item->valuedouble);
    else if (item && (!cJSON_IsArray(item) || set_burst_weights(p, item)))
        profile_refuse(r, "tokens_per_burst",
                       "a number from 1 to 16, or a list of at most 16 weights for 1, 2, 3 … tokens");
}

static void read_cache(struct profile_reading *r, struct profile *p)
{
    static const char *const names[] = {"none", "last", "slots", "unlimited", NULL};
    const char *text = json_string(r->document, "prefix_cache");
    int policy = CACHE_SLOTS;
    if (text && strncmp(text, "slots:", 6) == 0) {
        const char *digits = text + 6;
        uint64_t slots = 0;
        while (*digits >= '0' && *digits <= '9' && slots <= PROFILE_SLOTS_MAX)
            slots = slots * 10 + (uint64_t)(*digits++ - '0');
        p->cache_slots = slots;
        if (*digits || slots < 1 || slots > PROFILE_SLOTS_MAX)
            profile_refuse(r, "prefix_cache", "'slots:1' to 'slots:64'");
    } else {
        policy = (int)p->cache_policy;
        profile_read_choice(r, "prefix_cache", names, "'none', 'last', 'slots:N' or 'unlimited'", &policy);
        if (policy == CACHE_SLOTS)
            profile_refuse(r, "prefix_cache", "'slots:N' with a number");
    }
    p->cache_policy = (enum cache_policy)policy;
    profile_read_count(r, "block", &p->cache_block, 1, 65536);
}

static void read_choices(struct profile_reading *r, struct profile *p)
{
    static const char *const styles[] = {"llama.cpp", "openai", NULL};
    static const char *const fields[] = {"number", "null", "absent", NULL};
    int style = (int)p->style, field = (int)p->cached_field;
    profile_read_choice(r, "style", styles, "'llama.cpp' or 'openai'", &style);
    profile_read_choice(r, "cached_field", fields, "'number', 'null' or 'absent'", &field);
    p->style = (enum profile_style)style;
    p->cached_field = (enum cached_field)field;
    if (json_member(r->document, "reasoning_field"))
        profile_read_text(r, "reasoning_field", &p->reasoning_field);
}

static void read_speeds(struct profile_reading *r, struct profile *p)
{
    profile_read_number(r, "prefill_tok_s", &p->prefill_tok_s, 0.01, 1e9);
    profile_read_number(r, "prefill_attention_ns", &p->prefill_attention_ns, 0, 1e9);
    profile_read_number(r, "ttft_ms", &p->ttft_ms, 0, 1e7);
    profile_read_optional_number(r, "first_token_ms", &p->first_token_ms, 0, 1e7);
    profile_read_optional_number(r, "header_ms", &p->header_ms, 0, 1e7);
    profile_read_number(r, "decode_tok_s", &p->decode_tok_s, 0.001, 1e7);
    profile_read_number(r, "decode_depth_ns", &p->decode_depth_ns, 0, 1e9);
    profile_read_number(r, "jitter", &p->jitter, 0, 0.5);
    profile_read_number(r, "keepalive_ms", &p->keepalive_ms, 0, 1e7);
    profile_read_optional_number(r, "acceptance", &p->acceptance, 0.001, 1);
    read_bursts(r, p);
}

static void read_answers(struct profile_reading *r, struct profile *p)
{
    profile_read_count(r, "context", &p->context, 16, PROFILE_CONTEXT_MAX);
    profile_read_count(r, "seed", &p->seed, 0, (uint64_t)1 << 53);
    if (!cJSON_IsNull(json_member(r->document, "answer_tokens")))
        profile_read_count(r, "answer_tokens", &p->answer_tokens, 1, PROFILE_CONTEXT_MAX);
    profile_read_count(r, "loop_tokens", &p->loop_tokens, 0, 4096);
    profile_read_count(r, "reasoning_tokens", &p->reasoning_tokens, 0, PROFILE_CONTEXT_MAX);
    profile_read_flag(r, "merge_bursts", &p->merge_bursts);
    profile_read_flag(r, "tool_call", &p->tool_call);
    profile_read_flag(r, "cache_reset", &p->cache_reset);
    profile_read_flag(r, "usage", &p->usage);
    profile_read_flag(r, "timings", &p->timings);
    profile_read_flag(r, "done", &p->done);
    profile_read_flag(r, "role_chunk", &p->role_chunk);
}

static void read_names(struct profile_reading *r, struct profile *p)
{
    profile_read_text(r, "name", &p->name);
    profile_read_text(r, "version", &p->version);
    profile_read_text(r, "model", &p->model);
    profile_read_text(r, "quant", &p->quant);
}

static int set_defaults(struct profile *p, struct error *e)
{
    memset(p, 0, sizeof *p);
    p->name = mem_strdup("llama.cpp");
    p->version = mem_strdup("synthetic");
    p->model = mem_strdup("synthetic");
    p->quant = mem_strdup("F16");
    p->reasoning_field = mem_strdup("reasoning_content");
    p->context = 131072;
    p->prefill_tok_s = 5000;
    p->decode_tok_s = 100;
    p->header_ms = p->first_token_ms = NAN;
    p->acceptance = NAN;
    p->answer_tokens = ABSENT;
    p->cache_policy = CACHE_LAST;
    p->cache_slots = 1;
    p->cache_block = 1;
    p->usage = p->timings = p->done = p->role_chunk = 1;
    p->seed = 1;
    set_mean_burst(p, 1);
    if (p->name && p->version && p->model && p->quant && p->reasoning_field)
        return TT_OK;
    return error_set(e, TT_NOMEM, "out of memory");
}

int profile_parse(struct profile *p, const void *text, size_t len, struct error *e)
{
    int status = set_defaults(p, e);
    cJSON *document = status ? NULL : json_parse(text, len, JSON_DOCUMENT_MAX, e);
    struct profile_reading r = {document, "", e, status};
    if (!document)
        return status ? status : (e && e->code ? (int)e->code : TT_SYNTAX);
    if (!cJSON_IsObject(document))
        r.status = error_set(e, TT_USAGE, "a profile must be a JSON object");
    else
        r.status = json_only_known(document, known_keys, "the profile", e);
    read_names(&r, p);
    read_choices(&r, p);
    read_speeds(&r, p);
    read_answers(&r, p);
    read_cache(&r, p);
    cJSON_Delete(document);
    return r.status;
}

int profile_load(struct profile *p, const char *path, struct error *e)
{
    struct buf text = BUF_INIT;
    memset(p, 0, sizeof *p);
    int status = io_read_file(path, JSON_DOCUMENT_MAX, &text, e);
    if (!status) {
        status = profile_parse(p, buf_text(&text), text.len, e);
        if (status)
            error_prefix(e, "'%s'", path);
    }
    buf_release(&text);
    return status;
}

void profile_release(struct profile *p)
{
    mem_free(p->name);
    mem_free(p->version);
    mem_free(p->model);
    mem_free(p->quant);
    mem_free(p->reasoning_field);
    memset(p, 0, sizeof *p);
}

void profile_speed_up(struct profile *p, double factor)
{
    p->prefill_tok_s *= factor;
    p->prefill_attention_ns /= factor;
    p->ttft_ms /= factor;
    p->first_token_ms /= factor;
    p->header_ms /= factor;
    p->decode_tok_s *= factor;
    p->decode_depth_ns /= factor;
    p->keepalive_ms /= factor;
}

double profile_mean_burst(const struct profile *p)
{
    double mean = 0;
    for (size_t i = 0; i < p->burst_max; i++)
        mean += p->burst_weights[i] * (double)(i + 1);
    return mean;
}
