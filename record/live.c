/* SPDX-License-Identifier: MIT */
#include "record/live.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/stream.h"
#include "record/clock.h"

/* Address space for one answer; pages are taken as it grows, and the first ones before the first run: a page
 * that is new takes the receiving thread as long as many reads. Nothing moves while another thread reads. */
#define WIRE_BYTES  ((size_t)64 << 20)
#define READS       ((size_t)1 << 20)
#define TOUCH_BYTES ((size_t)2 << 20)

#define PASSES_MAX 4 /* over what came while others were parsed: a fast stream may never end */

struct live_read {
    uint64_t t;
    size_t end; /* of its bytes in `wire` */
};

struct live_run {
    unsigned char *wire;
    struct live_read *reads;
    int keeps_wire;
    size_t wire_len;             /* the adding thread's */
    size_t first;                /* read that `wire` and `reads` begin with; moves only when all are parsed */
    atomic_size_t count, parsed; /* reads of the run that are complete, and that were looked at */
    atomic_int is_full;

    pthread_mutex_t lock; /* over what follows, and `parsed`: the looking side */
    struct stream *stream;
    int is_broken; /* memory was out: nothing more of the run is parsed */
    struct answer_text answer;
    struct live_figures figures;
    uint64_t t_zero, t_first, t_last, visible;
    int saw_error;
};

static void keep(char *to, size_t size, struct bytes from)
{
    if (from.len && from.len < size) {
        memcpy(to, from.data, from.len);
        to[from.len] = '\0';
    }
}

/* Usage may come in parts: a later one replaces only what it states. */
static void take_count(uint64_t *kept, uint64_t stated)
{
    if (stated != ABSENT)
        *kept = stated;
}

static void take_usage(struct live_figures *f, const struct chat_usage *usage)
{
    take_count(&f->tokens, usage->completion_tokens);
    take_count(&f->prompt_tokens, usage->prompt_tokens);
    take_count(&f->cached_tokens, usage->cached_tokens);
}

static int states_count(const struct chat_frame *chat)
{
    return chat->token_ids != ABSENT || (chat->has_usage && chat->usage.completion_tokens != ABSENT) ||
           (chat->has_timings && chat->timings.predicted_n != ABSENT);
}

static int take_frame(void *context, const struct stream_frame *frame)
{
    struct live_run *l = context;
    const struct chat_frame *chat = frame->chat;
    if (chat_is_token_bearing(chat)) {
        l->t_first = l->visible ? l->t_first : frame->t;
        l->t_last = frame->t;
        l->visible++;
        l->figures.has_counts |= states_count(chat);
    }
    if (answer_text_frame(&l->answer, chat))
        l->answer.is_cut = 1;
    if (chat->has_usage)
        take_usage(&l->figures, &chat->usage);
    l->figures.malformed += chat->kind == FRAME_MALFORMED;
    if (chat->kind == FRAME_ERROR) {
        l->saw_error = 1;
        keep(l->figures.error, sizeof l->figures.error, chat->error);
    }
    keep(l->figures.finish_reason, sizeof l->figures.finish_reason, chat->finish_reason);
    keep(l->figures.fingerprint, sizeof l->figures.fingerprint, chat->fingerprint);
    keep(l->figures.model, sizeof l->figures.model, chat->model);
    return 0;
}

struct live_run *live_new(size_t beside)
{
    size_t touch = TOUCH_BYTES / (beside + 1);
    struct live_run *l = mem_zalloc(1, sizeof *l);
    if (!l)
        return NULL;
    pthread_mutex_init(&l->lock, NULL);
    answer_text_init(&l->answer);
    l->wire = mem_alloc(WIRE_BYTES);
    l->reads = mem_alloc(READS * sizeof *l->reads);
    l->stream = stream_new(take_frame, NULL, l);
    if (!l->wire || !l->reads || !l->stream) {
        live_free(l);
        return NULL;
    }
    if (!beside) { /* many would hold many large pages of which they use little */
        mem_prefer_large_pages(l->wire, WIRE_BYTES);
        mem_prefer_large_pages(l->reads, READS * sizeof *l->reads);
    }
    memset(l->wire, 0, touch);
    memset(l->reads, 0, touch);
    return l;
}

void live_keep_wire(struct live_run *l)
{
    l->keeps_wire = 1;
}

void live_begin(struct live_run *l, uint64_t t)
{
    pthread_mutex_lock(&l->lock);
    l->wire_len = l->first = 0;
    atomic_store(&l->count, 0);
    atomic_store(&l->parsed, 0);
    l->is_full = 0;
    memset(&l->figures, 0, sizeof l->figures);
    l->figures.ttft_ms = l->figures.decode_tok_s = NAN;
    l->figures.tokens = l->figures.prompt_tokens = l->figures.cached_tokens = ABSENT;
    l->t_zero = t;
    l->t_first = l->t_last = l->visible = 0;
    l->saw_error = l->is_broken = 0;
    stream_reset(l->stream);
    answer_text_release(&l->answer);
    pthread_mutex_unlock(&l->lock);
}

