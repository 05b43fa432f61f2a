/* SPDX-License-Identifier: MIT */
#include "record/campaign/steps.h"

#include <math.h>

#include "record/clock.h"
#include "record/command_runner.h"
#include "record/procmem.h"
#include "record/shell.h"

#define LOOK_S     0.25
#define WATTS_OVER 5.0 /* seconds: some sources publish every two */
#define CALM_LOOKS 2   /* one after another: a moment without load is no rest */
#define SETTLE_S   1.0

int step_put(const struct campaign_step *s, struct buf *out)
{
    switch (s->kind) {
    case STEP_PURGE:
        buf_printf(out, "purge: %s", s->command);
        break;
    case STEP_RUN:
        buf_printf(out, "run: %s", s->command);
        break;
    case STEP_COOL_DOWN:
        buf_printf(out, "cool down: until nothing is too hot and power is within %g %% of idle", s->amount);
        break;
    case STEP_MEMORY:
        buf_printf(out, "memory: until %g GB are free", s->amount / 1e9);
        break;
    case STEP_WAIT:
        return buf_printf(out, "wait: %g s", s->amount);
    }
    return buf_printf(out, " (at most %g s%s)", s->timeout_s, s->is_optional ? "; goes on without" : "");
}

int steps_need_idle(const struct step_list *steps)
{
    for (size_t i = 0; i < steps->count; i++) {
        if (steps->items[i].kind == STEP_COOL_DOWN)
            return 1;
    }
    return 0;
}

static int is_interrupted(const struct step_context *c)
{
    return c->interrupted && *c->interrupted;
}

static void rest(const struct step_context *c, double seconds)
{
    uint64_t until = clock_after_s(seconds);
    while (!is_interrupted(c) && clock_ticks() < until) {
        uint64_t next = clock_after_s(LOOK_S);
        clock_sleep_until(next < until ? next : until);
    }
}

/* ---- cooling down ---- */

/* A level is a state; a counter says something by growing. */
static int is_hot(uint64_t *before)
{
    uint64_t values[SYSMEM_FIELDS];
    sysmem_look(values);
    uint64_t heat = values[SYSMEM_THERMAL], last = *before;
    *before = heat;
    if (heat == ABSENT)
        return 0;
    return sysmem_channels[SYSMEM_THERMAL].is_counter ? last != ABSENT && heat > last : heat > 0;
}

static int say_hot(const struct campaign_step *s, const struct step_context *c, int hot, double watts,
                   struct error *e)
{
    char power[80] = "";
    if (!isnan(watts))
        snprintf(power, sizeof power, "%.1f W, idle %.1f W", watts, c->idle_w);
    return error_set(e, TT_IO, "the machine did not cool down within %g s: %s%s%s", s->timeout_s,
                     hot ? "thermal pressure" : "", hot && *power ? ", " : "",
                     hot || *power ? power : "it has only just become calm");
}

static int cool_down(const struct campaign_step *s, const struct step_context *c, struct error *e)
{
    uint64_t until = clock_after_s(s->timeout_s), heat = ABSENT;
    double most = c->idle_w * (1 + s->amount / 100), watts = NAN;
    int calm = 0, hot = is_hot(&heat);
    if (isnan(c->idle_w))
        fprintf(c->log, "power: not known here; only heat is waited for\n");
    while (calm < CALM_LOOKS) {
        if (isnan(c->idle_w))
            rest(c, SETTLE_S);
        else
            watts = wattmeter_watts(c->meter, WATTS_OVER, c->interrupted);
        if (is_interrupted(c))
            return error_set(e, TT_INTERRUPTED, "interrupted while cooling down");
        if (!isnan(c->idle_w) && isnan(watts))
            fprintf(c->log, "power: no source tells it any more; only heat is waited for\n");
        hot = is_hot(&heat);
        calm = !hot && !(watts > most) ? calm + 1 : 0;
        if (calm < CALM_LOOKS && clock_ticks() >= until)
            return say_hot(s, c, hot, watts, e);
    }
    return TT_OK;
}

/* ---- memory ---- */

static int wait_for_memory(const struct campaign_step *s, const struct step_context *c, struct error *e)
{
    uint64_t until = clock_after_s(s->timeout_s), available;
    while ((available = sysmem_available()) != ABSENT && (double)available < s->amount) {
        if (is_interrupted(c))
            return error_set(e, TT_INTERRUPTED, "interrupted while waiting for memory");
        if (clock_ticks() >= until)
            return error_set(e, TT_IO, "only %.1f GB of memory became free within %g s, not %g",
                             (double)available / 1e9, s->timeout_s, s->amount / 1e9);
        rest(c, SETTLE_S);
    }
    return TT_OK;
}

/* ---- commands ---- */

static int run_command(const struct campaign_step *s, const struct step_context *c, struct error *e)
{
    struct buf command = BUF_INIT;
    struct command_outcome outcome;
    const char *folder = c->plan->folder;
    buf_puts(&command, "cd ");
    buf_puts(&command, *folder == '/' ? "" : "./");
    shell_quote(&command, folder);
    buf_printf(&command, " || exit 1\n%s", s->command);
    struct command_job job = {s->kind == STEP_PURGE ? "the purge command" : "a command of the plan",
                              buf_text(&command), s->timeout_s, c->is_tidying ? NULL : c->interrupted};
    int status = command.failed ? error_set(e, TT_NOMEM, "out of memory") : command_run(&job, &outcome, e);
    if (!command.failed)
        fprintf(c->log, "%s", outcome.tail);
    buf_release(&command);
    return status;
}

static int run_step(const struct campaign_step *s, const struct step_context *c, struct error *e)
{
    switch (s->kind) {
    case STEP_COOL_DOWN:
        return cool_down(s, c, e);
    case STEP_MEMORY:
        return wait_for_memory(s, c, e);
    case STEP_WAIT:
        rest(c, s->amount);
        return is_interrupted(c) ? error_set(e, TT_INTERRUPTED, "interrupted while waiting") : TT_OK;
    default:
        return run_command(s, c, e);
    }
}

static void tell(const struct step_context *c, const struct campaign_step *s)
{
    struct buf text = BUF_INIT;
    step_put(s, &text);
    fprintf(c->log, "%s\n", buf_text(&text));
    fflush(c->log);
    buf_release(&text);
}

int steps_run(const struct step_list *steps, const struct step_context *context, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < steps->count; i++) {
        struct error why = {0};
        tell(context, &steps->items[i]);
        status = run_step(&steps->items[i], context, &why);
        if (status)
            fprintf(context->log, "%s\n", why.text);
        if (status == TT_INTERRUPTED ? context->is_tidying : steps->items[i].is_optional)
            status = TT_OK;
        if (status)
            error_set(e, why.code, "%s", why.text);
    }
    fflush(context->log);
    return status;
}
