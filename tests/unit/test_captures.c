/* SPDX-License-Identifier: MIT */
/* Streams of real engines, each against its golden: the frames, the first token, the text, the usage. Every
 * capture is read as it came, byte by byte, and in one piece, and must say the same. UPDATE=1 rewrites the
 * goldens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/error.h"
#include "formats/io.h"
#include "formats/stream.h"
#include "tests/unit/frame_text.h"

#define CAPTURES  TEST_DATA "/captures/"
#define FILE_MAX  ((size_t)4 << 20)
#define TOOLS_MAX 8

/* What a whole answer says, put together from its frames. */
struct answer {
    struct buf frames, reasoning, content, finish, error, model, fingerprint;
    struct buf tool_names[TOOLS_MAX], tool_arguments[TOOLS_MAX];
    size_t tool_count;
    uint64_t count, first_token; /* frames; index of the first token-bearing one */
    struct chat_usage usage;
    struct chat_timings timings;
    int has_usage, has_timings;
};

static void replace_text(struct buf *b, struct bytes text)
{
    if (!text.len)
        return;
    buf_clear(b);
    buf_append(b, text.data, text.len);
}

static void add_tool(struct answer *a, const struct chat_tool *tool)
{
    size_t index = tool->index == ABSENT ? a->tool_count : (size_t)tool->index;
    assert_true(index < TOOLS_MAX);
    if (index >= a->tool_count)
        a->tool_count = index + 1;
    buf_append(&a->tool_names[index], tool->name.data, tool->name.len);
    buf_append(&a->tool_arguments[index], tool->arguments.data, tool->arguments.len);
}

/* Usage may come in parts: what a later frame leaves out stays. */
static void merge_usage(struct answer *a, const struct chat_usage *usage)
{
    struct chat_usage *u = &a->usage;
    if (!a->has_usage)
        *u = (struct chat_usage){ABSENT, ABSENT, ABSENT, CACHED_ABSENT};
    a->has_usage = 1;
    if (usage->prompt_tokens != ABSENT)
        u->prompt_tokens = usage->prompt_tokens;
    if (usage->completion_tokens != ABSENT)
        u->completion_tokens = usage->completion_tokens;
    if (usage->cached_state != CACHED_ABSENT) {
        u->cached_state = usage->cached_state;
        u->cached_tokens = usage->cached_tokens;
    }
}

static void add_frame(struct answer *a, const struct chat_frame *frame)
{
    buf_append(&a->reasoning, frame->reasoning.data, frame->reasoning.len);
    buf_append(&a->content, frame->content.data, frame->content.len);
    for (size_t i = 0; i < frame->tool_count; i++)
        add_tool(a, &frame->tools[i]);
    replace_text(&a->finish, frame->finish_reason);
    replace_text(&a->error, frame->error);
    replace_text(&a->model, frame->model);
    replace_text(&a->fingerprint, frame->fingerprint);
    if (frame->has_usage)
        merge_usage(a, &frame->usage);
    if (frame->has_timings) {
        a->has_timings = 1;
        a->timings = frame->timings;
    }
}

static int on_frame(void *context, const struct stream_frame *frame)
{
    struct answer *a = context;
    buf_printf(&a->frames, "%d ", (int)a->count);
    frame_text(&a->frames, frame->chat);
    buf_putc(&a->frames, '\n');
    if (chat_is_token_bearing(frame->chat) && a->first_token == ABSENT)
        a->first_token = a->count;
    a->count++;
    add_frame(a, frame->chat);
    return 0;
}

static void answer_release(struct answer *a)
{
    struct buf *all[] = {&a->frames, &a->reasoning, &a->content,    &a->finish,
                         &a->error,  &a->model,     &a->fingerprint};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        buf_release(all[i]);
    for (size_t i = 0; i < TOOLS_MAX; i++) {
        buf_release(&a->tool_names[i]);
        buf_release(&a->tool_arguments[i]);
    }
}

/* --- the golden's text --- */

static void quoted_line(struct buf *out, const char *name, struct bytes text)
{
    if (!text.len)
        return;
    buf_printf(out, "%s ", name);
    quoted_text(out, text);
    buf_putc(out, '\n');
}

