/* SPDX-License-Identifier: MIT */
#include "analyze/tape_runs.h"

#include <string.h>

#include "analyze/answer.h"
#include "analyze/given.h"
#include "analyze/pieces.h"
#include "analyze/request.h"
#include "analyze/run_order.h"
#include "analyze/statistics.h"
#include "analyze/tape_pieces.h"
#include "analyze/tape_series.h"
#include "formats/alloc.h"

/* A run whose answer is under way. */
struct open_run {
    struct tape_runs *owner;
    const struct run_row *row; /* as it began */
    struct stream *stream;
    struct answer answer;
    uint64_t t_last;    /* of its last read or arrival; ABSENT */
    uint64_t arrivals;  /* how many different times there were */
    struct buf scratch; /* decoded text of an arrival */
};

enum slot_state { SLOT_FREE, SLOT_BEGUN, SLOT_ENDED, SLOT_LOST };

/* Until it ends, or is lost */
struct begun_run {
    struct run_row row;      /* without its texts */
    size_t index;            /* in tape.runs */
    size_t reads_due;        /* announced reads that have not come yet */
    size_t end_due;          /* number of its announced end + 1, 0 without */
    struct open_run *open;   /* from the first read on */
    struct given_row *given; /* of an imported run */
};

/* There is one for every run of the trace. */
struct run_slot {
    struct begun_run *begun;
    enum slot_state state;
};

void tape_runs_init(struct tape_runs *r, struct tape *tape, const struct tape_options *options)
{
    memset(r, 0, sizeof *r);
    r->tape = tape;
    r->options = options;
    r->last_close = ABSENT;
    bodies_init(&r->bodies);
    buf_init(&r->body, BODY_MAX);
}

static void close_answer(struct tape_runs *r, struct open_run *run)
{
    if (!run)
        return;
    r->open_count--;
    r->open_steps -= run->answer.step_count;
    stream_free(run->stream);
    answer_release(&run->answer);
    buf_release(&run->scratch);
    mem_free(run);
}

static void close_run(struct tape_runs *r, struct run_slot *slot)
{
    if (!slot->begun)
        return;
    close_answer(r, slot->begun->open);
    given_free(slot->begun->given);
    mem_free(slot->begun);
    slot->begun = NULL;
}

void tape_runs_release(struct tape_runs *r)
{
    for (size_t i = 0; i < r->slot_count; i++)
        close_run(r, &r->slots[i]);
    bodies_release(&r->bodies);
    buf_release(&r->body);
    mem_free(r->facts);
    mem_free(r->slots);
}

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

static int bad_run(struct error *e, uint64_t run, const char *what)
{
    return error_set(e, TT_DAMAGED, "run %llu %s", (unsigned long long)run, what);
}

static int on_frame(void *context, const struct stream_frame *frame)
{
    struct open_run *run = context;
    struct tape_runs *r = run->owner;
    size_t steps = run->answer.step_count;
    int status = answer_frame(&run->answer, frame);
    r->open_steps += run->answer.step_count - steps;
    if (!status && r->open_steps > TAPE_STEPS_MAX)
        status = TT_LIMIT;
    if (!status && r->options->on_frame)
        status = r->options->on_frame(r->options->context, run->row, frame, answer_best_count(frame->chat));
    return status;
}

static int make_slot(struct tape_runs *r, uint64_t run, struct error *e)
{
    if (run >= TAPE_RUNS_MAX || r->tape->run_count >= TAPE_RUNS_MAX)
        return error_set(e, TT_LIMIT, "run %llu is beyond the limit of %zu runs", (unsigned long long)run,
                         TAPE_RUNS_MAX);
    if (mem_grow(&r->slots, &r->slot_capacity, (size_t)run + 1, sizeof *r->slots))
        return no_memory(e);
    if (run >= r->slot_count) {
        memset(r->slots + r->slot_count, 0, ((size_t)run + 1 - r->slot_count) * sizeof *r->slots);
        r->slot_count = (size_t)run + 1;
    }
    return r->slots[run].state == SLOT_FREE ? TT_OK : bad_run(e, run, "begins twice");
}

