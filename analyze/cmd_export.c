/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <unistd.h>

#include "analyze/cells.h"
#include "analyze/report_json.h"
#include "analyze/tape.h"
#include "analyze/tokens.h"
#include "formats/alloc.h"
#include "formats/command.h"
#include "formats/export_jsonl.h"
#include "formats/io.h"
#include "formats/json.h"

int cmd_export(int argc, char **argv);

struct export_options {
    const char *format, *output;
    int allow_incomplete;
};

#define AT(member) offsetof(struct export_options, member)

static const struct option_def options[] = {
    {"format", 0, OPTION_CHOICE, NULL, "jsonl", "how to write it (default jsonl)", AT(format)},
    {"allow-incomplete", 0, OPTION_FLAG, NULL, NULL, "accept traces whose end is missing",
     AT(allow_incomplete)},
    {"output", 'o', OPTION_TEXT, "FILE", NULL, "write to a new FILE instead of standard output", AT(output)},
    {NULL, 0, OPTION_FLAG, NULL, NULL, NULL, 0},
};

static const struct command_help help = {"export", "TRACE...", "Writes a trace in another format.", options,
                                         "jsonl is one JSON object a line: the trace, its runs with their "
                                         "figures, every frame with its time and tokens, "
                                         "every read, every sensor sample, and the notes. The exit code is 3 "
                                         "when a trace was incomplete or repaired.\n\n"
                                         "example:\n"
                                         "  toktape export --format jsonl run.toktape | jq 'select(.type == "
                                         "\"run\")'"};

/* Traces are read twice: which frame carried how many tokens is only known at a run's end. */
struct export
{
    const struct export_options *options;
    struct jsonl out;
    const struct tape *tape; /* from the first pass */
    const struct run_figures **by_id;
    struct token_cursor *cursors; /* by run id */
    size_t ids;
};

static const struct run_figures *find_run(const struct export *x, uint64_t run)
{
    return run < x->ids ? x->by_id[run] : NULL;
}

static struct jsonl_place place_of(const struct export *x, const struct run_figures *f)
{
    const char *phase = tape_phase_name(x->tape, f->phase);
    return (struct jsonl_place){f->run, f->repeat, f->attempt, *phase ? phase : NULL};
}

static struct jsonl_time time_of(const struct export *x, const struct run_figures *f, uint64_t t)
{
    uint64_t ns = tape_clock_ns(x->tape, t);
    uint64_t zero = f->t_zero == ABSENT ? 0 : tape_clock_ns(x->tape, f->t_zero);
    return (struct jsonl_time){ns, f->t_zero != ABSENT, f->t_zero == ABSENT ? 0 : (int64_t)(ns - zero)};
}

/* The run under the names that reports use. */
static int on_begin(void *context, const struct run_row *row)
{
    struct export *x = context;
    const struct run_figures *f = find_run(x, row->run);
    if (!f)
        return TT_OK;
    struct jsonl_place place = place_of(x, f);
    struct jsonl_time zero = time_of(x, f, f->t_zero);
    struct cell_trace trace = {.path = x->tape->path};
    struct cell cell = {.traces = &trace, .trace_count = 1};
    struct cell_run run = {.figures = *f};
    int status = text_list_add(&cell.phases, place.phase ? place.phase : "");
    struct jsonout *line = jsonl_begin(&x->out, "run");
    jsonout_field_u64(line, "run", f->run);
    jsonout_key(line, "clock_ns");
    if (zero.has_zero)
        jsonout_u64_text(line, zero.clock_ns);
    else
        jsonout_null(line);
    if (!status)
        report_json_run(&cell, &run, line);
    text_list_release(&cell.phases);
    int ended = jsonl_end(&x->out);
    return status ? status : ended;
}

static int on_frame(void *context, const struct run_row *row, const struct stream_frame *frame,
                    uint64_t counted)
{
    struct export *x = context;
    const struct run_figures *f = find_run(x, row->run);
    (void)counted;
    if (!f)
        return TT_OK;
    struct jsonl_place place = place_of(x, f);
    struct jsonl_time time = time_of(x, f, frame->t);
    uint64_t tokens = token_cursor_next(&x->cursors[row->run], &f->split, frame->chat);
    return jsonl_frame(&x->out, &place, &time, frame, tokens);
}

static int on_read(void *context, const struct read_row *row)
{
    struct export *x = context;
    const struct run_figures *f = find_run(x, row->run);
    if (!f)
        return TT_OK;
    struct jsonl_place place = place_of(x, f);
    struct jsonl_time time = time_of(x, f, row->t);
    return jsonl_chunk(&x->out, &place, &time, row->nbytes);
}

static int on_sample(void *context, const struct tape_series *series, const struct sample_row *row)
{
    struct export *x = context;
    struct jsonl_sample sample = {tape_clock_ns(x->tape, row->t),
                                  tape_clock_ns(x->tape, row->duration),
                                  row->source_t,
                                  row->value,
                                  series->source,
                                  series->name,
                                  series->unit};
    return jsonl_sample(&x->out, &sample);
}

static int on_note(void *context, const cJSON *note)
{
    struct export *x = context;
    struct jsonout *line = jsonl_begin(&x->out, "note");
    jsonout_field_string(line, "text", json_string(note, "text"));
    jsonout_field_string(line, "author", json_string(note, "author"));
    jsonout_field_string(line, "time", json_string(note, "time"));
    return jsonl_end(&x->out);
}

