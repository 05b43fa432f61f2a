/* SPDX-License-Identifier: MIT */
/* Each engine of the table as it is met: what its endpoints, its answers and its process say, and every fact
 * that follows, with how it was learnt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_bench.h"
#include "formats/json.h"
#include "tree.h"

#define SAYS_MAX  5
#define FACTS_MAX 14

/* A fact that must be stated: text, or a count where text is NULL. */
struct expected {
    const char *path, *text, *how;
    double count;
};

/* Arguments are separated by NUL, which `sizeof` counts. */
struct words {
    const char *executable, *arguments;
    size_t len;
};
#define WORDS(executable, arguments)                                                                         \
    {                                                                                                        \
        executable, arguments, sizeof arguments                                                              \
    }

struct engine_case {
    const char *name;
    struct {
        const char *path, *body, *header;
    } says[SAYS_MAX];
    const char *fingerprint, *server, *model; /* of a chat answer */
    struct words process, child;
    struct expected facts[FACTS_MAX]; /* all but engine.args; nothing else may be stated */
};

static const struct engine_case cases[] = {
    {.name = "llama.cpp",
     .says =
         {{"/health", "{\"status\":\"ok\"}", "Server: llama.cpp"},
          {"/props",
           "{\"default_generation_settings\":{\"n_ctx\":65536},\"total_slots\":2,\"model_alias\":\"qwen\","
           "\"model_path\":\"/home/ada/models/Qwen3-8B-Q4_K_M.gguf\",\"model_ftype\":\"Q4_K - Medium\","
           "\"build_info\":\"b9430-0a1b2c3d\",\"chat_template\":\"{{ x }}\"}",
           NULL},
          {"/slots",
           "[{\"id\":0,\"n_ctx\":65536,\"speculative\":true,\"params\":{\"speculative.types\":"
           "\"none,draft-mtp\"}},{\"id\":1}]",
           NULL}},
     .fingerprint = "b9430-0a1b2c3d",
     .model = "qwen",
     .process = WORDS("/opt/llama.cpp/bin/llama-server (deleted)",
                      "./llama-server\0-m\0/home/ada/models/Qwen3-8B-Q4_K_M.gguf\0-c\00065536\0-np\0002"),
     .facts = {{"engine.name", "llamacpp", "Server: header", 0},
               {"engine.version", "b9430-0a1b2c3d", "/props build_info", 0},
               {"engine.version_source", "/props build_info", "/props build_info", 0},
               {"model.id", "qwen", "model of an answer", 0},
               {"model.file", "~/models/Qwen3-8B-Q4_K_M.gguf", "/props model_path", 0},
               {"model.quant", "Q4_K - Medium", "/props model_ftype", 0},
               {"engine.context", NULL, "/props n_ctx", 65536},
               {"engine.slots", NULL, "/props total_slots", 2},
               {"speculative.kind", "draft-mtp", "/slots speculative.types", 0},
               {"speculative.source", "/slots speculative.types", "/slots speculative.types", 0},
               {"engine.binary", "/opt/llama.cpp/bin/llama-server (deleted)", "process", 0}}},
    {.name = "llama.cpp that hides its properties",
     .says = {{"/v1/models",
               "{\"object\":\"list\",\"data\":[{\"id\":\"qwen\",\"owned_by\":\"llamacpp\",\"meta\":{\"n_"
               "ctx\":8192,"
               "\"n_ctx_train\":40960,\"ftype\":\"Q8_0\"}}]}",
               NULL}},
     .facts = {{"engine.name", "llamacpp", "/v1/models owned_by", 0},
               {"model.id", "qwen", "/v1/models", 0},
               {"model.quant", "Q8_0", "/v1/models meta.ftype", 0},
               {"engine.context", NULL, "/v1/models meta.n_ctx", 8192}}},
    {.name = "mlx-lm",
     .says = {{"/health", "{\"status\": \"ok\"}", "Server: BaseHTTP/0.6 Python/3.12.4"},
              {"/v1/models",
               "{\"object\":\"list\",\"data\":[{\"id\":\"mlx-community/Qwen3-8B-4bit\",\"object\":\"model\"},"
               "{\"id\":\"mlx-community/gemma-3-4b-it-8bit\",\"object\":\"model\"}]}",
               NULL}},
     .fingerprint = "0.31.3-0.32.0-macOS-26.1-arm64-arm-64bit-applegpu_g17s",
     .model = "mlx-community/Qwen3-8B-4bit",
     .process = WORDS("/opt/py/bin/python3.12",
                      "python\0-m\0mlx_lm.server\0--model\0mlx-community/Qwen3-8B-4bit\0--draft-model\0"
                      "mlx-community/Qwen3-0.6B-4bit"),
     .facts = {{"engine.name", "mlx-lm", "system_fingerprint", 0},
               {"engine.version", "0.31.3", "system_fingerprint", 0},
               {"engine.version_source", "system_fingerprint", "system_fingerprint", 0},
               {"model.id", "mlx-community/Qwen3-8B-4bit", "model of an answer", 0},
               {"model.file", "mlx-community/Qwen3-8B-4bit", "process arguments", 0},
               {"speculative.kind", "draft", "process arguments", 0},
               {"speculative.source", "process arguments", "process arguments", 0},
               {"engine.binary", "/opt/py/bin/python3.12", "process", 0}}},
    {.name = "mlx-vlm",
     .says = {{"/health",
               "{\"status\":\"healthy\",\"loaded_model\":\"mlx-community/"
               "Qwen3-VL-8B-4bit\",\"loaded_context_size\":"
               "262144,\"configured_context_limit\":null,\"effective_context_limit\":32768,"
               "\"continuous_batching_enabled\":true,\"apc_enabled\":true}",
               "Server: mlx_vlm/0.6.15"}},
     .process = WORDS(NULL, "python3\0-m\0mlx_vlm.server\0--draft-kind\0mtp\0--draft-model\0x/y"),
     .facts = {{"engine.name", "mlx_vlm", "Server: header", 0},
               {"engine.version", "0.6.15", "Server: header", 0},
               {"engine.version_source", "Server: header", "Server: header", 0},
               {"model.id", "mlx-community/Qwen3-VL-8B-4bit", "/health loaded_model", 0},
               {"engine.context", NULL, "/health effective_context_limit", 32768},
               {"speculative.kind", "mtp", "process arguments", 0},
               {"speculative.source", "process arguments", "process arguments", 0}}},
    {.name = "omlx",
     .says = {{"/v1/models",
               "{\"data\":[{\"id\":\"Qwen3-8B-4bit\",\"owned_by\":\"omlx\",\"max_model_len\":32768}]}", NULL},
              {"/openapi.json",
               "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"oMLX API\",\"version\":\"0.4.2\"},", NULL}},
     .model = "Qwen3-8B-4bit",
     .process =
         WORDS("/Applications/oMLX.app/Contents/MacOS/python3", "python3\0-m\0omlx\0serve\0--api-key\0abc"),
     .facts = {{"engine.name", "omlx", "/openapi.json title", 0},
               {"engine.version", "0.4.2", "/openapi.json version", 0},
               {"engine.version_source", "/openapi.json version", "/openapi.json version", 0},
               {"model.id", "Qwen3-8B-4bit", "model of an answer", 0},
               {"engine.context", NULL, "/v1/models max_model_len", 32768},
               {"engine.binary", "/Applications/oMLX.app/Contents/MacOS/python3", "process", 0}}},
    {.name = "rapid-mlx",
     .says =
         {{"/health",
           "{\"status\":\"healthy\",\"ready\":true,\"model_name\":\"qwen3-8b\",\"engine_type\":\"batched\"}",
           "Server: uvicorn"},
          {"/metrics",
           "# TYPE rapid_mlx_build_info gauge\nrapid_mlx_build_info{version=\"0.12.18\",model=\"qwen3-8b\"} "
           "1\n"
           "rapid_mlx_prefix_cache_hits_total 3\n",
           NULL}},
     .facts = {{"engine.name", "rapid-mlx", "/metrics names", 0},
               {"engine.version", "0.12.18", "/metrics rapid_mlx_build_info", 0},
               {"engine.version_source", "/metrics rapid_mlx_build_info", "/metrics rapid_mlx_build_info", 0},
               {"model.id", "qwen3-8b", "/health model_name", 0}}},
    {.name = "rapid-mlx without metrics",
     .says =
         {{"/health",
           "{\"status\":\"healthy\",\"ready\":true,\"model_name\":\"qwen3-8b\",\"engine_type\":\"batched\"}",
           "Server: uvicorn"}},
     .facts = {{"engine.name", "rapid-mlx", "/health", 0},
               {"model.id", "qwen3-8b", "/health model_name", 0}}},
    {.name = "vllm-mlx",
     .says = {{"/health", "{\"status\":\"healthy\",\"model_name\":\"m\",\"engine_type\":\"simple\"}",
               "Server: uvicorn"},
              {"/v1/models", "{\"data\":[{\"id\":\"m\",\"owned_by\":\"vllm-mlx\"}]}", NULL}},
     .process = WORDS(NULL, "python3\0/venv/bin/vllm-mlx\0serve\0m"),
     .facts = {{"engine.name", "vllm-mlx", "/v1/models owned_by", 0}, {"model.id", "m", "/v1/models", 0}}},
    {.name = "vLLM",
     .says = {{"/version", "{\"version\":\"0.11.2\"}", "Server: uvicorn"},
              {"/v1/models",
               "{\"data\":[{\"id\":\"qwen\",\"owned_by\":\"vllm\",\"root\":\"Qwen/"
               "Qwen3-8B\",\"max_model_len\":40960}]}",
               NULL},
              {"/metrics", "vllm:num_requests_running{engine=\"0\"} 0\n", NULL}},
     .model = "qwen",
     .process = WORDS(
         "/usr/bin/python3.12",
         "/venv/bin/python\0/venv/bin/vllm\0serve\0Qwen/Qwen3-8B\0--max-num-seqs\00016\0--quantization\0"
         "fp8\0--speculative-config\0{\"model\":\"/home/ada/draft\",\"num_speculative_tokens\":3,"
         "\"method\":\"eagle3\"}\0--api-key=sk-abcdefghijklmnopqrstuv"),
     .child = WORDS("/usr/bin/python3.12", "VLLM::EngineCore"),
     .facts = {{"engine.name", "vllm", "/v1/models owned_by", 0},
               {"engine.version", "0.11.2", "/version", 0},
               {"engine.version_source", "/version", "/version", 0},
               {"model.id", "qwen", "model of an answer", 0},
               {"model.file", "Qwen/Qwen3-8B", "/v1/models root", 0},
               {"model.quant", "fp8", "process arguments", 0},
               {"engine.context", NULL, "/v1/models max_model_len", 40960},
               {"engine.slots", NULL, "process arguments", 16},
               {"speculative.kind", "eagle3", "process arguments", 0},
               {"speculative.source", "process arguments", "process arguments", 0},
               {"engine.binary", "/usr/bin/python3.12", "process", 0}}},
    {.name = "Ollama",
     .says = {{"/api/version", "{\"version\":\"0.33.0\"}", NULL},
              {"/api/ps",
               "{\"models\":[{\"name\":\"qwen3:8b\",\"model\":\"qwen3:8b\",\"size\":6000000000,\"size_vram\":"
               "6000000000,"
               "\"context_length\":32768,\"details\":{\"quantization_level\":\"Q4_K_M\"}}]}",
               NULL},
              {"/v1/models", "{\"data\":[{\"id\":\"qwen3:8b\",\"owned_by\":\"library\"}]}", NULL}},
     .fingerprint = "fp_ollama",
     .model = "qwen3:8b",
     .process = WORDS("/usr/local/bin/ollama", "/usr/local/bin/ollama\0serve"),
     .child = WORDS(
         "/usr/local/lib/ollama/llama-server",
         "/usr/local/lib/ollama/llama-server\0--model\0/usr/share/ollama/.ollama/models/blobs/sha256-aa\0"
         "--port\00040001\0--host\000127.0.0.1\0--parallel\0001"),
     .facts = {{"engine.name", "ollama", "/api/version", 0},
               {"engine.version", "0.33.0", "/api/version", 0},
               {"engine.version_source", "/api/version", "/api/version", 0},
               {"model.id", "qwen3:8b", "model of an answer", 0},
               {"model.file", "/usr/share/ollama/.ollama/models/blobs/sha256-aa", "process arguments", 0},
               {"model.quant", "Q4_K_M", "/api/ps quantization_level", 0},
               {"engine.context", NULL, "/api/ps context_length", 32768},
               {"engine.slots", NULL, "process arguments", 1},
               {"engine.binary", "/usr/local/bin/ollama", "process", 0}}},
    {.name = "LM Studio",
     .says =
         {{"/api/v0/models",
           "{\"object\":\"list\",\"data\":[{\"id\":\"gemma\",\"state\":\"not-loaded\",\"quantization\":\"Q8_"
           "0\","
           "\"max_context_length\":131072},{\"id\":\"qwen\",\"state\":\"loaded\",\"quantization\":\"4bit\","
           "\"max_context_length\":40960,\"loaded_context_length\":8192}]}",
           NULL},
          {"/api/version", "{\"error\":\"Unexpected endpoint or method. (GET /api/version)\"}", NULL},
          {"/v1/models", "{\"data\":[{\"id\":\"gemma\"},{\"id\":\"qwen\"}]}", NULL}},
     .process = WORDS("/Applications/LM Studio.app/Contents/Frameworks/LM Studio Helper (Node)", "node"),
     .facts = {{"engine.name", "lmstudio", "/api/v0/models", 0},
               {"model.id", "qwen", "/api/v0/models", 0},
               {"model.quant", "4bit", "/api/v0/models quantization", 0},
               {"engine.context", NULL, "/api/v0/models loaded_context_length", 8192},
               {"engine.binary", "/Applications/LM Studio.app/Contents/Frameworks/LM Studio Helper (Node)",
                "process", 0}}},
    {.name = "LM Studio by its process alone",
     .process = WORDS("/Applications/LM Studio.app/Contents/Frameworks/LM Studio Helper (Node)", "node"),
     .facts = {{"engine.name", "lmstudio", "process", 0},
               {"engine.binary", "/Applications/LM Studio.app/Contents/Frameworks/LM Studio Helper (Node)",
                "process", 0}}},
    {.name = "SGLang",
     .says = {{"/get_server_info",
               "{\"version\":\"0.5.5\",\"model_path\":\"Qwen/"
               "Qwen3-8B-FP8\",\"served_model_name\":\"q\",\"api_key\":"
               "\"hidden\",\"context_length\":32768,\"quantization\":\"fp8\",\"max_running_requests\":48,"
               "\"speculative_algorithm\":\"EAGLE3\"}",
               NULL},
              {"/v1/models", "{\"data\":[{\"id\":\"q\",\"owned_by\":\"sglang\",\"max_model_len\":32768}]}",
               NULL}},
     .facts = {{"engine.name", "sglang", "/v1/models owned_by", 0},
               {"engine.version", "0.5.5", "/get_server_info version", 0},
               {"engine.version_source", "/get_server_info version", "/get_server_info version", 0},
               {"model.id", "q", "/v1/models", 0},
               {"model.file", "Qwen/Qwen3-8B-FP8", "/get_server_info model_path", 0},
               {"model.quant", "fp8", "/get_server_info quantization", 0},
               {"engine.context", NULL, "/v1/models max_model_len", 32768},
               {"engine.slots", NULL, "/get_server_info max_running_requests", 48},
               {"speculative.kind", "EAGLE3", "/get_server_info speculative_algorithm", 0},
               {"speculative.source", "/get_server_info speculative_algorithm",
                "/get_server_info speculative_algorithm", 0}}},
    {.name = "unknown",
     .says = {{"/v1/models", "{\"data\":[{\"id\":\"vllm-special-4bit\",\"owned_by\":\"me\"}]}",
               "Server: nginx"}},
     .fingerprint = "fp_44709d6fcb",
     .facts = {{"model.id", "vllm-special-4bit", "/v1/models", 0}}},
};

