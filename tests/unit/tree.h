/* SPDX-License-Identifier: MIT */
/* A small directory tree for tests that read /proc or /sys: made in a temporary place, removed afterwards. */
#ifndef TOKTAPE_TEST_TREE_H
#define TOKTAPE_TEST_TREE_H

struct tree {
    char root[64];
};

void tree_make(struct tree *t);
void tree_file(const struct tree *t, const char *path, const char *text); /* with the directories it needs */
void tree_link(const struct tree *t, const char *path, const char *target);
void tree_remove(struct tree *t);

#endif
