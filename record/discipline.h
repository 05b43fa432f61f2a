/* SPDX-License-Identifier: MIT */
/* Whether a measurement is disciplined: one engine resident, context enough for the workload, a laptop in
 * High Power Mode, no thermal pressure, no growth of swap. What is amiss is a finding. A person can accept
 * findings of a kind beforehand; both stand in the trace and in every table made from it. What is unknown is
 * no finding. */
#ifndef TOKTAPE_DISCIPLINE_H
#define TOKTAPE_DISCIPLINE_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "formats/error.h"
#include "record/process.h"
#include "record/procmem.h"

#define DISCIPLINE_FINDINGS_MAX 8
#define DISCIPLINE_TEXT_SIZE    200
#define DISCIPLINE_SWAP_GROWTH  ((uint64_t)64 << 20) /* bytes; less is what any machine does */

enum discipline_check {
    CHECK_RESIDENT,
    CHECK_CONTEXT,
    CHECK_POWER_MODE,
    CHECK_SWAP,
    CHECK_THERMAL,
    DISCIPLINE_CHECKS
};

/* "resident,context" or "all" to bits 1 << check. TT_USAGE names the word that is none. NULL is none. */
int discipline_parse_accepted(const char *list, unsigned *accepted, struct error *e);

struct discipline_finding {
    enum discipline_check check;
    char text[DISCIPLINE_TEXT_SIZE]; /* a sentence that names nothing private */
};

struct discipline {
    unsigned accepted;
    struct discipline_finding findings[DISCIPLINE_FINDINGS_MAX];
    size_t count;
    uint64_t machine[SYSMEM_FIELDS]; /* as it was before, for comparison afterwards */
};

/* What is measured; borrowed. */
struct discipline_subject {
    uint64_t context, context_needed; /* tokens; ABSENT when unknown */
    int is_local;                     /* else this machine's state says nothing about the engine */
    const struct process_list *own;   /* the engine's processes */
    const cJSON *host;                /* hostinfo_describe's */
};

/* Looks before the first run; findings are added. TT_OK or TT_NOMEM. */
int discipline_look(struct discipline *d, const struct discipline_subject *subject);

/* Looks again after the last run: findings of then go into a list of their own. */
void discipline_look_again(struct discipline *d, struct discipline *after);

/* Pure pieces of these. */
void discipline_check_context(struct discipline *d, const struct discipline_subject *subject);
void discipline_check_host(struct discipline *d, const cJSON *host);
void discipline_compare(const uint64_t before[SYSMEM_FIELDS], const uint64_t now[SYSMEM_FIELDS],
                        struct discipline *after);

/* TT_USAGE with the first finding that nobody accepted, and the way out. */
int discipline_refuse(const struct discipline *d, struct error *e);

/* [{"check", "text"}]; NULL when memory is out. */
cJSON *discipline_findings(const struct discipline *d);
/* {"strict", "accepted": [names], "findings": […]}; NULL when memory is out. */
cJSON *discipline_describe(const struct discipline *d, int is_strict);

#endif
