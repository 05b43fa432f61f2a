/* SPDX-License-Identifier: MIT */
/* Fuzz target: a file of requests that is made into a workload. Whatever comes, there is a sentence, or a
 * workload that reads as it was written. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/workload.h"
#include "formats/workload_import.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(int condition)
{
    if (!condition)
        abort();
}

static void import_as(const char *kind, const uint8_t *bytes, size_t len)
{
    struct workload_import_options options = {.kind = kind, .first = 8};
    struct workload_import_result result;
    struct buf json = BUF_INIT;
    struct workload w;
    struct error e = {0};
    int status = workload_import_memory(bytes, len, &options, &json, &result, &e);
    require(status == (int)e.code);
    require((status == TT_OK) == (json.len > 0));
    require(status == TT_OK || e.text[0]);
    if (status == TT_OK) {
        require(workload_parse(&w, json.data, json.len, NULL) == TT_OK);
        require(w.phase_count == result.phases && result.phases <= 8);
        workload_release(&w);
    }
    buf_release(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    import_as("mooncake", bytes, len);
    import_as("weka", bytes, len);
    import_as("messages", bytes, len);
    return 0;
}
