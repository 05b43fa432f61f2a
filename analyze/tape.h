/* SPDX-License-Identifier: MIT */
/* A trace in memory, ready for analysis: merged facts, figures of every run, what sensors say of the windows
 * that runs are. Neither frames nor samples are kept: memory is one block plus what one run needs while it is
 * open. The figures of many runs, a kilobyte for each, stand in a file meanwhile: formats/shelf.h. */
#ifndef TOKTAPE_TAPE_H
#define TOKTAPE_TAPE_H

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>

#include "analyze/depth.h"
#include "analyze/energy.h"
#include "analyze/figures.h"
#include "analyze/overlap.h"
#include "analyze/text_list.h"
#include "analyze/trail.h"
#include "formats/error.h"
#include "formats/shelf.h"
#include "formats/stream.h"

/* A trace is hostile input; each of these gives TT_LIMIT. */
#define TAPE_RUNS_MAX                                                                                        \
    ((size_t)24576) /* 3 072 repeats of eight phases; a hostile trace makes each cost a kilobyte */
#define TAPE_OPEN_MAX    ((size_t)128)      /* runs whose answers are under way at one time */
#define TAPE_STEPS_MAX   ((size_t)32 << 20) /* token-bearing reads of all open runs together */
#define TAPE_SERIES_MAX  ((size_t)4096)
#define TAPE_SAMPLES_MAX ((size_t)4 << 20) /* that are held at one time: of runs under way */
#define TAPE_FACTS_MAX   4096
#define TAPE_PIECES_MAX  ((size_t)64 << 20) /* bytes of token lengths that are held at one time */

/* Energy of a rail; analyze/tape_stamps.h */
struct stamped_rail {
    struct energy_rail by_reading, by_stamp; /* empty once all windows are known */
    int has_moved;                           /* by the times of reading there is more than one point */
    int has_stamps;                          /* that can be believed so far */
    uint64_t stamp, stamped;                 /* the last stamp, and the value it was of; ABSENT */
};

struct tape_series {
    struct series_row row; /* its byte columns are empty; the texts below stand for them */
    char *source, *name, *unit, *origin, *stamp;
    uint64_t count;           /* of its samples */
    uint64_t last;            /* value of the last one; ABSENT */
    uint64_t last_t;          /* when that was read, native ticks */
    struct stamped_rail rail; /* of energy or power of a known unit */
    struct trail heat; /* levels, or events since the first reading; analyze/tape_thermal.h; empty likewise */
};

#define TAPE_PROCESSES_MAX 64 /* at one time */

/* Memory of the engine's processes together; analyze/tape_memory.h */
struct tape_memory {
    size_t series[TAPE_PROCESSES_MAX]; /* numbers of what adds up to it */
    size_t count;
    uint64_t highest; /* of the sums; 0 without any */
};

struct tape_window {
    uint64_t from, to; /* native ticks */
};

#define TAPE_IDLE_MAX 64

/* Several conversations at once, from the intended start of the first run to the end of the last one. */
struct tape_burst {
    uint64_t from, to;          /* native ticks */
    double seconds;             /* NAN when it has no end */
    uint64_t runs, valid;       /* last attempts */
    uint64_t tokens;            /* of the valid ones */
    double joules, uncertainty; /* of the whole window; NAN without */
    enum grade grade;           /* of these */
};

/* Lengths of the tokens of one answer's text; analyze/tape_pieces.h */
struct tape_pieces {
    unsigned char *lengths; /* NULL without */
    size_t len;
};

