/* SPDX-License-Identifier: MIT */
#include "analyze/compare_setup.h"

#include <stdlib.h>
#include <string.h>

static char border_word[] = "against";

void compare_border_mark(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        argv[i] = strcmp(argv[i], "--against") == 0 ? border_word : argv[i];
}

int compare_border_take(struct option_list *traces, size_t *border, struct error *e)
{
    size_t borders = 0, kept = 0;
    *border = 0;
    for (size_t i = 0; i < traces->count; i++) {
        if (traces->items[i] != border_word) {
            traces->items[kept++] = traces->items[i];
            continue;
        }
        *border = kept;
        borders++;
    }
    traces->count = kept;
    if (borders && (borders > 1 || !*border || *border == kept))
        return error_set(e, TT_USAGE, "--against wants traces on both sides: BASE... --against NEW...");
    return TT_OK;
}

void compare_setup_init(struct compare_setup *setup, const struct text_list *labels)
{
    memset(setup, 0, sizeof *setup);
    compare_side_init(&setup->sides[SIDE_BASE], "base");
    compare_side_init(&setup->sides[SIDE_NEW], "new");
    compare_side_init(&setup->earlier, "earlier");
    setup->sides[SIDE_BASE].labels = setup->sides[SIDE_NEW].labels = setup->earlier.labels = labels;
}

void compare_setup_release(struct compare_setup *setup)
{
    compare_table_release(&setup->table);
    for (int side = 0; side < SIDES; side++)
        compare_side_release(&setup->sides[side]);
    compare_side_release(&setup->earlier);
    compare_phases_release(&setup->phases);
}

/* "2" or "2%" as a fraction below 1. */
static int read_percent(double *fraction, const char *option, const char *text, struct error *e)
{
    char *end;
    double value = strtod(text, &end);
    int is_number = end != text;
    end += *end == '%';
    if (!is_number || *end || !(value > 0) || !(value < 100))
        return error_set(e, TT_USAGE, "%s wants a percentage above 0 and below 100, not '%s'", option, text);
    *fraction = value / 100;
    return TT_OK;
}

int compare_setup_read(struct compare_setup *setup, const struct compare_words *words, struct error *e)
{
    const char *primary = words->primary ? words->primary : "decode";
    int status = TT_OK;
    setup->how =
        (struct compare_options){.primary = compare_find(primary, strlen(primary)), .margin = COMPARE_MARGIN};
    compare_session_init(&setup->how.session);
    if (words->against)
        return error_set(e, TT_USAGE, "--against stands by itself: BASE... --against NEW...");
    if (setup->how.primary >= COMPARE_HEADLINES)
        return error_set(e, TT_USAGE, "primary is none of the headline metrics: '%s'", primary);
    if (words->margin)
        status = read_percent(&setup->how.margin, "margin", words->margin, e);
    if (!status && words->session_sd)
        status = compare_session_read(&setup->how.session, words->session_sd, e);
    if (!status && words->profile) {
        status = compare_phases_load(&setup->phases, words->profile, e);
        setup->how.phases = &setup->phases;
    }
    return status;
}

static int add_earlier_traces(struct compare_side *side, const struct option_list *paths,
                              int allow_incomplete, struct error *e)
{
    int status = TT_OK;
    for (size_t i = 0; !status && i < paths->count; i++) {
        struct tape tape;
        struct tape_options reading = {.allow_incomplete = allow_incomplete};
        status = tape_load(&tape, paths->items[i], &reading, e);
        if (!status)
            status = compare_side_add(side, &tape, e);
        tape_release(&tape);
    }
    return status;
}

/* Earlier recordings tell of one cell, which is one of those compared. */
static int check_earlier(const struct compare_setup *s, struct error *e)
{
    const struct cell *cell = &s->earlier.cell;
    if (cell->trace_count < COMPARE_EARLIER_MIN)
        return error_set(e, TT_USAGE, "it takes at least %d --earlier recordings to tell how sessions differ",
                         COMPARE_EARLIER_MIN);
    if (s->earlier.is_mixed)
        return error_set(e, TT_USAGE, "the --earlier recordings are not all of one cell");
    if (strcmp(cell->id.digest, s->sides[0].cell.id.digest) != 0 &&
        strcmp(cell->id.digest, s->sides[1].cell.id.digest) != 0)
        return error_set(e, TT_USAGE, "the --earlier recordings are of '%s', which is on neither side",
                         cell->id.cell);
    int status = compare_sides_fit(&s->sides[0], &s->earlier, e);
    return status ? status : compare_sides_fit(&s->sides[1], &s->earlier, e);
}

int compare_setup_finish(struct compare_setup *s, const struct compare_words *words, int allow_incomplete,
                         struct error *e)
{
    int status = compare_sides_fit(&s->sides[0], &s->sides[1], e);
    if (!status)
        status = add_earlier_traces(&s->earlier, &words->earlier, allow_incomplete, e);
    if (!status && s->earlier.has_cell)
        status = check_earlier(s, e);
    return status ? status : compare_table_make(&s->table, s->sides, &s->earlier, &s->how, e);
}

int compare_setup_is_partial(const struct compare_setup *s)
{
    return s->sides[0].is_partial || s->sides[1].is_partial || s->earlier.is_partial;
}
