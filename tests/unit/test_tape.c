/* SPDX-License-Identifier: MIT */
#include "tape_fixture.h"

#include <math.h>

#include "analyze/tape_memory.h"
#include "formats/json.h"

static const char meta[] =
    "{\"format\":\"toktape\",\"workload\":{\"phases\":[{\"name\":\"cold\"},{\"name\":\"warm\"}]},"
    "\"clock\":{\"numer\":125,\"denom\":3},\"engine\":{\"name\":\"llamacpp\",\"context\":4096}}";
static const struct event hello[] = {
    {100, TEXT("Hello")}, {110, FINISH("stop")}, {110, USAGE(10, 2)}, {111, DONE}};

static void open_trace(struct fixture *f)
{
    fixture_open(f, "{\"format\":\"toktape\"}");
    fixture_clock(f, 1);
}

/* Loads what must not load, and checks the sentence. */
static void refuse(struct fixture *f, int code, const char *sentence)
{
    struct tape tape;
    struct error e = {0};
    int status = fixture_load(f, &tape, NULL, &e);
    if (status != code || !strstr(e.text, sentence))
        fail_msg("status %d, '%s' instead of %d, '%s'", status, e.text, code, sentence);
    assert_non_null(strstr(e.text, f->path));
    tape_release(&tape);
}

static void refuses_rows_that_contradict_each_other(void **state)
{
    (void)state;
    struct fixture f;
    open_trace(&f);
    fixture_answer(&f, 0, ABSENT, hello, 4);
    fixture_end(&f, 0, 200);
    refuse(&f, TT_DAMAGED, "run 0 ends twice");

    open_trace(&f);
    fixture_begin(&f, 3, ABSENT);
    fixture_begin(&f, 3, ABSENT);
    refuse(&f, TT_DAMAGED, "run 3 begins twice");

    open_trace(&f);
    fixture_head(&f, 7, 1);
    refuse(&f, TT_DAMAGED, "run 7 is spoken of before it begins");

    open_trace(&f);
    fixture_end(&f, ABSENT, 1);
    refuse(&f, TT_DAMAGED, "is spoken of before it begins");

    open_trace(&f);
    fixture_answer(&f, 0, ABSENT, hello, 4);
    assert_int_equal(trace_writer_flush(f.writer, NULL), TT_OK);
    fixture_head(&f, 0, 300);
    refuse(&f, TT_DAMAGED, "run 0 receives bytes after its end");
}

static void refuses_ids_out_of_range(void **state)
{
    (void)state;
    struct fixture f;
    open_trace(&f);
    fixture_begin(&f, TAPE_RUNS_MAX, ABSENT);
    refuse(&f, TT_LIMIT, "beyond the limit of 24576 runs");

    open_trace(&f);
    fixture_begin(&f, ABSENT, ABSENT);
    refuse(&f, TT_LIMIT, "beyond the limit");

    open_trace(&f);
    struct sample_row sample = {9, 1, 1, ABSENT, 5};
    fixture_row(&f, TABLE_SAMPLE, &sample);
    refuse(&f, TT_DAMAGED, "sensor series 9, which is not declared");

    open_trace(&f);
    struct series_row series = {.series = 4, .kind = SERIES_RSS};
    fixture_row(&f, TABLE_SERIES, &series);
    refuse(&f, TT_DAMAGED, "series 4 is declared out of order");
}

static void refuses_too_many_runs_at_one_time(void **state)
{
    (void)state;
    struct fixture f;
    open_trace(&f);
    for (uint64_t run = 0; run <= TAPE_OPEN_MAX; run++) {
        fixture_begin(&f, run, ABSENT);
        fixture_head(&f, run, 1);
    }
    refuse(&f, TT_LIMIT, "more than 128 runs are answered at one time");
}

