/* SPDX-License-Identifier: MIT */
/* Pictures of pages that `docs` fills: <!-- toktape:plot chart="leaderboard" file="images/leaderboard" -->.
 *
 * `file` is a path beside the page without suffix, of letters, digits and "._-/"; theme ("light", "dark"),
 * size
 * ("column", "slide") and format ("svg", "png") may follow, and what the chart has of its own: docs/docs.md.
 */
#ifndef TOKTAPE_DOCS_PICTURES_H
#define TOKTAPE_DOCS_PICTURES_H

#include "analyze/docs.h"
#include "plots/charts.h"

#define DOCS_PICTURES_MAX 64

struct docs_picture {
    struct chart chart;
    struct chart_style style;
    char *folder;
};

struct docs_pictures {
    const struct report *report; /* finished, of tapes loaded with_depth */
    const struct gates *gates;
    int allow_incomplete; /* for traces that are read once more */
    struct docs_picture items[DOCS_PICTURES_MAX];
    size_t count;
};

/* A struct docs_plot's fill; the context is a struct docs_pictures. Keeps the chart, and compares its script
 * and data with the files. */
int docs_pictures_fill(void *context, const char *page, const char *where, const char *mark, struct buf *out,
                       struct text_list *stale, struct error *e);

/* Draws what was kept. TT_NOTFOUND without gnuplot: scripts and data are written all the same. */
int docs_pictures_draw(struct docs_pictures *pictures, struct error *e);
void docs_pictures_release(struct docs_pictures *pictures);

#endif
