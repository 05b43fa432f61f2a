/* SPDX-License-Identifier: MIT */
#include "replay/synthetic_info.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/jsonout.h"
#include "formats/utf8.h"

void info_server(struct engine_answer *a, const struct profile *p)
{
    char text[256];
    if (p->style == STYLE_LLAMA_CPP)
        snprintf(text, sizeof text, "llama.cpp");
    else
        snprintf(text, sizeof text, "%s/%s", p->name, p->version);
    engine_answer_set_server(a, text, strlen(text));
}

static int is_speculative(const struct profile *p)
{
    return !isnan(p->acceptance);
}

static uint64_t slot_count(const struct profile *p)
{
    return p->cache_policy == CACHE_SLOTS ? p->cache_slots : 1;
}

static void write_model(struct jsonout *j, const struct profile *p)
{
    jsonout_object(j);
    jsonout_field_string(j, "id", p->model);
    jsonout_field_string(j, "object", "model");
    jsonout_field_u64(j, "created", 0);
    if (p->style == STYLE_LLAMA_CPP) {
        jsonout_field_string(j, "owned_by", "llamacpp");
        jsonout_key(j, "meta");
        jsonout_object(j);
        jsonout_field_u64(j, "n_ctx", p->context);
        jsonout_field_u64(j, "n_ctx_train", p->context);
        jsonout_field_string(j, "ftype", p->quant);
        jsonout_end(j, '}');
    } else {
        jsonout_field_string(j, "owned_by", p->name);
        jsonout_field_u64(j, "max_model_len", p->context);
    }
    jsonout_end(j, '}');
}

int info_models(struct buf *out, const struct profile *p)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "object", "list");
    jsonout_key(&j, "data");
    jsonout_array(&j);
    write_model(&j, p);
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    return out->failed;
}

static void write_model_path(struct jsonout *j, const struct profile *p)
{
    struct buf path = BUF_INIT;
    buf_printf(&path, "/models/%s-%s.gguf", p->model, p->quant);
    jsonout_field_string(j, "model_path", buf_text(&path));
    buf_release(&path);
}

int info_props(struct buf *out, const struct profile *p)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    jsonout_key(&j, "default_generation_settings");
    jsonout_object(&j);
    jsonout_key(&j, "params");
    jsonout_object(&j);
    jsonout_field_string(&j, "speculative.types", is_speculative(p) ? "draft" : "none");
    jsonout_end(&j, '}');
    jsonout_field_u64(&j, "n_ctx", p->context);
    jsonout_end(&j, '}');
    jsonout_field_u64(&j, "total_slots", slot_count(p));
    jsonout_field_string(&j, "model_alias", p->model);
    jsonout_field_string(&j, "model_ftype", p->quant);
    write_model_path(&j, p);
    jsonout_field_string(&j, "chat_template",
                         "<|tools|>{tools}<|end|>\n<|im_start|>{role}\n{content}{tool_calls}<|im_end|>\n");
    jsonout_field_string(&j, "eos_token", "<|im_end|>");
    jsonout_field_string(&j, "build_info", p->version);
    jsonout_field_bool(&j, "is_sleeping", 0);
    jsonout_field_bool(&j, "synthetic", 1);
    jsonout_end(&j, '}');
    return out->failed;
}

int info_slots(struct buf *out, const struct profile *p)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_array(&j);
    for (uint64_t i = 0; i < slot_count(p); i++) {
        jsonout_object(&j);
        jsonout_field_u64(&j, "id", i);
        jsonout_field_u64(&j, "n_ctx", p->context);
        jsonout_field_bool(&j, "speculative", is_speculative(p));
        jsonout_field_bool(&j, "is_processing", 0);
        jsonout_end(&j, '}');
    }
    jsonout_end(&j, ']');
    return out->failed;
}

int info_version(struct buf *out, const struct profile *p)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    jsonout_field_string(&j, "version", p->version);
    jsonout_end(&j, '}');
    return out->failed;
}

/* As llama.cpp does: bytes that are no characters by themselves are numbers. */
static void put_piece(struct jsonout *j, uint32_t id, const unsigned char *piece, size_t len)
{
    jsonout_object(j);
    jsonout_field_u64(j, "id", id);
    jsonout_key(j, "piece");
    if (utf8_is_valid(piece, len)) {
        jsonout_string_n(j, piece, len);
    } else {
        jsonout_array(j);
        for (size_t i = 0; i < len; i++)
            jsonout_u64(j, piece[i]);
        jsonout_end(j, ']');
    }
    jsonout_end(j, '}');
}

int info_tokens(struct buf *out, const struct tokens *tokens, const struct buf *pieces)
{
    struct jsonout j;
    size_t at = 0;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    jsonout_key(&j, "tokens");
    jsonout_array(&j);
    for (size_t i = 0; i < tokens->count; i++) {
        if (!pieces) {
            jsonout_u64(&j, tokens->ids[i]);
            continue;
        }
        size_t len = token_length(buf_text(pieces) + at, pieces->len - at);
        put_piece(&j, tokens->ids[i], pieces->data + at, len);
        at += len;
    }
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    return out->failed;
}

int info_prompt(struct buf *out, const struct buf *prompt, uint64_t tokens)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    jsonout_object(&j);
    if (prompt) {
        jsonout_key(&j, "prompt");
        jsonout_string_n(&j, prompt->data, prompt->len);
    } else {
        jsonout_field_u64(&j, "input_tokens", tokens);
    }
    jsonout_end(&j, '}');
    return out->failed;
}
