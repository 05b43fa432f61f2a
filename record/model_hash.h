/* SPDX-License-Identifier: MIT */
#ifndef TOKTAPE_MODEL_HASH_H
#define TOKTAPE_MODEL_HASH_H

#include <signal.h>

#include "formats/digest.h"
#include "formats/error.h"

/* SHA-256 of a model's file; of a split GGUF ("x-00001-of-00003.gguf") that of its parts one after another.
 * TT_OK; TT_IO when it is no readable regular file, TT_INTERRUPTED, TT_NOMEM. */
int model_hash(const char *path, const volatile sig_atomic_t *interrupted, char hex[SHA256_HEX_BYTES],
               struct error *e);

#endif
