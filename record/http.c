/* SPDX-License-Identifier: MIT */
#include "record/http.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/http_wire.h"
#include "formats/scrub.h"
#include "record/clock.h"
#include "record/http_connection.h"
#include "record/http_header.h"

#define READ_SIZE         ((size_t)16 << 10)
#define REQUEST_HEAD_MAX  ((size_t)128 << 10)
#define SENT_TOGETHER_MAX ((size_t)64 << 10) /* a shorter body travels with the head */

struct http_client {
    struct http_connection *connection;
    struct http_wire wire; /* says where the message ends */
    struct buf request;    /* its head, and a short body behind it */
    unsigned char bytes[HTTP_HEAD_MAX + READ_SIZE];
};

/* One attempt under way. */
struct transfer {
    struct http_client *client;
    const struct http_request *request;
    const struct http_sink *sink;
    struct http_result *result;
    struct bytes unsent[2];
    int broke_off;     /* the server takes no more of the request; it may have answered */
    size_t held;       /* bytes of an unfinished header line, in client->bytes */
    size_t head_bytes; /* of the lines before it */
    int is_secret;     /* the last of those has a secret, which a folded line would go on with */
    int is_over;
    int status;              /* TT_NOMEM, or what the sink said when it ended the attempt */
    uint64_t t_activity;     /* last sign of life: sent, or a read */
    uint64_t timeout, stall; /* ticks; ABSENT: no bound */
    uint64_t longest_wait;   /* ticks of HTTP_WAIT_MAX_MS: each read compares with it */
};

/* The first reason to end is the one that counts. */
__attribute__((format(printf, 3, 4))) static void end(struct transfer *t, enum run_ended how, const char *why,
                                                      ...)
{
    va_list args;
    if (t->is_over)
        return;
    t->is_over = 1;
    t->result->ended = how;
    va_start(args, why);
    vsnprintf(t->result->error, sizeof t->result->error, why, args);
    va_end(args);
}

static void fail(struct transfer *t, int status)
{
    t->status = status;
    end(t, RUN_ENDED_INTERRUPTED, "interrupted");
}

/* ---- the answer's bytes ---- */

static void deliver(struct transfer *t, uint64_t at, size_t len)
{
    int status = t->sink->on_bytes(t->sink->context, at, t->client->bytes, len);
    if (status == TT_LIMIT)
        end(t, RUN_ENDED_LIMIT, "the answer's body is over its limit");
    else if (status)
        fail(t, status);
}

static void follow(struct transfer *t, size_t from, size_t to)
{
    struct bytes body, in = {t->client->bytes + from, to - from};
    int status;
    do {
        status = http_wire_next(&t->client->wire, &in, &body);
    } while (status > 0);
    if (status)
        fail(t, status);
}

/* Follows the head's complete lines among the first `len` bytes; returns how many bytes they have. */
static size_t follow_head(struct transfer *t, size_t len)
{
    const unsigned char *bytes = t->client->bytes, *lf;
    size_t from = 0;
    while (t->client->wire.step == HTTP_HEAD && (lf = memchr(bytes + from, '\n', len - from))) {
        size_t to = (size_t)(lf - bytes) + 1;
        if (t->head_bytes + to - from > HTTP_HEAD_MAX)
            break;
        follow(t, from, to);
        t->head_bytes += to - from;
        from = to;
    }
    return from;
}

/* Whether this is how an answer may begin: what talks otherwise need not send a line to be known. */
static int begins_like_http(const unsigned char *bytes, size_t len)
{
    static const char begin[] = "HTTP/1.";
    size_t seen = len < sizeof begin - 1 ? len : sizeof begin - 1;
    return memcmp(bytes, begin, seen) == 0;
}

/* An unfinished line waits for its end: only a whole one shows whether its value is a secret. */
static void hold(struct transfer *t, uint64_t at, size_t from, size_t to)
{
    unsigned char *bytes = t->client->bytes;
    if (from)
        deliver(t, at, from);
    t->held = to - from;
    memmove(bytes, bytes + from, t->held);
    if (t->head_bytes + t->held > HTTP_HEAD_MAX)
        end(t, RUN_ENDED_LIMIT, "the answer's head is over its limit");
    else if (!t->head_bytes && !begins_like_http(bytes, t->held))
        end(t, RUN_ENDED_CUT, "what answers there does not speak HTTP/1.x");
}

/* Body bytes that came with the end of the head belong to the same read. Cookies and credentials are never
 * stored, not even as evidence: their values become '*', length kept. */
static void take_head(struct transfer *t, uint64_t at, size_t len)
{
    const struct http_wire *wire = &t->client->wire;
    size_t head = follow_head(t, len);
    scrub_mask_headers((char *)t->client->bytes, wire->step == HTTP_BAD ? len : head, &t->is_secret);
    if (wire->step == HTTP_HEAD) {
        hold(t, at, head, len);
        return;
    }
    t->held = 0;
    if (wire->head_complete)
        t->result->t_header = at;
    deliver(t, at, len);
    follow(t, head, len);
}

