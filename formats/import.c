/* SPDX-License-Identifier: MIT */
#include "formats/import.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/digest.h"
#include "formats/importer.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/provenance.h"
#include "formats/trace_repack.h"
#include "formats/version.h"

#define MEMBERS_MAX 128 /* of a first document that are looked at */
#define READ_BYTES  ((size_t)64 << 10)
#define MEMORY_NAME "memory"

static const struct import_format *const formats[] = {
    &import_asiai,      &import_vllm,        &import_aiperf_raw, &import_aiperf,
    &import_genai_perf, &import_llama_bench, &import_toktape,
};
#define FORMATS (sizeof formats / sizeof formats[0])

/* One import under way. */
struct import {
    struct importer im;
    const char *const *paths;
    size_t count;
    const char *output;
    struct trace_identity identity;
    struct sha256 *digest; /* of the file that is read for its hash */
    struct buf sources;    /* what the trace's identity follows from */
};

static int no_memory(struct import *x)
{
    return error_set(x->im.error, TT_NOMEM, "out of memory");
}

/* ---- which format ---- */

static void note_member(const char *name, unsigned *found)
{
    for (size_t f = 0; f < FORMATS; f++) {
        for (size_t m = 0; formats[f]->marks[m]; m++)
            found[f] |= (unsigned)(strcmp(formats[f]->marks[m], name) == 0) << m;
    }
}

static int has_all(const struct import_format *format, unsigned found)
{
    size_t count = 0;
    while (format->marks[count])
        count++;
    return found == (1u << count) - 1;
}

/* The members of the first document, or of the first element when it is an array. */
static void survey(struct json_pull *p, unsigned *found)
{
    unsigned members = 0;
    if (!json_pull_next(p))
        json_pull_fail(p, TT_SYNTAX, "the file is empty");
    if (!p->status && json_pull_type(p) == JSCAN_ARRAY) {
        json_pull_enter(p);
        if (!json_pull_element(p))
            json_pull_fail(p, TT_SYNTAX, "the file holds nothing");
    }
    if (!p->status)
        json_pull_enter(p);
    while (json_pull_member(p) && members++ < MEMBERS_MAX) {
        note_member(p->name, found);
        json_pull_skip(p);
    }
}

static int detect(struct import *x)
{
    unsigned found[FORMATS] = {0};
    struct import_reader r;
    int status = import_open(&x->im, &r, 0, 1);
    if (!status)
        survey(&r.pull, found);
    status = import_close(&r, status);
    for (size_t f = 0; f < FORMATS && !status && !x->im.format; f++) {
        if (has_all(formats[f], found[f]))
            x->im.format = formats[f];
    }
    if (!status && !x->im.format)
        status = error_set(x->im.error, TT_USAGE,
                           "'%s' is of no format that import knows; --format names one, and 'toktape import "
                           "--help' lists them",
                           x->im.path);
    return status;
}

static int choose_format(struct import *x)
{
    const char *name = x->im.options->format;
    if (!name || strcmp(name, "auto") == 0)
        return detect(x);
    for (size_t f = 0; f < FORMATS; f++) {
        if (strcmp(formats[f]->name, name) == 0)
            x->im.format = formats[f];
    }
    return x->im.format ? TT_OK : error_set(x->im.error, TT_USAGE, "import knows no format '%.40s'", name);
}

/* ---- the description ---- */

