/* SPDX-License-Identifier: MIT */
/* Colours and shapes: the same engine looks the same in every chart, for colour-blind readers, too, on light
 * and on dark. */
#ifndef TOKTAPE_PALETTE_H
#define TOKTAPE_PALETTE_H

#include "plots/chart.h"

/* What is no engine's. */
enum ink {
    INK_BACKGROUND,
    INK_TEXT,
    INK_MUTED,
    INK_GRID,
    INK_GOOD,
    INK_WARN,
    INK_BAD,
    INK_ONE, /* a series of its own: prefill, a rail … */
    INK_TWO,
    INK_THREE,
    INK_FOUR,
    INK_FIVE,
    INK_SIX,
    INK_COUNT
};

#define ENGINE_CODES 11 /* of known engines, and the last for all others */

unsigned long palette_ink(enum chart_theme theme, enum ink ink); /* 0xRRGGBB */
size_t palette_engine(const char *engine);                       /* code: index below ENGINE_CODES */
unsigned long palette_engine_colour(enum chart_theme theme, size_t code);
int palette_engine_shape(size_t code);  /* gnuplot's point type */
int palette_series_shape(size_t index); /* lines of one colour differ in this; it repeats after a dozen */

#endif
