/* SPDX-License-Identifier: MIT */
#include "analyze/heard.h"

#include <string.h>

#include "analyze/tape_pieces.h"
#include "formats/alloc.h"

#define UNCOUNTED UINT32_MAX

struct heard_run {
    struct heard *answer; /* while it is under way */
    int is_replaced;
};

void heard_init(struct heard_trace *heard, const struct tape *tape)
{
    memset(heard, 0, sizeof *heard);
    heard->tape = tape;
}

static void free_answer(struct heard *answer)
{
    if (answer)
        mem_free(answer->chunks);
    mem_free(answer);
}

void heard_release(struct heard_trace *heard)
{
    for (size_t i = 0; i < heard->count; i++)
        free_answer(heard->runs[i].answer);
    mem_free(heard->runs);
    heard_init(heard, heard->tape);
}

/* Native ticks as nanoseconds after `zero`, also before it. */
static int64_t ns_after(const struct tape *tape, uint64_t t, uint64_t zero)
{
    return t == ABSENT ? HEARD_NEVER : (int64_t)(tape_clock_ns(tape, t) - tape_clock_ns(tape, zero));
}

static int on_begin(void *context, const struct run_row *row)
{
    struct heard_trace *heard = context;
    size_t needed = (size_t)row->run + 1; /* the tape has capped it */
    if (mem_grow(&heard->runs, &heard->capacity, needed, sizeof *heard->runs))
        return TT_NOMEM;
    for (; heard->count < needed; heard->count++)
        heard->runs[heard->count] = (struct heard_run){NULL, 0};
    struct heard *answer = heard->runs[row->run].answer = mem_zalloc(1, sizeof *answer);
    if (!answer)
        return TT_NOMEM;
    *answer = (struct heard){.phase = "",
                             .last_read_ns = HEARD_NEVER,
                             /* In ticks until time zero is known. */
                             .due_ns = (int64_t)row->t_intended,
                             .start_ns = (int64_t)row->t_start,
                             .usage = {ABSENT, ABSENT, ABSENT, CACHED_ABSENT},
                             .usage_alone_tokens = ABSENT};
    heard->ended = heard->ended < row->run ? heard->ended : (size_t)row->run;
    return TT_OK;
}

static int on_read(void *context, const struct read_row *read)
{
    struct heard_trace *heard = context;
    heard->runs[read->run].answer->last_read_ns = (int64_t)read->t;
    return TT_OK;
}

static unsigned tool_bit(const struct chat_frame *chat)
{
    for (size_t i = 0; i < chat->tool_count; i++) {
        if (chat->tools[i].name.len || chat->tools[i].arguments.len)
            return HEARD_TOOL;
    }
    return 0;
}

static unsigned bits_of(const struct chat_frame *chat)
{
    return (chat->has_choices ? HEARD_CHOICES : 0U) | (chat->content.len ? HEARD_CONTENT : 0U) |
           (chat->reasoning.len ? HEARD_REASONING : 0U) | tool_bit(chat) |
           (chat->has_usage ? HEARD_USAGE : 0U) | (chat->kind == FRAME_DONE ? HEARD_DONE : 0U) |
           (chat->kind == FRAME_ERROR ? HEARD_ERROR : 0U) |
           (chat->kind == FRAME_MALFORMED ? HEARD_MALFORMED : 0U) | (chat->has_timings ? HEARD_TIMINGS : 0U);
}

static void note_usage(struct heard *answer, const struct chat_frame *chat)
{
    if (!chat->has_usage)
        return;
    answer->usage = chat->usage;
    if (!chat->has_choices)
        answer->usage_alone_tokens = chat->usage.completion_tokens;
}

/* Counts beyond that break the attribution anyway. */
static uint32_t small_count(uint64_t count)
{
    return count < UNCOUNTED ? (uint32_t)count : UNCOUNTED;
}

static int on_frame(void *context, const struct run_row *row, const struct stream_frame *frame,
                    uint64_t counted)
{
    struct heard_trace *heard = context;
    struct heard *answer = heard->runs[row->run].answer;
    const struct chat_frame *chat = frame->chat;
    (void)counted;
    if (chat->kind == FRAME_COMMENT || (chat->kind == FRAME_PROGRESS && !chat->has_choices))
        return TT_OK;
    if (heard->chunks >= HEARD_CHUNKS_MAX)
        return TT_LIMIT;
    if (mem_grow(&answer->chunks, &answer->capacity, answer->count + 1, sizeof *answer->chunks))
        return TT_NOMEM;
    heard->chunks++;
    note_usage(answer, chat);
    answer->chunks[answer->count++] = (struct heard_chunk){
        .ns = (int64_t)frame->t,
        .tokens = small_count(chat->reasoning.len + chat->content.len), /* until the run is over */
        .read = small_count(frame->read),
        .predicted = small_count(answer_frame_count(chat, COUNT_TIMINGS)),
        .usage = small_count(answer_frame_count(chat, COUNT_USAGE)),
        .ids = small_count(chat->token_ids),
        .holds = (uint16_t)bits_of(chat),
        .kind = (uint16_t)chat->kind,
    };
    return TT_OK;
}

