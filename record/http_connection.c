/* SPDX-License-Identifier: MIT */
#include "record/http_connection.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/schema.h"
#include "record/socket_set.h"

#define URL_PART_MAX ((size_t)16 << 10)

struct http_connection {
    CURL *easy;
    CURLM *multi;
    CURLU *url;
    struct socket_set sockets; /* while connecting */
    struct pollfd ready[SOCKETS_MAX];
    size_t ready_count;
    curl_socket_t socket; /* once connected */
    int is_plain;         /* the socket's bytes are the answer's: no TLS */
    int patience_ms;      /* of its reads; 0: they do not wait */
    CURLcode verdict;
    struct buf authority, target;
};

/* ---- what libcurl wants watched while it connects ---- */

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

static CURLMcode turn(struct http_connection *c, int *running)
{
    CURLMcode code = CURLM_OK;
    for (size_t i = 0; i < c->ready_count && !code; i++)
        code = curl_multi_socket_action(c->multi, c->ready[i].fd, selected_by(c->ready[i].revents), running);
    c->ready_count = 0;
    if (!code && socket_set_is_due(&c->sockets))
        code = curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, running);
    return code;
}

static int is_without_tls(const struct http_connection *c)
{
    char *scheme = NULL;
    int is_http =
        curl_url_get(c->url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && strcmp(scheme, "http") == 0;
    curl_free(scheme);
    return is_http;
}

static enum http_connection_state take_verdict(struct http_connection *c)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(c->multi, &left))) {
        if (message->msg == CURLMSG_DONE)
            c->verdict = message->data.result;
    }
    if (!c->verdict)
        c->verdict = curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &c->socket);
    c->is_plain = is_without_tls(c);
    return !c->verdict && c->socket != CURL_SOCKET_BAD ? HTTP_CONNECTED : HTTP_UNREACHABLE;
}

int http_connection_step(struct http_connection *c, int wait_ms, enum http_connection_state *state)
{
    int running = 1;
    *state = HTTP_UNREACHABLE;
    if (c->verdict)
        return TT_OK;
    c->ready_count = socket_set_wait(&c->sockets, wait_ms, c->ready);
    if (turn(c, &running) != CURLM_OK)
        return TT_NOMEM;
    *state = running ? HTTP_CONNECTING : take_verdict(c);
    return TT_OK;
}

/* ---- the URL ---- */

/* Nothing for a part that the URL has not. */
static int add_part(struct buf *out, CURLU *url, const char *before, CURLUPart part, unsigned flags)
{
    char *text = NULL;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
        return TT_OK;
    buf_puts(out, before);
    buf_puts(out, text);
    curl_free(text);
    return out->failed;
}

static int take_url(struct http_connection *c, const char *url)
{
    buf_clear(&c->authority);
    buf_clear(&c->target);
    if (curl_url_set(c->url, CURLUPART_URL, url, CURLU_PATH_AS_IS) != CURLUE_OK) {
        c->verdict = CURLE_URL_MALFORMAT;
        return TT_OK;
    }
    int status = add_part(&c->authority, c->url, "", CURLUPART_HOST, 0);
    if (!status)
        status = add_part(&c->authority, c->url, ":", CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
    if (!status)
        status = add_part(&c->target, c->url, "", CURLUPART_PATH, 0);
    if (!status)
        status = add_part(&c->target, c->url, "?", CURLUPART_QUERY, 0);
    return status;
}

const char *http_connection_authority(const struct http_connection *c)
{
    return buf_text(&c->authority);
}

const char *http_connection_target(const struct http_connection *c)
{
    return buf_text(&c->target);
}

/* ---- from begin to close ---- */

/* Counts refused options instead of checking each: any of them would break a promise of the header file. */
static int set_rules(struct http_connection *c)
{
    CURL *easy = c->easy;
    int refused = 0;
    curl_easy_reset(easy);
    refused += curl_easy_setopt(easy, CURLOPT_CURLU, c->url) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_PROXY, "") != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_TIMEOUT_S) != CURLE_OK;
    refused += curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L) != CURLE_OK;
    return refused;
}

int http_connection_begin(struct http_connection *c, const char *url)
{
    c->verdict = CURLE_OK;
    c->socket = CURL_SOCKET_BAD;
    c->ready_count = 0;
    c->patience_ms = c->is_plain = 0;
    socket_set_clear(&c->sockets);
    if (take_url(c, url) || set_rules(c))
        return TT_NOMEM;
    if (c->verdict)
        return TT_OK; /* that the URL is none is said by the first step */
    return curl_multi_add_handle(c->multi, c->easy) == CURLM_OK ? TT_OK : TT_NOMEM;
}

/* libcurl closes a connection that it made for us when its handle leaves. */
void http_connection_close(struct http_connection *c)
{
    curl_multi_remove_handle(c->multi, c->easy);
    c->socket = CURL_SOCKET_BAD;
}

/* ---- the bytes ---- */

