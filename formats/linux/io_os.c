/* SPDX-License-Identifier: MIT */
/* Linux: fdatasync, and renameat2 with its fall-back for file systems that lack RENAME_NOREPLACE. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "formats/io.h"

int io_os_full_sync(int fd)
{
    return fdatasync(fd);
}

/* What is written a second time goes elsewhere there, and may find no room. */
static int copies_on_write(int fd)
{
    static const unsigned long magic[] = {0x9123683E /* btrfs */, 0x2FC12FC1 /* ZFS */,
                                          0xCA451A4E /* bcachefs */};
    struct statfs fs = {0};
    int copies = fstatfs(fd, &fs) != 0;
    for (size_t i = 0; i < sizeof magic / sizeof magic[0]; i++)
        copies |= ((unsigned long)fs.f_type & 0xFFFFFFFF) == magic[i];
    return copies;
}

int io_os_reserve(int fd, size_t size)
{
    if (copies_on_write(fd)) {
        errno = ENOTSUP;
        return -1;
    }
    errno = posix_fallocate(fd, 0, (off_t)size);
    return errno ? -1 : 0;
}

/* link() refuses an existing name as well, so it gives the same promise where renameat2 does not. */
static int link_and_unlink(const char *from, const char *to)
{
    if (link(from, to) != 0)
        return -1;
    return unlink(from);
}

int io_os_rename_exclusive(const char *from, const char *to)
{
    if (syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EINVAL || errno == ENOSYS)
        return link_and_unlink(from, to);
    return -1;
}
