/* SPDX-License-Identifier: MIT */
/* macOS: F_FULLFSYNC (fsync alone leaves bytes in the drive's cache) and renamex_np. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/io.h"

int io_os_full_sync(int fd)
{
    if (fcntl(fd, F_FULLFSYNC) == 0)
        return 0;
    return fsync(fd); /* network volumes refuse F_FULLFSYNC */
}

int io_os_reserve(int fd, size_t size)
{
    fstore_t store = {.fst_flags = F_ALLOCATEALL, .fst_posmode = F_PEOFPOSMODE, .fst_length = (off_t)size};
    return fcntl(fd, F_PREALLOCATE, &store) == 0 ? ftruncate(fd, (off_t)size) : -1;
}

int io_os_rename_exclusive(const char *from, const char *to)
{
    return renamex_np(from, to, RENAME_EXCL);
}
