/* SPDX-License-Identifier: MIT */
/* The names that other programs read in `report --json`: each is there, of its type and spelt so, whether
 * everything was measured or nothing. A name is never taken away or given another type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "analyze/report_json.h"
#include "formats/json.h"
#include "made_tape.h"

/* s text, n number, b true or false, a array, o object; a capital: or null. */
struct name {
    const char *name;
    char type;
};

static const struct name row_names[] = {
    {"cell", 's'},
    {"label", 's'},
    {"model", 'S'},
    {"model_file", 'S'},
    {"engine", 'S'},
    {"engine_version", 'S'},
    {"speculative", 'S'},
    {"quant", 'S'},
    {"tier", 'n'},
    {"mark", 's'},
    {"gates", 'a'},
    {"gate_causes", 'a'},
    {"decode_tok_s", 'N'},
    {"peak_tok_s", 'N'},
    {"decode_50k_tok_s", 'N'},
    {"ttft_ms", 'N'},
    {"ttft_cold_ms", 'N'},
    {"ttft_prefix_ms", 'N'},
    {"ttft_long_ms", 'N'},
    {"turn_ms", 'N'},
    {"prefill_tok_s", 'N'},
    {"prefix_reuse", 'N'},
    {"true_hit_rate", 'N'},
    {"wasted_tokens", 'N'},
    {"cached_state", 'S'},
    {"tokens_per_step", 'N'},
    {"step_ms", 'N'},
    {"acceptance", 'N'},
    {"tok_s_per_w", 'N'},
    {"j_per_token", 'N'},
    {"soc_w", 'N'},
    {"soc_w_net", 'N'},
    {"idle_w", 'N'},
    {"power_rails", 'a'},
    {"peak_rss_bytes", 'N'},
    {"steady_rss_bytes", 'N'},
    {"peak_footprint_bytes", 'N'},
    {"valid_pct", 'N'},
    {"runs_ok", 'n'},
    {"runs_failed", 'n'},
    {"runs_total", 'n'},
    {"repeats", 'n'},
    {"cold_method", 'S'},
    {"cold_verified", 'B'},
    {"early_stop", 'n'},
    {"thinking_honoured", 'B'},
    {"synthetic", 'b'},
    {"closed", 's'},
    {"suppressed", 'a'},
    {"notes", 'a'},
    {"content_ids", 'a'},
    {"n", 'o'},
    {"spread", 'o'},
    {"grade", 'o'},
    {"uncertainty", 'o'},
};

static const struct name run_names[] = {
    {"trace", 's'},
    {"repeat", 'n'},
    {"phase", 's'},
    {"attempt", 'n'},
    {"ok", 'b'},
    {"valid", 'b'},
    {"invalid_causes", 'a'},
    {"invalid_evidence", 'a'},
    {"error", 'S'},
    {"error_kind", 'S'},
    {"http_status", 'N'},
    {"finish_reason", 'S'},
    {"early_stop", 'b'},
    {"ttft_ms", 'N'},
    {"ttft_content_ms", 'N'},
    {"ttfb_ms", 'N'},
    {"connect_ms", 'N'},
    {"reconnected", 'b'},
    {"decode_tok_s", 'N'},
    {"decode_tokens", 'N'},
    {"decode_window_ms", 'N'},
    {"first_read_tokens", 'N'},
    {"token_source", 's'},
    {"completion_tokens", 'N'},
    {"prompt_tokens", 'N'},
    {"cached_tokens", 'N'},
    {"cached_state", 's'},
    {"cacheable_tokens", 'N'},
    {"hit_rate", 'N'},
    {"prefill_ms", 'N'},
    {"prefill_source", 'S'},
    {"max_tokens", 'N'},
    {"frames", 'n'},
    {"chunks", 'n'},
    {"bytes", 'n'},
    {"text_sha256", 'S'},
    {"reasoning_chars", 'n'},
    {"tool_calls", 'n'},
    {"steps", 'n'},
    {"step_ms", 'N'},
    {"itl_p50_ms", 'N'},
    {"itl_p90_ms", 'N'},
    {"itl_p95_ms", 'N'},
    {"itl_p99_ms", 'N'},
    {"draft_tokens", 'N'},
    {"draft_accepted", 'N'},
    {"prefill_j", 'N'},
    {"decode_j", 'N'},
    {"energy_u_j", 'N'},
    {"energy_reason", 'S'},
    {"soc_w", 'N'},
    {"peak_rss_bytes", 'N'},
    {"thermal_max", 'N'},
    {"thermal", 'S'},
    {"cold_method", 'S'},
    {"slot", 'N'},
    {"due_ttft_ms", 'N'},
    {"due_total_ms", 'N'},
};

#define COUNT(names) (sizeof(names) / sizeof *(names))

