/* SPDX-License-Identifier: MIT */
/* What `toktape export --format jsonl` writes: the trace, its runs with their figures, and their frames, each
 * of which becomes an event again. Reads and sensor samples stay behind. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/importer.h"
#include "formats/json.h"
#include "formats/jsonout.h"

static const char *const marks[] = {"type", "closed", "content_id", "meta", NULL};
static const char *const lacks[] = {"reads", "response heads", "requests", "sensor samples", NULL};

#define EVENT_TOOLS 32

struct tool {
    uint64_t index;
    struct buf name, arguments;
};

/* One line, whatever its type. */
struct line {
    char type[16], kind[16], phase[80], prefill_source[16], error_kind[24];
    uint64_t run, clock_ns, tokens, frames, drafted, accepted;
    struct import_run figures;
    int ok, has_error;
    struct jscan_number decode_j, decode_tokens;
    struct buf text, reasoning, finish;
    struct tool tools[EVENT_TOOLS];
    size_t tool_count;
};

/* A run whose frames come. Several may be under way at one time. */
struct course {
    struct import_run run;
    int is_open;
    uint64_t frames; /* that are still to come */
    uint64_t tokens; /* so far */
    uint64_t drafted, accepted;
};

struct reading {
    struct importer *im;
    struct line line;
    struct course *courses; /* by the number that the file gives the run */
    size_t count, capacity;
    struct buf event;
};

/* ---- reading a line ---- */

/* Nanoseconds are texts. */
static uint64_t ns_text(struct importer *im, struct json_pull *p)
{
    struct jscan scan;
    struct jscan_number number;
    json_pull_text(p, &im->text);
    if (p->status || !im->text.len)
        return ABSENT;
    jscan_init(&scan, im->text.data, im->text.len);
    jscan_number(&scan, &number);
    if (!jscan_finish(&scan) || number.integer == UINT64_MAX || number.integer > (UINT64_C(1) << 62))
        json_pull_fail(p, TT_SYNTAX, "this is no time: it is negative or too large");
    return number.integer;
}

static void take_tools(struct json_pull *p, struct line *l)
{
    if (!json_pull_enter_if(p, JSCAN_ARRAY))
        return;
    while (json_pull_element(p)) {
        struct tool *tool = &l->tools[l->tool_count];
        if (l->tool_count == EVENT_TOOLS) {
            json_pull_fail(p, TT_LIMIT, "a frame has too many calls");
            return;
        }
        l->tool_count++;
        tool->index = ABSENT;
        buf_clear(&tool->name);
        buf_clear(&tool->arguments);
        json_pull_enter(p);
        while (json_pull_member(p)) {
            if (json_pull_is(p, "index"))
                tool->index = json_pull_count(p);
            else if (json_pull_is(p, "name"))
                json_pull_text(p, &tool->name);
            else if (json_pull_is(p, "arguments"))
                json_pull_text(p, &tool->arguments);
            else
                json_pull_skip(p);
        }
    }
}

static uint64_t *count_of(struct json_pull *p, struct line *l)
{
    struct given_row *given = &l->figures.given;
    struct {
        const char *name;
        uint64_t *to;
    } const counts[] = {{"run", &l->run},
                        {"tokens", &l->tokens},
                        {"frames", &l->frames},
                        {"draft_tokens", &l->drafted},
                        {"draft_accepted", &l->accepted},
                        {"http_status", &l->figures.end.status},
                        {"prompt_tokens", &given->prompt_tokens},
                        {"cached_tokens", &given->cached_tokens},
                        {"completion_tokens", &given->completion_tokens},
                        {"max_tokens", &given->max_tokens},
                        {"peak_rss_bytes", &given->peak_rss}};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (json_pull_is(p, counts[i].name))
            return counts[i].to;
    }
    return NULL;
}

static int take_figure(struct json_pull *p, struct line *l)
{
    uint64_t *count = count_of(p, l);
    if (count)
        *count = json_pull_count(p);
    else if (json_pull_is(p, "prefill_ms"))
        l->figures.given.prefill_ns = json_pull_ns(p, 1e6);
    else if (json_pull_is(p, "soc_w"))
        l->figures.given.soc_uw = json_pull_scaled(p, 1e6);
    else if (json_pull_is(p, "decode_j"))
        json_pull_number(p, &l->decode_j);
    else if (json_pull_is(p, "decode_tokens"))
        json_pull_number(p, &l->decode_tokens);
    else
        return 0;
    return 1;
}

