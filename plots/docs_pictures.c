/* SPDX-License-Identifier: MIT */
#include "plots/docs_pictures.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/textsafe.h"
#include "plots/docs_sources.h"

#define FILE_MAX ((size_t)16 << 20)

/* A path that stays below the page's folder. */
static int is_safe_path(const char *path)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/";
    size_t len = strlen(path);
    return len > 0 && len <= 100 && strspn(path, letters) == len && !strchr("./-", path[0]) &&
           path[len - 1] != '/' && !strstr(path, "..") && !strstr(path, "//") && !strstr(path, "/.") &&
           !strstr(path, "/-");
}

static int choose(const char *mark, const char *key, const char *first, const char *second, struct error *e)
{
    char word[DOCS_WORD_MAX];
    if (!docs_attribute(mark, key, word) || strcmp(word, first) == 0)
        return 0;
    if (strcmp(word, second) == 0)
        return 1;
    return error_set(e, TT_USAGE, "%s is \"%s\" or \"%s\", not \"%s\"", key, first, second, word);
}

static int read_style(const char *mark, struct chart_style *style, struct error *e)
{
    int theme = choose(mark, "theme", "light", "dark", e), size = choose(mark, "size", "column", "slide", e),
        format = choose(mark, "format", "svg", "png", e);
    if (theme < 0 || size < 0 || format < 0)
        return TT_USAGE;
    *style = (struct chart_style){format ? CHART_PNG : CHART_SVG, theme ? CHART_DARK : CHART_LIGHT,
                                  size ? CHART_SLIDE : CHART_COLUMN, NULL};
    return TT_OK;
}

/* --- which attributes there are --- */

static int is_of_all(const struct chart_kind *kind)
{
    return kind->scope == CHART_OF_ALL && kind->fill != chart_diff;
}

static int is_of_trace(const struct chart_kind *kind)
{
    return kind->scope == CHART_OF_TRACE;
}

static int is_tokens(const struct chart_kind *kind)
{
    return kind->fill == chart_tokens;
}

static int is_timeline(const struct chart_kind *kind)
{
    return kind->fill == chart_timeline;
}

static int is_history(const struct chart_kind *kind)
{
    return kind->fill == chart_history;
}

static int is_diff(const struct chart_kind *kind)
{
    return kind->fill == chart_diff;
}

static const struct attribute {
    const char *name;
    int (*is_for)(const struct chart_kind *kind); /* NULL: any chart */
} attributes[] = {
    {"chart", NULL},     {"file", NULL},          {"theme", NULL},         {"size", NULL},
    {"format", NULL},    {"block", is_of_all},    {"metric", is_history},  {"trace", is_of_trace},
    {"run", is_tokens},  {"panels", is_timeline}, {"base", is_diff},       {"new", is_diff},
    {"margin", is_diff}, {"primary", is_diff},    {"session-sd", is_diff},
};
#define ATTRIBUTES (sizeof attributes / sizeof attributes[0])

static int check_attribute(const char *name, size_t len, const struct chart_kind *kind, struct error *e)
{
    struct buf known = BUF_INIT;
    for (size_t i = 0; i < ATTRIBUTES; i++) {
        const struct attribute *one = &attributes[i];
        if (one->is_for && !one->is_for(kind))
            continue;
        if (strlen(one->name) == len && strncmp(one->name, name, len) == 0) {
            buf_release(&known);
            return TT_OK;
        }
        buf_printf(&known, "%s%s", known.len ? ", " : "", one->name);
    }
    int status = error_set(e, TT_USAGE, "'%.*s' says nothing of the chart '%s'; it takes %s", (int)len, name,
                           kind->name, buf_text(&known));
    buf_release(&known);
    return status;
}

/* All of NAME="VALUE" behind the mark's first word. */
static int check_attributes(const char *mark, const struct chart_kind *kind, struct error *e)
{
    const char *p = mark + strcspn(mark, " ");
    for (p += strspn(p, " "); *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, "= \"");
        const char *value = p + len, *end = strncmp(value, "=\"", 2) == 0 ? strchr(value + 2, '"') : NULL;
        if (!len || !end)
            return error_set(e, TT_USAGE, "toktape:plot wants NAME=\"VALUE\" at '%s'", p);
        int status = check_attribute(p, len, kind, e);
        if (status)
            return status;
        p = end + 1;
    }
    return TT_OK;
}

/* --- one picture --- */

/* The page's folder with the picture's under it; mem_free. */
static char *folder_of(const char *page, const char *file)
{
    struct buf folder = BUF_INIT;
    const char *page_end = strrchr(page, '/'), *file_end = strrchr(file, '/');
    if (page_end)
        buf_append(&folder, page, (size_t)(page_end - page) + 1);
    buf_puts(&folder, "./");
    if (file_end)
        buf_append(&folder, file, (size_t)(file_end - file));
    return buf_detach(&folder);
}

static const char *suffix_of(const struct docs_picture *picture)
{
    return picture->style.format == CHART_PNG ? "png" : "svg";
}

