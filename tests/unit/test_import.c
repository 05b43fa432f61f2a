/* SPDX-License-Identifier: MIT */
/* Other tools' files: every truncation of each sample is refused or gives a whole trace, odd numbers and deep
 * nesting are refused with line and member, and what a sample says is what the analysis shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyze/tape.h"
#include "formats/import.h"
#include "formats/io.h"

#define OUTPUT "test_import.toktape"

static const struct {
    const char *file, *format;
    int is_lines; /* a cut between lines leaves a whole file */
} samples[] = {
    {"asiai-v1.json", "asiai", 0},
    {"asiai-v4.json", "asiai", 0},
    {"vllm.json", "vllm", 0},
    {"aiperf.jsonl", "aiperf", 1},
    {"aiperf-raw.jsonl", "aiperf-raw", 1},
    {"genai-perf.json", "genai-perf", 0},
    {"llama-bench.json", "llama-bench", 0},
    {"llama-bench-rows.jsonl", "llama-bench", 1},
    {"toktape.jsonl", "toktape", 1},
};
#define SAMPLES (sizeof samples / sizeof samples[0])

static void read_sample(const char *name, struct buf *out)
{
    char path[400];
    struct error e = {0};
    snprintf(path, sizeof path, "%s/imports/%s", TEST_DATA, name);
    if (io_read_file(path, 1 << 24, out, &e))
        fail_msg("%s", e.text);
}

static int import(const void *bytes, size_t len, const char *format, const char *output, struct error *e)
{
    struct import_options options = {.format = format};
    struct import_result result;
    memset(e, 0, sizeof *e);
    return import_memory(bytes, len, output, &options, &result, e);
}

static int import_text(const char *text, const char *format, struct error *e)
{
    return import(text, strlen(text), format, "/dev/null", e);
}

static void test_formats_are_told_by_what_they_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buf file = BUF_INIT;
        struct import_options options = {.format = "auto"};
        struct import_result result;
        struct error e = {0};
        read_sample(samples[i].file, &file);
        if (import_memory(file.data, file.len, "/dev/null", &options, &result, &e))
            fail_msg("%s: %s", samples[i].file, e.text);
        assert_string_equal(result.format, samples[i].format);
        assert_true(result.runs > 0);
        buf_release(&file);
    }
}

/* Bytes that end a value may be followed by white space only. */
static int is_whole_up_to(const struct buf *file, size_t len, int is_lines)
{
    if (len == 0)
        return 0;
    size_t end = len;
    while (end < file->len && file->data[end] == '\n')
        end++;
    return end == file->len || (is_lines && (file->data[len - 1] == '\n' || file->data[len] == '\n'));
}

static void test_every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < SAMPLES; i++) {
        struct buf file = BUF_INIT;
        read_sample(samples[i].file, &file);
        size_t step = file.len > 8192 ? 7 : 1;
        for (size_t len = 0; len<file.len; len += len + 200> file.len ? 1 : step) {
            struct error e;
            int status = import(file.data, len, samples[i].format, "/dev/null", &e);
            int is_whole = is_whole_up_to(&file, len, samples[i].is_lines);
            if ((status == TT_OK) != is_whole || (status && !e.text[0]))
                fail_msg("%s, %zu bytes: %d %s", samples[i].file, len, status, e.text);
        }
        buf_release(&file);
    }
}

static void refused(const char *text, const char *format, enum tt_err code, const char *sentence)
{
    struct error e;
    int status = import_text(text, format, &e);
    if (status != (int)code || !strstr(e.text, sentence))
        fail_msg("%d '%s', not %d '%s'", status, e.text, (int)code, sentence);
}

#define ASIAI(member)                                                                                        \
    "{\"schema_version\":\"agentic-v4\",\"engine\":\"x\",\n\"runs\":[{\"phase\":\"warm\",\n" member "}]}"
#define VLLM(start, ttft, itl)                                                                               \
    "{\"input_lens\":[5],\"output_lens\":[2],\n\"ttfts\":[" ttft "],\"itls\":[[" itl                         \
    "]],\"start_times\":[" start "]}"