static int take_word(struct importer *im, struct json_pull *p, struct line *l)
{
    if (json_pull_is(p, "type"))
        import_text(im, p, l->type, sizeof l->type);
    else if (json_pull_is(p, "kind"))
        import_text(im, p, l->kind, sizeof l->kind);
    else if (json_pull_is(p, "phase"))
        import_text(im, p, l->phase, sizeof l->phase);
    else if (json_pull_is(p, "error_kind"))
        import_text(im, p, l->error_kind, sizeof l->error_kind);
    else if (json_pull_is(p, "prefill_source"))
        import_text(im, p, l->prefill_source, sizeof l->prefill_source);
    else if (json_pull_is(p, "text"))
        json_pull_text(p, &l->text);
    else if (json_pull_is(p, "reasoning"))
        json_pull_text(p, &l->reasoning);
    else if (json_pull_is(p, "finish_reason"))
        json_pull_text(p, &l->finish);
    else if (json_pull_is(p, "error"))
        import_text(im, p, l->figures.error, sizeof l->figures.error);
    else
        return 0;
    return 1;
}

static void clear(struct line *l)
{
    import_run_init(&l->figures);
    l->type[0] = l->kind[0] = l->phase[0] = l->prefill_source[0] = l->error_kind[0] = '\0';
    l->run = l->clock_ns = l->tokens = l->frames = l->drafted = l->accepted = ABSENT;
    l->ok = 1;
    l->decode_j = l->decode_tokens = (struct jscan_number){NAN, UINT64_MAX};
    buf_clear(&l->text);
    buf_clear(&l->reasoning);
    buf_clear(&l->finish);
    l->tool_count = 0;
}

/* Samples and chunks are passed over, but read as strictly as the rest. */
static int is_needed(const struct line *l)
{
    return strcmp(l->type, "frame") == 0 || strcmp(l->type, "run") == 0 || !*l->type;
}

static void take_line(struct importer *im, struct json_pull *p, struct line *l)
{
    clear(l);
    json_pull_enter(p);
    while (json_pull_member(p)) {
        if (!is_needed(l))
            json_pull_skip(p);
        else if (json_pull_is(p, "clock_ns"))
            l->clock_ns = ns_text(im, p);
        else if (json_pull_is(p, "ok"))
            l->ok = json_pull_type(p) != JSCAN_FALSE, json_pull_skip(p);
        else if (json_pull_is(p, "tool_calls"))
            take_tools(p, l);
        else if (!take_word(im, p, l) && !take_figure(p, l))
            json_pull_skip(p);
    }
}

/* ---- the trace ---- */

static int copy_section(struct importer *im, const cJSON *meta, const char *name)
{
    const cJSON *item = json_member(meta, name);
    if (!cJSON_IsObject(item) || json_member(im->meta, name))
        return TT_OK;
    return json_set(im->meta, name, cJSON_Duplicate(item, 1))
               ? error_set(im->error, TT_NOMEM, "out of memory")
               : TT_OK;
}

static int copy_meta(struct importer *im, const struct buf *text)
{
    static const char *const sections[] = {"engine",   "model", "host",  "speculative",
                                           "workload", "cold",  "labels"};
    if (!text->len)
        return error_set(im->error, TT_SYNTAX, "'%s': its first line is no trace with its 'meta'", im->path);
    cJSON *meta = json_parse_document(text->data, text->len, im->error);
    int status = meta ? TT_OK : error_prefix(im->error, "'%s', 'meta'", im->path);
    for (size_t i = 0; i < sizeof sections / sizeof sections[0] && !status; i++)
        status = copy_section(im, meta, sections[i]);
    cJSON_Delete(meta);
    return status;
}

static int describe(struct importer *im)
{
    struct import_reader r;
    struct buf meta = BUF_INIT;
    int status = import_open(im, &r, 0, 1);
    if (!status && json_pull_next(&r.pull))
        json_pull_enter(&r.pull);
    while (!status && json_pull_member(&r.pull)) {
        if (json_pull_is(&r.pull, "meta"))
            json_pull_raw(&r.pull, &meta);
        else
            json_pull_skip(&r.pull);
    }
    if (!status && !r.pull.status)
        status = copy_meta(im, &meta);
    buf_release(&meta);
    return import_close(&r, status);
}

/* ---- its runs ---- */

static int end_run(struct reading *r, struct course *c)
{
    if (!c->is_open || c->frames)
        return TT_OK;
    c->is_open = 0;
    c->run.end.t_close = c->run.t_last;
    return import_end(r->im, &c->run);
}

static void take_energy(struct line *l)
{
    double uj = l->decode_j.value * 1e6 / l->decode_tokens.value;
    if (uj > 0 && uj < 1e18)
        l->figures.given.uj_per_token = (uint64_t)(uj + 0.5);
}

