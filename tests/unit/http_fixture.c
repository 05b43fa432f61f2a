/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "record/clock.h"
#include "tests/unit/http_fixture.h"

static int see(void *context, uint64_t t, const void *bytes, size_t len)
{
    struct seen *s = context;
    assert_true(s->count < READS_MAX);
    s->t[s->count] = t;
    s->len[s->count++] = len;
    assert_int_equal(buf_append(&s->wire, bytes, len), TT_OK);
    return s->refuse_with;
}

void open_fixture(struct fixture *f, tiny_handler *handler, void *context)
{
    memset(f, 0, sizeof *f);
    f->server = tiny_start(handler, context);
    assert_int_equal(http_client_new(&f->client, &f->error), TT_OK);
}

void close_fixture(struct fixture *f)
{
    http_client_free(f->client);
    buf_release(&f->seen.wire);
    tiny_stop(f->server);
}

int perform(struct fixture *f, const struct http_request *request, const volatile sig_atomic_t *interrupted)
{
    struct http_sink sink = {.context = &f->seen, .on_bytes = see};
    buf_clear(&f->seen.wire);
    f->seen.count = 0;
    return http_perform(f->client, request, &sink, interrupted, &f->result, &f->error);
}

struct http_request post(const struct fixture *f, const char *body)
{
    struct http_request q = {.url = tiny_url(f->server), .method = "POST", .timeout_s = 20};
    q.body.data = (const unsigned char *)body;
    q.body.len = strlen(body);
    return q;
}

void play(struct fixture *f, tiny_handler *handler, void *context)
{
    open_fixture(f, handler, context);
    struct http_request q = post(f, "{\"a\":1}");
    assert_int_equal(perform(f, &q, NULL), TT_OK);
}

double elapsed_ms(const struct fixture *f)
{
    return (double)clock_ticks_to_ns(f->result.t_close - f->result.t_start) / 1e6;
}
