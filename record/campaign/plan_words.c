/* SPDX-License-Identifier: MIT */
/* What of a cell is handed on to `toktape record`, word by word. */
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "record/campaign/plan_reader.h"

enum word_kind { WORD_TEXT, WORD_NUMBER, WORD_FLAG, WORD_LIST, WORD_OBJECT, WORD_PATH };

static const struct word {
    const char *key, *option;
    enum word_kind kind;
} words[] = {{"model", "--model", WORD_TEXT},
             {"pause", "--pause", WORD_NUMBER},
             {"timeout", "--timeout", WORD_NUMBER},
             {"stall_timeout", "--stall-timeout", WORD_NUMBER},
             {"cold", "--cold", WORD_TEXT},
             {"seed", "--seed", WORD_NUMBER},
             {"only", "--only", WORD_LIST},
             {"skip_long", "--skip-long", WORD_FLAG},
             {"extra_body", "--extra-body", WORD_OBJECT},
             {"headers", "--header", WORD_LIST},
             {"api_key_env", "--api-key-env", WORD_TEXT},
             {"accept", "--accept", WORD_TEXT},
             {"sample_hz", "--sample-hz", WORD_NUMBER},
             {"power", "--power", WORD_TEXT},
             {"power_csv", "--power-csv", WORD_PATH},
             {"idle", "--idle", WORD_NUMBER},
             {"no_content", "--no-content", WORD_FLAG},
             {"calibrate", "--calibrate", WORD_FLAG},
             {"no_tokenise", "--no-tokenise", WORD_FLAG},
             {"no_poll", "--no-poll", WORD_FLAG},
             {"reset_peaks", "--reset-peaks", WORD_FLAG},
             {"hash_model", "--hash-model", WORD_FLAG}};
#define WORDS (sizeof words / sizeof words[0])

/* As one word, "--name=value": a value may begin with a dash. */
static int add(struct campaign_cell *cell, const char *option, const char *value)
{
    struct buf word = BUF_INIT;
    buf_printf(&word, "%s=%s", option, value);
    int status = word.failed ? TT_NOMEM : words_add(&cell->arguments, buf_text(&word));
    buf_release(&word);
    return status;
}

static int add_number(struct plan_reader *r, const struct plan_source *s, const struct word *w,
                      struct campaign_cell *cell)
{
    char text[40];
    double value = plan_real(r, s->at, s->object, w->key, 0, 9e15);
    snprintf(text, sizeof text, "%.15g", value);
    return add(cell, w->option, text);
}

static int add_list(struct plan_reader *r, const struct plan_source *s, const struct word *w,
                    struct campaign_cell *cell)
{
    const cJSON *list = plan_array(r, s->at, s->object, w->key), *item;
    struct place here = {s->at, w->key, 0};
    size_t index = 0;
    int status = TT_OK;
    cJSON_ArrayForEach(item, list)
    {
        struct place there = {&here, NULL, index++};
        if (!cJSON_IsString(item))
            findings_add(r->findings, &there, "this is to be a text");
        else if (!status)
            status = add(cell, w->option, item->valuestring);
    }
    return status;
}

static int add_object(struct plan_reader *r, const struct plan_source *s, const struct word *w,
                      struct campaign_cell *cell)
{
    const cJSON *object = plan_object(r, s->at, s->object, w->key);
    char *text = object ? cJSON_PrintUnformatted(object) : NULL;
    int status = object && !text ? TT_NOMEM : TT_OK;
    if (text)
        status = add(cell, w->option, text);
    mem_free(text);
    return status;
}

static int add_path(struct plan_reader *r, const struct plan_source *s, const struct word *w,
                    struct campaign_cell *cell)
{
    const char *text = plan_text(r, s->at, s->object, w->key);
    char *path = text ? plan_resolve(r->plan, text) : NULL;
    int status = text && !path ? TT_NOMEM : TT_OK;
    if (path)
        status = add(cell, w->option, path);
    mem_free(path);
    return status;
}

static int add_word(struct plan_reader *r, const struct plan_source *s, const struct word *w,
                    struct campaign_cell *cell)
{
    const char *text;
    switch (w->kind) {
    case WORD_FLAG:
        return plan_flag(r, s->at, s->object, w->key, 0) ? words_add(&cell->arguments, w->option) : TT_OK;
    case WORD_NUMBER:
        return add_number(r, s, w, cell);
    case WORD_LIST:
        return add_list(r, s, w, cell);
    case WORD_OBJECT:
        return add_object(r, s, w, cell);
    case WORD_PATH:
        return add_path(r, s, w, cell);
    default:
        text = plan_text(r, s->at, s->object, w->key);
        return text ? add(cell, w->option, text) : TT_OK;
    }
}

