/* SPDX-License-Identifier: MIT */
/* Before anything runs: which recordings are finished, and are they still what they were? */
#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "record/campaign/campaign.h"

static int back_to_pending(struct manifest_entry *entry, const char *why)
{
    entry->state = CELL_PENDING;
    entry->content_id[0] = '\0';
    return manifest_set_text(&entry->reason, why);
}

/* Never removed: somebody may want to look at it. */
static int move_aside(const struct campaign *c, const struct recording *r, const char *path,
                      const char *ending, struct error *e)
{
    char *aside = campaign_file(c, r, ending);
    if (!aside)
        return error_set(e, TT_NOMEM, "out of memory");
    if (io_exists(aside))
        io_remove(aside, NULL);
    int status = io_rename_new(path, aside, e);
    mem_free(aside);
    return status;
}

int campaign_clear_staging(const struct campaign *c, const struct recording *r, struct error *e)
{
    struct buf part = BUF_INIT;
    buf_printf(&part, "%s.part", c->staging);
    int status = part.failed ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
    int is_whole = io_exists(c->staging), has_part = !status && io_exists(buf_text(&part));
    if (!status && is_whole)
        status = move_aside(c, r, c->staging, CAMPAIGN_FAILED, e);
    if (!status && has_part && is_whole)
        status = io_remove(buf_text(&part), e);
    else if (!status && has_part)
        status = move_aside(c, r, buf_text(&part), CAMPAIGN_FAILED, e);
    buf_release(&part);
    return status;
}

static int check_same(const struct recording *r, const struct manifest_entry *entry, const char *path,
                      const char *content_id, struct error *e)
{
    if (strcmp(content_id, entry->content_id) != 0)
        return error_set(
            e, TT_EXISTS,
            "'%s' is not the trace that was recorded (content id %.12s, not %.12s): move it away to have "
            "the cell recorded anew",
            path, content_id, entry->content_id);
    if (strcmp(r->cell->fingerprint, entry->fingerprint) != 0)
        return error_set(
            e, TT_EXISTS,
            "the plan's '%s' is not what was recorded as '%s': give the cell another name, or move the "
            "trace away to have it recorded anew",
            r->cell->name, path);
    return TT_OK;
}

static int look_at_done(struct campaign *c, const struct recording *r, struct manifest_entry *entry,
                        const char *path, struct error *e)
{
    struct proof proof;
    struct error why = {0};
    if (!io_exists(path))
        return back_to_pending(entry, "its trace is gone") ? error_set(e, TT_NOMEM, "out of memory") : TT_OK;
    int status = campaign_prove(path, &proof, &why);
    if (!status)
        return check_same(r, entry, path, proof.content_id, e);
    if (status != TT_DAMAGED && status != TT_TRUNCATED)
        return error_set(e, why.code, "%s", why.text);
    campaign_say(c, "'%s': %s; it is recorded again", path, why.text);
    status = move_aside(c, r, path, ".damaged.toktape", e);
    if (!status && back_to_pending(entry, "its trace was damaged"))
        status = error_set(e, TT_NOMEM, "out of memory");
    return status;
}

/* Is this the trace whose content id was written down when its recording was over? */
static int is_expected(const struct manifest_entry *entry, const char *path)
{
    struct proof proof;
    return entry->state == CELL_RUNNING && *entry->content_id && io_exists(path) &&
           campaign_prove(path, &proof, NULL) == TT_OK && strcmp(proof.content_id, entry->content_id) == 0;
}

/* Killed between the end of a recording and the moment at which it counts as done, it is done nevertheless.
 * Any other trace of that name is somebody else's. */
static int look_at_open(struct campaign *c, const struct recording *r, struct manifest_entry *entry,
                        const char *path, struct error *e)
{
    int status = TT_OK;
    if (io_exists(path)) {
        if (!is_expected(entry, path))
            return error_set(e, TT_EXISTS,
                             "'%s' is in the way: this campaign has not recorded it; move it away", path);
        entry->state = CELL_DONE;
    } else if (is_expected(entry, c->staging)) {
        status = io_rename_new(c->staging, path, e);
        if (!status)
            status = io_sync_folder_of(path, e);
        entry->state = CELL_DONE;
    } else if (entry->state == CELL_RUNNING) {
        status = back_to_pending(entry, "interrupted") ? error_set(e, TT_NOMEM, "out of memory")
                                                       : campaign_clear_staging(c, r, e);
    }
    return status;
}

/* One that was under way when a campaign was killed is looked at whoever is chosen now: it is not any more.
 */
static int survey_one(struct campaign *c, const struct recording *r, struct error *e)
{
    struct manifest_entry *entry = manifest_entry(&c->manifest, r);
    char *path = campaign_trace_path(c, r);
    int status = TT_OK;
    if (!entry || !path)
        status = error_set(e, TT_NOMEM, "out of memory");
    else if (!campaign_has_chosen(c, r) && entry->state != CELL_RUNNING)
        ;
    else if (entry->state == CELL_DONE)
        status = look_at_done(c, r, entry, path, e);
    else
        status = look_at_open(c, r, entry, path, e);
    mem_free(path);
    return status;
}

int campaign_survey(struct campaign *c, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < c->order.count; i++)
        status = survey_one(c, &c->order.items[i], e);
    return status ? status : campaign_save(c, e);
}
