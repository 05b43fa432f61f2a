/* SPDX-License-Identifier: MIT */
#include "record/display.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/textsafe.h"
#include "record/clock.h"
#include "record/progress.h"

#define REFRESH_NS    200000000u
#define DEFAULT_WIDTH 80

struct display {
    struct session_view view;
    int quiet, is_terminal;
    uint64_t started;
    struct live_run *lives[CONCURRENCY_MAX];
    size_t live_count;

    pthread_t thread;
    pthread_mutex_t lock; /* over what follows, and over standard error */
    int stop, line_shown;
    uint64_t running;       /* runs under way */
    struct session_run run; /* that began last */
};

static size_t terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        return size.ws_col;
    return DEFAULT_WIDTH;
}

static void erase_line(struct display *d)
{
    if (d->line_shown)
        fputs("\r\033[K", stderr);
    d->line_shown = 0;
}

static double elapsed_s(const struct display *d)
{
    return (double)clock_ticks_to_ns(clock_ticks() - d->started) / 1e9;
}

/* If what is left takes as long for its size as what is done. */
static double remaining_s(const struct session_run *run, double elapsed)
{
    double done = run->fraction_done;
    return done > 0 ? elapsed * (1 - done) / done : NAN;
}

static void describe(const struct display *d, const struct session_run *run,
                     const struct live_figures *figures, struct progress *p)
{
    double elapsed = elapsed_s(d);
    *p = (struct progress){.phase = run->phase,
                           .repeat = run->repeat,
                           .repeats = run->repeats,
                           .index = run->index,
                           .total = run->total,
                           .tokens = figures->tokens,
                           .max_tokens = run->max_tokens,
                           .tok_s = figures->decode_tok_s,
                           .ttft_ms = figures->ttft_ms,
                           .elapsed_s = elapsed,
                           .remaining_s = remaining_s(run, elapsed)};
}

/* Of conversations at once the line tells what they get together. */
static void describe_all(const struct display *d, struct progress *p)
{
    struct live_figures figures;
    double tok_s = 0;
    uint64_t tokens = 0;
    for (size_t i = 0; i < d->live_count; i++) {
        live_look(d->lives[i], &figures);
        tokens += figures.tokens == ABSENT || figures.is_whole ? 0 : figures.tokens;
        tok_s += isnan(figures.decode_tok_s) || figures.is_whole ? 0 : figures.decode_tok_s;
    }
    describe(d, &d->run, &figures, p);
    p->tokens = tokens;
    p->max_tokens = d->run.max_tokens * d->running;
    p->tok_s = tok_s;
    p->ttft_ms = NAN;
}

static void show_live_line(struct display *d)
{
    struct live_figures figures;
    struct progress p;
    struct buf line = BUF_INIT;
    if (d->live_count > 1) {
        describe_all(d, &p);
    } else {
        live_look(d->lives[0], &figures);
        describe(d, &d->run, &figures, &p);
    }
    if (progress_line(&p, terminal_width() - 1, &line) == TT_OK)
        fprintf(stderr, "\r%s\033[K", buf_text(&line));
    fflush(stderr);
    d->line_shown = 1;
    buf_release(&line);
}

