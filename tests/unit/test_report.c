/* SPDX-License-Identifier: MIT */
/* Names and identities, the JSON that other programs read, and what a person sees. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "analyze/engine_args.h"
#include "analyze/model_name.h"
#include "analyze/report_json.h"
#include "analyze/run_fields.h"
#include "analyze/summary.h"
#include "analyze/views.h"
#include "formats/alloc.h"
#include "formats/json.h"
#include "formats/textsafe.h"
#include "made_tape.h"

static void test_quant_classes(void **state)
{
    static const char *const cases[][2] = {
        {"Q4_K - Medium", "Q4"},
        {"Q4_K_S", "Q4"},
        {"UD-Q4_K_XL", "Q4"},
        {"IQ4_XS - 4.25 bpw", "Q4"},
        {"MXFP4 MoE", "Q4"},
        {"NVFP4", "Q4"},
        {"AWQ", "Q4"},
        {"GPTQ-Int4", "Q4"},
        {"GPTQ-Int8", "Q8"},
        {"4bit", "Q4"},
        {"MLX4", "Q4"},
        {"Q4_0", "Q4"},
        {"Q5_K_XL", "Q5"},
        {"Q5_1", "Q5"},
        {"Q6_K", "Q6"},
        {"6bit", "Q6"},
        {"Q8_0", "Q8"},
        {"8-bit", "8-bit"},
        {"FP8", "Q8"},
        {"IQ2_XXS", "Q2"},
        {"F16", "F16"},
        {"BF16", "F16"},
        {"all F32", "F32"},
        {"W4A16", "Q4"},
        {"exotic", "exotic"},
        {"F5", "F5"},
        {"", "unknown quantisation"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_INIT;
        assert_int_equal(quant_class(cases[i][0], &out), 0);
        assert_string_equal(buf_text(&out), cases[i][1]);
        buf_release(&out);
    }
}

static void test_model_names(void **state)
{
    static const char *const cases[][2] = {
        {"/models/Qwen3.6-35B-A3B-UD-Q4_K_XL.gguf", "Qwen3.6-35B-A3B"},
        {"mlx-community/Qwen3.6-27B-4bit", "Qwen3.6-27B"},
        {"org/Model-MLX-8bit", "Model"},
        {"Model.i1-Q5_K_M.gguf", "Model"},
        {"Llama-3.1-8B-Instruct-Q8_0-00001-of-00003.gguf", "Llama-3.1-8B-Instruct"},
        {"big-00001-of-00003.gguf", "big"},
        {"qwen3:8b-q4_K_M", "qwen3:8b"},
        {"Qwen3_8B_Q4_K_M.gguf", "Qwen3_8B"},
        {"gpt-oss-20b-mxfp4.gguf", "gpt-oss-20b"},
        {"Mistral-7B-AWQ", "Mistral-7B"},
        {"Qwen-GPTQ-Int8", "Qwen-GPTQ"},
        {"qwen3.gguf", "qwen3"},
        {"Q4_K_M.gguf", "Q4_K_M"},
        {"F5-TTS", "F5-TTS"},
        {"C:\\models\\phi-4-BF16.gguf", "phi-4"},
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf out = BUF_INIT;
        assert_int_equal(model_display_name(cases[i][0], &out), 0);
        assert_string_equal(buf_text(&out), cases[i][1]);
        buf_release(&out);
    }
}

static void expect_identity(const char *meta, const char *label, const char *speculative,
                            const char *arguments)
{
    struct tape tape;
    struct identity id;
    made_tape_init(&tape, "aa", meta);
    assert_int_equal(identity_read(&id, &tape, NULL, NULL), 0);
    assert_string_equal(id.label, label);
    assert_string_equal(id.speculative, speculative);
    if (arguments)
        assert_string_equal(id.arguments, arguments);
    identity_release(&id);
    tape_release(&tape);
}

static void test_labels(void **state)
{
    (void)state;
    expect_identity(NULL, "Qwen3-8B \xC2\xB7 llamacpp b9430", "none", "context 65536, slots 1");
    expect_identity(
        "{\"labels\":{\"model\":\"Qwen-27B\"},\"engine\":{\"name\":\"llama.cpp\",\"version\":\"b1\","
        "\"args\":[\"--spec-type\",\"draft-mtp\",\"-ctk\",\"q8_0\",\"--cache-type-v=q4_0\",\"-t\",\"8\"]}}",
        "Qwen-27B \xC2\xB7 llamacpp b1 \xE2\x96\xB2MTP", "mtp",
        "context 65536, slots 1, K cache q8_0, V cache q4_0, threads 8");
    expect_identity("{\"engine\":{\"version\":\"0.6.0\",\"name\":\"mlx-vlm\",\"args\":[\"-md\",\"x.gguf\"]}}",
                    "Qwen3-8B \xC2\xB7 mlx_vlm 0.6.0 \xE2\x96\xB2"
                    "draft",
                    "draft", NULL);
    expect_identity("{\"speculative\":{\"kind\":\"none\"},\"engine\":{\"version\":null}}",
                    "Qwen3-8B \xC2\xB7 llamacpp", "none", NULL);
    expect_identity("{\"engine\":{\"args\":[\"--spec-type\",\"none\"],\"context\":null,\"slots\":null}}",
                    "Qwen3-8B \xC2\xB7 llamacpp b9430", "none", "");
}

/* META may be anything: numbers where texts belong, texts where lists belong, nothing at all. */
static void test_hostile_meta(void **state)
{
    static const char *const metas[] = {
        "{\"host\":7,\"engine\":[1],\"model\":\"x\",\"speculative\":{\"kind\":9},\"workload\":{\"phases\":{}}"
        "}",
        "{\"engine\":{\"args\":[1,null,\"-c\"],\"context\":-5,\"slots\":1e300},\"host\":{\"ram_bytes\":"
        "\"12x\"}}",
        "{\"engine\":{\"args\":\"-c "
        "5\",\"name\":\"\",\"version\":\"-\"},\"model\":{\"id\":\"/\",\"file\":\"\"}}",
        "{\"host\":{\"ram_bytes\":\"99999999999999999999999999\"},\"workload\":{\"phases\":[1,\"x\",{"
        "\"name\":2}]}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof metas / sizeof metas[0]; i++) {
        struct tape tape;
        struct buf out = BUF_INIT;
        made_tape_init(&tape, "aa", metas[i]);
        made_tape_run(&tape, 0, 1, 100, 60);
        made_tape_run(&tape, 1, UINT64_MAX, 100, 60);
        assert_int_equal(summary_text(&tape, 80, 1, &out, NULL), 0);
        assert_true(out.len > 0);
        buf_release(&out);
        tape_release(&tape);
    }
}