/* A closed connection is found by reading. */
int http_connection_wait(const struct http_connection *c, int wait_ms)
{
    struct pollfd p = {c->socket, POLLIN | POLLOUT, 0};
    if (poll(&p, 1, wait_ms) <= 0)
        return 0;
    return (p.revents & ~POLLOUT ? HTTP_READABLE : 0) | (p.revents & POLLOUT ? HTTP_WRITABLE : 0);
}

/* libcurl leaves its sockets without patience. */
static int let_wait(curl_socket_t socket)
{
    int flags = fcntl(socket, F_GETFL);
    return flags < 0 ? flags : fcntl(socket, F_SETFL, flags & ~O_NONBLOCK);
}

int http_connection_set_patience(struct http_connection *c, int wait_ms)
{
    struct timeval time = {wait_ms / 1000, wait_ms % 1000 * 1000};
    if (wait_ms == c->patience_ms)
        return 0;
    if (setsockopt(c->socket, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time))
        return HTTP_BROKEN;
    if (!c->patience_ms && let_wait(c->socket) < 0)
        return HTTP_BROKEN;
    c->patience_ms = wait_ms;
    return 0;
}

static ssize_t outcome(CURLcode code, size_t count)
{
    if (code == CURLE_AGAIN)
        return HTTP_AGAIN;
    return code ? HTTP_BROKEN : (ssize_t)count;
}

ssize_t http_connection_send(struct http_connection *c, const void *bytes, size_t len)
{
    size_t sent = 0;
    CURLcode code = curl_easy_send(c->easy, bytes, len, &sent);
    return outcome(code, sent);
}

/* Past libcurl: its code and data have left the processor's caches since the last token, and bringing them
 * back would cost more than all that we do with the bytes. */
static ssize_t read_plain(const struct http_connection *c, void *buffer, size_t size)
{
    ssize_t count = recv(c->socket, buffer, size, 0);
    if (count >= 0)
        return count;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? HTTP_AGAIN : HTTP_BROKEN;
}

ssize_t http_connection_read(struct http_connection *c, void *buffer, size_t size)
{
    if (c->is_plain)
        return read_plain(c, buffer, size);
    size_t count = 0;
    CURLcode code = curl_easy_recv(c->easy, buffer, size, &count);
    return outcome(code, count);
}

/* ---- how it went ---- */

static uint64_t microseconds(CURL *easy, CURLINFO what)
{
    curl_off_t us = 0;
    return curl_easy_getinfo(easy, what, &us) == CURLE_OK && us > 0 ? (uint64_t)us : 0;
}

/* libcurl counts each of these from the start and leaves 0 where it never came to that. */
struct http_connection_times http_connection_times(struct http_connection *c)
{
    uint64_t lookup = microseconds(c->easy, CURLINFO_NAMELOOKUP_TIME_T);
    uint64_t connect = microseconds(c->easy, CURLINFO_CONNECT_TIME_T);
    uint64_t tls = microseconds(c->easy, CURLINFO_APPCONNECT_TIME_T);
    return (struct http_connection_times){
        .lookup_ns = lookup ? lookup * 1000 : ABSENT,
        .connect_ns = connect >= lookup && connect ? (connect - lookup) * 1000 : ABSENT,
        .tls_ns = tls >= connect && tls ? (tls - connect) * 1000 : ABSENT,
    };
}

const char *http_connection_failure(struct http_connection *c)
{
    long number = 0;
    curl_easy_getinfo(c->easy, CURLINFO_OS_ERRNO, &number);
    int is_system = c->verdict == CURLE_COULDNT_CONNECT && number;
    return is_system ? strerror((int)number) : curl_easy_strerror(c->verdict);
}

/* ---- the handles ---- */

static int watch_through(struct http_connection *c)
{
    int refused = 0;
    refused += curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket) != CURLM_OK;
    refused += curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, &c->sockets) != CURLM_OK;
    refused += curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer) != CURLM_OK;
    refused += curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, &c->sockets) != CURLM_OK;
    return refused;
}

int http_connection_new(struct http_connection **connection, struct error *e)
{
    struct http_connection *c = mem_zalloc(1, sizeof *c);
    *connection = c;
    if (!c)
        return error_set(e, TT_NOMEM, "out of memory for a connection");
    buf_init(&c->authority, URL_PART_MAX);
    buf_init(&c->target, URL_PART_MAX);
    c->easy = curl_easy_init(); /* starts the library as well */
    c->multi = curl_multi_init();
    c->url = curl_url();
    if (c->easy && c->multi && c->url && watch_through(c) == 0)
        return TT_OK;
    http_connection_free(c);
    *connection = NULL;
    return error_set(e, TT_NOMEM, "libcurl could not be started");
}

void http_connection_free(struct http_connection *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->easy);
    curl_multi_cleanup(c->multi);
    curl_url_cleanup(c->url);
    buf_release(&c->authority);
    buf_release(&c->target);
    mem_free(c);
}

const char *http_library_version(void)
{
    return curl_version();
}
