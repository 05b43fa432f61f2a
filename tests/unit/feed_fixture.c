/* SPDX-License-Identifier: MIT */
#include "feed_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

void drain(struct feed *feed, struct drained *d)
{
    struct slice slice = {0};
    memset(d, 0, sizeof *d);
    assert_non_null(feed);
    while (d->count < DRAINED_MAX) {
        assert_int_equal(feed_next(feed, &slice), TT_OK);
        if (slice.end != FEED_MORE)
            break;
        assert_true(slice.bytes.len > 0);
        assert_true(d->count == 0 || slice.due_ns >= d->due_ns[d->count - 1]);
        d->due_ns[d->count] = slice.due_ns;
        d->lens[d->count++] = slice.bytes.len;
        buf_append(&d->bytes, slice.bytes.data, slice.bytes.len);
    }
    d->end = slice.end;
    d->end_ns = slice.due_ns;
    feed_free(feed);
}

void schedule_words(struct schedule *s, const char *const *words, enum feed_end end)
{
    uint64_t due = 0;
    schedule_init(s);
    for (; *words; words++) {
        due += 1000000;
        assert_int_equal(schedule_add(s, due, *words, strlen(*words)), TT_OK);
    }
    schedule_finish(s, end, due + 500000);
}
