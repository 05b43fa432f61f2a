/* SPDX-License-Identifier: MIT */
#include "analyze/tape_pieces.h"

#include <string.h>

#include "formats/alloc.h"

static int make_place(struct tape *tape, uint64_t run, struct error *e)
{
    size_t needed = (size_t)run + 1, held = tape->pieces_count;
    if (mem_grow(&tape->pieces, &tape->pieces_capacity, needed, sizeof *tape->pieces))
        return error_set(e, TT_NOMEM, "out of memory");
    if (needed > held) {
        memset(tape->pieces + held, 0, (needed - held) * sizeof *tape->pieces);
        tape->pieces_count = needed;
    }
    return TT_OK;
}

int tape_pieces_add(struct tape *tape, const struct pieces_row *row, struct error *e)
{
    int status = make_place(tape, row->run, e);
    if (status || !row->lengths.len)
        return status;
    struct tape_pieces *place = &tape->pieces[row->run];
    if (place->lengths)
        return error_set(e, TT_DAMAGED, "run %llu has pieces twice", (unsigned long long)row->run);
    if (row->lengths.len > TAPE_PIECES_MAX - tape->pieces_bytes)
        return error_set(e, TT_LIMIT, "the pieces of answers take more than %zu bytes", TAPE_PIECES_MAX);
    place->lengths = mem_alloc(row->lengths.len);
    if (!place->lengths)
        return error_set(e, TT_NOMEM, "out of memory");
    memcpy(place->lengths, row->lengths.data, row->lengths.len);
    place->len = row->lengths.len;
    tape->pieces_bytes += place->len;
    return TT_OK;
}

struct bytes tape_pieces(const struct tape *tape, uint64_t run)
{
    if (run >= tape->pieces_count)
        return (struct bytes){NULL, 0};
    return (struct bytes){tape->pieces[run].lengths, tape->pieces[run].len};
}

void tape_pieces_drop(struct tape *tape, uint64_t run)
{
    if (run >= tape->pieces_count)
        return;
    tape->pieces_bytes -= tape->pieces[run].len;
    mem_free(tape->pieces[run].lengths);
    tape->pieces[run] = (struct tape_pieces){NULL, 0};
}

void tape_pieces_release(struct tape *tape)
{
    for (size_t i = 0; i < tape->pieces_count; i++)
        mem_free(tape->pieces[i].lengths);
    mem_free(tape->pieces);
}
