/* SPDX-License-Identifier: MIT */
#include "analyze/compare_side.h"

#include <math.h>
#include <string.h>

#include "analyze/decimal.h"
#include "formats/alloc.h"
#include "formats/json.h"

/* What may explain a difference. A path of META, or a text of the identity. */
enum fact_source { FACT_META, FACT_IDENTITY };

static const struct {
    const char *name, *path;
    enum fact_source source;
    size_t offset;
} known_facts[] = {
    {"machine", NULL, FACT_IDENTITY, offsetof(struct identity, machine)},
    {"chip", NULL, FACT_IDENTITY, offsetof(struct identity, chip)},
    {"RAM bytes", "host.ram_bytes", FACT_META, 0},
    {"power mode", NULL, FACT_IDENTITY, offsetof(struct identity, power_mode)},
    {"OS", "host.os", FACT_META, 0},
    {"OS version", "host.os_version", FACT_META, 0},
    {"kernel", "host.kernel", FACT_META, 0},
    {"engine", NULL, FACT_IDENTITY, offsetof(struct identity, engine)},
    {"engine version", NULL, FACT_IDENTITY, offsetof(struct identity, engine_version)},
    {"engine binary", "engine.binary", FACT_META, 0},
    {"engine settings", NULL, FACT_IDENTITY, offsetof(struct identity, arguments)},
    {"model", NULL, FACT_IDENTITY, offsetof(struct identity, model)},
    {"model file", NULL, FACT_IDENTITY, offsetof(struct identity, model_file)},
    {"model bytes", "model.size_bytes", FACT_META, 0},
    {"quantisation", NULL, FACT_IDENTITY, offsetof(struct identity, quant)},
    {"speculative", NULL, FACT_IDENTITY, offsetof(struct identity, speculative)},
    {"cold method", "cold.method", FACT_META, 0},
    {"extra body", "options.extra_body", FACT_META, 0},
    {"conversations at once", "options.concurrency", FACT_META, 0},
    {"toktape version", "tool.version", FACT_META, 0},
};
#define SPECULATIVE_FACT 15
_Static_assert(sizeof known_facts / sizeof known_facts[0] == COMPARE_FACTS, "the header says how many");

#define FACT_BYTES 200 /* of one value; META may be long-winded */

void compare_side_init(struct compare_side *side, const char *name)
{
    memset(side, 0, sizeof *side);
    side->name = name;
}

void compare_side_release(struct compare_side *side)
{
    if (side->has_cell)
        cell_release(&side->cell);
    mem_free(side->origins);
    mem_free(side->workload_name);
    cJSON_Delete(side->phases);
    for (size_t i = 0; i < COMPARE_FACTS; i++)
        text_list_release(&side->facts[i]);
    memset(side, 0, sizeof *side);
}

static int keep_fact(struct text_list *list, const char *text)
{
    char *cut = mem_strndup(text, strnlen(text, FACT_BYTES));
    int status = cut ? TT_OK : TT_NOMEM;
    if (!status && *cut)
        status = text_list_intern(list, cut, NULL);
    mem_free(cut);
    return status;
}

static int add_meta_fact(struct text_list *list, const cJSON *item)
{
    if (!item || cJSON_IsNull(item))
        return TT_OK;
    if (cJSON_IsString(item))
        return keep_fact(list, item->valuestring);
    char *text = cJSON_PrintUnformatted(item);
    int status = text ? keep_fact(list, text) : TT_NOMEM;
    cJSON_free(text);
    return status;
}

static int add_facts(struct compare_side *side, const struct tape *tape, const struct identity *id)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < COMPARE_FACTS; i++) {
        if (known_facts[i].source == FACT_META)
            status = add_meta_fact(&side->facts[i], json_path(tape->meta, known_facts[i].path));
        else
            status = keep_fact(&side->facts[i], *(char *const *)((const char *)id + known_facts[i].offset));
    }
    return status;
}

/* A virtual clock begins at the same moment each time: it puts no recording before another. */
static double time_origin(const struct tape *tape)
{
    const char *clock = tape_text(tape, "clock.name");
    if (tape->realtime_origin_ns == ABSENT || (clock && strcmp(clock, "virtual") == 0))
        return NAN;
    return (double)tape->realtime_origin_ns;
}

static int describe_workload(struct compare_side *side, const struct tape *tape)
{
    const char *name = tape_text(tape, "workload.name"), *sha256 = tape_text(tape, "workload.sha256");
    const cJSON *phases = json_path(tape->meta, "workload.phases");
    side->workload_name = mem_strdup(name ? name : "");
    if (sha256 && strlen(sha256) < sizeof side->workload_sha256)
        memcpy(side->workload_sha256, sha256, strlen(sha256) + 1);
    side->phases = cJSON_IsArray(phases) ? cJSON_Duplicate(phases, 1) : NULL;
    return side->workload_name && (side->phases || !cJSON_IsArray(phases)) ? TT_OK : TT_NOMEM;
}

