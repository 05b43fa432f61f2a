/* SPDX-License-Identifier: MIT */
/* Request bodies as lists of content-addressed segments: a growing history costs only what is new. */
#ifndef TOKTAPE_BODY_STORE_H
#define TOKTAPE_BODY_STORE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/row_sink.h"

struct body_store;

struct body_store *body_store_new(void); /* NULL when memory is out */

/* Records `len` bytes, cut at the ascending offsets in `cuts`, through `sink`: segments and bodies that
 * were not seen before become rows. *row is the body's row number. */
int body_store_put(struct body_store *store, const struct row_sink *sink, const void *bytes, size_t len,
                   const size_t *cuts, size_t cut_count, uint64_t *row, struct error *e);
void body_store_free(struct body_store *store);

#endif