static void judge(struct transfer *t)
{
    const struct http_wire *wire = &t->client->wire;
    if (wire->step == HTTP_DONE)
        end(t, RUN_ENDED_COMPLETE, "%s", "");
    else if (wire->step == HTTP_BAD && wire->head_complete)
        end(t, RUN_ENDED_CUT, "the answer's chunk framing broke before the end of the message");
    else if (wire->step == HTTP_BAD)
        end(t, RUN_ENDED_CUT, "what answers there does not speak HTTP/1.x");
}

static void take_close(struct transfer *t)
{
    http_wire_close(&t->client->wire);
    judge(t);
    if (t->broke_off)
        end(t, RUN_ENDED_CUT, "the connection broke while the request was being sent");
    if (!t->head_bytes && !t->held)
        end(t, RUN_ENDED_CUT, "the engine closed the connection without an answer");
    end(t, RUN_ENDED_CUT, "the engine closed the connection before the end of the message");
}

static int is_sending(const struct transfer *t)
{
    return t->unsent[0].len || t->unsent[1].len;
}

/* A read may be what notices it, or a send. */
static void take_break(struct transfer *t)
{
    end(t, RUN_ENDED_CUT, "the connection broke %s",
        is_sending(t) || t->broke_off ? "while the request was being sent" : "before the end of the message");
}

/* The hot path: the clock right after the read, then the sink; what the bytes mean comes last. Returns that
 * time. */
static uint64_t read_once(struct transfer *t)
{
    struct http_client *c = t->client;
    ssize_t count = http_connection_read(c->connection, c->bytes + t->held, READ_SIZE);
    uint64_t at = clock_ticks();
    if (count == HTTP_AGAIN)
        return at;
    t->t_activity = at;
    if (count == HTTP_BROKEN) {
        take_break(t);
    } else if (count == 0) {
        take_close(t);
    } else if (c->wire.step == HTTP_HEAD) {
        take_head(t, at, t->held + (size_t)count);
        judge(t);
    } else {
        deliver(t, at, (size_t)count);
        follow(t, 0, (size_t)count);
        judge(t);
    }
    return at;
}

/* ---- the request's bytes ---- */

static int prepare(struct transfer *t, struct error *e)
{
    struct http_client *c = t->client;
    struct bytes body = t->request->body;
    buf_clear(&c->request);
    int status = http_write_head(&c->request, t->request, http_connection_authority(c->connection),
                                 http_connection_target(c->connection), e);
    if (status)
        return status;
    if (body.len <= SENT_TOGETHER_MAX)
        buf_append(&c->request, body.data, body.len);
    else
        t->unsent[1] = body;
    t->unsent[0] = buf_bytes(&c->request);
    return c->request.failed ? error_set(e, TT_NOMEM, "out of memory for a request") : TT_OK;
}

static void send_more(struct transfer *t)
{
    while (is_sending(t)) {
        struct bytes *part = &t->unsent[t->unsent[0].len == 0];
        ssize_t count = http_connection_send(t->client->connection, part->data, part->len);
        if (count == HTTP_AGAIN)
            return;
        if (count == HTTP_BROKEN) {
            t->broke_off = 1;
            t->unsent[0].len = t->unsent[1].len = 0;
            return;
        }
        part->data += count;
        part->len -= (size_t)count;
        t->result->t_sent = t->t_activity = clock_ticks();
    }
}

/* ---- the loop ---- */

static uint64_t ticks_of(double seconds)
{
    return seconds > 0 && seconds < 1e9 ? clock_ns_to_ticks((uint64_t)(seconds * 1e9)) : ABSENT;
}

static uint64_t left_of(uint64_t bound, uint64_t since, uint64_t now)
{
    uint64_t passed = now > since ? now - since : 0;
    return bound > passed ? bound - passed : 0;
}

/* Silence counts from the first byte that is out: a server that takes no more in is silent, too. Before that
 * only the time-out of the whole attempt does. */
static uint64_t silence_left(const struct transfer *t, uint64_t now)
{
    if (t->stall == ABSENT || t->result->t_sent == ABSENT)
        return ABSENT;
    return left_of(t->stall, t->t_activity, now);
}

/* Milliseconds to wait for what comes next. A bound that has passed ends the attempt. */
static int next_wait(struct transfer *t, uint64_t now)
{
    uint64_t total = t->timeout == ABSENT ? ABSENT : left_of(t->timeout, t->result->t_start, now);
    uint64_t silence = silence_left(t, now);
    if (total == 0)
        end(t, RUN_ENDED_TIMEOUT, "no end of the message within %g s", t->request->timeout_s);
    else if (silence == 0)
        end(t, RUN_ENDED_STALLED, "the engine was silent for %g s", t->request->stall_s);
    uint64_t nearest = total < silence ? total : silence;
    return nearest < t->longest_wait ? (int)(clock_ticks_to_ns(nearest) / 1000000) + 1 : HTTP_WAIT_MAX_MS;
}

