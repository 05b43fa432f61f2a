/* SPDX-License-Identifier: MIT */
/* Figures of real engines' answers, arrival times included: they must agree with what the server itself
 * counted and timed. UPDATE=1 writes the same answers as a trace, which the tests of commands read. */
#include "tape_fixture.h"

#include <dirent.h>
#include <math.h>

#include "formats/io.h"

#define CAPTURES      TEST_DATA "/captures/"
#define TRACE         TEST_DATA "/golden/captures.toktape"
#define CAPTURES_MAX  64
#define SURE_TOKENS   32
#define MAX_DEVIATION 0.006

struct capture {
    struct buf request, raw, reads;
    size_t head; /* bytes of raw up to and including the blank line */
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* Names of the captures whose arrival times were kept, sorted. */
static size_t list_captures(char names[CAPTURES_MAX][96])
{
    static const char suffix[] = ".reads.tsv";
    DIR *dir = opendir(CAPTURES);
    assert_non_null(dir);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        size_t len = strlen(entry->d_name), tail = sizeof suffix - 1;
        if (len <= tail || strcmp(entry->d_name + len - tail, suffix) != 0)
            continue;
        assert_true(count < CAPTURES_MAX && len - tail < sizeof names[0]);
        snprintf(names[count++], sizeof names[0], "%.*s", (int)(len - tail), entry->d_name);
    }
    closedir(dir);
    qsort(names, count, sizeof names[0], compare_names);
    return count;
}

static void load_part(struct buf *out, const char *name, const char *suffix, int required)
{
    char path[256];
    snprintf(path, sizeof path, CAPTURES "%s%s", name, suffix);
    buf_init(out, 0);
    int status = io_read_file(path, (size_t)4 << 20, out, NULL);
    assert_true(status == TT_OK || !required);
}

static void load_capture(struct capture *c, const char *name)
{
    load_part(&c->request, name, ".req.json", 0);
    load_part(&c->raw, name, ".raw", 1);
    load_part(&c->reads, name, ".reads.tsv", 1);
    const char *end = strstr(buf_text(&c->raw), "\r\n\r\n");
    assert_non_null(end);
    c->head = (size_t)(end - buf_text(&c->raw)) + 4;
}

static void release_capture(struct capture *c)
{
    buf_release(&c->request);
    buf_release(&c->raw);
    buf_release(&c->reads);
}

/* Puts the framing back that the capture was stored without. */
static void add_chunk(struct buf *wire, int chunked, const unsigned char *bytes, size_t len)
{
    if (chunked)
        buf_printf(wire, "%zx\r\n", len);
    buf_append(wire, bytes, len);
    if (chunked)
        buf_puts(wire, "\r\n");
}

/* The reads of a run as they came: chunks of the same read together, the head in front of the first. */
static void add_reads(struct fixture *f, uint64_t run, const struct capture *c)
{
    int chunked = strstr(buf_text(&c->raw), "chunked") != NULL, in_read = -1;
    struct buf wire = BUF_INIT;
    double at = 0;
    size_t offset = c->head;
    buf_append(&wire, c->raw.data, c->head);
    for (const char *line = strchr(buf_text(&c->reads), '\n') + 1; *line; line = strchr(line, '\n') + 1) {
        double ms;
        int read;
        size_t bytes;
        assert_int_equal(sscanf(line, "%lf %d %zu", &ms, &read, &bytes), 3);
        if (in_read >= 0 && read != in_read) {
            fixture_read(f, run, at, wire.data, wire.len);
            buf_clear(&wire);
        }
        in_read = read;
        at = ms;
        assert_true(offset + bytes <= c->raw.len);
        add_chunk(&wire, chunked, c->raw.data + offset, bytes);
        offset += bytes;
    }
    if (chunked)
        buf_puts(&wire, "0\r\n\r\n");
    fixture_read(f, run, at, wire.data, wire.len);
    struct run_end_row end = fixture_end_row(run, at + 0.2);
    end.status = strtoull(buf_text(&c->raw) + sizeof "HTTP/1.1", NULL, 10);
    fixture_row(f, TABLE_RUN_END, &end);
    buf_release(&wire);
}

