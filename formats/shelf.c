/* SPDX-License-Identifier: MIT */
#include "formats/shelf.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "formats/alloc.h"
#include "formats/error.h"
#include "formats/io.h"

#define COPY_BYTES ((size_t)256 << 10)

/* What is mapped at present: few arrays grow so long. */
struct shelf {
    unsigned char *base;
    size_t size;
    struct shelf *next;
};

static struct shelf *shelves;
static size_t shelved; /* bytes of all */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
_Thread_local size_t shelf_walked;

static void *map_file(size_t size)
{
    int fd = io_create_nameless(size);
    if (fd < 0)
        return NULL;
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    io_close(fd, "", NULL);
    return base == MAP_FAILED ? NULL : base;
}

static int has_room(size_t size)
{
    pthread_mutex_lock(&lock);
    int has = size <= SHELF_BYTES_MAX && shelved <= SHELF_BYTES_MAX - size;
    pthread_mutex_unlock(&lock);
    return has;
}

static void *put_up(size_t size)
{
    struct shelf *shelf = has_room(size) ? mem_alloc(sizeof *shelf) : NULL;
    void *base = shelf ? map_file(size) : NULL;
    if (!base) {
        mem_free(shelf);
        return NULL;
    }
    pthread_mutex_lock(&lock);
    *shelf = (struct shelf){base, size, shelves};
    shelves = shelf;
    shelved += size;
    pthread_mutex_unlock(&lock);
    return base;
}

/* Takes an array off the list; NULL when it is not on it. */
static struct shelf *take_off(const void *base)
{
    pthread_mutex_lock(&lock);
    struct shelf **place = &shelves;
    while (*place && (*place)->base != base)
        place = &(*place)->next;
    struct shelf *shelf = *place;
    if (shelf) {
        *place = shelf->next;
        shelved -= shelf->size;
    }
    pthread_mutex_unlock(&lock);
    return shelf;
}

void shelf_free(void *array)
{
    struct shelf *shelf = take_off(array);
    if (!shelf) {
        mem_free(array);
        return;
    }
    munmap(shelf->base, shelf->size);
    mem_free(shelf);
}

/* In pieces, with a rest after each: two arrays are never in memory as a whole. */
static void *move(void *old, size_t used, size_t size)
{
    unsigned char *bigger = put_up(size);
    if (!bigger)
        bigger = mem_alloc(size);
    for (size_t done = 0, piece; bigger && done < used; done += piece) {
        piece = used - done < COPY_BYTES ? used - done : COPY_BYTES;
        memcpy(bigger + done, (unsigned char *)old + done, piece);
        shelf_rest();
    }
    if (bigger)
        shelf_free(old);
    return bigger;
}

int shelf_grow(void *array, size_t *capacity, size_t need, size_t element_size)
{
    size_t target = mem_capacity(*capacity, need, element_size);
    if (need <= *capacity)
        return TT_OK;
    if (!target)
        return TT_NOMEM;
    if (target <= SHELF_BYTES / element_size)
        return mem_grow(array, capacity, need, element_size);
    void *old;
    memcpy(&old, array, sizeof old);
    void *bigger = move(old, *capacity * element_size, target * element_size);
    if (!bigger)
        return TT_NOMEM;
    memcpy(array, &bigger, sizeof bigger);
    *capacity = target;
    return TT_OK;
}

void shelf_fit(void *array, size_t *capacity, size_t count, size_t element_size)
{
    if (*capacity > SHELF_BYTES / element_size)
        return;
    void *old;
    memcpy(&old, array, sizeof old);
    void *fit = mem_realloc(old, count * element_size);
    if (!fit)
        return;
    memcpy(array, &fit, sizeof fit);
    *capacity = count;
}

/* Shared pages of a file keep what was written to them. */
void shelf_rest(void)
{
    shelf_walked = 0;
    pthread_mutex_lock(&lock);
    for (const struct shelf *shelf = shelves; shelf; shelf = shelf->next)
        madvise(shelf->base, shelf->size, MADV_DONTNEED);
    pthread_mutex_unlock(&lock);
}
