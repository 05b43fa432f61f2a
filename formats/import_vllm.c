/* SPDX-License-Identifier: MIT */
/* `vllm bench serve --save-result --save-detailed`: one object whose members are lists with an element for
 * each request (input_lens, output_lens, ttfts, itls, start_times, generated_texts, errors; times in
 * seconds). They are read side by side, each by a reader of its own. */
#include <stdio.h>
#include <string.h>

#include "formats/importer.h"

enum column { INPUT_LENS, OUTPUT_LENS, TTFTS, ITLS, START_TIMES, GENERATED_TEXTS, ERRORS, COLUMNS };

static const char *const column_names[COLUMNS] = {"input_lens",  "output_lens",     "ttfts", "itls",
                                                  "start_times", "generated_texts", "errors"};

static const char *const marks[] = {"ttfts", "itls", "input_lens", NULL};
static const char *const lacks[] = {
    "finish reasons", "the text of single pieces", "cached tokens", "power", "memory", "the machine", NULL};

/* Where the lists begin; `line` 0 for those that the file does not have. */
struct columns {
    uint64_t place[COLUMNS], line[COLUMNS];
};

static int take_fact(struct importer *im, struct json_pull *p)
{
    static const char *const engines[] = {"vllm", "sglang", "tgi", "lmdeploy", "tensorrt-llm"};
    int is_model = json_pull_is(p, "model_id");
    if (!is_model && !json_pull_is(p, "backend")) {
        json_pull_skip(p);
        return TT_OK;
    }
    json_pull_text(p, &im->text);
    if (p->status || im->writer)
        return TT_OK;
    if (is_model)
        return import_fact(im, "model.id", buf_text(&im->text));
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (strcmp(buf_text(&im->text), engines[i]) == 0)
            return import_fact(im, "engine.name", engines[i]);
    }
    return TT_OK; /* "openai-chat" is a way to ask, and no engine */
}

/* Reads the whole document: what does not stand in a list, and where the lists are. */
static int scan(struct importer *im, struct json_pull *p, struct columns *columns)
{
    int status = TT_OK;
    if (!json_pull_next(p))
        json_pull_fail(p, TT_SYNTAX, "the file is empty");
    if (!p->status)
        json_pull_enter(p);
    while (!status && json_pull_member(p)) {
        size_t c = 0;
        while (c < COLUMNS && !json_pull_is(p, column_names[c]))
            c++;
        if (c == COLUMNS || json_pull_type(p) != JSCAN_ARRAY) {
            status = take_fact(im, p);
            continue;
        }
        columns->place[c] = json_pull_place(p);
        columns->line[c] = p->line;
        json_pull_skip(p);
    }
    if (!status)
        json_pull_last(p);
    return status;
}

static int find_columns(struct importer *im, struct columns *columns)
{
    struct import_reader r;
    memset(columns, 0, sizeof *columns);
    int status = import_open(im, &r, 0, 1);
    if (!status)
        status = scan(im, &r.pull, columns);
    status = import_close(&r, status);
    for (int c = INPUT_LENS; c <= ITLS && !status; c++) {
        if (!columns->line[c])
            status = error_set(im->error, TT_USAGE,
                               "'%s': there is no list '%s' in it; 'vllm bench serve' writes it with "
                               "--save-detailed",
                               im->path, column_names[c]);
    }
    return status;
}

static int describe(struct importer *im)
{
    struct columns columns;
    int status = find_columns(im, &columns);
    if (!status && !columns.line[START_TIMES])
        status = import_lack(im, "when requests began");
    if (!status && !columns.line[GENERATED_TEXTS])
        status = import_lack(im, "texts");
    return status;
}

/* The readers, each in its list. */
struct lists {
    struct import_reader readers[COLUMNS];
    struct columns columns;
    struct buf text, error;
};

/* A reader that begins in the middle of the file does not know where it is. */
static void name_list(struct json_pull *p, int column)
{
    snprintf(p->name, sizeof p->name, "%s", column_names[column]);
}

/* Whether there is another request. All lists must say the same. */
static int next(struct importer *im, struct lists *l, int *more)
{
    *more = json_pull_element(&l->readers[TTFTS].pull);
    name_list(&l->readers[TTFTS].pull, TTFTS);
    if (l->readers[TTFTS].pull.status)
        return l->readers[TTFTS].pull.status;
    for (int c = 0; c < COLUMNS; c++) {
        struct json_pull *p = &l->readers[c].pull;
        if (c == TTFTS || !l->columns.line[c])
            continue;
        int own = json_pull_element(p);
        name_list(p, c);
        if (p->status)
            return p->status;
        if (own != *more)
            return error_set(im->error, TT_SYNTAX, "'%s', line %llu, '%s': this list is %s than 'ttfts'",
                             im->path, (unsigned long long)p->line, column_names[c],
                             own ? "longer" : "shorter");
    }
    return TT_OK;
}