static void meet(struct bench *b, const struct engine_case *c)
{
    bench_open(b);
    for (size_t i = 0; i < SAYS_MAX && c->says[i].path; i++) {
        says(b, c->says[i].path, c->says[i].body);
        if (c->says[i].header)
            has_header(b, c->says[i].path, c->says[i].header);
    }
    if (c->fingerprint)
        b->evidence.fingerprint = text(c->fingerprint);
    if (c->model)
        b->evidence.model = text(c->model);
    if (c->process.len)
        runs_as(b, c->process.executable, c->process.arguments, c->process.len);
    if (c->child.len)
        has_child(b, c->child.executable, c->child.arguments, c->child.len);
    identify(b);
}

static const struct expected *find_expected(const struct engine_case *c, const char *path)
{
    for (size_t i = 0; i < FACTS_MAX && c->facts[i].path; i++) {
        if (strcmp(c->facts[i].path, path) == 0)
            return &c->facts[i];
    }
    return NULL;
}

static void check_fact(const struct engine_case *c, const cJSON *stated)
{
    const char *path = json_string(stated, "path"), *value = json_string(stated, "value");
    const struct expected *want = find_expected(c, path);
    if (!want)
        fail_msg("%s: %s is stated, from %s", c->name, path, json_string(stated, "how"));
    else if (want->text ? !value || strcmp(value, want->text) != 0
                        : fabs(json_number(stated, "value", -1) - want->count) > 0)
        fail_msg("%s: %s is '%s'", c->name, path, value ? value : "another number");
    else if (strcmp(json_string(stated, "how"), want->how) != 0)
        fail_msg("%s: %s was learnt from %s", c->name, path, json_string(stated, "how"));
}

