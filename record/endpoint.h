/* SPDX-License-Identifier: MIT */
/* The server a recording talks to, from the URL that was given: where its chat and information endpoints are,
 * and how far away its address is. Pure text work: no look-ups, nothing is contacted. */
#ifndef TOKTAPE_ENDPOINT_H
#define TOKTAPE_ENDPOINT_H

#include "formats/error.h"

#define ENDPOINT_URL_MAX 2048

/* Owned strings, but for `distance`. `root` and `api` have no slash at the end. */
struct endpoint {
    char *host; /* lower case, IPv6 without brackets */
    char *root; /* "http://host:port/prefix": information endpoints hang here */
    char *api;  /* "http://host:port/prefix/v1": OpenAI-compatible endpoints hang here */
    char *chat; /* api + "/chat/completions" */
    int is_https;
    int port;
    const char *distance; /* "loopback", "private" or "public" */
};

/* Understands "http://host:port", "host:port", with a prefix, ".../v1", ".../v1/chat/completions",
 * ".../v1/models". Refuses, with TT_USAGE: other schemes, user names or passwords (they would end up in
 * traces and process lists), a query or a fragment, characters that do not belong into a URL, "..", over
 * ENDPOINT_URL_MAX bytes. TT_NOMEM. */
int endpoint_parse(struct endpoint *ep, const char *text, struct error *e);
void endpoint_release(struct endpoint *ep);

/* The URL of `path` ("/props", "/v1/models"): below api when it starts with "/v1/", else below root.
 * mem_free. NULL when memory is out. */
char *endpoint_url(const struct endpoint *ep, const char *path);

/* What may stand in a trace: the chat URL with the host replaced by its distance, as in
 * "http://loopback:8080/v1/chat/completions". mem_free; NULL when memory is out. */
char *endpoint_scrubbed(const struct endpoint *ep);
const char *endpoint_path(const struct endpoint *ep); /* "/v1/chat/completions"; borrowed from ep */

/* True when a key would travel readable over a network. */
int endpoint_exposes_key(const struct endpoint *ep);

#endif
