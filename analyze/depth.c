/* SPDX-License-Identifier: MIT */
#include "analyze/depth.h"

#include "formats/error.h"
#include "formats/shelf.h"

/* A piece of the answer that is being gathered. */
struct piece {
    uint64_t bin, from, to; /* native ticks */
    double tokens;
};

static int end_piece(struct depth_points *points, uint32_t run, const struct piece *piece, double ms_per_tick)
{
    if (piece->tokens < DEPTH_MIN_TOKENS || piece->to <= piece->from ||
        piece->bin > DEPTH_TOKENS_MAX / DEPTH_BIN)
        return TT_OK;
    if (shelf_grow(&points->items, &points->capacity, points->count + 1, sizeof *points->items))
        return TT_NOMEM;
    points->items[points->count++] =
        (struct depth_point){run, (uint32_t)piece->bin * DEPTH_BIN, piece->tokens,
                             (double)(piece->to - piece->from) * ms_per_tick};
    return TT_OK;
}

static int has_depth(const struct run_figures *f, size_t count)
{
    return count > 1 && f->prompt_tokens != ABSENT && f->prompt_tokens < DEPTH_TOKENS_MAX &&
           f->decode_grade != GRADE_NONE;
}

int depth_add(struct depth_points *points, uint32_t run, const struct run_figures *f,
              const struct token_time *times, size_t count, double ms_per_tick)
{
    int status = TT_OK;
    if (!has_depth(f, count))
        return TT_OK;
    double depth = (double)f->prompt_tokens + times[0].tokens;
    struct piece piece = {(uint64_t)depth / DEPTH_BIN, times[0].t, times[0].t, 0};
    for (size_t i = 1; i < count && !status && times[i].t <= f->t_last_token; i++) {
        uint64_t bin = (uint64_t)depth / DEPTH_BIN;
        if (bin != piece.bin) {
            status = end_piece(points, run, &piece, ms_per_tick);
            piece = (struct piece){bin, piece.to, piece.to, 0};
        }
        piece.tokens += times[i].tokens;
        piece.to = times[i].t;
        depth += times[i].tokens;
    }
    return status ? status : end_piece(points, run, &piece, ms_per_tick);
}

double depth_rate(const struct depth_point *point)
{
    return point->tokens / point->window_ms * 1e3;
}
