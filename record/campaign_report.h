/* SPDX-License-Identifier: MIT */
/* What comes of a campaign, for people: judging its sentinel, and its reports. Part of the command layer. */
#ifndef TOKTAPE_CAMPAIGN_REPORT_H
#define TOKTAPE_CAMPAIGN_REPORT_H

#include "record/campaign/campaign.h"

/* Reads the sentinel's traces, appends sentences to *said and writes session.json into the campaign's folder,
 * for `diff --session-sd`. *drifts: did the machine? TT_NOTFOUND when there are no such traces yet. */
int campaign_judge_sentinel(const struct campaign *c, struct buf *said, int *drifts, struct error *e);

/* Tables, charts, a page in Markdown and one in HTML of all finished traces, into a folder (NULL: beside the
 * traces). Returns an exit code, and has said what was wrong. */
int campaign_report(const struct campaign *c, const char *folder, int quiet);

#endif
