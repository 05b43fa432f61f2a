/* SPDX-License-Identifier: MIT */
/* Starting gnuplot: the only place that does. */
#ifndef TOKTAPE_GNUPLOT_H
#define TOKTAPE_GNUPLOT_H

#include "formats/error.h"

/* Runs `gnuplot --default-settings SCRIPT` in directory `dir`, with nothing read from standard input.
 * TT_NOTFOUND when there is no gnuplot (the sentence says how to install it); TT_IO with gnuplot's own words
 * when it fails. */
int gnuplot_run(const char *dir, const char *script, struct error *e);

#endif
