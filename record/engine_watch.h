/* SPDX-License-Identifier: MIT */
/* Follows the engine's processes: who listens on its port, with all their children, over restarts.
 *
 * A generation is one life of the engine: it lasts as long as one of those who listened still does. A child
 * that comes or goes later belongs to the same generation. Each process becomes a row of the process table,
 * scrubbed. Not thread-safe: one thread scans, and a lock of the owner's guards engine_watch_facts. */
#ifndef TOKTAPE_ENGINE_WATCH_H
#define TOKTAPE_ENGINE_WATCH_H

#include <stddef.h>
#include <stdint.h>

#include "formats/row_sink.h"
#include "formats/scrub.h"
#include "record/process.h"
#include "record/procmem.h"

#define ENGINE_FACTS_MAX 32 /* processes whose facts are kept */

struct engine_target {
    uint16_t port;          /* 0: only `pid` counts */
    struct address address; /* where the engine is reached; version 0: anywhere on this machine */
    int is_local;           /* that address is this machine */
    uint64_t pid; /* the engine, as the person says; 0: whoever listens. When it ends, the port decides */
};

enum engine_place {
    ENGINE_PLACE_UNKNOWN,   /* on this machine, but nobody who listens was seen (yet) */
    ENGINE_PLACE_HERE,      /* its processes are followed */
    ENGINE_PLACE_FORWARDED, /* who listens only passes connections on */
    ENGINE_PLACE_ELSEWHERE  /* the address is another machine's */
};

struct engine_member {
    struct process id;
    int listens;
    struct procmem_probe probe;
};

struct engine_watch {
    struct engine_target target;
    struct row_sink sink;
    const struct scrubber *scrubber;
    enum engine_place place;   /* of the last engine seen: a restart in between does not change it */
    int hidden;                /* somebody listens whom the system does not show */
    uint64_t named_start_time; /* of target.pid, 0 before it was seen */
    uint64_t next_search;      /* ticks: when to ask again who listens, though those who did still live */
    uint64_t next_scan;        /* ticks: when to read the process table again, though nothing was started */
    uint64_t births;           /* process_births before the last scan */
    int is_stale;              /* a member has gone: scan soon */
    uint64_t generation;       /* ABSENT before the first */
    struct engine_member members[PROCESS_LIST_MAX];
    size_t count;
    struct process_facts
        facts[ENGINE_FACTS_MAX]; /* of this generation, listeners first; kept when they are gone */
    size_t facts_count;
    struct process_table table;
};

/* `scrubber` is borrowed; NULL knows nobody. */
void engine_watch_init(struct engine_watch *w, const struct engine_target *target,
                       const struct row_sink *sink, const struct scrubber *scrubber);
void engine_watch_release(struct engine_watch *w);

/* Called around the change of what engine_watch_facts shows. */
struct engine_lock {
    void (*lock)(void *context);
    void (*unlock)(void *context);
    void *context;
};

/* Looks who is there now. Where the system says that no process was started (process_births) and no member
 * has gone, that is all; asking who listens is the dearest part (the system walks all its sockets), and is
 * done when a listener has gone. Both are done after engine_watch_search, and else once a minute. `lock` may
 * be NULL. TT_OK also when nobody is there; TT_NOMEM or TT_IO. */
int engine_watch_scan(struct engine_watch *w, const struct engine_lock *lock);
void engine_watch_search(struct engine_watch *w); /* the next scan asks who listens */

/* Sum over the members; members that have gone are marked. ABSENT fields are those that no member has.
 * TT_NOTFOUND when none is left. */
int engine_watch_memory(struct engine_watch *w, struct procmem *sum);

/* The kernel's peaks of all members over one interval, added up: with more than one, an upper bound. The
 * owner's lock guards both. TT_OK; TT_NOTFOUND when no process is followed here or the system tracks no such
 * thing; TT_IO when it is not allowed. *processes: how many were added. */
int engine_watch_reset_peaks(const struct engine_watch *w);
int engine_watch_read_peaks(const struct engine_watch *w, struct procmem_peak *sum, uint64_t *processes);

/* Copies the facts, listeners first. `to` has room for ENGINE_FACTS_MAX and is released entry by entry.
 * Returns the count, or TT_NOMEM. */
int engine_watch_facts(const struct engine_watch *w, struct process_facts *to);

#endif