static int refuse_workload(const char *one, const struct compare_side *a, const char *other,
                           const struct compare_side *b, struct error *e)
{
    return error_set(e, TT_USAGE,
                     "%s is of workload '%.60s' (%.12s), %s of '%.60s' (%.12s): different conversations "
                     "cannot be compared",
                     one, a->workload_name, *a->workload_sha256 ? a->workload_sha256 : "no hash", other,
                     b->workload_name, *b->workload_sha256 ? b->workload_sha256 : "no hash");
}

static int is_same_workload(const struct compare_side *a, const struct compare_side *b)
{
    return strcmp(a->workload_name, b->workload_name) == 0 &&
           strcmp(a->workload_sha256, b->workload_sha256) == 0;
}

static int check_workload(struct compare_side *side, const struct tape *tape, struct error *e)
{
    struct compare_side own;
    if (!side->workload_name)
        return describe_workload(side, tape) ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
    compare_side_init(&own, "");
    int status = describe_workload(&own, tape);
    if (status)
        status = error_set(e, TT_NOMEM, "out of memory");
    else if (!is_same_workload(side, &own))
        status = refuse_workload("the first trace of a side", side, "another one", &own, e);
    compare_side_release(&own);
    return status;
}

static int is_there(const struct compare_side *side, const struct tape *tape)
{
    for (size_t i = 0; *tape->content_id && i < side->cell.trace_count; i++) {
        if (strcmp(side->cell.traces[i].content_id, tape->content_id) == 0)
            return 1;
    }
    return 0;
}

/* Takes the identity over, or releases it. */
static int add_runs(struct compare_side *side, const struct tape *tape, struct identity *id, struct error *e)
{
    struct cache_policy policy = {CACHE_CONVERSATION, 0};
    if (!side->has_cell)
        cell_init(&side->cell, id, policy);
    else {
        side->is_mixed |= strcmp(id->digest, side->cell.id.digest) != 0;
        identity_release(id);
    }
    side->has_cell = 1;
    if (mem_grow(&side->origins, &side->origin_capacity, side->cell.trace_count + 1, sizeof *side->origins))
        return error_set(e, TT_NOMEM, "out of memory");
    side->origins[side->cell.trace_count] = time_origin(tape);
    side->is_partial |= tape_is_incomplete(tape);
    return cell_add(&side->cell, tape, e);
}

int compare_side_add(struct compare_side *side, const struct tape *tape, struct error *e)
{
    struct identity id;
    if (is_there(side, tape))
        return error_set(e, TT_USAGE, "'%s' is twice on the %s side", tape->path, side->name);
    int status = check_workload(side, tape, e);
    if (status)
        return status;
    status = identity_read(&id, tape, side->labels, e);
    if (!status && add_facts(side, tape, &id))
        status = error_set(e, TT_NOMEM, "out of memory");
    if (status) {
        identity_release(&id);
        return status;
    }
    return add_runs(side, tape, &id, e);
}

int compare_sides_fit(const struct compare_side *a, const struct compare_side *b, struct error *e)
{
    if (!is_same_workload(a, b))
        return refuse_workload("the one side", a, "the other", b, e);
    for (size_t i = 0; i < b->cell.trace_count; i++) {
        for (size_t k = 0; k < a->cell.trace_count; k++) {
            if (*a->cell.traces[k].content_id &&
                strcmp(a->cell.traces[k].content_id, b->cell.traces[i].content_id) == 0)
                return error_set(e, TT_USAGE, "'%s' and '%s' are the same recording", a->cell.traces[k].path,
                                 b->cell.traces[i].path);
        }
    }
    return TT_OK;
}

const char *compare_fact_name(size_t index)
{
    return known_facts[index].name;
}

int compare_fact_differs(const struct compare_side *base, const struct compare_side *new_side, size_t index)
{
    const struct text_list *a = &base->facts[index], *b = &new_side->facts[index];
    if (a->count > 1 || a->count != b->count)
        return 1;
    return a->count == 1 && strcmp(a->items[0], b->items[0]) != 0;
}

int compare_fact_put(const struct compare_side *side, size_t index, struct buf *out)
{
    const struct text_list *list = &side->facts[index];
    for (size_t i = 0; i < list->count; i++)
        buf_printf(out, "%s%s", i ? ", " : "", list->items[i]);
    if (!list->count)
        buf_puts(out, EM_DASH);
    return out->failed;
}

int compare_side_speculates(const struct compare_side *side)
{
    const struct text_list *kinds = &side->facts[SPECULATIVE_FACT];
    for (size_t i = 0; i < kinds->count; i++) {
        if (strcmp(kinds->items[i], "none") != 0)
            return 1;
    }
    return 0;
}

int compare_side_is_masked(const struct compare_side *side)
{
    for (size_t i = 0; i < side->cell.trace_count; i++) {
        if (side->cell.traces[i].is_masked)
            return 1;
    }
    return 0;
}

int compare_side_flag(const struct compare_side *side, const char *phase, const char *flag)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, side->phases)
    {
        const char *name = json_string(one, "name");
        if (name && strcmp(name, phase) == 0)
            return json_bool(one, flag, 0);
    }
    return 0;
}