static void refuses_wire_bytes_without_reads(void **state)
{
    (void)state;
    struct fixture f;
    open_trace(&f);
    fixture_begin(&f, 0, ABSENT);
    struct read_row row = {0, AT(0, 1), 5};
    fixture_row(&f, TABLE_READ, &row); /* claims 5 bytes, brings none */
    refuse(&f, TT_DAMAGED, "the reads have more bytes than the wire");
}

/* 24 000 runs that begin and end and say nothing cost no more than their figures. */
static void reads_many_empty_runs(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    struct error e = {0};
    open_trace(&f);
    for (uint64_t run = 0; run < 24000; run++) {
        struct run_end_row end = fixture_end_row(run, 1);
        end.status = ABSENT;
        end.ended = RUN_ENDED_NO_CONNECTION;
        fixture_begin(&f, run, run);
        fixture_row(&f, TABLE_RUN_END, &end);
    }
    assert_int_equal(fixture_load(&f, &tape, NULL, &e), TT_OK);
    assert_int_equal(tape.run_count, 24000);
    assert_int_equal(tape.runs[23999].invalid, INVALID_NO_ANSWER);
    assert_int_equal(tape.runs[23999].http_status, ABSENT);
    assert_true(isnan(tape.runs[23999].ttft_ms));
    tape_release(&tape);
}

/* A block holds all its reads before all its ends, however many runs it covers. */
static void reads_many_short_runs_of_one_block(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    open_trace(&f);
    for (uint64_t run = 0; run < 300; run++)
        fixture_answer(&f, run, ABSENT, hello, 4);
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    assert_int_equal(tape.run_count, 300);
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(tape.runs[i].invalid, 0);
    tape_release(&tape);
}

static void keeps_interleaved_runs_apart(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    open_trace(&f);
    fixture_begin(&f, 1, ABSENT);
    fixture_begin(&f, 0, ABSENT);
    fixture_head(&f, 0, 2);
    fixture_head(&f, 1, 2);
    const char *word = TEXT("Hello");
    for (int i = 0; i < 10; i++) {
        size_t half = strlen(word) / 2;
        fixture_read(&f, 0, 100 + 10 * i, word, half);
        fixture_read(&f, 1, 100 + 20 * i, word, strlen(word));
        fixture_read(&f, 0, 105 + 10 * i, word + half, strlen(word) - half);
    }
    fixture_read(&f, 0, 205, FINISH("length"), strlen(FINISH("length")));
    fixture_end(&f, 0, 210);
    fixture_end(&f, 1, 400);
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    assert_int_equal(tape.run_count, 2);
    assert_int_equal(tape.runs[0].run, 1);
    assert_int_equal(tape.runs[0].visible_tokens, 10);
    assert_true(fabs(tape.runs[0].decode_window_ms - 180) < 1e-6);
    assert_true(fabs(tape.runs[1].ttft_ms - 105) < 1e-6);
    assert_true(fabs(tape.runs[1].decode_window_ms - 90) < 1e-6);
    assert_int_equal(tape.runs[1].invalid, 0);
    assert_int_equal(tape.runs[0].invalid, INVALID_CUT);
    tape_release(&tape);
}

static void marks_last_attempts_and_unfinished_runs(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    open_trace(&f);
    for (uint64_t run = 0; run < 3; run++) {
        struct run_row row = {.run = run,
                              .repeat = 0,
                              .phase = 5,
                              .attempt = run,
                              .body = ABSENT,
                              .parent = ABSENT,
                              .t_start = ZERO(run)};
        fixture_row(&f, TABLE_RUN, &row);
        fixture_head(&f, run, 1);
        fixture_read(&f, run, 10, TEXT("a"), strlen(TEXT("a")));
        if (run < 2)
            fixture_end(&f, run, 20);
    }
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    assert_int_equal(tape.runs[0].is_last_attempt, 0);
    assert_int_equal(tape.runs[1].is_last_attempt, 0);
    assert_int_equal(tape.runs[2].is_last_attempt, 1);
    assert_int_equal(tape.runs[2].invalid, INVALID_UNFINISHED);
    assert_string_equal(run_error(&tape.runs[2]), "the recording ended inside the run after 1 token frames");
    assert_int_equal(tape.runs[2].ok, 0);
    assert_true(isnan(tape.runs[2].ttft_ms));
    assert_int_equal(tape.runs[2].t_start, ZERO(2));
    assert_int_equal(tape.runs[2].t_last_arrival, AT(2, 10));
    tape_release(&tape);
}