static void test_every_engine_is_described(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct engine_case *c = &cases[i];
        struct bench b;
        const cJSON *stated;
        meet(&b, c);
        cJSON_ArrayForEach(stated, b.id.facts)
        {
            if (strcmp(json_string(stated, "path"), "engine.args") != 0)
                check_fact(c, stated);
        }
        for (size_t k = 0; k < FACTS_MAX && c->facts[k].path; k++) {
            if (!fact(&b, c->facts[k].path))
                fail_msg("%s: nothing says what %s is", c->name, c->facts[k].path);
        }
        char *all = cJSON_PrintUnformatted(b.id.facts);
        const char *const secrets[] = {"/home/ada", "abcdefghijklmnop", "\"abc\"", "hidden"};
        for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++) {
            if (strstr(all, secrets[k]))
                fail_msg("%s tells %s", c->name, secrets[k]);
        }
        cJSON_free(all);
        bench_close(&b);
    }
}

/* Which of Ollama's children answers is not told: what they do not agree on is unknown. */
static void test_children_that_disagree_say_nothing(void **state)
{
    (void)state;
    static const char one[] = "llama-server\0--model\0/blobs/a\0--parallel\0004",
                      two[] = "llama-server\0--model\0/blobs/b\0--parallel\0004";
    struct bench b;
    bench_open(&b);
    RUNS_AS(&b, "/usr/bin/ollama", "ollama\0serve");
    has_child(&b, NULL, one, sizeof one);
    identify(&b);
    expect_text(&b, "model.file", "/blobs/a", "process arguments");
    has_child(&b, NULL, two, sizeof two);
    identify(&b);
    assert_null(fact(&b, "model.file"));
    expect_count(&b, "engine.slots", 4, "process arguments");
    bench_close(&b);
}

