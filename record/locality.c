/* SPDX-License-Identifier: MIT */
#include "record/locality.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "formats/error.h"

#define HOST_MAX 255 /* the longest name that DNS allows */

/* Copied out rather than cast: a sockaddr need not be aligned for the larger struct. */
static int address_from_sockaddr(struct address *a, const struct sockaddr *from)
{
    if (from && from->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, from, sizeof in);
        address_from_bytes(a, 4, &in.sin_addr);
        return 1;
    }
    if (from && from->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, from, sizeof in6);
        address_from_bytes(a, 6, &in6.sin6_addr);
        return 1;
    }
    return 0;
}

static int is_of_an_interface(const struct address *a)
{
    struct ifaddrs *list;
    int found = 0;
    if (getifaddrs(&list) != 0)
        return 0;
    for (const struct ifaddrs *i = list; i && !found; i = i->ifa_next) {
        struct address own;
        found = address_from_sockaddr(&own, i->ifa_addr) && address_equal(&own, a);
    }
    freeifaddrs(list);
    return found;
}

int locality_of_address(const struct address *a)
{
    return address_scope(a) == ADDRESS_LOOPBACK || is_of_an_interface(a);
}

static int every_address_is_local(const struct addrinfo *list, struct address *only)
{
    struct address a, first;
    int seen = 0, differ = 0;
    for (const struct addrinfo *i = list; i; i = i->ai_next) {
        if (!address_from_sockaddr(&a, i->ai_addr))
            continue;
        if (!locality_of_address(&a))
            return 0;
        if (!seen++)
            first = a;
        differ = differ || !address_equal(&a, &first);
    }
    if (seen && !differ)
        *only = first;
    return seen > 0;
}

int locality_of_host(const char *host, struct address *only)
{
    struct address ignored;
    if (!only)
        only = &ignored;
    memset(only, 0, sizeof *only);
    if (address_parse(only, host) == TT_OK)
        return locality_of_address(only);
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list;
    if (strlen(host) > HOST_MAX || getaddrinfo(host, NULL, &hints, &list) != 0)
        return 0;
    int local = every_address_is_local(list, only);
    freeaddrinfo(list);
    return local;
}
