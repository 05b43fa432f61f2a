/* SPDX-License-Identifier: MIT */
#include "formats/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "formats/error.h"
#include "formats/fault.h"

static void *given(void *memory)
{
    if (memory)
        fault_memory_given(1);
    return memory;
}

void *mem_alloc(size_t size)
{
    if (fault_hits(FAULT_ALLOC))
        return NULL;
    return given(malloc(size ? size : 1));
}

void *mem_zalloc(size_t count, size_t size)
{
    if (fault_hits(FAULT_ALLOC))
        return NULL;
    return given(calloc(count ? count : 1, size ? size : 1));
}

void *mem_realloc(void *old, size_t size)
{
    if (fault_hits(FAULT_ALLOC))
        return NULL;
    void *memory = realloc(old, size ? size : 1);
    return old ? memory : given(memory);
}

char *mem_strndup(const char *text, size_t len)
{
    char *copy = len == SIZE_MAX ? NULL : mem_alloc(len + 1);
    if (copy) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}

char *mem_strdup(const char *text)
{
    return mem_strndup(text, strlen(text));
}

/* Whole pages only: what shares one with a neighbour is left as it is. */
void mem_prefer_large_pages(void *pointer, size_t size)
{
#ifdef MADV_HUGEPAGE
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    size_t before = (size_t)(-(uintptr_t)pointer & (page - 1));
    if (size > before)
        madvise((unsigned char *)pointer + before, (size - before) & ~(page - 1), MADV_HUGEPAGE);
#else
    (void)pointer, (void)size;
#endif
}

void mem_free(void *pointer)
{
    if (pointer)
        fault_memory_given(-1);
    free(pointer);
}

size_t mem_capacity(size_t capacity, size_t need, size_t element_size)
{
    size_t target = capacity ? capacity : 16;
    if (need <= capacity)
        return capacity;
    while (target < need) {
        if (target > SIZE_MAX / 2 / element_size)
            return 0;
        target *= 2;
    }
    return target;
}

int mem_grow(void *array, size_t *capacity, size_t need, size_t element_size)
{
    size_t target = mem_capacity(*capacity, need, element_size);
    if (need <= *capacity)
        return TT_OK;
    void *old;
    memcpy(&old, array, sizeof old); /* any object pointer type, without breaking aliasing rules */
    void *bigger = target ? mem_realloc(old, target * element_size) : NULL;
    if (!bigger)
        return TT_NOMEM;
    memcpy(array, &bigger, sizeof bigger);
    *capacity = target;
    return TT_OK;
}
