/* SPDX-License-Identifier: MIT */
#include "formats/mask_words.h"

#include <string.h>

static const struct mask_word names_words[] = {
    {"arguments", MASK_NAME_HIDDEN},
    {"build_info", 0},
    {"bytes", MASK_NAME_HIDDEN},
    {"cache", 0},
    {"cache_creation_input_tokens", 0},
    {"cache_n", 0},
    {"cache_prompt", 0},
    {"cache_read_input_tokens", 0},
    {"cache_salt", 0},
    {"cached", 0},
    {"cached_tokens", 0},
    {"chat_template", 0},
    {"chat_template_kwargs", 0},
    {"choices", 0},
    {"code", 0},
    {"completion_probabilities", MASK_NAME_HIDDEN},
    {"completion_token_ids", MASK_NAME_HIDDEN},
    {"completion_tokens", 0},
    {"completion_tokens_details", 0},
    {"content", 0},
    {"content_block", MASK_NAME_CALLS},
    {"context_length", 0},
    {"created", 0},
    {"data", 0},
    {"default_generation_settings", 0},
    {"delta", 0},
    {"description", 0},
    {"detail", 0},
    {"details", 0},
    {"draft", 0},
    {"draft_n", 0},
    {"draft_n_accepted", 0},
    {"effective_context_limit", 0},
    {"enable_thinking", 0},
    {"engine_type", 0},
    {"error", 0},
    {"finish_reason", MASK_NAME_WORD},
    {"frequency_penalty", 0},
    {"ftype", 0},
    {"function", 0},
    {"function_call", 0},
    {"generation_settings", 0},
    {"id", MASK_NAME_ID | MASK_NAME_HIDDEN},
    {"id_slot", 0},
    {"id_task", 0},
    {"ids", MASK_NAME_HIDDEN},
    {"ignore_eos", 0},
    {"include_usage", 0},
    {"index", 0},
    {"info", 0},
    {"input", MASK_NAME_HIDDEN},
    {"input_ids", MASK_NAME_HIDDEN},
    {"input_tokens", 0},
    {"is_processing", 0},
    {"is_sleeping", 0},
    {"loaded", 0},
    {"loaded_context_length", 0},
    {"loaded_context_size", 0},
    {"loaded_model", 0},
    {"logprob", 0},
    {"logprobs", MASK_NAME_HIDDEN},
    {"max_completion_tokens", 0},
    {"max_model_len", 0},
    {"max_tokens", 0},
    {"message", 0},
    {"messages", 0},
    {"meta", 0},
    {"min_p", 0},
    {"modalities", 0},
    {"model", 0},
    {"model_alias", 0},
    {"model_ftype", 0},
    {"model_name", 0},
    {"model_path", 0},
    {"models", 0},
    {"n_ctx", 0},
    {"n_ctx_train", 0},
    {"n_decoded", 0},
    {"n_embd", 0},
    {"n_params", 0},
    {"n_past", 0},
    {"n_predict", 0},
    {"n_prompt_tokens", 0},
    {"n_remain", 0},
    {"n_vocab", 0},
    {"name", 0},
    {"object", MASK_NAME_WORD},
    {"omlx_progress", 0},
    {"output_ids", MASK_NAME_HIDDEN},
    {"output_tokens", 0},
    {"owned_by", 0},
    {"parameter_size", 0},
    {"parameters", MASK_NAME_HIDDEN},
    {"params", 0},
    {"parent", 0},
    {"partial_json", 0},
    {"predicted", 0},
    {"predicted_ms", 0},
    {"predicted_n", 0},
    {"predicted_per_second", 0},
    {"predicted_per_token_ms", 0},
    {"presence_penalty", 0},
    {"probs", MASK_NAME_HIDDEN},
    {"processed", 0},
    {"prompt", MASK_NAME_HIDDEN},
    {"prompt_ms", 0},
    {"prompt_n", 0},
    {"prompt_per_second", 0},
    {"prompt_per_token_ms", 0},
    {"prompt_progress", 0},
    {"prompt_token_ids", MASK_NAME_HIDDEN},
    {"prompt_tokens", 0},
    {"prompt_tokens_details", 0},
    {"properties", 0},
    {"quantization", 0},
    {"quantization_level", 0},
    {"reasoning", 0},
    {"reasoning_content", 0},
    {"reasoning_effort", MASK_NAME_WORD},
    {"reasoning_tokens", 0},
    {"repeat_penalty", 0},
    {"required", 0},
    {"return_progress", 0},
    {"role", MASK_NAME_WORD},
    {"root", 0},
    {"seed", 0},
    {"size", 0},
    {"slots_idle", 0},
    {"slots_processing", 0},
    {"speculative", 0},
    {"status", MASK_NAME_WORD},
    {"stop", 0},
    {"stop_reason", MASK_NAME_WORD},
    {"stop_type", MASK_NAME_WORD},
    {"stream", 0},
    {"stream_options", 0},
    {"system_fingerprint", 0},
    {"temperature", 0},
    {"text", 0},
    {"thinking", 0},
    {"time_ms", 0},
    {"timings", 0},
    {"timings_per_token", 0},
    {"token", MASK_NAME_HIDDEN},
    {"token_id", MASK_NAME_HIDDEN},
    {"token_ids", MASK_NAME_HIDDEN},
    {"token_logprobs", MASK_NAME_HIDDEN},
    {"tokens", MASK_NAME_HIDDEN},
    {"tokens_cached", 0},
    {"tokens_evaluated", 0},
    {"tokens_predicted", 0},
    {"tool_call_id", 0},
    {"tool_calls", MASK_NAME_CALLS},
    {"tool_choice", 0},
    {"tools", 0},
    {"top_k", 0},
    {"top_logprobs", MASK_NAME_HIDDEN},
    {"top_p", 0},
    {"total", 0},
    {"total_slots", 0},
    {"total_tokens", 0},
    {"truncated", 0},
    {"type", MASK_NAME_WORD},
    {"usage", 0},
    {"version", 0},
    {"vocab_type", 0},
};
const struct mask_list mask_names = {names_words, sizeof names_words / sizeof names_words[0]};

