/* SPDX-License-Identifier: MIT */
/* Pieces of reading a plan: members of the right type, or a finding. */
#ifndef TOKTAPE_CAMPAIGN_PLAN_READER_H
#define TOKTAPE_CAMPAIGN_PLAN_READER_H

#include <cjson/cJSON.h>

#include "record/campaign/plan.h"

struct plan_reader {
    struct campaign_plan *plan;
    struct findings *findings;
    plan_check_words *check;
};

/* Keys beyond the NULL-ended list, and keys that stand there twice. "comment" is always fine. */
void plan_check_keys(struct plan_reader *r, const struct place *at, const cJSON *object,
                     const char *const *known);

/* The member when it is of that type; NULL when it is absent or, with a finding, of another. */
const char *plan_text(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key);
const cJSON *plan_object(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key);
const cJSON *plan_array(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key);
int plan_flag(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
              int fallback);

/* Numbers within limits, else the fallback with a finding. */
uint64_t plan_count(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
                    uint64_t fallback, uint64_t least, uint64_t most);
double plan_real(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
                 double fallback, double most);

/* Index of the text among the words, or `fallback` with a finding. */
int plan_choice(struct plan_reader *r, const struct place *at, const cJSON *object, const char *key,
                const char *const *choices, int fallback);

/* A place and its object: a cell, or the defaults that fill what it leaves open. Either may be NULL. */
struct plan_source {
    const struct place *at;
    const cJSON *object;
};

struct plan_cell_sources {
    struct plan_source own, defaults;
};

/* The one that has the key: the cell's own, else the defaults' (which may lack it, too). */
const struct plan_source *plan_source_of(const struct plan_cell_sources *s, const char *key);

/* plan_cell.c */
int plan_read_cell(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell);
void campaign_cell_release(struct campaign_cell *cell);
#define PLAN_USUAL_WORKLOAD "agentic-8" /* when the plan names none; only its texts can be calibrated */

/* NULL-ended; `sentinel` has some of its own. */
extern const char *const plan_cell_keys[], *const plan_sentinel_keys[], *const plan_default_keys[];

/* plan_words.c: what is handed on to `toktape record`. */
int plan_read_words(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell);

/* plan_steps.c */
int plan_read_steps(struct plan_reader *r, const struct plan_source *s, const char *key,
                    struct step_list *list);
void step_list_release(struct step_list *list);

#endif
