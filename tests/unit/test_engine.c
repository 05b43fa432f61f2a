/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_bench.h"
#include "formats/io.h"
#include "formats/json.h"

/* ---- llama.cpp, from recorded answers ---- */

static void test_llamacpp_from_its_endpoints(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    says_captured(&b, "/health", "llamacpp-health.raw");
    says_captured(&b, "/v1/models", "llamacpp-models.raw");
    says_captured(&b, "/props", "llamacpp-props.raw");
    says_captured(&b, "/slots", "llamacpp-slots.raw");
    says_captured(&b, "/metrics", "llamacpp-metrics.raw");
    identify(&b);
    assert_int_equal(b.id.kind, ENGINE_LLAMACPP);
    expect_text(&b, "engine.name", "llamacpp", "Server: header");
    expect_text(&b, "engine.version", "b10587-3f545becc", "/props build_info");
    expect_text(&b, "engine.version_source", "/props build_info", "/props build_info");
    expect_count(&b, "engine.context", 131072, "/props n_ctx");
    expect_count(&b, "engine.slots", 1, "/props total_slots");
    expect_text(&b, "model.id", "chain-qwen3", "/v1/models");
    expect_text(&b, "model.file", "/models/chain-qwen3-F16.gguf", "/props model_path");
    expect_text(&b, "model.quant", "F16", "/props model_ftype");
    expect_text(&b, "speculative.kind", "none", "/slots speculative");
    assert_null(fact(&b, "engine.args"));
    bench_close(&b);
}

static void test_each_llamacpp_answer_is_enough(void **state)
{
    (void)state;
    static const char *const alone[][2] = {{"/health", "llamacpp-health.raw"},
                                           {"/v1/models", "llamacpp-models.raw"},
                                           {"/props", "llamacpp-props.raw"},
                                           {"/metrics", "llamacpp-metrics.raw"}};
    for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
        struct bench b;
        bench_open(&b);
        says_captured(&b, alone[i][0], alone[i][1]);
        identify(&b);
        assert_int_equal(b.id.kind, ENGINE_LLAMACPP);
        buf_clear(&answer_of(&b, alone[i][0])->head);
        identify(&b);
        assert_int_equal(b.id.kind, i == 0 ? ENGINE_UNKNOWN : ENGINE_LLAMACPP);
        bench_close(&b);
    }
}

static void test_the_fingerprint_of_an_answer_is_enough(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    b.evidence.fingerprint = text("b10587-3f545becc");
    identify(&b);
    expect_text(&b, "engine.name", "llamacpp", "system_fingerprint");
    expect_text(&b, "engine.version", "b10587-3f545becc", "system_fingerprint");
    b.evidence.fingerprint = text("0.31.3-0.32.0-macOS-26.1-arm64-arm-64bit-applegpu_g17s");
    identify(&b);
    expect_text(&b, "engine.name", "mlx-lm", "system_fingerprint");
    expect_text(&b, "engine.version", "0.31.3", "system_fingerprint");
    b.evidence.fingerprint = text("fp_44709d6fcb");
    identify(&b);
    assert_int_equal(b.id.kind, ENGINE_UNKNOWN);
    bench_close(&b);
}

static void test_speculative_decoding_from_arguments_and_slots(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    says(&b, "/slots", "[{\"id\":0,\"n_ctx\":4096,\"speculative\":true}]");
    identify(&b);
    expect_text(&b, "speculative.kind", "unknown", "/slots speculative");
    says(&b, "/slots", "[{\"speculative\":true,\"params\":{\"speculative.types\":\"none,draft-mtp\"}}]");
    identify(&b);
    expect_text(&b, "speculative.kind", "draft-mtp", "/slots speculative.types");
    says(&b, "/slots", "[{\"speculative\":false,\"params\":{\"speculative.types\":\"none,draft-mtp\"}}]");
    identify(&b);
    expect_text(&b, "speculative.kind", "none", "/slots speculative");
    RUNS_AS(&b, "/opt/llama-server", "llama-server\0--spec-type\0draft-mtp\0--spec-draft-n-max\0003");
    identify(&b);
    expect_text(&b, "speculative.kind", "draft-mtp", "process arguments");
    RUNS_AS(&b, "/opt/llama-server", "llama-server\0-m\0a.gguf\0-md\0b.gguf");
    identify(&b);
    expect_text(&b, "speculative.kind", "draft", "process arguments");
    bench_close(&b);
}

