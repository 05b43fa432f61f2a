/* SPDX-License-Identifier: MIT */
#include "formats/trace_masker.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/answer_text.h"
#include "formats/json.h"
#include "formats/mask_segments.h"
#include "formats/mask_wire.h"
#include "formats/stream.h"

#define OPEN_RUNS_MAX 128 /* runs whose answers are under way at one time; more is TT_LIMIT */

/* A run whose answer is under way: how far it is masked, and what it says. */
struct masked_run {
    uint64_t run;
    struct mask_wire *wire;
    struct stream *stream;
    struct answer_text text;
};

struct trace_masker {
    struct mask_key key;
    struct masked_run *runs[OPEN_RUNS_MAX];
    size_t run_count;
    struct mask_segments segments;
    struct buf scratch;
    int is_imported; /* its runs have given figures instead of reads */
};

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory for masking");
}

int trace_masker_new(struct trace_masker **masker, struct error *e)
{
    struct trace_masker *m = *masker = mem_zalloc(1, sizeof *m);
    if (!m)
        return no_memory(e);
    mask_segments_init(&m->segments);
    return mask_key_make(&m->key, e);
}

static void run_free(struct masked_run *run)
{
    if (!run)
        return;
    mask_wire_free(run->wire);
    stream_free(run->stream);
    answer_text_release(&run->text);
    mem_free(run);
}

void trace_masker_free(struct trace_masker *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->run_count; i++)
        run_free(m->runs[i]);
    mask_segments_release(&m->segments);
    buf_release(&m->scratch);
    memset(&m->key, 0, sizeof m->key);
    mem_free(m);
}

/* What stands for a digest: equal ones stay equal, and nobody can look for the text of one. */
static void key_digest(const struct trace_masker *m, const unsigned char sha256[SHA256_BYTES],
                       unsigned char keyed[SHA256_BYTES])
{
    hmac_sha256(m->key.bytes, sha256, SHA256_BYTES, keyed);
}

/* A copy that may be changed, behind what is in scratch already. NULL when memory is out. */
static unsigned char *copy(struct trace_masker *m, struct bytes *text)
{
    size_t at = m->scratch.len;
    if (buf_append(&m->scratch, text->data, text->len))
        return NULL;
    if (!m->scratch.data) /* nothing was ever copied */
        return buf_reserve(&m->scratch, 1);
    text->data = m->scratch.data + at;
    return m->scratch.data + at;
}

/* --- answers --- */

static int on_frame(void *context, const struct stream_frame *frame)
{
    struct masked_run *run = context;
    return answer_text_frame(&run->text, frame->chat);
}

static size_t find_run(const struct trace_masker *m, uint64_t run)
{
    size_t i = 0;
    while (i < m->run_count && m->runs[i]->run != run)
        i++;
    return i;
}

static int begin_run(struct trace_masker *m, uint64_t number, struct error *e)
{
    if (m->run_count == OPEN_RUNS_MAX)
        return error_set(e, TT_LIMIT, "more than %d runs are answered at one time", OPEN_RUNS_MAX);
    struct masked_run *run = mem_zalloc(1, sizeof *run);
    if (!run)
        return no_memory(e);
    run->run = number;
    answer_text_init(&run->text);
    run->wire = mask_wire_new(&m->key);
    run->stream = stream_new(on_frame, NULL, run);
    if (!run->wire || !run->stream) {
        run_free(run);
        return no_memory(e);
    }
    m->runs[m->run_count++] = run;
    return TT_OK;
}

int trace_masker_read(struct trace_masker *m, struct trace_writer *w, const struct read_row *row,
                      const void *wire, struct error *e)
{
    struct bytes bytes = {wire, (size_t)row->nbytes};
    size_t i = find_run(m, row->run);
    int status = i == m->run_count ? begin_run(m, row->run, e) : TT_OK;
    if (status)
        return status;
    buf_clear(&m->scratch);
    unsigned char *masked = copy(m, &bytes);
    if (!masked || stream_feed(m->runs[i]->stream, row->t, wire, bytes.len) ||
        mask_wire_run(m->runs[i]->wire, masked, bytes.len))
        return no_memory(e);
    return trace_writer_read(w, row, masked, e);
}

/* The keyed digest of what the run answered; none when its text was too long to be kept whole. */
static int end_run(struct trace_masker *m, struct trace_writer *w, struct run_end_row row, struct error *e)
{
    unsigned char digest[SHA256_BYTES], keyed[SHA256_BYTES];
    if (m->is_imported) /* nobody gathered the answer */
        return trace_writer_row(w, TABLE_RUN_END, &row, e);
    size_t i = find_run(m, row.run);
    int status = i == m->run_count ? begin_run(m, row.run, e) : TT_OK;
    if (status)
        return status;
    struct masked_run *run = m->runs[i];
    m->runs[i] = m->runs[--m->run_count];
    status = stream_close(run->stream, row.t_close);
    if (!status)
        status = answer_text_digest(&run->text, digest);
    run_free(run);
    if (status && status != TT_LIMIT)
        return no_memory(e);
    row.answer_hmac = (struct bytes){keyed, status ? 0 : sizeof keyed};
    if (!status)
        key_digest(m, digest, keyed);
    return trace_writer_row(w, TABLE_RUN_END, &row, e);
}

/* --- requests --- */

static int hold_segment(struct trace_masker *m, const struct segment_row *row, struct error *e)
{
    switch (mask_segments_add(&m->segments, row)) {
    case TT_OK:
        return TT_OK;
    case TT_DAMAGED:
        return error_set(e, TT_DAMAGED, "a piece of a request has no proper hash");
    case TT_LIMIT:
        return error_set(e, TT_LIMIT, "the requests are in more pieces than can be masked");
    default:
        return no_memory(e);
    }
}

