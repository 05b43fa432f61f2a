/* SPDX-License-Identifier: MIT */
/* How far a campaign is, for people and programs. */
#ifndef TOKTAPE_CAMPAIGN_STATUS_H
#define TOKTAPE_CAMPAIGN_STATUS_H

#include "record/campaign/campaign.h"

/* A cell with several recordings is done when all are, failed when one is, running when one is. */
struct cell_status {
    enum cell_state state;
    size_t recordings, done;
    const struct manifest_entry *first,
        *telling; /* the first recording; the one with the reason. NULL: none */
};

/* {"campaign", "running", "cells": [{"name", "state", "trace", "content_id", "reason", "recordings": […]}],
 * "sentinel": [recordings]}; a recording: {"repeat", "state", "attempts", "trace", "content_id", "reason"}.
 * Return out->failed. */
int status_put_json(const struct campaign *c, int is_running, struct buf *out);
int status_put_text(const struct campaign *c, int is_running, struct buf *out);

/* What would be done, in order: steps, commands, files. */
int plan_put_text(const struct campaign *c, struct buf *out);

#endif
