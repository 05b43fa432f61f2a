/* SPDX-License-Identifier: MIT */
/* Scrubbing a process's arguments, where a secret may stand behind its name in the next argument, and
 * choosing the environment variables worth keeping. */
#include <string.h>
#include <strings.h>

#include "formats/address.h"
#include "formats/error.h"
#include "formats/scrub.h"
#include "formats/secrets.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static int is_option(const char *argument, size_t len)
{
    return len > 1 && argument[0] == '-' && !(argument[1] >= '0' && argument[1] <= '9');
}

static int is_long_option(const char *argument, size_t len)
{
    return len > 2 && argument[0] == '-' && argument[1] == '-';
}

/* Does one of the words between dashes say that the value is a host? */
static int names_a_host(const char *option, size_t len)
{
    static const char *const words[] = {"host", "hostname", "addr",     "address", "bind",    "listen", "rpc",
                                        "ip",   "servers",  "endpoint", "origins", "remotes", "comm"};
    size_t at = 0;
    while (at < len) {
        size_t n = 0;
        while (at + n < len && option[at + n] != '-' && option[at + n] != '_')
            n++;
        for (size_t i = 0; i < COUNT_OF(words); i++) {
            if (n == strlen(words[i]) && strncasecmp(option + at, words[i], n) == 0)
                return 1;
        }
        at += n + 1;
    }
    return 0;
}

/* One "host:port". What is no host (a path of a socket, a URL, a number) is text; the unspecified address,
 * which a server binds to, says nothing about anybody. */
static void put_host_and_port(const struct scrubber *s, struct buf *out, const char *text, size_t len)
{
    struct address a;
    char host[256];
    const char *colon = memchr(text, ':', len);
    size_t host_len =
        colon && !memchr(colon + 1, ':', len - (size_t)(colon + 1 - text)) ? (size_t)(colon - text) : len;
    int is_text = host_len >= sizeof host || !host_len || memchr(text, '/', len) || memchr(text, '@', len);
    memcpy(host, text, is_text ? 0 : host_len);
    host[is_text ? 0 : host_len] = '\0';
    is_text = is_text || strspn(host, "0123456789") == host_len || text[0] == '[' || text[0] == '*';
    if (is_text || (address_parse(&a, host) == TT_OK && address_is_unspecified(&a))) {
        scrub_text(s, out, text, len);
        return;
    }
    buf_puts(out, scrub_host(host));
    buf_append(out, text + host_len, len - host_len);
}

static void put_hosts(const struct scrubber *s, struct buf *out, const char *text, size_t len)
{
    while (len) {
        const char *comma = memchr(text, ',', len);
        size_t n = comma ? (size_t)(comma - text) : len;
        put_host_and_port(s, out, text, n);
        if (!comma)
            return;
        buf_putc(out, ',');
        text += n + 1;
        len -= n + 1;
    }
}

/* The value that belongs to `option`. */
static void put_value(const struct scrubber *s, struct buf *out, const char *option, size_t option_len,
                      const char *value, size_t len)
{
    if (secret_name(option, option_len) && !secret_value_is_harmless(value, len))
        buf_puts(out, SCRUB_REDACTED);
    else if (names_a_host(option, option_len))
        put_hosts(s, out, value, len);
    else
        scrub_text(s, out, value, len);
}

/* "--name=value" keeps its name as it is; everything else is text. */
static void put_argument(const struct scrubber *s, struct buf *out, const char *argument, size_t len)
{
    const char *sign = is_option(argument, len) ? memchr(argument, '=', len) : NULL;
    if (!sign) {
        scrub_text(s, out, argument, len);
        return;
    }
    size_t name_len = (size_t)(sign - argument);
    scrub_text(s, out, argument, name_len);
    buf_putc(out, '=');
    put_value(s, out, argument, name_len, sign + 1, len - name_len - 1);
}

int scrub_arguments(const struct scrubber *s, struct buf *out, const char *arguments, size_t len)
{
    const char *option = "";
    size_t option_len = 0, at = 0;
    while (at < len) {
        const char *argument = arguments + at, *end = memchr(argument, '\0', len - at);
        size_t n = end ? (size_t)(end - argument) : len - at;
        if (option_len && !is_long_option(argument, n))
            put_value(s, out, option, option_len, argument, n);
        else
            put_argument(s, out, argument, n);
        buf_putc(out, '\0');
        int awaits_value = is_option(argument, n) && !memchr(argument, '=', n);
        option = argument;
        option_len = awaits_value ? n : 0;
        at += n + 1;
    }
    return out->failed;
}

int scrub_environment(const struct scrubber *s, struct buf *out, const char *block, size_t len)
{
    size_t at = 0;
    while (at < len) {
        const char *variable = block + at, *end = memchr(variable, '\0', len - at);
        size_t n = end ? (size_t)(end - variable) : len - at;
        const char *sign = memchr(variable, '=', n);
        size_t name_len = sign ? (size_t)(sign - variable) : 0;
        if (scrub_environment_name(variable, name_len)) {
            buf_append(out, variable, name_len + 1);
            put_value(s, out, variable, name_len, sign + 1, n - name_len - 1);
            buf_putc(out, '\0');
        }
        at += n + 1;
    }
    return out->failed;
}

int scrub_environment_name(const char *name, size_t len)
{
    static const char *const prefixes[] = {
        "LLAMA_",  "GGML_",          "OMP_",    "GOMP_",     "KMP_",  "MKL_",        "OPENBLAS_",
        "VECLIB_", "MLX_",           "METAL_",  "MTL_",      "VLLM_", "SGLANG_",     "OLLAMA_",
        "OMLX_",   "RAPID_MLX_",     "LMS_",    "LMSTUDIO_", "CUDA_", "CUBLAS_",     "NCCL_",
        "NVIDIA_", "HIP_",           "ROCR_",   "ROCM_",     "HSA_",  "GPU_",        "PYTORCH_",
        "TORCH_",  "TORCHINDUCTOR_", "TRITON_", "XLA_",      "JAX_",  "FLASHINFER_", "TOKENIZERS_",
        "HF_HUB_", "TRANSFORMERS_",  "MALLOC_", "RAYON_"};
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        size_t n = strlen(prefixes[i]);
        if (len > n && strncmp(name, prefixes[i], n) == 0)
            return !secret_name(name, len);
    }
    return 0;
}