static void make_report(struct report *report, struct gates *gates, struct tape *tape)
{
    assert_int_equal(gates_open(gates, GATES_DEFAULT, NULL), 0);
    report_init(report);
    assert_int_equal(report_add(report, tape, NULL), 0);
    assert_int_equal(report_finish(report, gates, NULL), 0);
}

/* The names of an object's members, joined. */
static void expect_members(const cJSON *object, const char *wanted)
{
    struct buf names = BUF_INIT;
    const cJSON *item;
    cJSON_ArrayForEach(item, object) buf_printf(&names, "%s%s", names.len ? " " : "", item->string);
    assert_string_equal(buf_text(&names), wanted);
    buf_release(&names);
}

static cJSON *parse(const struct buf *json)
{
    struct error e = {0};
    cJSON *root = json_parse(json->data, json->len, JSON_FILE_MAX, &e);
    if (!root)
        fail_msg("%s", e.text);
    return root;
}

#define FIGURES                                                                                              \
    "decode_tok_s peak_tok_s decode_50k_tok_s ttft_ms ttft_cold_ms ttft_prefix_ms ttft_long_ms turn_ms "     \
    "prefill_tok_s prefix_reuse true_hit_rate wasted_tokens "
#define MORE_FIGURES "tokens_per_step step_ms acceptance tok_s_per_w j_per_token soc_w soc_w_net idle_w "
#define LAST_FIGURES "peak_rss_bytes steady_rss_bytes peak_footprint_bytes valid_pct"

