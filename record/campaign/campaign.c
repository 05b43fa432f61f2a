/* SPDX-License-Identifier: MIT */
#include "record/campaign/campaign.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "record/campaign/steps.h"

#define IDLE_OVER_S 10.0

/* ---- names ---- */

static char *file_in(const char *folder, const char *name)
{
    struct buf path = BUF_INIT;
    buf_printf(&path, "%s%s", folder, name);
    return buf_detach(&path);
}

static int name_files(struct campaign *c)
{
    struct buf folder = BUF_INIT;
    buf_printf(&folder, "%s/%s.campaign/", c->plan->out, c->plan->name);
    c->folder = buf_detach(&folder);
    c->manifest_path = c->folder ? file_in(c->folder, "manifest.json") : NULL;
    c->staging = c->folder ? file_in(c->folder, "current.toktape") : NULL;
    return c->manifest_path && c->staging ? TT_OK : TT_NOMEM;
}

char *campaign_file(const struct campaign *c, const struct recording *r, const char *ending)
{
    struct buf path = BUF_INIT;
    buf_printf(&path, "%s%s", c->folder, r->is_sentinel ? "sentinel/" : "");
    recording_put_name(r, &path);
    buf_puts(&path, ending);
    return buf_detach(&path);
}

char *campaign_trace_path(const struct campaign *c, const struct recording *r)
{
    struct buf path = BUF_INIT;
    if (r->is_sentinel)
        return campaign_file(c, r, ".toktape");
    buf_printf(&path, "%s/", c->plan->out);
    recording_put_name(r, &path);
    buf_puts(&path, ".toktape");
    return buf_detach(&path);
}

void campaign_say(const struct campaign *c, const char *format, ...)
{
    struct buf text = BUF_INIT;
    va_list args;
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    if (c->options.say)
        c->options.say(c->options.context, buf_text(&text));
    buf_release(&text);
}

int campaign_save(const struct campaign *c, struct error *e)
{
    return manifest_save(&c->manifest, c->manifest_path, e);
}

/* ---- opening ---- */

static int find_program(struct campaign *c)
{
    struct process_facts facts;
    int status = process_read_facts((uint64_t)getpid(), NULL, &facts, NULL);
    if (!status && facts.executable)
        status = manifest_set_text(&c->program, facts.executable);
    process_release_facts(&facts);
    return status == TT_NOMEM ? status : TT_OK;
}

int campaign_open(struct campaign *c, const struct campaign_plan *plan,
                  const struct campaign_options *options, struct error *e)
{
    memset(c, 0, sizeof *c);
    c->plan = plan;
    c->options = *options;
    c->lock = -1;
    scrubber_init(&c->scrubber);
    int status = order_make(&c->order, plan);
    if (!status)
        status = name_files(c);
    if (!status)
        status = find_program(c);
    if (status)
        return error_set(e, TT_NOMEM, "out of memory for a campaign");
    return manifest_load(&c->manifest, c->manifest_path, plan->name, e);
}

void campaign_release(struct campaign *c)
{
    wattmeter_close(&c->meter);
    if (c->lock >= 0)
        io_close(c->lock, "lock", NULL);
    manifest_release(&c->manifest);
    order_release(&c->order);
    mem_free(c->folder);
    mem_free(c->manifest_path);
    mem_free(c->staging);
    mem_free(c->program);
    mem_free(c->mark);
    memset(c, 0, sizeof *c);
    c->lock = -1;
}

int campaign_is_running(const struct campaign *c)
{
    char *lock = file_in(c->folder, "lock");
    int running = lock && io_is_locked(lock);
    mem_free(lock);
    return running;
}

int campaign_has_chosen(const struct campaign *c, const struct recording *r)
{
    if (r->cell->is_elsewhere)
        return 0;
    if (!c->options.only_count)
        return 1;
    for (size_t i = 0; i < c->options.only_count && !r->is_sentinel; i++) {
        if (strcmp(c->options.only[i], r->cell->name) == 0)
            return 1;
    }
    return 0;
}

/* ---- running ---- */

/* Folders, one after another from the left. */
static int make_folders(const char *path, struct error *e)
{
    struct buf part = BUF_INIT;
    int status = TT_OK;
    for (const char *p = path; !status && *p; p++) {
        if (*p == '/' && p > path && !io_exists(buf_text(&part)))
            status = io_make_directory(buf_text(&part), e);
        if (buf_putc(&part, *p))
            status = error_set(e, TT_NOMEM, "out of memory");
    }
    buf_release(&part);
    return status;
}

static int prepare_folders(const struct campaign *c, struct error *e)
{
    char *sentinel = file_in(c->folder, "sentinel/");
    int status = sentinel ? make_folders(c->plan->sentinel ? sentinel : c->folder, e)
                          : error_set(e, TT_NOMEM, "out of memory");
    mem_free(sentinel);
    return status;
}

