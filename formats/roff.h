/* SPDX-License-Identifier: MIT */
/* Plain text as mdoc, the language of manual pages: nothing in it is taken for a macro or an escape. */
#ifndef TOKTAPE_ROFF_H
#define TOKTAPE_ROFF_H

#include <stddef.h>

#include "formats/buf.h"

/* Running text: filled lines, each sentence on a line of its own. */
void roff_text(struct buf *out, const char *text, size_t len);

/* Lines as they are; for between .Bd -literal and .Ed. The last one need not end with a newline. */
void roff_lines(struct buf *out, const char *text, size_t len);

/* One word behind a macro. */
void roff_word(struct buf *out, const char *word, size_t len);

#endif
