/* SPDX-License-Identifier: MIT */
/* How much one session of an engine differs from the next, as it was told: one number for everything, or what
 * a campaign's sentinel measured. */
#ifndef TOKTAPE_COMPARE_SESSION_H
#define TOKTAPE_COMPARE_SESSION_H

#include "analyze/compare.h"
#include "formats/error.h"

/* For each metric: standard deviation of logarithms, NAN where it is not known, and its degrees of freedom.
 */
struct compare_session {
    double sd[COMPARE_COUNT], df[COMPARE_COUNT];
};

void compare_session_init(struct compare_session *s); /* nothing is known */

/* `text` is a percentage, "0.5" or "0.5%", or the name of a file {"session_sd": {"decode_tok_s": {"sd_pct",
 * "n"}, …}}. TT_USAGE for anything else, TT_NOTFOUND, TT_IO, TT_SYNTAX, TT_NOMEM. */
int compare_session_read(struct compare_session *s, const char *text, struct error *e);

#endif
