/* SPDX-License-Identifier: MIT */
/* One row of a results table: the figures of one cell, and the verdict that the gates gave it. */
#ifndef TOKTAPE_ROW_H
#define TOKTAPE_ROW_H

#include <math.h>
#include <stdint.h>

#include "analyze/figures.h"
#include "analyze/text_list.h"

/* The figures of a row, in the order in which JSON shows them. */
enum metric {
    METRIC_DECODE,        /* tok/s, median over the headline phase */
    METRIC_PEAK,          /* tok/s, best run of at least 64 decode tokens */
    METRIC_DECODE_50K,    /* tok/s in 'long-context' */
    METRIC_TTFT,          /* ms, headline phase */
    METRIC_TTFT_COLD,     /* ms */
    METRIC_TTFT_PREFIX,   /* ms, 'prefix-test-*' */
    METRIC_TTFT_LONG,     /* ms */
    METRIC_TURN,          /* ms, prefix-test TTFT + answer */
    METRIC_PREFILL,       /* tok/s, the phases that find no cache */
    METRIC_REUSE,         /* cached ÷ prompt of the prefix-test pair */
    METRIC_TRUE_HIT_RATE, /* cached ÷ cacheable of the same pair */
    METRIC_WASTED_TOKENS, /* cacheable tokens that were not cached, per repeat */
    METRIC_TOKENS_PER_STEP,
    METRIC_STEP,       /* ms between token-bearing reads */
    METRIC_ACCEPTANCE, /* accepted ÷ drafted tokens */
    METRIC_TOK_S_PER_W,
    METRIC_J_PER_TOKEN,
    METRIC_SOC_W,
    METRIC_SOC_W_NET,
    METRIC_IDLE_W,
    METRIC_PEAK_RSS,       /* bytes */
    METRIC_STEADY_RSS,     /* bytes */
    METRIC_PEAK_FOOTPRINT, /* bytes */
    METRIC_VALID,          /* per cent of all attempted runs */
    METRIC_COUNT
};

/* The JSON name of a metric ("decode_tok_s"), and back; METRIC_COUNT when there is none of that name. */
const char *metric_name(enum metric metric);
enum metric metric_find(const char *name);

/* A value that was not measured is NAN, and so are a spread of fewer than two values and an unknown
 * uncertainty. */
struct figure {
    double value;
    uint64_t n;         /* values it is the median (or mean, or maximum) of */
    double spread;      /* sample standard deviation ÷ median, per cent */
    double uncertainty; /* ±, in the metric's unit */
    enum grade grade;
};

#define FIGURE_ABSENT ((struct figure){NAN, 0, NAN, NAN, GRADE_NONE})

/* A row with this many answers below half of their max_tokens shows no peak and cannot win. */
#define ROW_EARLY_STOPS_MAX 2

enum gate_level { LEVEL_NOT_MEASURED, LEVEL_PASS, LEVEL_RESERVE, LEVEL_ELIMINATED };

#define ROW_GATES_MAX 16

/* What one gate said. `name` belongs to the gates profile. For a gate that was passed, `limit` is the nearest
 * one. */
struct gate_result {
    const char *name;
    enum metric metric;
    double value, limit;
    enum gate_level level;
};

enum row_mark { MARK_VIABLE, MARK_WINNER, MARK_RESERVE, MARK_ELIMINATED };

/* Strings are owned and never NULL ("" when unknown), except where NULL is allowed below. */
struct report_row {
    char *cell; /* names the cell in full */
    char *label, *model, *model_file, *engine, *engine_version, *speculative, *quant;
    struct figure figures[METRIC_COUNT];
    const char *cached_state; /* static: "number", "null", "absent", "mixed"; NULL when no run tells */
    struct text_list power_rails;
    uint64_t runs_ok, runs_failed, runs_total, repeats;
    char *cold_method;     /* "restart", "request+keep" …; NULL when no phase asked for cold */
    int cold_verified;     /* 1 yes, 0 no, -1 the server does not say */
    uint64_t early_stop;   /* valid runs with less than half of max_tokens */
    int thinking_honoured; /* 1, 0, -1 without any run */
    int synthetic;
    const char *closed; /* static: the least clean of the traces' ends */
    struct text_list notes, content_ids;
    struct text_list findings; /* the recorder's; among the notes, too */

    /* Filled by gates_judge. */
    enum gate_level level;
    int tier; /* 1 to 4; 0 before the judgement */
    enum row_mark mark;
    struct gate_result gates[ROW_GATES_MAX];
    size_t gate_count;
    struct text_list gate_causes; /* sentences, worst first */
    uint64_t suppressed;          /* bit 1 << metric: the tables leave the value out */

    size_t source; /* index of its cell in the report */
};

/* All figures absent, all strings empty. Returns TT_OK or TT_NOMEM; row_release is due in either case. */
int row_init(struct report_row *row);

/* Replaces one of the row's strings by a copy of `text`; NULL counts as "". Returns TT_OK or TT_NOMEM. */
int row_set_text(char **slot, const char *text);
void row_release(struct report_row *row);

#endif
