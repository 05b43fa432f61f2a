/* SPDX-License-Identifier: MIT */
/* The external meter of a session: its file is read when the runs are over, and its readings become samples.
 */
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "record/clock.h"
#include "record/meter.h"
#include "record/session_state.h"

#define MARGIN_NS  UINT64_C(60000000000) /* readings that long before and after the recording are kept */
#define CLOCKS_MAX 100000u
#define METER_RING ((size_t)1 << 20)

int session_clock(struct session *s, struct error *e)
{
    struct clock_row triple;
    clock_triple(&triple);
    if (s->options->power_csv && s->clock_count < CLOCKS_MAX) {
        if (mem_grow(&s->clocks, &s->clock_capacity, s->clock_count + 1, sizeof s->clocks[0]))
            return error_set(e, TT_NOMEM, "out of memory");
        s->clocks[s->clock_count++] = triple;
    }
    return session_row(s, TABLE_CLOCK, &triple, e);
}

/* By the last of the producers: what the sensors declared stands before it, then. */
static int store(struct session *s, const struct meter *m, const char *name, struct error *e)
{
    char source[80];
    snprintf(source, sizeof source, "csv:%s", name);
    struct series_row series = {.series = s->power_log.next_series,
                                .kind = m->is_energy ? SERIES_ENERGY : SERIES_POWER,
                                .generation = ABSENT,
                                .period_ns = ABSENT,
                                .is_counter = m->is_energy ? 1 : 0,
                                .scope = s->engine_was_here ? SCOPE_ENGINE : SCOPE_HOST,
                                .source = text_bytes(source),
                                .name = text_bytes(m->is_energy ? "meter energy" : "meter power"),
                                .unit = text_bytes(m->is_energy ? "uJ" : "uW"),
                                .cost_ns = ABSENT,
                                .rail = RAIL_MACHINE,
                                .wrap = ABSENT,
                                .origin = text_bytes(name),
                                .stamp = text_bytes(SENSOR_STAMP_REALTIME_NS)};
    struct producer *producer = recorder_producer(s->recorder, METER_RING, 0);
    if (!producer)
        return error_set(e, TT_NOMEM, "out of memory for the meter's readings");
    power_log_note(&s->power_log, &series);
    int status = producer_row(producer, TABLE_SERIES, &series);
    for (size_t i = 0; i < m->count && !status; i++) {
        struct sample_row row = {series.series,
                                 clock_native_of(s->clocks, s->clock_count, m->rows[i].realtime_ns), 0,
                                 m->rows[i].realtime_ns, m->rows[i].value};
        status = producer_row(producer, TABLE_SAMPLE, &row);
    }
    return session_row_status(s, status, e);
}

int session_store_meter(struct session *s, struct error *e)
{
    const char *path = s->options->power_csv, *slash = path ? strrchr(path, '/') : NULL;
    const char *name = slash ? slash + 1 : path;
    struct meter m;
    struct error why = {TT_OK, ""};
    int status = TT_OK;
    if (!path || !s->clock_count)
        return TT_OK;
    const struct clock_row *first = &s->clocks[0], *last = &s->clocks[s->clock_count - 1];
    const struct meter_range range = {first->realtime_ns - MARGIN_NS, last->realtime_ns + MARGIN_NS,
                                      (int64_t)last->utc_offset_s};
    if (meter_read(&m, path, &range, &why))
        session_remark(s, "no readings of the meter: %s", why.text);
    else if (!m.count)
        session_remark(
            s, "'%s' has no reading from the time of the recording (%zu from other times, %zu lines skipped)",
            path, m.outside, m.skipped);
    else
        status = store(s, &m, name, e);
    if (!status && m.count && m.skipped)
        session_remark(s, "'%s': %zu lines are no readings, and were skipped", path, m.skipped);
    meter_release(&m);
    return status;
}
