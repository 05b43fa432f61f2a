/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "formats/error.h"
#include "formats/scrub.h"
#include "formats/secrets.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct scrubber alice = {
    {"/Users/alice", "/var/home/alice"}, "alice", {"gpu-box.example.org", "nas"}};

struct example {
    const char *text, *expected;
};

static void check_texts(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct buf once = BUF_INIT, twice = BUF_INIT;
        assert_int_equal(scrub_text(&alice, &once, examples[i].text, strlen(examples[i].text)), TT_OK);
        assert_string_equal(buf_text(&once), examples[i].expected);
        assert_int_equal(scrub_text(&alice, &twice, buf_text(&once), once.len), TT_OK);
        assert_string_equal(buf_text(&twice), examples[i].expected); /* scrubbing again changes nothing */
        buf_release(&once);
        buf_release(&twice);
    }
}

static void test_paths(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"/Users/alice/models/qwen3.gguf", "~/models/qwen3.gguf"},
        {"/var/home/alice", "~"},
        {"cannot open '/Users/alice/x'", "cannot open '~/x'"},
        {"/Users/alicette/x", "/Users/<user>/x"},
        {"/Users/Shared/models", "/Users/Shared/models"},
        {"/home/bob/models:/data/alice/models", "/home/<user>/models:/data/<user>/models"},
        {"/data/malice/alice.txt", "/data/malice/alice.txt"},
        {"/backup/Users/alice/x", "/backup/Users/<user>/x"},
        {"file:///Users/alice/a b", "file://~/a b"},
        {"a=/Users/alice,b", "a=~,b"},
        {"", ""},
        {"/", "/"},
        {"/home/", "/home/"},
    };
    check_texts(examples, COUNT_OF(examples));
}

static void test_urls_and_addresses(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"http://127.0.0.1:8080/v1", "http://loopback:8080/v1"},
        {"http://localhost/v1", "http://loopback/v1"},
        {"https://me:pw@api.example.com/v1?x=1", "https://<redacted>@public/v1?x=1"},
        {"https://a:b@c@10.1.2.3:99", "https://<redacted>@private:99"},
        {"http://[fd00::1]:8080/", "http://private:8080/"},
        {"http://[::1", "http://private::1"}, /* broken, and still no address */
        {"GET http://192.168.1.5/?api_key=abc&n=2", "GET http://private/?api_key=<redacted>&n=2"},
        {"https://example.com/hook/d41d8cd98f00b204e9800998ecf8427e", "https://public/hook/<redacted>"},
        {"cannot reach gpu-box.example.org:80", "cannot reach public:80"},
        {"cannot reach GPU-Box.example.org", "cannot reach public"},
        {"nas is not nas-2 nor mynas", "private is not nas-2 nor mynas"},
        {"connect to 10.0.0.7 port 1", "connect to private port 1"},
        {"(172.20.0.1:8080), 8.8.8.8, 0.0.0.0", "(private:8080), public, 0.0.0.0"},
        {"[fe80::1%en0]:9", "private:9"},
        {"driver 580.159.04, version 1.2.3.4-beta, 1.2.3.4.5",
         "driver 580.159.04, version 1.2.3.4-beta, 1.2.3.4.5"},
        {"://x", "://x"},
        {"http://", "http://"},
    };
    check_texts(examples, COUNT_OF(examples));
}

static void test_named_secrets(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"api_key=abc", "api_key=<redacted>"},
        {"API-Key: abc def", "API-Key: <redacted> def"},
        {"{\"hfToken\": \"a\\\"b\", \"n\": 1}", "{\"hfToken\": \"<redacted>\", \"n\": 1}"},
        {"{\\\"password\\\":\\\"x\\\"}", "{\\\"password\\\":\\\"<redacted>\\\"}"},
        {"Authorization: Bearer abc.def", "Authorization: <redacted>"},
        {"-H 'Cookie: a=1; b=2' x", "-H 'Cookie: <redacted>' x"},
        {"token=Bearer abc rest", "token=<redacted> rest"},
        {"secret=/starts/with/slash", "secret=<redacted>"},
        {"max_tokens=200 n_tokens: 3 bos_token: <s>", "max_tokens=200 n_tokens: 3 bos_token: <s>"},
        {"\"eos_token\":\"<|im_end|>\"", "\"eos_token\":\"<|im_end|>\""},
        {"\"next_token\":[{\"has_next_token\":true}]", "\"next_token\":[{\"has_next_token\":true}]"},
        {"--override-kv tokenizer.ggml.add_bos_token=bool:false",
         "--override-kv tokenizer.ggml.add_bos_token=bool:false"},
        {"auth: off", "auth: off"},
        {"if key == value", "if key == value"},
        {"key=", "key="},
        {"password='open", "password='<redacted>"},
    };
    check_texts(examples, COUNT_OF(examples));
}

