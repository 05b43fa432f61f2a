/* SPDX-License-Identifier: MIT */
/* One recording: steps, engine, recorder, proof, and its trace under its name. */
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "record/campaign/campaign.h"
#include "record/campaign/engine.h"
#include "record/campaign/steps.h"
#include "record/clock.h"
#include "record/shell.h"

#define TAIL_BYTES 4096

struct attempt {
    struct campaign *c;
    const struct recording *r;
    struct manifest_entry *entry;
    FILE *log, *engine_log;
    struct cell_engine engine;
    struct buf name;
};

static uint64_t now_ns(void)
{
    struct clock_row row;
    clock_triple(&row);
    return row.realtime_ns;
}

/* ---- the campaign's own files ---- */

static int open_log(struct attempt *a, FILE **log, const char *ending, struct error *e)
{
    char *path = campaign_file(a->c, a->r, ending);
    int status = path ? shell_log_open_file(log, path, "a cell", e) : error_set(e, TT_NOMEM, "out of memory");
    if (!status) {
        fprintf(*log, CELL_LOG_MARK "%llu\n", (unsigned long long)a->entry->attempts);
        fflush(*log);
    }
    mem_free(path);
    return status;
}

static int begin(struct attempt *a, struct error *e)
{
    struct manifest_entry *entry = a->entry;
    entry->state = CELL_RUNNING;
    entry->attempts++;
    entry->began_ns = now_ns();
    entry->ended_ns = 0;
    entry->content_id[0] = '\0';
    memcpy(entry->fingerprint, a->r->cell->fingerprint, sizeof entry->fingerprint);
    int status = manifest_set_text(&entry->reason, NULL) ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
    if (!status)
        status = campaign_save(a->c, e);
    if (!status)
        status = open_log(a, &a->log, ".log", e);
    if (!status)
        status = open_log(a, &a->engine_log, ".engine.log", e);
    return status ? status : campaign_clear_staging(a->c, a->r, e);
}

/* ---- steps, engine, recorder ---- */

static int announce(void *context, uint64_t pid, struct error *e)
{
    struct campaign *c = context;
    c->manifest.engine.pid = pid;
    process_os_find(pid, &c->manifest.engine);
    return campaign_save(c, e);
}

static int run_steps(const struct attempt *a, const struct step_list *steps, struct error *e)
{
    struct step_context context = {.plan = a->c->plan,
                                   .meter = &a->c->meter,
                                   .idle_w = a->c->manifest.idle_w,
                                   .log = a->log,
                                   .is_tidying = steps == &a->r->cell->after,
                                   .interrupted = a->c->options.interrupted};
    if (steps->count)
        campaign_say(a->c, "%s: %s the engine", buf_text(&a->name),
                     context.is_tidying ? "tidying up after" : "preparing for");
    return steps_run(steps, &context, e);
}

/* The recorder's own sentence is the last that it wrote. */
static int say_recorder(const struct attempt *a, int code, struct error *e)
{
    static const char ours[] = "toktape: ";
    char tail[TAIL_BYTES], line[300];
    shell_log_tail(a->log, tail, sizeof tail);
    shell_last_line(tail, line, sizeof line);
    size_t prefix = strlen(ours);
    if (code > 128)
        return error_set(e, TT_NETWORK, "the recorder was ended by signal %d", code - 128);
    if (code == 5 && io_exists(a->c->staging))
        return error_set(e, TT_NETWORK, "no run succeeded");
    if (strncmp(line, ours, prefix) == 0)
        return error_set(e, TT_NETWORK, "%s", line + prefix);
    return error_set(e, TT_NETWORK, "the recorder ended with exit code %d", code);
}

/* An engine that died says more than what the recorder made of it. */
static int record(struct attempt *a, struct error *e)
{
    struct recorder_job job = {a->c, a->r, a->log};
    int code = 0;
    campaign_say(a->c, "%s: recording", buf_text(&a->name));
    int status = recorder_run(&job, &code, e);
    if (status)
        return status;
    if (*a->c->options.interrupted)
        return error_set(e, TT_INTERRUPTED, "interrupted");
    if (cell_engine_has_ended(&a->engine, e)) {
        error_prefix(e, "during the recording");
        return TT_NETWORK;
    }
    return code ? say_recorder(a, code, e) : TT_OK;
}

static int with_engine(struct attempt *a, struct error *e)
{
    a->engine = (struct cell_engine){.cell = a->r->cell,
                                     .scrubber = &a->c->scrubber,
                                     .interrupted = a->c->options.interrupted,
                                     .log = a->engine_log,
                                     .mark = a->c->mark,
                                     .announce = announce,
                                     .context = a->c};
    campaign_say(a->c, "%s: starting the engine", buf_text(&a->name));
    int status = cell_engine_start(&a->engine, e);
    if (!status)
        status = record(a, e);
    cell_engine_stop(&a->engine);
    campaign_stop_strays(a->c);
    a->c->manifest.engine = (struct process){0, 0, 0};
    return status;
}

/* ---- what comes of it ---- */

/* The name of the trace's file, without its folder. */
static int name_trace(struct attempt *a, const char *path, struct error *e)
{
    const char *slash = strrchr(path, '/');
    return manifest_set_text(&a->entry->trace, slash ? slash + 1 : path)
               ? error_set(e, TT_NOMEM, "out of memory")
               : TT_OK;
}

