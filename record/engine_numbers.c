/* SPDX-License-Identifier: MIT */
/* Which of an engine's own numbers are kept, and how they are read. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "record/engine_poll.h"

#define GAUGE(name, unit, scale)                                                                             \
    {                                                                                                        \
        {SERIES_ENGINE, SCOPE_ENGINE, 0, name, unit, NULL}, scale                                            \
    }
#define COUNTER(name, unit)                                                                                  \
    {                                                                                                        \
        {SERIES_ENGINE, SCOPE_ENGINE, 1, name, unit, NULL}, 1                                                \
    }
#define VALUE_MAX 9e15 /* beyond, a double has no whole numbers */

const struct engine_number engine_numbers[] = {
    GAUGE("/slots tokens", "token", 1),
    GAUGE("/slots processing", "slot", 1),
    GAUGE("llamacpp:requests_processing", "request", 1),
    GAUGE("llamacpp:requests_deferred", "request", 1),
    GAUGE("llamacpp:kv_cache_usage_ratio", "ppm", 1e6),
    GAUGE("llamacpp:kv_cache_tokens", "token", 1),
    COUNTER("llamacpp:prompt_tokens_total", "token"),
    COUNTER("llamacpp:tokens_predicted_total", "token"),
    COUNTER("llamacpp:n_decode_total", "call"),
    COUNTER("llamacpp:spec_decode_num_draft_tokens_total", "token"),
    COUNTER("llamacpp:spec_decode_num_accepted_tokens_total", "token"),
    GAUGE("vllm:num_requests_running", "request", 1),
    GAUGE("vllm:num_requests_waiting", "request", 1),
    GAUGE("vllm:kv_cache_usage_perc", "ppm", 1e6),  /* a fraction, whatever its name says */
    GAUGE("vllm:gpu_cache_usage_perc", "ppm", 1e6), /* its name before */
    COUNTER("vllm:prompt_tokens_total", "token"),
    COUNTER("vllm:generation_tokens_total", "token"),
    COUNTER("vllm:prefix_cache_queries_total", "token"),
    COUNTER("vllm:prefix_cache_hits_total", "token"),
    COUNTER("vllm:spec_decode_num_draft_tokens_total", "token"),
    COUNTER("vllm:spec_decode_num_accepted_tokens_total", "token"),
};
const size_t engine_number_count = sizeof engine_numbers / sizeof engine_numbers[0];

_Static_assert(sizeof engine_numbers / sizeof engine_numbers[0] <= ENGINE_NUMBERS_MAX, "all numbers fit");

static void add_value(uint64_t *sum, double value)
{
    if (!(value >= 0 && value < VALUE_MAX))
        return; /* NaN too */
    *sum = (*sum == ABSENT ? 0 : *sum) + (uint64_t)(value + 0.5);
}

/* "name{label="value"} 12.5 1700000000": the number; NAN when the line is about something else. A label's
 * value may hold blanks and braces. */
static double value_of(const char *line, size_t len, const char *name)
{
    size_t n = strlen(name);
    char text[40];
    if (len <= n || memcmp(line, name, n) != 0 || (line[n] != ' ' && line[n] != '{'))
        return NAN;
    if (line[n] == '{') {
        while (len > n && line[len - 1] != '}')
            len--;
        n = len;
        len = strcspn(line, "\n");
    }
    size_t room = len - n < sizeof text - 1 ? len - n : sizeof text - 1;
    memcpy(text, line + n, room);
    text[room] = '\0';
    char *end;
    double value = strtod(text, &end);
    return end == text ? NAN : value;
}

static void read_line(const char *line, size_t len, uint64_t *values)
{
    for (size_t i = 0; i < engine_number_count; i++)
        add_value(&values[i], value_of(line, len, engine_numbers[i].channel.name) * engine_numbers[i].scale);
}

static void read_metrics(const char *text, uint64_t *values)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (*text != '#')
            read_line(text, len, values);
        text += len + (text[len] == '\n');
    }
}

static double tokens_of(const cJSON *slot)
{
    const cJSON *next = json_member(slot, "next_token");
    if (cJSON_IsArray(next))
        next = next->child;
    return json_number(slot, "n_prompt_tokens", NAN) + json_number(next, "n_decoded", 0);
}

static void read_slots(const struct buf *body, uint64_t *values)
{
    cJSON *slots = body->failed ? NULL : json_parse(buf_text(body), body->len, JSON_DOCUMENT_MAX, NULL);
    const cJSON *slot = cJSON_IsArray(slots) ? slots->child : NULL;
    for (; slot; slot = slot->next) {
        add_value(&values[0], tokens_of(slot));
        add_value(&values[1], json_bool(slot, "is_processing", 0));
    }
    cJSON_Delete(slots);
}

void engine_numbers_read(const char *path, const struct buf *body, uint64_t values[ENGINE_NUMBERS_MAX])
{
    if (strcmp(path, "/slots") == 0)
        read_slots(body, values);
    else
        read_metrics(buf_text(body), values);
}
