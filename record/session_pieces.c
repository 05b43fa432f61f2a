/* SPDX-License-Identifier: MIT */
/* When a run's stream has ended, the engine is asked how its tokeniser cuts the text, if the stream came in
 * fewer pieces than tokens and counted none of them. Beside other conversations nobody asks: that would take
 * time from them. */
#include "formats/jsonout.h"
#include "record/answer_pieces.h"
#include "record/http.h"
#include "record/session_state.h"

#define ASKING_TIME_S 5

/* One token a frame, or one more at the end, is what an even split gives, too. */
static int is_useful(struct lane *lane, const struct http_result *result)
{
    const struct session *s = lane->session;
    struct live_figures figures;
    if (s->options->no_tokenise || s->identity.kind != ENGINE_LLAMACPP || session_has_bursts(s) ||
        s->tokeniser_is_silent || session_is_interrupted(s) || result->status != 200 ||
        result->ended != RUN_ENDED_COMPLETE)
        return 0;
    live_look(lane->live, &figures);
    return figures.is_whole && figures.text_frames && !figures.has_counts &&
           figures.tokens - 1 > figures.text_frames;
}

static int ask(struct session *s, const struct buf *text, struct buf *lengths)
{
    struct buf question = BUF_INIT;
    struct http_answer answer = {.body = BUF_INIT};
    struct jsonout j;
    jsonout_init(&j, &question, 0);
    jsonout_object(&j);
    jsonout_field_bool(&j, "with_pieces", 1);
    jsonout_field_bool(&j, "add_special", 0);
    jsonout_field_bool(&j, "parse_special", 0);
    jsonout_key(&j, "content");
    jsonout_string_n(&j, text->data, text->len);
    jsonout_end(&j, '}');
    int status = question.failed;
    if (!status)
        status =
            session_ask(s, "/tokenize", (struct bytes){question.data, question.len}, ASKING_TIME_S, &answer);
    s->tokeniser_is_silent = status != TT_OK;
    if (!status)
        status = answer_pieces_lengths((struct bytes){answer.body.data, answer.body.len},
                                       (struct bytes){text->data, text->len}, lengths);
    http_answer_release(&answer);
    buf_release(&question);
    return status;
}

int session_pieces(struct lane *lane, const struct planned_run *run, struct error *e)
{
    struct session *s = lane->session;
    struct buf text = BUF_INIT, lengths = BUF_INIT;
    int is_whole = 0;
    if (!is_useful(lane, &run->result))
        return TT_OK;
    struct bytes wire = live_wire(lane->live, &is_whole);
    int status = is_whole ? answer_pieces_text(wire, &text) : TT_NOTFOUND;
    if (!status)
        status = ask(s, &text, &lengths);
    struct pieces_row row = {run->row.run, {lengths.data, lengths.len}};
    int written = status ? TT_OK : producer_row(lane->producer, TABLE_PIECES, &row);
    buf_release(&text);
    buf_release(&lengths);
    return status == TT_NOMEM ? error_set(e, TT_NOMEM, "out of memory for an answer's tokens")
                              : session_row_status(s, written, e);
}
