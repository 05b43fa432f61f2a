/* SPDX-License-Identifier: MIT */
/* The order in which versions of an engine came out, as far as their names tell. */
#ifndef TOKTAPE_VERSION_ORDER_H
#define TOKTAPE_VERSION_ORDER_H

/* Negative, 0 or positive. Numbers count as numbers: b9430 < b10587, 0.9.1 < 0.28.1, 2025-12-31 < 2026-01-02.
 * Behind a version of the same beginning come its later ones (1.0 < 1.0.1, 1.0 < 1.0.post1), in front of it
 * those on the way to it (1.0rc1 < 1.0). A leading "v" says nothing. A total order: 0 only for equal texts.
 */
int version_compare(const char *a, const char *b);

#endif
