/* SPDX-License-Identifier: MIT */
/* One recording from the first probe to the closed trace: the workload's phases, repeat after repeat. */
#ifndef TOKTAPE_SESSION_H
#define TOKTAPE_SESSION_H

#include <cjson/cJSON.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/error.h"
#include "formats/workload.h"
#include "record/http.h"
#include "record/live.h"
#include "record/recorder.h"

/* When the requests of a script are sent. */
enum session_pace {
    PACE_ASAP,     /* each as soon as the one before is over */
    PACE_RECORDED, /* on the recorded schedule, whatever the engine does; late ones at once */
    PACE_THINK     /* as long after the end of the answer before as in the recording */
};

/* One request that is sent as it stands, and its run's row. */
struct session_request {
    struct bytes body; /* borrowed until the next call */
    uint64_t repeat, phase, conversation, turn, parent;
    uint64_t cold; /* enum cold_method that the body itself brings about, COLD_NOT_ASKED otherwise */
    uint64_t gap_ns, think_ns; /* after the start, and after the end, of the request before */
    uint64_t since_ns;         /* after the start of the first request of its burst */
};

/* How a request of a script went. `wire` is what came back, borrowed; without `is_whole` its end is missing
 * here (the trace has all). */
struct session_answer {
    struct bytes wire, body; /* body: what was sent */
    int is_whole;
    uint64_t run;
    uint64_t t_intended, t_start; /* native ticks */
    const struct live_figures *figures;
    const struct http_result *result;
};

/* Requests that are sent, one after another, in place of those of the workload's phases. Functions return
 * TT_OK or an error that ends the recording. */
struct session_script {
    void *context;
    uint64_t count;
    enum session_pace pace;
    const char *parent; /* content id of the trace that they come from */
    const char *side;   /* which of two recordings that take turns; NULL: it is one alone */
    const char *const
        *substitutions; /* what differs from it: "model", "extra_body", "nonce"; ended by NULL */
    int (*request)(void *context, uint64_t index, struct session_request *request, struct error *e);
    int (*answered)(void *context, uint64_t index, const struct session_answer *answer, struct error *e);
    cJSON *(*facts)(
        void *context); /* {"path", "value", "how"}, an array, after the last one; NULL: no memory */

    /* With several conversations at once, or by bursts: repeat r is a conversation of its own, of `length`
     * requests, and those of `concurrency` repeats go on beside each other. Never called by two threads at a
     * time. */
    uint64_t bursts;
    uint64_t (*length)(void *context, uint64_t repeat);
    int (*request_of)(void *context, uint64_t repeat, uint64_t turn, struct session_request *request,
                      struct error *e);
    int (*answered_of)(void *context, uint64_t repeat, uint64_t turn, const struct session_answer *answer,
                       struct error *e);
};

#define CONCURRENCY_MAX 64 /* conversations at once */

/* Everything is borrowed. */
struct session_options {
    const char *url;
    const struct workload *workload;
    const struct session_script *script; /* NULL: the workload's phases, `runs` times */
    const char *output;      /* NULL: named after engine, version and model, in the current directory */
    const char *model;       /* sent as "model"; NULL: the one the engine names */
    uint64_t runs;           /* repeats; with several conversations at once: bursts of them */
    uint64_t concurrency;    /* conversations at once, 1 … CONCURRENCY_MAX */
    const char *const *only; /* names of phases; none: all */
    size_t only_count;
    int skip_long;
    double pause_s;            /* between runs, jittered by a quarter */
    double timeout_s, stall_s; /* of one attempt; of silence in one */
    double sample_hz;
    const char *extra_body;     /* JSON object merged on top of each request; NULL: none */
    const char *const *headers; /* "Name: value" */
    size_t header_count;
    const char *api_key;       /* sent as a bearer token, stored nowhere; NULL: none */
    const char *const *labels; /* "name=value" */
    size_t label_count;
    const char *cold;        /* "auto", "restart", "request", "reset", "nonce", "keep" */
    const char *restart_cmd; /* NULL: none */
    int live;                /* carry on the engine's own answers */
    int by_bursts;           /* a restart or reset comes before each burst, and nowhere else */
    int calibrate;           /* the texts of "agentic-8" are fitted to the engine's tokeniser first */
    int no_tokenise;         /* the engine is not asked for prompts' token ids, nor for answers' tokens */
    uint64_t seed;           /* of pauses and nonces */
    int without_content;     /* requests, answers and probes are masked before they are written */
    int reset_peaks;         /* the kernel's memory peak of each run */
    int hash_model;          /* adds the SHA-256 of the model's file after the last run */
    int no_poll;             /* ask the engine nothing while runs are under way */
    uint64_t engine_pid;     /* 0: whoever listens */
    const char *engine_cmd;  /* starts the engine, which is stopped afterwards; NULL: it runs already */
    double engine_timeout_s; /* for that */
    const char *purge_cmd;   /* drops the page cache before the first run and before restarts; NULL: none */
    unsigned accepted;       /* findings of discipline.h that do not stop a recording */
    int strict;              /* others do, whatever the workload */
    const char *power;       /* "auto", "none" or names of sources, separated by commas */
    const char *power_csv;   /* readings of an external meter, read at the end; NULL: none */
    double idle_s; /* of idling before and after the runs; negative: as long as the sources of power need */
};

/* One run, told as it begins and, with figures, when it is over. */
struct session_run {
    const char *phase;
    uint64_t repeat, repeats, index, total; /* index-th of total runs, from 0 */
    uint64_t max_tokens;
    double fraction_done; /* of the whole work before this run, runs weighed by prompt and answer */
    int is_cold;          /* asked to be */
};

/* What the person sees. Called from one thread at a time, never while bytes of that thread's run arrive. Any
 * may be NULL. */
struct session_view {
    void *context;
    /* Where the bytes of the runs under way are copied to, one for each conversation; the view and
     * the recorder may look. */
    struct live_run *const *live;
    void (*opened)(void *context, const char *path, const char *engine, const char *version,
                   const char *model);
    void (*idles)(void *context, const char *when); /* "before" or "after" the runs: nothing happens now */
    void (*run_begins)(void *context, const struct session_run *run);
    void (*run_ends)(void *context, const struct session_run *run, const struct live_figures *figures,
                     const struct http_result *result);
    void (*remark)(void *context, const char *sentence);
};

struct session_result {
    struct recorder_result trace; /* its path is mem_free'd by session_result_release */
    uint64_t runs_total, runs_failed;
    int interrupted;
};

/* Step by step, so that several recordings can take turns: the engine is reached, and nothing written yet;
 * the trace is opened; bursts are sent, from 0 on (TT_OK whatever the engine did); all is closed and freed.
 * session_end takes what the steps came to and hands that on; it may be given NULL. */
struct session;
int session_begin(struct session **session, const struct session_options *options,
                  const struct session_view *view, const volatile sig_atomic_t *interrupted, struct error *e);
int session_open(struct session *session, struct error *e);
uint64_t session_bursts(const struct session *session);
int session_run_burst(struct session *session, uint64_t burst, struct error *e);
int session_end(struct session *session, int status, struct session_result *result, struct error *e);

/* All of these. `interrupted` becoming non-zero closes the trace properly. TT_OK when the trace is closed,
 * whatever the runs did; TT_NETWORK when nothing answers at the URL (nothing is written then); TT_USAGE;
 * TT_IO … */
int session_record(const struct session_options *options, const struct session_view *view,
                   const volatile sig_atomic_t *interrupted, struct session_result *result, struct error *e);
void session_result_release(struct session_result *result);

#endif
