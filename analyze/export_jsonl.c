/* SPDX-License-Identifier: MIT */
/* Everything, one JSON object a line. */
#include "analyze/export_out.h"
#include "analyze/jsonl_lines.h"

static void *jsonl_open(const struct export_target *to, struct error *e)
{
    return export_out_open(sizeof(struct export_out), to, e);
}

/* `status` is that of the line just written. */
static int line_done(struct export_out *out, int status, struct error *e)
{
    return status ? error_set(e, (enum tt_err)status, "out of memory for a line of '%s'", out->to->path)
                  : export_out_line(out, e);
}

static int begin(void *state, const struct export_trace *trace, struct error *e)
{
    struct export_out *out = state;
    return line_done(out, jsonl_trace(&out->text, trace), e);
}

static int run(void *state, const struct export_run *run, const struct run_row *row, struct error *e)
{
    struct export_out *out = state;
    (void)row;
    return line_done(out, jsonl_run(&out->text, run), e);
}

static int chunk(void *state, const struct export_chunk *chunk, struct error *e)
{
    struct export_out *out = state;
    return line_done(out, jsonl_chunk(&out->text, chunk), e);
}

static int frame(void *state, const struct export_frame *frame, struct error *e)
{
    struct export_out *out = state;
    return line_done(out, jsonl_frame(&out->text, frame), e);
}

static int sample(void *state, const struct export_sample *sample, struct error *e)
{
    struct export_out *out = state;
    return line_done(out, jsonl_sample(&out->text, sample), e);
}

static int note(void *state, const struct export_trace *trace, const cJSON *note, struct error *e)
{
    struct export_out *out = state;
    return line_done(out, jsonl_note(&out->text, trace, note), e);
}

static int finish(void *state, struct error *e)
{
    return export_out_finish(state, e);
}

extern const struct exporter export_jsonl;
const struct exporter export_jsonl = {
    .name = "jsonl",
    .what = "one JSON object a line: the trace, its runs with their figures, every frame with its time and "
            "tokens, every read, every sensor sample, and the notes",
    .to = EXPORT_TO_STREAM,
    .open = jsonl_open,
    .close = export_out_close,
    .begin = begin,
    .run = run,
    .chunk = chunk,
    .frame = frame,
    .sample = sample,
    .note = note,
    .finish = finish,
};
