/* SPDX-License-Identifier: MIT */
/* What `record` shows while it runs: one live line on a terminal, one line per run elsewhere. Part of the
 * command layer; everything goes to standard error. */
#ifndef TOKTAPE_DISPLAY_H
#define TOKTAPE_DISPLAY_H

#include "formats/error.h"
#include "record/session.h"

struct display;

/* `quiet` shows remarks only. `concurrency`: conversations at once. NULL when memory is out or no thread can
 * be had. */
struct display *display_new(int quiet, uint64_t concurrency);

/* The session's callbacks, with the live run that they look at. Borrowed from the display. */
const struct session_view *display_view(struct display *d);

/* Ends the live line, so that other output starts on a line of its own. */
void display_free(struct display *d);

#endif
