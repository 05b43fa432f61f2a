/* SPDX-License-Identifier: MIT */
/* asiai's agentic results, agentic-v1 to v4: what engine and model, and a list of `runs` with figures. Decode
 * there is (tokens - 1) over the time from the first token to the close of the connection. */
#include <stdio.h>
#include <string.h>

#include "formats/importer.h"

#define MIB (1024.0 * 1024.0)

static const char *const marks[] = {"schema_version", "runs", "engine", NULL};
static const char *const lacks[] = {"when runs began", "the times of tokens", "requests", "whole texts",
                                    NULL};

/* "mlxlm+model-name": the engine is before the plus. */
static int describe_engine(struct importer *im, struct json_pull *p)
{
    static const struct {
        const char *theirs, *ours;
    } names[] = {
        {"mlxlm", "mlx-lm"}, {"mlxvlm", "mlx_vlm"}, {"vllmmlx", "vllm-mlx"}, {"rapidmlx", "rapid-mlx"}};
    char name[40];
    import_text(im, p, name, sizeof name);
    if (p->status)
        return p->status;
    name[strcspn(name, "+")] = '\0';
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].theirs, name) == 0)
            return import_fact(im, "engine.name", names[i].ours);
    }
    return import_fact(im, "engine.name", name);
}

static int describe_member(struct importer *im, struct json_pull *p)
{
    static const struct {
        const char *name, *path;
    } facts[] = {{"engine_version", "engine.version"},
                 {"model", "model.id"},
                 {"hw_chip", "host.chip"},
                 {"hardware", "host.machine_name"}};
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
        if (!json_pull_is(p, facts[i].name))
            continue;
        json_pull_text(p, &im->text);
        return p->status ? p->status : import_fact(im, facts[i].path, buf_text(&im->text));
    }
    if (json_pull_is(p, "engine"))
        return describe_engine(im, p);
    if (json_pull_is(p, "powermode")) {
        static const char *const modes[] = {"automatic", "low", "high"};
        uint64_t mode = json_pull_count(p);
        return p->status || mode > 2 ? p->status : import_fact(im, "host.power_mode", modes[mode]);
    }
    if (json_pull_is(p, "ram_gb")) {
        uint64_t bytes = json_pull_scaled(p, 1024 * MIB);
        return p->status ? p->status : import_count(im, "host.ram_bytes", bytes);
    }
    if (json_pull_is(p, "schema_version")) {
        json_pull_text(p, &im->text);
        if (!p->status && strncmp(buf_text(&im->text), "agentic-v", 9) != 0)
            json_pull_fail(p, TT_UNSUPPORTED, "this is no agentic result");
        return p->status;
    }
    json_pull_skip(p);
    return p->status;
}

static int describe(struct importer *im)
{
    struct import_reader r;
    int status = import_open(im, &r, 0, 1);
    if (!status && json_pull_next(&r.pull))
        json_pull_enter(&r.pull);
    while (!status && json_pull_member(&r.pull))
        status = describe_member(im, &r.pull);
    if (!status)
        json_pull_last(&r.pull);
    return import_close(&r, status);
}

struct record {
    struct import_run run;
    char phase[80];
    struct buf finish;
};

static uint64_t *figure_of(const char *name, struct given_row *given, double *factor)
{
    struct {
        const char *name;
        uint64_t *to;
        double factor; /* 0: a count */
    } const figures[] = {{"ttft_ms", &given->ttft_ns, 1e6},
                         {"wall_total_ms", &given->total_ns, 1e6},
                         {"completion_tokens", &given->completion_tokens, 0},
                         {"prompt_tokens", &given->prompt_tokens, 0},
                         {"cached_tokens", &given->cached_tokens, 0},
                         {"max_tokens_requested", &given->max_tokens, 0},
                         {"decode_tok_s", &given->decode_utok_s, 1e6},
                         {"soc_watts", &given->soc_uw, 1e6},
                         {"energy_per_token_j", &given->uj_per_token, 1e6},
                         {"engine_rss_mb", &given->peak_rss, MIB}};
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        if (strcmp(figures[i].name, name) == 0) {
            *factor = figures[i].factor;
            return figures[i].to;
        }
    }
    return NULL;
}

static void take_member(struct importer *im, struct json_pull *p, struct record *r)
{
    double factor;
    uint64_t *figure = figure_of(p->name, &r->run.given, &factor);
    if (figure)
        *figure = factor > 0 ? json_pull_scaled(p, factor) : json_pull_count(p);
    else if (json_pull_is(p, "phase"))
        import_text(im, p, r->phase, sizeof r->phase);
    else if (json_pull_is(p, "finish_reason"))
        json_pull_text(p, &r->finish);
    else if (json_pull_is(p, "error") && json_pull_type(p) == JSCAN_STRING) {
        json_pull_text(p, &im->text);
        if (im->text.len)
            import_run_failed(&r->run, buf_text(&im->text));
    } else
        json_pull_skip(p);
}

/* Runs of which nothing came. */
static void judge(struct record *r)
{
    struct given_row *given = &r->run.given;
    given->finish_reason = buf_bytes(&r->finish);
    if (given->completion_tokens != ABSENT && given->completion_tokens > 0)
        given->decode_tokens = given->completion_tokens - 1;
    if (given->decode_utok_s == 0)
        given->decode_utok_s = ABSENT;
}

/* The protocol's own phases, as they are used. */
static void mark_phase(struct import_phase *phase, uint64_t max_tokens)
{
    phase->cold = strcmp(phase->name, "cold") == 0 || strcmp(phase->name, "cold-prefix") == 0;
    phase->headline = strcmp(phase->name, "warm") == 0;
    phase->is_long = strncmp(phase->name, "long-", 5) == 0;
    phase->max_tokens = max_tokens;
}

static int take_run(struct importer *im, struct json_pull *p, struct record *r)
{
    struct import_phase *phase;
    import_run_init(&r->run);
    snprintf(r->phase, sizeof r->phase, "run");
    buf_clear(&r->finish);
    json_pull_enter(p);
    while (json_pull_member(p))
        take_member(im, p, r);
    if (p->status)
        return p->status;
    judge(r);
    int status = import_phase(im, r->phase, &phase);
    if (status)
        return status;
    mark_phase(phase, r->run.given.max_tokens);
    status = import_begin(im, &r->run, phase);
    return status ? status : import_end(im, &r->run);
}

static int take_runs(struct importer *im, struct json_pull *p, struct record *r)
{
    int status = TT_OK;
    if (!json_pull_enter_if(p, JSCAN_ARRAY))
        return p->status;
    while (!status && json_pull_element(p))
        status = take_run(im, p, r);
    return status;
}

static int runs(struct importer *im)
{
    struct import_reader reader;
    struct record r = {.finish = BUF_INIT};
    struct json_pull *p = &reader.pull;
    int status = import_open(im, &reader, 0, 1);
    if (!status && json_pull_next(p))
        json_pull_enter(p);
    while (!status && json_pull_member(p)) {
        if (json_pull_is(p, "runs"))
            status = take_runs(im, p, &r);
        else
            json_pull_skip(p);
    }
    buf_release(&r.finish);
    return import_close(&reader, status);
}

const struct import_format import_asiai = {"asiai", "asiai agentic", "asiai agentic", marks, lacks, describe,
                                           runs};
