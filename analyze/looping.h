/* SPDX-License-Identifier: MIT */
/* Does a text repeat itself for ever? */
#ifndef TOKTAPE_LOOPING_H
#define TOKTAPE_LOOPING_H

#include <stddef.h>

#include "formats/error.h"

#define LOOPING_GRAM 8   /* code points */
#define LOOPING_MIN  200 /* code points; shorter texts are not judged */
#define LOOPING_THRESHOLD                                                                                    \
    0.30 /* loops of any period up to 300 stay below 0.2, natural text and code above 0.4 */

/* Sets *ratio to the smaller of two shares of distinct 8-grams among all 8-grams, that of the whole text and
 * that of its last half, each of at least LOOPING_MIN code points with white space folded. NAN when the text
 * is too short. Below LOOPING_THRESHOLD it loops. TT_OK or TT_NOMEM. */
int looping_ratio(const void *text, size_t len, double *ratio);

#endif
