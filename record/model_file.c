/* SPDX-License-Identifier: MIT */
#include "record/model_file.h"

#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"

#define SPLIT_PARTS_MAX 1000

/* "x-00001-of-00003.gguf" is one of three; 0 when the name is not of that form. *number is where its digits
 * begin. */
static unsigned split_parts(const char *path, size_t *number)
{
    size_t len = strlen(path);
    const char *tail = len > 20 ? path + len - 20 : "";
    unsigned part = 0, parts = 0;
    int used = 0;
    if (sscanf(tail, "-%5u-of-%5u.gguf%n", &part, &parts, &used) != 2 || used != 20)
        return 0;
    *number = len - 19;
    return parts <= SPLIT_PARTS_MAX ? parts : 0;
}

int model_file_each(const char *path, model_file_fn *each, void *context, struct error *e)
{
    size_t number = 0;
    unsigned parts = split_parts(path, &number);
    if (!parts)
        return each(context, path, e);
    char *name = mem_strdup(path), digits[8];
    int status = name ? TT_OK : error_set(e, TT_NOMEM, "out of memory");
    for (unsigned i = 1; !status && i <= parts; i++) {
        snprintf(digits, sizeof digits, "%05u", i % 100000);
        memcpy(name + number, digits, 5);
        status = each(context, name, e);
    }
    mem_free(name);
    return status;
}
