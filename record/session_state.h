/* SPDX-License-Identifier: MIT */
/* What the session files share. */
#ifndef TOKTAPE_SESSION_STATE_H
#define TOKTAPE_SESSION_STATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "formats/body_store.h"
#include "formats/prng.h"
#include "formats/scrub.h"
#include "record/cold.h"
#include "record/description.h"
#include "record/discipline.h"
#include "record/endpoint.h"
#include "record/engine.h"
#include "record/engine_command.h"
#include "record/engine_poll.h"
#include "record/engine_watch.h"
#include "record/live_history.h"
#include "record/power.h"
#include "record/power_log.h"
#include "record/probe.h"
#include "record/probe_log.h"
#include "record/request.h"
#include "record/sampler.h"
#include "record/session.h"
#include "record/tokeniser.h"

/* Bodies whose prompts are to be tokenised, in order of their rows. */
struct sent_body {
    uint64_t row;
    size_t len;
    char *bytes;
};

struct sent_bodies {
    struct sent_body *items;
    size_t count, capacity, bytes;
};

/* What one conversation is driven with. With several at once each has a thread of its own. */
struct lane {
    struct session *session;
    uint64_t slot; /* its place among them */
    struct http_client *client;
    struct producer *producer; /* for its reads and the ends of its runs */
    struct live_run *live;
    struct live_history *history; /* NULL: what the workload says */
    struct prng random;           /* of its pauses */
    uint64_t sent;                /* requests of the conversation under way */
    uint64_t *run_of_turn; /* runs of the conversation under way: by phase, or by request of a script */
    uint64_t due;          /* when its next run is to be sent, native ticks; ABSENT: at once */
    uint64_t t_ended;      /* of the run before */
    int is_doubtful;       /* its last run broke off: is the engine still there? */
    int gave_up;           /* it did not come back in time once: no more waiting */
};

/* What lanes share is theirs under `lock`, the first producer under `row_lock`; nobody takes `lock` while
 * holding the other. */
struct session {
    const struct session_options *options;
    const struct workload *workload; /* the options', or its calibrated form, which is … */
    struct workload calibrated;      /* … this */
    const struct session_view *view;
    const volatile sig_atomic_t *interrupted;
    pthread_mutex_t lock, row_lock;
    atomic_int is_stopping; /* a lane failed: the others end as soon as they can */
    struct lane lane;       /* the only one, unless there are several conversations at once … */
    struct lane *lanes;     /* … which are these */
    int is_open;            /* the trace is */

    struct endpoint endpoint;
    struct http_client *client;
    char **headers; /* with the key, ended by NULL: what each request carries */
    struct scrubber scrubber;
    char playback[24]; /* what answers is `toktape serve`: "trace" or "synthetic"; "" for an engine */
    int is_local;      /* the engine's address is this machine: its process may be looked at */
    int is_forwarded;  /* who listens there only passes connections on: the engine is elsewhere */

    struct probe_set probes;
    struct probe_log probe_log;
    struct engine_identity identity;
    struct cold_plan cold;
    struct cold_plan cold_in_burst;   /* what a run can do for itself beside others */
    struct live_figures first_answer; /* of several conversations */
    uint64_t t_burst;                 /* when the burst under way begins, native ticks */
    uint64_t cold_of_burst;           /* what was done before the burst under way; COLD_NOT_ASKED */
    struct engine_command *started;   /* the engine, when it is ours to stop */
    struct engine_poll *poll;         /* NULL: it offers no numbers, or shall be left alone */
    struct discipline discipline;
    int is_strict; /* a finding that nobody accepted stops the recording */

    struct trace_identity trace;
    struct recorder *recorder;
    struct producer *producer;
    struct sampler *sampler;
    struct power_choice power;
    struct power_log power_log;
    struct clock_row *clocks; /* with a meter: those of the trace, to find its readings' times by */
    size_t clock_count, clock_capacity;
    int engine_was_here; /* when sampling ended */
    struct body_store *bodies;
    struct sent_bodies sent;

    unsigned char *chosen; /* per phase: is it recorded? */
    size_t chosen_count;
    double weight_done, weight_of_repeat;
    uint64_t script_due, script_ended; /* of the request before, native ticks; 0: there was none */
    uint64_t next_run, done, failed, repeats_begun;
    uint64_t cold_asked, cold_silent,
        cold_warm;           /* runs that were to be cold; of them unknown, and not cold */
    uint64_t t_peak_reset;   /* of the run under way; ABSENT: its peak is not tracked */
    int peaks_failed;        /* told once */
    int tokeniser_is_silent; /* it was asked how it cuts text, in vain */
    int facts_told;          /* what the first answer taught is in the trace … */
    cJSON *learnt;           /* … and here: an array, or NULL */
};

/* Text of ours as a column's value. */
static inline struct bytes text_bytes(const char *text)
{
    return (struct bytes){(const unsigned char *)text, strlen(text)};
}

/* Sends `row` into the trace; a failed writer shows as its error. */
int session_row(struct session *s, enum table_id table, const void *row, struct error *e);
struct row_sink session_sink(struct session *s); /* the same as a sink */

