/* SPDX-License-Identifier: MIT */
#include "replay/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "formats/alloc.h"
#include "record/clock.h"
#include "record/receipt.h"
#include "replay/framing.h"
#include "replay/host_check.h"
#include "replay/sender.h"

#define IDLE_TIMEOUT_S    60u
#define CONNECTION_MEMORY ((size_t)128 << 10)

/* A request line that follows its connection within this time belongs to the connection's beginning; a client
 * that connects long before it asks has its time zero when it asks. */
#define PROMPT_NS 5000000u

struct server {
    struct engine *engine;
    struct server_options options;
    char address[INET6_ADDRSTRLEN];
    int is_v6;
    uint16_t port;
    int wake[2]; /* a byte in wake[1] makes wake[0] readable for everybody, for ever */

    pthread_mutex_t lock; /* guards what follows */
    struct MHD_Daemon *daemon;
    struct pacing pacing;
    uint64_t answers; /* with a schedule */
    size_t body_bytes;
    int died, quiesced_fd;
};

struct connection {
    uint64_t begun; /* native ticks */
    int used;       /* a request came already */
};

enum refusal { REFUSED_NOT, REFUSED_HOST, REFUSED_TOO_LARGE, REFUSED_BUSY };

struct exchange {
    struct server *server;
    uint64_t zero; /* native ticks */
    struct buf body;
    int begun, is_completion;
    enum refusal refused;
};

/* A connection stands before anybody accepts it: a prompt client's request may be there already. */
static uint64_t beginning_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    uint64_t now = clock_ticks();
    uint64_t age_ns = info ? receipt_age_ns(info->connect_fd) : 0;
    return age_ns < PROMPT_NS ? now - clock_ns_to_ticks(age_ns) : now;
}

static void note_connection(void *context, struct MHD_Connection *connection, void **slot,
                            enum MHD_ConnectionNotificationCode code)
{
    (void)context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        mem_free(*slot);
        *slot = NULL;
        return;
    }
    struct connection *c = mem_zalloc(1, sizeof *c);
    if (c)
        c->begun = beginning_of(connection);
    *slot = c;
}

static uint64_t time_zero(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct connection *c = info ? info->socket_context : NULL;
    uint64_t now = clock_ticks();
    int is_first = c && !c->used && clock_ticks_to_ns(now - c->begun) < PROMPT_NS;
    if (c)
        c->used = 1;
    return is_first ? c->begun : now;
}

/* Called as soon as the request line is there. */
static void *begin_exchange(void *context, const char *uri, struct MHD_Connection *connection)
{
    (void)uri;
    struct exchange *x = mem_zalloc(1, sizeof *x);
    if (!x)
        return NULL;
    x->server = context;
    x->zero = time_zero(connection);
    buf_init(&x->body, SERVER_BODY_MAX);
    return x;
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **slot,
                         enum MHD_RequestTerminationCode code)
{
    struct server *s = context;
    struct exchange *x = *slot;
    (void)connection;
    (void)code;
    if (!x)
        return;
    pthread_mutex_lock(&s->lock);
    s->body_bytes -= x->body.len;
    pthread_mutex_unlock(&s->lock);
    if (x->is_completion && s->options.once)
        server_request_stop(s);
    buf_release(&x->body);
    mem_free(x);
    *slot = NULL;
}

static void begin_body(struct exchange *x, struct MHD_Connection *connection)
{
    const struct server_options *o = &x->server->options;
    const char *host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_HOST);
    x->begun = 1;
    if (!host_is_allowed(host, o->allowed_hosts, o->allowed_host_count))
        x->refused = REFUSED_HOST;
}

/* What is refused is read all the same, so that the client gets to read why. */
static void collect_body(struct exchange *x, const char *data, size_t len)
{
    struct server *s = x->server;
    if (x->refused)
        return;
    pthread_mutex_lock(&s->lock);
    if (len > SERVER_BODIES_MAX - s->body_bytes)
        x->refused = REFUSED_BUSY;
    else if (buf_append(&x->body, data, len))
        x->refused = x->body.failed == TT_LIMIT ? REFUSED_TOO_LARGE : REFUSED_BUSY;
    else
        s->body_bytes += len;
    pthread_mutex_unlock(&s->lock);
}

