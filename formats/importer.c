/* SPDX-License-Identifier: MIT */
#include "formats/importer.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/scrub.h"
#include "formats/textsafe.h"

#define FACT_NAME_MAX 64
#define FACT_TEXT_MAX 300                  /* bytes of a fact's text */
#define TIME_MAX      (UINT64_C(1) << 62)  /* so that no sum of two goes over */
#define GAP_NS        UINT64_C(1000000000) /* between runs whose times are not known */

static int no_memory(struct importer *im)
{
    return error_set(im->error, TT_NOMEM, "out of memory");
}

/* ---- the file ---- */

int import_open(struct importer *im, struct import_reader *r, uint64_t base, uint64_t line)
{
    int status = TT_OK;
    memset(r, 0, sizeof *r);
    r->source.fd = -1;
    if (im->memory.data) {
        source_open_memory(&r->source, im->memory.data, im->memory.len);
        r->source.path = im->path;
    } else {
        status = source_open_file(&r->source, im->path, im->error);
    }
    if (status >= 0)
        status = base ? source_seek(&r->source, base, im->error) : TT_OK;
    return status ? status : json_pull_init(&r->pull, &r->source, base, line, im->error);
}

int import_close(struct import_reader *r, int status)
{
    status = status ? status : r->pull.status;
    json_pull_release(&r->pull);
    source_close(&r->source);
    return status;
}

/* ---- what is said of the whole ---- */

/* The object that holds the last name of the path, made where it is missing; NULL when memory is out. */
static cJSON *parent_of(cJSON *meta, const char *path, char last[FACT_NAME_MAX])
{
    cJSON *object = meta;
    for (;;) {
        size_t len = strcspn(path, ".");
        if (len >= FACT_NAME_MAX)
            return NULL;
        memcpy(last, path, len);
        last[len] = '\0';
        if (!path[len])
            return object;
        cJSON *child = cJSON_GetObjectItemCaseSensitive(object, last);
        object = child ? child : cJSON_AddObjectToObject(object, last);
        if (!object)
            return NULL;
        path += len + 1;
    }
}

static int was_said(const struct importer *im, const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < im->options->fact_count; i++) {
        if (strncmp(im->options->facts[i], path, len) == 0 && im->options->facts[i][len] == '=')
            return 1;
    }
    return 0;
}

/* Takes over `value`. */
static int state(struct importer *im, const char *path, cJSON *value)
{
    char name[FACT_NAME_MAX];
    cJSON *parent = value ? parent_of(im->meta, path, name) : NULL;
    const cJSON *known = parent ? json_member(parent, name) : NULL;
    int status = parent ? TT_OK : TT_NOMEM;
    int is_other = known && !cJSON_Compare(known, value, 1);
    if (!status && !known)
        return json_set(parent, name, value) ? no_memory(im) : TT_OK;
    cJSON_Delete(value);
    if (is_other && !was_said(im, path))
        return error_set(im->error, TT_USAGE,
                         "'%s': its %s is another one than that of the files before; a trace is of one "
                         "engine, model and machine: import them one by one",
                         im->path, path);
    return status ? no_memory(im) : TT_OK;
}

int import_fact(struct importer *im, const char *path, const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (!len)
        return TT_OK;
    if (len > FACT_TEXT_MAX) {
        len = FACT_TEXT_MAX;
        while (len && ((unsigned char)text[len] & 0xC0) == 0x80)
            len--;
    }
    struct scrubber scrubber;
    struct buf clean = BUF_INIT;
    scrubber_init(&scrubber);
    int status = scrub_text(&scrubber, &clean, text, len);
    cJSON *value = status ? NULL : cJSON_CreateString(buf_text(&clean));
    buf_release(&clean);
    return value ? state(im, path, value) : no_memory(im);
}

int import_count(struct importer *im, const char *path, uint64_t count)
{
    return count == ABSENT ? TT_OK : state(im, path, cJSON_CreateNumber((double)count));
}

int import_model(struct importer *im, struct json_pull *p)
{
    if (!json_pull_find(p, "model") || json_pull_type(p) != JSCAN_STRING)
        return p->status;
    json_pull_text(p, &im->text);
    return p->status ? p->status : import_fact(im, "model.id", buf_text(&im->text));
}

void import_text(struct importer *im, struct json_pull *p, char *to, size_t size)
{
    json_pull_text(p, &im->text);
    snprintf(to, size, "%s", buf_text(&im->text));
}

int import_lack(struct importer *im, const char *what)
{
    cJSON *import = cJSON_GetObjectItemCaseSensitive(im->meta, "import");
    cJSON *lacks = cJSON_GetObjectItemCaseSensitive(import, "lacks"), *item;
    cJSON_ArrayForEach(item, lacks)
    {
        if (cJSON_IsString(item) && strcmp(item->valuestring, what) == 0)
            return TT_OK;
    }
    item = cJSON_CreateString(what);
    if (item && cJSON_AddItemToArray(lacks, item))
        return TT_OK;
    cJSON_Delete(item);
    return no_memory(im);
}

int import_clock(struct importer *im, uint64_t native_ns, uint64_t realtime_ns)
{
    struct clock_row row = {native_ns, 0, ABSENT, realtime_ns, ABSENT};
    if (im->has_clock || native_ns == ABSENT)
        return TT_OK;
    im->has_clock = 1;
    return trace_writer_row(im->writer, TABLE_CLOCK, &row, im->error);
}

int import_wants(const struct importer *im, const char *name, const char *value)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < im->options->pick_count; i++) {
        const char *pick = im->options->picks[i];
        if (strncmp(pick, name, len) == 0 && pick[len] == '=' && strcmp(pick + len + 1, value) != 0)
            return 0;
    }
    return 1;
}

