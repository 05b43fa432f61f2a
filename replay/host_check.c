/* SPDX-License-Identifier: MIT */
#include "replay/host_check.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define HOST_MAX 254

int address_is_loopback(const char *address)
{
    unsigned char v4[4], v6[16];
    static const unsigned char one[16] = {[15] = 1};
    if (inet_pton(AF_INET, address, v4) == 1)
        return v4[0] == 127;
    return inet_pton(AF_INET6, address, v6) == 1 && memcmp(v6, one, sizeof one) == 0;
}

/* Copies the host without brackets and port. 0 when it is no host at all. */
static int cut_port(const char *value, char host[HOST_MAX])
{
    const char *begin = value, *end = strchr(value, ':');
    if (*value == '[') {
        begin = value + 1;
        end = strchr(begin, ']');
        if (!end)
            return 0;
    }
    size_t len = end ? (size_t)(end - begin) : strlen(begin);
    if (len == 0 || len >= HOST_MAX)
        return 0;
    memcpy(host, begin, len);
    host[len] = '\0';
    return 1;
}

int host_is_allowed(const char *value, const char *const *others, size_t count)
{
    char host[HOST_MAX];
    if (!value || !cut_port(value, host))
        return 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(others[i], "*") == 0 || strcasecmp(others[i], host) == 0)
            return 1;
    }
    return strcasecmp(host, "localhost") == 0 || address_is_loopback(host);
}