/* The pieces, from the first on: each `itls` is the time since the one before. */
static int write_arrivals(struct importer *im, struct import_run *run, struct json_pull *itls, uint64_t t)
{
    int status = import_arrival(im, run, t, (struct bytes){NULL, 0});
    json_pull_enter(itls);
    while (!status && json_pull_element(itls)) {
        uint64_t gap = json_pull_ns(itls, 1e9);
        if (itls->status)
            break;
        t += gap == ABSENT ? 0 : gap;
        status = import_arrival(im, run, t, (struct bytes){NULL, 0});
    }
    return status ? status : itls->status;
}

static int read_texts(struct lists *l, struct import_run *run)
{
    struct json_pull *texts = &l->readers[GENERATED_TEXTS].pull, *errors = &l->readers[ERRORS].pull;
    if (l->columns.line[GENERATED_TEXTS]) {
        json_pull_text(texts, &l->text);
        run->given.text = buf_bytes(&l->text);
    }
    if (l->columns.line[ERRORS])
        json_pull_text(errors, &l->error);
    if (l->error.len)
        import_run_failed(run, buf_text(&l->error));
    return texts->status ? texts->status : errors->status;
}

static int read_figures(struct lists *l, struct import_run *run, uint64_t *ttft)
{
    struct json_pull *starts = &l->readers[START_TIMES].pull, *ttfts = &l->readers[TTFTS].pull;
    run->given.prompt_tokens = json_pull_count(&l->readers[INPUT_LENS].pull);
    run->given.completion_tokens = json_pull_count(&l->readers[OUTPUT_LENS].pull);
    *ttft = json_pull_ns(ttfts, 1e9);
    if (l->columns.line[START_TIMES])
        run->row.t_start = json_pull_ns(starts, 1e9);
    for (int c = INPUT_LENS; c <= START_TIMES; c++) {
        if (c != ITLS && l->readers[c].pull.status)
            return l->readers[c].pull.status;
    }
    return read_texts(l, run);
}

/* Without its beginning a request stands behind the one before it; its own times are none the worse. */
static int write_run(struct importer *im, struct lists *l)
{
    struct import_run run;
    struct import_phase *phase;
    uint64_t ttft;
    struct json_pull *itls = &l->readers[ITLS].pull;
    import_run_init(&run);
    int status = read_figures(l, &run, &ttft);
    if (!status && run.row.t_start != ABSENT)
        status = import_clock(im, run.row.t_start, ABSENT);
    if (!status)
        status = import_phase(im, "request", &phase);
    if (!status)
        status = import_begin(im, &run, phase);
    if (status)
        return status;
    run.end.t_connected = run.row.t_start;
    if (run.end.ended != RUN_ENDED_COMPLETE || ttft == ABSENT)
        json_pull_skip(itls);
    else
        status = write_arrivals(im, &run, itls, run.row.t_start + ttft);
    run.end.t_close = run.end.ended == RUN_ENDED_COMPLETE ? im->next_start : ABSENT;
    return status || itls->status ? (status ? status : itls->status) : import_end(im, &run);
}

static int write_runs(struct importer *im, struct lists *l)
{
    int more = 1, status = TT_OK;
    for (int c = 0; c < COLUMNS; c++) {
        if (l->columns.line[c])
            json_pull_enter(&l->readers[c].pull);
    }
    while (!status) {
        status = next(im, l, &more);
        if (status || !more)
            break;
        status = write_run(im, l);
    }
    return status;
}

static int runs(struct importer *im)
{
    struct lists l = {.text = BUF_INIT, .error = BUF_INIT};
    int status = find_columns(im, &l.columns), opened = 0;
    for (; opened < COLUMNS && !status; opened++) {
        uint64_t line = l.columns.line[opened];
        status = import_open(im, &l.readers[opened], line ? l.columns.place[opened] : 0, line ? line : 1);
    }
    if (!status)
        status = write_runs(im, &l);
    for (int c = 0; c < opened; c++)
        status = import_close(&l.readers[c], status);
    buf_release(&l.text);
    buf_release(&l.error);
    return status;
}

const struct import_format import_vllm = {
    "vllm", "vllm bench serve", "vllm bench serve", marks, lacks, describe, runs};
