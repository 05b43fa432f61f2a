/* SPDX-License-Identifier: MIT */
/* The kernel's own memory peak of each run: taken back before it, read after it, never while bytes arrive. */
#include "record/clock.h"
#include "record/session_state.h"

#define LOOKS         40
#define LOOK_EVERY_NS UINT64_C(50000000)

static const char *why_not(int status)
{
    return status == TT_IO ? "this user may not reset them; run toktape as the engine's user, or as root"
                           : "no process of the engine is visible here, or the system tracks none";
}

/* An engine that has just been restarted is seen a moment later. */
static int reset_peaks(struct session *s)
{
    int status = sampler_reset_peaks(s->sampler);
    if (status == TT_NOTFOUND && s->is_local && !s->peaks_failed)
        sampler_look(s->sampler);
    for (int i = 0; i < LOOKS && status == TT_NOTFOUND && s->is_local && !s->peaks_failed; i++) {
        clock_sleep_ns(LOOK_EVERY_NS);
        status = sampler_reset_peaks(s->sampler);
    }
    return status;
}

void session_peak_begin(struct session *s)
{
    if (!s->options->reset_peaks) /* then there is one conversation at a time */
        return;
    s->t_peak_reset = ABSENT;
    if (!s->sampler)
        return;
    int status = reset_peaks(s);
    if (!status)
        s->t_peak_reset = clock_ticks();
    else if (!s->peaks_failed)
        session_remark(s, "no kernel-tracked peaks: %s", why_not(status));
    s->peaks_failed |= status != TT_OK;
}

int session_peak_end(struct session *s, uint64_t run, struct error *e)
{
    struct procmem_peak peak;
    uint64_t processes;
    if (!s->options->reset_peaks)
        return TT_OK;
    if (s->t_peak_reset == ABSENT || sampler_read_peaks(s->sampler, &peak, &processes))
        return TT_OK;
    struct peak_row row = {run, s->t_peak_reset, clock_ticks(), peak.rss, peak.footprint, processes};
    return session_row(s, TABLE_PEAK, &row, e);
}