static int hash_source(struct import *x, struct source *source, uint64_t *bytes)
{
    unsigned char *piece = mem_alloc(READ_BYTES);
    long got = piece ? 1 : TT_NOMEM;
    *bytes = 0;
    while (got > 0) {
        got = source_read(source, piece, READ_BYTES, x->im.error);
        if (got > 0)
            sha256_update(x->digest, piece, (size_t)got);
        *bytes += got > 0 ? (uint64_t)got : 0;
    }
    mem_free(piece);
    return got == TT_NOMEM ? no_memory(x) : (int)got;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int list_file(struct import *x, const char *hex, uint64_t bytes)
{
    cJSON *import = cJSON_GetObjectItemCaseSensitive(x->im.meta, "import");
    cJSON *files = cJSON_GetObjectItemCaseSensitive(import, "files"), *file = cJSON_CreateObject();
    int status = file && cJSON_AddItemToArray(files, file) ? TT_OK : TT_NOMEM;
    if (status) {
        cJSON_Delete(file);
        return no_memory(x);
    }
    status = json_set_string(file, "name", base_name(x->im.path));
    if (!status)
        status = json_set_u64(file, "bytes", bytes);
    if (!status)
        status = json_set_string(file, "sha256", hex);
    return status || buf_puts(&x->sources, hex) ? no_memory(x) : TT_OK;
}

/* Which bytes the trace is made from. */
static int identify_file(struct import *x)
{
    struct import_reader r;
    unsigned char digest[SHA256_BYTES];
    char hex[SHA256_HEX_BYTES];
    uint64_t bytes = 0;
    int status = import_open(&x->im, &r, 0, 1);
    if (!status)
        status = hash_source(x, &r.source, &bytes);
    status = import_close(&r, status);
    if (status)
        return status;
    sha256_final(x->digest, digest);
    sha256_hex(digest, hex);
    return list_file(x, hex, bytes);
}

static int add_said(struct import *x, const char *path, const char *value)
{
    cJSON *facts = cJSON_GetObjectItemCaseSensitive(x->im.meta, "facts"), *fact = cJSON_CreateObject();
    if (!facts && json_set(x->im.meta, "facts", facts = cJSON_CreateArray()))
        facts = NULL;
    if (!facts || !fact || !cJSON_AddItemToArray(facts, fact)) {
        cJSON_Delete(fact);
        return no_memory(x);
    }
    int status = json_set_string(fact, "path", path);
    if (!status)
        status = json_set_string(fact, "value", value);
    if (!status)
        status = json_set_string(fact, "how", "said by whoever imported it");
    return status ? no_memory(x) : TT_OK;
}

/* "engine.version=b1234": only what a description has room for. */
static int take_said(struct import *x, const char *said)
{
    static const char *const known[] = {
        "engine.name",      "engine.version", "model.id",          "model.file",      "model.quant",
        "speculative.kind", "host.chip",      "host.machine_name", "host.power_mode", "workload.name"};
    char path[32] = "";
    const char *value = strchr(said, '=');
    size_t len = value ? (size_t)(value - said) : 0, i = 0;
    if (len && len < sizeof path)
        memcpy(path, said, len);
    while (i < sizeof known / sizeof known[0] && strcmp(known[i], path) != 0)
        i++;
    if (i == sizeof known / sizeof known[0] || !value[1])
        return error_set(x->im.error, TT_USAGE,
                         "--fact wants PATH=VALUE, of engine.name, engine.version, model.id, model.file, "
                         "model.quant, speculative.kind, host.chip, host.machine_name, host.power_mode or "
                         "workload.name, not '%.60s'",
                         said);
    buf_printf(&x->sources, "\n%s", said);
    int status = import_fact(&x->im, path, value + 1);
    return status ? status : add_said(x, path, value + 1);
}

static int begin_meta(struct import *x)
{
    cJSON *meta = x->im.meta = cJSON_CreateObject();
    int status = meta ? json_set_string(meta, "format", "toktape") : TT_NOMEM;
    if (!status)
        status = json_set_number(meta, "format_version", 1);
    if (!status)
        status = json_set(meta, "tool", cJSON_CreateObject());
    if (!status)
        status = json_set(meta, "import", cJSON_CreateObject());
    cJSON *tool = status ? NULL : cJSON_GetObjectItemCaseSensitive(meta, "tool");
    cJSON *import = status ? NULL : cJSON_GetObjectItemCaseSensitive(meta, "import");
    if (!status)
        status = json_set_string(tool, "name", "toktape");
    if (!status)
        status = json_set_string(tool, "version", toktape_version());
    if (!status)
        status = json_set_string(import, "format", x->im.format->name);
    if (!status)
        status = json_set_string(import, "tool", x->im.format->tool);
    if (!status)
        status = json_set(import, "files", cJSON_CreateArray());
    if (!status)
        status = json_set(import, "lacks", cJSON_CreateArray());
    return status ? no_memory(x) : TT_OK;
}

/* Times are nanoseconds of the source's clock. */
static int add_clock(cJSON *meta)
{
    cJSON *clock = cJSON_CreateObject();
    int status = json_set(meta, "clock", clock);
    if (!status)
        status = json_set_string(clock, "name", "source");
    if (!status)
        status = json_set_u64(clock, "numer", 1);
    return status ? status : json_set_u64(clock, "denom", 1);
}

static int finish_meta(struct import *x, struct buf *text)
{
    cJSON *meta = x->im.meta, *privacy = cJSON_CreateObject();
    trace_identity_of(&x->identity, x->sources.data, x->sources.len);
    int status = x->sources.failed ? TT_NOMEM : json_set_string(meta, "trace", x->identity.uuid);
    if (!status)
        status = json_set(meta, "privacy", privacy);
    else
        cJSON_Delete(privacy);
    if (!status)
        status = json_set_string(privacy, "content", "full");
    if (!status)
        status = add_clock(meta);
    if (!status)
        status = provenance_add(meta, "import", NULL);
    char *json = status ? NULL : cJSON_PrintUnformatted(meta);
    if (!json || buf_puts(text, json))
        status = no_memory(x);
    cJSON_free(json);
    return status;
}

static int describe_file(struct import *x)
{
    int status = identify_file(x);
    return status ? status : x->im.format->describe(&x->im);
}

static int describe(struct import *x, struct buf *meta)
{
    struct importer *im = &x->im;
    int status = begin_meta(x);
    buf_printf(&x->sources, "import %s %s\n", toktape_version(), im->format->name);
    for (size_t i = 0; i < im->options->fact_count && !status; i++)
        status = take_said(x, im->options->facts[i]);
    for (size_t i = 0; i < im->options->pick_count; i++)
        buf_printf(&x->sources, "\n%s", im->options->picks[i]);
    for (size_t i = 0; im->format->lacks[i] && !status; i++)
        status = import_lack(im, im->format->lacks[i]);
    for (size_t i = 0; i < x->count && !status; i++) {
        im->path = x->paths[i];
        status = describe_file(x);
    }
    if (!status && !json_path(im->meta, "workload.name"))
        status = import_fact(im, "workload.name", im->format->workload);
    return status ? status : finish_meta(x, meta);
}

/* ---- the trace ---- */

static int emit(void *context, enum table_id table, const void *row)
{
    struct importer *im = context;
    return trace_writer_row(im->writer, table, row, im->error);
}

static void put_phases(const struct importer *im, struct jsonout *j)
{
    jsonout_array(j);
    for (size_t i = 0; i < im->phase_count; i++) {
        const struct import_phase *phase = &im->phases[i];
        jsonout_object(j);
        jsonout_field_string(j, "name", phase->name);
        if (phase->max_tokens != ABSENT)
            jsonout_field_u64(j, "max_tokens", phase->max_tokens);
        jsonout_field_bool(j, "cold", phase->cold);
        jsonout_field_bool(j, "headline", phase->headline);
        jsonout_field_bool(j, "long", phase->is_long);
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
}

/* What phases there are is known when all runs are. */
static int tell_phases(struct import *x)
{
    struct buf text = BUF_INIT;
    struct jsonout j;
    jsonout_init(&j, &text, 0);
    jsonout_object(&j);
    jsonout_key(&j, "facts");
    jsonout_array(&j);
    jsonout_object(&j);
    jsonout_field_string(&j, "path", "workload.phases");
    jsonout_key(&j, "value");
    put_phases(&x->im, &j);
    jsonout_field_string(&j, "how", "the runs");
    jsonout_end(&j, '}');
    jsonout_end(&j, ']');
    jsonout_end(&j, '}');
    int status = text.failed ? no_memory(x) : trace_writer_meta(x->im.writer, buf_text(&text), x->im.error);
    buf_release(&text);
    return status;
}

static int write_runs(struct import *x)
{
    int status = TT_OK;
    for (size_t i = 0; i < x->count && !status; i++) {
        x->im.path = x->paths[i];
        status = x->im.format->runs(&x->im);
    }
    if (!status && !x->im.result->runs)
        status = error_set(x->im.error, TT_USAGE, "'%s': there are no runs in it", x->im.path);
    return status ? status : tell_phases(x);
}

static int write_end(struct import *x, const char *path, int is_file)
{
    struct importer *im = &x->im;
    struct buf summary = BUF_INIT;
    int wanted = im->options->summarise && is_file, status = TT_OK;
    if (wanted)
        status = trace_writer_flush(im->writer, im->error);
    if (wanted && !status)
        status = im->options->summarise(path, &summary, im->error);
    if (!status)
        status = trace_writer_finish(im->writer, "clean", wanted ? buf_text(&summary) : NULL, im->error);
    buf_release(&summary);
    return status;
}

static int write_trace(struct import *x, int fd, const char *path, int is_file)
{
    struct importer *im = &x->im;
    struct buf meta = BUF_INIT;
    struct trace_writer_options how = {.level = REPACK_LEVEL, .block_bytes = REPACK_BLOCK_BYTES};
    int status = describe(x, &meta);
    how.trace_id = x->identity.id;
    if (!status)
        status = trace_writer_new(&im->writer, fd, path, buf_text(&meta), &how, im->error);
    buf_release(&meta);
    if (!status && !(im->bodies = body_store_new()))
        status = no_memory(x);
    if (!status)
        status = write_runs(x);
    if (!status)
        status = write_end(x, path, is_file);
    if (!status) {
        memcpy(im->result->content_id, trace_writer_content_id(im->writer), sizeof im->result->content_id);
        im->result->bytes = trace_writer_bytes(im->writer);
    }
    return status;
}

static int fill(void *context, int fd, const char *path, struct error *e)
{
    (void)e; /* the import's own */
    return write_trace(context, fd, path, 1);
}

static int write_file(struct import *x)
{
    struct io_making making = {fill, NULL, x};
    struct buf temporary = BUF_INIT;
    int status = TT_OK;
    if (io_exists(x->output))
        status = error_set(x->im.error, TT_EXISTS, "'%s' exists; nothing is overwritten", x->output);
    else if (buf_printf(&temporary, "%s.import", x->output))
        status = no_memory(x);
    else
        status = io_make_new(x->output, buf_text(&temporary), &making, x->im.error);
    buf_release(&temporary);
    return status ? status : io_sync_folder_of(x->output, x->im.error);
}

static int write_stream(struct import *x)
{
    int fd = io_open_stream(x->output, x->im.error);
    int status = fd < 0 ? fd : write_trace(x, fd, x->output, 0);
    int closed = fd < 0 ? TT_OK : io_close(fd, x->output, status ? NULL : x->im.error);
    return status ? status : closed;
}

static void release(struct import *x)
{
    struct importer *im = &x->im;
    for (size_t i = 0; i < im->phase_count; i++)
        mem_free(im->phases[i].name);
    mem_free(im->phases);
    trace_writer_free(im->writer);
    body_store_free(im->bodies);
    buf_release(&im->text);
    cJSON_Delete(im->meta);
    sha256_free(x->digest);
    buf_release(&x->sources);
}

static int run(struct import *x, struct import_result *result)
{
    memset(result, 0, sizeof *result);
    x->im.result = result;
    x->im.sink = (struct row_sink){emit, &x->im};
    x->im.path = x->paths[0];
    x->digest = sha256_new();
    int status = x->digest ? choose_format(x) : no_memory(x);
    if (!status) {
        result->format = x->im.format->name;
        status = io_is_stream(x->output) ? write_stream(x) : write_file(x);
    }
    release(x);
    return status;
}

int import_check_file(const char *path, struct error *e)
{
    int fd = io_open_read(path, e);
    if (fd < 0)
        return fd;
    int status = strcmp(path, "-") != 0 && io_is_regular(fd)
                     ? TT_OK
                     : error_set(e, TT_USAGE,
                                 "'%s' is no file: import reads its files more than once, so "
                                 "that a pipe must be put into one first",
                                 path);
    io_close(fd, path, NULL);
    return status;
}

int import_files(const char *const *paths, size_t count, const char *output,
                 const struct import_options *options, struct import_result *result, struct error *e)
{
    struct error own = {0};
    struct import x = {
        .im = {.options = options, .error = e ? e : &own}, .paths = paths, .count = count, .output = output};
    int status = TT_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = import_check_file(paths[i], x.im.error);
    return status ? status : run(&x, result);
}

int import_memory(const void *bytes, size_t len, const char *output, const struct import_options *options,
                  struct import_result *result, struct error *e)
{
    static const char *const paths[] = {MEMORY_NAME};
    struct error own = {0};
    struct import x = {
        .im = {.options = options, .error = e ? e : &own, .memory = {bytes ? bytes : (const void *)"", len}},
        .paths = paths,
        .count = 1,
        .output = output};
    return run(&x, result);
}
