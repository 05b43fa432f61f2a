/* SPDX-License-Identifier: MIT */
/* Another tool's figures, by that tool's definitions.
 *
 * A dialect is a table: which chunks the tool takes for tokens, where it starts and stops its clock, how it
 * counts, and its figures with a line each that says what sets them apart from ours. Rates and gaps that are
 * the tool's alone are functions in its own file. To add one, write its file and list it in dialect_list.h.
 */
#ifndef TOKTAPE_DIALECT_H
#define TOKTAPE_DIALECT_H

#include "analyze/decimal.h"
#include "analyze/heard.h"
#include "analyze/row.h"
#include "analyze/samples.h"

enum statistic {
    STAT_END, /* ends a list */
    STAT_SUM,
    STAT_MEAN,
    STAT_MEDIAN,
    STAT_STD,
    STAT_MIN,
    STAT_MAX,
    STAT_P50,
    STAT_P75,
    STAT_P90,
    STAT_P95,
    STAT_P99,
    STAT_P999
};

enum percentile_rule {
    PERCENTILE_LINEAR,  /* type 7, as ours */
    PERCENTILE_INVERSE, /* the smallest value whose share of the whole, added up in doubles, reaches p */
    PERCENTILE_FLOOR    /* the element at floor(n × p) */
};

enum clock_start {
    START_SENDING,    /* time zero: on an open connection, as tools that keep theirs open */
    START_CONNECTING, /* with a new connection for each request */
    START_DUE         /* when the request was due */
};

enum clock_end {
    END_ACCEPTED, /* the last chunk that it takes for a token */
    END_DONE,     /* [DONE], or the last read where there is none */
    END_BODY      /* the last read */
};

enum token_count {
    TOKENS_OF_USAGE,       /* the server's; without, chunks that it takes for tokens */
    TOKENS_OF_USAGE_ALONE, /* the server's, if a chunk without choices states it; without, those of the
                              content */
    TOKENS_OF_TEXT         /* its own tokeniser's: here, ours of the chunks that it takes for tokens */
};

struct dialect;

/* A figure of all answers of a trace together: they pass by one at a time, as each run ends, and are not
 * kept. */
struct survey {
    size_t state_size; /* of what it keeps of a trace's answers, zeros in the beginning */
    int (*add)(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
               void *state);
    int (*finish)(const struct heard_trace *heard, void *state, struct samples *out); /* after the loading */
    void (*release)(void *state); /* what the state points at; NULL */
};

/* Where a figure's samples come from: one of the three. What is not finite is no sample. `ours` looks only at
 * valid runs, `theirs` at what the tool counts; only `theirs` may be a survey. */
struct collector {
    double (*value)(const struct dialect *d, const struct heard *answer);
    int (*many)(const struct dialect *d, const struct heard_trace *heard, const struct heard *answer,
                struct samples *out);
    const struct survey *survey;
};

struct dialect_measure {
    const char *key;   /* as the tool's own result files call it, where it has one name there */
    const char *label; /* with the unit */
    struct decimals decimals;
    const enum statistic *statistics; /* ended by STAT_END */
    struct collector theirs, ours;    /* ours: none for a figure that we do not have */
    const enum metric *row;           /* instead of `ours`: the row's figure; NULL */
    const char *why;                  /* what sets theirs apart, half a sentence */
};

struct dialect {
    const char *title; /* the program */
    unsigned accepts;  /* enum heard_bits: what it takes for a token */
    unsigned fails_on; /* chunks that make it give up the request */
    int wants_chunk;   /* a request without any such chunk is not counted */
    enum clock_start start;
    enum clock_end end;
    enum token_count tokens;
    enum percentile_rule percentiles;
    int is_sample_deviation; /* divides by n − 1, as we do */
    int has_whole_means;     /* drops what is behind the point of means */
    const struct dialect_measure *measures;
    size_t measure_count;
    const char *note; /* what of the tool cannot be rebuilt from a trace; NULL */
};

/* By the name of --as; NULL when there is none. And back. */
const struct dialect *dialect_find(const char *name);
const char *dialect_name(const struct dialect *d);

/* Does the tool count this answer; is it one of our valid runs. */
int dialect_counts(const struct dialect *d, const struct heard *answer);
int heard_is_valid(const struct heard *answer);

/* The two ends of the tool's clock and the first token on it, nanoseconds after time zero; NAN. */
double dialect_start(const struct dialect *d, const struct heard *answer);
double dialect_first(const struct dialect *d, const struct heard *answer);
double dialect_end(const struct dialect *d, const struct heard *answer);
double dialect_tokens(const struct dialect *d, const struct heard *answer);

/* A statistic of all samples; NAN of none. */
double dialect_statistic(const struct dialect *d, enum statistic statistic, struct samples *samples);
const char *statistic_name(enum statistic statistic); /* "p99", "std" */

/* Lists that several tools have. */
extern const enum statistic only_sum[], only_mean[], only_median[], only_max[];

#endif
