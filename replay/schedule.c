/* SPDX-License-Identifier: MIT */
#include "replay/schedule.h"

#include <string.h>

#include "formats/alloc.h"

#define SCHEDULE_BYTES_MAX ((size_t)1 << 30)

void schedule_init(struct schedule *s)
{
    memset(s, 0, sizeof *s);
    buf_init(&s->bytes, SCHEDULE_BYTES_MAX);
    s->end = FEED_CUT;
}

int schedule_add(struct schedule *s, uint64_t due_ns, const void *bytes, size_t len)
{
    if (mem_grow(&s->entries, &s->capacity, s->count + 1, sizeof *s->entries))
        return TT_NOMEM;
    int status = buf_append(&s->bytes, bytes, len);
    if (status)
        return status;
    if (s->count && due_ns < s->entries[s->count - 1].due_ns)
        due_ns = s->entries[s->count - 1].due_ns;
    s->entries[s->count++] = (struct schedule_entry){due_ns, len};
    return TT_OK;
}

void schedule_finish(struct schedule *s, enum feed_end end, uint64_t end_ns)
{
    uint64_t last = s->count ? s->entries[s->count - 1].due_ns : 0;
    s->end = end;
    s->end_ns = end_ns < last ? last : end_ns;
}

void schedule_release(struct schedule *s)
{
    mem_free(s->entries);
    buf_release(&s->bytes);
    schedule_init(s);
}

struct schedule_player {
    struct feed base;
    const struct schedule *schedule; /* somebody else's, or … */
    struct schedule own;
    size_t next, offset;
};

static int player_next(struct feed *f, struct slice *out)
{
    struct schedule_player *p = (struct schedule_player *)f;
    const struct schedule *s = p->schedule;
    if (p->next == s->count) {
        out->end = s->end;
        out->due_ns = s->end_ns;
        return TT_OK;
    }
    const struct schedule_entry *entry = &s->entries[p->next++];
    out->due_ns = entry->due_ns;
    out->bytes = (struct bytes){s->bytes.data + p->offset, entry->len};
    p->offset += entry->len;
    return TT_OK;
}

static void player_free(struct feed *f)
{
    schedule_release(&((struct schedule_player *)f)->own);
    mem_free(f);
}

struct feed *schedule_feed(const struct schedule *s)
{
    struct schedule_player *p = mem_alloc(sizeof *p);
    if (!p)
        return NULL;
    *p = (struct schedule_player){.base = {player_next, player_free}, .schedule = s};
    schedule_init(&p->own);
    return &p->base;
}

struct feed *schedule_feed_own(struct schedule *s)
{
    struct schedule_player *p = (struct schedule_player *)schedule_feed(s);
    if (!p) {
        schedule_release(s);
        return NULL;
    }
    p->own = *s;
    p->schedule = &p->own;
    schedule_init(s);
    return &p->base;
}
