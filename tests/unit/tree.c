/* SPDX-License-Identifier: MIT */
#include "tree.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void tree_make(struct tree *t)
{
    snprintf(t->root, sizeof t->root, "/tmp/toktape-test-XXXXXX");
    if (!mkdtemp(t->root))
        abort();
}

/* The full path of `path`, whose directories exist afterwards. */
static void prepare(const struct tree *t, const char *path, char *full, size_t size)
{
    snprintf(full, size, "%s/%s", t->root, path);
    for (char *p = full + strlen(t->root) + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(full, 0700);
        *p = '/';
    }
}

void tree_file(const struct tree *t, const char *path, const char *text)
{
    char full[512];
    prepare(t, path, full, sizeof full);
    FILE *f = fopen(full, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        abort();
}

void tree_link(const struct tree *t, const char *path, const char *target)
{
    char full[512];
    prepare(t, path, full, sizeof full);
    if (symlink(target, full) != 0)
        abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
    (void)st;
    (void)type;
    (void)where;
    return remove(path);
}

void tree_remove(struct tree *t)
{
    nftw(t->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
