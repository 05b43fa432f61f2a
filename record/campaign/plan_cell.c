/* SPDX-License-Identifier: MIT */
/* One cell of a plan, what it leaves open taken from the defaults. */
#include <ctype.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/secrets.h"
#include "formats/workload.h"
#include "record/campaign/plan_reader.h"
#include "record/endpoint.h"
#include "record/engine_command.h"
#include "record/shell.h"

#define RUNS_MAX 10000u

#define COMMON_KEYS                                                                                          \
    "engine", "model_file", "chip", "workload", "runs", "restart", "labels", "before", "after", "model",     \
        "pause", "timeout", "stall_timeout", "cold", "seed", "only", "skip_long", "extra_body", "headers",   \
        "api_key_env", "accept", "sample_hz", "power", "power_csv", "idle", "no_content", "calibrate",       \
        "no_tokenise", "no_poll", "reset_peaks", "hash_model"

const char *const plan_default_keys[] = {COMMON_KEYS, NULL};
const char *const plan_cell_keys[] = {COMMON_KEYS, "name", NULL};
const char *const plan_sentinel_keys[] = {COMMON_KEYS, "every", "drift_percent", NULL};

static const char *const engine_keys[] = {"cmd", "url", "health", "env", "timeout", NULL};

/* The engine's members, like the cell's, come from one of two places. */
static struct plan_cell_sources engine_sources(struct plan_reader *r, const struct plan_cell_sources *s,
                                               struct place places[2])
{
    const struct plan_source *from[2] = {&s->own, &s->defaults};
    struct plan_source found[2];
    for (int i = 0; i < 2; i++) {
        places[i] = (struct place){from[i]->at, "engine", 0};
        found[i] = (struct plan_source){
            &places[i],
            from[i]->object && from[i]->at ? plan_object(r, from[i]->at, from[i]->object, "engine") : NULL};
        if (found[i].object)
            plan_check_keys(r, &places[i], found[i].object, engine_keys);
    }
    return (struct plan_cell_sources){found[0], found[1]};
}

/* ---- environment ---- */

static int is_variable(const char *name)
{
    const char *p = name;
    if (!isalpha((unsigned char)*p) && *p != '_')
        return 0;
    while (isalnum((unsigned char)*p) || *p == '_')
        p++;
    return !*p;
}

static void put_variable(struct buf *run, struct buf *shown, const cJSON *variable)
{
    const char *name = variable->string, *value = variable->valuestring;
    buf_printf(run, "export %s=", name);
    shell_quote(run, value);
    buf_putc(run, '\n');
    buf_printf(shown, "%s=", name);
    if (secret_name(name, strlen(name)) && !secret_value_is_harmless(value, strlen(value)))
        buf_puts(shown, "<redacted>");
    else
        shell_quote(shown, value);
    buf_putc(shown, ' ');
}

static void put_environment(struct plan_reader *r, const struct plan_source *s, const cJSON *wins,
                            struct buf *run, struct buf *shown)
{
    const cJSON *env = plan_object(r, s->at, s->object, "env"), *variable;
    struct place here = {s->at, "env", 0};
    cJSON_ArrayForEach(variable, env)
    {
        struct place there = {&here, variable->string, 0};
        if (!is_variable(variable->string))
            findings_add(r->findings, &there, "this is no name of an environment variable");
        else if (!cJSON_IsString(variable))
            findings_add(r->findings, &there, "this is to be a text");
        else if (!json_member(wins, variable->string))
            put_variable(run, shown, variable);
    }
}

/* ---- the command ---- */

