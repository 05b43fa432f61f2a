/* SPDX-License-Identifier: MIT */
#include "analyze/jsonl_lines.h"

#include <math.h>
#include <stdio.h>

#include "analyze/frame_text.h"
#include "analyze/report_json.h"
#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/jsonout.h"

static void begin(struct jsonout *line, struct buf *out, const char *type, const struct export_trace *trace)
{
    jsonout_init(line, out, 0);
    jsonout_object(line);
    jsonout_field_string(line, "type", type);
    jsonout_field_string(line, "trace_id", trace->id);
}

static int end(struct jsonout *line)
{
    jsonout_end(line, '}');
    return buf_putc(line->out, '\n');
}

/* "" is not known. */
static void put_text(struct jsonout *line, const char *name, const char *text)
{
    jsonout_field_string(line, name, text && *text ? text : NULL);
}

/* As text: readers of JSON make floating-point numbers of digits, which hold 53 bits. */
static void put_exact(struct jsonout *line, const char *name, uint64_t number)
{
    jsonout_key(line, name);
    if (number == ABSENT)
        jsonout_null(line);
    else
        jsonout_u64_text(line, number);
}

/* However deep it nests. cJSON leaves DEL, which only texts can hold, as it is. */
static int put_meta(struct jsonout *line, const cJSON *meta)
{
    struct buf safe = BUF_INIT;
    char *text = cJSON_PrintUnformatted(meta);
    for (const char *p = text; p && *p; p++) {
        if (*p == 0x7f)
            buf_puts(&safe, "\\u007f");
        else
            buf_putc(&safe, *p);
    }
    int status = text ? safe.failed : TT_NOMEM;
    jsonout_key(line, "meta");
    jsonout_raw(line, buf_text(&safe), status ? 0 : safe.len);
    mem_free(text);
    buf_release(&safe);
    return status;
}

/* `engine` and `model` are no members: partitions are named by them, and readers want names only once. */
static void put_identity(struct jsonout *line, const struct identity *id)
{
    jsonout_field_string(line, "cell", id->cell);
    jsonout_field_string(line, "label", id->label);
    put_text(line, "machine", id->machine);
    put_text(line, "engine_name", id->engine);
    put_text(line, "engine_version", id->engine_version);
    put_text(line, "model_name", id->model);
    put_text(line, "model_file", id->model_file);
    put_text(line, "quant", id->quant);
    put_text(line, "speculative", id->speculative);
}

int jsonl_trace(struct buf *out, const struct export_trace *trace)
{
    struct jsonout line;
    const struct tape *tape = trace->tape;
    begin(&line, out, "trace", trace);
    jsonout_field_string(&line, "trace", tape_text(tape, "trace"));
    put_text(&line, "content_id", tape->content_id);
    jsonout_field_string(&line, "path", tape->path);
    jsonout_field_string(&line, "closed", tape->closed);
    put_identity(&line, &trace->cell->id);
    jsonout_field_bool(&line, "synthetic", cell_is_synthetic(trace->cell));
    put_exact(&line, "clock_ns", tape->t_origin == ABSENT ? ABSENT : tape_clock_ns(tape, tape->t_origin));
    put_exact(&line, "realtime_ns", tape->realtime_origin_ns);
    jsonout_field_number(&line, "idle_w", tape->idle_w);
    int status = put_meta(&line, tape->meta);
    int ended = end(&line);
    return status ? status : ended;
}

int jsonl_run(struct buf *out, const struct export_run *run)
{
    struct jsonout line;
    const struct run_figures *f = run->run->figures;
    const struct export_trace *trace = run->trace;
    begin(&line, out, "run", trace);
    jsonout_field_u64(&line, "run", f->run);
    jsonout_field_bool(&line, "last_attempt", f->is_last_attempt);
    jsonout_field_string(&line, "label", trace->cell->id.label);
    put_exact(&line, "clock_ns", f->t_zero == ABSENT ? ABSENT : tape_clock_ns(trace->tape, f->t_zero));
    report_json_run(trace->cell, run->run, &line);
    return end(&line);
}

