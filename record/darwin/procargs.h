/* SPDX-License-Identifier: MIT */
/* The block that macOS's sysctl KERN_PROCARGS2 returns for a process. A pure function on bytes that the
 * process itself may have written. */
#ifndef TOKTAPE_PROCARGS_H
#define TOKTAPE_PROCARGS_H

#include <stddef.h>

#include "formats/bytes.h"

struct procargs {
    struct bytes executable;  /* path it was started by */
    struct bytes arguments;   /* each ended by NUL (the last one maybe cut off) */
    struct bytes environment; /* likewise */
};

/* Layout: int32 argc, path NUL, NUL padding, argc × (argument NUL), variables each ended by NUL, an empty
 * one. Whatever is cut off is empty. The parts point into `block`. */
void procargs_parse(const void *block, size_t len, struct procargs *out);

#endif
