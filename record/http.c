/* SPDX-License-Identifier: MIT */
#include "record/http.h"

#include <curl/curl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/scrub.h"
#include "formats/version.h"
#include "record/clock.h"
#include "record/http_header.h"
#include "record/socket_set.h"

#define READ_SIZE 16384 /* libcurl hands a larger read over in pieces of this size */

struct http_client {
    CURL *easy;
    CURLM *multi;
    struct socket_set sockets;
    char agent[48];
    unsigned char gathered[HTTP_HEAD_MAX + READ_SIZE]; /* head bytes of the current turn */
};

/* One attempt under way. */
struct transfer {
    struct http_client *client;
    const struct http_request *request;
    const struct http_sink *sink;
    struct http_result *result;
    struct curl_slist *headers;
    size_t gathered;     /* bytes in client->gathered */
    uint64_t t_gathered; /* time of the first of them */
    size_t head_bytes;
    int head_complete;
    uint64_t t_activity;     /* last sign of life: connected, sent, or a read */
    uint64_t timeout, stall; /* ticks; ABSENT: no bound */
    int over_limit;
    int sink_status;         /* what the sink said when it ended the attempt */
    enum run_ended given_up; /* RUN_ENDED_COMPLETE while we go on */
    CURLcode code;           /* libcurl's verdict, once it has one */
    int has_code;
};

/* ---- the answer's bytes ---- */

static int deliver(struct transfer *t, uint64_t at, const void *bytes, size_t len)
{
    t->sink_status = t->sink->on_bytes(t->sink->context, at, bytes, len);
    return t->sink_status;
}

/* Cookies and credentials are never stored, not even as evidence: their values become '*', length kept. */
static void mask_gathered(struct transfer *t)
{
    scrub_mask_headers((char *)t->client->gathered, t->gathered);
}

static int hand_over_gathered(struct transfer *t)
{
    size_t len = t->gathered;
    if (!t->head_complete)
        mask_gathered(
            t); /* a complete head was masked when it became one, before body bytes came behind it */
    t->gathered = 0;
    if (!len || t->sink_status)
        return t->sink_status;
    if (!t->sink->on_head)
        return deliver(t, t->t_gathered, t->client->gathered, len);
    t->sink_status = t->sink->on_head(t->sink->context, t->t_gathered, t->client->gathered, len);
    return t->sink_status;
}

static int is_blank_line(const char *line, size_t len)
{
    return (len == 1 && line[0] == '\n') || (len == 2 && line[0] == '\r' && line[1] == '\n');
}

/* The blank line of a 1xx answer ends nothing: the real head follows. */
static int is_final_head(CURL *easy)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200;
}

static size_t on_header_line(char *line, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    size_t len = size * count;
    if (t->head_complete)
        return len; /* a trailer: it stands in the body's framing as well */
    if (!t->gathered)
        t->t_gathered = t->t_activity = socket_set_arrival(&t->client->sockets);
    t->head_bytes += len;
    if (t->head_bytes > HTTP_HEAD_MAX) {
        t->over_limit = 1;
        return 0;
    }
    memcpy(t->client->gathered + t->gathered, line, len);
    t->gathered += len;
    if (is_blank_line(line, len) && is_final_head(t->client->easy)) {
        t->head_complete = 1;
        t->result->t_header = t->t_gathered;
        mask_gathered(t);
    }
    return len;
}

/* Body bytes while head bytes are waiting come from the same recv: they become one read. */
static int deliver_with_head(struct transfer *t, const char *bytes, size_t len)
{
    if (t->sink->on_head || len > sizeof t->client->gathered - t->gathered) {
        hand_over_gathered(t);
        return t->sink_status ? t->sink_status : deliver(t, t->t_gathered, bytes, len);
    }
    memcpy(t->client->gathered + t->gathered, bytes, len);
    t->gathered += len;
    return hand_over_gathered(t);
}

/* The hot path: for all reads but the first this is the clock and the sink. */
static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
    struct transfer *t = context;
    size_t len = size * count;
    if (t->gathered)
        return deliver_with_head(t, bytes, len) ? 0 : len;
    t->t_activity = socket_set_arrival(&t->client->sockets);
    return deliver(t, t->t_activity, bytes, len) ? 0 : len;
}

/* ---- stamps ---- */

static int on_connected(void *context, char *remote, char *local, int remote_port, int local_port)
{
    struct transfer *t = context;
    (void)remote, (void)local, (void)remote_port, (void)local_port;
    t->result->t_connected = t->t_activity = clock_ticks();
    return CURL_PREREQFUNC_OK;
}

/* libcurl reports what it has just written to the socket; the last report is the last request byte. */
static int on_debug(CURL *easy, curl_infotype type, char *bytes, size_t len, void *context)
{
    struct transfer *t = context;
    (void)easy, (void)bytes, (void)len;
    if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT)
        t->result->t_sent = t->t_activity = clock_ticks();
    return 0;
}

