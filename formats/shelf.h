/* SPDX-License-Identifier: MIT */
/* Growing arrays that stand in a file once they are long, so that memory does not grow with what was
 * recorded.
 *
 * Up to SHELF_BYTES they are memory like any other. A longer one is mapped from a file without a name in
 * $TMPDIR, else /var/tmp; where there is no room for it, it is memory after all. The system may write its
 * pages out whenever it likes, and shelf_rest takes them from this process: touched again, they come back. An
 * array moves when it grows, at no other time. Each is used by one thread at a time; shelf_rest is for any.
 */
#ifndef TOKTAPE_SHELF_H
#define TOKTAPE_SHELF_H

#include <stddef.h>

#define SHELF_BYTES  ((size_t)256 << 10)
#define SHELF_STRIDE 256 /* elements between two rests: few enough to bound what they take */

/* As mem_grow, for arrays that begin as NULL with a capacity of 0 and end with shelf_free. */
int shelf_grow(void *array, size_t *capacity, size_t need, size_t element_size);
void shelf_free(void *array);

/* Gives back the room behind the first `count` elements where that is memory. */
void shelf_fit(void *array, size_t *capacity, size_t count, size_t element_size);

void shelf_rest(void);

/* For loops over elements of such arrays: call it with each index. */
static inline void shelf_walk(size_t index)
{
    if (index % SHELF_STRIDE == SHELF_STRIDE - 1)
        shelf_rest();
}

#endif
