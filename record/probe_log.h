/* SPDX-License-Identifier: MIT */
/* Probe answers that come before the trace is open: kept, then recorded. */
#ifndef TOKTAPE_PROBE_LOG_H
#define TOKTAPE_PROBE_LOG_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/schema.h"
#include "record/recorder.h"

struct probe_log {
    struct kept_probe *probes;
    size_t count, capacity;
    struct producer *producer; /* once set, rows go straight to the trace */
};

/* A probe_emit_fn; `context` is the log. */
int probe_log_emit(void *context, const struct probe_row *row);

/* Records what was kept, and from now on everything that comes. */
int probe_log_open(struct probe_log *log, struct producer *producer);
void probe_log_release(struct probe_log *log);

#endif
