/* SPDX-License-Identifier: MIT */
/* One or several traces, told to an exporter in order: traces as they were given, and in each everything as
 * it was recorded. Frames are not kept: memory is that of a tape, whatever the traces hold. */
#ifndef TOKTAPE_EXPORT_WALK_H
#define TOKTAPE_EXPORT_WALK_H

#include "analyze/exporter.h"
#include "analyze/text_list.h"

struct export_walk {
    const char *const *paths;
    size_t count;
    int allow_incomplete;
    const struct exporter *exporter;
    void *state; /* what the exporter's open gave */
    /* What came of it. */
    int has_incomplete;        /* a trace's end was missing, or made up by a repair */
    struct text_list warnings; /* sentences; the same recording twice counts once */
};

/* Files only (TT_USAGE): each is read twice, because which frame carried how many tokens is known at its
 * run's end. Errors of the reader, of the exporter, or TT_NOMEM. Release the warnings in any case. */
int export_walk(struct export_walk *walk, struct error *e);

#endif