static struct bytes bytes_of(const struct buf *b)
{
    return (struct bytes){b->data, b->len};
}

static void describe_transport(struct buf *out, const struct stream_state *state)
{
    static const char *const bodies[] = {"none", "events", "document"};
    buf_printf(out, "status %d HTTP/1.%d\n", state->http_status, state->http_minor);
    quoted_line(out, "server", state->server);
    quoted_line(out, "content-type", state->content_type);
    buf_printf(out, "body %s %s\n", bodies[state->body], state->body_complete ? "complete" : "cut");
}

static void describe_answer(struct buf *out, const struct answer *a, const struct stream_state *state)
{
    buf_puts(out, "ttft ");
    if (a->first_token == ABSENT)
        buf_puts(out, "none");
    else
        count_text(out, a->first_token);
    buf_printf(out, "\nfinish %s\nusage ", a->finish.len ? buf_text(&a->finish) : "none");
    if (a->has_usage)
        usage_text(out, &a->usage);
    else
        buf_puts(out, "none");
    buf_puts(out, "\ntimings ");
    if (a->has_timings)
        timings_text(out, &a->timings);
    else
        buf_puts(out, "none");
    buf_printf(out, "\ndone %s\n", state->saw_done ? "yes" : "no");
    quoted_line(out, "model", bytes_of(&a->model));
    quoted_line(out, "fingerprint", bytes_of(&a->fingerprint));
    quoted_line(out, "error", bytes_of(&a->error));
    quoted_line(out, "reasoning", bytes_of(&a->reasoning));
    quoted_line(out, "content", bytes_of(&a->content));
    for (size_t i = 0; i < a->tool_count; i++) {
        buf_printf(out, "tool %d ", (int)i);
        quoted_text(out, bytes_of(&a->tool_names[i]));
        buf_putc(out, ' ');
        quoted_text(out, bytes_of(&a->tool_arguments[i]));
        buf_putc(out, '\n');
    }
}

/* --- captures as reads --- */

struct capture {
    struct buf wire;  /* as it went over the connection */
    struct buf reads; /* size_t each: where the reads of the wire end */
};

static void end_read(struct capture *c)
{
    buf_append(&c->reads, &c->wire.len, sizeof c->wire.len);
}

static void read_file(const char *folder_and_name, const char *suffix, struct buf *out)
{
    struct error e = {0};
    char path[1100];
    snprintf(path, sizeof path, "%s%s", folder_and_name, suffix);
    if (io_read_file(path, FILE_MAX, out, &e))
        fail_msg("%s", e.text);
}

