/* SPDX-License-Identifier: MIT */
#include "replay/engine.h"

#include <stdio.h>
#include <string.h>

#include "formats/jsonout.h"

#define ANSWER_DOCUMENT_MAX ((size_t)64 << 20)

void engine_answer_init(struct engine_answer *a)
{
    memset(a, 0, sizeof *a);
    buf_init(&a->document, ANSWER_DOCUMENT_MAX);
    a->status = 200;
    a->header_ns = ABSENT;
    engine_answer_set_type(a, ANSWER_JSON, strlen(ANSWER_JSON));
}

void engine_answer_release(struct engine_answer *a)
{
    buf_release(&a->document);
    feed_free(a->feed);
    a->feed = NULL;
}

static void copy_printable(char *to, size_t room, const char *from, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len && n + 1 < room; i++) {
        if (from[i] >= ' ' && from[i] < 0x7f)
            to[n++] = from[i];
    }
    to[n] = '\0';
}

void engine_answer_set_type(struct engine_answer *a, const void *text, size_t len)
{
    copy_printable(a->content_type, sizeof a->content_type, text, len);
}

void engine_answer_set_server(struct engine_answer *a, const void *text, size_t len)
{
    copy_printable(a->server, sizeof a->server, text, len);
}

int engine_answer_error(struct engine_answer *a, int status, const char *type, const char *format, ...)
{
    char message[300];
    struct jsonout j;
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    feed_free(a->feed);
    a->feed = NULL;
    a->form = ANSWER_NOW;
    a->status = status;
    engine_answer_set_type(a, ANSWER_JSON, strlen(ANSWER_JSON));
    buf_clear(&a->document);
    jsonout_init(&j, &a->document, 0);
    jsonout_object(&j);
    jsonout_key(&j, "error");
    jsonout_object(&j);
    jsonout_field_u64(&j, "code", (uint64_t)status);
    jsonout_field_string(&j, "message", message);
    jsonout_field_string(&j, "type", type);
    jsonout_end(&j, '}');
    jsonout_end(&j, '}');
    return a->document.failed;
}