int tape_runs_begin(struct tape_runs *r, const struct run_row *row, struct error *e)
{
    struct tape *tape = r->tape;
    int status = make_slot(r, row->run, e);
    if (status)
        return status;
    int is_kept = !r->options->without_figures;
    if (is_kept && shelf_grow(&tape->runs, &tape->run_capacity, tape->run_count + 1, sizeof *tape->runs))
        return no_memory(e);
    struct run_slot *slot = &r->slots[row->run];
    struct begun_run *begun = slot->begun = mem_zalloc(1, sizeof *begun);
    if (!begun)
        return no_memory(e);
    slot->state = SLOT_BEGUN;
    begun->index = tape->run_count;
    begun->row = *row;
    begun->row.method = begun->row.path = (struct bytes){NULL, 0};
    if (is_kept)
        *tape_run_at(tape, tape->run_count++) = (struct run_figures){.t_close = ABSENT};
    return r->options->on_begin ? r->options->on_begin(r->options->context, row) : TT_OK;
}

/* The run that a row speaks of, which must have begun and not ended. */
static int find_begun(struct tape_runs *r, uint64_t run, const char *what, struct begun_run **begun,
                      struct error *e)
{
    if (run >= r->slot_count || r->slots[run].state == SLOT_FREE)
        return bad_run(e, run, "is spoken of before it begins");
    *begun = r->slots[run].begun;
    return *begun ? TT_OK : bad_run(e, run, what);
}

int tape_runs_announce_end(struct tape_runs *r, uint64_t run, size_t number, struct error *e)
{
    struct begun_run *begun = NULL;
    int status = find_begun(r, run, "ends twice", &begun, e);
    if (!status && begun->end_due)
        status = bad_run(e, run, "ends twice");
    if (!status)
        begun->end_due = number + 1;
    return status;
}

void tape_runs_announce_read(struct tape_runs *r, uint64_t run)
{
    if (run < r->slot_count && r->slots[run].begun)
        r->slots[run].begun->reads_due++;
}

size_t tape_runs_due_end(const struct tape_runs *r, uint64_t run)
{
    const struct begun_run *begun = r->slots[run].begun;
    return begun && begun->end_due && !begun->reads_due ? begun->end_due - 1 : SIZE_MAX;
}

static int open_run(struct tape_runs *r, struct begun_run *begun, struct error *e)
{
    if (begun->open)
        return TT_OK;
    if (r->open_count >= TAPE_OPEN_MAX)
        return error_set(e, TT_LIMIT, "more than %zu runs are answered at one time", TAPE_OPEN_MAX);
    struct open_run *run = begun->open = mem_zalloc(1, sizeof *run);
    if (!run)
        return no_memory(e);
    run->owner = r;
    run->row = &begun->row;
    run->t_last = ABSENT;
    answer_init(&run->answer);
    buf_init(&run->scratch, 0);
    r->open_count++;
    run->stream = stream_new(on_frame, NULL, run);
    return run->stream ? TT_OK : no_memory(e);
}

/* The stream's and the answer's own failures have no sentence yet; those of taps and rows have one. */
static int explain(struct error *e, int status, uint64_t run)
{
    if (status == TT_LIMIT)
        return error_set(e, TT_LIMIT, "the answer of run %llu is too long to be analysed",
                         (unsigned long long)run);
    return status == TT_NOMEM ? no_memory(e) : status;
}

int tape_runs_read(struct tape_runs *r, const struct read_row *row, const void *bytes, struct error *e)
{
    struct begun_run *begun = NULL;
    int status = find_begun(r, row->run, "receives bytes after its end", &begun, e);
    if (!status)
        status = open_run(r, begun, e);
    if (status)
        return status;
    begun->reads_due -= begun->reads_due > 0;
    begun->open->t_last = row->t;
    if (r->options->on_read)
        status = r->options->on_read(r->options->context, row);
    if (!status)
        status = stream_feed(begun->open->stream, row->t, bytes, (size_t)row->nbytes);
    return explain(e, status, row->run);
}

int tape_runs_given(struct tape_runs *r, const struct given_row *row, struct error *e)
{
    struct begun_run *begun = NULL;
    int status = find_begun(r, row->run, "has figures given after its end", &begun, e);
    if (!status && begun->given)
        status = bad_run(e, row->run, "has figures given twice");
    if (status)
        return status;
    begun->given = given_copy(row);
    return begun->given ? TT_OK : no_memory(e);
}

