/* SPDX-License-Identifier: MIT */
#include "plots/docs_pictures.h"

#include <string.h>

#include "formats/alloc.h"
#include "formats/io.h"
#include "formats/textsafe.h"

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
    int theme = choose(mark, "theme", "light", "dark", e), size = choose(mark, "size", "column", "slide", e);
    if (theme < 0 || size < 0)
        return TT_USAGE;
    *style = (struct chart_style){CHART_SVG, theme ? CHART_DARK : CHART_LIGHT,
                                  size ? CHART_SLIDE : CHART_COLUMN, NULL};
    return TT_OK;
}

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
    buf_printf(&path, "%s/%s.svg", picture->folder, picture->chart.name);
    if (!status && !io_exists(buf_text(&path)))
        status = text_list_addf(stale, "%s: '%s.svg' is missing", where, file);
    buf_release(&script);
    buf_release(&path);
    return status;
}

static int fill_chart(const struct docs_pictures *pictures, const char *mark, const char *file,
                      struct docs_picture *picture, struct error *e)
{
    char word[DOCS_WORD_MAX];
    struct chart_input input = {.report = pictures->report, .gates = pictures->gates};
    const struct chart_kind *kind = docs_attribute(mark, "chart", word) ? chart_find(word) : NULL;
    const char *name = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    if (!kind || kind->scope != CHART_OF_ALL || strlen(name) >= CHART_NAME_MAX)
        return error_set(
            e, TT_USAGE,
            "toktape:plot wants chart=\"NAME\" of a chart that compares traces; 'toktape plot --list' "
            "has them");
    if (docs_attribute(mark, "block", word) && !(input.block = docs_block(pictures->report, word, e)))
        return TT_NOTFOUND;
    int status = read_style(mark, &picture->style, e);
    if (status)
        return status;
    chart_init(&picture->chart, kind->name, name, &picture->style);
    return kind->fill(&picture->chart, &input, e);
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
    buf_printf(out, "](%s.svg)\n", file);
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
