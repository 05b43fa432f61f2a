/* SPDX-License-Identifier: MIT */
/* Processes of a command that left its process group, where nothing else would stop them: they are known by a
 * mark in the environment, which every process inherits from the one that started it. */
#ifndef TOKTAPE_STRAYS_H
#define TOKTAPE_STRAYS_H

#include "formats/buf.h"
#include "record/process.h"

#define STRAYS_CAMPAIGN "TOKTAPE_CAMPAIGN" /* a mark is "NAME=VALUE", with one of these as its name */
#define STRAYS_ENGINE   "TOKTAPE_ENGINE"

/* The shell's words for giving the mark to all that comes behind them. Returns out->failed. */
int strays_put_mark(struct buf *out, const char *mark);

/* Stops all processes that have it, but not ourselves: SIGTERM, and SIGKILL for what is left after `grace_s`
 * seconds. Returns within a few seconds more. *found are those that were there at first, usually none. */
void strays_stop(const char *mark, unsigned grace_s, struct process_list *found);

#endif
