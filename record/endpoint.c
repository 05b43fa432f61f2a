/* SPDX-License-Identifier: MIT */
#include "record/endpoint.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/scrub.h"

#define CHAT_SUFFIX "/chat/completions"

/* The pieces of a URL, borrowed from its text. */
struct parts {
    const char *host, *path; /* the path has no slash at its end */
    size_t host_len, path_len;
    int is_https, is_ipv6, port;
};

static int is_url_text(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}", c))
            return 0;
    }
    return len > 0 && len <= ENDPOINT_URL_MAX;
}

static int take_scheme(struct parts *u, const char **rest, struct error *e)
{
    const char *colon = strstr(*rest, "://");
    if (!colon)
        return TT_OK; /* host:port alone is meant as http */
    size_t len = (size_t)(colon - *rest);
    u->is_https = len == 5 && strncasecmp(*rest, "https", 5) == 0;
    if (!u->is_https && !(len == 4 && strncasecmp(*rest, "http", 4) == 0))
        return error_set(e, TT_USAGE, "'%.*s' is not a scheme toktape speaks; give an http or https URL",
                         len < 40 ? (int)len : 40, *rest);
    *rest = colon + 3;
    return TT_OK;
}

static int take_port(struct parts *u, const char *text, size_t len, struct error *e)
{
    int port = 0;
    for (size_t i = 0; i < len && port <= 65535; i++)
        port = isdigit((unsigned char)text[i]) ? port * 10 + (text[i] - '0') : 65536;
    if (port < 1 || port > 65535)
        return error_set(e, TT_USAGE, "the port in the URL is not a number from 1 to 65535");
    u->port = port;
    return TT_OK;
}

static int take_host(struct parts *u, const char *text, size_t len, struct error *e)
{
    const char *end = text + len;
    const char *stop;
    u->is_ipv6 = *text == '[';
    if (u->is_ipv6) {
        stop = memchr(text, ']', len);
        u->host = text + 1;
        u->host_len = stop ? (size_t)(stop - u->host) : 0;
        stop = stop ? stop + 1 : end;
    } else {
        stop = memchr(text, ':', len);
        stop = stop ? stop : end;
        u->host = text;
        u->host_len = (size_t)(stop - text);
    }
    if (!u->host_len || u->host_len > 253 || (stop < end && *stop != ':'))
        return error_set(e, TT_USAGE, "the URL has no host name; give something like http://127.0.0.1:8080");
    u->port = u->is_https ? 443 : 80;
    return stop < end ? take_port(u, stop + 1, (size_t)(end - stop - 1), e) : TT_OK;
}

static int host_is_sane(const struct parts *u)
{
    const char *allowed = u->is_ipv6 ? "0123456789abcdefABCDEF:."
                                     : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    for (size_t i = 0; i < u->host_len; i++) {
        if (!strchr(allowed, u->host[i]))
            return 0;
    }
    return 1;
}

static int check_path(const struct parts *u, struct error *e)
{
    const char *dots = strstr(u->path, "/..");
    if (dots && (dots[3] == '/' || dots[3] == '\0'))
        return error_set(e, TT_USAGE, "the URL's path may not contain '..'");
    return TT_OK;
}

static int take_parts(struct parts *u, const char *text, struct error *e)
{
    memset(u, 0, sizeof *u);
    if (!is_url_text(text))
        return error_set(e, TT_USAGE, "the URL is empty, too long, or has characters that no URL has");
    if (strpbrk(text, "?#"))
        return error_set(e, TT_USAGE, "the URL may not have a query or a fragment");
    int status = take_scheme(u, &text, e);
    if (status)
        return status;
    size_t authority = strcspn(text, "/");
    if (memchr(text, '@', authority))
        return error_set(e, TT_USAGE,
                         "the URL contains a user name or password; put the key into an environment "
                         "variable and name that with --api-key-env");
    u->path = text + authority;
    u->path_len = strlen(u->path);
    while (u->path_len && u->path[u->path_len - 1] == '/')
        u->path_len--;
    status = take_host(u, text, authority, e);
    if (!status && !host_is_sane(u))
        status = error_set(e, TT_USAGE, "'%.*s' is no host name", (int)u->host_len, u->host);
    return status ? status : check_path(u, e);
}

static int ends_with(const char *text, size_t len, const char *suffix)
{
    size_t n = strlen(suffix);
    return len >= n && memcmp(text + len - n, suffix, n) == 0;
}

