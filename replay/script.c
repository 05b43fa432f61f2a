/* SPDX-License-Identifier: MIT */
#include "replay/script.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/json.h"
#include "formats/stream.h"
#include "formats/trace_reader.h"
#include "record/clock.h"
#include "record/session.h"
#include "replay/recorded_reads.h"
#include "replay/script_workload.h"

#define OPEN_MAX  4096 /* runs under way at once: in a block all begin before any ends */
#define CHAT_PATH "/chat/completions"

/* A run whose answer is still coming. */
struct open_run {
    struct stream *stream; /* NULL: free */
    size_t index;
    struct script *script;
};

struct loading {
    struct script *script;
    const struct script_options *options;
    struct open_run *open; /* OPEN_MAX of them; streams know their places */
    size_t open_used;      /* behind these all are free */
    struct trace_reader *reader;
    cJSON *meta;
    uint64_t numer, denom;
    uint64_t offset, sequence; /* of the block under way */
    int has_end;
};

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

/* ---- META ---- */

static int take_meta(struct loading *l, const cJSON *meta, struct error *e)
{
    const char *content = json_string(json_member(meta, "privacy"), "content");
    const cJSON *clock = json_member(meta, "clock");
    if (l->meta)
        return TT_OK;
    if (content && strcmp(content, "masked") == 0)
        return error_set(
            e, TT_UNSUPPORTED,
            "its content is masked (--no-content): the requests as they were sent are not in it");
    uint64_t numer = json_u64(clock, "numer"), denom = json_u64(clock, "denom");
    if (numer && denom && numer != UINT64_MAX && denom != UINT64_MAX) {
        l->numer = numer;
        l->denom = denom;
    }
    l->meta = cJSON_Duplicate(meta, 1);
    return l->meta ? TT_OK : no_memory(e);
}

/* ---- runs ---- */

static int take_frame(void *context, const struct stream_frame *frame)
{
    struct open_run *open = context;
    struct script_run *run = &open->script->runs[open->index];
    return answer_trail_frame(&run->answer, frame->chat);
}

static struct open_run *find_open(struct loading *l, uint64_t run)
{
    for (size_t i = 0; i < l->open_used; i++) {
        if (l->open[i].stream && l->script->runs[l->open[i].index].run == run)
            return &l->open[i];
    }
    return NULL;
}

static int listen(struct loading *l, size_t index, struct error *e)
{
    struct open_run *open = l->open;
    while (open < l->open + OPEN_MAX && open->stream)
        open++;
    if (open == l->open + OPEN_MAX)
        return error_set(e, TT_LIMIT, "over %d runs are under way at the same moment", OPEN_MAX);
    if ((size_t)(open - l->open) >= l->open_used)
        l->open_used = (size_t)(open - l->open) + 1;
    *open = (struct open_run){stream_new(take_frame, NULL, open), index, l->script};
    return open->stream ? TT_OK : no_memory(e);
}

