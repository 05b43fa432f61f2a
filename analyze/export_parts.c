/* SPDX-License-Identifier: MIT */
/* Archives larger than a machine: the lines of JSON in folders by table, engine and model, in compressed
 * files of bounded size, as query engines read them. All files get their names when all of them are complete.
 */
#include <string.h>

#include "analyze/exporter.h"
#include "analyze/jsonl_lines.h"
#include "formats/alloc.h"
#include "formats/compress.h"
#include "formats/io.h"

#define PIECE_BYTES   ((size_t)1 << 20) /* each is a zstd frame of its own */
#define LEVEL         6
#define PART_NAME_MAX 100

enum parts_table { TRACES, RUNS, FRAMES, CHUNKS, SAMPLES, NOTES, TABLES };

static const char *const table_names[] = {[TRACES] = "traces", [RUNS] = "runs",       [FRAMES] = "frames",
                                          [CHUNKS] = "chunks", [SAMPLES] = "samples", [NOTES] = "notes"};

/* The file of one table that is being written. */
struct part {
    struct buf lines; /* not written yet */
    int fd;           /* -1: none is open */
    char *path;       /* for the time being */
    uint64_t bytes;   /* of lines, written or not */
};

struct parts {
    const struct export_target *to;
    struct compressor *compressor; /* NULL: files are plain */
    struct buf packed;
    struct part part[TABLES];
    struct buf folder, name;  /* "engine=…/model=…" and the file's name of the parts under way */
    struct text_list written; /* all files: first named for the time being, later by their own names */
    int is_finished;
};

#define TEMPORARY ".tmp"

static int no_memory(struct error *e)
{
    return error_set(e, TT_NOMEM, "out of memory");
}

/* ---- names ---- */

/* As file names are everywhere: a few harmless characters. */
static void put_name(struct buf *out, const char *text, size_t max)
{
    size_t begin = out->len;
    for (; *text && out->len - begin < max; text++) {
        char c = *text;
        int is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        int may_lead = out->len > begin;
        buf_putc(out, is_letter || c == '_' || (may_lead && (c == '.' || c == '-')) ? c : '_');
    }
    if (out->len == begin)
        buf_puts(out, "unknown");
}

static void put_folder(struct buf *out, const struct identity *id)
{
    buf_puts(out, "engine=");
    put_name(out, id->engine, PART_NAME_MAX - strlen("engine="));
    buf_puts(out, "/model=");
    put_name(out, id->model, PART_NAME_MAX - strlen("model="));
}

/* DIR/TABLE/engine=…/model=…, from the top. */
static int make_folders(const struct parts *p, enum parts_table table, struct error *e)
{
    struct buf path = BUF_INIT;
    const char *folder = buf_text(&p->folder), *slash = strchr(folder, '/');
    int status = io_make_directory(p->to->path, e);
    buf_printf(&path, "%s/%s", p->to->path, table_names[table]);
    if (!status)
        status = path.failed ? no_memory(e) : io_make_directory(buf_text(&path), e);
    buf_printf(&path, "/%.*s", (int)(slash - folder), folder);
    if (!status)
        status = path.failed ? no_memory(e) : io_make_directory(buf_text(&path), e);
    buf_puts(&path, slash);
    if (!status)
        status = path.failed ? no_memory(e) : io_make_directory(buf_text(&path), e);
    buf_release(&path);
    return status;
}

/* ---- one file ---- */

/* The name that it will have. */
static char *path_of(const struct parts *p, enum parts_table table)
{
    struct buf path = BUF_INIT;
    buf_printf(&path, "%s/%s/%s/%s.jsonl%s", p->to->path, table_names[table], buf_text(&p->folder),
               buf_text(&p->name), p->compressor ? ".zst" : "");
    return buf_detach(&path);
}