/* However deep it nests. cJSON leaves DEL, which only texts can hold, as it is. */
static int put_meta(struct jsonout *line, const cJSON *meta)
{
    struct buf safe = BUF_INIT;
    char *text = cJSON_PrintUnformatted(meta);
    for (const char *p = text; p && *p; p++) {
        if (*p == 0x7f)
            buf_puts(&safe, "\\u007f");
        else
            buf_putc(&safe, *p);
    }
    int status = text ? safe.failed : TT_NOMEM;
    jsonout_key(line, "meta");
    jsonout_raw(line, buf_text(&safe), safe.len);
    mem_free(text);
    buf_release(&safe);
    return status;
}

static int put_trace(struct export *x)
{
    const struct tape *tape = x->tape;
    struct jsonout *line = jsonl_begin(&x->out, "trace");
    jsonout_field_string(line, "trace", tape_text(tape, "trace"));
    jsonout_field_string(line, "content_id", *tape->content_id ? tape->content_id : NULL);
    jsonout_field_string(line, "closed", tape->closed);
    int status = put_meta(line, tape->meta);
    return status ? status : jsonl_end(&x->out);
}

static int index_runs(struct export *x)
{
    for (size_t i = 0; i < x->tape->run_count; i++)
        x->ids = x->tape->runs[i].run >= x->ids ? (size_t)x->tape->runs[i].run + 1 : x->ids;
    x->by_id = mem_zalloc(x->ids, sizeof *x->by_id);
    x->cursors = mem_zalloc(x->ids, sizeof *x->cursors);
    if (!x->by_id || !x->cursors)
        return TT_NOMEM;
    for (size_t i = 0; i < x->tape->run_count; i++)
        x->by_id[x->tape->runs[i].run] = &x->tape->runs[i];
    return TT_OK;
}

static int second_pass(struct export *x, struct error *e)
{
    struct tape again;
    struct tape_options taps = {.allow_incomplete = x->options->allow_incomplete,
                                .without_samples = 1,
                                .on_begin = on_begin,
                                .on_frame = on_frame,
                                .on_read = on_read,
                                .on_sample = on_sample,
                                .on_note = on_note,
                                .context = x};
    int status = tape_load(&again, x->tape->path, &taps, e);
    tape_release(&again);
    return status;
}

static int export_tape(struct export *x, struct error *e)
{
    int status = index_runs(x);
    if (!status)
        status = put_trace(x);
    if (!status)
        status = second_pass(x, e);
    if (x->out.error.code)
        *e = x->out.error;
    else if (status == TT_NOMEM)
        error_set(e, TT_NOMEM, "out of memory");
    mem_free(x->by_id);
    mem_free(x->cursors);
    x->by_id = NULL;
    x->cursors = NULL;
    x->ids = 0;
    return status;
}

static int check_twice_readable(const char *path, struct error *e)
{
    int fd = io_open_read(path, e);
    if (fd < 0)
        return fd;
    int ok = strcmp(path, "-") != 0 && io_is_regular(fd);
    io_close(fd, path, NULL);
    if (ok)
        return TT_OK;
    return error_set(e, TT_USAGE, "'%s' is not a file: export reads a trace twice, so a pipe will not do",
                     path);
}

static int export_trace(struct export *x, const char *path, int *incomplete, struct error *e)
{
    struct tape tape;
    struct tape_options how = {.allow_incomplete = x->options->allow_incomplete};
    int status = check_twice_readable(path, e);
    if (status)
        return status;
    status = tape_load(&tape, path, &how, e);
    x->tape = &tape;
    if (!status)
        status = export_tape(x, e);
    *incomplete |= !status && tape_is_incomplete(&tape);
    x->tape = NULL;
    tape_release(&tape);
    return status;
}

static int open_output(const char *path, struct error *e)
{
    return io_is_stream(path) ? io_open_stream(path, e) : io_create_new(path, e);
}

/* A file that could not be completed is taken away again; a reader who has seen enough may leave. */
static int export_all(const struct export_options *o, const struct option_list *traces, int *incomplete,
                      struct error *e)
{
    const char *path = o->output ? o->output : "-";
    struct export x = {.options = o};
    int is_file = !io_is_stream(path), fd = open_output(path, e);
    if (fd < 0)
        return fd;
    jsonl_init(&x.out, fd, fd == STDOUT_FILENO ? "standard output" : path);
    int status = TT_OK;
    for (size_t i = 0; i < traces->count && !status; i++)
        status = export_trace(&x, traces->items[i], incomplete, e);
    if (!status && (status = jsonl_finish(&x.out)) != TT_OK)
        *e = x.out.error;
    jsonl_release(&x.out);
    int closed = io_close(fd, path, status ? NULL : e);
    if ((status || closed) && is_file)
        io_remove(path, NULL);
    return status && status != TT_CLOSED ? status : closed;
}

static int export(const struct export_options *o, const struct option_list *traces)
{
    struct error e = {0};
    int incomplete = 0, status;
    if (traces->count)
        status = export_all(o, traces, &incomplete, &e);
    else
        status = error_set(&e, TT_USAGE, "export wants a trace; 'toktape export --help' shows how");
    if (status)
        return command_fail(&e);
    return incomplete ? 3 : 0;
}

int cmd_export(int argc, char **argv)
{
    struct export_options values = {.format = "jsonl"};
    struct option_list operands = {0};
    int code = command_begin(&help, argc, argv, &values, &operands);
    if (code == COMMAND_CONTINUE)
        code = export(&values, &operands);
    options_release(&help, &values, &operands);
    return code;
}
