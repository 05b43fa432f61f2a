/* SPDX-License-Identifier: MIT */
#include "tape_fixture.h"

#include "analyze/info.h"
#include "formats/json.h"
#include "formats/jsonout.h"
#include "formats/trace_reader.h"

static const char meta[] = "{\"format\":\"toktape\",\"trace\":\"u-u-i-d\",\"tool\":{\"name\":\"toktape\","
                           "\"version\":\"9\"},\"engine\":{\"name\":\"old\"},"
                           "\"workload\":{\"name\":\"w\",\"phases\":[{\"name\":\"a\",\"cold\":true},{"
                           "\"name\":\"b\"}]},\"labels\":{\"k\":\"v\\u001b[2J\"}}";
static const struct event hello[] = {
    {100, TEXT("Hello")},
    {110, FINISH("stop")},
    {110,
     CHUNK("\"choices\":[],\"usage\":{\"prompt_tokens\":99,\"completion_tokens\":2,\"prompt_tokens_details\":"
           "{\"cached_tokens\":65}}")}};

static char *to_json(cJSON *info)
{
    struct buf out = BUF_INIT;
    struct jsonout j;
    assert_non_null(info);
    jsonout_init(&j, &out, 0);
    info_put_json(info, &j);
    cJSON_Delete(info);
    return buf_detach(&out);
}

static void finish_trace(struct fixture *f, const char *summary)
{
    assert_int_equal(trace_writer_finish(f->writer, "clean", summary, NULL), TT_OK);
    trace_writer_free(f->writer);
    close(f->fd);
}

static cJSON *describe_ends(const struct fixture *f)
{
    cJSON *first = NULL, *end = NULL;
    assert_int_equal(trace_read_ends(f->path, &first, &end, NULL), TT_OK);
    cJSON *info = info_of_ends(first, end);
    cJSON_Delete(first);
    cJSON_Delete(end);
    return info;
}

static void describes_what_was_read(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    struct buf text = BUF_INIT;
    fixture_open(&f, meta);
    assert_int_equal(
        trace_writer_meta(f.writer, "{\"facts\":[{\"path\":\"engine.name\",\"value\":\"new\"}]}", NULL),
        TT_OK);
    for (uint64_t i = 0; i < 2; i++) {
        struct series_row series = {.series = i,
                                    .kind = SERIES_POWER,
                                    .source = {(const unsigned char *)"nvml", 4},
                                    .name = {(const unsigned char *)(i ? "gpu1" : "gpu0"), 4}};
        fixture_row(&f, TABLE_SERIES, &series);
    }
    struct loss_row loss = {1, 12, {NULL, 0}, {NULL, 0}};
    struct stall_row stall = {1, 2, 3};
    fixture_row(&f, TABLE_LOSS, &loss);
    fixture_row(&f, TABLE_STALL, &stall);
    fixture_answer(&f, 0, ABSENT, hello, 3);
    fixture_begin(&f, 1, ABSENT);
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    cJSON *info = info_of_tape(&tape);
    info_put_text(info, &text);
    assert_non_null(strstr(buf_text(&text), "  engine      new\n"));
    assert_non_null(strstr(buf_text(&text), "  runs        2, 1 ok, 1 failed\n"));
    assert_non_null(strstr(buf_text(&text), "  power       gpu0 gpu1\n"));
    assert_non_null(strstr(buf_text(&text), "  loss        1 recorder stall lost: 12 sensor samples\n"));
    assert_null(strchr(buf_text(&text), '\x1b'));
    char *json = to_json(info);
    assert_non_null(strstr(json, "\"runs\":{\"total\":2,\"ok\":1,\"failed\":1}"));
    assert_non_null(strstr(json, "\"cold\":{\"method\":null,\"verified\":false}"));
    assert_non_null(strstr(json, "\"power\":{\"sources\":[\"nvml\"],\"rails\":[\"gpu0\",\"gpu1\"]}"));
    assert_non_null(strstr(json, "\"loss\":{\"stalls\":1,\"samples\":12}"));
    assert_non_null(strstr(json, "\"model\":null"));
    cJSON_free(json);
    buf_release(&text);
    tape_release(&tape);
}

