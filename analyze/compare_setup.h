/* SPDX-License-Identifier: MIT */
/* A comparison as a command line asks for it: BASE... --against NEW..., how to compare, and the judged table.
 *
 *   compare_setup_init → _read, compare_side_add for each recording → _finish → table */
#ifndef TOKTAPE_COMPARE_SETUP_H
#define TOKTAPE_COMPARE_SETUP_H

#include "analyze/compare_table.h"
#include "formats/options.h"

/* What was said, as it was said; NULL: the usual. A command's options struct holds one of these. */
struct compare_words {
    const char *against; /* only ever given wrongly: "--against=FILE" */
    const char *primary, *margin, *session_sd, *profile;
    struct option_list earlier;
};

/* Rows of an option table; `at(member)` is the offset of words.member in the command's struct. */
#define COMPARE_WORD_OPTIONS(at)                                                                             \
    {"against", 0, OPTION_TEXT, "NEW...", NULL, "what follows is the new side", at(against)},                \
        {"primary",                                                                                          \
         0,                                                                                                  \
         OPTION_CHOICE,                                                                                      \
         NULL,                                                                                               \
         "decode|decode-50k|prefill|ttft|j-per-token|ram",                                                   \
         "the metric that half of the error is for (default decode)",                                        \
         at(primary)},                                                                                       \
        {"margin", 0, OPTION_TEXT, "PERCENT", NULL, "what counts as no difference (default 2)", at(margin)}, \
        {"session-sd",                                                                                       \
         0,                                                                                                  \
         OPTION_TEXT,                                                                                        \
         "PERCENT|FILE",                                                                                     \
         NULL,                                                                                               \
         "standard deviation of one session of the engine against the next: a number, or the session.json "  \
         "of a "                                                                                             \
         "campaign with a sentinel",                                                                         \
         at(session_sd)},                                                                                    \
        {"earlier",                                                                                          \
         0,                                                                                                  \
         OPTION_LIST,                                                                                        \
         "TRACE",                                                                                            \
         NULL,                                                                                               \
         "an earlier recording of the base's or the new cell; four or more tell how sessions differ",        \
         at(earlier)},                                                                                       \
    {                                                                                                        \
        "profile", 0, OPTION_TEXT, "FILE", NULL,                                                             \
            "JSON {\"decode_tok_s\": [\"PHASE\", ...], ...}: which phases a metric is made of", at(profile)  \
    }

struct compare_setup {
    struct compare_side sides[SIDES], earlier;
    struct compare_phases phases;
    struct compare_options how;
    struct compare_table table; /* compare_setup_finish fills it */
};

/* `--against` is a border among the operands, which the option parser keeps in its place when it is marked
 * before: argv's words are replaced, nothing is allocated. */
void compare_border_mark(int argc, char **argv);

/* Takes the mark out of the operands; *border is where the new side begins, 0 without one. TT_USAGE when it
 * stands there twice, or with nothing on one side of it. */
int compare_border_take(struct option_list *traces, size_t *border, struct error *e);

/* `labels` name models and machines, as in a report; borrowed, NULL: none. */
void compare_setup_init(struct compare_setup *setup, const struct text_list *labels);
void compare_setup_release(struct compare_setup *setup);

/* Sides are filled by compare_side_add, before or after this. TT_USAGE, or what reading the profile gave. */
int compare_setup_read(struct compare_setup *setup, const struct compare_words *words, struct error *e);

/* Checks that the sides fit, reads the earlier recordings, compares. As compare_table_make. */
int compare_setup_finish(struct compare_setup *setup, const struct compare_words *words, int allow_incomplete,
                         struct error *e);

/* A trace of any side was incomplete or repaired. */
int compare_setup_is_partial(const struct compare_setup *setup);

#endif
