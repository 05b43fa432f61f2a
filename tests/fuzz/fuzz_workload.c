/* SPDX-License-Identifier: MIT */
/* Workload documents: nothing crashes, and what is accepted survives being written out and read again. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/json_minify.h"
#include "formats/workload.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static void require(int condition)
{
    if (!condition)
        abort();
}

/* cJSON, where it can read them, finds the same in both texts. */
static void require_same_meaning(const void *a, size_t a_len, const struct buf *b)
{
    cJSON *first = json_parse(a, a_len, JSON_FILE_MAX, NULL);
    cJSON *second = json_parse(b->data, b->len, JSON_FILE_MAX, NULL);
    require(!first == !second);
    if (first) {
        char *first_text = cJSON_PrintUnformatted(first), *second_text = cJSON_PrintUnformatted(second);
        require(first_text && second_text && strcmp(first_text, second_text) == 0);
        cJSON_free(first_text);
        cJSON_free(second_text);
    }
    cJSON_Delete(first);
    cJSON_Delete(second);
}

/* Minified text says the same as the original, and minifying it again changes nothing. */
static void check_minified(const void *text, size_t len)
{
    struct buf out = BUF_INIT, again = BUF_INIT;
    if (json_minify(text, len, &out, NULL) == TT_OK) {
        require(json_minify(out.data, out.len, &again, NULL) == TT_OK);
        require(again.len == out.len && memcmp(again.data, out.data, out.len) == 0);
        require_same_meaning(text, len, &out);
    }
    buf_release(&out);
    buf_release(&again);
}

static void check_phases(const struct workload *w)
{
    require(w->phase_count > 0 && w->phase_count <= WORKLOAD_PHASES_MAX);
    for (size_t i = 0; i < w->phase_count; i++) {
        const struct workload_phase *p = &w->phases[i];
        require(workload_find(w, p->name) == (long)i);
        require(p->max_tokens > 0 && p->max_tokens <= WORKLOAD_TOKENS_MAX);
        require(p->messages[0] == '[' && strlen(p->messages) > 2);
        require(!p->tools || p->tools[0] == '[');
    }
}

static void check_round_trip(const struct workload *w)
{
    struct buf json = BUF_INIT;
    struct workload again;
    require(workload_canonical(w, &json) == TT_OK);
    require(workload_parse(&again, json.data, json.len, NULL) == TT_OK);
    require(strcmp(again.sha256, w->sha256) == 0 && again.phase_count == w->phase_count);
    workload_release(&again);
    buf_clear(&json);
    require(workload_describe(w, &json) == TT_OK);
    cJSON *tree = json_parse(json.data, json.len, JSON_FILE_MAX, NULL);
    require(tree && strcmp(json_string(tree, "sha256"), w->sha256) == 0);
    cJSON_Delete(tree);
    buf_release(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct workload w;
    struct error e = {0};
    check_minified(bytes, len);
    int status = workload_parse(&w, bytes, len, &e);
    if (status == TT_OK) {
        check_phases(&w);
        check_round_trip(&w);
    } else {
        require(status == e.code && e.text[0] && !w.phases);
    }
    workload_release(&w);
    return 0;
}