static void test_row_json(void **state)
{
    struct tape tape;
    struct report report;
    struct gates gates;
    struct buf out = BUF_INIT;
    (void)state;
    made_tape_init(&tape, "c0ffee", NULL);
    made_tape_campaign(&tape, 2);
    tape.runs[PHASE_WARM].ttft_ms = tape.runs[PHASE_COUNT + PHASE_WARM].ttft_ms = 4000;
    make_report(&report, &gates, &tape);
    assert_int_equal(report_json_rows(&gates, &report, &out), 0);
    cJSON *root = parse(&out);
    expect_members(root, "gates blocks");
    assert_string_equal(json_string(root, "gates"), "docs-2026-06");
    const cJSON *block = cJSON_GetArrayItem(json_member(root, "blocks"), 0);
    expect_members(block, "title machine chip ram_bytes power_mode quant_class rows");
    assert_true(json_count(block, "ram_bytes") == 68719476736u);
    const cJSON *row = cJSON_GetArrayItem(json_member(block, "rows"), 0);
    expect_members(
        row, "cell label model model_file engine engine_version speculative quant tier mark gates "
             "gate_causes " FIGURES "cached_state " MORE_FIGURES "power_rails " LAST_FIGURES
             " runs_ok runs_failed runs_total repeats cold_method cold_verified early_stop "
             "thinking_honoured synthetic closed suppressed notes content_ids n spread grade uncertainty");
    static const char *const companions[] = {"n", "spread", "grade", "uncertainty"};
    for (size_t i = 0; i < 4; i++)
        expect_members(json_member(row, companions[i]), FIGURES MORE_FIGURES LAST_FIGURES);
    assert_string_equal(json_string(row, "engine_version"), "b9430-abc");
    assert_true(cJSON_IsNull(json_member(row, "tok_s_per_w")));
    assert_true(cJSON_IsNull(json_path(row, "grade.tok_s_per_w")));
    assert_true(json_count(json_member(row, "n"), "decode_tok_s") == 2);
    assert_string_equal(json_string(json_member(row, "grade"), "prefix_reuse"), "A");
    /* Eliminated by its TTFT: the peak is left out of tables, but not out of the data. */
    assert_true(json_count(row, "tier") == 4);
    assert_true(json_count(row, "peak_tok_s") == 101);
    assert_string_equal(cJSON_GetArrayItem(json_member(row, "suppressed"), 0)->valuestring, "peak_tok_s");
    const cJSON *gate = cJSON_GetArrayItem(json_member(row, "gates"), 1);
    expect_members(gate, "name value limit level");
    assert_string_equal(json_string(gate, "level"), "eliminated");
    assert_true(json_count(gate, "limit") == 3000);
    assert_true(report_has_failed_gate(&report));
    cJSON_Delete(root);
    buf_release(&out);
    report_release(&report);
    gates_release(&gates);
    tape_release(&tape);
}

static void test_runs_json(void **state)
{
    struct tape tape;
    struct report report;
    struct gates gates;
    struct buf out = BUF_INIT;
    (void)state;
    made_tape_init(&tape, "aa", NULL);
    struct run_figures *run = made_tape_run(&tape, 1, PHASE_WARM, NAN, NAN);
    run->invalid = INVALID_TIMEOUT | INVALID_NO_TOKEN;
    run->ok = 0;
    run->attempt = 1;
    run->ended = RUN_ENDED_STALLED;
    run->bytes = 4321;
    run->http_status = ABSENT;
    run->words = mem_zalloc(1, sizeof *run->words);
    assert_non_null(run->words);
    memcpy(run->words->error, "no \"byte\"", 10);
    make_report(&report, &gates, &tape);
    assert_int_equal(report_json_runs(&report, &out), 0);
    cJSON *root = parse(&out);
    const cJSON *item = cJSON_GetArrayItem(json_member(root, "runs"), 0);
    expect_members(
        item,
        "trace repeat phase attempt ok valid invalid_causes invalid_evidence error error_kind http_status "
        "finish_reason "
        "early_stop "
        "ttft_ms ttft_content_ms ttfb_ms connect_ms reconnected decode_tok_s decode_tokens decode_window_ms "
        "first_read_tokens token_source completion_tokens prompt_tokens cached_tokens cached_state "
        "cacheable_tokens "
        "hit_rate prefill_ms prefill_source max_tokens frames chunks bytes text_sha256 reasoning_chars "
        "tool_calls steps step_ms itl_p50_ms itl_p90_ms itl_p95_ms itl_p99_ms "
        "draft_tokens draft_accepted prefill_j decode_j energy_u_j energy_reason soc_w peak_rss_bytes "
        "thermal_max "
        "thermal cold_method slot due_ttft_ms due_total_ms");
    assert_string_equal(json_string(item, "trace"), "test.toktape");
    assert_string_equal(json_string(item, "phase"), "warm");
    assert_string_equal(json_string(item, "error_kind"), "timeout");
    assert_int_equal(cJSON_GetArraySize(json_member(item, "invalid_causes")), 2);
    const cJSON *why = cJSON_GetArrayItem(json_member(item, "invalid_evidence"), 0);
    assert_int_equal(cJSON_GetArraySize(json_member(item, "invalid_evidence")), 2);
    expect_members(why, "cause ended bytes token_frames after_ms");
    assert_string_equal(json_string(why, "cause"), "timeout");
    assert_string_equal(json_string(why, "ended"), "stalled");
    assert_int_equal(json_count(why, "bytes"), 4321);
    assert_int_equal(json_bool(item, "reconnected", -1), 1);
    assert_int_equal(json_bool(item, "valid", -1), 0);
    assert_true(cJSON_IsNull(json_member(item, "ttft_ms")));
    assert_true(cJSON_IsNull(json_member(item, "http_status")));
    assert_string_equal(json_string(item, "error"), "no \"byte\"");
    cJSON_Delete(root);
    buf_release(&out);
    report_release(&report);
    gates_release(&gates);
    tape_release(&tape);
}

