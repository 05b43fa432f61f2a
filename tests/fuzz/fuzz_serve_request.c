/* SPDX-License-Identifier: MIT */
/* The body of a request to a synthetic engine: whatever it is, there is an answer, and what is answered as a
 * stream is a whole message. Each body goes to every path that reads one. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/stream.h"
#include "replay/framing.h"
#include "replay/synthetic.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define PROFILE                                                                                              \
    "{\"context\":4096,\"tool_call\":true,\"reasoning_tokens\":4,\"tokens_per_burst\":3,\"prefix_cache\":"   \
    "\"slots:2\"}"

static struct engine *engine;

static void start(void)
{
    struct profile p;
    if (engine)
        return;
    if (profile_parse(&p, PROFILE, strlen(PROFILE), NULL) || synthetic_new(&engine, &p, NULL))
        abort();
}

static int ignore_frame(void *context, const struct stream_frame *frame)
{
    (void)context;
    (void)frame;
    return 0;
}

static void listen_to(struct engine_answer *a)
{
    struct slice slice;
    struct stream *stream = stream_new(ignore_frame, NULL, NULL);
    if (!stream || framing_add(a, "fuzz"))
        abort();
    do {
        if (feed_next(a->feed, &slice))
            abort();
        if (slice.end == FEED_MORE)
            stream_feed(stream, slice.due_ns, slice.bytes.data, slice.bytes.len);
    } while (slice.end == FEED_MORE);
    if (slice.end != FEED_WHOLE || !stream_state(stream)->body_complete || stream_state(stream)->bad_framing)
        abort();
    stream_free(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const paths[] = {"/v1/chat/completions", "/tokenize", "/apply-template"};
    start();
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct request r = {"POST", paths[i], {bytes, len}};
        struct engine_answer a;
        engine_answer_init(&a);
        if (engine->answer(engine, &r, &a, NULL))
            abort();
        if (a.feed)
            listen_to(&a);
        engine_answer_release(&a);
    }
    return 0;
}
