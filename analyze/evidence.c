/* SPDX-License-Identifier: MIT */
#include "analyze/evidence.h"

#include <math.h>
#include <string.h>

#include "analyze/decimal.h"
#include "analyze/looping.h"

static struct evidence text_of(const char *name, const char *text)
{
    return (struct evidence){name, text, NAN};
}

static struct evidence number_of(const char *name, double number)
{
    return (struct evidence){name, NULL, number};
}

static struct evidence count_of(const char *name, uint64_t count)
{
    return number_of(name, count == ABSENT ? NAN : (double)count);
}

/* How the transport ended, as the recorder saw it. */
static const char *ending(const struct run_figures *f)
{
    static const char *const names[] = {"complete",      "cut",         "timeout", "stalled",
                                        "no_connection", "interrupted", "limit",   "said_failed"};
    return f->ended < sizeof names / sizeof names[0] ? names[f->ended] : "unknown";
}

static size_t how_far(const struct run_figures *f, struct evidence *values)
{
    values[0] = text_of("ended", ending(f));
    values[1] = count_of("bytes", f->bytes);
    values[2] = count_of("token_frames", f->split.frames);
    values[3] = number_of("after_ms", f->total_ms);
    return 4;
}

static size_t of_words(const struct run_figures *f, unsigned cause, struct evidence *values)
{
    const struct word_evidence *words = f->words;
    if (!words)
        return 0;
    if (cause == INVALID_LOOPING) {
        values[0] = number_of("ratio", words->loop_ratio);
        values[1] = number_of("limit", LOOPING_THRESHOLD);
        values[2] = text_of("in", words->loop_in_reasoning ? "reasoning" : "content");
        values[3] = text_of("text", words->loop_text);
        return 4;
    }
    int is_misfit = cause == INVALID_TOOL_SCHEMA;
    values[0] = text_of("tool", is_misfit ? words->misfit_tool : words->broken_tool);
    values[1] = is_misfit ? text_of("place", words->misfit_place) : text_of("arguments", words->broken_text);
    return 2;
}

static size_t of_error(const struct run_figures *f, struct evidence *values)
{
    values[0] = count_of("token_frames", f->split.frames);
    if (!f->words)
        return 1;
    values[1] = text_of("message", f->words->said);
    return 2;
}

/* The values of one cause, enum invalid_cause; returns how many. */
static size_t evidence_of(const struct run_figures *f, unsigned cause, struct evidence values[EVIDENCE_MAX])
{
    switch (cause) {
    case INVALID_LOOPING:
    case INVALID_TOOL_ARGUMENTS:
    case INVALID_TOOL_SCHEMA:
        return of_words(f, cause, values);
    case INVALID_ERROR_OBJECT:
        return of_error(f, values);
    case INVALID_STATUS:
        values[0] = count_of("http_status", f->http_status);
        values[1] = count_of("bytes", f->bytes);
        return 2;
    case INVALID_NO_TOKEN:
    case INVALID_EMPTY:
        values[0] = count_of("completion_tokens", f->completion_tokens);
        values[1] = count_of("frames", f->frames);
        values[2] = count_of("bytes", f->bytes);
        return 3;
    default:
        return how_far(f, values);
    }
}

void evidence_json(const struct run_figures *f, struct jsonout *j)
{
    jsonout_array(j);
    for (unsigned bit = 1; bit && bit <= f->invalid; bit <<= 1) {
        struct evidence values[EVIDENCE_MAX];
        size_t count = f->invalid & bit ? evidence_of(f, bit, values) : 0;
        if (!(f->invalid & bit))
            continue;
        jsonout_object(j);
        jsonout_field_string(j, "cause", invalid_cause_name(bit));
        for (size_t i = 0; i < count; i++) {
            if (values[i].text)
                jsonout_field_string(j, values[i].name, values[i].text);
            else
                jsonout_field_number(j, values[i].name, values[i].number);
        }
        jsonout_end(j, '}');
    }
    jsonout_end(j, ']');
}

static void put_value(const struct evidence *value, struct buf *out)
{
    buf_printf(out, " %s=", value->name);
    if (!value->text) {
        decimal_put(out, value->number, (struct decimals){DECIMAL_UNLESS_WHOLE, 3});
        return;
    }
    buf_putc(out, '"');
    json_escape(out, value->text, strlen(value->text));
    buf_putc(out, '"');
}

int evidence_text(const struct run_figures *f, struct buf *out)
{
    size_t start = out->len;
    for (unsigned bit = 1; bit && bit <= f->invalid; bit <<= 1) {
        struct evidence values[EVIDENCE_MAX];
        if (!(f->invalid & bit))
            continue;
        size_t count = evidence_of(f, bit, values);
        buf_printf(out, "%s%s", out->len > start ? "; " : "", invalid_cause_name(bit));
        for (size_t i = 0; i < count; i++) {
            if (values[i].text || !isnan(values[i].number))
                put_value(&values[i], out);
        }
    }
    return out->failed;
}