static void judges_transports(void **state)
{
    (void)state;
    static const struct {
        uint64_t ended, status;
        unsigned invalid;
    } cases[] = {
        {RUN_ENDED_COMPLETE, 200, 0},
        {RUN_ENDED_COMPLETE, 500, INVALID_STATUS},
        {RUN_ENDED_CUT, 200, INVALID_TRANSPORT_CUT},
        {RUN_ENDED_TIMEOUT, 200, INVALID_TIMEOUT},
        {RUN_ENDED_STALLED, 200, INVALID_TIMEOUT},
        {RUN_ENDED_NO_CONNECTION, 200, INVALID_NO_ANSWER},
        {RUN_ENDED_INTERRUPTED, 200, INVALID_UNFINISHED},
        {RUN_ENDED_LIMIT, 200, INVALID_TRANSPORT_CUT},
        {99, 200, INVALID_TRANSPORT_CUT},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        struct tape tape;
        struct run_end_row end = fixture_end_row(0, 120);
        open_trace(&f);
        fixture_begin(&f, 0, ABSENT);
        fixture_head(&f, 0, 2);
        for (size_t k = 0; k < 4; k++)
            fixture_read(&f, 0, hello[k].ms, hello[k].text, strlen(hello[k].text));
        end.ended = cases[i].ended;
        end.status = cases[i].status;
        end.error = (struct bytes){(const unsigned char *)"said so", 7};
        fixture_row(&f, TABLE_RUN_END, &end);
        assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
        assert_int_equal(tape.runs[0].invalid, cases[i].invalid);
        assert_int_equal(tape.runs[0].ok, cases[i].invalid == 0);
        assert_string_equal(run_error(&tape.runs[0]), "said so");
        tape_release(&tape);
    }
}