static int differs(const struct docs_picture *picture, const char *suffix, const struct buf *now)
{
    struct buf path = BUF_INIT, old = BUF_INIT;
    buf_printf(&path, "%s/%s.%s", picture->folder, picture->chart.name, suffix);
    int same = !path.failed && io_read_file(buf_text(&path), FILE_MAX, &old, NULL) == TT_OK &&
               old.len == now->len && (!old.len || memcmp(old.data, now->data, old.len) == 0);
    buf_release(&path);
    buf_release(&old);
    return !same;
}

static int compare(struct docs_picture *picture, const char *where, const char *file, struct text_list *stale,
                   struct error *e)
{
    struct buf script = BUF_INIT, path = BUF_INIT;
    int status = chart_script(&picture->chart, &script, e);
    if (!status && differs(picture, "dat", &picture->chart.data))
        status = text_list_addf(stale, "%s: '%s.dat' is not what the traces give", where, file);
    if (!status && differs(picture, "gp", &script))
        status = text_list_addf(stale, "%s: '%s.gp' is not what the traces give", where, file);
    buf_printf(&path, "%s/%s.%s", picture->folder, picture->chart.name, suffix_of(picture));
    if (!status && !io_exists(buf_text(&path)))
        status = text_list_addf(stale, "%s: '%s.%s' is missing", where, file, suffix_of(picture));
    buf_release(&script);
    buf_release(&path);
    return status;
}

static int fill_of_all(const struct docs_pictures *pictures, const char *mark, const struct chart_kind *kind,
                       struct chart *c, struct error *e)
{
    char word[DOCS_WORD_MAX], metric[DOCS_WORD_MAX];
    struct chart_input input = {.report = pictures->report, .gates = pictures->gates};
    if (docs_attribute(mark, "block", word) && !(input.block = docs_block(pictures->report, word, e)))
        return TT_NOTFOUND;
    if (docs_attribute(mark, "metric", metric))
        input.metric = metric;
    int status = chart_check_metric(input.metric, e);
    return status ? status : kind->fill(c, &input, e);
}

static int fill_chart(const struct docs_pictures *pictures, const char *mark, const char *file,
                      struct docs_picture *picture, struct error *e)
{
    char word[DOCS_WORD_MAX];
    const struct chart_kind *kind = docs_attribute(mark, "chart", word) ? chart_find(word) : NULL;
    const char *name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    if (!kind)
        return error_set(e, TT_USAGE, "toktape:plot wants chart=\"NAME\"; 'toktape plot --list' has them");
    if (strlen(name) >= CHART_NAME_MAX)
        return error_set(e, TT_USAGE, "the file's name '%s' is longer than %d bytes", name,
                         CHART_NAME_MAX - 1);
    int status = check_attributes(mark, kind, e);
    if (!status)
        status = read_style(mark, &picture->style, e);
    if (status)
        return status;
    chart_init(&picture->chart, kind->name, name, &picture->style);
    if (is_of_trace(kind))
        return docs_fill_of_trace(pictures, mark, kind, &picture->chart, e);
    return is_diff(kind) ? docs_fill_of_sides(pictures, mark, kind, &picture->chart, e)
                         : fill_of_all(pictures, mark, kind, &picture->chart, e);
}

int docs_pictures_fill(void *context, const char *page, const char *where, const char *mark, struct buf *out,
                       struct text_list *stale, struct error *e)
{
    struct docs_pictures *pictures = context;
    char file[DOCS_WORD_MAX];
    if (!docs_attribute(mark, "file", file) || !is_safe_path(file))
        return error_set(e, TT_USAGE,
                         "toktape:plot wants file=\"PATH\", below the page's folder and without suffix, of "
                         "letters, digits and ._-/");
    if (pictures->count >= DOCS_PICTURES_MAX)
        return error_set(e, TT_LIMIT, "more than %d pictures; split the pages", DOCS_PICTURES_MAX);
    struct docs_picture *picture = &pictures->items[pictures->count];
    memset(picture, 0, sizeof *picture);
    int status = fill_chart(pictures, mark, file, picture, e);
    pictures->count += picture->chart.style != NULL;
    if (!status && !(picture->folder = folder_of(page, file)))
        status = error_set(e, TT_NOMEM, "out of memory");
    if (!status)
        status = compare(picture, where, file, stale, e);
    buf_puts(out, "\n![");
    text_markdown(out, buf_text(&picture->chart.title));
    buf_printf(out, "](%s.%s)\n", file, suffix_of(picture));
    return status;
}

int docs_pictures_draw(struct docs_pictures *pictures, struct error *e)
{
    int status = TT_OK, without = TT_OK;
    for (size_t i = 0; i < pictures->count && !status; i++) {
        struct docs_picture *picture = &pictures->items[i];
        status = io_make_directory(picture->folder, e);
        if (!status)
            status = chart_draw(&picture->chart, picture->folder, e);
        if (status == TT_NOTFOUND) {
            without = status;
            status = TT_OK;
        }
    }
    return status ? status : without;
}

void docs_pictures_release(struct docs_pictures *pictures)
{
    for (size_t i = 0; i < pictures->count; i++) {
        chart_release(&pictures->items[i].chart);
        mem_free(pictures->items[i].folder);
    }
    pictures->count = 0;
}
