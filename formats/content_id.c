/* SPDX-License-Identifier: MIT */
#include "formats/content_id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/alloc.h"
#include "formats/buf.h"

#define RUNNING_MAX 100 /* tables and the wire */
#define STREAMS_MAX 320 /* … and META documents */

struct digest_stream {
    char name[32];
    struct sha256 *running; /* NULL once the stream is one finished document */
    unsigned char digest[SHA256_BYTES];
    struct buf signature; /* the column list last hashed into it */
};

struct content_id {
    struct digest_stream streams[STREAMS_MAX];
    size_t count;
    size_t meta_count, running_count;
    struct buf scratch;
};

struct content_id *content_id_new(void)
{
    return mem_zalloc(1, sizeof(struct content_id));
}

static struct digest_stream *find_stream(struct content_id *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++) {
        if (strcmp(c->streams[i].name, name) == 0)
            return &c->streams[i];
    }
    return NULL;
}

static struct digest_stream *add_stream(struct content_id *c, const char *name)
{
    if (c->count == STREAMS_MAX)
        return NULL;
    struct digest_stream *s = &c->streams[c->count];
    memset(s, 0, sizeof *s);
    snprintf(s->name, sizeof s->name, "%s", name);
    c->count++;
    return s;
}

/* A running stream by that name, begun on first use. */
static int running_stream(struct content_id *c, const char *name, struct digest_stream **stream)
{
    *stream = find_stream(c, name);
    if (*stream)
        return TT_OK;
    if (c->running_count == RUNNING_MAX || c->count == STREAMS_MAX)
        return TT_LIMIT;
    struct sha256 *running = sha256_new();
    if (!running)
        return TT_NOMEM;
    *stream = add_stream(c, name);
    (*stream)->running = running;
    c->running_count++;
    return TT_OK;
}

int content_id_meta(struct content_id *c, const void *json, size_t len)
{
    char name[32];
    snprintf(name, sizeof name, "meta/%zu", c->meta_count);
    struct digest_stream *s = add_stream(c, name);
    if (!s)
        return TT_LIMIT;
    sha256_of(json, len, s->digest);
    c->meta_count++;
    return TT_OK;
}

/* Which columns follow: hashed whenever it differs from what stood before, so that blocks may be cut
 * anywhere. */
static int hash_signature(struct content_id *c, struct digest_stream *s, const struct rows *rows)
{
    struct buf *last = &s->signature;
    buf_clear(&c->scratch);
    buf_le64(&c->scratch, rows->column_count);
    for (size_t i = 0; i < rows->column_count; i++) {
        if (!rows->columns[i].type)
            return TT_UNSUPPORTED;
        buf_le64(&c->scratch, rows->columns[i].id);
        buf_le64(&c->scratch, rows->columns[i].type);
    }
    if (c->scratch.failed)
        return c->scratch.failed;
    if (last->len == c->scratch.len && memcmp(last->data, c->scratch.data, last->len) == 0)
        return TT_OK;
    buf_clear(last);
    sha256_update(s->running, c->scratch.data, c->scratch.len);
    return buf_append(last, c->scratch.data, c->scratch.len);
}

static void put_value(struct buf *out, const struct row_column *column, size_t i)
{
    if (column->type == COLUMN_U64) {
        buf_le64(out, column->values[i]);
        return;
    }
    uint64_t from = i ? column->values[i - 1] : 0;
    buf_le64(out, column->values[i] - from);
    buf_append(out, column->data + from, (size_t)(column->values[i] - from));
}

int content_id_rows(struct content_id *c, const struct rows *rows)
{
    char name[32];
    snprintf(name, sizeof name, "table/%llu", (unsigned long long)rows->table);
    struct digest_stream *s;
    int status = running_stream(c, name, &s);
    if (!status)
        status = hash_signature(c, s, rows);
    buf_clear(&c->scratch);
    for (size_t i = 0; i < rows->count && !status; i++) {
        for (size_t k = 0; k < rows->column_count; k++)
            put_value(&c->scratch, &rows->columns[k], i);
        status = c->scratch.failed;
        if (!status && (c->scratch.len >= 16384 || i + 1 == rows->count)) {
            sha256_update(s->running, c->scratch.data, c->scratch.len);
            buf_clear(&c->scratch);
        }
    }
    return status;
}