/* Puts the chunk headers back that the capture's body has lost, and ends the reads where they ended. */
static void chunk_body(struct capture *c, struct bytes body, const char *table)
{
    size_t used = 0;
    long last_read = -1;
    for (const char *line = strchr(table, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
        long read, bytes;
        assert_int_equal(sscanf(line + 1, "%*f %ld %ld", &read, &bytes), 2);
        assert_true(bytes > 0 && (size_t)bytes <= body.len - used);
        if (read != last_read)
            end_read(c);
        last_read = read;
        buf_printf(&c->wire, "%lx\r\n", (unsigned long)bytes);
        buf_append(&c->wire, body.data + used, (size_t)bytes);
        buf_puts(&c->wire, "\r\n");
        used += (size_t)bytes;
    }
    assert_int_equal(used, body.len);
    buf_puts(&c->wire, "0\r\n\r\n");
}

static void load_raw(struct capture *c, const char *base)
{
    struct buf raw = BUF_INIT, table = BUF_INIT;
    read_file(base, ".raw", &raw);
    const char *blank = strstr(buf_text(&raw), "\r\n\r\n");
    assert_non_null(blank);
    size_t head = (size_t)(blank - buf_text(&raw)) + 4;
    struct bytes body = {raw.data + head, raw.len - head};
    buf_append(&c->wire, raw.data, head);
    if (strstr(buf_text(&c->wire), "\r\nTransfer-Encoding: chunked\r\n")) {
        read_file(base, ".reads.tsv", &table);
        chunk_body(c, body, buf_text(&table));
    } else {
        end_read(c);
        buf_append(&c->wire, body.data, body.len);
    }
    end_read(c);
    buf_release(&raw);
    buf_release(&table);
}

static void load_sse(struct capture *c, const char *base)
{
    buf_puts(&c->wire, "HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    end_read(c);
    read_file(base, ".sse", &c->wire);
    end_read(c);
}

static void feed_reads(struct stream *s, const struct capture *c)
{
    size_t at = 0;
    for (size_t i = 0; i < c->reads.len / sizeof(size_t); i++) {
        size_t end;
        memcpy(&end, c->reads.data + i * sizeof end, sizeof end);
        assert_int_equal(stream_feed(s, i, c->wire.data + at, end - at), TT_OK);
        at = end;
    }
    assert_int_equal(at, c->wire.len);
}

static void feed_pieces(struct stream *s, const struct capture *c, size_t size)
{
    for (size_t at = 0; at < c->wire.len; at += size) {
        size_t len = c->wire.len - at < size ? c->wire.len - at : size;
        assert_int_equal(stream_feed(s, at, c->wire.data + at, len), TT_OK);
    }
}

/* piece 0: the reads as they came. */
static void describe_capture(const struct capture *c, size_t piece, struct buf *out)
{
    struct answer a = {.first_token = ABSENT};
    struct stream *s = stream_new(on_frame, NULL, &a);
    assert_non_null(s);
    if (piece)
        feed_pieces(s, c, piece);
    else
        feed_reads(s, c);
    assert_int_equal(stream_close(s, c->wire.len), TT_OK);
    assert_int_equal(stream_state(s)->dropped_tail, 0);
    describe_transport(out, stream_state(s));
    buf_append(out, a.frames.data, a.frames.len);
    describe_answer(out, &a, stream_state(s));
    stream_free(s);
    answer_release(&a);
}

/* --- goldens --- */

static void compare(const char *base, const struct buf *seen)
{
    struct buf golden = BUF_INIT;
    char path[1100];
    if (getenv("UPDATE")) {
        snprintf(path, sizeof path, "%s.golden", base);
        assert_int_equal(io_write_file(path, seen->data, seen->len, NULL), TT_OK);
        return;
    }
    read_file(base, ".golden", &golden);
    size_t at = 0, line = 1;
    while (at < seen->len && at < golden.len && seen->data[at] == golden.data[at])
        line += golden.data[at++] == '\n';
    if (at != seen->len || at != golden.len)
        fail_msg("%s.golden:%d differs: %.60s", base, (int)line, buf_text(seen) + at);
    buf_release(&golden);
}

static void check_capture(const char *base, int is_sse)
{
    static const size_t pieces[] = {1, 7, 1460, FILE_MAX};
    struct capture c = {BUF_INIT, BUF_INIT};
    struct buf seen = BUF_INIT, again = BUF_INIT;
    if (is_sse)
        load_sse(&c, base);
    else
        load_raw(&c, base);
    describe_capture(&c, 0, &seen);
    compare(base, &seen);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        buf_clear(&again);
        describe_capture(&c, pieces[i], &again);
        assert_string_equal(buf_text(&again), buf_text(&seen));
    }
    buf_release(&c.wire);
    buf_release(&c.reads);
    buf_release(&seen);
    buf_release(&again);
}

static void reads_every_capture(void **state)
{
    int count = 0;
    DIR *dir = opendir(CAPTURES);
    (void)state;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) {
        char base[1024];
        const char *suffix = strrchr(entry->d_name, '.');
        if (!suffix || (strcmp(suffix, ".raw") != 0 && strcmp(suffix, ".sse") != 0))
            continue;
        snprintf(base, sizeof base, "%s%.*s", CAPTURES, (int)(suffix - entry->d_name), entry->d_name);
        check_capture(base, strcmp(suffix, ".sse") == 0);
        count++;
    }
    closedir(dir);
    assert_true(count >= 35); /* a capture that is lost must not pass for one that is read well */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
