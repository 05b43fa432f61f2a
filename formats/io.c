/* SPDX-License-Identifier: MIT */
#include "formats/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/fault.h"
#include "formats/shelf.h"

static int is_standard_stream(const char *path)
{
    return strcmp(path, "-") == 0;
}

static int open_file(const char *path, int flags, mode_t mode)
{
    if (fault_hits(FAULT_OPEN))
        return -1;
    return open(path, flags | O_CLOEXEC, mode);
}

int io_open_read(const char *path, struct error *e)
{
    if (is_standard_stream(path))
        return STDIN_FILENO;
    int fd = open_file(path, O_RDONLY, 0);
    if (fd < 0)
        return error_errno(e, errno == ENOENT ? TT_NOTFOUND : TT_IO, "cannot open '%s'", path);
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        close(fd);
        return error_set(e, TT_USAGE, "'%s' is a directory", path);
    }
    return fd;
}

void io_guard_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

/* A longer file would be answered by a signal. */
static int is_allowed(size_t size)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
           (limit.rlim_cur == RLIM_INFINITY || size <= limit.rlim_cur);
}

int io_create_nameless(size_t size)
{
    const char *folder = getenv("TMPDIR");
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/toktape.XXXXXX", folder && *folder ? folder : "/var/tmp");
    if (len < 0 || (size_t)len >= sizeof path || fault_hits(FAULT_OPEN))
        return -1;
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return -1;
    unlink(path);
    if (!fault_hits(FAULT_WRITE) && is_allowed(size) && io_os_reserve(fd, size) == 0)
        return fd;
    close(fd);
    return -1;
}

