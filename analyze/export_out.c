/* SPDX-License-Identifier: MIT */
#include "analyze/export_out.h"

#include "formats/alloc.h"
#include "formats/io.h"

#define PIECE_BYTES ((size_t)256 << 10)

static void init(struct export_out *out, const struct export_target *to)
{
    out->to = to;
    buf_init(&out->text, 0);
}

static void release(struct export_out *out)
{
    buf_release(&out->text);
}

int export_out_finish(struct export_out *out, struct error *e)
{
    int status = out->text.failed;
    if (status)
        status = error_set(e, (enum tt_err)status, "out of memory for a line of '%s'", out->to->path);
    else
        status = io_write_all(out->to->fd, out->text.data, out->text.len, out->to->path, e);
    buf_clear(&out->text);
    return status;
}

int export_out_line(struct export_out *out, struct error *e)
{
    int is_due = out->text.len >= PIECE_BYTES || out->text.failed;
    return is_due ? export_out_finish(out, e) : TT_OK;
}

void *export_out_open(size_t size, const struct export_target *to, struct error *e)
{
    struct export_out *out = mem_zalloc(1, size);
    if (out)
        init(out, to);
    else
        error_set(e, TT_NOMEM, "out of memory");
    return out;
}

void export_out_close(void *state)
{
    release(state);
    mem_free(state);
}