static int take_lock(struct campaign *c, struct error *e)
{
    char *path = file_in(c->folder, "lock");
    if (!path)
        return error_set(e, TT_NOMEM, "out of memory");
    c->lock = io_lock_file(path, e);
    mem_free(path);
    if (c->lock == TT_EXISTS)
        return error_set(e, TT_EXISTS, "the campaign '%s' is under way in another process", c->plan->name);
    return c->lock < 0 ? c->lock : TT_OK;
}

/* What a manifest was being written to when it all ended. */
static void remove_unfinished(const struct campaign *c)
{
    struct buf names = BUF_INIT;
    io_list_folder(c->folder, ".tmp", &names, NULL);
    for (size_t at = 0; at < names.len; at += strlen((const char *)names.data + at) + 1) {
        char *path = file_in(c->folder, (const char *)names.data + at);
        if (path)
            io_remove(path, NULL);
        mem_free(path);
    }
    buf_release(&names);
}

/* Read again under the lock: another campaign may have come to its end meanwhile. */
static int take_over(struct campaign *c, struct error *e)
{
    int status = prepare_folders(c, e);
    if (!status)
        status = campaign_make_mark(c, e);
    if (!status)
        status = take_lock(c, e);
    if (status)
        return status;
    remove_unfinished(c);
    manifest_release(&c->manifest);
    status = manifest_load(&c->manifest, c->manifest_path, c->plan->name, e);
    if (!status)
        status = campaign_stop_leftovers(c, e);
    return status ? status : campaign_survey(c, e);
}

/* Before anything has run; a campaign that is resumed may find a warm machine, and goes by the first time. */
static void learn_idle(struct campaign *c)
{
    const struct power_source *sources;
    size_t count;
    int needed = 0;
    for (size_t i = 0; i < c->order.count; i++)
        needed |= steps_need_idle(&c->order.items[i].cell->before) |
                  steps_need_idle(&c->order.items[i].cell->after);
    if (!needed)
        return;
    count = power_sources(&sources);
    wattmeter_open(&c->meter, sources, count);
    if (!isnan(c->manifest.idle_w) || !c->meter.count)
        return;
    campaign_say(c, "learning the machine's idle power from %s, %g s", c->meter.names, IDLE_OVER_S);
    c->manifest.idle_w = wattmeter_watts(&c->meter, IDLE_OVER_S, c->options.interrupted);
}

static int is_done(const struct campaign *c, const struct recording *r)
{
    const struct manifest_entry *entry = manifest_find(&c->manifest, r);
    return entry && entry->state == CELL_DONE;
}

static void count(const struct campaign *c, struct campaign_result *result)
{
    for (size_t i = 0; i < c->order.count; i++) {
        const struct manifest_entry *entry = manifest_find(&c->manifest, &c->order.items[i]);
        if (!campaign_has_chosen(c, &c->order.items[i]))
            continue;
        result->done += entry && entry->state == CELL_DONE;
        result->failed += entry && entry->state == CELL_FAILED;
        result->left += !entry || entry->state == CELL_PENDING;
    }
}

static void say_failure(const struct campaign *c, const struct recording *r)
{
    const struct manifest_entry *entry = manifest_find(&c->manifest, r);
    if (entry && entry->state == CELL_FAILED && entry->reason)
        campaign_say(c, "%s failed: %s", r->cell->name, entry->reason);
}

/* TT_NETWORK from an attempt is a failed recording; everything else ends the campaign. */
static int run_all(struct campaign *c, struct campaign_result *result, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < c->order.count && !*c->options.interrupted; i++) {
        const struct recording *r = &c->order.items[i];
        struct error why = {0};
        if (!campaign_has_chosen(c, r) || is_done(c, r))
            continue;
        campaign_say(c, "%zu of %zu: %s", i + 1, c->order.count, r->cell->name);
        status = campaign_attempt(c, r, &why);
        say_failure(c, r);
        if (status && status != TT_NETWORK && status != TT_INTERRUPTED)
            return error_set(e, why.code, "%s", why.text);
        if (status == TT_NETWORK && c->options.keep_going)
            status = TT_OK;
    }
    result->interrupted = status == TT_INTERRUPTED || *c->options.interrupted;
    return TT_OK;
}

int campaign_run(struct campaign *c, struct campaign_result *result, struct error *e)
{
    memset(result, 0, sizeof *result);
    if (!c->program)
        return error_set(e, TT_IO, "cannot find out where this program itself is");
    int status = take_over(c, e);
    if (status)
        return status;
    learn_idle(c);
    status = run_all(c, result, e);
    count(c, result);
    return status;
}
