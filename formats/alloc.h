/* SPDX-License-Identifier: MIT */
/* The only callers of malloc and free. Builds with TOKTAPE_FAULTS can make the n-th allocation fail. */
#ifndef TOKTAPE_ALLOC_H
#define TOKTAPE_ALLOC_H

#include <stddef.h>

/* Each returns NULL when memory is out; the caller frees with mem_free. A size of 0 gives a valid pointer. */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t count, size_t size); /* zeroed; NULL when count * size overflows */
void *mem_realloc(void *old, size_t size);   /* on NULL, `old` is untouched */
char *mem_strdup(const char *text);
char *mem_strndup(const char *text, size_t len); /* copies exactly len bytes and ends them with NUL */
void mem_free(void *pointer);                    /* NULL is fine */

/* Asks the system for large pages behind memory that will be used as a whole, so that its first use costs few
 * page faults. Advice: nothing else changes, and systems without it ignore it. */
void mem_prefer_large_pages(void *pointer, size_t size);

/* The capacity that an array doubles to for at least `need` elements; 0 when that is more than can be. */
size_t mem_capacity(size_t capacity, size_t need, size_t element_size);

/* Grows an array for at least `need` elements (doubling), keeping *capacity current. Returns TT_OK or
 * TT_NOMEM; on failure the array is unchanged. `array` is the address of the array pointer. */
int mem_grow(void *array, size_t *capacity, size_t need, size_t element_size);

#endif
