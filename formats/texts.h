/* SPDX-License-Identifier: MIT */
/* The text files of formats/texts/, compiled in by cmake/EmbedText.cmake. */
#ifndef TOKTAPE_TEXTS_H
#define TOKTAPE_TEXTS_H

#include <stddef.h>

#include "formats/bytes.h"

struct embedded_text {
    const char *name; /* the file's name without ".txt" */
    struct bytes text;
};

extern const struct embedded_text embedded_texts[]; /* ends with a NULL name */

#endif
