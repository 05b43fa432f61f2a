/* SPDX-License-Identifier: MIT */
/* Fuzz target: rows of runs in any order, with any ids and times, their answers cut from the input. Whatever
 * comes, the tokens of an answer add up, and every figure, other tools' too, is a sensible number or none.
 *
 * Input: operations, one letter each with its arguments, until the bytes run out (see `operations`). */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/dialect_list.h"
#include "analyze/dialect_report.h"
#include "analyze/tape_runs.h"
#include "formats/error.h"
#include "tests/fuzz/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

struct input {
    const uint8_t *p;
    size_t left;
    uint64_t t;
};

static unsigned take(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->p++;
}

/* A number that is small, or one of the ends of the range. */
static uint64_t take_number(struct input *in)
{
    unsigned v = take(in);
    return v == 255 ? ABSENT : v == 254 ? ABSENT - 1 : v;
}

static struct bytes take_text(struct input *in)
{
    size_t len = take(in);
    struct bytes text = {in->p, len < in->left ? len : in->left};
    in->p += text.len;
    in->left -= text.len;
    return text;
}

static int is_sensible(double value)
{
    return isnan(value) || (value >= 0 && isfinite(value));
}

#define NAMED(name, symbol) name,
static const char *const dialects[] = {DIALECTS(NAMED)};
#define DIALECT_COUNT (sizeof dialects / sizeof dialects[0])

/* What all of them hear. */
struct hearing {
    struct heard_trace heard;
    struct dialect_taker takers[DIALECT_COUNT];
};

/* The chunks carry the answer's tokens. */
static int check_answer(void *context, const struct heard_trace *heard, const struct heard *answer)
{
    struct hearing *h = context;
    const struct run_figures *f = answer->figures;
    double sum = 0;
    int status = TT_OK;
    for (size_t i = 0; i < answer->count; i++)
        sum += answer->chunks[i].tokens;
    require(!f || !f->steps || fabs(sum - (double)f->completion_tokens) < 0.5, "chunks lose tokens");
    for (size_t i = 0; !status && i < DIALECT_COUNT; i++)
        status = dialect_take(&h->takers[i], heard, answer);
    return status;
}

static int check_run(void *context, const struct run_figures *f, const struct token_time *tokens,
                     size_t count)
{
    const double values[] = {f->ttft_ms,      f->ttft_content_ms, f->ttfb_ms,          f->header_ms,
                             f->connect_ms,   f->total_ms,        f->decode_window_ms, f->decode_tok_s,
                             f->peak64_tok_s, f->prefill_tok_s,   f->step_ms};
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        require(tokens[i].tokens >= 0, "a read gave tokens back");
        sum += tokens[i].tokens;
    }
    require(!f->steps || fabs(sum - (double)f->completion_tokens) < 0.5, "the tokens do not add up");
    require(f->visible_tokens <= f->completion_tokens, "more tokens are seen than generated");
    require(f->first_read_tokens <= f->visible_tokens, "the first read brought more than all");
    require(f->decode_grade != GRADE_NONE || isnan(f->decode_tok_s), "a rate has no grade");
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        require(is_sensible(values[i]), "a figure is negative or infinite");
    for (int i = 0; i < ITL_POLICIES * ITL_PERCENTILES; i++)
        require(is_sensible(f->itl_ms[i / ITL_PERCENTILES][i % ITL_PERCENTILES]), "a gap is negative");
    struct tape_options taps = {0};
    heard_tap(context, &taps);
    return taps.on_run(context, f, tokens, count);
}

static int begin(struct tape_runs *r, struct input *in)
{
    struct run_row row = {.run = take_number(in), .repeat = take_number(in), .phase = take_number(in)};
    row.attempt = take_number(in);
    row.body = take_number(in);
    return tape_runs_begin(r, &row, NULL);
}

static int read_bytes(struct tape_runs *r, struct input *in, struct bytes wire, uint64_t run)
{
    in->t += take(in) * 1000;
    struct read_row row = {run, in->t, wire.len};
    tape_runs_announce_read(r, run);
    return tape_runs_read(r, &row, wire.data, NULL);
}

static int read_head(struct tape_runs *r, struct input *in)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    uint64_t run = take_number(in);
    return read_bytes(r, in, (struct bytes){(const unsigned char *)head, sizeof head - 1}, run);
}

