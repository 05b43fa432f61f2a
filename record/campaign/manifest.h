/* SPDX-License-Identifier: MIT */
/* What a campaign has done so far: one JSON file that is replaced as a whole, on the disk before anything
 * relies on it, so that it is right at whatever moment the machine stops. */
#ifndef TOKTAPE_CAMPAIGN_MANIFEST_H
#define TOKTAPE_CAMPAIGN_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "formats/bytes.h"
#include "formats/digest.h"
#include "formats/error.h"
#include "record/campaign/order.h"
#include "record/process.h"

#define MANIFEST_MAX     ((size_t)64 << 20)
#define MANIFEST_ENTRIES (2 * PLAN_RECORDINGS_MAX + 2) /* sentinels included */

enum cell_state { CELL_PENDING, CELL_RUNNING, CELL_DONE, CELL_FAILED };

const char *cell_state_name(enum cell_state state); /* "pending", "running", "done", "failed" */

/* One recording. Strings are owned, NULL when there is nothing to say. */
struct manifest_entry {
    char *cell;
    int is_sentinel;
    uint64_t repeat;
    enum cell_state state;
    uint64_t attempts;
    char *trace;                        /* name of the file in its folder */
    char content_id[SHA256_HEX_BYTES];  /* "" until a trace was checked */
    char fingerprint[SHA256_HEX_BYTES]; /* of the cell when it was recorded */
    char *reason;                       /* why it failed, or what is to be known of it */
    uint64_t began_ns, ended_ns;        /* since 1970, of the last attempt; 0: not */
};

struct manifest {
    char *campaign;
    char boot[SHA256_HEX_BYTES];     /* of the machine's start that the processes belong to; "" unknown */
    struct process engine, recorder; /* what runs now; pid 0: nothing */
    double idle_w;                   /* of the machine before anything ran; NAN */
    struct manifest_entry *entries;
    size_t count, capacity;
};

/* An empty one. TT_OK or TT_NOMEM; release in either case. */
int manifest_init(struct manifest *m, const char *campaign);
void manifest_release(struct manifest *m);

/* Reads a file; where there is none, *m is empty. TT_SYNTAX and TT_DAMAGED for what is no manifest of that
 * campaign. Release in every case. */
int manifest_load(struct manifest *m, const char *path, const char *campaign, struct error *e);
int manifest_parse(struct manifest *m, struct bytes text, const char *campaign, struct error *e);

/* Reasons are cut where there is so much of them that the whole could not be read again. Returns out->failed.
 */
int manifest_write(const struct manifest *m, struct buf *out);
int manifest_save(const struct manifest *m, const char *path, struct error *e);

/* The entry of a recording; NULL when there is none. */
struct manifest_entry *manifest_find(const struct manifest *m, const struct recording *r);

/* The same, made as pending when it is new; NULL when memory is out. Until the next one is made. */
struct manifest_entry *manifest_entry(struct manifest *m, const struct recording *r);

/* Replaces a string of an entry by a copy; NULL clears it. TT_OK or TT_NOMEM. */
int manifest_set_text(char **slot, const char *text);

#endif
