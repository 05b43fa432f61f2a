/* SPDX-License-Identifier: MIT */
#include "record/darwin/procargs.h"

#include <stdint.h>
#include <string.h>

/* Takes one string with its NUL from the front of *rest. */
static struct bytes take_string(struct bytes *rest)
{
    const unsigned char *end = rest->len ? memchr(rest->data, '\0', rest->len) : NULL;
    size_t n = end ? (size_t)(end - rest->data) + 1 : rest->len;
    struct bytes taken = {rest->data, n};
    rest->data += n;
    rest->len -= n;
    return taken;
}

static void skip_padding(struct bytes *rest)
{
    while (rest->len && *rest->data == '\0') {
        rest->data++;
        rest->len--;
    }
}

void procargs_parse(const void *block, size_t len, struct procargs *out)
{
    int32_t count;
    memset(out, 0, sizeof *out);
    if (len < sizeof count)
        return;
    memcpy(&count, block, sizeof count);
    struct bytes rest = {(const unsigned char *)block + sizeof count, len - sizeof count};
    out->executable = take_string(&rest);
    if (out->executable.len && out->executable.data[out->executable.len - 1] == '\0')
        out->executable.len--;
    skip_padding(&rest);
    out->arguments.data = rest.data;
    for (int32_t i = 0; i < count && rest.len; i++)
        out->arguments.len += take_string(&rest).len;
    out->environment.data = rest.data;
    while (rest.len && *rest.data != '\0')
        out->environment.len += take_string(&rest).len;
}