/* Every flat view has as many fields in each line as in its head. */
static void test_flat_views(void **state)
{
    struct tape tape;
    struct report report;
    struct gates gates;
    (void)state;
    made_tape_init(&tape, "aa", "{\"labels\":{\"model\":\"plain\"}}");
    made_tape_campaign(&tape, 1);
    make_report(&report, &gates, &tape);
    for (int view = 0; view < 3; view++) {
        struct table table = TABLE_INIT;
        struct buf out = BUF_INIT;
        int status = view == 0   ? view_flat_rows(&gates, &report, &table)
                     : view == 1 ? view_flat_phases(&report, &table)
                                 : view_flat_runs(&report, &table);
        assert_int_equal(status, 0);
        assert_int_equal(table_csv(&table, &out), 0);
        size_t lines = 0, commas = 0, wanted = 0;
        for (const char *p = buf_text(&out); *p; p++) {
            commas += *p == ',';
            if (*p != '\n')
                continue;
            wanted = lines++ ? wanted : commas;
            assert_int_equal(commas, wanted);
            commas = 0;
        }
        assert_int_equal(lines, view == 0 ? 2 : 1 + PHASE_COUNT);
        table_release(&table);
        buf_release(&out);
    }
    report_release(&report);
    gates_release(&gates);
    tape_release(&tape);
}

static void test_notes_name_their_rows(void **state)
{
    static const char *const labels[] = {"a", "b", "c"};
    struct report_row rows[3];
    struct table table = TABLE_INIT;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(row_init(&rows[i]), 0);
        row_set_text(&rows[i].label, labels[i]);
        text_list_add(&rows[i].notes, "common");
    }
    text_list_add(&rows[0].notes, "shared");
    text_list_add(&rows[2].notes, "shared");
    text_list_add(&rows[1].gate_causes, "TTFT is slow");
    rows[1].level = LEVEL_RESERVE;
    assert_int_equal(view_notes(rows, 3, &table), 0);
    assert_int_equal(table.notes.count, 3);
    assert_string_equal(table.notes.items[0], "b: reserve: TTFT is slow");
    assert_string_equal(table.notes.items[1], "all rows: common");
    assert_string_equal(table.notes.items[2], "a; c: shared");
    table_release(&table);
    for (size_t i = 0; i < 3; i++)
        row_release(&rows[i]);
}

static void expect_summary(const struct tape *tape, int width, const char *wanted)
{
    struct buf out = BUF_INIT;
    assert_int_equal(summary_text(tape, width, 0, &out, NULL), 0);
    assert_string_equal(buf_text(&out), wanted);
    buf_release(&out);
}

