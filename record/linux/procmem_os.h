/* SPDX-License-Identifier: MIT */
/* The pure parts of reading memory from /proc texts. */
#ifndef TOKTAPE_LINUX_PROCMEM_H
#define TOKTAPE_LINUX_PROCMEM_H

#include <stddef.h>

#include "record/procmem.h"

/* PID/status. TT_NOTFOUND without VmRSS: a zombie or a kernel thread. */
int procmem_parse_status(const char *text, size_t len, struct procmem *memory);

/* The machine's values from `proc`, usually /proc. */
void sysmem_read_from(const char *proc, uint64_t values[SYSMEM_FIELDS]);

#endif
