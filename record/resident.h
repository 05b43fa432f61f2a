/* SPDX-License-Identifier: MIT */
/* Other engines on this machine: programs of the engine table that listen on a port. */
#ifndef TOKTAPE_RESIDENT_H
#define TOKTAPE_RESIDENT_H

#include <stddef.h>

#include "record/engine.h"
#include "record/process.h"

#define RESIDENT_MAX 16

struct resident_engine {
    enum engine_kind kind;
    uint64_t pid;
};

/* All but toktape itself and the processes of `own` with their relatives (a server and the workers it started
 * are one engine). Programs of other users are not visible on every system. Returns how many, at most
 * RESIDENT_MAX, or TT_NOMEM or TT_IO. */
int resident_engines(const struct process_list *own, struct resident_engine found[RESIDENT_MAX]);

#endif