int content_id_wire(struct content_id *c, const void *bytes, size_t len)
{
    struct digest_stream *s;
    int status = running_stream(c, "wire", &s);
    if (!status)
        sha256_update(s->running, bytes, len);
    return status;
}

int content_id_payload(struct content_id *c, const struct payload *payload)
{
    int status = payload->wire.len ? content_id_wire(c, payload->wire.data, payload->wire.len) : TT_OK;
    for (size_t i = 0; i < payload->table_count && !status; i++)
        status = content_id_rows(c, &payload->tables[i]);
    return status;
}

static int adopt(struct content_id *c, const cJSON *stream)
{
    const char *name = stream->string, *hex = cJSON_GetStringValue(stream);
    if (!name || !hex || strlen(name) >= sizeof c->streams->name || find_stream(c, name))
        return TT_DAMAGED;
    struct digest_stream *s = add_stream(c, name);
    return s && sha256_from_hex(hex, s->digest) ? TT_OK : TT_DAMAGED;
}

int content_id_adopt(struct content_id *c, const cJSON *streams)
{
    const cJSON *stream;
    int status = cJSON_IsObject(streams) ? TT_OK : TT_DAMAGED;
    cJSON_ArrayForEach(stream, streams)
    {
        if (!status)
            status = adopt(c, stream);
    }
    return status;
}

static int by_name(const void *a, const void *b)
{
    const struct digest_stream *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

/* Pointers to the streams in order of name. */
static size_t sorted_streams(const struct content_id *c, const struct digest_stream *order[STREAMS_MAX])
{
    for (size_t i = 0; i < c->count; i++)
        order[i] = &c->streams[i];
    qsort(order, c->count, sizeof *order, by_name);
    return c->count;
}

static int stream_digest(const struct digest_stream *s, unsigned char digest[SHA256_BYTES])
{
    if (s->running)
        return sha256_peek(s->running, digest);
    memcpy(digest, s->digest, SHA256_BYTES);
    return TT_OK;
}

int content_id_hex(const struct content_id *c, char hex[SHA256_HEX_BYTES])
{
    const struct digest_stream *order[STREAMS_MAX];
    size_t count = sorted_streams(c, order);
    unsigned char digest[SHA256_BYTES];
    struct buf list = BUF_INIT;
    int status = TT_OK;
    for (size_t i = 0; i < count && !status; i++) {
        status = stream_digest(order[i], digest);
        sha256_hex(digest, hex);
        buf_append(&list, order[i]->name, strlen(order[i]->name) + 1);
        buf_printf(&list, "%s\n", hex);
    }
    if (!status)
        status = list.failed;
    if (!status) {
        sha256_of(list.data, list.len, digest);
        sha256_hex(digest, hex);
    }
    buf_release(&list);
    return status;
}

int content_id_streams(const struct content_id *c, struct jsonout *out)
{
    const struct digest_stream *order[STREAMS_MAX];
    size_t count = sorted_streams(c, order);
    jsonout_object(out);
    for (size_t i = 0; i < count; i++) {
        unsigned char digest[SHA256_BYTES];
        char hex[SHA256_HEX_BYTES];
        if (stream_digest(order[i], digest))
            return TT_NOMEM;
        sha256_hex(digest, hex);
        jsonout_field_string(out, order[i]->name, hex);
    }
    jsonout_end(out, '}');
    return out->out->failed;
}

void content_id_free(struct content_id *c)
{
    for (size_t i = 0; c && i < c->count; i++) {
        sha256_free(c->streams[i].running);
        buf_release(&c->streams[i].signature);
    }
    if (c)
        buf_release(&c->scratch);
    mem_free(c);
}
