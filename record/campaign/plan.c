/* SPDX-License-Identifier: MIT */
#include "record/campaign/plan.h"

#include <string.h>
#include <strings.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/json.h"
#include "record/campaign/plan_reader.h"
#include "record/hostinfo.h"

#define DRIFT_PCT 2.0

static const char *const plan_keys[] = {"name", "out",        "defaults", "cells", "order",
                                        "seed", "interleave", "sentinel", NULL};

/* ---- words ---- */

int words_add(struct words *w, const char *text)
{
    if (mem_grow(&w->items, &w->capacity, w->count + 1, sizeof *w->items))
        return TT_NOMEM;
    w->items[w->count] = mem_strdup(text);
    return w->items[w->count] ? (w->count++, TT_OK) : TT_NOMEM;
}

void words_release(struct words *w)
{
    for (size_t i = 0; i < w->count; i++)
        mem_free(w->items[i]);
    mem_free(w->items);
    *w = (struct words){NULL, 0, 0};
}

/* ---- paths and names ---- */

static int set_path(struct campaign_plan *plan, const char *path)
{
    const char *slash = strrchr(path, '/');
    plan->path = mem_strdup(path);
    plan->folder = mem_strndup(path, slash ? (size_t)(slash - path) + 1 : 0);
    return plan->path && plan->folder ? TT_OK : TT_NOMEM;
}

char *plan_resolve(const struct campaign_plan *plan, const char *path)
{
    struct buf whole = BUF_INIT;
    buf_printf(&whole, "%s%s", *path == '/' ? "" : plan->folder, path);
    return buf_detach(&whole);
}

int plan_name_is_safe(const char *name)
{
    size_t len = strlen(name);
    return len && len <= PLAN_NAME_MAX && *name != '.' && *name != '-' &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static int read_name(struct plan_reader *r, const struct place *at, const cJSON *object, char **slot)
{
    const char *name = plan_text(r, at, object, "name");
    struct place here = {at, "name", 0};
    if (!json_member(object, "name"))
        findings_add(r->findings, at, "\"name\" is missing");
    if (name && !plan_name_is_safe(name))
        findings_add(
            r->findings, &here,
            "a name becomes part of files' names: at most %u of A-Z, a-z, 0-9, '.', '_' and '-', beginning "
            "with neither '.' nor '-'",
            PLAN_NAME_MAX);
    *slot = mem_strdup(name && plan_name_is_safe(name) ? name : "");
    return *slot ? TT_OK : TT_NOMEM;
}

static int read_out(struct plan_reader *r, const struct place *root, const cJSON *object)
{
    const char *out = plan_text(r, root, object, "out");
    struct buf folder = BUF_INIT;
    if (!json_member(object, "out"))
        findings_add(r->findings, root, "\"out\" is missing: the folder for the traces");
    char *path = plan_resolve(r->plan, out ? out : ".");
    size_t len = path ? strlen(path) : 0;
    while (len > 1 && path[len - 1] == '/')
        len--;
    buf_append(&folder, path ? path : "", len);
    mem_free(path);
    r->plan->out = buf_detach(&folder);
    return r->plan->out ? TT_OK : TT_NOMEM;
}

/* ---- cells ---- */

static int read_one(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell)
{
    if (!cJSON_IsObject(s->own.object)) {
        findings_add(r->findings, s->own.at, "a cell is an object");
        return TT_OK;
    }
    plan_check_keys(r, s->own.at, s->own.object, plan_cell_keys);
    int status = read_name(r, s->own.at, s->own.object, &cell->name);
    return status ? status : plan_read_cell(r, s, cell);
}

static int read_cells(struct plan_reader *r, const struct place *root, const cJSON *object,
                      const struct plan_source *defaults)
{
    const cJSON *cells = plan_array(r, root, object, "cells"), *item;
    struct place here = {root, "cells", 0};
    struct campaign_plan *plan = r->plan;
    size_t count = (size_t)cJSON_GetArraySize(cells);
    int status = TT_OK;
    if (!count && (cells || !json_member(object, "cells")))
        findings_add(r->findings, root, "\"cells\" is missing: what is to be recorded");
    if (count > PLAN_CELLS_MAX) {
        findings_add(r->findings, &here, "more than %u cells", PLAN_CELLS_MAX);
        return TT_OK;
    }
    plan->cells = mem_zalloc(count, sizeof *plan->cells);
    if (!plan->cells)
        return TT_NOMEM;
    cJSON_ArrayForEach(item, cells)
    {
        struct place there = {&here, NULL, plan->cell_count};
        struct plan_cell_sources sources = {{&there, item}, *defaults};
        if (!status)
            status = read_one(r, &sources, &plan->cells[plan->cell_count++]);
    }
    return status;
}

/* A trace of the cell 'a' may be called "a.r1": then no other cell can have that name. */
static const struct campaign_cell *names_repeat_of(const struct campaign_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct campaign_cell *cell = &plan->cells[i];
        size_t len = cell->name ? strlen(cell->name) : 0;
        if (len && plan_recordings(plan, cell) > 1 && strncasecmp(cell->name, name, len) == 0 &&
            strncasecmp(name + len, ".r", 2) == 0 && name[len + 2] &&
            !name[len + 2 + strspn(name + len + 2, "0123456789")])
            return cell;
    }
    return NULL;
}