static void test_odd_numbers_are_refused_by_name(void **state)
{
    (void)state;
    refused(ASIAI("\"ttft_ms\":-1"), "asiai", TT_SYNTAX, "line 3, 'ttft_ms': this figure is negative");
    refused(ASIAI("\"ttft_ms\":NaN"), "asiai", TT_SYNTAX, "line 3, 'ttft_ms': this is no finite number");
    refused(ASIAI("\"ttft_ms\":-Infinity"), "asiai", TT_SYNTAX, "'ttft_ms': this is no finite number");
    refused(ASIAI("\"ttft_ms\":1e999"), "asiai", TT_SYNTAX, "'ttft_ms': this is no finite number");
    refused(ASIAI("\"ttft_ms\":1e30"), "asiai", TT_SYNTAX, "negative or too large");
    refused(ASIAI("\"ttft_ms\":\"5\""), "asiai", TT_SYNTAX, "'ttft_ms': this should be a number");
    refused(ASIAI("\"ttft_ms\":[5]"), "asiai", TT_SYNTAX, "'ttft_ms': this should be a number");
    refused(ASIAI("\"completion_tokens\":9007199254740994"), "asiai", TT_SYNTAX, "from 0 to 2^53");
    refused(ASIAI("\"completion_tokens\":1.5"), "asiai", TT_SYNTAX,
            "'completion_tokens': this should be a whole");
    refused(ASIAI("\"completion_tokens\":01"), "asiai", TT_SYNTAX, "this is no JSON");
    refused(ASIAI("\"phase\":5"), "asiai", TT_SYNTAX, "'phase': this should be a text");
    refused(VLLM("0", "-0.5", ""), "vllm", TT_SYNTAX, "line 2, 'ttfts': this is no time");
    refused(VLLM("0", "0.5", "0.1,-0.1"), "vllm", TT_SYNTAX, "this is no time");
    refused(VLLM("0", "0.5", "NaN"), "vllm", TT_SYNTAX, "no finite number");
    refused(VLLM("4e9", "4e9", "4e9"), "vllm", TT_LIMIT, "too large");
    refused("{\"metadata\":{\"request_start_ns\":-5},\"metrics\":{}}", "aiperf", TT_SYNTAX,
            "line 1, 'request_start_ns': this is no time");
    refused("{\"metadata\":{},\"metrics\":{}}", "aiperf", TT_SYNTAX, "no metadata.request_start_ns");
}

static void test_what_is_no_such_file(void **state)
{
    (void)state;
    refused("", "auto", TT_SYNTAX, "the file is empty");
    refused("[]", "auto", TT_SYNTAX, "the file holds nothing");
    refused("{\"a\":1}", "auto", TT_USAGE, "of no format that import knows");
    refused("5", "auto", TT_SYNTAX, "should be an object");
    refused("{\"mean_ttft_ms\":5}", "vllm", TT_USAGE, "--save-detailed");
    refused("{\"input_lens\":[1],\"output_lens\":[1,2],\"ttfts\":[0.1],\"itls\":[[]]}", "vllm", TT_SYNTAX,
            "'output_lens': this list is longer");
    refused("{\"schema_version\":\"other\",\"engine\":\"x\",\"runs\":[]}", "asiai", TT_UNSUPPORTED,
            "no agentic");
    refused("{\"schema_version\":\"agentic-v1\",\"engine\":\"x\",\"runs\":[]}", "asiai", TT_USAGE, "no runs");
    refused(ASIAI("\"ttft_ms\":5") "{}", "asiai", TT_SYNTAX, "something follows");
    refused(
        "{\"experiments\":[{\"requests\":[{\"timestamp\":1,\"response_outputs\":[{\"response\":\"x\"}]}]}]}",
        "genai-perf", TT_SYNTAX, "no time in response_timestamps");
    refused("[{\"n_prompt\":0,\"n_gen\":0,\"samples_ns\":[1]}]", "llama-bench", TT_SYNTAX, "neither");
    refused("{\"type\":\"trace\"}", "toktape", TT_SYNTAX, "no trace with its 'meta'");
    refused(ASIAI("\"phase\":\"a\\q\""), "asiai", TT_SYNTAX, "this is no JSON");
    refused("{\"type\":\"trace\",\"meta\":{}}\n{\"type\":\"frame\",\"run\":3,\"clock_ns\":\"5\"}", "toktape",
            TT_SYNTAX, "line 2: a frame is of no run above it");
}

#define EVENT(t) "{\"perf_ns\":" t ",\"packets\":[{\"name\":\"data\",\"value\":\"{}\"}]}"

static void test_times_that_go_backwards(void **state)
{
    (void)state;
    refused("{\"start_perf_ns\":5,\"responses\":[" EVENT("9") "," EVENT("8") "]}", "aiperf-raw", TT_SYNTAX,
            "request 1: the times of its answer go backwards");
    refused("{\"start_perf_ns\":5,\"responses\":[" EVENT("4") "]}", "aiperf-raw", TT_SYNTAX, "go backwards");
    refused("{\"experiments\":[{\"requests\":[{\"timestamp\":5,\"response_timestamps\":[9,8],"
            "\"response_outputs\":[{\"response\":\"{}\"},{\"response\":\"{}\"}]}]}]}",
            "genai-perf", TT_SYNTAX, "go backwards");
}

/* Deeper than anything is nested, in a member that nobody wants and in one that is read. */
static void test_depth(void **state)
{
    struct buf text = BUF_INIT;
    (void)state;
    buf_puts(&text, "{\"schema_version\":\"agentic-v1\",\"engine\":\"x\",\"other\":");
    for (int i = 0; i < 10000; i++)
        buf_putc(&text, '[');
    refused(buf_text(&text), "asiai", TT_LIMIT, "nested too deeply");
    buf_clear(&text);
    for (int i = 0; i < 10000; i++)
        buf_puts(&text, "{\"a\":");
    refused(buf_text(&text), "auto", TT_LIMIT, "nested too deeply");
    buf_release(&text);
}

