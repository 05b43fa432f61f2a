/* SPDX-License-Identifier: MIT */
#include "formats/sse.h"

#include <string.h>

#include "formats/error.h"

#define FIELD_NAME_ROOM                                                                                      \
    16 /* a line is at most this much longer than its data: "data: ", a byte order mark                      \
        */

void sse_init(struct sse *s, size_t event_max)
{
    memset(s, 0, sizeof *s);
    s->event_max = event_max;
    buf_init(&s->line, event_max + FIELD_NAME_ROOM);
    buf_init(&s->data, event_max);
}

void sse_release(struct sse *s)
{
    buf_release(&s->line);
    buf_release(&s->data);
}

void sse_clear(struct sse *s)
{
    struct buf line = s->line, data = s->data;
    buf_clear(&line);
    buf_clear(&data);
    sse_init(s, s->event_max);
    s->line = line;
    s->data = data;
}

uint64_t sse_pending(const struct sse *s)
{
    return s->offset - (s->event_open ? s->event_offset : s->line_offset);
}

/* --- the open event --- */

static void open_event(struct sse *s)
{
    if (!s->event_open)
        s->event_offset = s->line_offset;
    s->event_open = 1;
}

static void close_event(struct sse *s)
{
    s->event_open = s->has_data = s->is_oversized = 0;
    s->in_place.len = 0;
}

/* Moves data that lies in the caller's bytes to where it can be kept. */
static int keep_data(struct sse *s)
{
    struct bytes data = s->in_place;
    s->in_place = (struct bytes){NULL, 0};
    return data.len ? buf_append(&s->data, data.data, data.len) : TT_OK;
}

static void drop_data(struct sse *s)
{
    s->is_oversized = 1;
    s->in_place.len = 0;
    buf_clear(&s->data);
}

/* One data line. A whole event mostly is one, and then needs no copy. */
static int add_data(struct sse *s, struct bytes value, int may_stay_in_place)
{
    size_t so_far = s->data.len + s->in_place.len + (s->has_data ? 1 : 0);
    int is_first = !s->has_data;
    open_event(s);
    s->has_data = 1;
    if (is_first)
        buf_clear(&s->data);
    if (s->is_oversized)
        return TT_OK;
    if (value.len > s->event_max || (!is_first && so_far > s->event_max - value.len)) {
        drop_data(s);
        return TT_OK;
    }
    if (is_first && may_stay_in_place) {
        s->in_place = value;
        return TT_OK;
    }
    int status = keep_data(s);
    if (!status && !is_first)
        status = buf_putc(&s->data, '\n');
    return status ? status : buf_append(&s->data, value.data, value.len);
}

/* A blank line: the event, if it has data at all, is complete. */
static int end_event(struct sse *s, struct sse_event *event)
{
    int found = s->is_oversized ? SSE_OVERSIZED : s->has_data ? SSE_EVENT : SSE_MORE;
    event->offset = s->event_offset;
    event->text = s->in_place.len ? s->in_place : buf_bytes(&s->data);
    close_event(s);
    return found;
}

/* --- lines --- */

static struct bytes without_front(struct bytes b, size_t count)
{
    return (struct bytes){b.data + count, b.len - count};
}

static int comment(const struct sse *s, struct bytes line, struct sse_event *event)
{
    event->text = without_front(line, 1);
    if (event->text.len > SSE_COMMENT_MAX)
        event->text.len = SSE_COMMENT_MAX;
    event->offset = s->line_offset;
    return SSE_COMMENT;
}

/* Returns an enum sse_found or an error. */
static int take_line(struct sse *s, struct bytes line, int may_stay_in_place, struct sse_event *event)
{
    if (s->line_offset == 0 && line.len >= 3 && memcmp(line.data, "\xEF\xBB\xBF", 3) == 0)
        line = without_front(line, 3);
    if (!line.len)
        return end_event(s, event);
    if (line.data[0] == ':')
        return comment(s, line, event);
    if (line.len < 4 || memcmp(line.data, "data", 4) != 0 || (line.len > 4 && line.data[4] != ':')) {
        open_event(s);
        return SSE_MORE;
    }
    line = without_front(line, line.len > 4 ? 5 : 4);
    if (line.len && line.data[0] == ' ')
        line = without_front(line, 1);
    return add_data(s, line, may_stay_in_place);
}

/* Where the LF next stands at or after the cursor, or the input's end. How far there is none is remembered:
 * in front of it there may be many lines that end with CR, and each would search again. */
static const unsigned char *find_lf(struct sse *s, struct bytes in)
{
    const unsigned char *end = in.data + in.len;
    uint64_t skip = s->no_lf_before > s->offset ? s->no_lf_before - s->offset : 0;
    const unsigned char *at = skip < in.len ? memchr(in.data + skip, '\n', in.len - (size_t)skip) : NULL;
    if (!at)
        at = end;
    s->no_lf_before = s->offset + (uint64_t)(at - in.data);
    return at;
}

static const unsigned char *find_line_end(struct sse *s, struct bytes in)
{
    const unsigned char *lf = find_lf(s, in);
    const unsigned char *cr = memchr(in.data, '\r', (size_t)(lf - in.data));
    return cr ? cr : lf;
}

static void advance(struct sse *s, struct bytes *in, size_t count)
{
    *in = without_front(*in, count);
    s->offset += count;
}

/* Keeps the beginning of a line. What exceeds the room is lost on purpose: such a line is over the cap, and
 * stays so when it is cut. */
static int keep_line(struct sse *s, struct bytes part)
{
    size_t room = s->event_max + FIELD_NAME_ROOM - s->line.len;
    return buf_append(&s->line, part.data, part.len < room ? part.len : room);
}

/* The input ends inside a line: nothing may point into it any more. */
static int save_rest(struct sse *s, struct bytes *in)
{
    int status = keep_data(s);
    if (!status && in->len)
        status = keep_line(s, *in);
    advance(s, in, in->len);
    return status;
}

static int take_whole_line(struct sse *s, struct bytes *in, const unsigned char *line_end,
                           struct sse_event *event)
{
    struct bytes line = {in->data, (size_t)(line_end - in->data)};
    int in_place = s->line.len == 0;
    int found = TT_OK;
    if (!in_place) {
        found = keep_line(s, line);
        line = buf_bytes(&s->line);
    }
    s->skip_lf = *line_end == '\r';
    s->line_done = 1;
    advance(s, in, (size_t)(line_end - in->data) + 1);
    if (!found)
        found = take_line(s, line, in_place, event);
    s->line_offset = s->offset;
    return found;
}

/* Tidies up after the line before. Returns 1 when that has used up a byte of the input. */
static int begin_line(struct sse *s, struct bytes *in)
{
    int is_rest_of_crlf = s->skip_lf && in->data[0] == '\n';
    if (s->line_done)
        buf_clear(&s->line);
    s->line_done = s->skip_lf = 0;
    if (is_rest_of_crlf) {
        advance(s, in, 1);
        s->line_offset = s->offset;
    }
    return is_rest_of_crlf;
}

int sse_next(struct sse *s, struct bytes *in, struct sse_event *event)
{
    while (in->len) {
        if (begin_line(s, in))
            continue;
        const unsigned char *line_end = find_line_end(s, *in);
        if (line_end == in->data + in->len)
            return save_rest(s, in);
        int found = take_whole_line(s, in, line_end, event);
        if (found)
            return found;
    }
    return keep_data(s);
}
