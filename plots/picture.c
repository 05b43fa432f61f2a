/* SPDX-License-Identifier: MIT */
#include "plots/picture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/io.h"
#include "formats/textsafe.h"
#include "plots/palette.h"

#define PICTURE_MAX ((size_t)16 << 20)

/* --- colours --- */

static size_t colour_pairs(unsigned long light[INK_COUNT + ENGINE_CODES],
                           unsigned long dark[INK_COUNT + ENGINE_CODES])
{
    size_t count = 0;
    for (size_t i = 0; i < INK_COUNT + ENGINE_CODES; i++) {
        unsigned long on_light = i < INK_COUNT ? palette_ink(CHART_LIGHT, (enum ink)i)
                                               : palette_engine_colour(CHART_LIGHT, i - INK_COUNT);
        size_t k = 0;
        while (k < count && light[k] != on_light)
            k++;
        if (k < count)
            continue;
        light[count] = on_light;
        dark[count++] = i < INK_COUNT ? palette_ink(CHART_DARK, (enum ink)i)
                                      : palette_engine_colour(CHART_DARK, i - INK_COUNT);
    }
    return count;
}

void picture_variables(struct buf *out, enum chart_theme theme)
{
    unsigned long colours[2][INK_COUNT + ENGINE_CODES];
    size_t count = colour_pairs(colours[CHART_LIGHT], colours[CHART_DARK]);
    for (size_t i = 0; i < count; i++)
        buf_printf(out, "--c%06lX:#%06lX;", colours[CHART_LIGHT][i], colours[theme][i]);
}

/* A colour as gnuplot writes it, "rgb( 36,  41,  47)" or "#24292F"; returns its length, 0 when there is none.
 */
static size_t read_colour(const char *text, unsigned long *colour)
{
    char *rest;
    if (*text == '#') {
        *colour = strtoul(text + 1, &rest, 16);
        return rest == text + 7 ? 7 : 0;
    }
    if (strncmp(text, "rgb(", 4) != 0)
        return 0;
    const char *p = text + 4;
    *colour = 0;
    for (int i = 0; i < 3; i++) {
        unsigned long part = strtoul(p, &rest, 10);
        if (rest == p || *rest != (i < 2 ? ',' : ')') || part > 255)
            return 0;
        *colour = *colour << 8 | part;
        p = rest + 1;
    }
    return (size_t)(p - text);
}

static int is_known(unsigned long colour)
{
    unsigned long colours[2][INK_COUNT + ENGINE_CODES];
    size_t count = colour_pairs(colours[CHART_LIGHT], colours[CHART_DARK]);
    for (size_t i = 0; i < count; i++) {
        if (colours[CHART_LIGHT][i] == colour)
            return 1;
    }
    return 0;
}

/* --- gnuplot's file becomes a part of a page --- */

/* What stands in attributes: colours become variables, ids get the chart's name in front. Returns how many
 * bytes were used. */
static size_t put_attribute_text(const char *text, const char *name, struct buf *out)
{
    static const char *const ids[] = {" id='", " id=\"", "href='#"};
    unsigned long colour;
    size_t used = read_colour(text, &colour);
    if (used && is_known(colour)) {
        buf_printf(out, "var(--c%06lX)", colour);
        return used;
    }
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        if (strncmp(text, ids[i], strlen(ids[i])) == 0) {
            buf_printf(out, "%s%s-", ids[i], name);
            return strlen(ids[i]);
        }
    }
    buf_putc(out, *text);
    return 1;
}

/* The drawing behind gnuplot's own <svg ...>, without the titles that it gives to plots. */
static void put_drawing(const char *text, const char *name, struct buf *out)
{
    int in_tag = 0;
    while (*text) {
        if (strncmp(text, "<title>", 7) == 0 && strstr(text, "</title>")) {
            text = strstr(text, "</title>") + 8;
            continue;
        }
        in_tag = *text == '<' ? 1 : *text == '>' ? 0 : in_tag;
        if (in_tag)
            text += put_attribute_text(text, name, out);
        else
            buf_putc(out, *text++);
    }
}

static int put_svg(const struct chart *c, const struct buf *file, struct buf *out, struct error *e)
{
    const char *svg = strstr(buf_text(file), "<svg"), *inside = svg ? strchr(svg, '>') : NULL;
    if (!inside)
        return error_set(e, TT_IO, "gnuplot gave no picture of '%s'", c->name);
    buf_printf(out,
               "<svg viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" role=\"img\" aria-labelledby=\"%s-title\" "
               "xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\">\n<title "
               "id=\"%s-title\">",
               c->width, c->height, c->width, c->name, c->name);
    text_html(out, buf_text(&c->title));
    buf_puts(out, "</title>");
    put_drawing(inside + 1, c->name, out);
    return out->failed;
}

/* --- a folder for the time being --- */

static void remove_files(const char *dir, const char *name)
{
    static const char *const suffixes[] = {"svg", "gp", "dat"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        struct buf path = BUF_INIT;
        buf_printf(&path, "%s/%s.%s", dir, name, suffixes[i]);
        if (!path.failed && io_exists(buf_text(&path)))
            (void)io_remove(buf_text(&path), NULL);
        buf_release(&path);
    }
    (void)rmdir(dir);
}

int picture_inline(struct chart *c, struct buf *out, struct error *e)
{
    const char *temporary = getenv("TMPDIR");
    struct buf dir = BUF_INIT, path = BUF_INIT, file = BUF_INIT;
    buf_printf(&dir, "%s/toktape-XXXXXX", temporary && *temporary ? temporary : "/tmp");
    if (dir.failed || !mkdtemp((char *)dir.data)) {
        int status = error_errno(e, TT_IO, "cannot make a folder for charts");
        buf_release(&dir);
        return status;
    }
    int status = chart_draw(c, buf_text(&dir), e);
    buf_printf(&path, "%s/%s.svg", buf_text(&dir), c->name);
    if (!status)
        status = io_read_file(buf_text(&path), PICTURE_MAX, &file, e);
    if (!status)
        status = put_svg(c, &file, out, e);
    remove_files(buf_text(&dir), c->name);
    buf_release(&dir);
    buf_release(&path);
    buf_release(&file);
    return status;
}
