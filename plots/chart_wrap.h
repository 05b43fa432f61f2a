/* SPDX-License-Identifier: MIT */
/* Breaks text into lines of a picture. */
#ifndef TOKTAPE_CHART_WRAP_H
#define TOKTAPE_CHART_WRAP_H

#include <stddef.h>

/* A line of the text it was cut from, which it borrows. */
struct chart_line {
    const char *text;
    size_t len; /* bytes */
};

/* Lines of at most `pixels` at that size of text. They break at blanks, but keep a number with its unit and a
 * separator with what it ends; a word that is too wide alone breaks behind a hyphen or wherever it must. At
 * most `most` lines: the last one takes what is left, however wide. Returns how many there are. */
size_t chart_wrap(const char *text, double font, double pixels, struct chart_line *lines, size_t most);

#endif
