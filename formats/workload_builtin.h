/* SPDX-License-Identifier: MIT */
/* The built-in workloads, one constructor each; workload_builtin finds them by name. */
#ifndef TOKTAPE_WORKLOAD_BUILTIN_H
#define TOKTAPE_WORKLOAD_BUILTIN_H

#include "formats/error.h"
#include "formats/workload.h"

#define AGENTIC_NAME    "agentic-8"
#define AGENT_LOOP_NAME "agent-loop"

int workload_agentic(struct workload *w, struct error *e);
int workload_agent_loop(struct workload *w, struct error *e);

#endif
