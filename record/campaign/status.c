/* SPDX-License-Identifier: MIT */
#include "record/campaign/status.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/jsonout.h"
#include "formats/textsafe.h"
#include "record/campaign/steps.h"

/* What was under way when nothing runs any more is to be done again. */
static enum cell_state state_of(const struct manifest_entry *entry, int is_running)
{
    if (!entry)
        return CELL_PENDING;
    return entry->state == CELL_RUNNING && !is_running ? CELL_PENDING : entry->state;
}

static const char *reason_of(const struct manifest_entry *entry, int is_running)
{
    if (!entry)
        return NULL;
    return entry->state == CELL_RUNNING && !is_running ? "interrupted" : entry->reason;
}

static void add_up(struct cell_status *s, const struct manifest_entry *entry, int is_running)
{
    static const int rank[] = {
        [CELL_DONE] = 0, [CELL_PENDING] = 1, [CELL_FAILED] = 2, [CELL_RUNNING] = 3}; /* the cell has the
                                                                                        highest */
    enum cell_state state = state_of(entry, is_running);
    if (!s->recordings++)
        s->first = entry;
    s->done += state == CELL_DONE;
    if (rank[state] > rank[s->state])
        s->state = state;
    if (entry && reason_of(entry, is_running) &&
        (!s->telling || rank[state] > rank[state_of(s->telling, is_running)]))
        s->telling = entry;
}

static struct cell_status status_of(const struct campaign *c, const struct campaign_cell *cell,
                                    int is_running)
{
    struct cell_status s = {.state = CELL_DONE};
    for (size_t i = 0; i < c->order.count; i++) {
        const struct recording *r = &c->order.items[i];
        if (r->cell == cell)
            add_up(&s, manifest_find(&c->manifest, r), is_running);
    }
    return s;
}

/* ---- JSON ---- */

static void put_trace(const struct campaign *c, const struct recording *r, const struct manifest_entry *entry,
                      struct jsonout *j)
{
    int is_done = entry && entry->state == CELL_DONE;
    char *path = is_done ? campaign_trace_path(c, r) : NULL;
    if (is_done && !path)
        j->out->failed = TT_NOMEM;
    jsonout_field_string(j, "trace", path);
    jsonout_field_string(j, "content_id", is_done ? entry->content_id : NULL);
    mem_free(path);
}

static void put_recording(const struct campaign *c, const struct recording *r, int is_running,
                          struct jsonout *j)
{
    const struct manifest_entry *entry = manifest_find(&c->manifest, r);
    jsonout_object(j);
    jsonout_field_u64(j, "repeat", r->repeat);
    jsonout_field_string(j, "state", cell_state_name(state_of(entry, is_running)));
    jsonout_field_u64(j, "attempts", entry ? entry->attempts : 0);
    put_trace(c, r, entry, j);
    jsonout_field_string(j, "reason", reason_of(entry, is_running));
    jsonout_end(j, '}');
}

static void put_recordings(const struct campaign *c, const char *key, const struct campaign_cell *cell,
                           int is_running, struct jsonout *j)
{
    jsonout_key(j, key);
    jsonout_array(j);
    for (size_t i = 0; i < c->order.count; i++) {
        if (c->order.items[i].cell == cell)
            put_recording(c, &c->order.items[i], is_running, j);
    }
    jsonout_end(j, ']');
}

static const struct recording *first_recording(const struct campaign *c, const struct campaign_cell *cell)
{
    for (size_t i = 0; i < c->order.count; i++) {
        if (c->order.items[i].cell == cell)
            return &c->order.items[i];
    }
    return NULL;
}

static void put_cell(const struct campaign *c, const struct campaign_cell *cell, int is_running,
                     struct jsonout *j)
{
    struct cell_status s = status_of(c, cell, is_running);
    jsonout_object(j);
    jsonout_field_string(j, "name", cell->name);
    jsonout_field_string(j, "state", cell_state_name(s.state));
    put_trace(c, first_recording(c, cell), s.first, j);
    jsonout_field_string(j, "reason", reason_of(s.telling, is_running));
    put_recordings(c, "recordings", cell, is_running, j);
    jsonout_end(j, '}');
}

int status_put_json(const struct campaign *c, int is_running, struct buf *out)
{
    struct jsonout j;
    jsonout_init(&j, out, 2);
    jsonout_object(&j);
    jsonout_field_string(&j, "campaign", c->plan->name);
    jsonout_field_bool(&j, "running", is_running);
    jsonout_key(&j, "cells");
    jsonout_array(&j);
    for (size_t i = 0; i < c->plan->cell_count; i++)
        put_cell(c, &c->plan->cells[i], is_running, &j);
    jsonout_end(&j, ']');
    if (c->plan->sentinel)
        put_recordings(c, "sentinel", c->plan->sentinel, is_running, &j);
    jsonout_end(&j, '}');
    return buf_putc(out, '\n');
}