/* ---- the others, as their sources say they answer ---- */

struct sample {
    const char *path, *header, *body, *fingerprint;
    enum engine_kind kind;
    const char *version; /* NULL: it does not say */
};

static const struct sample samples[] = {
    {"/health", "Server: mlx_vlm/0.6.15", "{\"loaded_model\":\"m\",\"loaded_context_size\":4096}", NULL,
     ENGINE_MLX_VLM, "0.6.15"},
    {"/health", "Server: uvicorn", "{\"loaded_model\":\"m\"}", NULL, ENGINE_MLX_VLM, NULL},
    {"/v1/models", NULL, "{\"data\":[{\"id\":\"m\",\"owned_by\":\"omlx\",\"max_model_len\":32768}]}", NULL,
     ENGINE_OMLX, NULL},
    {"/openapi.json", NULL,
     "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"oMLX API\",\"version\":\"0.4.2\"},\"paths\":{", NULL,
     ENGINE_OMLX, "0.4.2"},
    {"/metrics", NULL,
     "# TYPE rapid_mlx_build_info gauge\nrapid_mlx_build_info{version=\"0.12.18\",model=\"m\"} 1\n"
     "vllm:generation_tokens_total 4\n",
     NULL, ENGINE_RAPID_MLX, "0.12.18"},
    {"/openapi.json", NULL, "{\"info\":{\"title\":\"Rapid-MLX API\",\"version\":\"0.6.0\"},", NULL,
     ENGINE_RAPID_MLX, NULL},
    {"/openapi.json", NULL, "{\"info\":{\"title\":\"vllm-mlx API\",\"version\":\"0.2.1\"},", NULL,
     ENGINE_VLLM_MLX, NULL},
    {"/v1/models", NULL, "{\"data\":[{\"id\":\"m\",\"owned_by\":\"vllm-mlx\"}]}", NULL, ENGINE_VLLM_MLX,
     NULL},
    {"/health", NULL, "{\"status\":\"healthy\",\"model_name\":\"m\",\"engine_type\":\"batched\"}", NULL,
     ENGINE_VLLM_MLX, NULL},
    {"/version", NULL, "{\"version\":\"0.11.2\"}", NULL, ENGINE_VLLM, "0.11.2"},
    {"/metrics", NULL, "# x\nvllm:prompt_tokens_total{model_name=\"m\"} 1\n", NULL, ENGINE_VLLM, NULL},
    {"/api/version", NULL, "{\"version\":\"0.33.0\"}", NULL, ENGINE_OLLAMA, "0.33.0"},
    {"/health", NULL, "{}", "fp_ollama", ENGINE_OLLAMA, NULL},
    {"/api/v0/models", NULL,
     "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"quantization\":\"4bit\",\"loaded_context_length\":8192}]"
     "}",
     NULL, ENGINE_LMSTUDIO, NULL},
    {"/get_server_info", NULL, "{\"version\":\"0.5.5\",\"model_path\":\"org/m\"}", NULL, ENGINE_SGLANG,
     "0.5.5"},
    {"/health", "Server: toktape/0.1.0", "{\"status\":\"ok\"}", NULL, ENGINE_TOKTAPE, "0.1.0"},
    {"/health", "Server: nginx", "{\"status\":\"ok\"}", "fp_0123", ENGINE_UNKNOWN, NULL},
    /* LM Studio answers everything it does not know with 200 */
    {"/api/version", NULL, "{\"error\":\"Unexpected endpoint or method. (GET /api/version)\"}", NULL,
     ENGINE_UNKNOWN, NULL},
};

