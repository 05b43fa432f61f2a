/* SPDX-License-Identifier: MIT */
/* Does an engine serve the model that it is to serve? */
#ifndef TOKTAPE_CAMPAIGN_ENGINE_MODEL_H
#define TOKTAPE_CAMPAIGN_ENGINE_MODEL_H

#include "record/probe.h"

/* Asks the engine, and looks at its processes' arguments. TT_NOTFOUND when it names another file; TT_OK also
 * when it names none: nothing is held against an engine that does not tell. TT_NOMEM. */
int engine_model_check(const struct probe_job *job, const char *wanted, struct error *e);

/* Is it one file? A path that is not absolute counts by its name alone. */
int engine_model_is(const char *served, const char *wanted);

#endif
