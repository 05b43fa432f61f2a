/* SPDX-License-Identifier: MIT */
/* The content id: a digest of what a trace says, whatever its blocks and compression (FORMAT.md §8). */
#ifndef TOKTAPE_CONTENT_ID_H
#define TOKTAPE_CONTENT_ID_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/digest.h"
#include "formats/error.h"
#include "formats/jsonout.h"
#include "formats/rows.h"

struct content_id;

struct content_id *content_id_new(void); /* NULL when memory is out */
int content_id_meta(struct content_id *c, const void *json, size_t len);
/* TT_UNSUPPORTED for an unknown encoding, TT_LIMIT for too many different tables. */
int content_id_rows(struct content_id *c, const struct rows *rows);
/* A data block's wire and all its tables; errors as above. */
int content_id_payload(struct content_id *c, const struct payload *payload);
int content_id_wire(struct content_id *c, const void *bytes, size_t len);

/* Takes the digests of a trace's END, {"name": "digest", …}, for those of a copy that says the same. To an
 * empty one. TT_DAMAGED when it is no such list. */
int content_id_adopt(struct content_id *c, const cJSON *streams);

/* The id of everything so far; more may be added afterwards. */
int content_id_hex(const struct content_id *c, char hex[SHA256_HEX_BYTES]);
/* Writes the streams as {"name": "digest", …} in order of name. */
int content_id_streams(const struct content_id *c, struct jsonout *out);
void content_id_free(struct content_id *c);

#endif
