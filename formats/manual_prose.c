/* SPDX-License-Identifier: MIT */
#include "formats/manual_prose.h"

#include <string.h>

#include "formats/texts.h"

#define HEADING ".Sh "

struct bytes manual_prose(const char *page)
{
    for (const struct embedded_text *t = command_texts; t->name; t++) {
        if (strcmp(t->name, page) == 0)
            return t->text;
    }
    return (struct bytes){NULL, 0};
}

static size_t line_length(struct bytes text)
{
    const unsigned char *end = text.len ? memchr(text.data, '\n', text.len) : NULL;
    return end ? (size_t)(end - text.data) + 1 : text.len;
}

static int is_heading(struct bytes text)
{
    return text.len > strlen(HEADING) && memcmp(text.data, HEADING, strlen(HEADING)) == 0;
}

static int is_heading_of(struct bytes text, const char *section)
{
    size_t len = strlen(HEADING) + strlen(section);
    return is_heading(text) && line_length(text) == len + 1 &&
           memcmp(text.data + strlen(HEADING), section, strlen(section)) == 0;
}

static struct bytes behind_line(struct bytes text)
{
    size_t len = line_length(text);
    return (struct bytes){text.data + len, text.len - len};
}

static struct bytes up_to_heading(struct bytes text)
{
    struct bytes rest = text;
    while (rest.len && !is_heading(rest))
        rest = behind_line(rest);
    return (struct bytes){text.data, text.len - rest.len};
}

struct bytes manual_prose_section(struct bytes prose, const char *section)
{
    while (section && prose.len && !is_heading_of(prose, section))
        prose = behind_line(prose);
    if (section && prose.len)
        prose = behind_line(prose);
    return up_to_heading(prose);
}