static int write_segments(struct trace_masker *m, struct trace_writer *w, struct error *e)
{
    struct segment_row row;
    unsigned char keyed[SHA256_BYTES];
    size_t place = 0;
    int status = TT_OK;
    while (!status && mask_segments_next(&m->segments, &row, &place)) {
        key_digest(m, row.sha256.data, keyed);
        row.sha256.data = keyed;
        status = trace_writer_row(w, TABLE_SEGMENT, &row, e);
    }
    return status;
}

static int write_body(struct trace_masker *m, struct trace_writer *w, struct body_row row, struct error *e)
{
    unsigned char keyed[SHA256_BYTES];
    if (row.sha256.len != SHA256_BYTES)
        return error_set(e, TT_DAMAGED, "a request body has no proper hash");
    mask_segments_mask(&m->segments, &m->key, row.segments);
    int status = write_segments(m, w, e);
    key_digest(m, row.sha256.data, keyed);
    row.sha256.data = keyed;
    return status ? status : trace_writer_row(w, TABLE_BODY, &row, e);
}

/* --- probes --- */

static int is_metrics(const struct probe_row *row)
{
    static const char path[] = "/metrics";
    size_t len = sizeof path - 1;
    int is_json = row->body.len && (row->body.data[0] == '{' || row->body.data[0] == '[');
    return row->path.len >= len && memcmp(row->path.data + row->path.len - len, path, len) == 0 && !is_json;
}

static int mask_head(const struct trace_masker *m, unsigned char *head, size_t len)
{
    struct mask_wire *wire = mask_wire_new(&m->key);
    int status = wire ? mask_wire_run(wire, head, len) : TT_NOMEM;
    mask_wire_free(wire);
    return status;
}

static int write_probe(struct trace_masker *m, struct trace_writer *w, struct probe_row row, struct error *e)
{
    struct mask_json json;
    buf_clear(&m->scratch);
    if (!buf_reserve(&m->scratch, row.headers.len + row.body.len)) /* copies must not move */
        return no_memory(e);
    unsigned char *head = copy(m, &row.headers), *body = copy(m, &row.body);
    if (!head || !body || mask_head(m, head, row.headers.len))
        return no_memory(e);
    mask_json_init(&json, &m->key);
    if (is_metrics(&row))
        mask_metrics(body, row.body.len);
    else
        mask_json_run(&json, body, row.body.len);
    return trace_writer_row(w, TABLE_PROBE, &row, e);
}

/* --- what was imported --- */

static int write_arrival(struct trace_masker *m, struct trace_writer *w, struct arrival_row row,
                         struct error *e)
{
    struct mask_json json;
    buf_clear(&m->scratch);
    unsigned char *data = copy(m, &row.data);
    if (!data)
        return no_memory(e);
    mask_json_init(&json, &m->key);
    mask_json_run(&json, data, row.data.len);
    return trace_writer_row(w, TABLE_ARRIVAL, &row, e);
}

static int write_given(struct trace_masker *m, struct trace_writer *w, struct given_row row, struct error *e)
{
    struct mask_json text;
    m->is_imported = 1;
    buf_clear(&m->scratch);
    unsigned char *data = copy(m, &row.text);
    if (!data)
        return no_memory(e);
    mask_json_text(&text, &m->key);
    mask_json_run(&text, data, row.text.len);
    return trace_writer_row(w, TABLE_GIVEN, &row, e);
}

/* --- all --- */

int trace_masker_row(struct trace_masker *m, struct trace_writer *w, enum table_id table, const void *row,
                     struct error *e)
{
    switch (table) {
    case TABLE_RUN_END:
        return end_run(m, w, *(const struct run_end_row *)row, e);
    case TABLE_SEGMENT:
        return hold_segment(m, row, e);
    case TABLE_BODY:
        return write_body(m, w, *(const struct body_row *)row, e);
    case TABLE_PROBE:
        return write_probe(m, w, *(const struct probe_row *)row, e);
    case TABLE_ARRIVAL:
        return write_arrival(m, w, *(const struct arrival_row *)row, e);
    case TABLE_GIVEN:
        return write_given(m, w, *(const struct given_row *)row, e);
    case TABLE_PROMPT_IDS:
        return TT_OK;
    default:
        return trace_writer_row(w, table, row, e);
    }
}

int trace_masker_finish(struct trace_masker *m, struct trace_writer *w, struct error *e)
{
    mask_segments_mask_rest(&m->segments, &m->key);
    return write_segments(m, w, e);
}

/* --- the description --- */

/* The document's text passes through the same masking as a request, of which it becomes a part. */
static cJSON *masked_copy(const cJSON *json, const struct mask_key *key)
{
    struct mask_json state;
    char *text = cJSON_PrintUnformatted(json);
    if (!text)
        return NULL;
    mask_json_init(&state, key);
    mask_json_run(&state, (unsigned char *)text, strlen(text));
    cJSON *copy = json_parse(text, strlen(text), JSON_DOCUMENT_MAX, NULL);
    mem_free(text);
    return copy;
}

int trace_masker_describe(cJSON *meta)
{
    struct mask_key key = {{0}}; /* there are no tool calls of an answer in it */
    cJSON *privacy = cJSON_CreateObject();
    cJSON *options = cJSON_GetObjectItemCaseSensitive(meta, "options");
    const cJSON *extra = json_member(options, "extra_body");
    int status = json_set(meta, "privacy", privacy);
    if (!status)
        status = json_set_string(privacy, "content", "masked");
    if (!status && extra)
        status = json_set(options, "extra_body", masked_copy(extra, &key));
    return status;
}