static void put_place(struct jsonout *line, const struct export_run *run)
{
    const struct run_figures *f = run->run->figures;
    jsonout_field_u64(line, "run", f->run);
    jsonout_field_u64(line, "repeat", f->repeat);
    jsonout_field_string(line, "phase", run->phase);
    jsonout_field_u64(line, "attempt", f->attempt);
}

/* Signed nanoseconds as text: what came before time zero is negative. */
static void put_time(struct jsonout *line, const struct export_time *time)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)time->t_ns);
    jsonout_field_string(line, "t_ns", time->has_zero ? text : NULL);
    jsonout_key(line, "t_us");
    if (time->has_zero)
        jsonout_number(line, (double)time->t_ns / 1e3);
    else
        jsonout_null(line);
    put_exact(line, "clock_ns", time->clock_ns);
}

static void put_bytes(struct jsonout *line, const char *name, struct bytes text)
{
    jsonout_key(line, name);
    jsonout_string_n(line, text.data, text.len);
}

static void put_tools(struct jsonout *line, const struct chat_frame *chat)
{
    if (!chat->tool_count)
        return;
    jsonout_key(line, "tool_calls");
    jsonout_array(line);
    for (size_t i = 0; i < chat->tool_count && i < CHAT_TOOLS_MAX; i++) {
        jsonout_object(line);
        jsonout_field_u64(line, "index", chat->tools[i].index);
        put_bytes(line, "name", chat->tools[i].name);
        put_bytes(line, "arguments", chat->tools[i].arguments);
        jsonout_end(line, '}');
    }
    jsonout_end(line, ']');
}

int jsonl_frame(struct buf *out, const struct export_frame *frame)
{
    struct jsonout line;
    const struct chat_frame *chat = frame->frame->chat;
    begin(&line, out, "frame", frame->run->trace);
    put_place(&line, frame->run);
    put_time(&line, &frame->time);
    jsonout_field_string(&line, "kind", frame_kind_name(chat->kind));
    jsonout_field_u64(&line, "tokens", frame->tokens);
    put_bytes(&line, "text", frame_text(chat));
    put_tools(&line, chat);
    if (chat->reasoning.len && chat->kind != FRAME_REASONING)
        put_bytes(&line, "reasoning", chat->reasoning);
    if (chat->finish_reason.len)
        put_bytes(&line, "finish_reason", chat->finish_reason);
    jsonout_field_u64(&line, "chunk", frame->frame->read);
    jsonout_field_u64(&line, "offset", frame->frame->offset);
    return end(&line);
}

int jsonl_chunk(struct buf *out, const struct export_chunk *chunk)
{
    struct jsonout line;
    begin(&line, out, "chunk", chunk->run->trace);
    put_place(&line, chunk->run);
    put_time(&line, &chunk->time);
    jsonout_field_u64(&line, "bytes", chunk->nbytes);
    return end(&line);
}

int jsonl_sample(struct buf *out, const struct export_sample *sample)
{
    struct jsonout line;
    uint64_t value = sample->row->value;
    begin(&line, out, "sample", sample->trace);
    put_exact(&line, "clock_ns", sample->clock_ns);
    put_exact(&line, "duration_ns", sample->duration_ns);
    jsonout_field_string(&line, "source", sample->series->source);
    jsonout_field_string(&line, "name", sample->series->name);
    jsonout_field_string(&line, "unit", sample->series->unit);
    put_exact(&line, "source_t", sample->row->source_t);
    put_exact(&line, "value", value);
    jsonout_field_number(&line, "value_number", value == ABSENT ? NAN : (double)(int64_t)value);
    return end(&line);
}

int jsonl_note(struct buf *out, const struct export_trace *trace, const cJSON *note)
{
    struct jsonout line;
    begin(&line, out, "note", trace);
    jsonout_field_string(&line, "text", json_string(note, "text"));
    jsonout_field_string(&line, "author", json_string(note, "author"));
    jsonout_field_string(&line, "time", json_string(note, "time"));
    return end(&line);
}
