/* SPDX-License-Identifier: MIT */
/* An engine made from a profile: it tokenises, caches prefixes, and answers at the profile's speed. */
#ifndef TOKTAPE_SYNTHETIC_H
#define TOKTAPE_SYNTHETIC_H

#include "replay/engine.h"
#include "replay/profile.h"

/* Takes the profile over (*p is empty afterwards), also on failure. TT_OK or TT_NOMEM. Free with
 * engine->free. */
int synthetic_new(struct engine **engine, struct profile *p, struct error *e);

/* For who has the engine to itself: the profile, to be changed between answers; a restart; and how many
 * tokens the prefix cache holds. */
struct profile *synthetic_profile(struct engine *engine);
void synthetic_forget(struct engine *engine);
uint64_t synthetic_tokens_held(const struct engine *engine);

#endif
