/* SPDX-License-Identifier: MIT */
/* A tokeniser's answer: nothing crashes, and lengths that are believed cut the whole text, each of them some.
 *
 * Input: how long the text is (one byte), the text, and the answer. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "formats/error.h"
#include "record/answer_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf lengths = BUF_INIT;
    if (!len)
        return 0;
    size_t wanted = bytes[0], rest = len - 1;
    struct bytes text = {bytes + 1, wanted < rest ? wanted : rest};
    struct bytes document = {text.data + text.len, rest - text.len};
    int status = answer_pieces_lengths(document, text, &lengths);
    struct bytes left = {lengths.data, lengths.len};
    uint64_t length, sum = 0;
    require(status == TT_OK || status == TT_NOTFOUND || status == TT_NOMEM);
    while (!status && left.len) {
        require(take_uvarint(&left, &length) == 0 && length > 0);
        sum += length;
    }
    require(status || sum == text.len);
    buf_release(&lengths);
    return 0;
}