static int create(struct parts *p, struct part *part, const char *path, struct error *e)
{
    struct buf temporary = BUF_INIT;
    if (io_exists(path))
        return error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", path);
    buf_printf(&temporary, "%s" TEMPORARY, path);
    part->path = buf_detach(&temporary);
    if (!part->path)
        return no_memory(e);
    part->fd = io_create_new(part->path, e);
    if (part->fd < 0)
        return part->fd;
    if (text_list_add(&p->written, part->path) == TT_OK)
        return TT_OK;
    io_close(part->fd, part->path, NULL);
    io_remove(part->path, NULL);
    part->fd = -1;
    return no_memory(e);
}

static int open_part(struct parts *p, enum parts_table table, struct error *e)
{
    int status = make_folders(p, table, e);
    char *path = status ? NULL : path_of(p, table);
    if (!status)
        status = path ? create(p, &p->part[table], path, e) : no_memory(e);
    mem_free(path);
    return status;
}

static int write_piece(struct parts *p, struct part *part, struct error *e)
{
    const struct buf *from = &part->lines;
    int status = TT_OK;
    if (p->compressor) {
        buf_clear(&p->packed);
        status = compressor_run(p->compressor, from->data, from->len, NULL, 0, &p->packed, e);
        from = &p->packed;
    }
    if (!status)
        status = io_write_all(part->fd, from->data, from->len, part->path, e);
    buf_clear(&part->lines);
    return status;
}

static int flush(struct parts *p, enum parts_table table, struct error *e)
{
    struct part *part = &p->part[table];
    int status = part->lines.failed ? no_memory(e) : TT_OK;
    if (status || !part->lines.len)
        return status;
    if (part->fd < 0)
        status = open_part(p, table, e);
    return status ? status : write_piece(p, part, e);
}

static void forget(struct part *part)
{
    mem_free(part->path);
    part->path = NULL;
    part->fd = -1;
    part->bytes = 0;
}

static int close_part(struct parts *p, enum parts_table table, struct error *e)
{
    struct part *part = &p->part[table];
    int status = flush(p, table, e);
    if (status || part->fd < 0)
        return status;
    status = io_sync(part->fd, part->path, e);
    int closed = io_close(part->fd, part->path, status ? NULL : e);
    forget(part);
    return status ? status : closed;
}

static int close_all(struct parts *p, struct error *e)
{
    int status = TT_OK;
    for (int table = 0; table < TABLES && !status; table++)
        status = close_part(p, (enum parts_table)table, e);
    return status;
}

/* ---- the export ---- */

static void remove_written(struct parts *p)
{
    for (size_t i = 0; i < p->written.count; i++)
        io_remove(p->written.items[i], NULL);
}

static void parts_close(void *state)
{
    struct parts *p = state;
    for (int i = 0; i < TABLES; i++) {
        if (p->part[i].fd >= 0)
            io_close(p->part[i].fd, p->part[i].path, NULL);
        forget(&p->part[i]);
        buf_release(&p->part[i].lines);
    }
    if (!p->is_finished)
        remove_written(p);
    compressor_free(p->compressor);
    text_list_release(&p->written);
    buf_release(&p->packed);
    buf_release(&p->folder);
    buf_release(&p->name);
    mem_free(p);
}

static void *parts_open(const struct export_target *to, struct error *e)
{
    struct parts *p = mem_zalloc(1, sizeof *p);
    if (!p) {
        no_memory(e);
        return NULL;
    }
    p->to = to;
    for (int i = 0; i < TABLES; i++)
        p->part[i].fd = -1;
    if (!to->is_plain)
        p->compressor = compressor_new(LEVEL);
    if (to->is_plain || p->compressor)
        return p;
    no_memory(e);
    parts_close(p);
    return NULL;
}

static uint64_t bytes_so_far(const struct parts *p)
{
    uint64_t most = 0;
    for (int i = 0; i < TABLES; i++)
        most = p->part[i].bytes > most ? p->part[i].bytes : most;
    return most;
}

/* `before` is what was there before the line just added, `status` how adding went. */
static int line_done(struct parts *p, enum parts_table table, size_t before, int status, struct error *e)
{
    struct part *part = &p->part[table];
    if (status)
        return no_memory(e);
    part->bytes += part->lines.len - before;
    return part->lines.len >= PIECE_BYTES ? flush(p, table, e) : TT_OK;
}

