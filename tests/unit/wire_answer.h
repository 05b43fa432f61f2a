/* SPDX-License-Identifier: MIT */
/* What an answer says, from its bytes. */
#ifndef TOKTAPE_TESTS_WIRE_ANSWER_H
#define TOKTAPE_TESTS_WIRE_ANSWER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "formats/answer_text.h"
#include "formats/stream.h"

static inline int wire_answer_frame(void *context, const struct stream_frame *frame)
{
    return answer_text_frame(context, frame->chat);
}

/* Release with answer_text_release. */
static inline struct answer_text wire_answer(const char *wire, size_t len)
{
    struct answer_text answer;
    answer_text_init(&answer);
    struct stream *stream = stream_new(wire_answer_frame, NULL, &answer);
    assert_int_equal(stream_feed(stream, 0, wire, len), 0);
    assert_int_equal(stream_close(stream, 0), 0);
    stream_free(stream);
    return answer;
}

#endif
