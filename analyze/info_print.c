/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "analyze/info.h"
#include "analyze/trace_remarks.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/textsafe.h"

#define DEPTH_MAX (JSONOUT_DEPTH - 4) /* what a trace nests deeper is shown as null */

static void put_value(const cJSON *value, struct jsonout *j, int depth);

static void put_members(const cJSON *value, struct jsonout *j, int depth)
{
    const cJSON *member;
    int is_object = cJSON_IsObject(value);
    if (is_object)
        jsonout_object(j);
    else
        jsonout_array(j);
    cJSON_ArrayForEach(member, value)
    {
        if (is_object)
            jsonout_key(j, member->string);
        put_value(member, j, depth + 1);
    }
    jsonout_end(j, is_object ? '}' : ']');
}

static void put_value(const cJSON *value, struct jsonout *j, int depth)
{
    if ((cJSON_IsObject(value) || cJSON_IsArray(value)) && depth < DEPTH_MAX)
        put_members(value, j, depth);
    else if (cJSON_IsString(value))
        jsonout_string(j, value->valuestring);
    else if (cJSON_IsNumber(value))
        jsonout_number(j, value->valuedouble);
    else if (cJSON_IsBool(value))
        jsonout_bool(j, cJSON_IsTrue(value));
    else
        jsonout_null(j);
}

void info_put_json(const cJSON *info, struct jsonout *j)
{
    put_value(info, j, j->depth);
}

/* One line "name  value" that is put together from parts; parts that are unknown leave no trace. */
struct line {
    struct buf *out;
    const char *name;
    int parts;
};

static void add_part(struct line *line, const char *before, const char *text, const char *after)
{
    if (!text || !*text)
        return;
    if (!line->parts++)
        buf_printf(line->out, "  %-12s", line->name);
    else
        buf_putc(line->out, ' ');
    buf_puts(line->out, before);
    text_plain(line->out, text);
    buf_puts(line->out, after);
}

static void add_number(struct line *line, const cJSON *object, const char *name, const char *after)
{
    char text[24];
    uint64_t n = json_count(object, name);
    snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    add_part(line, "", n == UINT64_MAX ? "" : text, after);
}

/* A count and what it counts: "1 slot", "2 slots". */
static void add_count(struct line *line, const cJSON *object, const char *name, const char *before,
                      const char *what)
{
    char text[80];
    uint64_t n = json_count(object, name);
    if (n == UINT64_MAX)
        return;
    snprintf(text, sizeof text, "%llu %s%s", (unsigned long long)n, what, n == 1 ? "" : "s");
    add_part(line, before, text, "");
}

static void end_line(struct line *line)
{
    if (line->parts)
        buf_putc(line->out, '\n');
}

static void put_line(struct buf *out, const char *name, const char *text)
{
    struct line line = {out, name, 0};
    add_part(&line, "", text, "");
    end_line(&line);
}

static void put_engine(const cJSON *info, struct buf *out)
{
    const cJSON *engine = json_member(info, "engine"), *model = json_member(info, "model");
    const char *source = json_string(engine, "version_source"), *id = json_string(model, "id");
    struct line line = {out, "engine", 0};
    add_part(&line, "", json_string(engine, "name"), "");
    add_part(&line, "", json_string(engine, "version"), "");
    add_part(&line, "(version from ", source, ")");
    end_line(&line);
    line = (struct line){out, "model", 0};
    add_part(&line, "", id, "");
    add_part(&line, "", json_string(model, "quant"), "");
    add_part(&line, id ? "from " : "", json_string(model, "file"), "");
    add_count(&line, model, "size_bytes", "", "byte");
    end_line(&line);
    line = (struct line){out, "context", 0};
    add_count(&line, engine, "context", "", "token");
    add_count(&line, engine, "slots", "in ", "slot");
    end_line(&line);
    put_line(out, "speculative", json_string(json_member(info, "speculative"), "kind"));
}