static uint64_t microseconds(CURL *easy, CURLINFO what)
{
    curl_off_t us = 0;
    return curl_easy_getinfo(easy, what, &us) == CURLE_OK && us > 0 ? (uint64_t)us : 0;
}

/* libcurl counts each of these from the start and leaves 0 where it never came to that. */
static void take_connection_times(CURL *easy, struct http_result *r)
{
    uint64_t lookup = microseconds(easy, CURLINFO_NAMELOOKUP_TIME_T);
    uint64_t connect = microseconds(easy, CURLINFO_CONNECT_TIME_T);
    uint64_t tls = microseconds(easy, CURLINFO_APPCONNECT_TIME_T);
    r->lookup_ns = lookup ? lookup * 1000 : ABSENT;
    r->connect_ns = connect >= lookup && connect ? (connect - lookup) * 1000 : ABSENT;
    r->tls_ns = tls >= connect && tls ? (tls - connect) * 1000 : ABSENT;
}

/* ---- what libcurl wants watched ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *unused)
{
    short events = 0;
    (void)easy, (void)unused;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= POLLIN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= POLLOUT;
    return socket_set_watch(context, fd, events);
}

static int on_timer(CURLM *multi, long ms, void *context)
{
    (void)multi;
    socket_set_look_in(context, ms);
    return 0;
}

/* A closed connection is found by reading. */
static int selected_by(short revents)
{
    int selected = 0;
    if (revents & (POLLIN | POLLHUP))
        selected |= CURL_CSELECT_IN;
    if (revents & POLLOUT)
        selected |= CURL_CSELECT_OUT;
    if (revents & (POLLERR | POLLNVAL))
        selected |= CURL_CSELECT_ERR;
    return selected;
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

/* Silence counts from the moment the request is out; before that only the time-out of the whole attempt does.
 */
static uint64_t silence_left(const struct transfer *t, uint64_t now)
{
    if (t->stall == ABSENT || t->result->t_sent == ABSENT)
        return ABSENT;
    return left_of(t->stall, t->t_activity, now);
}

/* Milliseconds to wait for the next bytes; 0 when a bound has passed, which given_up then says. */
static int next_wait(struct transfer *t)
{
    uint64_t now = clock_ticks();
    uint64_t total = t->timeout == ABSENT ? ABSENT : left_of(t->timeout, t->result->t_start, now);
    uint64_t silence = silence_left(t, now);
    if (total == 0 || silence == 0) {
        t->given_up = total == 0 ? RUN_ENDED_TIMEOUT : RUN_ENDED_STALLED;
        return 0;
    }
    uint64_t nearest = total < silence ? total : silence;
    uint64_t ms = nearest == ABSENT ? HTTP_WAIT_MAX_MS : clock_ticks_to_ns(nearest) / 1000000 + 1;
    return ms < HTTP_WAIT_MAX_MS ? (int)ms : HTTP_WAIT_MAX_MS;
}

static void take_verdict(struct transfer *t)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(t->client->multi, &left))) {
        if (message->msg == CURLMSG_DONE) {
            t->code = message->data.result;
            t->has_code = 1;
        }
    }
}

/* Told which socket is ready, libcurl reads from it at once; asked in general it would look twice on its own,
 * before and after the read, and the bytes would wait for it. */
static CURLMcode turn(struct transfer *t, const struct pollfd *ready, size_t count, int *running)
{
    CURLM *multi = t->client->multi;
    CURLMcode code = CURLM_OK;
    for (size_t i = 0; i < count && !code; i++)
        code = curl_multi_socket_action(multi, ready[i].fd, selected_by(ready[i].revents), running);
    if (!code && socket_set_is_due(&t->client->sockets))
        code = curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, running);
    return code;
}

static int drive(struct transfer *t, const volatile sig_atomic_t *interrupted)
{
    struct pollfd ready[SOCKETS_MAX];
    size_t count = 0;
    int running = 1;
    for (;;) {
        if (turn(t, ready, count, &running) != CURLM_OK)
            return TT_NOMEM;
        if (hand_over_gathered(t) || !running)
            break;
        if (interrupted && *interrupted) {
            t->given_up = RUN_ENDED_INTERRUPTED;
            break;
        }
        int wait_ms = next_wait(t);
        if (t->given_up)
            break;
        count = socket_set_wait(&t->client->sockets, wait_ms, ready);
    }
    t->result->t_close = clock_ticks();
    take_verdict(t);
    return TT_OK;
}

/* ---- how it ended ---- */

