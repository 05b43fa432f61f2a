/* SPDX-License-Identifier: MIT */
/* A profile: refused with a sentence, or an engine that answers twice and tells of itself. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "replay/synthetic.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define BODY "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"max_tokens\":9,\"stream\":true}"

static void ask(struct engine *engine, const char *method, const char *path, const char *body)
{
    struct request r = {method, path, {(const unsigned char *)body, strlen(body)}};
    struct engine_answer a;
    struct slice slice = {0};
    uint64_t due = 0;
    engine_answer_init(&a);
    if (engine->answer(engine, &r, &a, NULL))
        abort();
    for (int i = 0; i < 1000 && a.feed && slice.end == FEED_MORE; i++) {
        if (feed_next(a.feed, &slice) || slice.due_ns < due)
            abort();
        due = slice.due_ns;
    }
    engine_answer_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct profile p;
    struct engine *engine;
    struct error e = {0};
    if (profile_parse(&p, bytes, len, &e)) {
        if (!e.text[0])
            abort();
        profile_release(&p);
        return 0;
    }
    if (synthetic_new(&engine, &p, &e))
        abort();
    ask(engine, "POST", "/v1/chat/completions", BODY);
    ask(engine, "POST", "/v1/chat/completions", BODY);
    ask(engine, "GET", "/props", "");
    ask(engine, "GET", "/v1/models", "");
    engine->free(engine);
    return 0;
}
