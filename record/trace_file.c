/* SPDX-License-Identifier: MIT */
#include "record/trace_file.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/buf.h"
#include "formats/io.h"
#include "formats/trace_repack.h"

static char *with_suffix(const char *path, const char *suffix)
{
    struct buf name = BUF_INIT;
    buf_printf(&name, "%s%s", path, suffix);
    return buf_detach(&name);
}

static int refuse_existing(const char *path, struct error *e)
{
    return io_exists(path) ? error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", path) : TT_OK;
}

static int create_part(struct trace_file *f, struct error *e)
{
    int status = refuse_existing(f->final_path, e);
    if (!status && io_exists(f->writing_path))
        status =
            error_set(e, TT_EXISTS,
                      "'%s' exists: another recording writes it, or was cut short; nothing is overwritten",
                      f->writing_path);
    if (!status)
        status = refuse_existing(f->packing_path, e); /* now rather than after an hour of recording */
    if (status)
        return status;
    f->fd = io_create_new(f->writing_path, e);
    return f->fd < 0 ? f->fd : io_sync_folder_of(f->writing_path, e);
}

int trace_file_create(struct trace_file *f, const char *path, struct error *e)
{
    memset(f, 0, sizeof *f);
    f->fd = -1;
    f->direct = io_is_stream(path);
    f->final_path = mem_strdup(path);
    f->writing_path = with_suffix(path, f->direct ? "" : ".part");
    f->packing_path = with_suffix(path, ".pack");
    if (!f->final_path || !f->writing_path || !f->packing_path)
        return error_set(e, TT_NOMEM, "out of memory");
    if (!f->direct)
        return create_part(f, e);
    f->fd = io_open_stream(path, e);
    return f->fd < 0 ? f->fd : TT_OK;
}

static int close_part(struct trace_file *f, struct error *e)
{
    int status = io_sync(f->fd, f->writing_path, e);
    int closed = io_close(f->fd, f->writing_path, status ? NULL : e);
    f->fd = -1;
    return status ? status : closed;
}

static int not_packed(const struct trace_file *f, struct error *e)
{
    error_prefix(e, "the recording is complete in '%s', but could not be packed into '%s'", f->writing_path,
                 f->final_path);
    if (e && e->code == TT_EXISTS)
        e->code = TT_IO; /* a name was taken meanwhile: no fault in how the program was called */
    return e ? (int)e->code : TT_IO;
}

int trace_file_close(struct trace_file *f, uint64_t written, uint64_t *final_bytes, struct error *e)
{
    struct trace_repack_options packing = {0};
    struct trace_repack_result packed;
    int status = close_part(f, e);
    *final_bytes = written;
    if (f->direct)
        return status;
    if (status)
        return error_prefix(e, "the recording is complete in '%s', but may not survive a crash",
                            f->writing_path);
    if (trace_repack_file(f->writing_path, f->packing_path, f->final_path, &packing, &packed, e))
        return not_packed(f, e);
    *final_bytes = packed.bytes;
    f->is_final = 1;
    status = io_sync_folder_of(f->final_path, e);
    return status ? status : io_remove(f->writing_path, e);
}

int trace_file_keep(struct trace_file *f)
{
    return f->direct || f->fd < 0 ? TT_OK : close_part(f, NULL);
}

void trace_file_abandon(struct trace_file *f)
{
    int made = f->fd >= 0 && !f->direct;
    if (f->fd >= 0)
        io_close(f->fd, f->writing_path, NULL);
    f->fd = -1;
    if (made)
        io_remove(f->writing_path, NULL);
}

const char *trace_file_result(const struct trace_file *f)
{
    return f->is_final ? f->final_path : f->writing_path;
}

void trace_file_release(struct trace_file *f)
{
    if (f->fd >= 0)
        io_close(f->fd, f->writing_path, NULL);
    mem_free(f->final_path);
    mem_free(f->writing_path);
    mem_free(f->packing_path);
    memset(f, 0, sizeof *f);
    f->fd = -1;
}