/* ---- text ---- */

static void put_line(const struct campaign *c, const struct campaign_cell *cell, int is_running, size_t width,
                     struct buf *out)
{
    struct cell_status s = status_of(c, cell, is_running);
    const char *reason = reason_of(s.telling, is_running);
    const char *elsewhere = cell->is_elsewhere && s.state == CELL_PENDING ? cell->chip : NULL;
    buf_printf(out, "%-*s  %-7s", (int)width, cell->name, cell_state_name(s.state));
    if (s.recordings > 1)
        buf_printf(out, "  %zu of %zu", s.done, s.recordings);
    if (s.state == CELL_DONE && s.recordings == 1)
        buf_printf(out, "  %.12s", s.first->content_id);
    if (elsewhere) {
        buf_puts(out, "  for ");
        text_plain(out, elsewhere);
    }
    if (reason)
        text_lines(out, reason, "  ", "    ");
    else
        buf_putc(out, '\n');
}

int status_put_text(const struct campaign *c, int is_running, struct buf *out)
{
    size_t width = c->plan->sentinel ? strlen("sentinel") : 4;
    for (size_t i = 0; i < c->plan->cell_count; i++) {
        size_t len = strlen(c->plan->cells[i].name);
        width = len > width ? len : width;
    }
    for (size_t i = 0; i < c->plan->cell_count; i++)
        put_line(c, &c->plan->cells[i], is_running, width, out);
    if (c->plan->sentinel && first_recording(c, c->plan->sentinel))
        put_line(c, c->plan->sentinel, is_running, width, out);
    return out->failed;
}

/* ---- what would be done ---- */

static void keep_failure(struct buf *out, int failed)
{
    if (failed)
        out->failed = failed;
}

static void put_steps(const struct step_list *steps, struct buf *out)
{
    for (size_t i = 0; i < steps->count; i++) {
        struct buf line = BUF_INIT;
        step_put(&steps->items[i], &line);
        buf_puts(out, "    ");
        text_plain(out, buf_text(&line));
        buf_putc(out, '\n');
        keep_failure(out, line.failed);
        buf_release(&line);
    }
}

static void put_step(const struct campaign *c, const struct recording *r, struct buf *out)
{
    char *path = campaign_trace_path(c, r);
    struct buf name = BUF_INIT;
    recording_put_name(r, &name);
    buf_printf(out, "%s:\n", buf_text(&name));
    put_steps(&r->cell->before, out);
    buf_puts(out, "    engine: ");
    text_plain(out, r->cell->shown);
    buf_puts(out, "\n    healthy: ");
    text_plain(out, r->cell->health_url ? r->cell->health_url : r->cell->url);
    buf_printf(out, " answers (at most %g s)\n", r->cell->engine_timeout_s);
    if (r->cell->model_file) {
        buf_puts(out, "    model: ");
        text_plain(out, r->cell->model_file);
        buf_puts(out, "\n");
    }
    buf_printf(out, "    record: %llu %s of ", (unsigned long long)r->runs,
               r->runs == 1 ? "repeat" : "repeats");
    text_plain(out, r->cell->workload);
    buf_puts(out, " to ");
    text_plain(out, path ? path : "");
    keep_failure(out, path ? name.failed : TT_NOMEM);
    buf_puts(out, "\n    stop the engine\n");
    put_steps(&r->cell->after, out);
    buf_release(&name);
    mem_free(path);
}

int plan_put_text(const struct campaign *c, struct buf *out)
{
    size_t left = 0, elsewhere = 0;
    for (size_t i = 0; i < c->order.count; i++) {
        const struct manifest_entry *entry = manifest_find(&c->manifest, &c->order.items[i]);
        elsewhere += c->order.items[i].cell->is_elsewhere ? 1 : 0;
        if (!campaign_has_chosen(c, &c->order.items[i]) || (entry && entry->state == CELL_DONE))
            continue;
        put_step(c, &c->order.items[i], out);
        left++;
    }
    buf_printf(out, "%zu of %zu recordings are to be made", left, c->order.count);
    if (elsewhere)
        buf_printf(out, "; %zu are for machines with another chip", elsewhere);
    return buf_putc(out, '\n');
}