static int read_event(struct tape_runs *r, struct input *in)
{
    static const char *const events[] = {
        "{\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"timings\":{\"predicted_n\":%u}}",
        "{\"choices\":[{\"delta\":{\"reasoning\":\"b\"}}],\"usage\":{\"completion_tokens\":%u}}",
        "{\"choices\":[{\"delta\":{\"content\":\"c\"},\"token_ids\":[1,%u]}]}",
        "{\"choices\":[{\"delta\":{\"content\":\"word %u \"}}]}",
        "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":%u,\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{\"}}]}}]}",
        "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"x\":%u}",
        "{\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}],\"usage\":{\"completion_tokens\":%u}}",
        "{\"choices\":[],\"usage\":{\"prompt_tokens\":999,\"completion_tokens\":%u},\"timings\":{\"prompt_"
        "ms\":5}}",
        "{\"choices\":[],\"timings\":{\"predicted_n\":%u,\"predicted_ms\":7.5,\"cache_n\":3,\"prompt_n\":900}"
        "}",
        "{\"error\":{\"message\":\"%u\"}}",
    };
    char data[160], event[200];
    uint64_t run = take_number(in);
    const char *text = events[take(in) % (sizeof events / sizeof events[0])], *hole = strstr(text, "%u");
    snprintf(data, sizeof data, "%.*s%u%s", (int)(hole - text), text, take(in), hole + 2);
    int len = snprintf(event, sizeof event, "data: %s\n\n", data);
    return read_bytes(r, in, (struct bytes){(const unsigned char *)event, (size_t)len}, run);
}

static int read_raw(struct tape_runs *r, struct input *in)
{
    uint64_t run = take_number(in);
    return read_bytes(r, in, take_text(in), run);
}

static int end(struct tape_runs *r, struct input *in)
{
    struct run_end_row row = {.run = take_number(in)};
    row.t_connected = take(in) * UINT64_C(1000);
    row.t_close = in->t + take(in);
    row.t_header = row.connect_ns = take_number(in);
    row.ended = take(in) % 9;
    row.status = take(in) & 1 ? 200 : take_number(in);
    int status = tape_runs_announce_end(r, row.run, 0, NULL);
    if (!status && tape_runs_due_end(r, row.run) == 0)
        status = tape_runs_end(r, &row, NULL);
    return status;
}

static int add_body(struct tape_runs *r, struct input *in)
{
    static const unsigned char digest[SHA256_BYTES];
    unsigned char list[UVARINT_MAX_BYTES];
    struct segment_row segment = {{digest, sizeof digest}, take_text(in)};
    struct body_row body = {
        {digest, sizeof digest}, segment.data.len, {list, put_uvarint(list, take_number(in))}};
    int status = bodies_add_segment(&r->bodies, &segment, NULL);
    return status ? status : bodies_add_body(&r->bodies, &body, NULL);
}

static int add_pieces(struct tape_runs *r, struct input *in)
{
    struct pieces_row row = {.run = take_number(in)};
    row.lengths = take_text(in);
    return tape_runs_pieces(r, &row, NULL);
}

static int (*const operations[])(struct tape_runs *, struct input *) = {
    begin, read_head, read_event, read_event, read_raw, end, add_body, add_pieces};

/* Every tool's samples are numbers, whatever the trace says. */
static void check_dialects(struct hearing *h)
{
    for (size_t i = 0; i < DIALECT_COUNT; i++) {
        struct dialect_taker *t = &h->takers[i];
        const struct dialect *d = t->dialect;
        int status = dialect_take_surveys(t, &h->heard);
        for (size_t k = 0; !status && k < d->measure_count; k++) {
            for (const enum statistic *s = d->measures[k].statistics; *s; s++) {
                double value = dialect_statistic(d, *s, &t->cell.theirs[k]);
                require(isnan(value) || isfinite(value), "another tool's figure is infinite");
            }
        }
    }
}

static int listen(struct hearing *h, const struct tape *tape, struct tape_options *options)
{
    int status = TT_OK;
    memset(h, 0, sizeof *h);
    heard_init(&h->heard, tape);
    heard_tap(&h->heard, options);
    h->heard.take = check_answer;
    h->heard.context = h;
    options->on_run = check_run;
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        status = dialect_taker_init(&h->takers[i], dialect_find(dialects[i])) ? TT_NOMEM : status;
    return status;
}

static void forget(struct hearing *h)
{
    for (size_t i = 0; i < DIALECT_COUNT; i++)
        dialect_taker_release(&h->takers[i]);
    heard_release(&h->heard);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct input in = {bytes, len, 1000};
    struct tape tape = {.ticks_numer = 1, .ticks_denom = 1};
    struct tape_options options = {0};
    struct hearing hearing;
    struct tape_runs runs;
    int status = listen(&hearing, &tape, &options);
    tape_runs_init(&runs, &tape, &options);
    while (in.left && status != TT_NOMEM)
        status = operations[take(&in) % (sizeof operations / sizeof operations[0])](&runs, &in);
    if (tape_runs_finish(&runs, NULL) == TT_OK && status != TT_NOMEM)
        check_dialects(&hearing);
    tape_runs_release(&runs);
    forget(&hearing);
    tape_release(&tape);
    return 0;
}
