/* SPDX-License-Identifier: MIT */
/* The engine's own arguments, as far as they change figures: context, slots, KV type, batch, threads,
 * speculation. */
#ifndef TOKTAPE_ENGINE_ARGS_H
#define TOKTAPE_ENGINE_ARGS_H

#include <cjson/cJSON.h>

#include "formats/buf.h"

/* "context 65536, slots 4, KV q8_0/q8_0, batch 2048, threads 8": only what is known. `context` and `slots` as
 * the engine reported them (ABSENT: take the arguments). Returns out->failed. */
int engine_args_describe(const cJSON *args, uint64_t context, uint64_t slots, struct buf *out);

/* The kind of speculative decoding that the arguments ask for: "mtp", "eagle3", "draft", "ngram", "other";
 * "none" when they ask for none, NULL when they do not say. */
const char *engine_args_speculative(const cJSON *args);

/* The same kinds for an engine's or recorder's own word for it ("draft-mtp"). */
const char *speculative_kind(const char *word);

#endif
