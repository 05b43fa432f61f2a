/* SPDX-License-Identifier: MIT */
/* Which Host: values a loopback server answers: a web page that resolves its own name to 127.0.0.1 must get
 * nothing. */
#ifndef TOKTAPE_HOST_CHECK_H
#define TOKTAPE_HOST_CHECK_H

#include <stddef.h>

/* `host` is the header's value, NULL when there is none. True for localhost, 127.*.*.* and [::1], with or
 * without a port, and for the names in `others`, where "*" stands for every name. */
int host_is_allowed(const char *host, const char *const *others, size_t count);

/* True for 127.*.*.* and ::1. */
int address_is_loopback(const char *address);

#endif
