/* SPDX-License-Identifier: MIT */
/* A campaign under way: its plan, what was done of it, and doing the rest, one engine at a time.
 *
 * Each recording is a child process of our own program: whatever happens to it, running out of memory
 * included, the campaign goes on, and what is recorded is what `toktape record` records.
 *
 *     OUT/CELL.toktape, OUT/CELL.rN.toktape     finished traces, never overwritten
 *     OUT/NAME.campaign/manifest.json           what was done (record/campaign/manifest.h)
 *                       lock                    held while the campaign runs
 *                       current.toktape         the recording under way
 *                       CELL.log, CELL.engine.log, CELL.failed.toktape
 *                       sentinel/               the same of the sentinel, its traces included */
#ifndef TOKTAPE_CAMPAIGN_CAMPAIGN_H
#define TOKTAPE_CAMPAIGN_CAMPAIGN_H

#include <signal.h>
#include <stdio.h>

#include "formats/scrub.h"
#include "record/campaign/manifest.h"
#include "record/campaign/wattmeter.h"

#define CAMPAIGN_FAILED ".failed.toktape"

struct campaign_options {
    const char *const *only; /* names of cells; none: all, and the sentinel */
    size_t only_count;
    int keep_going;
    const volatile sig_atomic_t *interrupted;
    void (*say)(void *context, const char *sentence); /* what goes on, for people */
    void *context;
};

struct campaign {
    const struct campaign_plan *plan;
    struct campaign_options options;
    struct order order;
    struct manifest manifest;
    char *folder, *manifest_path, *staging; /* OUT/NAME.campaign/, and files in it */
    char *program;                          /* our own */
    char *mark;                             /* NAME=VALUE in the environment of every engine */
    int lock;                               /* descriptor; -1: not held */
    struct scrubber scrubber;
    struct wattmeter meter;
};

struct campaign_result {
    size_t done, failed, left; /* recordings that were chosen */
    int interrupted;
};

/* Reads what there is. TT_OK, or what reading the manifest gave. Release in every case. */
int campaign_open(struct campaign *c, const struct campaign_plan *plan,
                  const struct campaign_options *options, struct error *e);
void campaign_release(struct campaign *c);

/* 1 when a campaign of that plan is under way in another process. */
int campaign_is_running(const struct campaign *c);

/* Does what is left. TT_OK when it came to an end, failed cells or not; TT_EXISTS when it runs already, or a
 * trace that is not its own is in the way; TT_IO when the manifest cannot be written; TT_NOMEM. */
int campaign_run(struct campaign *c, struct campaign_result *result, struct error *e);

/* Is this recording among those that were asked for, and for this machine? */
int campaign_has_chosen(const struct campaign *c, const struct recording *r);

/* The path of a recording's finished trace, NULL when memory is out; mem_free. */
char *campaign_trace_path(const struct campaign *c, const struct recording *r);

/* A file of the campaign's own: its folder, the recording's name, and `ending`. Likewise. */
char *campaign_file(const struct campaign *c, const struct recording *r, const char *ending);

void campaign_say(const struct campaign *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
int campaign_save(const struct campaign *c, struct error *e);

/* ---- parts of campaign_run, in files of their own ---- */

/* leftover.c: processes that a campaign left behind which was killed. TT_OK, or what saving gave. The mark
 * comes first, once the folder is there: TT_IO, TT_NOMEM. Strays are processes of an engine that has been
 * stopped, but that left its process group. */
int campaign_make_mark(struct campaign *c, struct error *e);
int campaign_stop_leftovers(struct campaign *c, struct error *e);
void campaign_stop_strays(const struct campaign *c);

/* survey.c: which recordings are finished, and still are what they were. TT_EXISTS with the reason why the
 * campaign cannot go on; TT_IO, TT_NOMEM. */
int campaign_survey(struct campaign *c, struct error *e);

/* Moves away what an attempt left that did not come to its end: evidence, but not of the archive. A trace
 * that was cut off has no other name than one that was closed. */
int campaign_clear_staging(const struct campaign *c, const struct recording *r, struct error *e);

/* attempt.c: one recording. TT_OK when it is done; TT_INTERRUPTED; TT_IO and TT_NOMEM when the campaign
 * itself cannot go on; TT_NETWORK when the recording failed, the entry says why. */
int campaign_attempt(struct campaign *c, const struct recording *r, struct error *e);

/* proof.c: what a trace is that is intact and cleanly closed. TT_DAMAGED with the reason; TT_IO … */
struct proof {
    char content_id[SHA256_HEX_BYTES];
    uint64_t runs, failed; /* as the recorder counted */
};
int campaign_prove(const char *path, struct proof *proof, struct error *e);

/* recorder.c: `toktape record` as a child. *code is its exit code, 128 + signal when it was killed. */
struct recorder_job {
    struct campaign *campaign;
    const struct recording *recording;
    FILE *log;
};
int recorder_run(const struct recorder_job *job, int *code, struct error *e);

#endif