static void add_capture(struct fixture *f, uint64_t run, const char *name)
{
    struct capture c;
    load_capture(&c, name);
    fixture_begin(f, run, c.request.len ? fixture_body(f, buf_text(&c.request)) : ABSENT);
    add_reads(f, run, &c);
    release_capture(&c);
}

static void describe(struct buf *meta, char names[CAPTURES_MAX][96], size_t count)
{
    buf_puts(
        meta,
        "{\"format\":\"toktape\",\"format_version\":1,\"trace\":\"00000000-0000-4000-8000-00000000004d\","
        "\"tool\":{\"name\":\"toktape\",\"version\":\"0\"},\"clock\":{\"name\":\"CLOCK_MONOTONIC\",\"numer\":"
        "1,"
        "\"denom\":1},\"engine\":{\"name\":\"llamacpp\",\"version\":\"b10587-3f545becc\",\"version_source\":"
        "\"system_fingerprint\",\"context\":131072,\"slots\":1},\"model\":{\"id\":\"chain-qwen3\",\"quant\":"
        "\"F16\"},\"workload\":{\"name\":\"captures\",\"phases\":[");
    for (size_t i = 0; i < count; i++)
        buf_printf(meta, "%s{\"name\":\"%s\"}", i ? "," : "", names[i]);
    buf_puts(meta, "]},\"privacy\":{\"content\":\"full\"},\"labels\":{\"machine\":\"loopback\"}}");
}

static void write_trace(struct fixture *f, char names[CAPTURES_MAX][96], size_t count)
{
    struct buf meta = BUF_INIT;
    describe(&meta, names, count);
    fixture_open(f, buf_text(&meta));
    fixture_clock(f, ZERO(0) - 1000 * MS);
    for (size_t i = 0; i < count; i++)
        add_capture(f, i, names[i]);
    buf_release(&meta);
}

static void update_trace(const struct fixture *f)
{
    struct buf bytes = BUF_INIT;
    assert_int_equal(io_read_file(f->path, (size_t)4 << 20, &bytes, NULL), TT_OK);
    assert_int_equal(io_write_file(TRACE, bytes.data, bytes.len, NULL), TT_OK);
    buf_release(&bytes);
}

struct sums {
    const char (*names)[96];
    size_t compared;
};

/* Tokens add up to N, and the rate is the server's own: N − 1 tokens in its milliseconds. */
static int check_run(void *context, const struct run_figures *f, const struct token_time *tokens,
                     size_t count)
{
    struct sums *s = context;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += tokens[i].tokens;
    assert_true(fabs(sum - (double)f->completion_tokens) < 0.5);
    if (f->invalid || f->server_predicted_n == ABSENT || f->completion_tokens < SURE_TOKENS)
        return TT_OK;
    double server = (double)(f->server_predicted_n - 1) / f->server_predicted_ms * 1e3;
    if (fabs(f->decode_tok_s / server - 1) > MAX_DEVIATION)
        fail_msg("%s: %.2f tok/s, but the server says %.2f", s->names[f->run], f->decode_tok_s, server);
    s->compared++;
    return TT_OK;
}

static void agrees_with_the_server(void **state)
{
    (void)state;
    static char names[CAPTURES_MAX][96];
    size_t count = list_captures(names);
    struct fixture f;
    struct tape tape;
    struct error e = {0};
    struct sums sums = {(const char(*)[96])names, 0};
    struct tape_options options = {.on_run = check_run, .hash_content = 1, .context = &sums};
    write_trace(&f, names, count);
    assert_int_equal(trace_writer_finish(f.writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(f.writer);
    close(f.fd);
    if (getenv("UPDATE"))
        update_trace(&f);
    int status = tape_load(&tape, f.path, &options, &e);
    unlink(f.path);
    if (status)
        fail_msg("%s", e.text);
    assert_int_equal(tape.run_count, 20);
    assert_int_equal(sums.compared, 6);
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_the_server)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
