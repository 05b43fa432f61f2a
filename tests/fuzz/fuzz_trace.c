/* SPDX-License-Identifier: MIT */
/* Fuzz target: the trace container. Hashes, lengths and compression are made right here, so that what they
 * guard is reached: documents, tables, columns.
 *
 * Input: blocks, each one byte of type, one of flags, a little-endian 16-bit length, and that many bytes of
 * raw payload. The first byte of all chooses between these and a whole trace as it lies on disk, whose hashes
 * are corrected. Whatever can be read must also survive being copied, with the same content id. */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/block.h"
#include "formats/bytes.h"
#include "formats/digest.h"
#include "formats/io.h"
#include "formats/trace_reader.h"
#include "formats/trace_writer.h"
#include "tests/fuzz/blocks.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define ROWS_LOOKED  64 /* of a table: all rows come out of the same columns */
#define PIECE_HEADER 4

static void build_from_pieces(struct buf *trace, const uint8_t *bytes, size_t len)
{
    struct compressor *c = compressor_new(1);
    uint64_t sequence = 0;
    require(c != NULL, "no memory");
    while (len >= PIECE_HEADER) {
        size_t raw_len = get_le16(bytes + 2), room = len - PIECE_HEADER;
        raw_len = raw_len < room ? raw_len : room;
        blocks_put(trace, c, bytes[0], bytes[1], bytes + PIECE_HEADER, raw_len, sequence++);
        bytes += PIECE_HEADER + raw_len;
        len -= PIECE_HEADER + raw_len;
    }
    compressor_free(c);
}

static void build_from_trace(struct buf *trace, const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    buf_append(trace, bytes, len);
    while (trace->len - at >= BLOCK_HEADER_BYTES) {
        unsigned char *from = trace->data + at;
        size_t room = trace->len - at - BLOCK_HEADER_BYTES, packed_len = get_le32(from + 24);
        struct block_header h = {get_le16(from + 16), get_le16(from + 18), get_le32(from + 20), 0, 0, 0, 0};
        h.packed_len = (uint32_t)(packed_len < room ? packed_len : room);
        h.sequence = get_le64(from + 28);
        h.trace_id = get_le64(from + 36);
        h.payload_hash = xxh64_of(from + BLOCK_HEADER_BYTES, h.packed_len);
        block_header_write(&h, from);
        at += BLOCK_HEADER_BYTES + h.packed_len;
    }
}

/* Every value is touched, so that a sanitizer sees a column that reaches too far. */
static void look_at_rows(const struct rows *rows)
{
    union any_row row;
    unsigned sum = 0;
    for (size_t i = 0; i < rows->count && i < ROWS_LOOKED; i++) {
        rows_get(rows, rows->count - 1 - i, &row);
        for (size_t d = 0; rows->def && d < rows->def->column_count; d++) {
            const struct bytes *value = (const void *)((const char *)&row + rows->def->columns[d].offset);
            if (rows->def->columns[d].type == COLUMN_BYTES && value->len)
                sum += value->data[0] + (unsigned)value->data[value->len - 1];
        }
    }
    require(sum != UINT_MAX, "impossible");
}

/* Reads all, copying into `writer` unless that is NULL. Returns the reader's last status. */
static int read_all(const struct buf *trace, struct trace_writer **writer, int fd, char id[65])
{
    struct trace_reader_options options = {.allow_incomplete = 1};
    struct trace_writer_options packing = {.level = 1, .block_bytes = 1 << 16, .trace_id = BLOCKS_TRACE_ID};
    struct trace_reader *r;
    struct trace_item item = {0};
    int status = trace_reader_open_memory(&r, trace->data, trace->len, &options, NULL), copied = TT_OK;
    trace_reader_hash_content(r);
    while (!status && (status = trace_reader_next(r, &item, NULL)) == TT_OK && item.kind != TRACE_STOP) {
        const char *text = (const char *)item.json_text.data;
        for (size_t t = 0; item.payload && t < item.payload->table_count; t++)
            look_at_rows(&item.payload->tables[t]);
        if (!writer || copied)
            continue;
        if (item.kind == TRACE_META && !*writer)
            copied = trace_writer_new(writer, fd, "copy", text, &packing, NULL);
        else if (item.kind == TRACE_META)
            copied = trace_writer_meta(*writer, text, NULL);
        else if (item.kind == TRACE_DATA)
            copied = trace_writer_copy(*writer, item.payload, NULL);
    }
    require(trace_reader_content_id(r, id, NULL) == TT_OK, "no content id");
    trace_reader_free(r);
    return status ? status : copied;
}

static void check_copy(const struct buf *trace)
{
    static FILE *file;
    struct trace_writer *w = NULL;
    struct buf copy = BUF_INIT;
    char id[65], id_of_copy[65];
    if (!file)
        file = tmpfile();
    require(file && ftruncate(fileno(file), 0) == 0 && io_seek(fileno(file), 0) == TT_OK, "no file");
    int status = read_all(trace, &w, fileno(file), id);
    if (!status && w && trace_writer_finish(w, "clean", NULL, NULL) == TT_OK) {
        size_t len = (size_t)trace_writer_bytes(w);
        unsigned char *room = buf_reserve(&copy, len);
        require(room && io_seek(fileno(file), 0) == TT_OK, "no memory");
        require(io_read_some(fileno(file), room, len, "copy", NULL) == (long)len, "the copy is short");
        copy.len = len;
        require(strcmp(id, trace_writer_content_id(w)) == 0, "the copy's content id differs");
        require(read_all(&copy, NULL, -1, id_of_copy) == TT_OK, "the copy cannot be read");
        require(strcmp(id, id_of_copy) == 0, "the copy says something else");
    }
    trace_writer_free(w);
    buf_release(&copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct buf trace = BUF_INIT;
    if (len < 1)
        return 0;
    if (bytes[0] & 1)
        build_from_trace(&trace, bytes + 1, len - 1);
    else
        build_from_pieces(&trace, bytes + 1, len - 1);
    if (trace.len)
        check_copy(&trace);
    buf_release(&trace);
    return 0;
}
