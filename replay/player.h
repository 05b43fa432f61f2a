/* SPDX-License-Identifier: MIT */
/* An engine that plays a trace's answers to whoever asks the same requests. */
#ifndef TOKTAPE_PLAYER_H
#define TOKTAPE_PLAYER_H

#include "replay/engine.h"
#include "replay/recording.h"

/* A request with a recorded body gets that run's answer; the same body again gets the next repeat's, and so
 * round. Any other body gets the first recorded answer to that path that nobody has had yet. GET requests get
 * the recorded probes.
 *
 * Takes the recording over (*r is empty afterwards), also on failure. TT_OK or TT_NOMEM. Free with
 * engine->free. */
int player_new(struct engine **engine, struct recording *r, struct error *e);

#endif
