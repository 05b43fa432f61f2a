/* SPDX-License-Identifier: MIT */
/* Files: the only callers of open, read, write, sync and rename, with fault points for tests. */
#ifndef TOKTAPE_IO_H
#define TOKTAPE_IO_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/error.h"

/* Opens for reading; "-" is standard input. Directories are refused with a sentence of their own. Returns a
 * file descriptor or an error. Close with io_close. */
int io_open_read(const char *path, struct error *e);

/* Opens whichever of the three standard streams is closed, so that no file takes its number; using it still
 * fails. To be called before anything is opened. */
void io_guard_standard_streams(void);

/* Creates a new file with mode 0600, never following a link and never overwriting: TT_EXISTS. "-" is standard
 * output. Returns a descriptor or an error. */
int io_create_new(const char *path, struct error *e);

/* A file of `size` zeros that has no name, in $TMPDIR, else /var/tmp; its room on the disk is its own.
 * Returns a descriptor, or -1 where there is no such file or no room. */
int io_create_nameless(size_t size);

/* Pipes and devices, "-" among them, are written to as they are. io_is_stream is 1 for an existing one. */
int io_is_stream(const char *path);
int io_open_stream(const char *path, struct error *e);
int io_close(int fd, const char *path, struct error *e); /* 0 and 1 stay open */

/* Loops over short counts and EINTR; a pipe that nobody reads is TT_CLOSED. io_read_some returns 0 at the end
 * of input, a count, or a negative error. */
int io_write_all(int fd, const void *bytes, size_t len, const char *path, struct error *e);
long io_read_some(int fd, void *bytes, size_t len, const char *path, struct error *e);

/* Appends a whole file to *out; over `limit` bytes is TT_LIMIT. */
int io_read_file(const char *path, size_t limit, struct buf *out, struct error *e);

/* Writes through a temporary file beside `path` and renames it over the old one only when complete: an old
 * file survives any failure. A link stays and what it leads to is replaced; streams are written to. */
int io_write_file(const char *path, const void *bytes, size_t len, struct error *e);

/* Makes the file's bytes survive power loss (fdatasync; F_FULLFSYNC on macOS). Not an error on a pipe. */
int io_sync(int fd, const char *path, struct error *e);

/* Makes the file's name survive power loss: syncs the folder that it is in. */
int io_sync_folder_of(const char *path, struct error *e);

/* How a new file comes to be: `fill` writes it under a name for the time being, `prove` (may be NULL) looks
 * at what is on the disk before it gets its own. */
struct io_making {
    int (*fill)(void *context, int fd, const char *path, struct error *e);
    int (*prove)(void *context, const char *path, struct error *e);
    void *context;
};

/* The name appears when the bytes are safe on the disk, and never replaces another; a failure leaves nothing
 * behind. io_sync_folder_of makes the name itself safe. */
int io_make_new(const char *path, const char *temporary, const struct io_making *making, struct error *e);

/* Renames without ever replacing: TT_EXISTS when `to` is there. */
int io_rename_new(const char *from, const char *to, struct error *e);
int io_remove(const char *path, struct error *e);
int io_exists(const char *path); /* 1 when anything, a dangling link included, has that name */
int io_is_regular(int fd);

/* TT_USAGE with "… reads a trace twice, so a pipe will not do" for pipes and devices. */
int io_check_twice_readable(const char *path, const char *reader, struct error *e);

/* Appends the names in a folder that end with `ending`, a NUL after each, in no order; hidden ones are left
 * out. */
int io_list_folder(const char *path, const char *ending, struct buf *names, struct error *e);
int io_make_directory(const char *path, struct error *e); /* fine when it is one already */

/* Makes the file if need be and locks it until io_close, or until this process is gone, however it goes.
 * Returns a descriptor, TT_EXISTS when another process has it, or TT_IO. Only once per file in a process. */
int io_lock_file(const char *path, struct error *e);
int io_is_locked(const char *path); /* 1 when another process has it */

/* Size of a seekable file, UINT64_MAX for pipes. */
uint64_t io_size(int fd);
int io_seek(int fd, uint64_t offset);

/* Per-OS pieces, in linux/ and darwin/. They return 0, or -1 with errno. */
int io_os_reserve(int fd,
                  size_t size); /* makes an empty file that long, whose room later writes have for sure */
int io_os_full_sync(int fd);
int io_os_rename_exclusive(const char *from, const char *to);

#endif