struct tape {
    char *path;
    cJSON *meta;         /* first META document, with later facts merged in (the last one wins) */
    cJSON *facts;        /* array of every {path, value, how, t}, contradictions included */
    char content_id[65]; /* as END states it; "" when there is none */
    int is_masked;       /* the words of requests and answers are gone */
    const char *closed;  /* "clean", "interrupted", "incomplete", "repaired" */
    uint64_t ticks_numer, ticks_denom; /* nanoseconds = ticks × numer ÷ denom */
    struct run_figures *runs;          /* in the order in which they began; tape_run_at walks through them */
    size_t run_count, run_capacity;
    size_t *run_holders;       /* analyze/shared_runs.h */
    struct depth_points depth; /* of all runs, when asked for */
    struct tape_series *series;
    size_t series_count, series_capacity;
    size_t held;    /* samples of all of them, or the points that they became */
    size_t thin_at; /* more than that are worth thinning */
    struct tape_memory rss, footprint;
    struct trail rss_sums;  /* those that a run may still ask for; empty once all windows are known */
    size_t rss_settled;     /* runs before this one have their peak_rss_bytes */
    struct moments moments; /* when runs and idle windows begin, end and turn */
    uint64_t t_base; /* native ticks at second 0: t_origin, but for what has no clock reading in time */
    struct peak_row *peaks; /* the kernel's, as recorded; analyze/tape_peaks.h */
    size_t peak_count, peak_capacity;
    uint64_t t_origin;                      /* first clock row, native ticks; ABSENT when there is none */
    uint64_t realtime_origin_ns;            /* nanoseconds since 1970 at t_origin */
    struct tape_window idle[TAPE_IDLE_MAX]; /* when nothing was asked of the engine, on purpose */
    size_t idle_count;
    uint64_t idle_since;       /* an idle window that has begun; ABSENT */
    double idle_w;             /* NAN when not measured */
    uint64_t concurrency;      /* conversations at once, as META says; 1 otherwise */
    struct tape_burst *bursts; /* when there are several; analyze/tape_bursts.h */
    size_t burst_count, burst_capacity;
    struct text_list power_rails; /* that energy is the sum of: "source name" */
    uint64_t stalls, lost_samples;
    struct overlap overlap;     /* of the runs' prompts; unknown where they are too many or too long */
    struct tape_pieces *pieces; /* by run id: of runs under way, of others when asked for */
    size_t pieces_count, pieces_capacity, pieces_bytes;
    uint64_t gaps;                /* places where blocks are missing, as a repair says */
    uint64_t last_rss_generation; /* ABSENT when no memory of an engine process was sampled */
};

struct tape_options {
    int allow_incomplete;
    int hash_content;    /* recompute the content id and refuse a trace whose END says another */
    int without_prompts; /* prompts are not compared */
    int without_figures; /* no run is computed or kept: the callbacks alone */
    int with_depth;      /* fill tape.depth: a point per DEPTH_BIN tokens of each run */
    int with_pieces;     /* keep those of runs whose tokens are counted by them */
    int without_samples; /* no figures of sensors: samples only go to on_sample */
    /* Optional taps, called in trace order; `context` is theirs. What they get is borrowed for the call. A
     * value other than TT_OK ends the loading and is handed back. */
    int (*on_begin)(void *context, const struct run_row *run);
    /* `counted` is the running token count that the engine states in this frame, ABSENT without. */
    int (*on_frame)(void *context, const struct run_row *run, const struct stream_frame *frame,
                    uint64_t counted);
    int (*on_read)(void *context, const struct read_row *read); /* before its frames */
    /* is_last_attempt and peak_rss_bytes are not known yet. */
    int (*on_run)(void *context, const struct run_figures *figures, const struct token_time *tokens,
                  size_t count);
    int (*on_sample)(void *context, const struct tape_series *series, const struct sample_row *sample);
    int (*on_note)(void *context, const cJSON *note);
    void *context;
};

/* Reads a whole trace; "-" is standard input. Release with tape_release, also after a failure. Errors of the
 * reader are handed on; rows that contradict each other (reads of no run, two ends of one run …) are
 * TT_DAMAGED. */
int tape_load(struct tape *tape, const char *path, const struct tape_options *options, struct error *e);

/* The same from memory, for tests and fuzzers. */
int tape_load_memory(struct tape *tape, const void *bytes, size_t len, const struct tape_options *options,
                     struct error *e);
void tape_release(struct tape *tape);

/* The i-th run, in a loop: figures that were looked at longer ago may rest in a file (formats/shelf.h). */
static inline struct run_figures *tape_run_at(const struct tape *tape, size_t i)
{
    shelf_walk(sizeof tape->runs[i]);
    return &tape->runs[i];
}

/* 1 when the recording's end is missing or was made up by a repair: the exit code is 3. */
int tape_is_incomplete(const struct tape *tape);

/* META look-ups: "engine.name" … NULL when absent. */
const char *tape_text(const struct tape *tape, const char *dotted);

const char *tape_phase_name(const struct tape *tape, uint64_t phase); /* "" when unknown */
double tape_ns(const struct tape *tape, uint64_t ticks);         /* a difference of ticks in nanoseconds */
uint64_t tape_clock_ns(const struct tape *tape, uint64_t ticks); /* the same without rounding, for stamps */

#endif
