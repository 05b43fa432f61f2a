/* SPDX-License-Identifier: MIT */
/* The META documents of a trace as one: the first, with the facts of later ones put in their places. */
#ifndef TOKTAPE_TAPE_META_H
#define TOKTAPE_TAPE_META_H

#include <cjson/cJSON.h>

#include "analyze/tape.h"

/* Takes the next META document in order. TT_NOMEM, TT_LIMIT over TAPE_FACTS_MAX. */
int tape_add_meta(struct tape *tape, const cJSON *document, struct error *e);

/* Puts the facts {path, value} of `facts` into `meta`: "a.b" sets member b of object a. A path that leads
 * through something else than objects is left alone. TT_OK or TT_NOMEM. */
int meta_apply_facts(cJSON *meta, const cJSON *facts);

/* What META and END say about how the recording ended, as `closed` in JSON; `end` may be NULL. */
const char *meta_closed(const cJSON *meta, const cJSON *end);

/* The content id that END states; NULL when `end` is NULL or what it states is no SHA-256 in lower-case hex.
 */
const char *meta_content_id(const cJSON *end);

int meta_is_masked(const cJSON *meta); /* its privacy level says so */

#endif
