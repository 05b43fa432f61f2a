/* SPDX-License-Identifier: MIT */
#include "record/progress.h"

#include <math.h>
#include <stdio.h>

#include "formats/schema.h"
#include "formats/textsafe.h"

#define LONGEST_S 359999.0 /* 99:59:59: no estimate is worth more */

int progress_duration(double seconds, struct buf *out)
{
    unsigned long long s = seconds > 0 ? (unsigned long long)(fmin(seconds, LONGEST_S) + 0.5) : 0;
    if (s >= 3600)
        return buf_printf(out, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
    return buf_printf(out, "%llu:%02llu", s / 60, s % 60);
}

/* Appends the part when it still fits. */
static void add_part(struct buf *line, size_t width, const struct buf *part)
{
    if (text_width(buf_text(line)) + text_width(buf_text(part)) <= width)
        buf_puts(line, buf_text(part));
}

static void describe_tokens(const struct progress *p, struct buf *part)
{
    if (p->tokens != ABSENT && p->max_tokens)
        buf_printf(part, "  %3llu/%llu tok", (unsigned long long)p->tokens,
                   (unsigned long long)p->max_tokens);
}

static void describe_rate(const struct progress *p, struct buf *part)
{
    if (!isnan(p->tok_s))
        buf_printf(part, p->tok_s < 99.95 ? "  %4.1f tok/s" : "  %4.0f tok/s", p->tok_s);
}

static void describe_ttft(const struct progress *p, struct buf *part)
{
    if (isnan(p->ttft_ms))
        return;
    if (p->ttft_ms < 999.5)
        buf_printf(part, p->ttft_ms < 9.95 ? "  TTFT %.1f ms" : "  TTFT %.0f ms", p->ttft_ms);
    else
        buf_printf(part, "  TTFT %.1f s", p->ttft_ms / 1000);
}

static void describe_time(const struct progress *p, struct buf *part)
{
    buf_puts(part, "  ");
    progress_duration(p->elapsed_s, part);
    if (!isnan(p->remaining_s)) {
        buf_puts(part, " / ~");
        progress_duration(p->remaining_s, part);
    }
}

static void describe_place(const struct progress *p, struct buf *part)
{
    int digits = snprintf(NULL, 0, "%llu", (unsigned long long)p->total);
    buf_printf(part, "[%*llu/%llu] ", digits, (unsigned long long)p->index + 1, (unsigned long long)p->total);
    text_plain(part, p->phase);
    size_t used = text_width(p->phase);
    buf_printf(part, "%*s", used < 13 ? (int)(13 - used) : 0, "");
    if (p->repeats > 1)
        buf_printf(part, " %llu/%llu", (unsigned long long)p->repeat + 1, (unsigned long long)p->repeats);
}

int progress_line(const struct progress *p, size_t width, struct buf *out)
{
    static void (*const parts[])(const struct progress *, struct buf *) = {
        describe_place, describe_tokens, describe_rate, describe_ttft, describe_time};
    struct buf line = BUF_INIT, part = BUF_INIT;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        buf_clear(&part);
        parts[i](p, &part);
        add_part(&line, width, &part);
    }
    buf_puts(out, buf_text(&line));
    buf_release(&line);
    buf_release(&part);
    return out->failed;
}