static int goes_on(struct transfer *t, const volatile sig_atomic_t *interrupted)
{
    if (interrupted && *interrupted)
        end(t, RUN_ENDED_INTERRUPTED, "interrupted");
    return !t->is_over;
}

static int connect_to_server(struct transfer *t, const volatile sig_atomic_t *interrupted)
{
    struct http_connection *connection = t->client->connection;
    enum http_connection_state state = HTTP_CONNECTING;
    int status = TT_OK;
    while (!status && state == HTTP_CONNECTING && goes_on(t, interrupted))
        status = http_connection_step(connection, next_wait(t, clock_ticks()), &state);
    if (state == HTTP_CONNECTED)
        t->result->t_connected = clock_ticks();
    if (state == HTTP_UNREACHABLE && !status)
        end(t, RUN_ENDED_NO_CONNECTION, "no connection: %s", http_connection_failure(connection));
    return status;
}

/* Reads before it sends: an answer may come before the request is out, and the end of the connection with it.
 */
static void send_request(struct transfer *t, const volatile sig_atomic_t *interrupted)
{
    send_more(t);
    while (is_sending(t) && goes_on(t, interrupted)) {
        int ready = http_connection_wait(t->client->connection, next_wait(t, clock_ticks()));
        if (ready & HTTP_READABLE)
            read_once(t);
        if (ready & HTTP_WRITABLE && !t->is_over)
            send_more(t);
    }
}

static void read_answer(struct transfer *t, const volatile sig_atomic_t *interrupted)
{
    uint64_t now = clock_ticks();
    while (goes_on(t, interrupted)) {
        int wait_ms = next_wait(t, now);
        if (http_connection_set_patience(t->client->connection, wait_ms))
            end(t, RUN_ENDED_CUT, "the system does not let reads of the connection wait");
        else if (!t->is_over)
            now = read_once(t);
    }
}

static void conclude(struct transfer *t)
{
    struct http_result *r = t->result;
    struct http_connection_times times = http_connection_times(t->client->connection);
    int http_status = t->client->wire.head_status;
    r->t_close = clock_ticks();
    r->status = http_status > 0 ? (uint64_t)http_status : ABSENT;
    r->lookup_ns = times.lookup_ns;
    r->connect_ns = times.connect_ns;
    r->tls_ns = times.tls_ns;
}

/* ---- an attempt ---- */

static void result_init(struct http_result *r)
{
    memset(r, 0, sizeof *r);
    r->t_connected = r->t_sent = r->t_header = r->t_close = ABSENT;
    r->status = r->lookup_ns = r->connect_ns = r->tls_ns = ABSENT;
    r->ended = RUN_ENDED_NO_CONNECTION;
}

static int attempt(struct transfer *t, const volatile sig_atomic_t *interrupted, struct error *e)
{
    struct http_connection *connection = t->client->connection;
    t->result->t_start = t->t_activity = clock_ticks();
    int status = http_connection_begin(connection, t->request->url);
    if (!status && (status = prepare(t, e)))
        return status;
    if (!status)
        status = connect_to_server(t, interrupted);
    if (status)
        return error_set(e, status, "libcurl could not connect: out of memory or descriptors");
    if (t->result->t_connected != ABSENT) {
        send_request(t, interrupted);
        read_answer(t, interrupted);
    }
    conclude(t);
    return t->status == TT_NOMEM ? error_set(e, TT_NOMEM, "out of memory for an answer") : t->status;
}

int http_perform(struct http_client *client, const struct http_request *request, const struct http_sink *sink,
                 const volatile sig_atomic_t *interrupted, struct http_result *result, struct error *e)
{
    struct transfer t = {.client = client, .request = request, .sink = sink, .result = result};
    uint64_t cpu = clock_thread_cpu_ns();
    t.timeout = ticks_of(request->timeout_s);
    t.stall = ticks_of(request->stall_s);
    t.longest_wait = clock_ns_to_ticks(HTTP_WAIT_MAX_MS * UINT64_C(1000000));
    result_init(result);
    http_wire_clear(&client->wire);
    int status = attempt(&t, interrupted, e);
    http_connection_close(client->connection);
    result->cpu_ns = clock_thread_cpu_ns() - cpu;
    return status;
}

int http_client_new(struct http_client **client, struct error *e)
{
    struct http_client *c = mem_zalloc(1, sizeof *c);
    *client = c;
    if (!c)
        return error_set(e, TT_NOMEM, "out of memory for the HTTP client");
    http_wire_init(&c->wire, HTTP_HEAD_MAX);
    buf_init(&c->request, REQUEST_HEAD_MAX + SENT_TOGETHER_MAX);
    int status = http_connection_new(&c->connection, e);
    if (status) {
        http_client_free(c);
        *client = NULL;
    }
    return status;
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    http_connection_free(client->connection);
    http_wire_release(&client->wire);
    buf_release(&client->request);
    mem_free(client);
}