static int put_words(struct plan_reader *r, const struct plan_cell_sources *engine,
                     struct campaign_cell *cell, struct buf *run, struct buf *shown)
{
    const struct plan_source *s = plan_source_of(engine, "cmd");
    const cJSON *words = plan_array(r, s->at, s->object, "cmd"), *word;
    struct place here = {s->at, "cmd", 0};
    size_t index = 0;
    buf_puts(run, "exec");
    cJSON_ArrayForEach(word, words)
    {
        struct place there = {&here, NULL, index};
        const char *text = cJSON_IsString(word) ? word->valuestring : "";
        if (!cJSON_IsString(word) || (index == 0 && !*text))
            findings_add(r->findings, &there, "a command is a list of texts, the program first");
        if (index++ == 0 && !(cell->binary = mem_strdup(text)))
            return TT_NOMEM;
        buf_putc(run, ' ');
        shell_quote(run, text);
        buf_puts(shown, index > 1 ? " " : "");
        shell_quote(shown, text);
    }
    if (!index && (words || !json_member(s->object, "cmd")))
        findings_add(
            r->findings,
            words                ? &here
            : engine->own.object ? engine->own.at
                                 : engine->defaults.at,
            "a command that starts the engine is missing: \"cmd\": [\"PROGRAM\", \"ARGUMENT\", ...]");
    return TT_OK;
}

/* Where the engine's program is looked for, if the plan says so. */
static int keep_path(const struct plan_cell_sources *engine, struct campaign_cell *cell)
{
    const char *path = json_string(json_member(engine->own.object, "env"), "PATH");
    if (!path)
        path = json_string(json_member(engine->defaults.object, "env"), "PATH");
    cell->path = path ? mem_strdup(path) : NULL;
    return path && !cell->path ? TT_NOMEM : TT_OK;
}

/* A folder with a leading dash, or one that CDPATH would look for elsewhere, is none of those. */
static void put_folder(const struct campaign_plan *plan, struct buf *run)
{
    struct buf folder = BUF_INIT;
    buf_printf(&folder, "%s%s", *plan->folder == '/' ? "" : "./", plan->folder);
    buf_puts(run, "cd ");
    shell_quote(run, buf_text(&folder));
    buf_puts(run, " || exit 1\n");
    buf_release(&folder);
}

static int read_command(struct plan_reader *r, const struct plan_cell_sources *engine,
                        struct campaign_cell *cell)
{
    struct buf run = BUF_INIT, shown = BUF_INIT;
    const cJSON *own = json_member(engine->own.object, "env");
    put_folder(r->plan, &run);
    if (engine->own.object)
        put_environment(r, &engine->own, NULL, &run, &shown);
    if (engine->defaults.object)
        put_environment(r, &engine->defaults, own, &run, &shown);
    int status = put_words(r, engine, cell, &run, &shown);
    if (!status)
        status = keep_path(engine, cell);
    cell->command = buf_detach(&run);
    cell->shown = buf_detach(&shown);
    if (!cell->shown && !shown.failed)
        cell->shown = mem_strdup("");
    return status || !cell->command || !cell->shown ? TT_NOMEM : TT_OK;
}

/* ---- where it answers ---- */

static int check_url(struct plan_reader *r, const struct plan_source *s, const char *key, const char *url)
{
    struct endpoint endpoint = {0};
    struct error e = {0};
    struct place here = {s->at, key, 0};
    int status = endpoint_parse(&endpoint, url, &e);
    if (status == TT_USAGE)
        findings_add(r->findings, &here, "%s", e.text);
    endpoint_release(&endpoint);
    return status == TT_NOMEM ? status : TT_OK;
}

static int read_url(struct plan_reader *r, const struct plan_source *s, const char *key, char **slot)
{
    const char *url = plan_text(r, s->at, s->object, key);
    int status = url ? check_url(r, s, key, url) : TT_OK;
    if (url && !status && !(*slot = mem_strdup(url)))
        status = TT_NOMEM;
    return status;
}