/* Another engine or model, or enough: the next files are named by the first trace in them. */
static int begin_files(struct parts *p, const struct export_trace *trace, const char *folder, struct error *e)
{
    if (strcmp(folder, buf_text(&p->folder)) == 0 && bytes_so_far(p) < p->to->part_bytes)
        return TT_OK;
    int status = close_all(p, e);
    buf_clear(&p->folder);
    buf_clear(&p->name);
    buf_puts(&p->folder, folder);
    put_name(&p->name, trace->id, PART_NAME_MAX / 2);
    if (!status && (p->folder.failed || p->name.failed))
        status = no_memory(e);
    return status;
}

static int begin(void *state, const struct export_trace *trace, struct error *e)
{
    struct parts *p = state;
    struct buf folder = BUF_INIT, *lines = &p->part[TRACES].lines;
    put_folder(&folder, &trace->cell->id);
    int status = folder.failed ? no_memory(e) : begin_files(p, trace, buf_text(&folder), e);
    buf_release(&folder);
    size_t before = lines->len;
    return status ? status : line_done(p, TRACES, before, jsonl_trace(lines, trace), e);
}

static int run(void *state, const struct export_run *run, const struct run_row *row, struct error *e)
{
    struct parts *p = state;
    struct buf *lines = &p->part[RUNS].lines;
    size_t before = lines->len;
    (void)row;
    return line_done(p, RUNS, before, jsonl_run(lines, run), e);
}

static int chunk(void *state, const struct export_chunk *chunk, struct error *e)
{
    struct parts *p = state;
    struct buf *lines = &p->part[CHUNKS].lines;
    size_t before = lines->len;
    return line_done(p, CHUNKS, before, jsonl_chunk(lines, chunk), e);
}

static int frame(void *state, const struct export_frame *frame, struct error *e)
{
    struct parts *p = state;
    struct buf *lines = &p->part[FRAMES].lines;
    size_t before = lines->len;
    return line_done(p, FRAMES, before, jsonl_frame(lines, frame), e);
}

static int sample(void *state, const struct export_sample *sample, struct error *e)
{
    struct parts *p = state;
    struct buf *lines = &p->part[SAMPLES].lines;
    size_t before = lines->len;
    return line_done(p, SAMPLES, before, jsonl_sample(lines, sample), e);
}

static int note(void *state, const struct export_trace *trace, const cJSON *note, struct error *e)
{
    struct parts *p = state;
    struct buf *lines = &p->part[NOTES].lines;
    size_t before = lines->len;
    return line_done(p, NOTES, before, jsonl_note(lines, trace, note), e);
}

/* Its own name is the one for the time being without its end. */
static int give_name(char *path, struct error *e)
{
    size_t len = strlen(path) - strlen(TEMPORARY);
    char *name = mem_strndup(path, len);
    int status = name ? io_rename_new(path, name, e) : no_memory(e);
    mem_free(name);
    if (!status)
        path[len] = '\0';
    return status;
}

static int finish(void *state, struct error *e)
{
    struct parts *p = state;
    int status = close_all(p, e);
    for (size_t i = 0; i < p->written.count && !status; i++)
        status = give_name(p->written.items[i], e);
    for (size_t i = 0; i < p->written.count && !status; i++)
        status = io_sync_folder_of(p->written.items[i], e);
    p->is_finished = !status;
    return status;
}

extern const struct exporter export_jsonl_parts;
const struct exporter export_jsonl_parts = {
    .name = "jsonl-parts",
    .what = "the lines of jsonl in a folder for DuckDB, ClickHouse or Spark: TABLE/engine=NAME/model=NAME/"
            "*.jsonl.zst; wants -o",
    .to = EXPORT_TO_FOLDER,
    .open = parts_open,
    .close = parts_close,
    .begin = begin,
    .run = run,
    .chunk = chunk,
    .frame = frame,
    .sample = sample,
    .note = note,
    .finish = finish,
};