/* Another recording whose engine's log is called as the recorder's log of one called `name`, "a.engine.log".
 */
static const struct campaign_cell *names_log_of(const struct campaign_plan *plan, const char *name)
{
    static const char ending[] = ".engine";
    char stem[PLAN_NAME_MAX + 1];
    size_t len = strlen(name), tail = sizeof ending - 1;
    if (len <= tail || len > PLAN_NAME_MAX || strcasecmp(name + len - tail, ending) != 0)
        return NULL;
    memcpy(stem, name, len - tail);
    stem[len - tail] = '\0';
    for (size_t i = 0; i < plan->cell_count; i++) {
        if (plan->cells[i].name && strcasecmp(plan->cells[i].name, stem) == 0)
            return &plan->cells[i];
    }
    return names_repeat_of(plan, stem);
}

/* Some file systems do not tell large letters from small ones. */
static void check_names(struct plan_reader *r, const struct place *root)
{
    const struct campaign_plan *plan = r->plan;
    struct place cells = {root, "cells", 0};
    uint64_t recordings = 0;
    for (size_t i = 0; i < plan->cell_count; i++) {
        struct place cell = {&cells, NULL, i}, here = {&cell, "name", 0};
        const char *name = plan->cells[i].name ? plan->cells[i].name : "";
        size_t other = 0;
        while (other < i && (!plan->cells[other].name || strcasecmp(plan->cells[other].name, name) != 0))
            other++;
        if (*name && other < i)
            findings_add(r->findings, &here, "the name '%s' is that of cells[%zu], too", name, other);
        const struct campaign_cell *repeated = names_repeat_of(plan, name);
        if (repeated)
            findings_add(r->findings, &here, "the name '%s' is that of a repeat of '%s'", name,
                         repeated->name);
        const struct campaign_cell *logged = names_log_of(plan, name);
        if (logged)
            findings_add(r->findings, &here, "the name '%s' is that of a log of '%s'", name, logged->name);
        recordings += plan_recordings(plan, &plan->cells[i]);
    }
    if (recordings > PLAN_RECORDINGS_MAX)
        findings_add(r->findings, &cells, "more than %u recordings", PLAN_RECORDINGS_MAX);
}

static int read_sentinel(struct plan_reader *r, const struct place *root, const cJSON *object,
                         const struct plan_source *defaults)
{
    struct place here = {root, "sentinel", 0};
    const cJSON *own = plan_object(r, root, object, "sentinel");
    struct plan_cell_sources sources = {{&here, own}, *defaults};
    struct campaign_plan *plan = r->plan;
    if (!own)
        return TT_OK;
    plan->sentinel = mem_zalloc(1, sizeof *plan->sentinel);
    if (!plan->sentinel || !(plan->sentinel->name = mem_strdup("sentinel")))
        return TT_NOMEM;
    plan_check_keys(r, &here, own, plan_sentinel_keys);
    plan->sentinel_every = plan_count(r, &here, own, "every", 1, 1, PLAN_RECORDINGS_MAX);
    plan->drift_pct = plan_real(r, &here, own, "drift_percent", DRIFT_PCT, 100);
    return plan_read_cell(r, &sources, plan->sentinel);
}

