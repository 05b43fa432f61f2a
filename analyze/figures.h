/* SPDX-License-Identifier: MIT */
/* Every figure of one run. Absent doubles are NAN, absent counts are ABSENT. */
#ifndef TOKTAPE_FIGURES_H
#define TOKTAPE_FIGURES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/itl.h"
#include "formats/schema.h"
#include "formats/stream.h"

/* How sure a figure is: A from the server or a counter, B derived, C estimated. */
enum grade { GRADE_NONE = 0, GRADE_A = 'A', GRADE_B = 'B', GRADE_C = 'C' };

/* Where token counts of frames came from, best first. */
enum token_source {
    TOKENS_NONE,
    TOKENS_FROM_TIMINGS,   /* predicted_n in each chunk */
    TOKENS_FROM_USAGE,     /* continuous usage */
    TOKENS_FROM_IDS,       /* token_ids in each chunk */
    TOKENS_FROM_TOKENISER, /* the engine's own, asked how it cuts the text */
    TOKENS_EVEN_SPLIT      /* visible frames share N */
};

/* Why a run is not valid; bits. */
enum invalid_cause {
    INVALID_NO_ANSWER = 1 << 0,    /* no connection, or no HTTP status */
    INVALID_STATUS = 1 << 1,       /* status other than 200 */
    INVALID_ERROR_OBJECT = 1 << 2, /* an error object or string in the answer */
    INVALID_TRANSPORT_CUT = 1 << 3,
    INVALID_TIMEOUT = 1 << 4, /* --timeout or --stall-timeout */
    INVALID_NO_TOKEN = 1 << 5,
    INVALID_CUT = 1 << 6,   /* the stream ended without finish_reason */
    INVALID_EMPTY = 1 << 7, /* degenerate: no text, reasoning or tool call */
    INVALID_LOOPING = 1 << 8,
    INVALID_TOOL_ARGUMENTS = 1 << 9, /* not JSON */
    INVALID_TOOL_SCHEMA = 1 << 10,   /* JSON that does not fit the declared schema */
    INVALID_UNFINISHED = 1 << 11,    /* the recording ended inside the run */
    INVALID_LOST = 1 << 12           /* a part of the run was lost with a damaged block */
};

/* Which frames carried the tokens of an answer; tokens.h reads it. */
struct token_split {
    enum token_source source;
    enum grade grade; /* of total */
    uint64_t total;   /* N; 0 when nothing was generated */
    uint64_t frames;  /* token-bearing ones */
    uint64_t lead;    /* silent tokens before the first of them, as the server's own time tells */
    uint64_t tail;    /* silent tokens behind the last of them: those of the finish frame */
};

/* What went wrong, in words, and what the causes that judge an answer's words rest on. Texts are cut to fit;
 * "" where the cause is not among those of the run. */
struct word_evidence {
    char error[200];                       /* one sentence, empty when none */
    double loop_ratio;                     /* NAN unless it loops */
    int loop_in_reasoning;                 /* in the reasoning, not in the content */
    char loop_text[64];                    /* its end */
    char said[96];                         /* by an error object */
    char broken_tool[64], broken_text[64]; /* first call whose arguments are not JSON, and how they begin */
    char misfit_tool[64];
    char misfit_place[96]; /* as json_schema_fits says */
};

#define INVALID_FAILED                                                                                       \
    (INVALID_NO_ANSWER | INVALID_STATUS | INVALID_ERROR_OBJECT | INVALID_TRANSPORT_CUT | INVALID_TIMEOUT |   \
     INVALID_NO_TOKEN | INVALID_UNFINISHED | INVALID_LOST)

/* What a run took from the rails that tape.power_rails names. */
struct energy_figures {
    double prefill_j, decode_j, run_j;
    double decode_u_j;                    /* ± of decode_j; NAN where the source is a gauge */
    double soc_w, soc_w_net, j_per_token; /* over the decode window; net of the idle power */
    enum grade grade;                     /* of those of the decode window */
    const char *reason;                   /* static: why the decode window has no figure; NULL */
};

#define DECODE_SURE_TOKENS 32 /* fewer tokens give a rate of grade C */

#define ENERGY_UNKNOWN ((struct energy_figures){NAN, NAN, NAN, NAN, NAN, NAN, NAN, GRADE_NONE, NULL})