static void test_speculative_configurations(void **state)
{
    (void)state;
    static const struct {
        const char *config, *kind;
    } configs[] = {
        {"{\"method\":\"mtp\",\"num_speculative_tokens\":1}", "mtp"},
        {"{\"model\":\"org/draft\",\"num_speculative_tokens\":4}", "draft"},
        {"{\"num_speculative_tokens\":4}", "unknown"},
        {"{\"method\":", "unknown"},
        {"ngram", "unknown"},
    };
    for (size_t i = 0; i < sizeof configs / sizeof *configs; i++) {
        struct bench b;
        char arguments[120];
        int len = snprintf(arguments, sizeof arguments, "vllm%cserve%c--speculative-config=%s", 0, 0,
                           configs[i].config);
        bench_open(&b);
        runs_as(&b, NULL, arguments, (size_t)len);
        identify(&b);
        expect_text(&b, "speculative.kind", configs[i].kind, "process arguments");
        bench_close(&b);
    }
}

/* ---- models that are folders ---- */

static void measure(struct bench *b, const char *model)
{
    bench_open(b);
    b->evidence.model = text(model);
    identify(b);
    assert_int_equal(engine_measure_model(&b->id), TT_OK);
}

static void test_a_folder_says_its_quantisation_and_size(void **state)
{
    (void)state;
    struct tree t;
    struct bench b;
    char model[128];
    tree_make(&t);
    tree_file(&t, "m/config.json",
              "{\"torch_dtype\":\"bfloat16\",\"quantization\":{\"group_size\":64,\"bits\":4}}");
    tree_file(&t, "m/model-00001-of-00002.safetensors", "12345");
    tree_file(&t, "m/model-00002-of-00002.safetensors", "123");
    tree_file(&t, "m/tokenizer.json", "{}");
    snprintf(model, sizeof model, "%s/m", t.root);
    measure(&b, model);
    expect_text(&b, "model.quant", "4bit", "config.json quantization");
    expect_count(&b, "model.size_bytes", 8, "size of the weights' files");
    bench_close(&b);
    tree_file(&t, "m/config.json", "{\"torch_dtype\":\"bfloat16\"}");
    tree_link(&t, "m/model-00003.safetensors", "gone");
    measure(&b, model);
    expect_text(&b, "model.quant", "bfloat16", "config.json torch_dtype");
    assert_null(fact(&b, "model.size_bytes"));
    bench_close(&b);
    tree_file(&t, "m/config.json",
              "{\"quantization\":{\"bits\":1e9},\"quantization_config\":{\"quant_method\":\"a b\"}}");
    measure(&b, model);
    assert_null(fact(&b, "model.quant"));
    bench_close(&b);
    tree_remove(&t);
}