static enum run_ended ended_by_code(const struct transfer *t)
{
    if (t->over_limit || t->sink_status == TT_LIMIT)
        return RUN_ENDED_LIMIT;
    switch (t->code) {
    case CURLE_OK: /* also when the connection closed amid the header lines */
        return t->head_complete ? RUN_ENDED_COMPLETE : RUN_ENDED_CUT;
    case CURLE_OUT_OF_MEMORY: /* libcurl's own cap on one header line says so as well */
        return t->head_complete ? RUN_ENDED_CUT : RUN_ENDED_LIMIT;
    default:
        return t->result->t_connected == ABSENT ? RUN_ENDED_NO_CONNECTION : RUN_ENDED_CUT;
    }
}

/* What the system said about a connection that could not be made, libcurl's static text otherwise: neither
 * names a host. */
static void describe_no_connection(const struct transfer *t)
{
    long number = 0;
    curl_easy_getinfo(t->client->easy, CURLINFO_OS_ERRNO, &number);
    int is_system = t->code == CURLE_COULDNT_CONNECT && number;
    snprintf(t->result->error, sizeof t->result->error, "no connection: %s",
             is_system ? strerror((int)number) : curl_easy_strerror(t->code));
}

static void describe_cut(const struct transfer *t)
{
    char *text = t->result->error;
    size_t size = sizeof t->result->error;
    switch (t->code) {
    case CURLE_GOT_NOTHING:
        snprintf(text, size, "the engine closed the connection without an answer");
        break;
    case CURLE_OK:
    case CURLE_PARTIAL_FILE:
        snprintf(text, size, "the engine closed the connection before the end of the message");
        break;
    case CURLE_SEND_ERROR:
        snprintf(text, size, "the connection broke while the request was being sent");
        break;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
        snprintf(text, size, "what answers there does not speak HTTP/1.x");
        break;
    case CURLE_RECV_ERROR:
        snprintf(text, size, "the connection broke, or its chunk framing did, before the end of the message");
        break;
    default:
        snprintf(text, size, "the transfer failed: %s", curl_easy_strerror(t->code));
    }
}

static void describe(const struct transfer *t)
{
    struct http_result *r = t->result;
    switch (r->ended) {
    case RUN_ENDED_COMPLETE:
        break;
    case RUN_ENDED_TIMEOUT:
        snprintf(r->error, sizeof r->error, "no end of the message within %g s", t->request->timeout_s);
        break;
    case RUN_ENDED_STALLED:
        snprintf(r->error, sizeof r->error, "the engine was silent for %g s", t->request->stall_s);
        break;
    case RUN_ENDED_INTERRUPTED:
        snprintf(r->error, sizeof r->error, "interrupted");
        break;
    case RUN_ENDED_LIMIT:
        snprintf(r->error, sizeof r->error, "the answer's %s over its limit",
                 t->sink_status == TT_LIMIT ? "body is" : "head is");
        break;
    case RUN_ENDED_NO_CONNECTION:
        describe_no_connection(t);
        break;
    default:
        describe_cut(t);
    }
}

static void conclude(struct transfer *t)
{
    struct http_result *r = t->result;
    long status = 0;
    curl_easy_getinfo(t->client->easy, CURLINFO_RESPONSE_CODE, &status);
    r->status = status > 0 ? (uint64_t)status : ABSENT;
    r->ended = t->has_code || t->over_limit || t->sink_status ? ended_by_code(t) : t->given_up;
    if (t->sink_status && t->sink_status != TT_LIMIT)
        r->ended = RUN_ENDED_INTERRUPTED;
    take_connection_times(t->client->easy, r);
    describe(t);
}

/* ---- setting up ---- */

static int append_header(struct transfer *t, const char *line)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    if (!longer)
        return TT_NOMEM;
    t->headers = longer;
    return TT_OK;
}

static int add_given_headers(struct transfer *t, int *has_type, struct error *e)
{
    for (const char *const *line = t->request->headers; line && *line; line++) {
        int status = http_check_header(*line, e);
        if (status)
            return status;
        if (append_header(t, *line))
            return error_set(e, TT_NOMEM, "out of memory for the request's headers");
        *has_type |= http_header_has_name(*line, "Content-Type");
    }
    return TT_OK;
}

/* Servers may insist on a length for a POST, even of nothing. */
static int sends_body(const struct http_request *q)
{
    return q->body.data != NULL || strcmp(q->method, "POST") == 0;
}

static int build_headers(struct transfer *t, struct error *e)
{
    int has_type = 0;
    int status = add_given_headers(t, &has_type, e);
    if (status)
        return status;
    status = append_header(t, "Expect:"); /* an empty value keeps libcurl from sending its own */
    if (!status && sends_body(t->request) && !has_type)
        status = append_header(t, "Content-Type: application/json");
    return status ? error_set(e, TT_NOMEM, "out of memory for the request's headers") : TT_OK;
}

