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

#define SHELF_BYTES     ((size_t)256 << 10)
#define SHELF_STRIDE    ((size_t)512 << 10) /* bytes that a thread walks through between two rests */
#define SHELF_BYTES_MAX ((size_t)1 << 30)   /* of files, all together: what is more is memory */

/* As mem_grow, for arrays that begin as NULL with a capacity of 0 and end with shelf_free. Copies what it
 * moves. */
int shelf_grow(void *array, size_t *capacity, size_t need, size_t element_size);
void shelf_free(void *array);

/* Gives back the room behind the first `count` elements where that is memory. */
void shelf_fit(void *array, size_t *capacity, size_t count, size_t element_size);

void shelf_rest(void);

extern _Thread_local size_t shelf_walked; /* since this thread's last rest; for shelf_walk */

/* For loops over such arrays: call it for each element, with its size. */
static inline void shelf_walk(size_t size)
{
    shelf_walked += size;
    if (shelf_walked >= SHELF_STRIDE)
        shelf_rest();
}

#endif
