/* SPDX-License-Identifier: MIT */
#include "analyze/row.h"

#include <math.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/error.h"

static const char *const names[METRIC_COUNT] = {
    [METRIC_DECODE] = "decode_tok_s",
    [METRIC_PEAK] = "peak_tok_s",
    [METRIC_DECODE_50K] = "decode_50k_tok_s",
    [METRIC_TTFT] = "ttft_ms",
    [METRIC_TTFT_COLD] = "ttft_cold_ms",
    [METRIC_TTFT_PREFIX] = "ttft_prefix_ms",
    [METRIC_TTFT_LONG] = "ttft_long_ms",
    [METRIC_TURN] = "turn_ms",
    [METRIC_PREFILL] = "prefill_tok_s",
    [METRIC_REUSE] = "prefix_reuse",
    [METRIC_TRUE_HIT_RATE] = "true_hit_rate",
    [METRIC_WASTED_TOKENS] = "wasted_tokens",
    [METRIC_TOKENS_PER_STEP] = "tokens_per_step",
    [METRIC_STEP] = "step_ms",
    [METRIC_ACCEPTANCE] = "acceptance",
    [METRIC_TOK_S_PER_W] = "tok_s_per_w",
    [METRIC_J_PER_TOKEN] = "j_per_token",
    [METRIC_SOC_W] = "soc_w",
    [METRIC_SOC_W_NET] = "soc_w_net",
    [METRIC_IDLE_W] = "idle_w",
    [METRIC_PEAK_RSS] = "peak_rss_bytes",
    [METRIC_STEADY_RSS] = "steady_rss_bytes",
    [METRIC_PEAK_FOOTPRINT] = "peak_footprint_bytes",
    [METRIC_VALID] = "valid_pct",
};

const char *metric_name(enum metric metric)
{
    return names[metric];
}

enum metric metric_find(const char *name)
{
    int i = 0;
    while (i < METRIC_COUNT && strcmp(names[i], name) != 0)
        i++;
    return (enum metric)i;
}

/* Every string that a row owns and that is never NULL. */
static char **row_text(struct report_row *row, size_t i)
{
    char **const texts[] = {&row->cell,        &row->label,  &row->model,
                            &row->model_file,  &row->engine, &row->engine_version,
                            &row->speculative, &row->quant,  NULL};
    return texts[i];
}

int row_init(struct report_row *row)
{
    int status = TT_OK;
    char **text;
    memset(row, 0, sizeof *row);
    for (int i = 0; i < METRIC_COUNT; i++)
        row->figures[i] = FIGURE_ABSENT;
    row->cold_verified = row->thinking_honoured = -1;
    row->closed = "clean";
    for (size_t i = 0; (text = row_text(row, i)); i++) {
        if (row_set_text(text, ""))
            status = TT_NOMEM;
    }
    return status;
}

int row_set_text(char **slot, const char *text)
{
    char *copy = mem_strdup(text ? text : "");
    if (!copy)
        return TT_NOMEM;
    mem_free(*slot);
    *slot = copy;
    return TT_OK;
}

void row_release(struct report_row *row)
{
    char **text;
    for (size_t i = 0; (text = row_text(row, i)); i++)
        mem_free(*text);
    mem_free(row->cold_method);
    text_list_release(&row->power_rails);
    text_list_release(&row->notes);
    text_list_release(&row->findings);
    text_list_release(&row->content_ids);
    text_list_release(&row->gate_causes);
    memset(row, 0, sizeof *row);
}
