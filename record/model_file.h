/* SPDX-License-Identifier: MIT */
/* The files of a model: one, or the parts of a split GGUF. */
#ifndef TOKTAPE_MODEL_FILE_H
#define TOKTAPE_MODEL_FILE_H

#include "formats/error.h"

typedef int model_file_fn(void *context, const char *path, struct error *e);

/* Calls `each` with the path, or in order with all parts of "x-00001-of-00003.gguf", until it returns
 * something else than TT_OK, which is returned. TT_NOMEM. */
int model_file_each(const char *path, model_file_fn *each, void *context, struct error *e);

#endif