static void test_looks(void **state)
{
    (void)state;
    static const struct example examples[] = {
        {"sk-abcdefghijklmnop0123", "<redacted>"},
        {"sk-short", "sk-short"},
        {"x hf_AbCdEfGhIjKlMnOpQr y", "x <redacted> y"},
        {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2ln", "<redacted>"},
        {"GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", "GPU-<redacted>"},
        {"q7Rk2vZpX9mB4tLw8sYd", "<redacted>"},
        {"q7Rk2vZpX9mB4tLw8sYd/aa+bb-cc_dd==", "<redacted>"},
        {"d41d8cd98f00b204e9800998ecf8427e", "<redacted>"},
        {"sha256:d41d8cd98f00b204e9800998ecf8427e", "sha256:d41d8cd98f00b204e9800998ecf8427e"},
        {"\"digest\": \"d41d8cd98f00b204e9800998ecf8427e\"",
         "\"digest\": \"d41d8cd98f00b204e9800998ecf8427e\""},
        {"/o/blobs/sha256-d41d8cd98f00b204e9800998ecf8427e",
         "/o/blobs/sha256-d41d8cd98f00b204e9800998ecf8427e"},
        {"/hub/snapshots/d41d8cd98f00b204e9800998ecf8427e/x",
         "/hub/snapshots/d41d8cd98f00b204e9800998ecf8427e/x"},
        {"m-d41d8cd98f00b204e9800998ecf8427e.gguf", "m-d41d8cd98f00b204e9800998ecf8427e.gguf"},
        {"b10587-3f545becc", "b10587-3f545becc"},
        {"01234567890123456789012345", "01234567890123456789012345"},
        {"internationalizationofthings", "internationalizationofthings"},
    };
    check_texts(examples, COUNT_OF(examples));
}

static void test_names_of_models_and_flags_stay(void **state)
{
    (void)state;
    static const char *const names[] = {
        "unsloth/Qwen3.6-35B-A3B-Instruct-2507-GGUF:UD-Q4_K_XL",
        "mlx-community/DeepSeek-R1-Distill-Qwen-32B-4bit-DWQ",
        "NousResearch/Hermes-4-Llama-3.1-405B-FP8",
        "bartowski/Mistral-Nemo-Instruct-2407-abliterated-IQ4_XS.gguf",
        "Qwen3VLMoeForConditionalGeneration",
        "Llama4ForConditionalGeneration",
        "MistralForCausalLMWithValueHead",
        "--enable-auto-tool-choice",
        "--num-speculative-tokens",
        "--cache-type-k q8_0 --flash-attn on",
        "NVIDIA H200, driver 580.159.04",
        "Linux 6.18.44-generic x86_64",
        "application/json; charset=utf-8",
        "Mon, 23 Nov 2026 15:04:31 GMT",
        "llamacpp:prompt_tokens_total 12",
    };
    for (size_t i = 0; i < COUNT_OF(names); i++)
        check_texts(&(struct example){names[i], names[i]}, 1);
}

/* How often do random tokens of the usual alphabets escape? The rule's documented weakness is short ones. */
static void test_random_tokens_are_nearly_always_found(void **state)
{
    (void)state;
    static const char base62[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const struct {
        const char *alphabet;
        size_t size, len, found_of_1000;
    } kinds[] = {{base62, 62, 40, 985},
                 {base62, 62, 24, 950},
                 {base62 + 52, 10, 30, 0},
                 {"0123456789abcdef", 16, 32, 990},
                 {base62 + 26, 36, 32, 960}};
    uint64_t x = 88172645463325252u;
    for (size_t k = 0; k < COUNT_OF(kinds); k++) {
        size_t found = 0;
        for (int i = 0; i < 1000; i++) {
            char token[64];
            for (size_t n = 0; n < kinds[k].len; n++) {
                x ^= x << 13;
                x ^= x >> 7;
                x ^= x << 17;
                token[n] = kinds[k].alphabet[(x >> 20) % kinds[k].size];
            }
            int is_hex;
            found += secret_look(token, kinds[k].len, &is_hex) > 0;
        }
        assert_in_range(found, kinds[k].found_of_1000, kinds[k].found_of_1000 ? 1000 : 0);
    }
}

/* Joined with '|' for reading; the last argument has no NUL behind it. */
static void check_arguments(const char *arguments, const char *expected)
{
    struct buf in = BUF_INIT, out = BUF_INIT;
    buf_puts(&in, arguments);
    for (size_t i = 0; i < in.len; i++)
        in.data[i] = in.data[i] == '|' ? '\0' : in.data[i];
    assert_int_equal(scrub_arguments(&alice, &out, (const char *)in.data, in.len), TT_OK);
    assert_int_equal(out.data[out.len - 1], '\0');
    for (size_t i = 0; i + 1 < out.len; i++)
        out.data[i] = out.data[i] == '\0' ? '|' : out.data[i];
    assert_string_equal(buf_text(&out), expected);
    buf_release(&in);
    buf_release(&out);
}

static void test_arguments(void **state)
{
    (void)state;
    check_arguments("/Users/alice/bin/llama-server|-m|/Users/alice/q.gguf|--port|8080|-c|4096",
                    "~/bin/llama-server|-m|~/q.gguf|--port|8080|-c|4096");
    check_arguments("s|--api-key|hunter2|--port|80", "s|--api-key|<redacted>|--port|80");
    check_arguments("s|--api-key=hunter2|x", "s|--api-key=<redacted>|x");
    check_arguments("s|--api-key|--verbose", "s|--api-key|--verbose");
    check_arguments("s|--hf-token|-starts-with-a-dash", "s|--hf-token|<redacted>");
    check_arguments("s|--max-tokens|200|--tokenizer|/data/alice/t",
                    "s|--max-tokens|200|--tokenizer|/data/<user>/t");
    check_arguments("s|--host|0.0.0.0|--host|::1|--bind|box.lan:80",
                    "s|--host|0.0.0.0|--host|loopback|--bind|private:80");
    check_arguments("s|--rpc|10.0.0.1:50052,example.com:50052", "s|--rpc|private:50052,public:50052");
    check_arguments("s|--host=alices-mac|--listen|http://u:p@h/",
                    "s|--host=private|--listen|http://<redacted>@private/");
    check_arguments("s|--host|/run/user.sock|--bind|[::1]:80", "s|--host|/run/user.sock|--bind|loopback:80");
    check_arguments("env|HF_TOKEN=abc|OMP_NUM_THREADS=4|x", "env|HF_TOKEN=<redacted>|OMP_NUM_THREADS=4|x");
    check_arguments("s|--header|X-Api-Key: q|-H|Accept: */*",
                    "s|--header|X-Api-Key: <redacted>|-H|Accept: */*");
    check_arguments("s|--override-kv|tokenizer.ggml.add_bos_token=bool:false|-ngl|99",
                    "s|--override-kv|tokenizer.ggml.add_bos_token=bool:false|-ngl|99");
    check_arguments("s||x||", "s||x|");
    check_arguments("s|--auth|false", "s|--auth|false");
}

static void test_arguments_may_be_empty(void **state)
{
    (void)state;
    struct buf out = BUF_INIT;
    assert_int_equal(scrub_arguments(NULL, &out, "", 0), TT_OK);
    assert_int_equal(out.len, 0);
    assert_int_equal(scrub_text(NULL, &out, "/home/alice x", 13), TT_OK); /* nobody is known, the place is */
    assert_string_equal(buf_text(&out), "/home/<user> x");
    buf_release(&out);
}

static void test_hosts(void **state)
{
    (void)state;
    static const struct example examples[] = {{"localhost", "loopback"},
                                              {"127.9.9.9", "loopback"},
                                              {"::1", "loopback"},
                                              {"0.0.0.0", "loopback"},
                                              {"::", "loopback"},
                                              {"a.localhost", "loopback"},
                                              {"::ffff:127.0.0.1", "loopback"},
                                              {"10.0.0.1", "private"},
                                              {"172.16.0.1", "private"},
                                              {"172.32.0.1", "public"},
                                              {"192.168.0.1", "private"},
                                              {"169.254.1.1", "private"},
                                              {"100.64.0.1", "private"},
                                              {"100.128.0.1", "public"},
                                              {"fe80::1%eth0", "private"},
                                              {"fd12::1", "private"},
                                              {"2001:db8::1", "public"},
                                              {"box", "private"},
                                              {"box.local", "private"},
                                              {"a.home.arpa", "private"},
                                              {"example.com", "public"},
                                              {"local.example", "public"},
                                              {"8.8.8.8", "public"},
                                              {"::ffff:8.8.8.8", "public"},
                                              {"[::1]", "loopback"},
                                              {"", "private"},
                                              {"public", "public"}};
    for (size_t i = 0; i < COUNT_OF(examples); i++)
        assert_string_equal(scrub_host(examples[i].text), examples[i].expected);
}

static void test_environment_names(void **state)
{
    (void)state;
    static const char *const kept[] = {"LLAMA_ARG_CTX_SIZE", "GGML_CUDA_FORCE_MMQ",  "OMP_NUM_THREADS",
                                       "VLLM_USE_V1",        "CUDA_VISIBLE_DEVICES", "MLX_MAX_OPS_PER_BUFFER",
                                       "OLLAMA_NUM_PARALLEL"};
    static const char *const dropped[] = {"HOME",
                                          "PATH",
                                          "USER",
                                          "HF_TOKEN",
                                          "LLAMA_ARG_API_KEY",
                                          "VLLM_API_KEY",
                                          "OPENAI_API_KEY",
                                          "LLAMA_",
                                          "MYLLAMA_X",
                                          "AWS_SECRET_ACCESS_KEY",
                                          ""};
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        assert_true(scrub_environment_name(kept[i], strlen(kept[i])));
    for (size_t i = 0; i < COUNT_OF(dropped); i++)
        assert_false(scrub_environment_name(dropped[i], strlen(dropped[i])));
}

static void test_environments(void **state)
{
    (void)state;
    static const char block[] =
        "PATH=/usr/bin\0OMP_NUM_THREADS=8\0LLAMA_ARG_API_KEY=hunter2\0OLLAMA_MODELS=/home/ada/models\0"
        "OLLAMA_HOST=build7.example.org:11434\0VLLM_HOST_IP=10.1.2.3\0OLLAMA_ORIGINS=box.corp,other.lan\0"
        "GGML_NOTE=sk-abcdefghijklmnopqrstuvwx\0LLAMA_ARG_MODEL_URL=https://ada:pw@hf.example.org/m.gguf\0"
        "VLLM_HTTP_HEADERS=Authorization: Bearer hunter2\0CUDA_VISIBLE_DEVICES=0,1\0NO_SIGN\0MLX_EMPTY=\0"
        "HF_HUB_TOKEN=x\0VLLM_LOGGING_LEVEL=INFO";
    static const char expected[] =
        "OMP_NUM_THREADS=8\0OLLAMA_MODELS=~/models\0OLLAMA_HOST=public:11434\0VLLM_HOST_IP=private\0"
        "OLLAMA_ORIGINS=private,private\0GGML_NOTE=<redacted>\0"
        "LLAMA_ARG_MODEL_URL=https://<redacted>@public/m.gguf\0VLLM_HTTP_HEADERS=Authorization: <redacted>\0"
        "CUDA_VISIBLE_DEVICES=0,1\0MLX_EMPTY=\0VLLM_LOGGING_LEVEL=INFO";
    struct scrubber s = {.homes = {"/home/ada"}};
    struct buf once = BUF_INIT, twice = BUF_INIT;
    assert_int_equal(scrub_environment(&s, &once, block, sizeof block - 1), TT_OK);
    assert_int_equal(once.len, sizeof expected);
    assert_memory_equal(once.data, expected, sizeof expected);
    assert_int_equal(scrub_environment(&s, &twice, buf_text(&once), once.len), TT_OK);
    assert_int_equal(twice.len, once.len);
    assert_memory_equal(twice.data, once.data, once.len);
    buf_release(&once);
    buf_release(&twice);
}

static void test_headers(void **state)
{
    (void)state;
    static const char block[] =
        "HTTP/1.1 200 OK\r\nServer: llama.cpp (alice@/Users/alice)\r\nSet-Cookie: a=b\r\n folded\r\n"
        "X-Request-Id: 5\r\nContent-Type: text/html\nbroken\r\n\r\n";
    struct buf out = BUF_INIT;
    assert_int_equal(scrub_headers(&alice, &out, block, strlen(block)), TT_OK);
    assert_string_equal(buf_text(&out),
                        "HTTP/1.1 200 OK\r\nServer: llama.cpp (alice@~)\r\nSet-Cookie: <redacted>\r\n"
                        "X-Request-Id: <redacted>\r\nContent-Type: text/html\r\nbroken\r\n\r\n");
    buf_release(&out);
}

static void test_masking_headers_keeps_their_length(void **state)
{
    (void)state;
    char block[] = "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\n\tc=d\r\nServer: x\r\n "
                   "y\r\nX-Api-Key:k\nAuthorization:\r\n\r\n";
    int is_secret = 0;
    scrub_mask_headers(block, strlen(block), &is_secret);
    assert_string_equal(block,
                        "HTTP/1.1 200 OK\r\nSet-Cookie: ***\r\n\t***\r\nServer: x\r\n y\r\nX-Api-Key:*\n"
                        "Authorization:\r\n\r\n");
    char cut[] = "Cookie: ab";
    scrub_mask_headers(cut, strlen(cut), &is_secret);
    assert_string_equal(cut, "Cookie: **");
    char more[] = " c=d\r\nServer: x\r\n";
    scrub_mask_headers(more, strlen(more), &is_secret); /* goes on with the cookie */
    assert_string_equal(more, " ***\r\nServer: x\r\n");
    assert_int_equal(is_secret, 0);
}

static void test_init_knows_the_home_directory(void **state)
{
    (void)state;
    struct scrubber s;
    setenv("HOME", "/srv/people/carol/", 1);
    scrubber_init(&s);
    assert_string_equal(s.homes[0], "/srv/people/carol");
    setenv("HOME", "/", 1);
    scrubber_init(&s);
    assert_string_equal(s.homes[0], "");
    unsetenv("HOME");
    scrubber_init(&s);
    assert_string_equal(s.homes[0], "");
    scrubber_learn_host(&s, "localhost");
    scrubber_learn_host(&s, "10.0.0.1");
    assert_string_equal(s.hosts[0], "");
    for (int i = 0; i < 3 * SCRUB_HOSTS; i++) {
        char name[8] = {'h', (char)('a' + i % 26), '\0'};
        scrubber_learn_host(&s, name);
        scrubber_learn_host(&s, name);
    }
    assert_string_equal(s.hosts[SCRUB_HOSTS - 1], "hh");
}

static void scrub_everything(const char *text, size_t len)
{
    struct buf out = BUF_INIT;
    assert_int_equal(scrub_text(&alice, &out, text, len), TT_OK);
    assert_true(out.len <= 4 * len);
    buf_clear(&out);
    assert_int_equal(scrub_arguments(&alice, &out, text, len), TT_OK);
    buf_clear(&out);
    assert_int_equal(scrub_headers(&alice, &out, text, len), TT_OK);
    buf_release(&out);
}

/* Patterns that would make a careless scanner look again and again at the same bytes. */
static void test_hostile_texts_take_linear_time(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "a://",    "key={",  "key=bool:", "+",         "1.",         "[",
        "/",       "/home/", "-",         "sk-",       "\"key\":\"", "key='\\",
        "Bearer ", "\\\"",   "aB3",       "http://x@", "a-",         "0123456789abcdef-",
        "%"};
    enum { SIZE = 256 << 10 };
    static char text[SIZE]; /* a failed assertion jumps out, past any free */
    for (size_t p = 0; p < COUNT_OF(patterns); p++) {
        size_t n = strlen(patterns[p]);
        for (size_t i = 0; i < SIZE; i++)
            text[i] = patterns[p][i % n];
        clock_t begin = clock();
        scrub_everything(text, SIZE);
        assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5.0); /* quadratic would be minutes */
    }
}

