/* SPDX-License-Identifier: MIT */
/* Text files that are compiled in by cmake/EmbedText.cmake. */
#ifndef TOKTAPE_TEXTS_H
#define TOKTAPE_TEXTS_H

#include <stddef.h>

#include "formats/bytes.h"

struct embedded_text {
    const char *name; /* the file's name without its ending */
    struct bytes text;
};

/* Each ends with a NULL name. */
extern const struct embedded_text embedded_texts[]; /* formats/texts: of built-in workloads */
extern const struct embedded_text command_texts[];  /* formats/completion, docs/man */

#endif