static int open_new(const char *path, mode_t mode)
{
    int fd = open_file(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
    if (fd >= 0)
        fault_happened(&(struct fault_event){FAULT_OPEN, path, NULL, NULL, 0});
    return fd;
}

int io_create_new(const char *path, struct error *e)
{
    if (is_standard_stream(path))
        return STDOUT_FILENO;
    int fd = open_new(path, 0600);
    if (fd >= 0)
        return fd;
    if (errno == EEXIST)
        return error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", path);
    return error_errno(e, TT_IO, "cannot create '%s'", path);
}

int io_is_stream(const char *path)
{
    struct stat st;
    if (is_standard_stream(path))
        return 1;
    return stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
}

int io_open_stream(const char *path, struct error *e)
{
    if (is_standard_stream(path))
        return STDOUT_FILENO;
    int fd = open_file(path, O_WRONLY, 0);
    return fd < 0 ? error_errno(e, TT_IO, "cannot open '%s'", path) : fd;
}

int io_close(int fd, const char *path, struct error *e)
{
    if (fd <= STDERR_FILENO)
        return TT_OK;
    return close(fd) == 0 ? TT_OK : error_errno(e, TT_IO, "cannot close '%s'", path);
}

/* A fault point that shortens a write is served by writing one byte, which the loop must cope with. */
static ssize_t write_once(int fd, const void *bytes, size_t len, const char *path)
{
    int fault = fault_hits(FAULT_WRITE);
    if (fault < 0)
        return -1;
    ssize_t n = write(fd, bytes, fault > 0 && len > 1 ? 1 : len);
    if (n > 0)
        fault_happened(&(struct fault_event){FAULT_WRITE, path, NULL, bytes, (size_t)n});
    return n;
}

static ssize_t read_once(int fd, void *bytes, size_t len)
{
    int fault = fault_hits(FAULT_READ);
    if (fault < 0)
        return -1;
    return read(fd, bytes, fault > 0 && len > 1 ? 1 : len);
}

int io_write_all(int fd, const void *bytes, size_t len, const char *path, struct error *e)
{
    const unsigned char *p = bytes;
    while (len) {
        ssize_t n = write_once(fd, p, len, path);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_errno(e, errno == EPIPE ? TT_CLOSED : TT_IO, "cannot write '%s'", path);
        p += n;
        len -= (size_t)n;
    }
    return TT_OK;
}

#define PIECE_BYTES ((size_t)256 << 10)

/* Bytes that may stand on a shelf. */
static int write_pieces(int fd, const unsigned char *bytes, size_t len, const char *path, struct error *e)
{
    int status = TT_OK;
    for (size_t done = 0, piece; !status && done < len; done += piece) {
        piece = len - done < PIECE_BYTES ? len - done : PIECE_BYTES;
        status = io_write_all(fd, bytes + done, piece, path, e);
        shelf_rest();
    }
    return status;
}

long io_read_some(int fd, void *bytes, size_t len, const char *path, struct error *e)
{
    for (;;) {
        ssize_t n = read_once(fd, bytes, len);
        if (n >= 0)
            return (long)n;
        if (errno != EINTR)
            return error_errno(e, TT_IO, "cannot read '%s'", path);
    }
}

static int read_to_end(int fd, const char *path, size_t limit, struct buf *out, struct error *e)
{
    for (;;) {
        unsigned char *room = buf_reserve(out, 64 << 10);
        if (!room)
            return error_set(e, out->failed, "cannot hold '%s' in memory", path);
        long n = io_read_some(fd, room, 64 << 10, path, e);
        if (n <= 0)
            return (int)n;
        out->len += (size_t)n;
        out->data[out->len] = '\0';
        if (out->len > limit)
            return error_set(e, TT_LIMIT, "'%s' is larger than the limit of %zu bytes", path, limit);
    }
}

int io_read_file(const char *path, size_t limit, struct buf *out, struct error *e)
{
    int fd = io_open_read(path, e);
    if (fd < 0)
        return fd;
    int status = read_to_end(fd, path, limit, out, e);
    io_close(fd, path, NULL);
    return status;
}

static int write_and_rename(const char *path, const char *temporary, const void *bytes, size_t len,
                            struct error *e)
{
    int fd = open_new(temporary, 0666);
    if (fd < 0)
        return error_errno(e, TT_IO, "cannot create '%s'", path);
    int status = write_pieces(fd, bytes, len, path, e);
    if (!status)
        status = io_sync(fd, path, e);
    int closed = io_close(fd, path, status ? NULL : e);
    if (!status)
        status = closed;
    if (!status && (fault_hits(FAULT_RENAME) || rename(temporary, path) != 0))
        status = error_errno(e, TT_IO, "cannot replace '%s'", path);
    if (status)
        unlink(temporary);
    return status;
}

static int write_stream(const char *path, const void *bytes, size_t len, struct error *e)
{
    int fd = io_open_stream(path, e);
    if (fd < 0)
        return fd;
    int status = write_pieces(fd, bytes, len, is_standard_stream(path) ? "standard output" : path, e);
    int closed = io_close(fd, path, status ? NULL : e);
    return status ? status : closed;
}

static int check_replaceable(const char *path, struct error *e)
{
    struct stat st;
    if (stat(path, &st) != 0 || S_ISREG(st.st_mode))
        return TT_OK;
    if (S_ISDIR(st.st_mode))
        return error_set(e, TT_USAGE, "'%s' is a directory", path);
    return error_set(e, TT_USAGE, "'%s' is neither a file nor a pipe", path);
}

int io_write_file(const char *path, const void *bytes, size_t len, struct error *e)
{
    char target[PATH_MAX];
    if (io_is_stream(path))
        return write_stream(path, bytes, len, e);
    if (check_replaceable(path, e))
        return TT_USAGE;
    if (realpath(path, target))
        path = target;
    struct buf temporary = BUF_INIT;
    buf_printf(&temporary, "%s.%ld.tmp", path, (long)getpid());
    int status = temporary.failed ? error_set(e, TT_NOMEM, "out of memory")
                                  : write_and_rename(path, buf_text(&temporary), bytes, len, e);
    buf_release(&temporary);
    return status;
}

static int sync_result(int synced, const char *path, struct error *e)
{
    if (synced == 0 || errno == EINVAL || errno == ENOTSUP || errno == EROFS)
        return TT_OK; /* pipes and some special files cannot sync, and need not */
    return error_errno(e, TT_IO, "cannot sync '%s'", path);
}

static int fsync_folder(int fd)
{
    return fsync(fd);
}

/* A signal may interrupt a sync that waits for a network: it is asked for again. */
static int sync_with(int sync(int fd), int fd, const char *path, struct error *e)
{
    int synced;
    do
        synced = fault_hits(FAULT_SYNC) ? -1 : sync(fd);
    while (synced != 0 && errno == EINTR);
    if (synced == 0)
        fault_happened(&(struct fault_event){FAULT_SYNC, path, NULL, NULL, 0});
    return sync_result(synced, path, e);
}

int io_sync(int fd, const char *path, struct error *e)
{
    return sync_with(io_os_full_sync, fd, path, e);
}

static int sync_folder(const char *folder, struct error *e)
{
    int fd = open_file(folder, O_RDONLY | O_DIRECTORY, 0);
    if (fd < 0 && errno == EACCES)
        return TT_OK; /* one may write into a folder that one may not read: nothing can be done */
    if (fd < 0)
        return error_errno(e, TT_IO, "cannot open '%s'", folder);
    int status = sync_with(fsync_folder, fd, folder, e);
    close(fd);
    return status;
}

int io_sync_folder_of(const char *path, struct error *e)
{
    struct buf folder = BUF_INIT;
    const char *slash = strrchr(path, '/');
    buf_append(&folder, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
    int status = folder.failed ? error_set(e, TT_NOMEM, "out of memory") : sync_folder(buf_text(&folder), e);
    buf_release(&folder);
    return status;
}

int io_rename_new(const char *from, const char *to, struct error *e)
{
    if (!fault_hits(FAULT_RENAME) && io_os_rename_exclusive(from, to) == 0) {
        fault_happened(&(struct fault_event){FAULT_RENAME, from, to, NULL, 0});
        return TT_OK;
    }
    if (errno == EEXIST)
        return error_set(e, TT_EXISTS, "'%s' exists; nothing is overwritten", to);
    return error_errno(e, TT_IO, "cannot rename '%s' to '%s'", from, to);
}

int io_remove(const char *path, struct error *e)
{
    if (fault_hits(FAULT_REMOVE) || unlink(path) != 0)
        return error_errno(e, TT_IO, "cannot remove '%s'", path);
    fault_happened(&(struct fault_event){FAULT_REMOVE, path, NULL, NULL, 0});
    return TT_OK;
}

int io_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

/* Each step is on the disk before the next one relies on it. */
int io_make_new(const char *path, const char *temporary, const struct io_making *making, struct error *e)
{
    int fd = io_create_new(temporary, e);
    if (fd < 0)
        return fd;
    int status = making->fill(making->context, fd, temporary, e);
    if (!status)
        status = io_sync(fd, temporary, e);
    int closed = io_close(fd, temporary, status ? NULL : e);
    if (!status)
        status = closed;
    if (!status && making->prove)
        status = making->prove(making->context, temporary, e);
    if (!status)
        status = io_rename_new(temporary, path, e);
    if (status)
        io_remove(temporary, NULL);
    return status;
}

int io_is_regular(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

int io_check_twice_readable(const char *path, const char *reader, struct error *e)
{
    if (!io_is_stream(path))
        return TT_OK;
    return error_set(e, TT_USAGE, "'%s' is not a file: %s reads a trace twice, so a pipe will not do", path,
                     reader);
}

int io_list_folder(const char *path, const char *ending, struct buf *names, struct error *e)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    if (!folder)
        return error_errno(e, TT_IO, "cannot list the folder '%s'", path);
    while ((entry = readdir(folder))) {
        size_t len = strlen(entry->d_name), tail = strlen(ending);
        if (entry->d_name[0] != '.' && len > tail && strcmp(entry->d_name + len - tail, ending) == 0)
            buf_append(names, entry->d_name, len + 1);
    }
    closedir(folder);
    return names->failed ? error_set(e, (enum tt_err)names->failed, "'%s' has too many files", path) : TT_OK;
}

int io_make_directory(const char *path, struct error *e)
{
    struct stat st;
    if ((!fault_hits(FAULT_OPEN) && mkdir(path, 0777) == 0) ||
        (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return TT_OK;
    if (errno == EEXIST)
        return error_set(e, TT_USAGE, "'%s' exists and is no directory", path);
    return error_errno(e, TT_IO, "cannot make the directory '%s'", path);
}

static int ask_lock(int fd, int command, struct flock *lock)
{
    *lock = (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(fd, command, lock);
}

int io_lock_file(const char *path, struct error *e)
{
    struct flock lock;
    int fd = open_file(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0)
        return error_errno(e, TT_IO, "cannot open '%s'", path);
    if (ask_lock(fd, F_SETLK, &lock) == 0)
        return fd;
    int is_held = errno == EACCES || errno == EAGAIN;
    int status = is_held ? error_set(e, TT_EXISTS, "'%s' is locked by another process", path)
                         : error_errno(e, TT_IO, "cannot lock '%s'", path);
    close(fd);
    return status;
}

int io_is_locked(const char *path)
{
    struct flock lock;
    int fd = open_file(path, O_RDWR, 0);
    if (fd < 0)
        return 0;
    int held = ask_lock(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    close(fd);
    return held;
}

uint64_t io_size(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return UINT64_MAX;
    return (uint64_t)st.st_size;
}

int io_seek(int fd, uint64_t offset)
{
    return lseek(fd, (off_t)offset, SEEK_SET) < 0 ? TT_IO : TT_OK;
}