static void test_other_engines_are_recognised(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample *s = &samples[i];
        struct bench b;
        bench_open(&b);
        if (s->header)
            has_header(&b, s->path, s->header);
        if (s->fingerprint)
            b.evidence.fingerprint = text(s->fingerprint);
        says(&b, s->path, s->body);
        identify(&b);
        if (b.id.kind != s->kind)
            fail_msg("sample %zu: %s instead of %s", i, engine_name(b.id.kind), engine_name(s->kind));
        assert_true((b.id.version == NULL) == (s->version == NULL));
        if (s->version)
            assert_string_equal(b.id.version, s->version);
        assert_true((fact(&b, "engine.name") == NULL) == (s->kind == ENGINE_UNKNOWN));
        bench_close(&b);
    }
}

static void test_settings_of_other_engines(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    says(&b, "/version", "{\"version\":\"0.11.2\"}");
    says(&b, "/v1/models",
         "{\"data\":[{\"id\":\"other\",\"max_model_len\":1},"
         "{\"id\":\"qwen\",\"root\":\"Qwen/Qwen3-8B-AWQ\",\"owned_by\":\"vllm\",\"max_model_len\":40960}]}");
    b.evidence.model = text("qwen");
    RUNS_AS(&b, NULL,
            "python3\0/usr/bin/vllm\0serve\0--max-num-seqs=16\0--speculative-config\0{\"method\":\"mtp\"}");
    identify(&b);
    expect_count(&b, "engine.context", 40960, "/v1/models max_model_len");
    expect_count(&b, "engine.slots", 16, "process arguments");
    expect_text(&b, "model.id", "qwen", "model of an answer");
    expect_text(&b, "model.file", "Qwen/Qwen3-8B-AWQ", "/v1/models root");
    expect_text(&b, "speculative.kind", "mtp", "process arguments");
    bench_close(&b);
    bench_open(&b);
    says(&b, "/api/version", "{\"version\":\"0.33.0\"}");
    says(&b, "/api/ps",
         "{\"models\":[{\"name\":\"q:8b\",\"context_length\":32768,\"details\":{\"quantization_level\":\"Q4_"
         "K_M\"}}]}");
    identify(&b);
    expect_count(&b, "engine.context", 32768, "/api/ps context_length");
    expect_text(&b, "model.quant", "Q4_K_M", "/api/ps quantization_level");
    expect_text(&b, "model.id", "q:8b", "/api/ps");
    bench_close(&b);
}

static void test_several_models_name_none(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    says(&b, "/v1/models", "{\"data\":[{\"id\":\"a\"},{\"id\":\"b\"}]}");
    identify(&b);
    assert_null(b.id.model_id);
    assert_null(fact(&b, "model.id"));
    bench_close(&b);
}

static void test_the_process_speaks_last(void **state)
{
    (void)state;
    static const struct {
        const char *executable, *arguments;
        size_t len;
        enum engine_kind kind;
    } programs[] = {
#define PROGRAM(executable, arguments, kind) {executable, arguments, sizeof arguments, kind}
        PROGRAM("/opt/llama.cpp/build/bin/llama-server", "llama-server", ENGINE_LLAMACPP),
        PROGRAM("/usr/bin/python3.12", "python3\0-m\0mlx_lm.server\0--model\0x", ENGINE_MLX_LM),
        PROGRAM("/usr/bin/python3.12", "python3\0/Users/u/.venv/bin/mlx_vlm.server", ENGINE_MLX_VLM),
        PROGRAM("/venvs/vllm/bin/python3", "python3\0-m\0omlx", ENGINE_OMLX),
        PROGRAM(NULL, "python\0/opt/bin/vllm-mlx\0serve", ENGINE_VLLM_MLX),
        PROGRAM(NULL, "python\0/opt/bin/vllm\0serve", ENGINE_VLLM),
        PROGRAM("/usr/local/bin/ollama", "ollama\0serve", ENGINE_OLLAMA),
        PROGRAM("/usr/bin/python3", "python3\0app.py\0--note\0about\0vllm", ENGINE_UNKNOWN),
        PROGRAM("/usr/sbin/nginx", "nginx", ENGINE_UNKNOWN),
    };
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        struct bench b;
        bench_open(&b);
        runs_as(&b, programs[i].executable, programs[i].arguments, programs[i].len);
        identify(&b);
        if (b.id.kind != programs[i].kind)
            fail_msg("program %zu: %s", i, engine_name(b.id.kind));
        says(&b, "/version", "{\"version\":\"1\"}"); /* what the server says counts more */
        identify(&b);
        assert_int_equal(b.id.kind, ENGINE_VLLM);
        bench_close(&b);
    }
}

