/* SPDX-License-Identifier: MIT */
/* What one answer said, gathered frame by frame while its stream is read.
 *
 * Memory is 16 bytes per token-bearing read plus the answer's text, both capped; frames themselves are not
 * kept. */
#ifndef TOKTAPE_ANSWER_H
#define TOKTAPE_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "formats/answer_text.h"
#include "formats/error.h"
#include "formats/stream.h"

#define ANSWER_STEPS_MAX ((size_t)16 << 20) /* token-bearing reads of one answer; more is TT_LIMIT */
#define ANSWER_UNCOUNTED UINT32_MAX

/* What the engine itself counted in its token-bearing frames. The first of them decides which count is
 * followed; where it has none, analyze/pieces.h may find one. */
enum answer_count { COUNT_NONE, COUNT_TIMINGS, COUNT_USAGE, COUNT_IDS, COUNT_PIECES };

/* One read with token-bearing frames. */
struct answer_step {
    uint64_t t;
    uint32_t frames;  /* of them in this read */
    uint32_t counted; /* the engine's running count after its last one, or the bytes of text up to there
                         where the first had no count; ANSWER_UNCOUNTED without */
};

struct answer {
    struct answer_step *steps;
    size_t step_count, step_capacity;
    uint64_t last_step_read; /* number of the read that the last step stands for */
    uint64_t frames;         /* all of them */
    uint64_t visible_frames; /* token-bearing ones */
    uint64_t unknown_frames; /* imported pieces of which only the time is known; visible ones, too */
    uint64_t t_first_content;

    enum answer_count count_kind;
    int count_broken;     /* some token-bearing frame lacked it, or it went backwards */
    uint64_t ids_counted; /* token ids so far, of all frames */
    uint64_t last_count;  /* the running count of the last token-bearing frame */
    int pieces_misfit;    /* the engine's tokeniser cuts its text, but not into the tokens that it states */

    char finish_reason[24];
    uint64_t t_finish;          /* frame with the finish_reason; ABSENT without one */
    int finish_has_text;        /* that frame is token-bearing itself */
    int finish_only_with_usage; /* usage came with it and not before: the frame was sent late */
    uint64_t t_tail;            /* first frame behind the last text that silent tokens may have come with */

    int has_usage, has_timings, has_error;
    struct chat_usage usage;     /* each field as last stated */
    struct chat_timings timings; /* likewise */
    char error[160];
    uint64_t malformed_frames;

    struct answer_text text;
};

void answer_init(struct answer *a);
void answer_release(struct answer *a);

/* Adds the next frame. TT_OK, TT_NOMEM, or TT_LIMIT over ANSWER_STEPS_MAX. */
int answer_frame(struct answer *a, const struct stream_frame *frame);

/* The running count that this frame states, ABSENT when it states none of that kind. COUNT_IDS is the frame's
 * own. The best one is the first kind that it states at all. */
uint64_t answer_frame_count(const struct chat_frame *chat, enum answer_count kind);
uint64_t answer_best_count(const struct chat_frame *chat);

/* True when the answer had as many tokens as it was allowed, in the words of OpenAI or Anthropic. */
int answer_ended_at_limit(const struct answer *a);

/* True for frames that silent tokens may have come with: finish, usage, timings, [DONE], and no text. */
int answer_frame_may_end(const struct chat_frame *chat);

#endif
