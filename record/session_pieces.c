/* SPDX-License-Identifier: MIT */
/* When a run's stream has ended, the engine is asked how its tokeniser cuts the text, if the stream came in
 * fewer pieces than tokens and counted none of them. Beside other conversations nobody asks: that would take
 * time from them. */
#include "record/answer_pieces.h"
#include "record/session_state.h"
#include "record/tokeniser.h"

/* One token a frame, or one more at the end, is what an even split gives, too. */
static int is_useful(struct lane *lane, const struct http_result *result)
{
    const struct session *s = lane->session;
    struct live_figures figures;
    if (s->options->no_tokenise || !tokeniser_knows_pieces(s->identity.kind) || session_has_bursts(s) ||
        s->tokeniser_is_silent || session_is_interrupted(s) || result->status != 200 ||
        result->ended != RUN_ENDED_COMPLETE)
        return 0;
    live_look(lane->live, &figures);
    return figures.is_whole && !figures.is_cut && figures.text_frames && !figures.has_counts &&
           figures.tokens - 1 > figures.text_frames;
}

static int ask(struct session *s, struct bytes text, struct buf *lengths)
{
    const struct tokeniser tokeniser = session_tokeniser(s);
    int status = tokeniser_pieces(&tokeniser, text, lengths);
    s->tokeniser_is_silent = status == TT_NETWORK || status == TT_NOTFOUND;
    return status;
}

int session_pieces(struct lane *lane, const struct planned_run *run, struct error *e)
{
    struct session *s = lane->session;
    struct buf lengths = BUF_INIT;
    struct bytes text;
    if (!is_useful(lane, &run->result))
        return TT_OK;
    int status = answer_pieces_text(live_answer(lane->live), &text);
    if (!status)
        status = ask(s, text, &lengths);
    struct pieces_row row = {run->row.run, {lengths.data, lengths.len}};
    int written = status ? TT_OK : producer_row(lane->producer, TABLE_PIECES, &row);
    buf_release(&lengths);
    return status == TT_NOMEM ? error_set(e, TT_NOMEM, "out of memory for an answer's tokens")
                              : session_row_status(s, written, e);
}
