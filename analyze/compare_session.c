/* SPDX-License-Identifier: MIT */
#include "analyze/compare_session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"

void compare_session_init(struct compare_session *s)
{
    for (int i = 0; i < COMPARE_COUNT; i++)
        s->sd[i] = s->df[i] = NAN;
}

static int is_percentage(double value)
{
    return value > 0 && value < 100;
}

/* 1 when the text is a number, whatever its value. */
static int read_number(const char *text, double *value)
{
    char *end;
    *value = strtod(text, &end);
    end += end != text && *end == '%';
    return end != text && !*end;
}

static int refuse(const char *text, struct error *e)
{
    return error_set(e, TT_USAGE, "session-sd wants a percentage above 0 and below 100, or a file, not '%s'",
                     text);
}

static int read_metric(struct compare_session *s, const cJSON *object, struct error *e)
{
    enum compare_id id = compare_find(object->string, strlen(object->string));
    double sd = json_number(object, "sd_pct", NAN);
    uint64_t n = json_count(object, "n");
    if (id == COMPARE_COUNT)
        return error_set(e, TT_USAGE, "'%s' is no metric", object->string);
    if (!(sd >= 0 && sd < 100) || n == UINT64_MAX || n < 2)
        return error_set(e, TT_USAGE, "'%s' wants \"sd_pct\" below 100 and \"n\" of at least 2",
                         object->string);
    s->sd[id] = sd / 100;
    s->df[id] = (double)(n - 1);
    return TT_OK;
}

static int read_file(struct compare_session *s, const char *path, struct error *e)
{
    cJSON *document = json_read_file(path, JSON_DOCUMENT_MAX, e);
    const cJSON *sds = json_member(document, "session_sd"), *metric;
    int status = TT_OK;
    if (!document)
        return e && e->code == TT_NOTFOUND ? refuse(path, e) : e ? (int)e->code : TT_SYNTAX;
    if (!cJSON_IsObject(sds))
        status = error_set(e, TT_USAGE, "it has no \"session_sd\"");
    cJSON_ArrayForEach(metric, sds)
    {
        if (!status)
            status = read_metric(s, metric, e);
    }
    cJSON_Delete(document);
    return status ? error_prefix(e, "'%s'", path) : TT_OK;
}

int compare_session_read(struct compare_session *s, const char *text, struct error *e)
{
    double value;
    compare_session_init(s);
    if (!read_number(text, &value))
        return read_file(s, text, e);
    if (!is_percentage(value))
        return refuse(text, e);
    for (int i = 0; i < COMPARE_COUNT; i++) {
        s->sd[i] = value / 100;
        s->df[i] = INFINITY;
    }
    return TT_OK;
}
