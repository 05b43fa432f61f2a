/* SPDX-License-Identifier: MIT */
/* Conversations that carry on the engine's own answers in place of those of the workload. */
#ifndef TOKTAPE_LIVE_HISTORY_H
#define TOKTAPE_LIVE_HISTORY_H

#include <stddef.h>

#include "formats/answer_text.h"
#include "formats/error.h"
#include "formats/workload.h"

/* What stands for the result of a call that the workload has none for, and what follows an answer that
 * nothing else follows. */
#define LIVE_NO_RESULT "{\"error\":\"there is no result of this call\"}"
#define LIVE_GO_ON     "Go on."

struct live_history;

/* Of one conversation; the workload is borrowed. TT_NOMEM; TT_USAGE when none of its phases carries on
 * another one with an answer in between. */
int live_history_new(struct live_history **history, const struct workload *workload, struct error *e);
void live_history_free(struct live_history *history);

/* Forgets all answers: another conversation begins. */
void live_history_clear(struct live_history *history);

/* The phase's messages, a JSON array, borrowed until the next call for the phase: those of the phase that it
 * carries on as they were sent, the engine's answer to them, and what the workload has behind its own answer.
 * Tool results get the ids of the engine's calls, in their order; results of calls that it did not make are
 * left out. Where there is no such answer the workload's words stand. TT_NOMEM or TT_LIMIT. */
int live_history_messages(struct live_history *history, size_t phase, char **messages, struct error *e);

/* What came back, a whole answer, which is taken over: an empty one is left. Returns whether it will be
 * carried on. Arguments of a tool call that are no JSON object become an empty one, since engines refuse a
 * history with others, and are counted. */
int live_history_answer(struct live_history *history, size_t phase, struct answer_text *answer,
                        size_t *broken_calls);

#endif
