/* SPDX-License-Identifier: MIT */
#include "record/linux/procfs.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "formats/error.h"
#include "formats/io.h"

int procfs_lines_open(struct procfs_lines *lines, const char *path)
{
    memset(lines, 0, offsetof(struct procfs_lines, buffer));
    lines->left = PROCFS_FILE_MAX;
    lines->fd = io_open_read(path, NULL);
    return lines->fd < 0 ? lines->fd : TT_OK;
}

void procfs_lines_close(struct procfs_lines *lines)
{
    if (lines->fd >= 0)
        io_close(lines->fd, "proc", NULL);
    lines->fd = -1;
}

/* Moves what is left to the front and reads more behind it. 0 at the end. */
static int fill(struct procfs_lines *lines)
{
    size_t kept = lines->end - lines->begin;
    memmove(lines->buffer, lines->buffer + lines->begin, kept);
    lines->begin = 0;
    lines->end = kept;
    if (kept == sizeof lines->buffer) { /* no line end in all of it */
        lines->skipping = 1;
        lines->end = kept = 0;
    }
    size_t room = sizeof lines->buffer - kept;
    if (room > lines->left)
        room = (size_t)lines->left;
    long n = room ? io_read_some(lines->fd, lines->buffer + kept, room, "proc", NULL) : 0;
    if (n <= 0)
        return 0;
    lines->end += (size_t)n;
    lines->left -= (uint64_t)n;
    return 1;
}

const char *procfs_lines_next(struct procfs_lines *lines, size_t *len)
{
    for (;;) {
        const char *line = lines->buffer + lines->begin;
        size_t have = lines->end - lines->begin;
        const char *newline = memchr(line, '\n', have);
        if (!newline && fill(lines))
            continue;
        if (!newline && !have)
            return NULL;
        *len = newline ? (size_t)(newline - line) : lines->end - lines->begin;
        line = lines->buffer + lines->begin;
        lines->begin += *len + (newline ? 1 : 0);
        int was_too_long = lines->skipping;
        lines->skipping = 0;
        if (!was_too_long)
            return line;
    }
}

int procfs_read(const char *root, uint64_t pid, const char *name, size_t max, struct buf *out)
{
    char path[PATH_MAX];
    int written = pid ? snprintf(path, sizeof path, "%s/%llu/%s", root, (unsigned long long)pid, name)
                      : snprintf(path, sizeof path, "%s/%s", root, name);
    if (written < 0 || (size_t)written >= sizeof path)
        return TT_NOTFOUND;
    int fd = io_open_read(path, NULL);
    if (fd < 0)
        return fd;
    unsigned char *room = buf_reserve(out, max);
    size_t got = 0;
    long n = 1;
    while (room && n > 0 && got < max) {
        n = io_read_some(fd, room + got, max - got, path, NULL);
        got += n > 0 ? (size_t)n : 0;
    }
    io_close(fd, path, NULL);
    if (!room)
        return TT_NOMEM;
    out->len += got;
    room[got] = '\0';
    return n < 0 ? TT_NOTFOUND : TT_OK; /* ESRCH: it died between open and read */
}

int procfs_write(const char *path, const char *text)
{
    int fd = io_open_stream(path, NULL);
    if (fd < 0)
        return io_exists(path) ? TT_IO : TT_NOTFOUND;
    int status = io_write_all(fd, text, strlen(text), path, NULL);
    io_close(fd, path, NULL);
    return status ? TT_IO : TT_OK;
}

/* --- parsers --- */