/* The recorder saw a proper close, but the framing says that half of the body is missing. */
static void sees_cuts_in_the_framing(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    static const char head[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n";
    open_trace(&f);
    fixture_begin(&f, 0, ABSENT);
    fixture_read(&f, 0, 1, head, sizeof head - 1);
    for (size_t k = 0; k < 4; k++)
        fixture_read(&f, 0, hello[k].ms, hello[k].text, strlen(hello[k].text));
    fixture_end(&f, 0, 120);
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    assert_int_equal(tape.runs[0].invalid, INVALID_TRANSPORT_CUT);
    tape_release(&tape);
}

static void judges_tool_calls_against_their_request(void **state)
{
    (void)state;
    static const char request[] = "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
                                  "\"parameters\":{\"type\":\"object\",\"required\":[\"a\"]}}}]}";
    static const char *const arguments[] = {CALL("f", "{\\\"a\\\":1}"), CALL("f", "{\\\"b\\\":1}"),
                                            CALL("f", "{"), CALL("g", "{}")};
    static const unsigned want[] = {0, INVALID_TOOL_SCHEMA, INVALID_TOOL_ARGUMENTS, INVALID_TOOL_SCHEMA};
    struct fixture f;
    struct tape tape;
    open_trace(&f);
    uint64_t body = fixture_body(&f, request);
    for (uint64_t i = 0; i < 4; i++) {
        struct event events[] = {{100, arguments[i]}, {110, FINISH("tool_calls")}, {110, USAGE(9, 9)}};
        fixture_answer(&f, i, body, events, 3);
    }
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(tape.runs[i].invalid, want[i]);
    tape_release(&tape);
}

static void merges_facts_in_order(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    fixture_open(&f, meta);
    assert_int_equal(
        trace_writer_meta(f.writer,
                          "{\"facts\":[{\"path\":\"engine.version\",\"value\":\"b1\",\"how\":\"header\"},"
                          "{\"path\":\"model.id\",\"value\":\"m\"},{\"path\":\"engine.name.x\",\"value\":1},"
                          "{\"path\":\"\",\"value\":1},{\"value\":1},7]}",
                          NULL),
        TT_OK);
    assert_int_equal(
        trace_writer_meta(f.writer, "{\"facts\":[{\"path\":\"engine.version\",\"value\":\"b2\"}]}", NULL),
        TT_OK);
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    assert_string_equal(tape_text(&tape, "engine.version"), "b2");
    assert_string_equal(tape_text(&tape, "engine.name"), "llamacpp");
    assert_string_equal(tape_text(&tape, "model.id"), "m");
    assert_null(tape_text(&tape, "engine.context"));
    assert_int_equal(cJSON_GetArraySize(tape.facts), 7);
    assert_string_equal(tape_phase_name(&tape, 1), "warm");
    assert_string_equal(tape_phase_name(&tape, 2), "");
    assert_string_equal(tape_phase_name(&tape, ABSENT), "");
    assert_true(tape_ns(&tape, 24) == 1000);
    assert_string_equal(tape.closed, "clean");
    assert_int_equal(strlen(tape.content_id), 64);
    tape_release(&tape);
}

static void adds_up_the_memory_of_processes(void **state)
{
    (void)state;
    static const struct sample_row samples[] = {{0, 100 * MS, 1, ABSENT, 50},  {1, 110 * MS, 1, ABSENT, 7},
                                                {0, 200 * MS, 1, ABSENT, 40},  {1, 210 * MS, 1, ABSENT, 20},
                                                {2, 215 * MS, 1, ABSENT, 999}, {0, 5000 * MS, 1, ABSENT, 45}};
    struct fixture f;
    struct tape tape;
    open_trace(&f);
    for (uint64_t i = 0; i < 3; i++) {
        struct series_row row = {.series = i,
                                 .kind = SERIES_RSS,
                                 .generation = i,
                                 .period_ns = 100 * MS,
                                 .scope = i == 2 ? SCOPE_HOST : SCOPE_ENGINE,
                                 .name = {(const unsigned char *)"rss", 3}};
        fixture_row(&f, TABLE_SERIES, &row);
    }
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
        fixture_row(&f, TABLE_SAMPLE, &samples[i]);
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    assert_int_equal(tape.last_rss_generation, 1);
    assert_string_equal(tape.series[0].name, "rss");
    assert_string_equal(tape.series[0].unit, "");
    assert_int_equal(tape_whole_peak_rss(&tape), 60);
    assert_int_equal(tape.rss_sums.count, 0); /* a loaded tape keeps figures, no points */
    tape_release(&tape);
}

static void write_whole_trace(struct fixture *f, struct buf *bytes)
{
    open_trace(f);
    for (uint64_t run = 0; run < 3; run++) {
        fixture_answer(f, run, fixture_body(f, "{\"max_tokens\":3}"), hello, 4);
        assert_int_equal(trace_writer_flush(f->writer, NULL), TT_OK);
    }
    assert_int_equal(trace_writer_finish(f->writer, "interrupted", NULL, NULL), TT_OK);
    trace_writer_free(f->writer);
    lseek(f->fd, 0, SEEK_SET);
    char piece[4096];
    for (ssize_t n; (n = read(f->fd, piece, sizeof piece)) > 0;)
        buf_append(bytes, piece, (size_t)n);
    close(f->fd);
    unlink(f->path);
}

/* A cut at every byte: refused strictly, and with --allow-incomplete the whole blocks before it. */
static void keeps_what_a_cut_leaves(void **state)
{
    (void)state;
    struct fixture f;
    struct buf bytes = BUF_INIT;
    struct tape tape;
    struct error e = {0};
    struct tape_options lenient = {.allow_incomplete = 1};
    size_t runs_seen = 0;
    write_whole_trace(&f, &bytes);
    assert_int_equal(tape_load_memory(&tape, bytes.data, bytes.len, NULL, &e), TT_OK);
    assert_string_equal(tape.closed, "interrupted");
    assert_false(tape_is_incomplete(&tape));
    tape_release(&tape);
    for (size_t len = 0; len < bytes.len; len++) {
        int strict = tape_load_memory(&tape, bytes.data, len, NULL, &e);
        assert_true(strict == TT_TRUNCATED || strict == TT_DAMAGED);
        tape_release(&tape);
        int status = tape_load_memory(&tape, bytes.data, len, &lenient, &e);
        assert_int_equal(status, strict == TT_TRUNCATED ? TT_OK : TT_DAMAGED);
        if (!status) {
            assert_true(tape.run_count >= runs_seen && tape.run_count <= 3);
            runs_seen = tape.run_count;
            assert_string_equal(tape.closed, "incomplete");
            assert_true(tape_is_incomplete(&tape));
        }
        tape_release(&tape);
    }
    assert_int_equal(runs_seen, 3);
    buf_release(&bytes);
}

/* Bits flipped anywhere: an error or, never, another result. */
static void survives_flipped_bits(void **state)
{
    (void)state;
    struct fixture f;
    struct buf bytes = BUF_INIT;
    struct tape tape;
    struct tape_options checking = {.hash_content = 1};
    write_whole_trace(&f, &bytes);
    for (size_t at = 0; at < bytes.len; at++) {
        bytes.data[at] ^= (unsigned char)(1u << (at % 8));
        assert_int_not_equal(tape_load_memory(&tape, bytes.data, bytes.len, &checking, NULL), TT_OK);
        tape_release(&tape);
        bytes.data[at] ^= (unsigned char)(1u << (at % 8));
    }
    assert_int_equal(tape_load_memory(&tape, bytes.data, bytes.len, &checking, NULL), TT_OK);
    tape_release(&tape);
    buf_release(&bytes);
}

static int stop_at_second(void *context, const struct run_row *run)
{
    (void)run;
    return ++*(int *)context == 2 ? TT_INTERRUPTED : TT_OK;
}

static void hands_a_taps_wish_back(void **state)
{
    (void)state;
    struct fixture f;
    struct buf bytes = BUF_INIT;
    struct tape tape;
    int calls = 0;
    struct tape_options options = {.on_begin = stop_at_second, .context = &calls};
    write_whole_trace(&f, &bytes);
    assert_int_equal(tape_load_memory(&tape, bytes.data, bytes.len, &options, NULL), TT_INTERRUPTED);
    assert_int_equal(calls, 2);
    tape_release(&tape);
    buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_rows_that_contradict_each_other),
        cmocka_unit_test(refuses_ids_out_of_range),
        cmocka_unit_test(refuses_too_many_runs_at_one_time),
        cmocka_unit_test(refuses_wire_bytes_without_reads),
        cmocka_unit_test(reads_many_empty_runs),
        cmocka_unit_test(reads_many_short_runs_of_one_block),
        cmocka_unit_test(keeps_interleaved_runs_apart),
        cmocka_unit_test(marks_last_attempts_and_unfinished_runs),
        cmocka_unit_test(judges_transports),
        cmocka_unit_test(sees_cuts_in_the_framing),
        cmocka_unit_test(judges_tool_calls_against_their_request),
        cmocka_unit_test(merges_facts_in_order),
        cmocka_unit_test(adds_up_the_memory_of_processes),
        cmocka_unit_test(keeps_what_a_cut_leaves),
        cmocka_unit_test(survives_flipped_bits),
        cmocka_unit_test(hands_a_taps_wish_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
