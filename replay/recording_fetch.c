/* SPDX-License-Identifier: MIT */
/* Answers that were left in the trace. */
#include "record/clock.h"
#include "replay/recorded_reads.h"
#include "replay/recording.h"

/* After the client of the recording gave up, an engine stays silent for so long before the connection closes.
 */
#define SILENCE_NS 10000000000u

static uint64_t since_zero(const struct recording *r, uint64_t zero, uint64_t t)
{
    return t > zero ? clock_scale(t - zero, r->numer, r->denom) : 0;
}

void recording_set_times(const struct recording *r, const struct recorded_run *run, struct schedule *schedule)
{
    for (size_t i = 0; i < schedule->count; i++)
        schedule->entries[i].due_ns = since_zero(r, run->zero, schedule->entries[i].due_ns);
    uint64_t end_ns = run->close == ABSENT ? 0 : since_zero(r, run->zero, run->close);
    schedule_finish(schedule, run->end, run->end == FEED_SILENT ? end_ns + SILENCE_NS : end_ns);
}

static int take_slice(void *context, const struct read_row *read, const unsigned char *bytes)
{
    return schedule_add(context, read->t, bytes, (size_t)read->nbytes);
}

/* Was it cut off when it was loaded, too? */
static int check_cut(const struct recorded_run *run, const struct schedule *schedule, struct error *e)
{
    return run->close == ABSENT && schedule->count
               ? TT_OK
               : error_set(e, TT_DAMAGED, "the trace is not what it was when it was opened");
}

int recording_fetch(const struct recording *r, const struct recorded_run *run, struct schedule *schedule,
                    struct error *e)
{
    const struct run_place place = {r->path, r->trace_id, run->offset, run->sequence};
    int has_end;
    schedule_init(schedule);
    int status = recorded_reads(&place, run->run, take_slice, schedule, &has_end, e);
    if (!status && !has_end)
        status = check_cut(run, schedule, e);
    if (!status)
        recording_set_times(r, run, schedule);
    return status;
}