static void test_facts_are_scrubbed(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    RUNS_AS(&b, "/home/ada/llama/llama-server",
            "/home/ada/llama/llama-server\0-m\0/home/ada/models/"
            "q.gguf\0--api-key\0hunter2secret\0--alias\0bad\x01\xff");
    identify(&b);
    expect_text(&b, "engine.binary", "~/llama/llama-server", "process");
    expect_text(&b, "model.file", "~/models/q.gguf", "process arguments");
    assert_string_equal(b.id.model_file, "/home/ada/models/q.gguf");
    expect_text(&b, "model.id", "bad\xEF\xBF\xBD\xEF\xBF\xBD", "process arguments");
    char *args = cJSON_PrintUnformatted(fact(&b, "engine.args"));
    assert_null(strstr(args, "ada"));
    assert_null(strstr(args, "hunter2"));
    assert_non_null(strstr(args, "\"~/models/q.gguf\",\"--api-key\",\"<redacted>\",\"--alias\""));
    cJSON_free(args);
    bench_close(&b);
}

static void test_the_environment_is_chosen_and_scrubbed(void **state)
{
    (void)state;
    static const char environment[] =
        "GGML_CUDA_FORCE_MMQ=1\0HOME=/home/ada\0LLAMA_CACHE=/home/ada/c\0VLLM_API_KEY=k";
    struct bench b;
    bench_open(&b);
    RUNS_AS(&b, "/opt/llama-server", "llama-server");
    identify(&b);
    assert_null(fact(&b, "engine.environment"));
    b.processes[0].environment = (struct bytes){(const unsigned char *)environment, sizeof environment};
    identify(&b);
    char *told = cJSON_PrintUnformatted(json_member(fact(&b, "engine.environment"), "value"));
    assert_string_equal(told, "[\"GGML_CUDA_FORCE_MMQ=1\",\"LLAMA_CACHE=~/c\"]");
    cJSON_free(told);
    bench_close(&b);
}

static void test_hostile_answers_do_no_harm(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    says(&b, "/props",
         "{\"build_info\":[1],\"default_generation_settings\":{\"n_ctx\":-5},\"total_slots\":1.5}");
    says(&b, "/slots", "{\"not\":\"a list\"}");
    says(&b, "/v1/models", "{\"data\":{\"id\":\"x\"}}");
    says(&b, "/version", "{\"version\":");
    says(&b, "/openapi.json", "{\"info\":{\"title\":\"oMLX API\",\"version\":\"0.");
    says(&b, "/metrics", "rapid_mlx_build_info{version=\"0.1");
    identify(&b);
    assert_int_equal(b.id.kind, ENGINE_RAPID_MLX);
    assert_null(b.id.version);
    assert_true(b.id.context == ABSENT && b.id.slots == ABSENT);
    char big[5000] = "{\"version\":\"";
    memset(big + 12, 'v', sizeof big - 15);
    memcpy(big + sizeof big - 3, "\"}", 3);
    says(&b, "/metrics", "");
    says(&b, "/openapi.json", "[]");
    says(&b, "/version", big);
    identify(&b);
    assert_int_equal(b.id.kind, ENGINE_VLLM);
    assert_int_equal(strlen(b.id.version), ENGINE_TEXT_MAX);
    bench_close(&b);
}

