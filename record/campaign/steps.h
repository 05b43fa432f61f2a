/* SPDX-License-Identifier: MIT */
/* What is done before an engine starts and after it has stopped. */
#ifndef TOKTAPE_CAMPAIGN_STEPS_H
#define TOKTAPE_CAMPAIGN_STEPS_H

#include <signal.h>
#include <stdio.h>

#include "record/campaign/plan.h"
#include "record/campaign/wattmeter.h"

struct step_context {
    const struct campaign_plan *plan;
    const struct wattmeter *meter;
    double idle_w; /* of the machine at rest; NAN: not known */
    FILE *log;
    int is_tidying; /* commands run even when interrupted: they put back what those before changed */
    const volatile sig_atomic_t *interrupted;
};

/* One after another, until one fails that is not optional: TT_IO with the step's sentence, TT_INTERRUPTED. */
int steps_run(const struct step_list *steps, const struct step_context *context, struct error *e);

/* "wait until power is within 10 % of idle and nothing is too hot, for at most 600 s". Returns out->failed.
 */
int step_put(const struct campaign_step *step, struct buf *out);

/* 1 when a list has a step that compares power with that at rest. */
int steps_need_idle(const struct step_list *steps);

#endif
