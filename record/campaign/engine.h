/* SPDX-License-Identifier: MIT */
/* The engine of a cell: started, waited for, asked which model it serves, stopped with all its processes. */
#ifndef TOKTAPE_CAMPAIGN_ENGINE_H
#define TOKTAPE_CAMPAIGN_ENGINE_H

#include <signal.h>
#include <stdio.h>

#include "formats/scrub.h"
#include "record/campaign/plan.h"
#include "record/endpoint.h"
#include "record/http.h"
#include "record/process_group.h"

#define ENGINE_TAIL_LINES 12
#define CELL_LOG_MARK     "--- attempt " /* begins the line in front of each attempt in a log */

struct cell_engine {
    const struct campaign_cell *cell;
    const struct scrubber *scrubber;
    const volatile sig_atomic_t *interrupted;
    FILE *log;        /* the engine's own words; borrowed */
    const char *mark; /* NAME=VALUE for the environment, by which its processes are known; borrowed */
    int (*announce)(void *context, uint64_t pid, struct error *e); /* as in struct group_start */
    void *context;
    /* Its own from here. */
    struct process_group group;
    struct endpoint endpoint;
    struct http_client *client;
};

/* Starts it and waits until it is healthy and known to serve the cell's model, if the cell names one and the
 * engine tells. TT_USAGE when the port is taken; TT_IO when the command ends; TT_NETWORK when it does not
 * answer in time; TT_NOTFOUND for another model; TT_INTERRUPTED; TT_NOMEM. Stop it in every case. */
int cell_engine_start(struct cell_engine *engine, struct error *e);

/* 0 when it runs; otherwise *e says how it ended. */
int cell_engine_has_ended(const struct cell_engine *engine, struct error *e);

void cell_engine_stop(struct cell_engine *engine);

/* The last lines of its log, scrubbed. Returns out->failed. */
int cell_engine_put_tail(const struct cell_engine *engine, struct buf *out);

#endif
