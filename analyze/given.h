/* SPDX-License-Identifier: MIT */
/* Figures that the source of an imported trace states of a run: the one place where they meet those that are
 * computed. Whatever the trace's own rows tell more finely is computed; what is given fills the gaps. */
#ifndef TOKTAPE_GIVEN_H
#define TOKTAPE_GIVEN_H

#include "analyze/answer.h"
#include "analyze/figures.h"
#include "formats/schema.h"

/* A copy that owns its texts. NULL when memory is out; free with given_free. */
struct given_row *given_copy(const struct given_row *row);
void given_free(struct given_row *given);

/* Adds an arrival to the answer, as a frame that is handed to `frame`: an event where the source kept its
 * data, else a piece of text that nobody knows. `read` counts the arrivals' distinct times. `scratch` holds
 * decoded text. */
void given_frame(const struct arrival_row *row, struct buf *scratch, struct chat_frame *frame);

/* Before anything is computed: counts, the finish reason and the text that the answer itself does not tell.
 * TT_OK or TT_NOMEM. */
int given_to_answer(struct answer *a, const struct given_row *given);

/* After everything was computed from the answer: what is missing, and power and memory, which nothing else
 * tells of an imported run. */
void given_fill(struct run_figures *f, const struct given_row *given);

/* What can be said against an imported run; no framing was recorded, and silence of the source is no fault.
 */
unsigned given_causes(const struct run_figures *f, const struct run_evidence *ev);

#endif