/* There is one for every run of a trace: flags are bytes, and stand together. */
struct run_figures {
    uint64_t run, repeat, phase, attempt;
    uint64_t conversation, turn;
    uint64_t parent;             /* run whose conversation this one carries on; ABSENT when none */
    uint64_t slot;               /* its place among the conversations at once */
    uint64_t body;               /* row in the body table */
    uint64_t prompt;             /* index in the tape's overlap; ABSENT when not known */
    uint64_t prompt_key;         /* hash of the prompt as it was sent, to tell equal ones; ABSENT likewise */
    struct word_evidence *words; /* owned with the run; NULL where nothing went wrong */
    unsigned invalid;            /* enum invalid_cause bits; 0 = valid */
    bool is_last_attempt;        /* only the last attempt of a (repeat, phase) enters rows */
    bool ok;                     /* transport: complete, HTTP 200, no error object */
    bool is_given;  /* imported: what its rows do not tell is its source's own figure; analyze/given.h */
    bool is_masked; /* the words are gone: what depends on them was not judged */
    bool is_beside_others; /* other runs were under way meanwhile */
    bool early_stop, thinking_not_honoured, clock_jump;
    bool cached_inferred; /* the engine leaves zeros out, and left this one out; known once pooled */
    bool pieces_misfit;   /* what the engine's tokeniser says of the text is not what was counted: not used */
    bool prefill_from_server;
    bool peak_rss_is_tracked; /* by the kernel */
    bool thermal_is_level;
    char finish_reason[24]; /* empty when none came */
    char text_sha256[65];   /* of reasoning, NUL, content, NUL, tool calls in order; keyed when masked */
    uint64_t http_status;
    uint64_t ended; /* enum run_ended */

    double start_s; /* time zero, seconds after the trace's first clock row */
    double ttft_ms, ttft_content_ms, ttfb_ms, header_ms, connect_ms, total_ms;
    double due_ttft_ms, due_total_ms; /* from the intended start instead of time zero */

    uint64_t prompt_tokens, completion_tokens, cached_tokens, max_tokens;
    enum cached_state cached_state;
    enum token_source token_source;
    struct token_split split;
    enum grade completion_grade, decode_grade, prefill_grade;
    enum grade peak_rss_grade; /* B for samples, which may miss the peak, and for a sum of several processes'
                                  peaks */
    uint64_t visible_tokens, first_read_tokens,
        decode_tokens; /* decode_tokens = N − tokens of the first read */
    double decode_window_ms, decode_tok_s, peak64_tok_s;
    double server_predicted_ms; /* the server's own milliseconds, NAN when silent */
    uint64_t server_predicted_n;
    double prefill_ms, prefill_tok_s;
    /* Steps as the server counts them where it drafts (each makes one token, and those that were accepted),
     * else token-bearing reads; tokens in them; mean time of one such step, else median between reads. */
    uint64_t steps, step_tokens;
    double step_ms;
    uint64_t draft_tokens, draft_accepted;
    double itl_ms[ITL_POLICIES][ITL_PERCENTILES];

    uint64_t frames, reads, bytes; /* SSE frames, recv calls, wire bytes */
    uint64_t text_bytes, reasoning_chars, tool_calls;

    uint64_t t_intended, t_start;                          /* native ticks, as those below; ABSENT */
    uint64_t t_zero, t_first_token, t_last_token, t_close; /* native ticks, ABSENT when not reached */
    uint64_t t_last_arrival;                               /* of anything, tokens or not; ABSENT likewise */
    uint64_t
        peak_rss_bytes; /* the kernel's own peak, else the highest sample inside the run; ABSENT without */
    struct energy_figures energy;
    uint64_t thermal_max; /* throttle events in the run, or the highest level of pressure; ABSENT */
    uint64_t cold;        /* enum cold_method */
};

struct answer;
struct request_facts;

/* All that is known of one run when it is over. */
struct run_evidence {
    const struct run_row *run;
    const struct run_end_row *end; /* NULL when the recording ended inside the run */
    const struct stream_state *stream;
    struct answer *answer;
    const struct request_facts *request; /* NULL when its body is not known */
    const struct given_row *given;       /* of an imported run; else NULL */
    uint64_t ticks_numer, ticks_denom;   /* nanoseconds = ticks × numer ÷ denom */
    uint64_t t_origin;                   /* the trace's first clock row; ABSENT when there is none */
    uint64_t t_last_arrival;             /* ABSENT when nothing came */
    int is_masked;                       /* the trace's content is */
    int has_hole;                        /* blocks are missing where it was under way */
};

/* One token's arrival for those who want them all: charts, ITL, export. Native ticks. */
struct token_time {
    uint64_t t;
    double tokens; /* that arrived then */
};

/* Fills *figures, all but is_last_attempt, and peak_rss_bytes, energy and thermal_max, which need the
 * samples. The answer's steps become its token times: *times is borrowed from it. TT_OK or TT_NOMEM. */
int figures_compute(struct run_figures *figures, const struct run_evidence *evidence,
                    struct token_time **times, size_t *time_count);

/* What went wrong, in one sentence; "" when nothing. */
const char *run_error(const struct run_figures *figures);

/* The prefill rate from the counts and prefill_ms; none below what measures prefill. */
void figures_prefill_rate(struct run_figures *figures);

/* Whether the answer ended with less than half of the tokens that it might have had. */
int figures_is_early(const struct run_figures *figures);

const char *token_source_name(enum token_source source); /* "timings", "tokeniser" … */
const char *invalid_cause_name(unsigned bit);            /* "no_answer", "looping" … */

#endif
