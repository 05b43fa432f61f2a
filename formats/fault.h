/* SPDX-License-Identifier: MIT */
/* Fault points: test builds (TOKTAPE_FAULTS) make the n-th call of a kind fail, and let a test watch what
 * reaches the disk. Other builds have nothing of this. */
#ifndef TOKTAPE_FAULT_H
#define TOKTAPE_FAULT_H

#include <stddef.h>

enum fault_point {
    FAULT_ALLOC,
    FAULT_OPEN, /* files and folders, existing or new */
    FAULT_READ,
    FAULT_WRITE,
    FAULT_SYNC, /* of files, and of the folders that their names are in */
    FAULT_RENAME,
    FAULT_REMOVE,
    FAULT_POINTS
};

/* What a file went through. The pointers are borrowed for the call. */
struct fault_event {
    enum fault_point point;
    const char *path, *to; /* `to`: the new name, of a rename */
    const void *bytes;     /* of a write */
    size_t len;
};

#ifdef TOKTAPE_FAULTS
/* Whether this call is the one that the plan names: 0 no, -1 it is to fail and errno says of what, 1 it is to
 * do less than it was asked for. The plan is what TOKTAPE_FAULT said when the first point was passed:
 * `point:n:action`. Points are alloc, open, read, write, sync, rename and remove; n counts from 1. Actions
 * are fail (the default, as eio), eio, eintr, short (reads and writes of one byte), kill (SIGKILL), and
 * enospc, which strikes from then on, because a full disk stays full. The file that TOKTAPE_FAULT_LOG names
 * gets the plan as a line when it strikes. */
int fault_hits(enum fault_point point);

/* For tests in one process: another plan (NULL: none), with all counts at 0. */
void fault_plan(const char *text);
int fault_has_struck(void);

/* For tests in one process: `see` learns of every write, sync, creation, rename and removal that succeeded,
 * in the thread that did it. */
typedef void fault_observer(void *context, const struct fault_event *event);
void fault_observe(fault_observer *see, void *context);
void fault_happened(const struct fault_event *event);

/* Pieces of memory that formats/alloc.h gave out and did not get back. */
void fault_memory_given(int change);
long fault_memory_held(void);
#else
static inline int fault_hits(enum fault_point point)
{
    (void)point;
    return 0;
}

static inline void fault_happened(const struct fault_event *event)
{
    (void)event;
}

static inline void fault_memory_given(int change)
{
    (void)change;
}
#endif

#endif