static int read_engine(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell)
{
    struct place places[2];
    struct plan_cell_sources engine = engine_sources(r, s, places);
    const struct plan_source *url = plan_source_of(&engine, "url"),
                             *health = plan_source_of(&engine, "health"),
                             *timeout = plan_source_of(&engine, "timeout");
    if (!engine.own.object && !engine.defaults.object) {
        if (!json_member(s->own.object, "engine") && !json_member(s->defaults.object, "engine"))
            findings_add(r->findings, s->own.at, "\"engine\" is missing");
        return TT_OK;
    }
    int status = read_command(r, &engine, cell);
    if (!json_member(url->object, "url"))
        findings_add(r->findings, engine.own.object ? engine.own.at : s->own.at,
                     "\"url\" is missing: where the engine answers");
    else if (!status)
        status = read_url(r, url, "url", &cell->url);
    if (!status && json_member(health->object, "health"))
        status = read_url(r, health, "health", &cell->health_url);
    cell->engine_timeout_s = ENGINE_TIMEOUT_S;
    if (timeout->object)
        cell->engine_timeout_s =
            plan_real(r, timeout->at, timeout->object, "timeout", ENGINE_TIMEOUT_S, PLAN_SECONDS_MAX);
    return status;
}

/* ---- the rest ---- */

static int read_files(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell)
{
    const struct plan_source *w = plan_source_of(s, "workload"), *m = plan_source_of(s, "model_file");
    const char *workload = plan_text(r, w->at, w->object, "workload"),
               *model = plan_text(r, m->at, m->object, "model_file");
    const struct plan_source *c = plan_source_of(s, "chip");
    const char *chip = plan_text(r, c->at, c->object, "chip");
    if (!json_member(w->object, "workload"))
        workload = PLAN_USUAL_WORKLOAD;
    if (workload)
        cell->workload =
            workload_is_builtin(workload) ? mem_strdup(workload) : plan_resolve(r->plan, workload);
    if (model)
        cell->model_file = plan_resolve(r->plan, model);
    if (chip)
        cell->chip = mem_strdup(chip);
    return (workload && !cell->workload) || (model && !cell->model_file) || (chip && !cell->chip) ? TT_NOMEM
                                                                                                  : TT_OK;
}

static int read_steps(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell)
{
    int status = plan_read_steps(r, plan_source_of(s, "before"), "before", &cell->before);
    return status ? status : plan_read_steps(r, plan_source_of(s, "after"), "after", &cell->after);
}

/* Everything that a recording depends on, whatever folder the plan stands in. plan_check_machine adds what is
 * in the workload. */
static int make_fingerprint(struct campaign_cell *cell)
{
    struct buf all = BUF_INIT;
    unsigned char digest[SHA256_BYTES];
    const char *exec = cell->command ? strchr(cell->command, '\n') : NULL;
    buf_printf(&all, "%s\n%s\n%llu %d\n", exec ? exec : "", cell->url ? cell->url : "",
               (unsigned long long)cell->runs, cell->restarts);
    for (size_t i = 0; i < cell->arguments.count; i++) {
        if (strncmp(cell->arguments.items[i], "--workload=", strlen("--workload=")) != 0)
            buf_printf(&all, "%s\n", cell->arguments.items[i]);
    }
    sha256_of(all.data, all.len, digest);
    sha256_hex(digest, cell->fingerprint);
    int status = all.failed ? TT_NOMEM : TT_OK;
    buf_release(&all);
    return status;
}

int plan_read_cell(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell)
{
    const struct plan_source *runs = plan_source_of(s, "runs"), *restart = plan_source_of(s, "restart");
    int status = read_engine(r, s, cell);
    if (!status)
        status = read_files(r, s, cell);
    cell->runs = plan_count(r, runs->at, runs->object, "runs", 1, 1, RUNS_MAX);
    cell->restarts = plan_flag(r, restart->at, restart->object, "restart", 0);
    if (!status)
        status = read_steps(r, s, cell);
    if (!status)
        status = plan_read_words(r, s, cell);
    return status ? status : make_fingerprint(cell);
}

void campaign_cell_release(struct campaign_cell *cell)
{
    char *const texts[] = {cell->name,   cell->command,    cell->shown,    cell->url,  cell->health_url,
                           cell->binary, cell->model_file, cell->workload, cell->chip, cell->path};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        mem_free(texts[i]);
    words_release(&cell->arguments);
    step_list_release(&cell->before);
    step_list_release(&cell->after);
    memset(cell, 0, sizeof *cell);
}