/* The flags that the trace's workload has for its phases. */
static void mark_phase(const struct importer *im, struct import_phase *phase)
{
    const cJSON *one;
    cJSON_ArrayForEach(one, json_path(im->meta, "workload.phases"))
    {
        const char *name = json_string(one, "name");
        if (!name || strcmp(name, phase->name) != 0)
            continue;
        phase->cold = json_bool(one, "cold", 0);
        phase->headline = json_bool(one, "headline", 0);
        phase->is_long = json_bool(one, "long", 0);
        phase->max_tokens = json_count(one, "max_tokens");
    }
}

/* A course of its own for the run's number. */
static struct course *new_course(struct reading *r, struct json_pull *p, uint64_t number)
{
    if (number >= IMPORT_RUNS_MAX || (number < r->count && r->courses[number].run.row.run != ABSENT)) {
        json_pull_fail(p, TT_SYNTAX, "a run's number is missing, too high, or there twice");
        return NULL;
    }
    if (mem_grow(&r->courses, &r->capacity, (size_t)number + 1, sizeof *r->courses)) {
        json_pull_fail(p, TT_NOMEM, "out of memory");
        return NULL;
    }
    for (; r->count <= number; r->count++) {
        memset(&r->courses[r->count], 0, sizeof *r->courses);
        r->courses[r->count].run.row.run = ABSENT;
    }
    return &r->courses[number];
}

/* How a run that failed ended, as far as its events and its status do not tell. */
static enum run_ended ending(const struct line *l)
{
    static const struct {
        const char *kind;
        enum run_ended ended;
    } kinds[] = {{"timeout", RUN_ENDED_TIMEOUT},
                 {"transport_cut", RUN_ENDED_CUT},
                 {"status", RUN_ENDED_COMPLETE},
                 {"error_object", RUN_ENDED_COMPLETE},
                 {"no_answer", RUN_ENDED_NO_CONNECTION}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].kind, l->error_kind) == 0)
            return kinds[i].ended;
    }
    return l->ok ? RUN_ENDED_COMPLETE : RUN_ENDED_SAID_FAILED;
}

/* What the run's line says, as a run of the trace in the making. */
static void fill_course(struct course *c, struct line *l)
{
    take_energy(l);
    c->run = l->figures;
    c->run.end.ended = ending(l);
    if (c->run.end.ended == RUN_ENDED_COMPLETE)
        c->run.error[0] = '\0'; /* the status and the events say it again */
    if (strcmp(l->prefill_source, "server") != 0)
        c->run.given.prefill_ns = ABSENT;
    c->run.row.t_start = c->run.end.t_connected = l->clock_ns;
    c->frames = l->frames == ABSENT ? 0 : l->frames;
    c->drafted = l->drafted;
    c->accepted = l->accepted;
    c->is_open = 1;
}

static int begin_run(struct reading *r, struct json_pull *p)
{
    struct import_phase *phase;
    struct line *l = &r->line;
    struct course *c = new_course(r, p, l->run);
    if (!c)
        return p->status;
    fill_course(c, l);
    int status = import_phase(r->im, *l->phase ? l->phase : "run", &phase);
    if (status)
        return status;
    mark_phase(r->im, phase);
    status = import_begin(r->im, &c->run, phase);
    return status ? status : end_run(r, c);
}

