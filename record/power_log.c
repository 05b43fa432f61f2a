/* SPDX-License-Identifier: MIT */
#include "record/power_log.h"

#include <string.h>

#include "formats/alloc.h"

static int has_name(const cJSON *names, const char *name)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, names)
    {
        if (strcmp(item->valuestring, name) == 0)
            return 1;
    }
    return 0;
}

static void add_once(struct power_log *log, cJSON **names, struct bytes name)
{
    char *text = mem_strndup((const char *)name.data, name.len);
    if (!*names)
        *names = cJSON_CreateArray();
    if (text && *names && has_name(*names, text)) {
        mem_free(text);
        return;
    }
    cJSON *item = text ? cJSON_CreateString(text) : NULL;
    if (!item || !*names || !cJSON_AddItemToArray(*names, item)) {
        cJSON_Delete(item);
        log->failed = 1;
    }
    mem_free(text);
}

void power_log_note(struct power_log *log, const struct series_row *row)
{
    if (row->kind != SERIES_ENERGY && row->kind != SERIES_POWER)
        return;
    add_once(log, &log->sources, row->source);
    add_once(log, &log->rails, row->name);
}

static int emit(void *context, enum table_id table, const void *row)
{
    struct power_log *log = context;
    int status = row_sink_emit(&log->next, table, row);
    if (!status && table == TABLE_SERIES) {
        const struct series_row *series = row;
        log->next_series = series->series + 1;
        power_log_note(log, series);
    }
    return status;
}

struct row_sink power_log_sink(struct power_log *log, struct row_sink next)
{
    log->next = next;
    return (struct row_sink){emit, log};
}

static void put_names(const cJSON *names, const char *key, struct jsonout *out)
{
    const cJSON *item;
    jsonout_key(out, key);
    jsonout_array(out);
    cJSON_ArrayForEach(item, names)
    {
        jsonout_string(out, item->valuestring);
    }
    jsonout_end(out, ']');
}

void power_log_put(const struct power_log *log, struct jsonout *out)
{
    put_names(log->sources, "sources", out);
    put_names(log->rails, "rails", out);
}

void power_log_release(struct power_log *log)
{
    cJSON_Delete(log->sources);
    cJSON_Delete(log->rails);
    log->sources = log->rails = NULL;
}
