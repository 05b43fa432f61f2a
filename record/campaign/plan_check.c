/* SPDX-License-Identifier: MIT */
/* What of a plan only the machine can tell. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/workload.h"
#include "record/campaign/plan.h"
#include "record/power.h"

static int is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* As a shell would find it. */
static int is_in_path(const char *path, const char *name)
{
    struct buf whole = BUF_INIT;
    int found = 0;
    while (path && *path && !found && !whole.failed) {
        size_t len = strcspn(path, ":");
        buf_clear(&whole);
        buf_printf(&whole, "%.*s/%s", (int)(len < 4096 ? len : 4096), path, name);
        found = is_program(buf_text(&whole));
        path += len + (path[len] == ':');
    }
    found |= whole.failed; /* not known to be missing */
    buf_release(&whole);
    return found;
}

/* Where a cell says something, or the defaults do in its stead: then it is one mistake, however many cells
 * have it. */
struct said {
    struct place root, defaults, outer, at;
};

static void find_said(struct said *w, const struct place *cell, const char *outer, const char *key,
                      const struct findings *findings)
{
    w->root = (struct place){NULL, NULL, 0};
    w->defaults = (struct place){&w->root, "defaults", 0};
    w->outer = (struct place){cell, outer, 0};
    w->at = (struct place){outer ? &w->outer : cell, key, 0};
    if (place_is_there(findings->document, &w->at))
        return;
    w->outer.up = &w->defaults;
    w->at.up = outer ? &w->outer : &w->defaults;
}

static void check_program(const struct campaign_plan *plan, const struct campaign_cell *cell,
                          const struct place *at, struct findings *findings)
{
    struct said said;
    int has_slash = strchr(cell->binary, '/') != NULL;
    char *path = has_slash ? plan_resolve(plan, cell->binary) : NULL;
    find_said(&said, at, "engine", "cmd", findings);
    if (has_slash && path && !is_program(path))
        findings_add(findings, &said.at, "there is no program '%s'", path);
    else if (!has_slash && !is_in_path(cell->path ? cell->path : getenv("PATH"), cell->binary))
        findings_add(findings, &said.at, "there is no program '%s' in PATH", cell->binary);
    mem_free(path);
}

static void check_model(const struct campaign_cell *cell, const struct place *at, struct findings *findings)
{
    struct said said;
    find_said(&said, at, NULL, "model_file", findings);
    if (access(cell->model_file, R_OK) != 0)
        findings_add(findings, &said.at, "the model '%s' is not there, or cannot be read", cell->model_file);
}

/* Values that stand in the cell's words for `record`, one after another; start with *at = 0. */
static const char *next_value(const struct campaign_cell *cell, const char *option, size_t *at)
{
    size_t len = strlen(option);
    while (*at < cell->arguments.count) {
        const char *word = cell->arguments.items[(*at)++];
        if (strncmp(word, option, len) == 0)
            return word + len;
    }
    return NULL;
}

/* One that does not work here would only be told when the engine runs. */
static void check_power(const struct campaign_cell *cell, const struct place *at, struct findings *findings)
{
    const struct power_source *sources;
    struct power_choice choice;
    struct error why = {0};
    struct said said;
    size_t next = 0, count = power_sources(&sources);
    const char *asked = next_value(cell, "--power=", &next);
    if (!asked || strcmp(asked, "auto") == 0 || !power_choose(asked, sources, count, &choice, &why))
        return;
    find_said(&said, at, NULL, "power", findings);
    findings_add(findings, &said.at, "%s", why.text);
}

static void check_phases(const struct campaign_cell *cell, const struct workload *w, const struct place *at,
                         struct findings *findings)
{
    struct error why = {0};
    struct said said;
    const char *phase;
    find_said(&said, at, NULL, "only", findings);
    for (size_t next = 0; (phase = next_value(cell, "--only=", &next)) != NULL;) {
        if (workload_check_phase(w, phase, &why))
            findings_add(findings, &said.at, "%s", why.text);
    }
}

static int chooses_phases(const struct campaign_cell *cell)
{
    size_t next = 0;
    return next_value(cell, "--only=", &next) != NULL;
}

/* Cells usually share one, which is read once. */
static const char *known_workload(const struct campaign_plan *plan, const char *workload)
{
    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct campaign_cell *other = &plan->cells[i];
        if (*other->workload_sha256 && strcmp(other->workload, workload) == 0)
            return other->workload_sha256;
    }
    return NULL;
}

