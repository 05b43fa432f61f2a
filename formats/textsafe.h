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
int text_plain_part(struct buf *out, const char *text, size_t len); /* of its first `len` bytes */

/* Its lines, each as text_plain and ended by a line feed: `first` in front of the first, `others` of the
 * others. Empty lines are left out. */
int text_lines(struct buf *out, const char *text, const char *first, const char *others);

/* As inline text of GitHub-flavoured Markdown, table cells included: no markup, link, HTML or column break.
 */
int text_markdown(struct buf *out, const char *text);

/* As text or an attribute's value of HTML and SVG: entities for what could mean anything there. */
int text_html(struct buf *out, const char *text);

/* One RFC 4180 field. What a spreadsheet would take for a formula gets an apostrophe in front, inside quotes.
 */
int text_csv(struct buf *out, const char *text);

/* Columns that the text takes on a terminal after text_plain: wide characters count 2, combining marks 0. */
size_t text_width(const char *text);

/* How many bytes of `text` make its first line of at most `width` columns, and in *next the bytes up to the
 * second line. Breaks at a space, inside a word only when the word is wider than the line, and never between
 * a character and its combining marks. At least one character is taken. */
size_t text_line(const char *text, size_t width, size_t *next);

/* text_plain in lines of `width` columns; `used` columns of the first are taken, later ones begin with
 * `indent` spaces. Ends without a line feed. */
int text_wrap(struct buf *out, const char *text, size_t used, size_t width, size_t indent);

#endif
