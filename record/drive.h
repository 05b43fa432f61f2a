/* SPDX-License-Identifier: MIT */
/* What `record` and `replay` have in common: the options of a session, driving it with Ctrl-C and a display,
 * and showing what came of it. Part of the command layer. */
#ifndef TOKTAPE_DRIVE_H
#define TOKTAPE_DRIVE_H

#include <stdint.h>

#include "formats/options.h"
#include "formats/workload.h"
#include "record/session.h"

/* Values as given; borrowed from argv. Stands first in a command's own struct, so that offsets are the same.
 */
struct drive_options {
    const char *url, *output, *workload, *model, *extra_body, *api_key_env, *cold, *restart_cmd, *engine_cmd,
        *purge_cmd, *accept, *power, *power_csv;
    uint64_t runs, concurrency, seed, engine_pid;
    double engine_timeout, pause, timeout, stall_timeout, sample_hz, idle;
    struct option_list only, headers, labels;
    int skip_long, calibrate, no_content, no_tokenise, reset_peaks, hash_model, no_poll, live, json, quiet,
        strict;
    unsigned accepted;
    int by_bursts; /* see session.h; no option */
};

#define DRIVE_OPTIONS_MAX 64 /* of a table, its end included */

extern const struct option_def drive_options_all[]; /* ends with a NULL name */

void drive_defaults(struct drive_options *o);

/* Fills `table` (of DRIVE_OPTIONS_MAX) with a command's own options and all of the above but those left out.
 * Lists end with NULL. */
void drive_options_without(const char *const *left_out, const struct option_def *own,
                           struct option_def *table);

/* Are the values sensible, taken together? TT_USAGE. `url` is the command's matter. */
int drive_check(struct drive_options *o, struct error *e);

/* Records two sides in turn, burst by burst: a trace and a result of each. `sides` differ in what a side has
 * of its own; the session's bursts are those of the scripts. Returns the command's exit code. */
int drive_in_turn(const struct drive_options sides[2], const struct workload *workload,
                  const struct session_script scripts[2]);

/* Records, prints the table or JSON, and returns the command's exit code. `script` may be NULL. */
int drive_run(const struct drive_options *o, const struct workload *workload,
              const struct session_script *script);

#endif
