/* SPDX-License-Identifier: MIT */
/* The texts of Linux's /proc. Parsers are pure functions on untrusted bytes (a process names itself);
 * functions that read take the place where /proc is, so that tests can bring their own. */
#ifndef TOKTAPE_PROCFS_H
#define TOKTAPE_PROCFS_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "record/process.h"

#define PROCFS_LINE_MAX  4096u       /* longer lines are skipped */
#define PROCFS_FILE_MAX  (64u << 20) /* nothing is read beyond */
#define PROCFS_SMALL_MAX (16u << 10)

/* A file read line by line in bounded memory. */
struct procfs_lines {
    int fd;
    size_t begin, end;
    uint64_t left; /* of PROCFS_FILE_MAX */
    int skipping;  /* inside a line that was too long */
    char buffer[PROCFS_LINE_MAX];
};

int procfs_lines_open(struct procfs_lines *lines, const char *path); /* TT_OK, TT_NOTFOUND, TT_IO */
/* The next line without its line end, borrowed until the next call; NULL at the end. */
const char *procfs_lines_next(struct procfs_lines *lines, size_t *len);
void procfs_lines_close(struct procfs_lines *lines);

/* Appends at most `max` bytes of ROOT/PID/NAME (pid 0: ROOT/NAME) to *out: a longer file is cut. TT_OK,
 * TT_NOTFOUND, TT_IO, TT_NOMEM. */
int procfs_read(const char *root, uint64_t pid, const char *name, size_t max, struct buf *out);

/* Writes one of the kernel's switches. TT_OK, TT_NOTFOUND when it is not there, TT_IO when it may not be
 * written. */
int procfs_write(const char *path, const char *text);

/* One row of net/tcp (version 4) or net/tcp6 (6). 0 when the line is none, like the heading. */
struct procfs_socket {
    struct address address;
    uint16_t port;
    int listens;
    uint64_t inode;
};
int procfs_parse_socket(const char *line, size_t len, int version, struct procfs_socket *socket);

/* PID/stat. 0 when it is malformed or the process is dead. The name may hold anything, ") R 1 " included. */
int procfs_parse_stat(const char *text, size_t len, struct process *p);

/* The number behind `key` at a line's beginning, as in "VmRSS:\t  123 kB": in bytes when "kB" follows.
 * UINT64_MAX when it is not there or over 64 bits. */
uint64_t procfs_field(const char *text, size_t len, const char *key);

/* A decimal number at the front of [*at, len). Returns its digits, 0 when there is none or it is over 64
 * bits. */
size_t procfs_number(const char *text, size_t len, uint64_t *value);

int procfs_table(const char *root, struct process_table *table);
uint64_t procfs_births(const char *root);
int procfs_find(const char *root, uint64_t pid, struct process *p);
int procfs_listeners(const char *root, uint16_t port, struct listeners *all);
int procfs_facts(const char *root, uint64_t pid, process_keeps_variable *keep, struct process_facts *facts);

#endif