static const struct mask_word values_words[] = {
    {"abort", 0},
    {"array", 0},
    {"assistant", 0},
    {"boolean", 0},
    {"cancelled", 0},
    {"chat.completion", 0},
    {"chat.completion.chunk", 0},
    {"content_block_delta", 0},
    {"content_block_start", 0},
    {"content_block_stop", 0},
    {"content_filter", 0},
    {"developer", 0},
    {"end_turn", 0},
    {"eos", 0},
    {"error", 0},
    {"function", 0},
    {"function_call", 0},
    {"high", 0},
    {"image_url", 0},
    {"input_json_delta", 0},
    {"integer", 0},
    {"json_object", 0},
    {"json_schema", 0},
    {"length", 0},
    {"limit", 0},
    {"list", 0},
    {"loaded", 0},
    {"loading", 0},
    {"low", 0},
    {"max_tokens", 0},
    {"medium", 0},
    {"message", 0},
    {"message_delta", 0},
    {"message_start", 0},
    {"message_stop", 0},
    {"minimal", 0},
    {"model", 0},
    {"no_slot_available", 0},
    {"none", 0},
    {"null", 0},
    {"number", 0},
    {"object", 0},
    {"ok", 0},
    {"pause_turn", 0},
    {"ping", 0},
    {"refusal", 0},
    {"signature_delta", 0},
    {"stop", 0},
    {"stop_sequence", 0},
    {"string", 0},
    {"system", 0},
    {"text", 0},
    {"text_completion", 0},
    {"text_delta", 0},
    {"thinking", 0},
    {"thinking_delta", 0},
    {"tool", 0},
    {"tool_calls", 0},
    {"tool_use", 0},
    {"unloaded", 0},
    {"user", 0},
    {"word", 0},
};
const struct mask_list mask_values = {values_words, sizeof values_words / sizeof values_words[0]};

static const struct mask_word headers_words[] = {
    {"accept-ranges", 0},
    {"cache-control", 0},
    {"connection", 0},
    {"content-encoding", 0},
    {"content-length", 0},
    {"content-type", 0},
    {"date", 0},
    {"keep-alive", 0},
    {"openai-processing-ms", 0},
    {"openai-version", 0},
    {"retry-after", 0},
    {"server", 0},
    {"transfer-encoding", 0},
    {"vary", 0},
    {"x-accel-buffering", 0},
    {"x-powered-by", 0},
    {"x-process-time", 0},
    {"x-rapidmlx-warning", 0},
};
const struct mask_list mask_headers = {headers_words, sizeof headers_words / sizeof headers_words[0]};

static const struct mask_word fields_words[] = {
    {"data", 0},
    {"event", 0},
    {"id", 0},
    {"retry", 0},
};
const struct mask_list mask_fields = {fields_words, sizeof fields_words / sizeof fields_words[0]};

void mask_match_begin(struct mask_match *m, const struct mask_list *list)
{
    m->low = m->len = 0;
    m->high = list->count;
}

/* The first word from `low` on, below `high`, that goes on with `c` or more. */
static size_t first_from(const struct mask_match *m, const struct mask_list *list, unsigned c)
{
    size_t low = m->low, high = m->high;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((unsigned char)list->words[middle].text[m->len] < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int mask_match_next(struct mask_match *m, const struct mask_list *list, unsigned char c)
{
    if (m->low == m->high || !c) { /* a NUL is no end of a word here */
        mask_match_fail(m);
        return 0;
    }
    unsigned char first = (unsigned char)list->words[m->low].text[m->len];
    unsigned char last = (unsigned char)list->words[m->high - 1].text[m->len];
    if (first != c)
        m->low = last < c ? m->high : first_from(m, list, c);
    if (last != c)
        m->high = m->low < m->high ? first_from(m, list, c + 1u) : m->low;
    m->len++;
    return m->low < m->high;
}

void mask_match_fail(struct mask_match *m)
{
    m->high = m->low;
}

/* The shortest of the words that are left comes first. */
const struct mask_word *mask_match_word(const struct mask_match *m, const struct mask_list *list)
{
    const struct mask_word *word = m->low < m->high ? &list->words[m->low] : NULL;
    return word && word->text[m->len] == '\0' ? word : NULL;
}
