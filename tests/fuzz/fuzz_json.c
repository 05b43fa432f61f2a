/* SPDX-License-Identifier: MIT */
/* Fuzz target: the JSON scanner beside cJSON. What the scanner accepts, it reads as cJSON does; skipping and
 * walking judge alike. (cJSON takes much that is no JSON, and refuses lone surrogates and long numbers.) */
#include <stdint.h>

#include "formats/jscan.h"
#include "formats/json.h"
#include "tests/fuzz/blocks.h"
#include "tests/json_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

/* Steps into everything instead of skipping it. Returns 1 when nothing stands in the way. */
static int walk(struct jscan *s)
{
    struct jscan_text text;
    struct jscan_number number;
    enum jscan_type type = jscan_type(s);
    switch (type) {
    case JSCAN_OBJECT:
    case JSCAN_ARRAY:
        jscan_enter(s);
        while (type == JSCAN_OBJECT ? jscan_member(s, &text) : jscan_element(s))
            walk(s);
        break;
    case JSCAN_STRING:
        jscan_string(s, &text);
        break;
    case JSCAN_NUMBER:
        jscan_number(s, &number);
        break;
    default:
        jscan_skip(s);
    }
    return !s->failed;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct jscan skipping, walking, comparing;
    jscan_init(&skipping, bytes, len);
    jscan_skip(&skipping);
    int accepted = jscan_finish(&skipping);
    jscan_init(&walking, bytes, len);
    walk(&walking);
    require(jscan_finish(&walking) == accepted, "walking and skipping disagree");
    if (!accepted)
        return 0;
    cJSON *tree = json_parse(bytes, len, JSON_DOCUMENT_MAX, NULL);
    jscan_init(&comparing, bytes, len);
    if (tree)
        require(oracle_same(&comparing, tree) && jscan_finish(&comparing), "read differently from cJSON");
    cJSON_Delete(tree);
    return 0;
}
