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

int trace_file_create(struct trace_file *f, const char *path, struct error *e)
{
    memset(f, 0, sizeof *f);
    f->fd = -1;
    f->direct = io_is_stream(path);
    f->final_path = mem_strdup(path);
    f->writing_path = with_suffix(path, f->direct ? "" : ".part");
    if (!f->final_path || !f->writing_path)
        return error_set(e, TT_NOMEM, "out of memory");
    if (f->direct)
        f->fd = io_open_stream(path, e);
    else if (io_exists(path))
        return error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", path);
    else if (io_exists(f->writing_path))
        return error_set(e, TT_EXISTS,
                         "'%s' exists: another recording writes it, or was cut short; nothing is overwritten",
                         f->writing_path);
    else
        f->fd = io_create_new(f->writing_path, e);
    return f->fd < 0 ? f->fd : TT_OK;
}

static int repack(struct trace_file *f, const char *closing, uint64_t *bytes, struct error *e)
{
    int fd = io_create_new(closing, e);
    if (fd < 0)
        return fd;
    int status = trace_repack(f->writing_path, fd, closing, bytes, e);
    if (!status)
        status = io_sync(fd, closing, e);
    int closed = io_close(fd, closing, status ? NULL : e);
    if (!status)
        status = closed;
    if (!status)
        status = io_rename_new(closing, f->final_path, e);
    if (status)
        io_remove(closing, NULL);
    return status;
}

static int close_part(struct trace_file *f, struct error *e)
{
    int status = io_sync(f->fd, f->writing_path, e);
    int closed = io_close(f->fd, f->writing_path, status ? NULL : e);
    f->fd = -1;
    return status ? status : closed;
}

int trace_file_close(struct trace_file *f, uint64_t written, uint64_t *final_bytes, struct error *e)
{
    int status = close_part(f, e);
    *final_bytes = written;
    if (status || f->direct)
        return status;
    char *closing = with_suffix(f->final_path, ".closing");
    status = closing ? repack(f, closing, final_bytes, e) : error_set(e, TT_NOMEM, "out of memory");
    mem_free(closing);
    if (status)
        return error_prefix(e, "the recording is complete in '%s', but could not be packed into '%s'",
                            f->writing_path, f->final_path);
    f->is_final = 1;
    return io_remove(f->writing_path, e);
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
    memset(f, 0, sizeof *f);
    f->fd = -1;
}