static void load(const char *file, const char *format, struct tape *tape)
{
    struct buf bytes = BUF_INIT;
    struct error e;
    struct tape_options reading = {.hash_content = 1};
    read_sample(file, &bytes);
    unlink(OUTPUT);
    if (import(bytes.data, bytes.len, format, OUTPUT, &e) || tape_load(tape, OUTPUT, &reading, &e))
        fail_msg("%s: %s", file, e.text);
    buf_release(&bytes);
    unlink(OUTPUT);
}

static void assert_near(double value, double wanted)
{
    if (!(fabs(value - wanted) <= 1e-6 * fabs(wanted)))
        fail_msg("%.9g is not %.9g", value, wanted);
}

/* Third repeat of 'warm' in the sample. */
static void test_figures_as_given(void **state)
{
    struct tape tape;
    (void)state;
    load("asiai-v4.json", "asiai", &tape);
    const struct run_figures *f = &tape.runs[17];
    assert_string_equal(tape_phase_name(&tape, f->phase), "warm");
    assert_int_equal(f->repeat, 2);
    assert_near(f->ttft_ms, 72);
    assert_near(f->decode_tok_s, 96.66);
    assert_int_equal(f->decode_tokens, 399);
    assert_near(f->decode_window_ms, 399 / 96.66 * 1e3);
    assert_int_equal(f->cached_tokens, 7508);
    assert_near(f->energy.soc_w, 38.51);
    assert_int_equal(f->peak_rss_bytes, (uint64_t)(19022.5 * 1048576));
    assert_true(isnan(f->itl_ms[ITL_EVEN][0]) && isnan(f->peak64_tok_s) && isnan(f->ttfb_ms));
    assert_int_equal(f->invalid, 0);
    assert_int_equal(tape.runs[10].invalid, INVALID_NO_ANSWER);
    assert_string_equal(run_error(&tape.runs[10]), "TimeoutError: timed out");
    tape_release(&tape);
}

/* Time to the first piece, and the rate over the pieces behind it: 41 tokens in the first answer, 40 behind
 * the first. */
static void test_figures_of_arrivals(void **state)
{
    struct tape tape;
    (void)state;
    load("vllm.json", "vllm", &tape);
    const struct run_figures *f = &tape.runs[1];
    assert_near(f->ttft_ms, 90);
    assert_int_equal(f->completion_tokens, 41);
    assert_int_equal(f->decode_tokens, 40);
    assert_near(f->start_s, 0.4);
    assert_true(f->itl_ms[ITL_EVEN][0] > 20 && f->itl_ms[ITL_EVEN][0] < 24.1);
    assert_int_equal(f->invalid, 0);
    assert_int_equal(tape.runs[2].invalid, INVALID_NO_ANSWER);
    assert_true(f->text_sha256[0] && !tape.runs[2].text_sha256[0]);
    tape_release(&tape);
}

static void test_events_are_read_as_they_came(void **state)
{
    struct tape tape;
    (void)state;
    load("aiperf-raw.jsonl", "aiperf-raw", &tape);
    const struct run_figures *f = &tape.runs[0];
    assert_near(f->ttft_ms, 60);
    assert_string_equal(f->finish_reason, "stop");
    assert_int_equal(f->completion_tokens, 16);
    assert_int_equal(f->prompt_tokens, 300);
    assert_int_equal(f->max_tokens, 24);
    assert_int_equal(f->cached_state, CACHED_NUMBER);
    assert_int_equal(tape.runs[3].invalid, INVALID_STATUS);
    tape_release(&tape);
}

/* A test of generation and one of prompt processing behind 4096 tokens. */
static void test_a_bench_without_requests(void **state)
{
    struct tape tape;
    (void)state;
    load("llama-bench.json", "llama-bench", &tape);
    const struct run_figures *generation = &tape.runs[3], *deep = &tape.runs[6];
    assert_near(generation->decode_tok_s, 21.5);
    assert_int_equal(generation->decode_tokens, 128);
    assert_true(isnan(generation->ttft_ms) && isnan(generation->prefill_tok_s));
    assert_near(deep->prefill_tok_s, 333);
    assert_int_equal(deep->prompt_tokens, 4608);
    assert_int_equal(deep->completion_tokens, ABSENT);
    assert_true(isnan(deep->decode_tok_s));
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_formats_are_told_by_what_they_hold),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_odd_numbers_are_refused_by_name),
        cmocka_unit_test(test_what_is_no_such_file),
        cmocka_unit_test(test_times_that_go_backwards),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_figures_as_given),
        cmocka_unit_test(test_figures_of_arrivals),
        cmocka_unit_test(test_events_are_read_as_they_came),
        cmocka_unit_test(test_a_bench_without_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
