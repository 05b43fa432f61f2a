/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "record/campaign/plan_reader.h"

#define COMMAND_TIMEOUT_S 600.0
#define PATIENCE_S        1800.0
#define PERCENT_MAX       1000.0
#define GIGABYTE          1e9
#define GIGABYTES_MAX     1e6

static const struct {
    const char *key;
    enum step_kind kind;
    double most, timeout_s;
} kinds[] = {{"purge", STEP_PURGE, 0, COMMAND_TIMEOUT_S},
             {"run", STEP_RUN, 0, COMMAND_TIMEOUT_S},
             {"cool_down", STEP_COOL_DOWN, PERCENT_MAX, PATIENCE_S},
             {"memory_free_gb", STEP_MEMORY, GIGABYTES_MAX, PATIENCE_S},
             {"wait", STEP_WAIT, PLAN_SECONDS_MAX, 0}};
#define KINDS (sizeof kinds / sizeof kinds[0])

static const char *const step_keys[] = {"purge", "run",     "cool_down", "memory_free_gb",
                                        "wait",  "timeout", "optional",  NULL};

/* Index in the table; KINDS with a finding. */
static size_t kind_of(struct plan_reader *r, const struct place *at, const cJSON *step)
{
    size_t found = KINDS, count = 0;
    for (size_t i = 0; i < KINDS; i++) {
        if (json_member(step, kinds[i].key)) {
            found = i;
            count++;
        }
    }
    if (count == 1)
        return found;
    findings_add(r->findings, at, "a step has one of purge, run, cool_down, memory_free_gb and wait");
    return KINDS;
}

static int read_step(struct plan_reader *r, const struct place *at, const cJSON *step,
                     struct campaign_step *s)
{
    if (!cJSON_IsObject(step)) {
        findings_add(r->findings, at, "a step is an object");
        return TT_OK;
    }
    plan_check_keys(r, at, step, step_keys);
    size_t k = kind_of(r, at, step);
    if (k == KINDS)
        return TT_OK;
    s->kind = kinds[k].kind;
    s->timeout_s = plan_real(r, at, step, "timeout", kinds[k].timeout_s, PLAN_SECONDS_MAX);
    s->is_optional = plan_flag(r, at, step, "optional", 0);
    if (s->kind != STEP_PURGE && s->kind != STEP_RUN) {
        s->amount = plan_real(r, at, step, kinds[k].key, 0, kinds[k].most);
        s->amount *= s->kind == STEP_MEMORY ? GIGABYTE : 1;
        return TT_OK;
    }
    const char *command = plan_text(r, at, step, kinds[k].key);
    s->command = mem_strdup(command ? command : "");
    return s->command ? TT_OK : TT_NOMEM;
}

int plan_read_steps(struct plan_reader *r, const struct plan_source *s, const char *key,
                    struct step_list *list)
{
    const cJSON *array = plan_array(r, s->at, s->object, key);
    struct place here = {s->at, key, 0};
    size_t count = (size_t)cJSON_GetArraySize(array);
    int status = TT_OK;
    if (count > PLAN_STEPS_MAX) {
        findings_add(r->findings, &here, "more than %u steps", PLAN_STEPS_MAX);
        return TT_OK;
    }
    list->items = mem_zalloc(count, sizeof *list->items);
    if (!list->items)
        return TT_NOMEM;
    const cJSON *step;
    cJSON_ArrayForEach(step, array)
    {
        struct place there = {&here, NULL, list->count};
        if (!status)
            status = read_step(r, &there, step, &list->items[list->count++]);
    }
    return status;
}

void step_list_release(struct step_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->items[i].command);
    mem_free(list->items);
    list->items = NULL;
    list->count = 0;
}