static int is_of(const cJSON *item, char type)
{
    switch (type | 0x20) {
    case 's':
        return cJSON_IsString(item);
    case 'n':
        return cJSON_IsNumber(item);
    case 'b':
        return cJSON_IsBool(item);
    case 'a':
        return cJSON_IsArray(item);
    default:
        return cJSON_IsObject(item);
    }
}

static void expect_names(const cJSON *object, const struct name *names, size_t count)
{
    assert_int_equal(cJSON_GetArraySize(object), count);
    for (size_t i = 0; i < count; i++) {
        const cJSON *item = json_member(object, names[i].name);
        int may_be_null = names[i].type < 'a';
        if (!item)
            fail_msg("'%s' is missing", names[i].name);
        else if (!(may_be_null && cJSON_IsNull(item)) && !is_of(item, names[i].type))
            fail_msg("'%s' is not of type %c", names[i].name, names[i].type);
    }
}

/* Of every figure, and of nothing else. */
static void expect_companions(const cJSON *row)
{
    static const struct name companions[] = {
        {"n", 'n'}, {"spread", 'N'}, {"grade", 'S'}, {"uncertainty", 'N'}};
    for (size_t i = 0; i < COUNT(companions); i++) {
        const cJSON *of = json_member(row, companions[i].name), *item;
        size_t figures = 0;
        for (size_t k = 0; k < COUNT(row_names); k++)
            figures += row_names[k].type == 'N';
        assert_int_equal(cJSON_GetArraySize(of), figures);
        cJSON_ArrayForEach(item, of)
        {
            int is_null = companions[i].type < 'a' && cJSON_IsNull(item);
            assert_true(is_null || is_of(item, companions[i].type));
            assert_non_null(json_member(row, item->string));
        }
    }
}

typedef int put_report(const struct gates *gates, const struct report *report, struct buf *out);

static int put_runs(const struct gates *gates, const struct report *report, struct buf *out)
{
    (void)gates;
    return report_json_runs(report, out);
}

static cJSON *json_of(const struct tape *tape, put_report *put)
{
    struct report report;
    struct gates gates;
    struct buf out = BUF_INIT;
    assert_int_equal(gates_open(&gates, GATES_DEFAULT, NULL), 0);
    report_init(&report);
    assert_int_equal(report_add(&report, tape, NULL), 0);
    assert_int_equal(report_finish(&report, &gates, NULL), 0);
    assert_int_equal(put(&gates, &report, &out), 0);
    cJSON *root = json_parse(out.data, out.len, JSON_FILE_MAX, NULL);
    assert_non_null(root);
    buf_release(&out);
    report_release(&report);
    gates_release(&gates);
    return root;
}

static void check(const struct tape *tape)
{
    cJSON *rows = json_of(tape, report_json_rows), *runs = json_of(tape, put_runs);
    const cJSON *block = cJSON_GetArrayItem(json_member(rows, "blocks"), 0);
    const cJSON *row = cJSON_GetArrayItem(json_member(block, "rows"), 0), *run;
    expect_names(row, row_names, COUNT(row_names));
    expect_companions(row);
    cJSON_ArrayForEach(run, json_member(runs, "runs")) expect_names(run, run_names, COUNT(run_names));
    cJSON_Delete(rows);
    cJSON_Delete(runs);
}

static void names_where_all_is_measured(void **state)
{
    struct tape tape;
    (void)state;
    made_tape_init(&tape, "aa", NULL);
    made_tape_campaign(&tape, 2);
    for (size_t i = 0; i < tape.run_count; i++) {
        struct run_figures *run = &tape.runs[i];
        run->energy = (struct energy_figures){1, 2, 3, 0.01, 20, 15, 0.2, GRADE_A, NULL};
        run->thermal_max = 1;
        run->draft_tokens = run->draft_accepted = run->steps = run->step_tokens = 10;
        run->connect_ms = run->ttfb_ms = run->ttft_content_ms = run->step_ms = run->prefill_ms = 5;
    }
    tape.idle_w = 5;
    check(&tape);
    tape_release(&tape);
}

static void names_where_nothing_is(void **state)
{
    struct tape tape;
    (void)state;
    made_tape_init(
        &tape, "aa",
        "{\"engine\":{\"name\":null,\"version\":null},\"model\":{\"id\":null,\"file\":null,\"quant\":"
        "null}}");
    struct run_figures *run = made_tape_run(&tape, 0, PHASE_WARM, NAN, NAN);
    run->http_status = ABSENT;
    run->finish_reason[0] = '\0';
    run->invalid = INVALID_NO_ANSWER;
    run->ok = 0;
    check(&tape);
    tape_release(&tape);
}

/* A report without a single run still has its row with all names. */
static void names_without_runs(void **state)
{
    struct tape tape;
    (void)state;
    made_tape_init(&tape, "aa", NULL);
    check(&tape);
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_where_all_is_measured),
        cmocka_unit_test(names_where_nothing_is),
        cmocka_unit_test(names_without_runs),
    };
    return cmocka_run_group_tests_name("report_names", tests, NULL, NULL);
}