/* Length of "/v1" (any number) at the end of the path, 0 when there is none. */
static size_t version_suffix(const char *path, size_t len)
{
    size_t i = len;
    while (i > 0 && isdigit((unsigned char)path[i - 1]))
        i--;
    return i < len && i >= 2 && path[i - 1] == 'v' && path[i - 2] == '/' ? len - i + 2 : 0;
}

/* Splits the path into the server's prefix and what follows it up to the API's root ("/v1"). A path that
 * names the chat endpoint is taken at its word, whatever stands before it. */
static void split_path(const struct parts *u, size_t *prefix_len, size_t *api_len, int *add_version)
{
    size_t len = u->path_len;
    int is_chat = ends_with(u->path, len, CHAT_SUFFIX);
    if (is_chat)
        len -= strlen(CHAT_SUFFIX);
    else if (ends_with(u->path, len, "/models"))
        len -= strlen("/models");
    size_t version = version_suffix(u->path, len);
    *prefix_len = len - version;
    *api_len = len;
    *add_version = !version && !is_chat;
}

static void append_origin(struct buf *out, const struct parts *u, const char *host)
{
    int is_default = u->port == (u->is_https ? 443 : 80);
    buf_puts(out, u->is_https ? "https://" : "http://");
    buf_printf(out, u->is_ipv6 ? "[%s]" : "%s", host);
    if (!is_default)
        buf_printf(out, ":%d", u->port);
}

static char *compose(const struct parts *u, const char *host, size_t path_len, const char *suffix)
{
    struct buf url;
    buf_init(&url, 0);
    append_origin(&url, u, host);
    buf_append(&url, u->path, path_len);
    buf_puts(&url, suffix);
    return buf_detach(&url);
}

static char *lower_case_copy(const char *text, size_t len)
{
    char *copy = mem_strndup(text, len);
    for (char *p = copy; p && *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return copy;
}

static int fill(struct endpoint *ep, const struct parts *u)
{
    size_t prefix_len, api_len;
    int add_version;
    split_path(u, &prefix_len, &api_len, &add_version);
    ep->is_https = u->is_https;
    ep->port = u->port;
    ep->host = lower_case_copy(u->host, u->host_len);
    if (!ep->host)
        return TT_NOMEM;
    ep->distance = scrub_host(ep->host);
    ep->root = compose(u, ep->host, prefix_len, "");
    ep->api = compose(u, ep->host, api_len, add_version ? "/v1" : "");
    ep->chat = compose(u, ep->host, api_len, add_version ? "/v1" CHAT_SUFFIX : CHAT_SUFFIX);
    return ep->root && ep->api && ep->chat ? TT_OK : TT_NOMEM;
}

int endpoint_parse(struct endpoint *ep, const char *text, struct error *e)
{
    struct parts u;
    memset(ep, 0, sizeof *ep);
    int status = take_parts(&u, text, e);
    if (status)
        return status;
    if (fill(ep, &u) == TT_OK)
        return TT_OK;
    endpoint_release(ep);
    return error_set(e, TT_NOMEM, "out of memory for the URL");
}

void endpoint_release(struct endpoint *ep)
{
    mem_free(ep->host);
    mem_free(ep->root);
    mem_free(ep->api);
    mem_free(ep->chat);
    memset(ep, 0, sizeof *ep);
}

char *endpoint_url(const struct endpoint *ep, const char *path)
{
    struct buf url;
    int is_api = strncmp(path, "/v1/", 4) == 0;
    buf_init(&url, 0);
    buf_puts(&url, is_api ? ep->api : ep->root);
    buf_puts(&url, is_api ? path + 3 : path);
    return buf_detach(&url);
}

const char *endpoint_path(const struct endpoint *ep)
{
    const char *slash = strchr(strstr(ep->chat, "://") + 3, '/');
    return slash ? slash : "/";
}

char *endpoint_scrubbed(const struct endpoint *ep)
{
    struct buf url;
    buf_init(&url, 0);
    buf_printf(&url, "%s://%s:%d%s", ep->is_https ? "https" : "http", ep->distance, ep->port,
               endpoint_path(ep));
    return buf_detach(&url);
}

int endpoint_exposes_key(const struct endpoint *ep)
{
    return !ep->is_https && strcmp(ep->distance, "loopback") != 0;
}