/* ---- runs ---- */

int import_phase(struct importer *im, const char *name, struct import_phase **phase)
{
    for (size_t i = 0; i < im->phase_count; i++) {
        if (strcmp(im->phases[i].name, name) == 0) {
            *phase = &im->phases[i];
            return TT_OK;
        }
    }
    if (im->phase_count == IMPORT_PHASES_MAX)
        return error_set(im->error, TT_LIMIT, "'%s': more than %zu different phases", im->path,
                         IMPORT_PHASES_MAX);
    char *copy = mem_strdup(name);
    if (!copy || mem_grow(&im->phases, &im->phase_capacity, im->phase_count + 1, sizeof *im->phases)) {
        mem_free(copy);
        return no_memory(im);
    }
    *phase = &im->phases[im->phase_count++];
    **phase = (struct import_phase){.name = copy, .max_tokens = ABSENT};
    return TT_OK;
}

void import_run_init(struct import_run *run)
{
    memset(run, 0, sizeof *run);
    run->row = (struct run_row){.conversation = ABSENT,
                                .turn = ABSENT,
                                .parent = ABSENT,
                                .slot = ABSENT,
                                .body = ABSENT,
                                .t_intended = ABSENT,
                                .t_start = ABSENT,
                                .think_ns = ABSENT};
    run->end = (struct run_end_row){.t_connected = ABSENT,
                                    .t_sent = ABSENT,
                                    .t_header = ABSENT,
                                    .t_close = ABSENT,
                                    .status = ABSENT,
                                    .lookup_ns = ABSENT,
                                    .connect_ns = ABSENT,
                                    .tls_ns = ABSENT,
                                    .recorder_cpu_ns = ABSENT,
                                    .clock_jump = ABSENT};
    run->given = (struct given_row){0,      ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT,    ABSENT,
                                    ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, ABSENT, {NULL, 0}, {NULL, 0}};
}

void import_run_failed(struct import_run *run, const char *why)
{
    run->end.ended = RUN_ENDED_SAID_FAILED;
    snprintf(run->error, sizeof run->error, "%s", *why ? why : "failed, as the source says");
}

void import_run_error(struct importer *im, struct json_pull *p, struct import_run *run)
{
    char message[sizeof run->error] = "";
    if (!json_pull_enter_if(p, JSCAN_OBJECT))
        return;
    while (json_pull_member(p)) {
        if (json_pull_is(p, "message"))
            import_text(im, p, message, sizeof message);
        else
            json_pull_skip(p);
    }
    import_run_failed(run, message);
}

int import_body(struct importer *im, struct import_run *run, struct bytes body)
{
    if (!body.len)
        return TT_OK;
    return body_store_put(im->bodies, &im->sink, body.data, body.len, NULL, 0, &run->row.body, im->error);
}

static int too_late(struct importer *im)
{
    return error_set(im->error, TT_LIMIT, "'%s': the times of its runs are too large", im->path);
}

int import_begin(struct importer *im, struct import_run *run, struct import_phase *phase)
{
    if (im->result->runs == IMPORT_RUNS_MAX)
        return error_set(im->error, TT_LIMIT, "'%s': more than %llu runs, which is what a trace may have",
                         im->path, (unsigned long long)IMPORT_RUNS_MAX);
    run->row.run = run->end.run = run->given.run = im->result->runs++;
    run->row.phase = (uint64_t)(phase - im->phases);
    run->row.repeat = phase->runs++;
    if (run->row.t_start == ABSENT)
        run->row.t_start = im->next_start;
    if (run->row.t_start > TIME_MAX)
        return too_late(im);
    im->next_start = run->t_last = run->row.t_start;
    return trace_writer_row(im->writer, TABLE_RUN, &run->row, im->error);
}

int import_arrival(struct importer *im, struct import_run *run, uint64_t t, struct bytes data)
{
    struct arrival_row row = {run->row.run, t, data};
    if (t > TIME_MAX)
        return too_late(im);
    if (t < run->t_last)
        return error_set(im->error, TT_SYNTAX, "'%s', request %llu: the times of its answer go backwards",
                         im->path, (unsigned long long)run->row.run + 1);
    run->t_last = t;
    im->next_start = t > im->next_start ? t : im->next_start;
    return trace_writer_row(im->writer, TABLE_ARRIVAL, &row, im->error);
}

/* What another tool says may name a home or a key, and be cut in the middle of a character. */
static struct bytes clean_error(const char *error, struct buf *out)
{
    struct scrubber scrubber;
    struct buf clean = BUF_INIT;
    scrubber_init(&scrubber);
    if (scrub_text(&scrubber, &clean, error, strlen(error)))
        out->failed = TT_NOMEM;
    text_plain(out, buf_text(&clean));
    buf_release(&clean);
    return buf_bytes(out);
}

int import_end(struct importer *im, struct import_run *run)
{
    struct buf error = BUF_INIT;
    uint64_t total = run->given.total_ns == ABSENT ? 0 : run->given.total_ns;
    if (run->error[0])
        run->end.error = clean_error(run->error, &error);
    im->result->failed += run->end.ended != RUN_ENDED_COMPLETE;
    im->next_start += total + GAP_NS;
    int status =
        error.failed ? no_memory(im) : trace_writer_row(im->writer, TABLE_GIVEN, &run->given, im->error);
    if (!status)
        status = trace_writer_row(im->writer, TABLE_RUN_END, &run->end, im->error);
    buf_release(&error);
    return status;
}