int tape_runs_pieces(struct tape_runs *r, const struct pieces_row *row, struct error *e)
{
    struct begun_run *begun = NULL;
    int status = find_begun(r, row->run, "has pieces after its end", &begun, e);
    return status || r->options->without_figures ? status : tape_pieces_add(r->tape, row, e);
}

int tape_runs_arrival(struct tape_runs *r, const struct arrival_row *row, struct error *e)
{
    struct begun_run *begun = NULL;
    struct chat_frame chat;
    int status = find_begun(r, row->run, "receives a piece after its end", &begun, e);
    if (!status)
        status = open_run(r, begun, e);
    if (status)
        return status;
    struct open_run *run = begun->open;
    begun->reads_due -= begun->reads_due > 0;
    run->arrivals += !run->arrivals || row->t != run->t_last;
    run->t_last = row->t;
    run->answer.unknown_frames += row->data.len == 0;
    given_frame(row, &run->scratch, &chat);
    struct stream_frame frame = {row->t, run->arrivals - 1, 0, &chat};
    return explain(e, on_frame(run, &frame), row->run);
}

/* Puts body number `body` into r->body and reads what it asks for. A body that cannot be put together is no
 * reason to give up its run's figures: nothing is known of it then. */
static int assemble(struct tape_runs *r, uint64_t body, struct request_facts *request)
{
    int status = bodies_assemble(&r->bodies, body, 0, &r->body, NULL);
    if (status == TT_NOMEM)
        return status;
    request_read(request, r->body.data, status ? 0 : r->body.len);
    return TT_OK;
}

static int find_facts(struct tape_runs *r, uint64_t body, size_t place, struct body_facts **facts)
{
    struct request_facts request;
    size_t old = r->facts_capacity;
    if (mem_grow(&r->facts, &r->facts_capacity, r->bodies.count, sizeof *r->facts))
        return TT_NOMEM;
    memset(r->facts + old, 0, (r->facts_capacity - old) * sizeof *r->facts);
    *facts = &r->facts[place];
    if ((*facts)->known)
        return TT_OK;
    int status = assemble(r, body, &request);
    if (!status)
        **facts =
            (struct body_facts){1, request.thinking_off, request.tools.data != NULL, request.max_tokens};
    return status;
}

/* What the run's body asked for. The declared tools are looked at again only when the answer called some. */
static int find_request(struct tape_runs *r, const struct open_run *run, struct request_facts *request,
                        int *known)
{
    struct body_facts *facts;
    size_t place = bodies_find(&r->bodies, run->row->body);
    *known = place != SIZE_MAX;
    int status = *known ? find_facts(r, run->row->body, place, &facts) : TT_OK;
    if (status || !*known)
        return status;
    if (facts->has_tools && run->answer.text.tool_count)
        return assemble(r, run->row->body, request);
    *request = (struct request_facts){facts->max_tokens, facts->thinking_off, {NULL, 0}, {NULL, 0}};
    return TT_OK;
}

/* Windows of the run begin and end then. */
static int mark_moments(struct tape_runs *r, const struct run_figures *run)
{
    const uint64_t moments[] = {run->t_intended, run->t_zero, run->t_first_token, run->t_last_token,
                                run->t_close};
    int status = TT_OK;
    for (size_t i = 0; i < sizeof moments / sizeof moments[0] && !status && !r->options->without_samples; i++)
        status = tape_series_moment(r->tape, moments[i]);
    if (run->t_close != ABSENT && (r->last_close == ABSENT || run->t_close > r->last_close))
        r->last_close = run->t_close;
    return status;
}

static int measure(struct tape_runs *r, struct run_slot *slot, const struct run_end_row *end)
{
    const struct begun_run *begun = slot->begun;
    struct open_run *run = begun->open;
    struct request_facts request;
    int known;
    struct token_time *times;
    size_t count;
    if (r->options->without_figures)
        return TT_OK;
    int status = find_request(r, run, &request, &known);
    if (status)
        return status;
    struct run_figures *figures = tape_run_at(r->tape, begun->index);
    pieces_count(&run->answer, tape_pieces(r->tape, run->row->run));
    struct run_evidence evidence = {run->row,
                                    end,
                                    stream_state(run->stream),
                                    &run->answer,
                                    known ? &request : NULL,
                                    begun->given,
                                    r->tape->ticks_numer,
                                    r->tape->ticks_denom,
                                    r->tape->t_origin,
                                    run->t_last,
                                    r->tape->is_masked,
                                    slot->state == SLOT_LOST};
    status = figures_compute(figures, &evidence, &times, &count);
    if (!status)
        status = mark_moments(r, figures);
    if (!status && r->options->with_depth)
        status = depth_add(&r->tape->depth, (uint32_t)begun->index, figures, times, count,
                           tape_ns(r->tape, 1) / 1e6);
    if (!status && r->options->on_run)
        status = r->options->on_run(r->options->context, figures, times, count);
    if (!r->options->with_pieces || figures->token_source != TOKENS_FROM_TOKENISER)
        tape_pieces_drop(r->tape, run->row->run);
    return status;
}