/* What an answer of the lane's own producer means: TT_LIMIT, or the writer's error. */
int session_row_status(struct session *s, int status, struct error *e);
int session_mark(struct session *s, const char *kind, uint64_t repeat, const char *text, struct error *e);
void session_remark(const struct session *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Does nothing until then, or until the person wants it to end. */
void session_wait(const struct session *s, uint64_t until);

/* The person wants it to end: what is under way is closed properly. */
int session_is_interrupted(const struct session *s);

/* How long a phase takes beside others, guessed from what it asks for: its answer, and the length of its
 * prompt. */
double session_weight(const struct session *s, size_t phase);

/* Probes, identity and cold method. TT_NETWORK when nothing answers. */
int session_reach_engine(struct session *s, struct error *e);

/* The engine as a tokeniser, for the thread that drives the session. */
struct tokeniser session_tokeniser(const struct session *s);

/* Fits the workload's texts to the engine's tokeniser, where that is wanted. TT_USAGE or TT_NOTFOUND when the
 * engine cannot count, TT_UNSUPPORTED when no text fits, TT_NETWORK, TT_INTERRUPTED. */
int session_calibrate(struct session *s, struct error *e);

/* Findings before the first run. TT_USAGE when one of them stops a strict recording. */
int session_check_discipline(struct session *s, struct error *e);

/* What is known only after the last run becomes a META document: the findings of then, the model's hash. */
int session_tell_after(struct session *s, struct error *e);

/* Makes a META document of facts, an array of {"path", "value", "how"}. */
int session_tell_facts(struct session *s, cJSON *facts, struct error *e);

/* From here on everything goes into the trace. */
int session_open_trace(struct session *s, struct error *e);

/* Closes the trace whatever `status` the runs ended with, and hands that on unless closing fails. */
int session_close_trace(struct session *s, int status, struct session_result *result, struct error *e);

/* Waits, to the microsecond, until it is time. TT_INTERRUPTED. */
int session_wait_exactly(const struct session *s, uint64_t until);

/* All requests of the script. */
int session_run_script(struct session *s, struct error *e);

/* META of a session that follows a script. TT_OK or TT_NOMEM. */
int session_describe_script(const struct session *s, cJSON *description);

/* What must be there before a run can be sent, and what is decided about it. */
struct planned_run {
    struct run_row row; /* t_intended: when to send it; ABSENT: at once */
    struct session_run told;
    struct cold_step cold;
    struct request_body body;
    struct http_result result; /* once it is over */
    struct live_figures figures;
};

/* Makes the engine cold for the run if it must be, as the row's repeat and phase say. */
int session_plan_cold(struct lane *lane, struct planned_run *run, struct error *e);
void session_describe_run(const struct session *s, struct planned_run *run);

/* Sends it and keeps all that comes of it. TT_OK whatever the engine did; TT_INTERRUPTED when it was never
 * sent. The row's number is given here. */
int session_perform(struct lane *lane, struct planned_run *run, struct error *e);

/* Between two runs of a lane: a pause, as long as the next request was thought about where that is known, and
 * time for an engine that may be starting again. Returns whether to stop. */
int session_between_runs(struct lane *lane, uint64_t think_ms);

/* The phases of one repeat, one after another. */
int session_run_repeat(struct lane *lane, uint64_t repeat, struct error *e);

/* One phase of one repeat. TT_OK whatever the engine did; an error ends the recording. */
int session_run_phase(struct lane *lane, uint64_t repeat, size_t phase, struct error *e);

/* Room for the runs of one conversation. TT_NOMEM. */
int lane_init(struct lane *lane, struct session *s, uint64_t slot, struct error *e);
void lane_release(struct lane *lane);

/* Conversations go in bursts, of one or several. */
static inline int session_has_bursts(const struct session *s)
{
    return s->options->concurrency > 1 || s->options->by_bursts;
}

/* All bursts of conversations, of the workload or of the script. */
int session_run_bursts(struct session *s, struct error *e);
void session_close_lanes(struct session *s);
int session_run_script_conversation(struct lane *lane, uint64_t repeat, struct error *e);

/* Around a run, with --reset-peaks. A peak that cannot be tracked is a remark, once. */
void session_peak_begin(struct session *s);
int session_peak_end(struct session *s, uint64_t run, struct error *e);
/* Keeps a copy of a body that was not seen before, for session_tokenise. TT_OK, also where it is not wanted
 * or too much, or TT_NOMEM. */
int session_remember_body(struct session *s, uint64_t row, const struct buf *bytes);
int session_tokenise(struct session *s, struct error *e);

/* Where the stream of a run that has just ended leaves it open which frame brought how many tokens: a row
 * that says how the engine's tokeniser cuts the text, if it can tell. */
int session_pieces(struct lane *lane, const struct planned_run *run, struct error *e);

void sent_bodies_release(struct sent_bodies *sent);

/* Facts of the engine's processes on this machine, listeners first; none when it is elsewhere. Release each.
 */
size_t session_processes(struct session *s, struct process_facts processes[ENGINE_FACTS_MAX]);

struct probe_job session_probe_job(struct lane *lane);
int session_start_sampling(struct session *s, struct error *e);
void session_stop_sampling(struct session *s);

/* Which sources of power are read. TT_USAGE, TT_NOTFOUND or TT_IO for one that was asked for by name. */
int session_choose_power(struct session *s, struct error *e);

/* A clock triple into the trace. */
int session_clock(struct session *s, struct error *e);

/* The readings of the external meter, if there is one, once sampling has ended. What is wrong with its file
 * is remarked. */
int session_store_meter(struct session *s, struct error *e);

/* Idles before or after the runs, between two marks, so that what the machine takes anyway is known. */
int session_idle(struct session *s, const char *when, struct error *e);

/* Facts that a chat answer taught ("system_fingerprint" …): a later META document, once. */
int session_learn(struct session *s, const struct live_figures *figures, struct error *e);

#endif