static void put_tools(struct jsonout *j, const struct line *l)
{
    jsonout_key(j, "tool_calls");
    jsonout_array(j);
    for (size_t i = 0; i < l->tool_count; i++) {
        const struct tool *tool = &l->tools[i];
        jsonout_object(j);
        if (tool->index != ABSENT)
            jsonout_field_u64(j, "index", tool->index);
        jsonout_key(j, "function");
        jsonout_object(j);
        if (tool->name.len) {
            jsonout_key(j, "name");
            jsonout_string_n(j, tool->name.data, tool->name.len);
        }
        jsonout_key(j, "arguments");
        jsonout_string_n(j, tool->arguments.data, tool->arguments.len);
        jsonout_end(j, '}');
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
}

static void put_delta(struct jsonout *j, const struct line *l)
{
    const struct buf *reasoning = strcmp(l->kind, "reasoning") == 0 ? &l->text : &l->reasoning;
    jsonout_key(j, "delta");
    jsonout_object(j);
    if (strcmp(l->kind, "content") == 0) {
        jsonout_key(j, "content");
        jsonout_string_n(j, l->text.data, l->text.len);
    }
    if (reasoning->len) {
        jsonout_key(j, "reasoning_content");
        jsonout_string_n(j, reasoning->data, reasoning->len);
    }
    if (l->tool_count)
        put_tools(j, l);
    jsonout_end(j, '}');
}

static void put_error(struct jsonout *j, const struct buf *text)
{
    jsonout_key(j, "error");
    jsonout_object(j);
    jsonout_key(j, "message");
    jsonout_string_n(j, text->data, text->len);
    jsonout_end(j, '}');
}

static void put_choice(struct jsonout *j, const struct line *l)
{
    jsonout_key(j, "choices");
    jsonout_array(j);
    jsonout_object(j);
    jsonout_field_u64(j, "index", 0);
    put_delta(j, l);
    if (l->finish.len) {
        jsonout_key(j, "finish_reason");
        jsonout_string_n(j, l->finish.data, l->finish.len);
    }
    jsonout_end(j, '}');
    jsonout_end(j, ']');
}

/* The count of tokens so far where the frame carries some, and at the end those of all drafts. */
static void put_timings(struct jsonout *j, const struct line *l, const struct course *c)
{
    int has_count = l->tokens != ABSENT && l->tokens && strcmp(l->kind, "finish") != 0;
    int has_drafts = l->finish.len && c->drafted != ABSENT && c->accepted != ABSENT;
    if (!has_count && !has_drafts)
        return;
    jsonout_key(j, "timings");
    jsonout_object(j);
    if (has_count)
        jsonout_field_u64(j, "predicted_n", c->tokens);
    if (has_drafts) {
        jsonout_field_u64(j, "draft_n", c->drafted);
        jsonout_field_u64(j, "draft_n_accepted", c->accepted);
    }
    jsonout_end(j, '}');
}

/* The frame as an event of a chat. */
static void put_event(struct reading *r, const struct course *c)
{
    const struct line *l = &r->line;
    struct jsonout j;
    buf_clear(&r->event);
    jsonout_init(&j, &r->event, 0);
    jsonout_object(&j);
    if (strcmp(l->kind, "error") == 0)
        put_error(&j, &l->text);
    else
        put_choice(&j, l);
    put_timings(&j, l, c);
    jsonout_end(&j, '}');
}

static int is_kept(const char *kind)
{
    static const char *const kept[] = {"content", "reasoning", "tool_call", "finish", "error"};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (strcmp(kept[i], kind) == 0)
            return 1;
    }
    return 0;
}

static int write_frame(struct reading *r, struct course *c)
{
    const struct line *l = &r->line;
    c->tokens += l->tokens == ABSENT ? 0 : l->tokens;
    put_event(r, c);
    if (r->event.failed)
        return error_set(r->im->error, TT_NOMEM, "out of memory");
    return import_arrival(r->im, &c->run, l->clock_ns, buf_bytes(&r->event));
}

static int add_frame(struct reading *r, struct json_pull *p)
{
    const struct line *l = &r->line;
    struct course *c = l->run < r->count ? &r->courses[l->run] : NULL;
    if (!c || !c->is_open)
        json_pull_fail(p, TT_SYNTAX, "a frame is of no run above it, or one more than that run has");
    else if (l->clock_ns == ABSENT || l->clock_ns < c->run.t_last)
        json_pull_fail(p, TT_SYNTAX, "the times of frames are not in order");
    if (p->status)
        return p->status;
    c->run.t_last = l->clock_ns;
    c->frames--;
    int status = is_kept(l->kind) ? write_frame(r, c) : TT_OK;
    return status ? status : end_run(r, c);
}

static int add_line(struct reading *r, struct json_pull *p)
{
    take_line(r->im, p, &r->line);
    if (p->status)
        return p->status;
    if (strcmp(r->line.type, "trace") == 0 && p->documents > 1)
        json_pull_fail(p, TT_UNSUPPORTED, "a second trace begins here; import one trace at a time");
    if (strcmp(r->line.type, "run") == 0)
        return begin_run(r, p);
    return strcmp(r->line.type, "frame") == 0 ? add_frame(r, p) : p->status;
}

static void release(struct reading *r)
{
    struct line *l = &r->line;
    buf_release(&r->event);
    buf_release(&l->text);
    buf_release(&l->reasoning);
    buf_release(&l->finish);
    for (size_t i = 0; i < EVENT_TOOLS; i++) {
        buf_release(&l->tools[i].name);
        buf_release(&l->tools[i].arguments);
    }
    mem_free(r->courses);
}

/* Runs whose frames did not all come stay without an end: they were cut off with the file. */
static int runs(struct importer *im)
{
    struct import_reader reader;
    struct reading r = {.im = im};
    int status = import_open(im, &reader, 0, 1);
    while (!status && json_pull_next(&reader.pull))
        status = add_line(&r, &reader.pull);
    release(&r);
    return import_close(&reader, status);
}

const struct import_format import_toktape = {"toktape", "toktape export", "toktape", marks,
                                             lacks,     describe,         runs};
