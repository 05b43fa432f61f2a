/* SPDX-License-Identifier: MIT */
/* llama-bench -o json or -o jsonl: a row for each test, of n_prompt tokens read and n_gen tokens generated
 * behind n_depth others, with the time of every repetition in samples_ns. */
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/importer.h"

#define SAMPLES_MAX  ((size_t)4096)
#define VALUE_MAX    200
#define SETTINGS_MAX ((size_t)8 << 10)

static const char *const marks[] = {"samples_ns", "n_gen", "n_prompt", NULL};
static const char *const lacks[] = {"requests", "the times of tokens", "first tokens", "power", "memory",
                                    NULL};

struct row {
    uint64_t n_prompt, n_gen, n_depth;
    uint64_t samples[SAMPLES_MAX];
    size_t sample_count;
    char model[VALUE_MAX], version[VALUE_MAX], commit[VALUE_MAX], chip[VALUE_MAX];
    struct buf settings; /* every other member that says how the engine ran */
    int is_wanted;
};

/* Of the first row that was taken: a trace is of one of them. */
struct bench {
    struct row row;
    struct buf settings;
    int has_settings;
};

/* What differs from test to test, and from run to run. */
static int is_result(const char *name)
{
    static const char *const names[] = {"test_time", "avg_ns",    "stddev_ns",
                                        "avg_ts",    "stddev_ts", "samples_ts"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], name) == 0)
            return 1;
    }
    return 0;
}

static void take_samples(struct json_pull *p, struct row *row)
{
    json_pull_enter(p);
    while (json_pull_element(p)) {
        if (row->sample_count == SAMPLES_MAX)
            json_pull_fail(p, TT_LIMIT, "a test has too many repetitions");
        else
            row->samples[row->sample_count++] = json_pull_ns(p, 1);
    }
}

/* A scalar as text, whatever its type; containers are passed over. */
static void take_setting(struct importer *im, struct json_pull *p, struct row *row)
{
    struct {
        const char *name;
        char *to;
    } const kept[] = {{"model_filename", row->model},
                      {"build_number", row->version},
                      {"build_commit", row->commit},
                      {"gpu_info", row->chip}};
    char name[JSON_PULL_NAME_MAX];
    enum jscan_type type = json_pull_type(p);
    if (type == JSCAN_OBJECT || type == JSCAN_ARRAY) {
        json_pull_skip(p);
        return;
    }
    memcpy(name, p->name, sizeof name);
    if (type == JSCAN_STRING)
        json_pull_text(p, &im->text);
    else
        json_pull_raw(p, &im->text);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strcmp(kept[i].name, name) == 0)
            snprintf(kept[i].to, VALUE_MAX, "%s", buf_text(&im->text));
    }
    row->is_wanted &= import_wants(im, name, buf_text(&im->text));
    if (row->settings.len < SETTINGS_MAX)
        buf_printf(&row->settings, "%s=%.*s\n", name, VALUE_MAX, buf_text(&im->text));
}

static void take_row(struct importer *im, struct json_pull *p, struct row *row)
{
    row->n_prompt = row->n_gen = row->n_depth = 0;
    row->sample_count = 0;
    row->is_wanted = 1;
    row->model[0] = row->version[0] = row->commit[0] = row->chip[0] = '\0';
    buf_clear(&row->settings);
    json_pull_enter(p);
    while (json_pull_member(p)) {
        uint64_t *count = json_pull_is(p, "n_prompt")  ? &row->n_prompt
                          : json_pull_is(p, "n_gen")   ? &row->n_gen
                          : json_pull_is(p, "n_depth") ? &row->n_depth
                                                       : NULL;
        if (count)
            *count = json_pull_count(p);
        else if (json_pull_is(p, "samples_ns") && json_pull_type(p) == JSCAN_ARRAY)
            take_samples(p, row);
        else if (is_result(p->name))
            json_pull_skip(p);
        else
            take_setting(im, p, row);
    }
}

/* The first member in which two rows differ, "n_threads=8", for the message. */
static const char *first_difference(const char *a, const char *b, int *len)
{
    while (*a && *b) {
        size_t a_len = strcspn(a, "\n"), b_len = strcspn(b, "\n");
        *len = (int)b_len;
        if (a_len != b_len || memcmp(a, b, a_len) != 0)
            return b;
        a += a_len + 1;
        b += b_len + 1;
    }
    *len = (int)strcspn(b, "\n");
    return b;
}

