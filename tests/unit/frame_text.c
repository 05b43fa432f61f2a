/* SPDX-License-Identifier: MIT */
#include "tests/unit/frame_text.h"

#include <inttypes.h>
#include <math.h>

#include "formats/jsonout.h"

void quoted_text(struct buf *out, struct bytes text)
{
    buf_putc(out, '"');
    json_escape(out, text.data, text.len);
    buf_putc(out, '"');
}

void count_text(struct buf *out, uint64_t count)
{
    if (count == ABSENT)
        buf_puts(out, "-");
    else
        buf_printf(out, "%" PRIu64, count);
}

static void number_text(struct buf *out, double value)
{
    struct jsonout j;
    jsonout_init(&j, out, 0);
    if (isnan(value))
        buf_puts(out, "-");
    else
        jsonout_number(&j, value);
}

static void named_count(struct buf *out, const char *name, uint64_t count)
{
    buf_printf(out, "%s=", name);
    count_text(out, count);
}

static void named_text(struct buf *out, const char *name, struct bytes text)
{
    if (!text.len)
        return;
    buf_printf(out, " %s=", name);
    quoted_text(out, text);
}

void usage_text(struct buf *out, const struct chat_usage *usage)
{
    named_count(out, "prompt", usage->prompt_tokens);
    named_count(out, ",completion", usage->completion_tokens);
    buf_puts(out, ",cached=");
    if (usage->cached_state == CACHED_NUMBER)
        count_text(out, usage->cached_tokens);
    else
        buf_puts(out, usage->cached_state == CACHED_NULL ? "null" : "absent");
}

void timings_text(struct buf *out, const struct chat_timings *timings)
{
    named_count(out, "cache_n", timings->cache_n);
    named_count(out, ",prompt_n", timings->prompt_n);
    buf_puts(out, ",prompt_ms=");
    number_text(out, timings->prompt_ms);
    named_count(out, ",predicted_n", timings->predicted_n);
    buf_puts(out, ",predicted_ms=");
    number_text(out, timings->predicted_ms);
    named_count(out, ",draft_n", timings->draft_n);
    named_count(out, ",draft_n_accepted", timings->draft_n_accepted);
}

static void tool_text(struct buf *out, const struct chat_tool *tool)
{
    const struct bytes texts[] = {tool->id, tool->name, tool->arguments};
    buf_puts(out, " tool=");
    count_text(out, tool->index);
    for (size_t i = 0; i < 3; i++) {
        buf_putc(out, ',');
        quoted_text(out, texts[i]);
    }
}

static void progress_text(struct buf *out, const struct chat_progress *progress)
{
    named_count(out, " progress=total", progress->total);
    named_count(out, ",cached", progress->cached);
    named_count(out, ",processed", progress->processed);
}

void frame_text(struct buf *out, const struct chat_frame *frame)
{
    buf_puts(out, frame_kind_name(frame->kind));
    named_text(out, "content", frame->content);
    named_text(out, "reasoning", frame->reasoning);
    for (size_t i = 0; i < frame->tool_count; i++)
        tool_text(out, &frame->tools[i]);
    if (frame->tools_dropped)
        buf_printf(out, " dropped=%zu", frame->tools_dropped);
    named_text(out, "finish", frame->finish_reason);
    named_text(out, "error", frame->error);
    if (frame->token_ids != ABSENT)
        named_count(out, " ids", frame->token_ids);
    if (frame->has_usage) {
        buf_puts(out, " usage=");
        usage_text(out, &frame->usage);
    }
    if (frame->has_timings) {
        buf_puts(out, " timings=");
        timings_text(out, &frame->timings);
    }
    if (frame->has_progress)
        progress_text(out, &frame->progress);
}
