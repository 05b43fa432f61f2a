/* SPDX-License-Identifier: MIT */
/* One look at an engine from outside: what it answers, which processes it has on this machine, and what
 * engine it is by these. Nothing of it is recorded. */
#ifndef TOKTAPE_ENGINE_VISIT_H
#define TOKTAPE_ENGINE_VISIT_H

#include "record/engine.h"
#include "record/engine_watch.h"
#include "record/probe.h"

/* All zero is empty. */
struct engine_visit {
    struct probe_set probes;
    struct engine_watch watch;
    struct process_facts facts[ENGINE_FACTS_MAX];
    size_t count; /* of facts */
    struct engine_identity id;
};

/* Looks at its processes, asks its endpoints, and settles `id`; TT_OK also when nothing answers there.
 * TT_NOMEM, TT_INTERRUPTED. Release in every case. */
int engine_visit(struct engine_visit *v, const struct probe_job *job, struct error *e);
void engine_visit_release(struct engine_visit *v);

#endif