static int refuse(const struct exchange *x, struct engine_answer *a)
{
    switch (x->refused) {
    case REFUSED_HOST:
        return engine_answer_error(a, 403, "forbidden",
                                   "only loopback names are answered; --allow-host NAME adds others");
    case REFUSED_TOO_LARGE:
        return engine_answer_error(a, 413, "invalid_request_error", "the body is over the limit of %zu MiB",
                                   SERVER_BODY_MAX >> 20);
    default:
        return engine_answer_error(a, 503, "unavailable_error",
                                   "there is no memory for another body at the moment");
    }
}

static void log_served(const struct server *s, const struct request *r, const struct engine_answer *a,
                       const struct exchange *x, const struct sender *sender, const char *how)
{
    if (!s->options.on_served)
        return;
    double ms = (double)clock_ticks_to_ns(clock_ticks() - x->zero) / 1e6;
    struct served served = {
        r->method, r->path, how, a->status, sender ? sender->slices : 0, sender ? sender->bytes : 0, ms};
    s->options.on_served(s->options.context, &served);
}

static enum MHD_Result answer_now(struct MHD_Connection *connection, const struct server *s,
                                  const struct engine_answer *a)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(a->document.len, a->document.data, MHD_RESPMEM_MUST_COPY);
    if (!response)
        return MHD_NO;
    enum MHD_Result result = MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, a->content_type);
    if (result == MHD_YES && *a->server)
        result = MHD_add_response_header(response, MHD_HTTP_HEADER_SERVER, a->server);
    if (result == MHD_YES)
        result = MHD_add_response_header(response, FRAMING_MARK, s->engine->kind);
    if (result == MHD_YES)
        result = MHD_queue_response(connection, (unsigned)a->status, response);
    MHD_destroy_response(response);
    return result;
}

/* New connections must fail from here on, before the last one is seen to break. */
static void die(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    s->died = 1;
    if (s->daemon && s->quiesced_fd < 0) {
        s->quiesced_fd = MHD_quiesce_daemon(s->daemon);
        if (s->quiesced_fd >= 0)
            shutdown(s->quiesced_fd, SHUT_RDWR);
    }
    pthread_mutex_unlock(&s->lock);
    server_request_stop(s);
}

static const char *describe(enum sender_result result)
{
    switch (result) {
    case SENDER_WHOLE:
        return "whole";
    case SENDER_CUT:
        return "cut";
    case SENDER_DEAD:
        return "cut, and the engine died";
    case SENDER_GONE:
        return "the client left";
    case SENDER_STOPPED:
        return "stopped";
    default:
        return "out of memory";
    }
}

static void send_scheduled(struct server *s, struct MHD_Connection *connection, const struct exchange *x,
                           const struct request *r, const struct engine_answer *a)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct sender *sender = mem_zalloc(1, sizeof *sender);
    if (!sender || !info) {
        mem_free(sender);
        return;
    }
    sender->fd = info->connect_fd;
    sender->stop_fd = s->wake[0];
    sender->zero = x->zero;
    sender->ready = clock_ticks();
    sender->speed = s->options.speed;
    enum sender_result result = sender_play(sender, a->feed);
    pthread_mutex_lock(&s->lock);
    pacing_merge(&s->pacing, &sender->pacing);
    pthread_mutex_unlock(&s->lock);
    log_served(s, r, a, x, sender, describe(result));
    mem_free(sender);
    if (result == SENDER_DEAD)
        die(s);
}

static int prepare(struct server *s, struct exchange *x, const struct request *r, struct engine_answer *a)
{
    struct error e;
    if (x->refused)
        return refuse(x, a);
    int status = s->engine->answer(s->engine, r, a, &e);
    if (status || !a->feed)
        return status;
    x->is_completion = 1;
    pthread_mutex_lock(&s->lock);
    uint64_t number = s->answers++;
    pthread_mutex_unlock(&s->lock);
    return faults_apply(s->options.faults, number, a, s->engine->kind);
}

static enum MHD_Result answer(struct MHD_Connection *connection, struct exchange *x, const char *method,
                              const char *path)
{
    struct server *s = x->server;
    struct request r = {method, path, buf_bytes(&x->body)};
    struct engine_answer a;
    enum MHD_Result result = MHD_NO; /* also after our own sending: it closes the connection */
    engine_answer_init(&a);
    int status = prepare(s, x, &r, &a);
    if (status)
        status = engine_answer_error(&a, 500, "server_error", "out of memory");
    if (!status && a.feed) {
        send_scheduled(s, connection, x, &r, &a);
    } else if (!status) {
        result = answer_now(connection, s, &a);
        log_served(s, &r, &a, x, NULL, "whole");
    }
    engine_answer_release(&a);
    return result;
}