int tape_runs_end(struct tape_runs *r, const struct run_end_row *row, struct error *e)
{
    struct begun_run *begun = NULL;
    int status = find_begun(r, row->run, "ends twice", &begun, e);
    if (!status)
        status = open_run(r, begun, e);
    if (status)
        return status;
    struct run_slot *slot = &r->slots[row->run];
    status = stream_close(begun->open->stream, row->t_close);
    if (!status)
        status = measure(r, slot, row);
    close_run(r, slot);
    slot->state = SLOT_ENDED;
    return explain(e, status, row->run);
}

/* Groups the attempts of one (repeat, phase), the last attempt at the end. */
static void by_attempt(const struct run_figures *run, uint64_t keys[RUN_ORDER_KEYS])
{
    const uint64_t by[RUN_ORDER_KEYS] = {run->repeat, run->phase, run->attempt, run->run};
    memcpy(keys, by, sizeof by);
}

static int mark_last_attempts(struct tape *tape)
{
    struct run_place *places = run_order(tape, by_attempt);
    if (!places)
        return TT_NOMEM;
    for (size_t i = 0; i < tape->run_count; i++) {
        const struct run_place *place = &places[i];
        int is_last =
            i + 1 == tape->run_count || memcmp(place[0].keys, place[1].keys, 2 * sizeof place->keys[0]) != 0;
        tape_run_at(tape, place->index)->is_last_attempt = is_last;
    }
    mem_free(places);
    return TT_OK;
}

/* A run that will see no end of its own becomes figures as it is. */
static int finish_run(struct tape_runs *r, struct run_slot *slot, enum slot_state state, struct error *e)
{
    int status = open_run(r, slot->begun, e);
    slot->state = state;
    if (!status)
        status = explain(e, measure(r, slot, NULL), slot->begun->row.run);
    close_run(r, slot);
    return status;
}

int tape_runs_gap(struct tape_runs *r, const cJSON *gap, struct error *e)
{
    int status = TT_OK;
    bodies_gap(&r->bodies, gap);
    r->has_gap = 1;
    for (size_t i = 0; i < r->slot_count && !status; i++) {
        if (r->slots[i].state == SLOT_BEGUN)
            status = finish_run(r, &r->slots[i], SLOT_LOST, e);
    }
    return status;
}

static uint64_t start_of(const struct run_row *row)
{
    return row->t_intended < row->t_start ? row->t_intended : row->t_start;
}

uint64_t tape_runs_settled(struct tape_runs *r)
{
    uint64_t settled = r->last_close;
    while (r->first_begun < r->slot_count && r->slots[r->first_begun].state >= SLOT_ENDED)
        r->first_begun++;
    for (size_t i = r->first_begun; settled != ABSENT && i < r->slot_count; i++) {
        const struct begun_run *begun = r->slots[i].begun;
        if (begun && start_of(&begun->row) < settled)
            settled = start_of(&begun->row);
    }
    return settled;
}

int tape_runs_speaks_of(const struct tape_runs *r, uint64_t run)
{
    if (!r->has_gap)
        return 1;
    return run < r->slot_count && r->slots[run].state != SLOT_FREE && r->slots[run].state != SLOT_LOST;
}

int tape_runs_finish(struct tape_runs *r, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; i < r->slot_count && !status; i++) {
        if (r->slots[i].state == SLOT_BEGUN)
            status = finish_run(r, &r->slots[i], SLOT_ENDED, e);
    }
    if (!status && mark_last_attempts(r->tape))
        status = no_memory(e);
    return status;
}
