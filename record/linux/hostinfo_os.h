/* SPDX-License-Identifier: MIT */
/* Linux's description of the machine, from files under a root that tests can replace. */
#ifndef TOKTAPE_LINUX_HOSTINFO_H
#define TOKTAPE_LINUX_HOSTINFO_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "formats/buf.h"

/* As hostinfo_os_describe, with ROOT/proc, ROOT/sys and ROOT/etc instead of the machine's own. */
int hostinfo_describe_root(const char *root, cJSON *object);

/* NAME="value" of /etc/os-release, without quotes. Appends to *out; nothing when it is not there. */
int hostinfo_release_value(const char *text, size_t len, const char *name, struct buf *out);

/* What stands behind `key` and a colon in /proc/cpuinfo, the first time. */
int hostinfo_cpu_value(const char *text, size_t len, const char *key, struct buf *out);

/* Different (physical id, core id) pairs in /proc/cpuinfo; 0 when it does not tell. */
size_t hostinfo_physical_cores(const char *text, size_t len);

#endif