/* Failed runs are data; that there are some is worth knowing. */
static int prove(struct attempt *a, struct error *e)
{
    struct proof proof;
    char text[80];
    int status = campaign_prove(a->c->staging, &proof, e);
    if (status)
        return status;
    memcpy(a->entry->content_id, proof.content_id, sizeof proof.content_id);
    snprintf(text, sizeof text, "%llu of %llu runs failed", (unsigned long long)proof.failed,
             (unsigned long long)proof.runs);
    if (proof.failed && manifest_set_text(&a->entry->reason, text))
        return error_set(e, TT_NOMEM, "out of memory");
    return TT_OK;
}

/* First the content id is written down, then the trace gets its name, then it counts as done: killed in
 * between, the next campaign knows the trace for its own. */
static int finish(struct attempt *a, struct error *e)
{
    char *path = campaign_trace_path(a->c, a->r);
    int status = path ? name_trace(a, path, e) : error_set(e, TT_NOMEM, "out of memory");
    if (!status)
        status = prove(a, e);
    if (!status)
        status = campaign_save(a->c, e);
    if (!status)
        status = io_rename_new(a->c->staging, path, e);
    if (!status)
        status = io_sync_folder_of(path, e);
    if (!status)
        a->entry->state = CELL_DONE;
    mem_free(path);
    return status;
}

/* What the recorder says of its trace, by the name that the trace gets as a failed one. */
static int put_renamed(const struct attempt *a, const char *text, struct buf *out)
{
    char *failed = campaign_file(a->c, a->r, CAMPAIGN_FAILED);
    const char *name = a->c->staging, *at;
    while (failed && (at = strstr(text, name)) != NULL) {
        buf_append(out, text, (size_t)(at - text));
        buf_puts(out, failed);
        text = at + strlen(name);
        text += strncmp(text, ".part", 5) == 0 ? 5 : 0;
    }
    buf_puts(out, text);
    int status = failed ? out->failed : TT_NOMEM;
    mem_free(failed);
    return status;
}

static int set_reason(struct attempt *a, const struct error *why)
{
    struct buf renamed = BUF_INIT, text = BUF_INIT, tail = BUF_INIT;
    text.failed = put_renamed(a, why->text, &renamed);
    scrub_text(&a->c->scrubber, &text, buf_text(&renamed), text.failed ? 0 : renamed.len);
    buf_release(&renamed);
    if (a->engine_log && a->engine.cell)
        cell_engine_put_tail(&a->engine, &tail);
    while (tail.len && tail.data[tail.len - 1] == '\n')
        tail.data[--tail.len] = '\0';
    if (tail.len)
        buf_printf(&text, "; the engine's last words:\n%s", buf_text(&tail));
    int status =
        text.failed || tail.failed ? TT_NOMEM : manifest_set_text(&a->entry->reason, buf_text(&text));
    buf_release(&text);
    buf_release(&tail);
    return status;
}

/* A failure is the cell's, unless the campaign itself is out of memory. */
static int settle(struct attempt *a, int status, const struct error *why, struct error *e)
{
    a->entry->ended_ns = now_ns();
    if (status == TT_OK)
        return campaign_save(a->c, e);
    a->entry->content_id[0] = '\0';
    a->entry->state = status == TT_INTERRUPTED ? CELL_PENDING : CELL_FAILED;
    int kept =
        status == TT_INTERRUPTED ? manifest_set_text(&a->entry->reason, "interrupted") : set_reason(a, why);
    if (kept || status == TT_NOMEM)
        return error_set(e, TT_NOMEM, "out of memory");
    campaign_clear_staging(a->c, a->r, NULL);
    int saved = campaign_save(a->c, e);
    if (saved)
        return saved;
    return error_set(e, status == TT_INTERRUPTED ? TT_INTERRUPTED : TT_NETWORK, "%s", a->entry->reason);
}

/* Also where a step in front has failed: those before it may have changed something that is to be put back. A
 * step afterwards that fails takes nothing from the recording, and is said. */
static int tidy_up(struct attempt *a)
{
    struct error why = {0};
    int status = run_steps(a, &a->r->cell->after, &why);
    if (!status || status == TT_INTERRUPTED || a->entry->state != CELL_DONE)
        return TT_OK;
    return manifest_set_text(&a->entry->reason, why.text);
}

int campaign_attempt(struct campaign *c, const struct recording *r, struct error *e)
{
    struct attempt a = {.c = c, .r = r, .entry = manifest_entry(&c->manifest, r)};
    struct error why = {0};
    recording_put_name(r, &a.name);
    int status = a.entry && !a.name.failed ? begin(&a, e) : error_set(e, TT_NOMEM, "out of memory");
    if (!status) {
        status = run_steps(&a, &r->cell->before, &why);
        if (!status)
            status = with_engine(&a, &why);
        if (!status)
            status = finish(&a, &why);
        tidy_up(&a);
        status = settle(&a, status, &why, e);
    }
    if (a.log)
        fclose(a.log);
    if (a.engine_log)
        fclose(a.engine_log);
    buf_release(&a.name);
    return status;
}
