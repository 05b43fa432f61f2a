/* SPDX-License-Identifier: MIT */
#include "analyze/tape_batch.h"

#include <pthread.h>
#include <unistd.h>

#include "formats/alloc.h"

#define THREADS_MAX      16
#define TAPES_PER_THREAD 2 /* one is being loaded, one may wait for its turn */

struct loaded {
    struct tape tape;
    struct error error;
    int status;
    int is_ready;
};

struct pool {
    const struct tape_batch *batch;
    pthread_mutex_t lock; /* over all that follows but the tapes that are being loaded */
    pthread_cond_t changed;
    struct loaded *window; /* trace i stands in place i % window_size */
    size_t window_size, next, taken;
    int is_over;
    pthread_t threads[THREADS_MAX];
    size_t thread_count;
};

static void load(const struct tape_batch *batch, size_t index, struct loaded *l)
{
    l->error = (struct error){0};
    l->status = tape_load(&l->tape, batch->paths[index], &batch->options, &l->error);
}

/* The index of the next trace to load, once there is a place for it; `count` when there is none left. The
 * lock is held. */
static size_t wait_for_work(struct pool *p)
{
    while (!p->is_over && p->next < p->batch->count && p->next - p->taken >= p->window_size)
        pthread_cond_wait(&p->changed, &p->lock);
    return p->is_over || p->next == p->batch->count ? p->batch->count : p->next++;
}

static void *work(void *context)
{
    struct pool *p = context;
    pthread_mutex_lock(&p->lock);
    for (size_t i; (i = wait_for_work(p)) < p->batch->count;) {
        struct loaded *l = &p->window[i % p->window_size];
        pthread_mutex_unlock(&p->lock);
        load(p->batch, i, l);
        pthread_mutex_lock(&p->lock);
        l->is_ready = 1;
        pthread_cond_broadcast(&p->changed);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Hands one loaded tape over and releases it. */
static int hand_over(const struct tape_batch *batch, struct loaded *l, struct error *e)
{
    int status = l->status;
    if (!status)
        status = batch->take(batch->context, &l->tape, e);
    else if (e)
        *e = l->error;
    tape_release(&l->tape);
    return status;
}

static int take_all(struct pool *p, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < p->batch->count; i++) {
        struct loaded *l = &p->window[i % p->window_size];
        pthread_mutex_lock(&p->lock);
        while (!l->is_ready)
            pthread_cond_wait(&p->changed, &p->lock);
        pthread_mutex_unlock(&p->lock);
        status = hand_over(p->batch, l, e);
        pthread_mutex_lock(&p->lock);
        l->is_ready = 0;
        p->taken++;
        p->is_over = status != TT_OK;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
    }
    return status;
}

static void start(struct pool *p)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = cores < 1 ? 1 : cores > THREADS_MAX ? THREADS_MAX : (size_t)cores;
    wanted = wanted > p->batch->count ? p->batch->count : wanted;
    p->window_size = wanted * TAPES_PER_THREAD;
    p->window = mem_zalloc(p->window_size, sizeof *p->window);
    while (p->window && p->thread_count < wanted &&
           pthread_create(&p->threads[p->thread_count], NULL, work, p) == 0)
        p->thread_count++;
}

static void stop(struct pool *p)
{
    for (size_t i = 0; i < p->thread_count; i++)
        pthread_join(p->threads[i], NULL);
    for (size_t i = 0; p->window && i < p->window_size; i++) {
        if (p->window[i].is_ready)
            tape_release(&p->window[i].tape);
    }
    mem_free(p->window);
}

static int load_in_turn(const struct tape_batch *batch, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < batch->count; i++) {
        struct loaded l;
        load(batch, i, &l);
        status = hand_over(batch, &l, e);
    }
    return status;
}

int tape_load_batch(const struct tape_batch *batch, struct error *e)
{
    struct pool pool = {
        .batch = batch, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    int status;
    if (batch->count > 1)
        start(&pool);
    status = pool.thread_count ? take_all(&pool, e) : load_in_turn(batch, e);
    stop(&pool);
    return status;
}