static void *refresh(void *argument)
{
    struct display *d = argument;
    pthread_mutex_lock(&d->lock);
    while (!d->stop) {
        if (d->running)
            show_live_line(d);
        pthread_mutex_unlock(&d->lock);
        clock_sleep_ns(REFRESH_NS);
        pthread_mutex_lock(&d->lock);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

static void print_plain(const char *before, const char *text)
{
    struct buf safe = BUF_INIT;
    if (text_plain(&safe, text) == TT_OK)
        fprintf(stderr, "%s%s\n", before, buf_text(&safe));
    buf_release(&safe);
}

static void on_opened(void *context, const char *path, const char *engine, const char *version,
                      const char *model)
{
    struct display *d = context;
    struct buf text = BUF_INIT;
    buf_printf(&text, "recording %s%s%s%s%s into %s", engine, version ? " " : "", version ? version : "",
               model ? ", " : "", model ? model : "", path);
    pthread_mutex_lock(&d->lock);
    if (!d->quiet)
        print_plain("", buf_text(&text));
    pthread_mutex_unlock(&d->lock);
    buf_release(&text);
}

static void on_idle(void *context, const char *when)
{
    struct display *d = context;
    pthread_mutex_lock(&d->lock);
    erase_line(d);
    if (!d->quiet)
        fprintf(stderr, "idling %s the runs, to know what the machine takes anyway\n", when);
    pthread_mutex_unlock(&d->lock);
}

static void on_run_begins(void *context, const struct session_run *run)
{
    struct display *d = context;
    pthread_mutex_lock(&d->lock);
    d->run = *run;
    d->running++;
    pthread_mutex_unlock(&d->lock);
}

/* Why a run failed, in the engine's words if it has any. */
static const char *failure_of(const struct live_figures *figures, const struct http_result *result)
{
    if (result->error[0])
        return result->error;
    if (figures->error[0])
        return figures->error;
    if (result->status != 200)
        return "the engine refused the request";
    return "the answer ended without finish_reason";
}

/* What a person can do about a status that says what is wrong. */
static const char *way_out_of(uint64_t status)
{
    switch (status) {
    case 401:
    case 403:
        return ": --api-key-env NAME gives it a key";
    default:
        return "";
    }
}

static void tell_failure(struct display *d, const struct session_run *run, const struct live_figures *figures,
                         const struct http_result *result)
{
    struct buf text = BUF_INIT;
    buf_printf(&text, "run %llu of %llu, '%s': %s", (unsigned long long)run->index + 1,
               (unsigned long long)run->total, run->phase, failure_of(figures, result));
    if (result->status != ABSENT && result->status != 200)
        buf_printf(&text, " (HTTP %llu%s)", (unsigned long long)result->status, way_out_of(result->status));
    if (figures->tokens != ABSENT && figures->tokens)
        buf_printf(&text, " after %llu of %llu tokens", (unsigned long long)figures->tokens,
                   (unsigned long long)run->max_tokens);
    buf_puts(&text, "; kept as a failed run");
    erase_line(d);
    print_plain("toktape: ", buf_text(&text));
    buf_release(&text);
}

static void tell_run(struct display *d, const struct session_run *run, const struct live_figures *figures)
{
    struct progress p;
    struct buf line = BUF_INIT;
    describe(d, run, figures, &p);
    if (progress_line(&p, DEFAULT_WIDTH * 2, &line) == TT_OK)
        fprintf(stderr, "%s\n", buf_text(&line));
    buf_release(&line);
}

static void on_run_ends(void *context, const struct session_run *run, const struct live_figures *figures,
                        const struct http_result *result)
{
    struct display *d = context;
    pthread_mutex_lock(&d->lock);
    d->running -= d->running > 0;
    if (result->ended != RUN_ENDED_COMPLETE || !figures->is_whole)
        tell_failure(d, run, figures, result);
    else if (!d->quiet && !d->is_terminal)
        tell_run(d, run, figures);
    pthread_mutex_unlock(&d->lock);
}

static void on_remark(void *context, const char *sentence)
{
    struct display *d = context;
    pthread_mutex_lock(&d->lock);
    erase_line(d);
    print_plain("toktape: ", sentence);
    pthread_mutex_unlock(&d->lock);
}

static int make_lives(struct display *d, uint64_t count)
{
    for (; d->live_count < count; d->live_count++) {
        d->lives[d->live_count] = live_new((size_t)count - 1);
        if (!d->lives[d->live_count])
            return TT_NOMEM;
    }
    return TT_OK;
}

struct display *display_new(int quiet, uint64_t concurrency)
{
    struct display *d = mem_zalloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->quiet = quiet;
    d->is_terminal = !quiet && isatty(STDERR_FILENO);
    d->started = clock_ticks();
    d->view = (struct session_view){d, d->lives, on_opened, on_idle, on_run_begins, on_run_ends, on_remark};
    pthread_mutex_init(&d->lock, NULL);
    if (make_lives(d, concurrency) || (d->is_terminal && pthread_create(&d->thread, NULL, refresh, d) != 0)) {
        d->is_terminal = 0;
        display_free(d);
        return NULL;
    }
    return d;
}

const struct session_view *display_view(struct display *d)
{
    return &d->view;
}

void display_free(struct display *d)
{
    if (!d)
        return;
    pthread_mutex_lock(&d->lock);
    d->stop = 1;
    pthread_mutex_unlock(&d->lock);
    if (d->is_terminal)
        pthread_join(d->thread, NULL);
    erase_line(d);
    for (size_t i = 0; i < d->live_count; i++)
        live_free(d->lives[i]);
    pthread_mutex_destroy(&d->lock);
    mem_free(d);
}