static void put_runs(const cJSON *info, struct buf *out)
{
    const cJSON *workload = json_member(info, "workload"), *runs = json_member(info, "runs");
    const cJSON *cold = json_member(info, "cold"), *verified = json_member(cold, "verified"), *phase;
    int is_calibrated = cJSON_IsTrue(json_member(workload, "calibrated"));
    struct line line = {out, "workload", 0};
    add_part(&line, "", json_string(workload, "name"), is_calibrated ? " (calibrated)," : ",");
    add_count(&line, info, "repeats", "", "repeat");
    if (json_count(info, "concurrency") != UINT64_MAX) {
        add_part(&line, "", "in bursts of", "");
        add_number(&line, info, "concurrency", "");
    }
    end_line(&line);
    line = (struct line){out, "phases", 0};
    cJSON_ArrayForEach(phase, json_member(workload, "phases"))
    {
        add_part(&line, "", json_string(phase, "name"), "");
    }
    end_line(&line);
    line = (struct line){out, "runs", 0};
    add_number(&line, runs, "total", ",");
    add_number(&line, runs, "ok", " ok,");
    add_number(&line, runs, "failed", " failed");
    end_line(&line);
    line = (struct line){out, "cold", 0};
    add_part(&line, "", json_string(cold, "method"), "");
    if (line.parts)
        add_part(&line, "",
                 cJSON_IsTrue(verified)    ? "(verified)"
                 : cJSON_IsFalse(verified) ? "(some cold runs found their prompt cached)"
                                           : "(not verified)",
                 "");
    end_line(&line);
}

static void put_list(struct buf *out, const char *name, const cJSON *list)
{
    const cJSON *item;
    struct line line = {out, name, 0};
    cJSON_ArrayForEach(item, list)
    {
        add_part(&line, "", cJSON_IsString(item) ? item->valuestring : "", "");
    }
    end_line(&line);
}

/* "16 of 16 what": nothing where a count is not known. */
static void add_share(struct line *line, const cJSON *object, const char *name, const char *of,
                      const char *what)
{
    char text[64];
    uint64_t part = json_count(object, name), whole = json_count(object, of);
    if (part == UINT64_MAX || whole == UINT64_MAX)
        return;
    snprintf(text, sizeof text, "%llu of %llu", (unsigned long long)part, (unsigned long long)whole);
    add_part(line, "", text, what);
}

static void add_milliseconds(struct line *line, const char *before, const cJSON *object, const char *name,
                             const char *after)
{
    char text[32];
    double ms = json_number(object, name, -1);
    if (!(ms >= 0))
        return;
    snprintf(text, sizeof text, "%.3f", ms);
    add_part(line, before, text, after);
}

/* "request 3 at token 17, request 5 at token 0". */
static void put_diverged(const cJSON *fidelity, struct buf *out)
{
    const cJSON *one, *list = json_member(fidelity, "diverged");
    struct line line = {out, "parting", 0};
    cJSON_ArrayForEach(one, list)
    {
        char text[80];
        uint64_t request = json_count(one, "request"), token = json_count(one, "first_diverging_token");
        if (request == UINT64_MAX || token == UINT64_MAX)
            continue;
        snprintf(text, sizeof text, "request %llu at token %llu", (unsigned long long)request,
                 (unsigned long long)token);
        add_part(&line, "", text, one->next ? "," : "");
    }
    end_line(&line);
}

static void put_replay(const cJSON *info, struct buf *out)
{
    const cJSON *replay = json_member(info, "replay"), *fidelity = json_member(replay, "fidelity");
    const cJSON *lag = json_member(fidelity, "send_lag_ms");
    struct line line = {out, "replay of", 0};
    add_part(&line, "", json_string(replay, "parent"), "");
    end_line(&line);
    put_line(out, "pace", json_string(replay, "pace"));
    line = (struct line){out, "bodies", 0};
    add_share(&line, fidelity, "identical_bodies", "requests", " identical");
    end_line(&line);
    line = (struct line){out, "answers", 0};
    add_share(&line, fidelity, "lengths_equal", "answers_compared", " of equal length,");
    add_share(&line, fidelity, "texts_equal", "answers_compared", " of equal text");
    end_line(&line);
    put_diverged(fidelity, out);
    line = (struct line){out, "send lag", 0};
    add_milliseconds(&line, "p50 ", lag, "p50", " ms,");
    add_milliseconds(&line, "p99 ", lag, "p99", " ms,");
    add_milliseconds(&line, "max ", lag, "max", " ms");
    end_line(&line);
}

