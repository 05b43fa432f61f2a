/* SPDX-License-Identifier: MIT */
/* What can be recorded here, as a checklist: each item with its state, why, and the command that would change
 * it. */
#ifndef TOKTAPE_DOCTOR_H
#define TOKTAPE_DOCTOR_H

#include <stddef.h>

#include "formats/buf.h"
#include "formats/error.h"

#define DOCTOR_ITEMS_MAX 48
#define DOCTOR_TEXT_SIZE 256

enum doctor_state {
    DOCTOR_OK,
    DOCTOR_MISSING, /* a figure will be absent; recording works */
    DOCTOR_WARNING, /* figures will be there, and be doubted */
    DOCTOR_FAILED   /* no recording is possible */
};

struct doctor_item {
    enum doctor_state state;
    char name[32], text[DOCTOR_TEXT_SIZE];
    char fix[DOCTOR_TEXT_SIZE]; /* a command or a sentence; "" when there is nothing to do */
};

struct doctor {
    struct doctor_item items[DOCTOR_ITEMS_MAX];
    size_t count;
};

/* Adds an item; what does not fit is cut. `fix` may be NULL. */
void doctor_add(struct doctor *d, enum doctor_state state, const char *name, const char *fix,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Looks at this machine: clock, power, thermal state, memory, power mode, other engines, disk, gnuplot. */
int doctor_check_machine(struct doctor *d, struct error *e);

/* Asks the engine: reachable, who it is, context, memory of its processes. TT_USAGE for a URL that is none.
 */
int doctor_check_engine(struct doctor *d, const char *url, uint64_t context_needed, struct error *e);

int doctor_has_failed(const struct doctor *d);
void doctor_text(const struct doctor *d, struct buf *out); /* at most 80 columns */
void doctor_json(const struct doctor *d,
                 struct buf *out); /* {"ok", "items": [{"state", "name", "text", "fix"}]} */

#endif