size_t procfs_number(const char *text, size_t len, uint64_t *value)
{
    size_t n = 0;
    uint64_t v = 0;
    for (; n < len && text[n] >= '0' && text[n] <= '9'; n++) {
        unsigned digit = (unsigned)(text[n] - '0');
        if (v > (UINT64_MAX - digit) / 10)
            return 0;
        v = v * 10 + digit;
    }
    *value = v;
    return n;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly `digits` hexadecimal digits. */
static int parse_hex(const char *text, size_t digits, uint32_t *value)
{
    uint32_t v = 0;
    for (size_t i = 0; i < digits; i++) {
        int digit = hex_value(text[i]);
        if (digit < 0)
            return 0;
        v = v << 4 | (uint32_t)digit;
    }
    *value = v;
    return 1;
}

/* The next field between blanks; its length is 0 at the end of the line. */
static const char *next_field(const char **line, size_t *len, size_t *field_len)
{
    while (*len && **line == ' ') {
        ++*line;
        --*len;
    }
    const char *field = *line;
    size_t n = 0;
    while (n < *len && field[n] != ' ')
        n++;
    *field_len = n;
    *line += n;
    *len -= n;
    return field;
}

/* "0100007F:1F90": words of an address are printed as the machine holds them in memory. */
static int parse_endpoint(const char *text, size_t len, int version, struct procfs_socket *socket)
{
    size_t words = version == 6 ? 4 : 1;
    unsigned char bytes[16];
    uint32_t word, port;
    if (len != words * 8 + 5 || text[words * 8] != ':')
        return 0;
    for (size_t i = 0; i < words; i++) {
        if (!parse_hex(text + i * 8, 8, &word))
            return 0;
        memcpy(bytes + i * 4, &word, 4);
    }
    if (!parse_hex(text + words * 8 + 1, 4, &port))
        return 0;
    address_from_bytes(&socket->address, version, bytes);
    socket->port = (uint16_t)port;
    return 1;
}

int procfs_parse_socket(const char *line, size_t len, int version, struct procfs_socket *socket)
{
    enum { LOCAL = 1, STATE = 3, INODE = 9, FIELDS };
    const char *fields[FIELDS];
    size_t lengths[FIELDS];
    uint32_t state;
    for (int i = 0; i < FIELDS; i++)
        fields[i] = next_field(&line, &len, &lengths[i]);
    if (!parse_endpoint(fields[LOCAL], lengths[LOCAL], version, socket))
        return 0;
    if (lengths[STATE] != 2 || !parse_hex(fields[STATE], 2, &state))
        return 0;
    socket->listens = state == 0x0A;
    return lengths[INODE] && procfs_number(fields[INODE], lengths[INODE], &socket->inode) == lengths[INODE];
}

static const char *last_closing_bracket(const char *text, size_t len)
{
    while (len && text[len - 1] != ')')
        len--;
    return len ? text + len - 1 : NULL;
}

int procfs_parse_stat(const char *text, size_t len, struct process *p)
{
    enum { STATE = 0, PARENT = 1, START_TIME = 19, FIELDS }; /* counted from behind the name */
    const char *fields[FIELDS];
    size_t lengths[FIELDS];
    const char *bracket = last_closing_bracket(text, len);
    if (!bracket || !procfs_number(text, len, &p->pid))
        return 0;
    const char *line = bracket + 1;
    size_t left = len - (size_t)(line - text);
    for (int i = 0; i < FIELDS; i++)
        fields[i] = next_field(&line, &left, &lengths[i]);
    if (lengths[STATE] != 1 || strchr("ZXx", fields[STATE][0]))
        return 0;
    return procfs_number(fields[PARENT], lengths[PARENT], &p->parent_pid) &&
           procfs_number(fields[START_TIME], lengths[START_TIME], &p->start_time);
}

static size_t skip_blanks(const char *text, size_t len)
{
    size_t n = 0;
    while (n < len && (text[n] == ' ' || text[n] == '\t'))
        n++;
    return n;
}

/* "\t  123 kB" */
static uint64_t parse_amount(const char *text, size_t len)
{
    uint64_t value;
    size_t at = skip_blanks(text, len);
    size_t digits = procfs_number(text + at, len - at, &value);
    if (!digits)
        return UINT64_MAX;
    at += digits;
    at += skip_blanks(text + at, len - at);
    if (len - at < 2 || strncmp(text + at, "kB", 2) != 0)
        return value;
    return value > UINT64_MAX / 1024 ? UINT64_MAX : value * 1024;
}

uint64_t procfs_field(const char *text, size_t len, const char *key)
{
    size_t key_len = strlen(key), at = 0;
    while (at < len) {
        const char *line = text + at, *newline = memchr(line, '\n', len - at);
        size_t n = newline ? (size_t)(newline - line) : len - at;
        if (n > key_len && strncmp(line, key, key_len) == 0 && line[key_len] == ':')
            return parse_amount(line + key_len + 1, n - key_len - 1);
        at += n + 1;
    }
    return UINT64_MAX;
}