static int ends_with(struct bytes text, const char *end)
{
    size_t len = strlen(end);
    return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static int check_run(const struct script *script, const struct run_row *row, struct error *e)
{
    unsigned long long run = row->run;
    if (script->count == SCRIPT_RUNS_MAX)
        return error_set(e, TT_LIMIT, "it has more than %zu requests", SCRIPT_RUNS_MAX);
    if (row->body == ABSENT)
        return error_set(e, TT_UNSUPPORTED, "the request of run %llu was not recorded", run);
    if (!ends_with(row->path, CHAT_PATH))
        return error_set(e, TT_UNSUPPORTED, "run %llu is no request for chat completions", run);
    if (row->repeat >= SCRIPT_RUNS_MAX)
        return error_set(e, TT_LIMIT, "run %llu is in repeat %llu, over the limit of %zu", run,
                         (unsigned long long)row->repeat, SCRIPT_RUNS_MAX);
    return TT_OK;
}

/* Where a run of that number stands; ABSENT when it did not come yet. Parents are near. */
static uint64_t index_of(const struct script *script, uint64_t run)
{
    for (size_t i = script->count; run != ABSENT && i > 0; i--) {
        if (script->runs[i - 1].run == run)
            return i - 1;
    }
    return ABSENT;
}

static int begin_run(struct loading *l, const struct run_row *row, struct error *e)
{
    struct script *script = l->script;
    int status = check_run(script, row, e);
    if (!status && find_open(l, row->run))
        status = error_set(e, TT_DAMAGED, "run %llu begins twice", (unsigned long long)row->run);
    if (status)
        return status;
    if (mem_grow(&script->runs, &script->capacity, script->count + 1, sizeof *script->runs))
        return no_memory(e);
    struct script_run *run = &script->runs[script->count];
    *run = (struct script_run){.run = row->run,
                               .repeat = row->repeat,
                               .phase = row->phase,
                               .conversation = row->conversation,
                               .turn = row->turn,
                               .parent = row->parent < row->run ? index_of(script, row->parent) : ABSENT,
                               .body = row->body,
                               .cold = row->cold,
                               .ended = ABSENT,
                               .t_start = row->t_start,
                               .t_close = ABSENT,
                               .offset = l->offset,
                               .sequence = l->sequence};
    answer_trail_init(&run->answer);
    if (row->conversation < SCRIPT_RUNS_MAX && row->conversation >= script->conversations)
        script->conversations = row->conversation + 1;
    if (row->repeat >= script->repeats)
        script->repeats = row->repeat + 1;
    return listen(l, script->count++, e);
}

/* An answer that was never whole is not compared; so is what is too much to keep, where it cannot be left. */
static void settle_answer(struct script *script, struct script_run *run, int is_complete)
{
    size_t size = answer_trail_size(&run->answer);
    int is_whole = is_complete && !run->answer.is_cut;
    int is_kept = is_whole && size <= script->answers_kept - script->answers_bytes;
    run->is_left = is_whole && !is_kept && script->path;
    run->has_answer = is_kept || run->is_left;
    if (is_kept)
        script->answers_bytes += size;
    else
        answer_trail_release(&run->answer);
}

static void hang_up(struct open_run *open)
{
    stream_free(open->stream);
    open->stream = NULL;
}

static int end_run(struct loading *l, const struct run_end_row *row, struct error *e)
{
    struct open_run *open = find_open(l, row->run);
    if (!open)
        return error_set(e, TT_DAMAGED, "run %llu ends, but is not under way", (unsigned long long)row->run);
    struct script_run *run = &l->script->runs[open->index];
    run->t_close = row->t_close;
    run->ended = row->ended;
    int status = stream_close(open->stream, row->t_close);
    hang_up(open);
    if (status)
        return no_memory(e);
    settle_answer(l->script, run,
                  row->ended == RUN_ENDED_COMPLETE && row->status == 200 && !l->options->without_answers);
    return TT_OK;
}

/* ---- blocks ---- */

static int take_reads(struct loading *l, const struct trace_item *item, struct error *e)
{
    struct read_cursor reads;
    struct read_row row;
    const unsigned char *bytes;
    if (l->options->without_answers)
        return TT_OK;
    read_cursor_init(&reads, item);
    while (read_cursor_next(&reads, &row, &bytes)) {
        struct open_run *open = find_open(l, row.run);
        if (open && stream_feed(open->stream, row.t, bytes, (size_t)row.nbytes))
            return no_memory(e);
    }
    return TT_OK;
}

static int take_block(struct loading *l, const struct trace_item *item, struct error *e)
{
    const struct rows *runs = item->rows[TABLE_RUN], *ends = item->rows[TABLE_RUN_END];
    int status =
        bodies_add_rows(&l->script->bodies, item->rows[TABLE_SEGMENT], item->rows[TABLE_BODY], NULL, e);
    for (size_t i = 0; i < rows_count(runs) && !status; i++) {
        struct run_row row;
        rows_get(runs, i, &row);
        status = begin_run(l, &row, e);
    }
    if (!status)
        status = take_reads(l, item, e);
    for (size_t i = 0; i < rows_count(ends) && !status; i++) {
        struct run_end_row row;
        rows_get(ends, i, &row);
        status = end_run(l, &row, e);
    }
    return status;
}

static int take_item(struct loading *l, const struct trace_item *item, struct error *e)
{
    switch (item->kind) {
    case TRACE_META:
        return take_meta(l, item->json, e);
    case TRACE_DATA:
        return take_block(l, item, e);
    case TRACE_GAP:
        return error_set(e, TT_UNSUPPORTED,
                         "blocks are missing in it, as its repair says: not all requests are there");
    case TRACE_END:
        l->has_end = 1;
        return TT_OK;
    default:
        return TT_OK;
    }
}

/* ---- the whole ---- */

static uint64_t between(const struct loading *l, uint64_t from, uint64_t to)
{
    return from == ABSENT || to == ABSENT || to <= from ? 0 : clock_scale(to - from, l->numer, l->denom);
}

static uint64_t bounded(struct loading *l, uint64_t ns)
{
    l->script->has_long_gaps |= ns > l->options->gap_max_ns;
    return ns > l->options->gap_max_ns ? l->options->gap_max_ns : ns;
}

/* META may say anything; what no recorder does counts as one after another. */
static uint64_t concurrency_of(const cJSON *meta)
{
    uint64_t stated = json_count(json_path(meta, "options"), "concurrency");
    return stated >= 1 && stated <= CONCURRENCY_MAX ? stated : 1;
}

/* Times within a burst and within a conversation, each gap at most as long as is allowed. `last` and `first`
 * are indices of runs: the last one of each repeat so far, and the first one of each burst. */
static void settle_place(struct loading *l, size_t index, size_t *last, size_t *first)
{
    struct script *script = l->script;
    struct script_run *run = &script->runs[index];
    uint64_t burst = run->repeat / script->concurrency;
    const struct script_run *before = last[run->repeat] == SIZE_MAX ? NULL : &script->runs[last[run->repeat]];
    if (first[burst] == SIZE_MAX)
        first[burst] = index;
    run->since_ns = before ? before->since_ns + bounded(l, between(l, before->t_start, run->t_start))
                           : bounded(l, between(l, script->runs[first[burst]].t_start, run->t_start));
    run->own_think_ns = before ? bounded(l, between(l, before->t_close, run->t_start)) : 0;
    last[run->repeat] = index;
}

static int settle_places(struct loading *l, struct error *e)
{
    struct script *script = l->script;
    size_t *places = mem_alloc(2 * script->repeats * sizeof *places);
    if (!places)
        return no_memory(e);
    memset(places, 0xff, 2 * script->repeats * sizeof *places); /* SIZE_MAX */
    for (size_t i = 0; i < script->count; i++)
        settle_place(l, i, places, places + script->repeats);
    mem_free(places);
    return TT_OK;
}

static int settle_runs(struct loading *l, struct error *e)
{
    struct script *script = l->script;
    for (size_t i = 0; i < script->count; i++) {
        struct script_run *run = &script->runs[i];
        if (run->phase >= script->workload.phase_count)
            return error_set(e, TT_DAMAGED, "run %llu is of phase %llu, which the workload has not",
                             (unsigned long long)run->run, (unsigned long long)run->phase);
        if (run->ended == ABSENT)
            settle_answer(script, run, 0);
        if (i) {
            run->gap_ns = bounded(l, between(l, script->runs[i - 1].t_start, run->t_start));
            run->think_ns = bounded(l, between(l, script->runs[i - 1].t_close, run->t_start));
        }
    }
    const struct script_run *last = &script->runs[script->count - 1];
    script->last_ns = bounded(l, between(l, last->t_start, last->t_close));
    script->concurrency = concurrency_of(l->meta);
    return settle_places(l, e);
}

static int conclude(struct loading *l, struct error *e)
{
    struct script *script = l->script;
    script->is_incomplete = !l->has_end;
    if (!script->count)
        return error_set(e, TT_UNSUPPORTED, "it has no requests to send");
    int status = script_workload(script, l->meta, e);
    if (!status)
        status = settle_runs(l, e);
    return status ? status : trace_reader_content_id(l->reader, script->content_id, e);
}

static int read_all(struct loading *l, const char *path, struct error *e)
{
    for (;;) {
        struct trace_item item;
        int status = trace_reader_next(l->reader, &item, e);
        if (status)
            return status; /* names the file itself */
        l->offset = item.offset;
        l->sequence = item.sequence;
        status = item.kind == TRACE_STOP ? conclude(l, e) : take_item(l, &item, e);
        if (status)
            error_prefix(e, "'%s'", path);
        if (status || item.kind == TRACE_STOP)
            return status;
    }
}

static int prepare(struct script *script, const char *path, const struct script_options *options)
{
    memset(script, 0, sizeof *script);
    bodies_init(&script->bodies);
    if (!io_is_stream(path) && !(script->path = mem_strdup(path)))
        return TT_NOMEM;
    script->answers_kept = options->answers_kept ? options->answers_kept
                           : script->path        ? SCRIPT_ANSWERS_KEPT
                                                 : SCRIPT_ANSWERS_MAX;
    return TT_OK;
}

int script_load(struct script *script, const char *path, const struct script_options *options,
                struct error *e)
{
    struct trace_reader_options how = {.allow_incomplete = options->allow_incomplete};
    struct loading l = {.script = script, .options = options, .numer = 1, .denom = 1};
    if (prepare(script, path, options) || !(l.open = mem_zalloc(OPEN_MAX, sizeof *l.open)))
        return no_memory(e);
    int status = trace_reader_open(&l.reader, path, &how, e);
    if (!status) {
        trace_reader_hash_content(l.reader);
        status = read_all(&l, path, e);
        script->trace_id = trace_reader_trace_id(l.reader);
    }
    for (size_t i = 0; i < l.open_used; i++)
        hang_up(&l.open[i]);
    mem_free(l.open);
    cJSON_Delete(l.meta);
    trace_reader_free(l.reader);
    return status;
}

void script_release(struct script *script)
{
    for (size_t i = 0; i < script->count; i++)
        answer_trail_release(&script->runs[i].answer);
    mem_free(script->runs);
    mem_free(script->path);
    workload_release(&script->workload);
    bodies_release(&script->bodies);
    memset(script, 0, sizeof *script);
}

int script_body(const struct script *script, size_t index, struct buf *body, struct error *e)
{
    return bodies_assemble(&script->bodies, script->runs[index].body, 1, body, e);
}

/* ---- answers that were left ---- */

static int feed(void *context, const struct read_row *read, const unsigned char *bytes)
{
    return stream_feed(context, read->t, bytes, (size_t)read->nbytes);
}

static int hear(void *context, const struct stream_frame *frame)
{
    return answer_trail_frame(context, frame->chat);
}

static int fetch(const struct script *script, const struct script_run *run, struct stream *stream,
                 int *has_end)
{
    const struct run_place place = {script->path, script->trace_id, run->offset, run->sequence};
    int status = recorded_reads(&place, run->run, feed, stream, has_end, NULL);
    return status ? status : stream_close(stream, run->t_close);
}

int script_answer(const struct script *script, size_t index, struct answer_trail *room,
                  const struct answer_trail **answer)
{
    const struct script_run *run = &script->runs[index];
    int has_end = 0;
    *answer = &run->answer;
    if (!run->is_left)
        return TT_OK;
    answer_trail_clear(room);
    struct stream *stream = stream_new(hear, NULL, room);
    int status = stream ? fetch(script, run, stream, &has_end) : TT_NOMEM;
    stream_free(stream);
    *answer = status || !has_end ? NULL : room;
    return status == TT_NOMEM ? TT_NOMEM : TT_OK;
}