/* Counts refused options instead of checking each: any of them would break a promise of the header file. */
static int set_connection_rules(CURL *easy, const char *agent)
{
    int refused = 0;
    refused += curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_PROXY, "") != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)READ_SIZE) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_TIMEOUT_S) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_USERAGENT, agent) != CURLE_OK;
    return refused;
}

static int set_callbacks(CURL *easy, struct transfer *t)
{
    int refused = 0;
    refused += curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header_line) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_HEADERDATA, t) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_WRITEDATA, t) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_PREREQDATA, t) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, on_debug) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_DEBUGDATA, t) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L) != CURLE_OK;
    return refused;
}

static int set_request(CURL *easy, const struct transfer *t)
{
    const struct http_request *q = t->request;
    int refused = 0;
    refused += curl_easy_setopt(easy, CURLOPT_URL, q->url) != CURLE_OK;
    if (sends_body(q)) {
        const char *body = q->body.data ? (const char *)q->body.data : "";
        refused += curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.len) != CURLE_OK;
        refused += curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body) != CURLE_OK;
    }
    refused += curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, q->method) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->headers) != CURLE_OK;
    /* With decoding on, libcurl cuts a read into one callback per chunk and drops the framing. */
    long decode = t->sink->on_head != NULL;
    refused += curl_easy_setopt(easy, CURLOPT_HTTP_TRANSFER_DECODING, decode) != CURLE_OK;
    return refused;
}

static int prepare(struct transfer *t, struct error *e)
{
    CURL *easy = t->client->easy;
    int status = http_check_method(t->request->method, e);
    if (!status)
        status = build_headers(t, e);
    if (status)
        return status;
    curl_easy_reset(easy);
    int refused = set_connection_rules(easy, t->client->agent);
    refused += set_callbacks(easy, t);
    refused += set_request(easy, t);
    return refused ? error_set(e, TT_NOMEM, "libcurl refused %d of the connection's settings", refused)
                   : TT_OK;
}

static void result_init(struct http_result *r)
{
    memset(r, 0, sizeof *r);
    r->t_connected = r->t_sent = r->t_header = r->t_close = ABSENT;
    r->status = r->lookup_ns = r->connect_ns = r->tls_ns = ABSENT;
    r->ended = RUN_ENDED_NO_CONNECTION;
}

static int attempt(struct transfer *t, const volatile sig_atomic_t *interrupted, struct error *e)
{
    struct http_client *c = t->client;
    uint64_t cpu = clock_thread_cpu_ns();
    socket_set_clear(&c->sockets);
    t->result->t_start = t->t_activity = clock_ticks();
    int status = curl_multi_add_handle(c->multi, c->easy) == CURLM_OK ? drive(t, interrupted) : TT_NOMEM;
    if (!status)
        conclude(t);
    curl_multi_remove_handle(c->multi, c->easy);
    t->result->cpu_ns = clock_thread_cpu_ns() - cpu;
    if (status)
        return error_set(e, status, "libcurl could not run the request: out of memory or descriptors");
    if (t->sink_status && t->sink_status != TT_LIMIT)
        return t->sink_status;
    return TT_OK;
}

int http_perform(struct http_client *client, const struct http_request *request, const struct http_sink *sink,
                 const volatile sig_atomic_t *interrupted, struct http_result *result, struct error *e)
{
    struct transfer t = {.client = client, .request = request, .sink = sink, .result = result};
    t.timeout = ticks_of(request->timeout_s);
    t.stall = ticks_of(request->stall_s);
    result_init(result);
    int status = prepare(&t, e);
    if (!status)
        status = attempt(&t, interrupted, e);
    curl_slist_free_all(t.headers);
    return status;
}

static int watch_through(CURLM *multi, struct socket_set *sockets)
{
    int refused = 0;
    refused += curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK;
    refused += curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, sockets) != CURLM_OK;
    refused += curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK;
    refused += curl_multi_setopt(multi, CURLMOPT_TIMERDATA, sockets) != CURLM_OK;
    return refused;
}

int http_client_new(struct http_client **client, struct error *e)
{
    struct http_client *c = mem_zalloc(1, sizeof *c);
    *client = c;
    if (!c)
        return error_set(e, TT_NOMEM, "out of memory for the HTTP client");
    snprintf(c->agent, sizeof c->agent, "toktape/%s", toktape_version());
    c->easy = curl_easy_init(); /* starts the library as well */
    c->multi = curl_multi_init();
    if (c->easy && c->multi && watch_through(c->multi, &c->sockets) == 0)
        return TT_OK;
    http_client_free(c);
    *client = NULL;
    return error_set(e, TT_NOMEM, "libcurl could not be started");
}

void http_client_free(struct http_client *client)
{
    if (!client)
        return;
    curl_easy_cleanup(client->easy);
    curl_multi_cleanup(client->multi);
    mem_free(client);
}

const char *http_library_version(void)
{
    return curl_version();
}