/* `python3 -m http.server` names a module, no model. */
static void test_a_module_is_no_model(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    RUNS_AS(&b, "/usr/bin/python3", "python3\0-m\0http.server");
    identify(&b);
    assert_null(b.id.model_file);
    bench_close(&b);
}

static void test_nothing_known_is_nothing_said(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    b.evidence.probes = NULL;
    identify(&b);
    assert_int_equal(b.id.kind, ENGINE_UNKNOWN);
    assert_int_equal(cJSON_GetArraySize(b.id.facts), 0);
    bench_close(&b);
}

/* ---- the file, and what is new ---- */

static void write_file(const char *path, size_t size)
{
    char zeros[64] = {0};
    assert_int_equal(io_write_file(path, zeros, size, NULL), TT_OK);
}

static void test_the_size_of_the_model(void **state)
{
    (void)state;
    struct bench b;
    char folder[] = "/tmp/toktape-engine.XXXXXX", one[100], two[100], arguments[220];
    assert_non_null(mkdtemp(folder));
    snprintf(one, sizeof one, "%s/m-00001-of-00002.gguf", folder);
    snprintf(two, sizeof two, "%s/m-00002-of-00002.gguf", folder);
    write_file(one, 10);
    bench_open(&b);
    int len = snprintf(arguments, sizeof arguments, "llama-server%c-m%c%s", 0, 0, one);
    runs_as(&b, NULL, arguments, (size_t)len);
    identify(&b);
    assert_int_equal(engine_measure_model(&b.id), TT_OK);
    assert_null(fact(&b, "model.size_bytes")); /* the second part is not there */
    write_file(two, 32);
    assert_int_equal(engine_measure_model(&b.id), TT_OK);
    expect_count(&b, "model.size_bytes", 42, "size of the file");
    bench_close(&b);
    io_remove(one, NULL);
    io_remove(two, NULL);
    remove(folder);
}

static void test_a_later_look_gives_only_what_is_new(void **state)
{
    (void)state;
    struct bench before, after;
    bench_open(&before);
    bench_open(&after);
    says(&before, "/v1/models", "{\"data\":[{\"id\":\"m\"}]}");
    says(&after, "/v1/models", "{\"data\":[{\"id\":\"m\"}]}");
    after.evidence.fingerprint = text("0.31.3-0.32.0-macOS");
    identify(&before);
    identify(&after);
    cJSON *fresh = engine_facts_since(&before.id, &after.id);
    assert_int_equal(cJSON_GetArraySize(fresh), 3);
    assert_string_equal(json_string(fresh->child, "path"), "engine.name");
    cJSON_Delete(fresh);
    bench_close(&before);
    bench_close(&after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_llamacpp_from_its_endpoints),
        cmocka_unit_test(test_each_llamacpp_answer_is_enough),
        cmocka_unit_test(test_the_fingerprint_of_an_answer_is_enough),
        cmocka_unit_test(test_speculative_decoding_from_arguments_and_slots),
        cmocka_unit_test(test_other_engines_are_recognised),
        cmocka_unit_test(test_settings_of_other_engines),
        cmocka_unit_test(test_several_models_name_none),
        cmocka_unit_test(test_a_module_is_no_model),
        cmocka_unit_test(test_the_process_speaks_last),
        cmocka_unit_test(test_facts_are_scrubbed),
        cmocka_unit_test(test_the_environment_is_chosen_and_scrubbed),
        cmocka_unit_test(test_hostile_answers_do_no_harm),
        cmocka_unit_test(test_nothing_known_is_nothing_said),
        cmocka_unit_test(test_the_size_of_the_model),
        cmocka_unit_test(test_a_later_look_gives_only_what_is_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
