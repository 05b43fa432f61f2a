/* SPDX-License-Identifier: MIT */
#include "record/probe_log.h"

#include <string.h>

#include "formats/alloc.h"

/* The row with its texts one after another in `text`. */
struct kept_probe {
    struct probe_row row;
    struct buf text;
};

static void keep_text(struct buf *text, struct bytes *field)
{
    buf_append(text, field->data, field->len);
}

static int keep(struct probe_log *log, const struct probe_row *row)
{
    if (mem_grow(&log->probes, &log->capacity, log->count + 1, sizeof *log->probes))
        return TT_NOMEM;
    struct kept_probe *kept = &log->probes[log->count];
    kept->row = *row;
    buf_init(&kept->text, 0);
    keep_text(&kept->text, &kept->row.method);
    keep_text(&kept->text, &kept->row.path);
    keep_text(&kept->text, &kept->row.headers);
    keep_text(&kept->text, &kept->row.body);
    int status = kept->text.failed;
    if (status)
        buf_release(&kept->text);
    else
        log->count++;
    return status;
}

int probe_log_emit(void *context, const struct probe_row *row)
{
    struct probe_log *log = context;
    return log->producer ? producer_row(log->producer, TABLE_PROBE, row) : keep(log, row);
}

static void point(struct bytes *field, const unsigned char **at)
{
    field->data = *at;
    *at += field->len;
}

static int record(struct producer *producer, struct kept_probe *kept)
{
    const unsigned char *at = kept->text.data;
    point(&kept->row.method, &at);
    point(&kept->row.path, &at);
    point(&kept->row.headers, &at);
    point(&kept->row.body, &at);
    return producer_row(producer, TABLE_PROBE, &kept->row);
}

int probe_log_open(struct probe_log *log, struct producer *producer)
{
    int status = TT_OK;
    for (size_t i = 0; i < log->count && !status; i++)
        status = record(producer, &log->probes[i]);
    log->producer = producer;
    return status;
}

void probe_log_release(struct probe_log *log)
{
    for (size_t i = 0; i < log->count; i++)
        buf_release(&log->probes[i].text);
    mem_free(log->probes);
    memset(log, 0, sizeof *log);
}
