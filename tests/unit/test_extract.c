/* SPDX-License-Identifier: MIT */
#include "tape_fixture.h"

#include "analyze/extract.h"

static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

static void open_trace(struct fixture *f)
{
    fixture_open(f,
                 "{\"format\":\"toktape\",\"workload\":{\"phases\":[{\"name\":\"cold\"},{\"name\":\"7\"}]}}");
}

/* A run of repeat 2, phase 1, whose answer is one chunk of `text`. */
static void add_attempt(struct fixture *f, uint64_t run, uint64_t attempt, uint64_t body, const char *text)
{
    struct run_row row = {
        .run = run, .repeat = 2, .phase = 1, .attempt = attempt, .body = body, .parent = ABSENT};
    char chunk[128];
    snprintf(chunk, sizeof chunk, "%zx\r\n%s\r\n0\r\n\r\n", strlen(text), text);
    fixture_row(f, TABLE_RUN, &row);
    fixture_read(f, run, 1, head, 20); /* the blank line comes in three pieces */
    fixture_read(f, run, 1, head + 20, sizeof head - 1 - 20 - 3);
    fixture_read(f, run, 1, head + sizeof head - 1 - 3, 2);
    fixture_read(f, run, 2, "\n", 1);
    fixture_read(f, run, 3, chunk, strlen(chunk));
    fixture_end(f, run, 4);
}

static void close_trace(struct fixture *f)
{
    assert_int_equal(trace_writer_finish(f->writer, "clean", NULL, NULL), TT_OK);
    trace_writer_free(f->writer);
    close(f->fd);
}

static int extract(const struct fixture *f, const char *phase, uint64_t attempt, enum extract_part part,
                   struct buf *out, struct error *e)
{
    struct extract_choice choice = {2, phase, attempt, part, 0};
    struct extract_state found;
    int status = extract_run(f->path, &choice, out, &found, e);
    assert_int_equal(found.is_incomplete, 0);
    return status;
}

static void expect(const struct fixture *f, uint64_t attempt, enum extract_part part, const char *text)
{
    struct buf out = BUF_INIT;
    struct error e = {0};
    if (extract(f, "7", attempt, part, &out, &e))
        fail_msg("%s", e.text);
    assert_int_equal(out.len, strlen(text));
    assert_memory_equal(out.data, text, out.len);
    buf_release(&out);
}

static void refuse(const struct fixture *f, const char *phase, uint64_t attempt, enum extract_part part,
                   int code, const char *sentence)
{
    struct buf out = BUF_INIT;
    struct error e = {0};
    assert_int_equal(extract(f, phase, attempt, part, &out, &e), code);
    if (!strstr(e.text, sentence))
        fail_msg("'%s' does not say '%s'", e.text, sentence);
    buf_release(&out);
}

/* Attempts may be interleaved; the last one counts unless another is asked for. */
static void finds_the_attempt_that_is_meant(void **state)
{
    (void)state;
    struct fixture f;
    open_trace(&f);
    uint64_t first = fixture_body(&f, "{\"n\":1}"), second = fixture_body(&f, "{\"n\":2}");
    add_attempt(&f, 0, 0, first, "one");
    add_attempt(&f, 1, 1, second, "two!");
    fixture_answer(&f, 2, second, NULL, 0);
    close_trace(&f);
    expect(&f, ABSENT, EXTRACT_REQUEST, "{\"n\":2}");
    expect(&f, 0, EXTRACT_REQUEST, "{\"n\":1}");
    expect(&f, ABSENT, EXTRACT_RESPONSE, "two!");
    expect(&f, 0, EXTRACT_RESPONSE, "one");
    expect(&f, ABSENT, EXTRACT_HEAD, head);
    expect(&f, 0, EXTRACT_WIRE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n0\r\n\r\n");
    refuse(&f, "7", 2, EXTRACT_WIRE, TT_NOTFOUND, "no attempt 2 of phase '7' in repeat 2");
    refuse(&f, "cold", ABSENT, EXTRACT_WIRE, TT_NOTFOUND, "no phase 'cold' in repeat 2");
    refuse(&f, "5", ABSENT, EXTRACT_WIRE, TT_NOTFOUND, "no phase '5' in repeat 2");
    refuse(&f, "warm", ABSENT, EXTRACT_WIRE, TT_NOTFOUND, "no phase 'warm'");
    unlink(f.path);
}

static void refuses_a_request_that_was_tampered_with(void **state)
{
    (void)state;
    struct fixture f;
    unsigned char digest[SHA256_BYTES] = {1}, list[] = {0}, twice[] = {0, 0}, beyond[] = {5};
    struct segment_row segment = {{digest, sizeof digest}, {(const unsigned char *)"{}", 2}};
    struct body_row bodies[] = {{{digest, sizeof digest}, 2, {list, 1}},
                                {{digest, sizeof digest}, 2, {twice, 2}},
                                {{digest, sizeof digest}, 9, {list, 1}},
                                {{digest, sizeof digest}, 2, {beyond, 1}},
                                {{digest, sizeof digest}, ABSENT, {list, 1}}};
    open_trace(&f);
    fixture_row(&f, TABLE_SEGMENT, &segment);
    for (size_t i = 0; i < 5; i++)
        fixture_row(&f, TABLE_BODY, &bodies[i]);
    for (uint64_t i = 0; i < 7; i++)
        add_attempt(&f, i, i, i == 6 ? ABSENT : i, "x");
    close_trace(&f);
    for (uint64_t i = 0; i < 4; i++)
        refuse(&f, "7", i, EXTRACT_REQUEST, TT_DAMAGED, "do not give the bytes it was sent with");
    refuse(&f, "7", 4, EXTRACT_REQUEST, TT_LIMIT, "over the limit");
    refuse(&f, "7", 5, EXTRACT_REQUEST, TT_NOTFOUND, "request body 5 is not in the trace");
    refuse(&f, "7", 6, EXTRACT_REQUEST, TT_NOTFOUND, "was not recorded");
    unlink(f.path);
}

static void refuses_broken_framing_but_gives_the_wire(void **state)
{
    (void)state;
    struct fixture f;
    struct run_row row = {.repeat = 2, .phase = 1, .body = ABSENT, .parent = ABSENT};
    open_trace(&f);
    fixture_row(&f, TABLE_RUN, &row);
    fixture_read(&f, 0, 1, head, sizeof head - 1);
    fixture_read(&f, 0, 2, "zz\r\nnonsense", 12);
    fixture_end(&f, 0, 3);
    close_trace(&f);
    refuse(&f, "7", ABSENT, EXTRACT_RESPONSE, TT_DAMAGED, "--wire");
    expect(&f, ABSENT, EXTRACT_WIRE, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnonsense");
    unlink(f.path);
}

static void keeps_to_its_limit(void **state)
{
    (void)state;
    struct fixture f;
    struct buf out;
    struct error e = {0};
    open_trace(&f);
    add_attempt(&f, 0, 0, ABSENT, "one");
    close_trace(&f);
    buf_init(&out, 20);
    assert_int_equal(extract(&f, "7", ABSENT, EXTRACT_WIRE, &out, &e), TT_LIMIT);
    assert_non_null(strstr(e.text, "longer than the limit of 20 bytes"));
    buf_release(&out);
    unlink(f.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_attempt_that_is_meant),
        cmocka_unit_test(refuses_a_request_that_was_tampered_with),
        cmocka_unit_test(refuses_broken_framing_but_gives_the_wire),
        cmocka_unit_test(keeps_to_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