/* ---- the whole ---- */

static int read_plan(struct plan_reader *r, const cJSON *object)
{
    static const char *const orders[] = {"fixed", "reversed", "shuffled", NULL};
    struct place root = {NULL, NULL, 0}, there = {&root, "defaults", 0};
    struct campaign_plan *plan = r->plan;
    if (!cJSON_IsObject(object)) {
        findings_add(r->findings, &root, "a plan is an object");
        return TT_OK;
    }
    struct plan_source defaults = {&there, plan_object(r, &root, object, "defaults")};
    plan_check_keys(r, &root, object, plan_keys);
    if (defaults.object)
        plan_check_keys(r, &there, defaults.object, plan_default_keys);
    plan->order = (enum plan_order)plan_choice(r, &root, object, "order", orders, ORDER_FIXED);
    plan->seed = plan_count(r, &root, object, "seed", 1, 0, (uint64_t)1 << 53);
    plan->interleaves = plan_flag(r, &root, object, "interleave", 0);
    int status = read_name(r, &root, object, &plan->name);
    if (!status)
        status = read_out(r, &root, object);
    if (!status)
        status = read_cells(r, &root, object, &defaults);
    if (!status)
        check_names(r, &root);
    return status ? status : read_sentinel(r, &root, object, &defaults);
}

int plan_parse(struct campaign_plan *plan, const char *path, struct bytes text, plan_check_words *check,
               struct findings *findings, struct error *e)
{
    struct plan_reader r = {plan, findings, check};
    memset(plan, 0, sizeof *plan);
    memset(findings, 0, sizeof *findings);
    findings->document = text;
    cJSON *object = json_parse(text.data, text.len, PLAN_FILE_MAX, e);
    if (!object) {
        error_prefix(e, "'%s'", path);
        return e && e->code == TT_SYNTAX ? (int)(e->code = TT_USAGE) : e ? (int)e->code : TT_USAGE;
    }
    int status = set_path(plan, path);
    if (!status)
        status = read_plan(&r, object);
    cJSON_Delete(object);
    return status || findings->failed ? error_set(e, TT_NOMEM, "out of memory for a plan") : TT_OK;
}

static void place(struct campaign_cell *cell, const char *chip)
{
    cell->is_elsewhere = cell->chip && (!chip || strcasecmp(cell->chip, chip) != 0);
}

void plan_place_cells(struct campaign_plan *plan, const char *chip)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        place(&plan->cells[i], chip);
    if (plan->sentinel)
        place(plan->sentinel, chip);
}

static int place_here(struct campaign_plan *plan, struct error *e)
{
    cJSON *host = cJSON_CreateObject();
    int status = host ? hostinfo_describe(host) : TT_NOMEM;
    if (!status)
        plan_place_cells(plan, json_string(host, "chip"));
    cJSON_Delete(host);
    return status ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
}

int plan_read(struct campaign_plan *plan, const char *path, struct buf *text, plan_check_words *check,
              struct findings *findings, struct error *e)
{
    memset(plan, 0, sizeof *plan);
    memset(findings, 0, sizeof *findings);
    int status = io_read_file(path, PLAN_FILE_MAX, text, e);
    if (!status)
        status = plan_parse(plan, path, buf_bytes(text), check, findings, e);
    return status ? status : place_here(plan, e);
}

void plan_release(struct campaign_plan *plan)
{
    for (size_t i = 0; i < plan->cell_count; i++)
        campaign_cell_release(&plan->cells[i]);
    if (plan->sentinel)
        campaign_cell_release(plan->sentinel);
    mem_free(plan->sentinel);
    mem_free(plan->cells);
    mem_free(plan->path);
    mem_free(plan->folder);
    mem_free(plan->name);
    mem_free(plan->out);
    memset(plan, 0, sizeof *plan);
}

const struct campaign_cell *plan_find_cell(const struct campaign_plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->cell_count; i++) {
        if (plan->cells[i].name && strcmp(plan->cells[i].name, name) == 0)
            return &plan->cells[i];
    }
    return NULL;
}

uint64_t plan_recordings(const struct campaign_plan *plan, const struct campaign_cell *cell)
{
    return plan->interleaves || cell->restarts ? cell->runs : 1;
}
