/* SPDX-License-Identifier: MIT */
#include "record/json_merge.h"

#include <string.h>

#include "formats/error.h"
#include "formats/jscan.h"

#define NAME_MAX_DECODED 128 /* longer names are compared as they are spelt */

struct member {
    struct jscan_text name;
    struct bytes value;
};

/* The object's next member; 0 at its end. */
static int next(struct jscan *s, struct member *m)
{
    if (!jscan_member(s, &m->name))
        return 0;
    m->value = jscan_raw(s);
    return !s->failed;
}

static void open_object(struct jscan *s, struct bytes object)
{
    jscan_init(s, object.data, object.len);
    jscan_enter(s);
}

static int is_object(struct bytes value)
{
    return value.len && value.data[0] == '{';
}

static int is_null(struct bytes value)
{
    return value.len == 4 && memcmp(value.data, "null", 4) == 0;
}

/* The same name may be spelt with and without escapes. */
static int same_name(const struct jscan_text *a, const struct jscan_text *b)
{
    unsigned char one[JSCAN_DECODED_MAX(NAME_MAX_DECODED)], two[sizeof one];
    if (a->len == b->len && memcmp(a->data, b->data, a->len) == 0)
        return 1;
    if ((!a->has_escapes && !b->has_escapes) || a->len > NAME_MAX_DECODED || b->len > NAME_MAX_DECODED)
        return 0;
    size_t len = jscan_decode(a, one);
    return len == jscan_decode(b, two) && memcmp(one, two, len) == 0;
}

/* The last member of `object` with that name. */
static int find_last(struct bytes object, const struct jscan_text *name, struct member *found)
{
    struct jscan s;
    struct member m;
    int any = 0;
    for (open_object(&s, object); next(&s, &m);) {
        if (same_name(&m.name, name)) {
            *found = m;
            any = 1;
        }
    }
    return any;
}

static void put_name(struct buf *out, const struct jscan_text *name, int *any)
{
    if (*any)
        buf_putc(out, ',');
    *any = 1;
    buf_putc(out, '"');
    buf_append(out, name->data, name->len);
    buf_puts(out, "\":");
}

static int merge(struct buf *out, struct bytes base, struct bytes patch, int depth);

/* The base's member as the patch leaves it. */
static int put_merged(struct buf *out, const struct member *old, struct bytes patch, int *any, int depth)
{
    struct member new;
    struct bytes empty = {(const unsigned char *)"{}", 2};
    if (!find_last(patch, &old->name, &new)) {
        put_name(out, &old->name, any);
        return buf_append(out, old->value.data, old->value.len);
    }
    if (is_null(new.value))
        return out->failed;
    put_name(out, &old->name, any);
    if (is_object(new.value))
        return merge(out, is_object(old->value) ? old->value : empty, new.value, depth + 1);
    return buf_append(out, new.value.data, new.value.len);
}

static int put_new(struct buf *out, const struct member *m, struct bytes patch, int *any, int depth)
{
    struct member last;
    struct bytes empty = {(const unsigned char *)"{}", 2};
    int is_superseded = find_last(patch, &m->name, &last) && last.value.data != m->value.data;
    if (is_superseded || is_null(m->value))
        return out->failed;
    put_name(out, &m->name, any);
    return is_object(m->value) ? merge(out, empty, m->value, depth + 1)
                               : buf_append(out, m->value.data, m->value.len);
}

static int count_members(struct bytes object)
{
    struct jscan s;
    struct member m;
    int count = 0;
    for (open_object(&s, object); next(&s, &m);)
        count++;
    return count;
}

/* Each member is looked for in the other object: quadratic, hence the cap on members. */
static int merge(struct buf *out, struct bytes base, struct bytes patch, int depth)
{
    struct jscan s;
    struct member m, other;
    int any = 0;
    if (depth > JSON_MERGE_DEPTH || count_members(base) > JSON_MERGE_MEMBERS ||
        count_members(patch) > JSON_MERGE_MEMBERS)
        return TT_LIMIT;
    buf_putc(out, '{');
    for (open_object(&s, base); next(&s, &m);) {
        int status = put_merged(out, &m, patch, &any, depth);
        if (status)
            return status;
    }
    for (open_object(&s, patch); next(&s, &m);) {
        int status = find_last(base, &m.name, &other) ? TT_OK : put_new(out, &m, patch, &any, depth);
        if (status)
            return status;
    }
    return buf_putc(out, '}');
}

int json_merge(struct buf *out, struct bytes base, struct bytes patch)
{
    return merge(out, base, patch, 0);
}