static void test_summary(void **state)
{
    static const uint64_t rss[][2] = {{10, 5046586573}, {20, 5046586572}};
    struct tape tape;
    (void)state;
    made_tape_init(&tape, "aa", NULL);
    made_tape_campaign(&tape, 1);
    made_tape_memory(&tape, SERIES_RSS, 0, rss, 2);
    expect_summary(&tape, 80,
                   "llamacpp b9430-abc \xC2\xB7 Qwen3-8B \xC2\xB7 Q4_K_M \xC2\xB7 context 65536\n"
                   "\n"
                   "phase           ok  TTFT ms  decode tok/s  prefill tok/s  cached  answer\n"
                   "cold           1/1      812          98.0           9210     0 %     400\n"
                   "warm           1/1       67         100.0              \xE2\x80\x94   100 %     400\n"
                   "prefix-test-1  1/1      210          99.0           9100    80 %     400\n"
                   "prefix-test-2  1/1      211          99.0           9000    80 %     400\n"
                   "prefix-test-3  1/1      212          99.0           9050    80 %     400\n"
                   "cold-prefix    1/1      806          98.0           9200     0 %     400\n"
                   "long-context   1/1     9100          71.0           6050    11 %     200\n"
                   "long-prefix    1/1       90          71.0              \xE2\x80\x94   100 %     200\n"
                   "\n"
                   "valid         100 % of 8 runs\n"
                   "prefix reuse  0.8 of the prompt came from the cache in the prefix tests\n"
                   "peak memory   4.7 GB resident\n"
                   "cold runs     by request; the engine confirms that nothing was cached\n"
                   "verdict       \xE2\x9C\x93 viable: every measured gate is passed\n"
                   "\n"
                   "ok            valid runs of all attempted; the figures are medians over them\n"
                   "TTFT          time from sending the request to the first token\n"
                   "decode        speed of the answer after its first token\n"
                   "prefill       speed of reading the part of the prompt that was not cached\n"
                   "cached        share of the prompt that the engine still had from before\n");
    tape_release(&tape);
}

static void expect_narrow(const struct tape *tape, int width)
{
    struct buf out = BUF_INIT;
    assert_int_equal(summary_text(tape, width, 0, &out, NULL), 0);
    char *line = (char *)out.data;
    while (*line) {
        char *end = strchr(line, '\n');
        *end = '\0';
        if (text_width(line) > (size_t)width)
            fail_msg("wider than %d: %s", width, line);
        for (const char *p = line; *p; p++)
            assert_true((unsigned char)*p >= 0x20 && *p != 0x7f);
        line = end + 1;
    }
    buf_release(&out);
}

/* Whatever the names are, the summary keeps to its width and to plain characters. */
static void test_summary_keeps_its_width(void **state)
{
    struct tape tape;
    (void)state;
    made_tape_init(&tape, "aa",
                   "{\"labels\":{\"model\":\"\\u001b[2J\\nm\xE6\xA8\xA1\xE5\x9E\x8B\\u202e|`$(reboot)`\"},"
                   "\"speculative\":{\"kind\":\"mtp\"}}");
    made_tape_campaign(&tape, 3);
    tape.runs[1].invalid = INVALID_LOOPING | INVALID_CUT;
    tape.runs[8].cached_tokens = 5000;
    expect_narrow(&tape, 80);
    expect_narrow(&tape, 60);
    expect_narrow(&tape, 45);
    tape_release(&tape);
}

/* Short answers do not enter a row, but whoever has only those wants to see what was measured. */
static void test_summary_of_early_stops(void **state)
{
    struct tape tape;
    struct buf out = BUF_INIT;
    (void)state;
    made_tape_init(&tape, "aa", NULL);
    made_tape_run(&tape, 0, PHASE_WARM, 100, 60)->early_stop = 1;
    made_tape_run(&tape, 1, PHASE_WARM, 110, 70)->early_stop = 1;
    made_tape_run(&tape, 0, PHASE_COLD, 90, 800)->early_stop = 1;
    made_tape_run(&tape, 1, PHASE_COLD, 80, 900);
    assert_int_equal(summary_text(&tape, 80, 0, &out, NULL), 0);
    assert_non_null(strstr(buf_text(&out), "\nwarm   2/2*       65         105.0 "));
    assert_non_null(strstr(buf_text(&out), "\ncold    2/2      900          80.0 "));
    assert_non_null(strstr(buf_text(&out), "\nphases with * have only answers below half"));
    buf_release(&out);
    tape_release(&tape);
}

static void test_summary_without_runs(void **state)
{
    struct tape tape;
    (void)state;
    made_tape_init(&tape, "aa", NULL);
    expect_narrow(&tape, 80);
    tape_release(&tape);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quant_classes),
        cmocka_unit_test(test_model_names),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_hostile_meta),
        cmocka_unit_test(test_row_json),
        cmocka_unit_test(test_runs_json),
        cmocka_unit_test(test_flat_views),
        cmocka_unit_test(test_notes_name_their_rows),
        cmocka_unit_test(test_summary),
        cmocka_unit_test(test_summary_keeps_its_width),
        cmocka_unit_test(test_summary_of_early_stops),
        cmocka_unit_test(test_summary_without_runs),
    };
    return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
