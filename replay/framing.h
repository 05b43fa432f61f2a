/* SPDX-License-Identifier: MIT */
/* HTTP/1.1 response framing around an answer's body, and off a recorded response again. */
#ifndef TOKTAPE_FRAMING_H
#define TOKTAPE_FRAMING_H

#include "replay/engine.h"

#define FRAMING_MARK "X-Toktape" /* header of every answer that is not a recorded engine's own bytes */

#define FRAMING_SLICE_MAX ((size_t)1 << 30)

/* Turns an answer of form ANSWER_DOCUMENT or ANSWER_EVENTS into ANSWER_WIRE; others are left as they are.
 * `mark` is the value of the FRAMING_MARK header. TT_OK or TT_NOMEM; on failure the answer is unchanged. */
int framing_add(struct engine_answer *a, const char *mark);

/* Turns an answer of form ANSWER_WIRE into ANSWER_EVENTS: status, content type and Server: come from the
 * recorded head, each slice holds the body bytes of a recorded one. What is no HTTP becomes a 502 without a
 * body. TT_OK or TT_NOMEM; a failed answer can only be released. */
int framing_strip(struct engine_answer *a);

#endif