static void test_random_bytes_do_no_harm(void **state)
{
    (void)state;
    static const char alphabet[] = "aZ09/:=@\"'\\-._+[]{}<>~ \r\n\t\0\xff;key";
    uint64_t x = 0x9E3779B97F4A7C15u;
    for (int round = 0; round < 4000; round++) {
        char text[96];
        size_t len = (size_t)(round % 96);
        for (size_t i = 0; i < len; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            text[i] = alphabet[(x >> 16) % (sizeof alphabet - 1)];
        }
        char *exact = malloc(len ? len : 1); /* so that a sanitizer sees one byte too many */
        assert_non_null(exact);
        memcpy(exact, text, len);
        scrub_everything(exact, len);
        int is_secret = 0;
        scrub_mask_headers(exact, len, &is_secret);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_urls_and_addresses),
        cmocka_unit_test(test_named_secrets),
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_names_of_models_and_flags_stay),
        cmocka_unit_test(test_random_tokens_are_nearly_always_found),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_arguments_may_be_empty),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_environment_names),
        cmocka_unit_test(test_environments),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_masking_headers_keeps_their_length),
        cmocka_unit_test(test_init_knows_the_home_directory),
        cmocka_unit_test(test_hostile_texts_take_linear_time),
        cmocka_unit_test(test_random_bytes_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