/* Called once when the head is there, again for each piece of the body, and a last time when all of it has
 * come. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data, size_t *len,
                              void **slot)
{
    struct exchange *x = *slot;
    (void)context;
    (void)version;
    if (!x)
        return MHD_NO;
    if (!x->begun) {
        begin_body(x, connection);
        return MHD_YES;
    }
    if (*len) {
        collect_body(x, data, *len);
        *len = 0;
        return MHD_YES;
    }
    return answer(connection, x, method, url);
}

/* Fills the address; 0 when it is none. */
static socklen_t fill_address(struct server *s, struct sockaddr_storage *to)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(s->options.port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(s->options.port)};
    memset(to, 0, sizeof *to);
    if (inet_pton(AF_INET, s->address, &v4.sin_addr) == 1) {
        memcpy(to, &v4, sizeof v4);
        return sizeof v4;
    }
    if (inet_pton(AF_INET6, s->address, &v6.sin6_addr) == 1) {
        memcpy(to, &v6, sizeof v6);
        s->is_v6 = 1;
        return sizeof v6;
    }
    return 0;
}

static void adopt_daemon(struct server *s, struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_LISTEN_FD);
    if (info)
        receipt_note(info->listen_fd);
    info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    s->port = info ? info->port : s->options.port;
    pthread_mutex_lock(&s->lock); /* its threads are running already */
    s->daemon = daemon;
    pthread_mutex_unlock(&s->lock);
}

static int start_daemon(struct server *s, struct error *e)
{
    struct sockaddr_storage address;
    snprintf(s->address, sizeof s->address, "%s", s->options.host);
    if (strcmp(s->address, "localhost") == 0)
        snprintf(s->address, sizeof s->address, "127.0.0.1");
    if (!fill_address(s, &address))
        return error_set(e, TT_USAGE, "'%s' is no numeric address to listen on", s->options.host);
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL |
                     MHD_USE_ITC | MHD_USE_SUPPRESS_DATE_NO_CLOCK | (s->is_v6 ? MHD_USE_IPv6 : 0);
    errno = 0;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        flags, s->options.port, NULL, NULL, handle, s, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)SERVER_CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
        IDLE_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_MEMORY, MHD_OPTION_NOTIFY_CONNECTION,
        note_connection, s, MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, s, MHD_OPTION_NOTIFY_COMPLETED,
        end_exchange, s, MHD_OPTION_END);
    if (!daemon)
        return error_errno(e, TT_NETWORK, "cannot listen on '%s', port %u", s->address, s->options.port);
    adopt_daemon(s, daemon);
    return TT_OK;
}

int server_start(struct server **server, struct engine *engine, const struct server_options *options,
                 struct error *e)
{
    struct server *s = mem_zalloc(1, sizeof *s);
    if (!s)
        return error_set(e, TT_NOMEM, "out of memory");
    s->engine = engine;
    s->options = *options;
    s->quiesced_fd = s->wake[0] = s->wake[1] = -1;
    pthread_mutex_init(&s->lock, NULL);
    int status = TT_OK;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, s->wake))
        status = error_errno(e, TT_NETWORK, "cannot make a pair of sockets");
    if (!status)
        status = start_daemon(s, e);
    if (status) {
        server_free(s);
        return status;
    }
    *server = s;
    return TT_OK;
}

void server_url(const struct server *s, char *text, size_t size)
{
    snprintf(text, size, s->is_v6 ? "http://[%s]:%u" : "http://%s:%u", s->address, s->port);
}

void server_request_stop(struct server *s)
{
    int saved = errno;
    send(s->wake[1], "", 1, MSG_DONTWAIT);
    errno = saved;
}

void server_wait(struct server *s)
{
    struct pollfd stop = {s->wake[0], POLLIN, 0};
    while (poll(&stop, 1, -1) < 0 && errno == EINTR)
        ;
}

int server_died(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    int died = s->died;
    pthread_mutex_unlock(&s->lock);
    return died;
}

void server_pacing(struct server *s, struct pacing *to)
{
    pthread_mutex_lock(&s->lock);
    *to = s->pacing;
    pthread_mutex_unlock(&s->lock);
}

void server_free(struct server *s)
{
    if (!s)
        return;
    if (s->wake[1] >= 0)
        server_request_stop(s);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    if (s->quiesced_fd >= 0)
        close(s->quiesced_fd);
    if (s->wake[0] >= 0) {
        close(s->wake[0]);
        close(s->wake[1]);
    }
    pthread_mutex_destroy(&s->lock);
    mem_free(s);
}