static int same_settings(struct importer *im, struct json_pull *p, struct bench *b)
{
    int len;
    if (b->row.settings.failed)
        return error_set(im->error, TT_NOMEM, "out of memory");
    if (!b->has_settings) {
        b->has_settings = 1;
        buf_append(&b->settings, b->row.settings.data, b->row.settings.len);
        return b->settings.failed ? error_set(im->error, TT_NOMEM, "out of memory") : TT_OK;
    }
    if (strcmp(buf_text(&b->settings), buf_text(&b->row.settings)) == 0)
        return TT_OK;
    const char *other = first_difference(buf_text(&b->settings), buf_text(&b->row.settings), &len);
    return error_set(im->error, TT_USAGE,
                     "'%s', line %llu: this row has other settings (%.*s) than the first; a trace is of one "
                     "engine, model and machine: --pick NAME=VALUE takes the rows of one",
                     im->path, (unsigned long long)p->line, len < 80 ? len : 80, other);
}

static void name_test(const struct row *row, char *name, size_t size)
{
    char depth[32] = "";
    if (row->n_depth)
        snprintf(depth, sizeof depth, " @ d%llu", (unsigned long long)row->n_depth);
    if (row->n_prompt && row->n_gen)
        snprintf(name, size, "pp%llu+tg%llu%s", (unsigned long long)row->n_prompt,
                 (unsigned long long)row->n_gen, depth);
    else
        snprintf(name, size, "%s%llu%s", row->n_prompt ? "pp" : "tg",
                 (unsigned long long)(row->n_prompt ? row->n_prompt : row->n_gen), depth);
}

/* What stands before a test was read already: it is a prompt that is cached. */
static void give(const struct row *row, uint64_t ns, struct given_row *given)
{
    given->total_ns = ns;
    given->prompt_tokens = row->n_depth + row->n_prompt;
    given->cached_tokens = row->n_depth;
    given->completion_tokens = row->n_gen ? row->n_gen : ABSENT;
    if (row->n_prompt && row->n_gen)
        return; /* one time for two things */
    if (row->n_prompt)
        given->prefill_ns = ns;
    else
        given->decode_ns = ns;
    given->decode_tokens = row->n_prompt ? ABSENT : row->n_gen;
}

static int write_row(struct importer *im, const struct row *row)
{
    struct import_phase *phase;
    struct import_run run;
    char name[100];
    int status = TT_OK;
    name_test(row, name, sizeof name);
    for (size_t i = 0; i < row->sample_count && !status; i++) {
        import_run_init(&run);
        give(row, row->samples[i], &run.given);
        status = import_phase(im, name, &phase);
        if (!status) {
            phase->headline = row->n_prompt == 0;
            status = import_begin(im, &run, phase);
        }
        if (!status)
            status = import_end(im, &run);
    }
    return status;
}

static int describe_row(struct importer *im, const struct row *row)
{
    const char *slash = strrchr(row->model, '/');
    struct import_phase *phase;
    char version[VALUE_MAX + 2] = "", name[100];
    if (*row->version)
        snprintf(version, sizeof version, "b%s", row->version);
    int status = import_fact(im, "engine.name", "llamacpp");
    if (!status)
        status = import_fact(im, "engine.version", *version ? version : row->commit);
    if (!status)
        status = import_fact(im, "model.file", slash ? slash + 1 : row->model);
    if (!status)
        status = import_fact(im, "host.chip", row->chip);
    if (status || row->n_prompt)
        return status;
    name_test(row, name, sizeof name); /* what is generated comes first: tables show the first phase's rate */
    return import_phase(im, name, &phase);
}

static int take(struct importer *im, struct json_pull *p, struct bench *b)
{
    take_row(im, p, &b->row);
    if (p->status || !b->row.is_wanted)
        return p->status;
    if (!b->row.n_prompt && !b->row.n_gen)
        json_pull_fail(p, TT_SYNTAX, "a test has neither n_prompt nor n_gen");
    int status = p->status ? p->status : same_settings(im, p, b);
    if (!status)
        status = im->writer ? write_row(im, &b->row) : describe_row(im, &b->row);
    return status;
}

static int take_all(struct importer *im)
{
    struct import_reader r;
    struct bench *b = mem_zalloc(1, sizeof *b);
    int status = import_open(im, &r, 0, 1);
    if (!b)
        status = error_set(im->error, TT_NOMEM, "out of memory");
    while (!status && json_pull_next(&r.pull)) {
        int is_list = json_pull_type(&r.pull) == JSCAN_ARRAY;
        if (is_list)
            json_pull_enter(&r.pull);
        while (!status && (!is_list || json_pull_element(&r.pull))) {
            status = take(im, &r.pull, b);
            if (!is_list)
                break;
        }
    }
    if (b) {
        buf_release(&b->row.settings);
        buf_release(&b->settings);
    }
    mem_free(b);
    return import_close(&r, status);
}

const struct import_format import_llama_bench = {"llama-bench", "llama-bench", "llama-bench", marks,
                                                 lacks,         take_all,      take_all};