static uint64_t large_count(uint32_t count)
{
    return count == UNCOUNTED ? ABSENT : count;
}

/* What the attribution reads of a frame, back from the chunk. */
static void frame_of(const struct heard_chunk *chunk, struct chat_frame *chat)
{
    chat->kind = (enum frame_kind)chunk->kind;
    chat->content.len = chunk->tokens;
    chat->token_ids = large_count(chunk->ids);
    chat->has_timings = (chunk->holds & HEARD_TIMINGS) != 0;
    chat->timings.predicted_n = large_count(chunk->predicted);
    chat->has_usage = (chunk->holds & HEARD_USAGE) != 0;
    chat->usage.completion_tokens = large_count(chunk->usage);
}

/* Ticks become nanoseconds after time zero, and the chunks get their tokens. */
static void complete(const struct tape *tape, struct heard *answer, const struct run_figures *f)
{
    struct token_cursor cursor = {.pieces.left = tape_pieces(tape, f->run)};
    struct chat_frame chat = {0};
    uint64_t zero = f->t_zero == ABSENT ? 0 : f->t_zero;
    answer->zero_ns = tape_clock_ns(tape, zero);
    answer->due_ns = ns_after(tape, (uint64_t)answer->due_ns, zero);
    answer->start_ns = ns_after(tape, (uint64_t)answer->start_ns, zero);
    if (answer->last_read_ns != HEARD_NEVER)
        answer->last_read_ns = ns_after(tape, (uint64_t)answer->last_read_ns, zero);
    for (size_t i = 0; i < answer->count; i++) {
        struct heard_chunk *chunk = &answer->chunks[i];
        frame_of(chunk, &chat);
        chunk->tokens = small_count(token_cursor_next(&cursor, &f->split, &chat));
        chunk->ns = ns_after(tape, (uint64_t)chunk->ns, zero);
    }
}

static int on_run(void *context, const struct run_figures *f, const struct token_time *times, size_t count)
{
    struct heard_trace *heard = context;
    struct heard_run *run = &heard->runs[f->run];
    struct heard *answer = run->answer;
    complete(heard->tape, answer, f);
    answer->figures = f->t_zero == ABSENT ? NULL : f;
    answer->phase = tape_phase_name(heard->tape, f->phase);
    answer->is_replaced = run->is_replaced;
    answer->times = times;
    answer->time_count = count - (f->split.tail > 0 && count > 0); /* silent tokens have no read */
    run->answer = NULL;
    while (heard->ended < heard->count && !heard->runs[heard->ended].answer)
        heard->ended++;
    int status = heard->take(heard->context, heard, answer);
    heard->chunks -= answer->count;
    free_answer(answer);
    return status;
}

void heard_tap(struct heard_trace *heard, struct tape_options *options)
{
    options->on_begin = on_begin;
    options->on_read = on_read;
    options->on_frame = on_frame;
    options->on_run = on_run;
    options->context = heard;
    options->with_pieces = 1;
}

uint64_t heard_earliest_start(const struct heard_trace *heard)
{
    uint64_t earliest = UINT64_MAX;
    for (size_t i = heard->ended; i < heard->count; i++) {
        const struct heard *answer = heard->runs[i].answer;
        if (!answer)
            continue;
        uint64_t start = (uint64_t)answer->start_ns;
        start = start == ABSENT ? 0 : tape_clock_ns(heard->tape, start);
        earliest = start < earliest ? start : earliest;
    }
    return earliest;
}

size_t heard_learn_replaced(struct heard_trace *heard)
{
    size_t replaced = 0;
    for (size_t i = 0; i < heard->tape->run_count; i++) {
        const struct run_figures *f = tape_run_at(heard->tape, i);
        heard->runs[f->run].is_replaced = !f->is_last_attempt;
        replaced += !f->is_last_attempt;
    }
    return replaced;
}

const struct heard_chunk *heard_first(const struct heard *answer, unsigned bits)
{
    for (size_t i = 0; i < answer->count; i++) {
        if (answer->chunks[i].holds & bits)
            return &answer->chunks[i];
    }
    return NULL;
}

const struct heard_chunk *heard_last(const struct heard *answer, unsigned bits)
{
    for (size_t i = answer->count; i > 0; i--) {
        if (answer->chunks[i - 1].holds & bits)
            return &answer->chunks[i - 1];
    }
    return NULL;
}