static void test_a_repository_is_looked_for_in_the_cache(void **state)
{
    (void)state;
    struct tree t;
    struct bench b;
    tree_make(&t);
    setenv("HF_HUB_CACHE", t.root, 1);
    tree_file(&t, "models--org--q-3bit/refs/main", "c0ffee");
    tree_file(&t, "models--org--q-3bit/snapshots/c0ffee/config.json", "{\"quantization\":{\"bits\":3}}");
    tree_file(&t, "models--org--q-3bit/blobs/1", "1234");
    tree_link(&t, "models--org--q-3bit/snapshots/c0ffee/model.safetensors", "../../blobs/1");
    measure(&b, "org/q-3bit");
    expect_text(&b, "model.quant", "3bit", "config.json quantization");
    expect_count(&b, "model.size_bytes", 4, "size of the weights' files");
    bench_close(&b);
    tree_file(&t, "models--org--q-3bit/refs/main", "../snapshots/c0ffee");
    const char *const others[] = {"org/q-3bit", "org/other", "../org/q-3bit", "q-3bit", "/", "org/"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        measure(&b, others[i]);
        assert_null(fact(&b, "model.quant"));
        bench_close(&b);
    }
    tree_remove(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_engine_is_described),
        cmocka_unit_test(test_children_that_disagree_say_nothing),
        cmocka_unit_test(test_speculative_configurations),
        cmocka_unit_test(test_a_folder_says_its_quantisation_and_size),
        cmocka_unit_test(test_a_repository_is_looked_for_in_the_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
