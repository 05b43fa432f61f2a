/* SPDX-License-Identifier: MIT */
/* The first META document of a recording: what was recorded, of whom, on which machine, by what. */
#ifndef TOKTAPE_DESCRIPTION_H
#define TOKTAPE_DESCRIPTION_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"
#include "formats/provenance.h"
#include "formats/scrub.h"
#include "formats/workload.h"

/* A document with everything that the recorder knows by itself: format, tool, libraries, clock, host,
 * provenance, privacy. The caller adds engine, model, workload, options and labels. NULL when memory is out;
 * cJSON_Delete. */
cJSON *description_new(const struct trace_identity *identity, const char *action);

/* Likewise, without what is true only of this machine at this moment: created, libraries, clock, host. */
cJSON *description_new_elsewhere(const struct trace_identity *identity, const char *action);

int description_add_workload(cJSON *description, const struct workload *workload);

/* Is this "name=value"? TT_USAGE with the reason why not. */
int description_check_label(const char *text, struct error *e);

/* `labels` are "name=value" texts, stored scrubbed. TT_USAGE for one without '=' or with an odd name. */
int description_add_labels(cJSON *description, const char *const *labels, size_t count,
                           const struct scrubber *scrubber, struct error *e);

/* Puts each {"path": "engine.name", "value", "how"} where its path says, and keeps the list as `facts`. Takes
 * over `facts`. TT_OK or TT_NOMEM. */
int description_add_facts(cJSON *description, cJSON *facts);

/* Text for the META block. */
int description_print(const cJSON *description, struct buf *out, struct error *e);

/* A file name of safe characters, "ENGINE-VERSION-MODEL-xxxxxx.toktape", from what the description says. */
int description_file_name(const cJSON *description, const struct trace_identity *identity, struct buf *out);

#endif