static void put_import(const cJSON *info, struct buf *out)
{
    const cJSON *import = json_member(info, "import"), *item;
    struct line line = {out, "imported", 0};
    add_part(&line, "", json_string(import, "format"), "");
    add_part(&line, "of ", json_string(import, "tool"), "");
    end_line(&line);
    line = (struct line){out, "from", 0};
    cJSON_ArrayForEach(item, json_member(import, "files"))
    {
        add_part(&line, "", json_string(item, "name"), item->next ? "," : "");
    }
    end_line(&line);
    line = (struct line){out, "lacks", 0};
    cJSON_ArrayForEach(item, json_member(import, "lacks"))
    {
        add_part(&line, "", cJSON_IsString(item) ? item->valuestring : "", item->next ? "," : "");
    }
    end_line(&line);
}

static void put_labels(const cJSON *info, struct buf *out)
{
    const cJSON *label;
    struct line line = {out, "labels", 0};
    cJSON_ArrayForEach(label, json_member(info, "labels"))
    {
        if (!cJSON_IsString(label))
            continue;
        add_part(&line, "", label->string, "=");
        text_plain(out, label->valuestring);
    }
    end_line(&line);
}

static void put_loss(const cJSON *info, struct buf *out)
{
    const cJSON *loss = json_member(info, "loss");
    uint64_t stalls = json_count(loss, "stalls"), samples = json_count(loss, "samples");
    struct line line = {out, "loss", 0};
    if (stalls && stalls != UINT64_MAX)
        add_count(&line, loss, "stalls", "", "recorder stall");
    if (samples && samples != UINT64_MAX)
        add_count(&line, loss, "samples", "lost: ", "sensor sample");
    end_line(&line);
}

/* The first line has the name, the others stand below. */
static void put_findings(const cJSON *info, struct buf *out)
{
    struct text_list findings = {0};
    if (trace_findings(info, &findings) && !out->failed)
        out->failed = TT_NOMEM;
    for (size_t i = 0; i < findings.count; i++)
        put_line(out, i ? "" : "findings", findings.items[i]);
    text_list_release(&findings);
}

void info_put_text(const cJSON *info, struct buf *out)
{
    const cJSON *host = json_member(info, "host"), *power = json_member(info, "power");
    const char *content = json_string(json_member(info, "privacy"), "content");
    put_line(out, "trace", json_string(info, "trace"));
    put_line(out, "content id", json_string(info, "content_id"));
    put_line(out, "closed", json_string(info, "closed"));
    struct line tool = {out, "tool", 0};
    add_part(&tool, "", json_string(json_member(info, "tool"), "name"), "");
    add_part(&tool, "", json_string(json_member(info, "tool"), "version"), "");
    end_line(&tool);
    if (cJSON_IsTrue(json_member(info, "synthetic")))
        put_line(out, "synthetic", "played or made from a profile, not measured");
    put_engine(info, out);
    put_runs(info, out);
    put_replay(info, out);
    put_import(info, out);
    struct line line = {out, "host", 0};
    add_part(&line, "", json_string(host, "model"), "");
    add_part(&line, "", json_string(host, "chip"), "");
    add_part(&line, "", json_string(host, "os"), "");
    end_line(&line);
    put_list(out, "power", json_member(power, "rails"));
    put_labels(info, out);
    put_loss(info, out);
    put_findings(info, out);
    put_line(out, "content",
             content && strcmp(content, "masked") == 0 ? "masked"
                                                       : "requests and answers are stored word for word");
}
