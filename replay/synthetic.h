/* SPDX-License-Identifier: MIT */
/* An engine made from a profile: it tokenises, caches prefixes, and answers at the profile's speed. */
#ifndef TOKTAPE_SYNTHETIC_H
#define TOKTAPE_SYNTHETIC_H

#include "replay/engine.h"
#include "replay/profile.h"

/* Takes the profile over (*p is empty afterwards), also on failure. TT_OK or TT_NOMEM. Free with
 * engine->free. */
int synthetic_new(struct engine **engine, struct profile *p, struct error *e);

#endif