/* ---- would `record` take them ---- */

/* One by one, so that all that are wrong are told, each where it stands. */
static int check_each(struct plan_reader *r, const struct place *at, const struct campaign_cell *cell,
                      size_t from, int *refused)
{
    int status = TT_OK;
    for (size_t i = from; r->check && !status && i < cell->arguments.count; i++) {
        struct words one = {&cell->arguments.items[i], 1, 1};
        struct error e = {0};
        status = r->check(&one, &e);
        if (!status || status == TT_NOMEM)
            continue;
        findings_add(r->findings, at, "%s", e.text);
        *refused = 1;
        status = TT_OK;
    }
    return status;
}

/* Those that are fine alone may contradict each other. */
static int check_all(struct plan_reader *r, const struct place *at, const struct campaign_cell *cell)
{
    struct error e = {0};
    int status = r->check ? r->check(&cell->arguments, &e) : TT_OK;
    if (status && status != TT_NOMEM)
        findings_add(r->findings, at, "%s", e.text);
    return status == TT_NOMEM ? status : TT_OK;
}

/* ---- options ---- */

/* Why a cell has no such word, although `record` would take it; NULL when it may have it. */
static const char *refusal_of(const struct plan_source *s, const struct word *w,
                              const struct campaign_cell *cell)
{
    const cJSON *value = json_member(s->object, w->key);
    if (strcmp(w->key, "cold") == 0 && cJSON_IsString(value) && strcmp(value->valuestring, "restart") == 0)
        return "a campaign's engine restarts between repeats (\"restart\": true), not within one: request, "
               "reset and nonce make a phase cold";
    if (strcmp(w->key, "calibrate") == 0 && cJSON_IsTrue(value) && cell->workload &&
        strcmp(cell->workload, PLAN_USUAL_WORKLOAD) != 0)
        return "only the workload " PLAN_USUAL_WORKLOAD " can be calibrated";
    return NULL;
}

static int read_options(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell,
                        int *refused)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < WORDS; i++) {
        const struct plan_source *source = plan_source_of(s, words[i].key);
        struct place here = {source->at, words[i].key, 0};
        size_t before = cell->arguments.count;
        const char *refusal = refusal_of(source, &words[i], cell);
        if (refusal) {
            findings_add(r->findings, &here, "%s", refusal);
            *refused = 1;
        } else if (json_member(source->object, words[i].key))
            status = add_word(r, source, &words[i], cell);
        if (!status)
            status = check_each(r, &here, cell, before, refused);
    }
    return status;
}

/* ---- labels ---- */

static void check_label(struct plan_reader *r, const struct place *at, const cJSON *label)
{
    if (!cJSON_IsString(label))
        findings_add(r->findings, at, "this is to be a text");
    else if (strchr(label->string, '='))
        findings_add(r->findings, at, "a label's name has no '='");
}

/* The cell's own win over the defaults'. */
static int read_labels(struct plan_reader *r, const struct plan_source *s, const cJSON *wins,
                       struct campaign_cell *cell, int *refused)
{
    const cJSON *labels = plan_object(r, s->at, s->object, "labels"), *label;
    struct place here = {s->at, "labels", 0};
    int status = TT_OK;
    cJSON_ArrayForEach(label, labels)
    {
        struct place there = {&here, label->string, 0};
        struct buf text = BUF_INIT;
        size_t before = cell->arguments.count;
        check_label(r, &there, label);
        buf_printf(&text, "%s=%s", label->string, cJSON_IsString(label) ? label->valuestring : "");
        if (!status && !json_member(wins, label->string))
            status = text.failed ? TT_NOMEM : add(cell, "--label", buf_text(&text));
        if (!status)
            status = check_each(r, &there, cell, before, refused);
        buf_release(&text);
    }
    return status;
}

static int add_workload(struct campaign_cell *cell)
{
    return cell->workload ? add(cell, "--workload", cell->workload) : TT_OK;
}

int plan_read_words(struct plan_reader *r, const struct plan_cell_sources *s, struct campaign_cell *cell)
{
    int refused = 0, status = add_workload(cell);
    if (!status)
        status = read_options(r, s, cell, &refused);
    if (!status)
        status = read_labels(r, &s->own, NULL, cell, &refused);
    if (!status)
        status = read_labels(r, &s->defaults, json_member(s->own.object, "labels"), cell, &refused);
    return status || refused ? status : check_all(r, s->own.at, cell);
}