/* TT_OK with an empty hash and a finding for a workload that is none. */
static int hash_workload(const struct campaign_plan *plan, struct campaign_cell *cell, const struct place *at,
                         struct findings *findings, struct error *e)
{
    struct said said;
    struct workload workload = {0};
    struct error why = {0};
    const char *known = chooses_phases(cell) ? NULL : known_workload(plan, cell->workload);
    int status = known ? TT_OK : workload_open(&workload, cell->workload, &why);
    if (status == TT_NOMEM || status == TT_IO)
        return error_set(e, why.code, "%s", why.text);
    if (status) {
        find_said(&said, at, NULL, "workload", findings);
        findings_add(findings, &said.at, "%s", why.text);
        return TT_OK;
    }
    if (!known)
        check_phases(cell, &workload, at, findings);
    memcpy(cell->workload_sha256, known ? known : workload.sha256, SHA256_HEX_BYTES);
    workload_release(&workload);
    return TT_OK;
}

/* What is in the workload becomes part of what the cell is. */
static int check_workload(const struct campaign_plan *plan, struct campaign_cell *cell,
                          const struct place *at, struct findings *findings, struct error *e)
{
    unsigned char digest[SHA256_BYTES];
    char both[2 * SHA256_HEX_BYTES];
    int status = hash_workload(plan, cell, at, findings, e);
    if (status)
        return status;
    memcpy(both, cell->fingerprint, SHA256_HEX_BYTES);
    memcpy(both + SHA256_HEX_BYTES, cell->workload_sha256, SHA256_HEX_BYTES);
    sha256_of(both, sizeof both, digest);
    sha256_hex(digest, cell->fingerprint);
    return TT_OK;
}

static int check_cell(const struct campaign_plan *plan, struct campaign_cell *cell, const struct place *at,
                      struct findings *findings, struct error *e)
{
    if (cell->binary && *cell->binary && !cell->is_elsewhere)
        check_program(plan, cell, at, findings);
    if (cell->model_file && !cell->is_elsewhere)
        check_model(cell, at, findings);
    if (!cell->is_elsewhere)
        check_power(cell, at, findings);
    return cell->workload ? check_workload(plan, cell, at, findings, e) : TT_OK;
}

/* Cuts a path down to what is there of it, be it a link that leads nowhere. */
static void cut_to_existing(char *path)
{
    char *slash;
    while (!io_exists(path) && strcmp(path, "/") != 0 && (slash = strrchr(path, '/')) != NULL)
        slash[slash == path] = '\0';
    if (!io_exists(path))
        path[0] = '.', path[1] = '\0';
}

/* The nearest folder above that is there must let us make the rest. */
static void check_folder(char *path, const struct place *root, struct findings *findings)
{
    struct place here = {root, "out", 0};
    struct stat st;
    cut_to_existing(path);
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        findings_add(findings, &here, "'%s' is no folder", path);
    else if (access(path, W_OK | X_OK) != 0)
        findings_add(findings, &here, "the folder '%s' cannot be written to", path);
}

/* For the traces, and the campaign's own files. */
static int check_out(const struct campaign_plan *plan, const struct place *root, struct findings *findings)
{
    struct buf out = BUF_INIT, own = BUF_INIT;
    buf_puts(&out, plan->out);
    buf_printf(&own, "%s/%s.campaign", plan->out, plan->name);
    int status = out.failed ? out.failed : own.failed;
    if (!status)
        check_folder((char *)out.data, root, findings);
    if (!status && *plan->name)
        check_folder((char *)own.data, root, findings);
    buf_release(&out);
    buf_release(&own);
    return status;
}

int plan_check_machine(struct campaign_plan *plan, struct findings *findings, struct error *e)
{
    struct place root = {NULL, NULL, 0}, cells = {&root, "cells", 0}, sentinel = {&root, "sentinel", 0};
    int status = TT_OK;
    if (plan->out && check_out(plan, &root, findings))
        return error_set(e, TT_NOMEM, "out of memory");
    for (size_t i = 0; !status && i < plan->cell_count; i++) {
        struct place here = {&cells, NULL, i};
        status = check_cell(plan, &plan->cells[i], &here, findings, e);
    }
    if (!status && plan->sentinel)
        status = check_cell(plan, plan->sentinel, &sentinel, findings, e);
    return status;
}
