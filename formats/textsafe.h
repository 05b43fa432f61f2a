/* SPDX-License-Identifier: MIT */
/* Putting untrusted text into a terminal, a Markdown cell or a CSV cell, so that it stays text there.
 *
 * In every form white space becomes one space per character, and bytes that are not UTF-8, C0 and C1 controls
 * and bidirectional controls become U+FFFD: nothing can move the cursor, break a line or reorder what is
 * shown. */
#ifndef TOKTAPE_TEXTSAFE_H
#define TOKTAPE_TEXTSAFE_H

#include <stddef.h>

#include "formats/buf.h"

/* All return out->failed. */
int text_plain(struct buf *out, const char *text);

/* As inline text of GitHub-flavoured Markdown, table cells included: no markup, link, HTML or column break.
 */
int text_markdown(struct buf *out, const char *text);

/* One RFC 4180 field. What a spreadsheet would take for a formula gets an apostrophe in front, inside quotes.
 */
int text_csv(struct buf *out, const char *text);

/* Columns that the text takes on a terminal after text_plain: wide characters count 2, combining marks 0. */
size_t text_width(const char *text);

#endif
