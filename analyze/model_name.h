/* SPDX-License-Identifier: MIT */
/* What a model's file name or id says: a name for people, and how it is quantised. */
#ifndef TOKTAPE_MODEL_NAME_H
#define TOKTAPE_MODEL_NAME_H

#include <stddef.h>

#include "formats/buf.h"

/* The class that may be compared: "Q4", "Q5", "Q8", "F16"; an unknown one is its own class. Returns
 * out->failed. */
int quant_class(const char *quant, struct buf *out);

/* llama.cpp's long form in its usual short one: "Q4_K - Medium" is "Q4_K_M". Returns out->failed. */
int quant_display(const char *quant, struct buf *out);

/* The quantisation part of a file name or model id, as spelt there. NULL when it has none; *len is its
 * length. */
const char *quant_in_name(const char *name, size_t *len);

/* The name without folders, extension, shard number and quantisation: "org/Qwen3-8B-UD-Q4_K_XL.gguf" is
 * "Qwen3-8B". Returns out->failed. */
int model_display_name(const char *id_or_file, struct buf *out);

/* Behind the last slash or backslash. */
const char *base_name(const char *path);

#endif