/* Nobody reads what was looked at: the looking side goes by `count`, which has not moved since. */
static void use_again(struct live_run *l, size_t count)
{
    if (l->keeps_wire || atomic_load_explicit(&l->parsed, memory_order_acquire) != count)
        return;
    l->first = count;
    l->wire_len = 0;
}

void live_add(struct live_run *l, uint64_t t, const void *bytes, size_t len)
{
    size_t count = atomic_load_explicit(&l->count, memory_order_relaxed);
    use_again(l, count);
    if (l->is_full || count - l->first == READS || len > WIRE_BYTES - l->wire_len) {
        l->is_full = 1;
        return;
    }
    memcpy(l->wire + l->wire_len, bytes, len);
    l->wire_len += len;
    l->reads[count - l->first] = (struct live_read){t, l->wire_len};
    atomic_store_explicit(&l->count, count + 1, memory_order_release);
}

static void note_failure(struct live_run *l, int status)
{
    l->is_broken |= status != TT_OK;
    l->answer.is_cut |= l->is_broken;
}

/* Returns whether there were any. */
static int parse_new_reads(struct live_run *l)
{
    size_t count = atomic_load_explicit(&l->count, memory_order_acquire);
    size_t parsed = atomic_load_explicit(&l->parsed, memory_order_relaxed);
    if (parsed == count)
        return 0;
    const struct live_read *reads = l->reads;
    for (size_t i = parsed - l->first; i < count - l->first && !l->is_broken; i++) {
        size_t from = i ? reads[i - 1].end : 0;
        note_failure(l, stream_feed(l->stream, reads[i].t, l->wire + from, reads[i].end - from));
    }
    atomic_store_explicit(&l->parsed, count, memory_order_release);
    return 1;
}

void live_catch_up(struct live_run *l)
{
    int passes = 0;
    if (pthread_mutex_trylock(&l->lock) != 0)
        return; /* whoever holds it parses */
    while (passes < PASSES_MAX && parse_new_reads(l))
        passes++;
    pthread_mutex_unlock(&l->lock);
}

static double ms_between(uint64_t from, uint64_t to)
{
    return to > from ? (double)clock_ticks_to_ns(to - from) / 1e6 : 0;
}

static void conclude(const struct live_run *l, struct live_figures *out)
{
    *out = l->figures;
    out->text_frames = l->visible;
    if (out->tokens == ABSENT && l->visible)
        out->tokens = l->visible;
    if (l->visible && l->t_zero != ABSENT)
        out->ttft_ms = ms_between(l->t_zero, l->t_first);
    if (l->t_last > l->t_first && out->tokens != ABSENT && out->tokens > 1)
        out->decode_tok_s = (double)(out->tokens - 1) / ms_between(l->t_first, l->t_last) * 1e3;
    out->is_cut = l->is_broken || atomic_load(&l->is_full);
    int has_end = out->is_cut || (out->finish_reason[0] && out->tokens != ABSENT && out->tokens > 0);
    out->is_whole = stream_state(l->stream)->http_status == 200 && !l->saw_error && has_end;
}

void live_look(struct live_run *l, struct live_figures *figures)
{
    pthread_mutex_lock(&l->lock);
    parse_new_reads(l);
    conclude(l, figures);
    pthread_mutex_unlock(&l->lock);
}

void live_end(struct live_run *l, uint64_t t_zero, uint64_t t_close, struct live_figures *figures)
{
    pthread_mutex_lock(&l->lock);
    parse_new_reads(l);
    l->t_zero = t_zero;
    if (!l->is_broken)
        note_failure(l, stream_close(l->stream, t_close));
    keep(l->figures.server, sizeof l->figures.server, stream_state(l->stream)->server);
    conclude(l, figures);
    pthread_mutex_unlock(&l->lock);
}

struct answer_text *live_answer(struct live_run *l)
{
    return &l->answer;
}

struct bytes live_wire(const struct live_run *l, int *is_whole)
{
    *is_whole = l->keeps_wire && !atomic_load(&l->is_full);
    return (struct bytes){l->wire, l->wire_len};
}

void live_free(struct live_run *l)
{
    if (!l)
        return;
    mem_free(l->wire);
    mem_free(l->reads);
    stream_free(l->stream);
    answer_text_release(&l->answer);
    pthread_mutex_destroy(&l->lock);
    mem_free(l);
}
