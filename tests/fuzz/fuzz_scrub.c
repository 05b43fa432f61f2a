/* SPDX-License-Identifier: MIT */
/* Fuzz target: scrubbing. Bounded growth, as many arguments out as in, masking keeps the length. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/scrub.h"
#include "tests/fuzz/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static const struct scrubber somebody = {{"/Users/alice", "/srv/a"}, "alice", {"gpu-box.example.org", "nas"}};

static size_t count_arguments(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    size_t count = len && p[len - 1] != '\0';
    for (size_t i = 0; i < len; i++)
        count += p[i] == '\0';
    return count;
}

static void check_masking(const uint8_t *bytes, size_t len)
{
    char *block = malloc(len ? len : 1);
    if (!block)
        abort();
    memcpy(block, bytes, len);
    int is_secret = len % 2;
    scrub_mask_headers(block, len, &is_secret);
    for (size_t i = 0; i < len; i++)
        require(block[i] == (char)bytes[i] || (block[i] == '*' && bytes[i] != '\n'), "masking moved a line");
    free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    struct buf out = BUF_INIT;
    require(!scrub_text(&somebody, &out, text, len), "text failed");
    require(out.len <= 4 * len, "text grew beyond its bound");
    buf_clear(&out);
    require(!scrub_arguments(&somebody, &out, text, len), "arguments failed");
    require(count_arguments(out.data, out.len) == count_arguments(bytes, len), "arguments got lost");
    buf_clear(&out);
    require(!scrub_headers(&somebody, &out, text, len), "headers failed");
    buf_release(&out);
    check_masking(bytes, len);
    return 0;
}