/* With the summary in its END, the two ends say exactly what a reading of the whole trace says. */
static void describes_the_ends_alone(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    struct buf summary = BUF_INIT;
    struct tape_options unfinished = {.allow_incomplete = 1};
    fixture_open(&f, meta);
    assert_int_equal(
        trace_writer_meta(f.writer, "{\"facts\":[{\"path\":\"engine.name\",\"value\":\"new\"}]}", NULL),
        TT_OK);
    fixture_answer(&f, 0, ABSENT, hello, 3);
    assert_int_equal(trace_writer_flush(f.writer, NULL), TT_OK);
    assert_int_equal(tape_load(&tape, f.path, &unfinished, NULL), TT_OK);
    assert_int_equal(info_put_summary(&tape, &summary), TT_OK);
    tape_release(&tape);
    finish_trace(&f, buf_text(&summary));
    char *ends = to_json(describe_ends(&f));
    assert_int_equal(tape_load(&tape, f.path, NULL, NULL), TT_OK);
    char *whole = to_json(info_of_tape(&tape));
    assert_string_equal(ends, whole);
    assert_non_null(strstr(ends, "\"engine\":{\"name\":\"new\"}"));
    assert_non_null(strstr(ends, "\"closed\":\"clean\""));
    assert_non_null(strstr(ends, "\"repeats\":1,\"runs\":{\"total\":1,\"ok\":1,\"failed\":0}"));
    cJSON_free(ends);
    cJSON_free(whole);
    tape_release(&tape);
    buf_release(&summary);
    unlink(f.path);
}

static void says_when_the_ends_do_not_tell(void **state)
{
    (void)state;
    static const char *const summaries[] = {
        NULL,
        "{}",
        "{\"facts\":[],\"repeats\":1,\"runs\":7,\"cold\":{},\"power\":{},\"loss\":{}}",
        "{\"facts\":[],\"repeats\":1,\"runs\":{},\"cold\":{},\"power\":{}}",
        "{\"repeats\":1,\"runs\":{},\"cold\":{},\"power\":{},\"loss\":{}}",
        "{\"facts\":[],\"repeats\":1,\"runs\":{},\"cold\":{},\"power\":{},\"loss\":{}}",
    };
    size_t count = sizeof summaries / sizeof summaries[0];
    for (size_t i = 0; i < count; i++) {
        struct fixture f;
        fixture_open(&f, meta);
        finish_trace(&f, summaries[i]);
        cJSON *info = describe_ends(&f);
        assert_int_equal(info != NULL, i == count - 1);
        cJSON_Delete(info);
        unlink(f.path);
    }
}

/* A document nested as deep as a trace may nest it is cut off, not refused. */
static void survives_deep_documents(void **state)
{
    (void)state;
    struct fixture f;
    struct tape tape;
    struct buf deep = BUF_INIT;
    buf_puts(&deep, "{\"host\":");
    for (int i = 0; i < 90; i++)
        buf_puts(&deep, "[");
    for (int i = 0; i < 90; i++)
        buf_puts(&deep, "]");
    buf_puts(&deep, "}");
    fixture_open(&f, buf_text(&deep));
    assert_int_equal(fixture_load(&f, &tape, NULL, NULL), TT_OK);
    char *json = to_json(info_of_tape(&tape));
    assert_non_null(json);
    assert_non_null(strstr(json, "[[null]]"));
    cJSON_free(json);
    tape_release(&tape);
    buf_release(&deep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describes_what_was_read),
        cmocka_unit_test(describes_the_ends_alone),
        cmocka_unit_test(says_when_the_ends_do_not_tell),
        cmocka_unit_test(survives_deep_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
