/* SPDX-License-Identifier: MIT */
/* Reading the members of a profile, each with the bounds it must keep. Members that are missing leave their
 * value as it is; of all that is wrong with a document the first thing is kept and named. */
#ifndef TOKTAPE_PROFILE_READ_H
#define TOKTAPE_PROFILE_READ_H

#include <cjson/cJSON.h>
#include <stdint.h>

#include "formats/error.h"

struct profile_reading {
    const cJSON *document;
    const char *where; /* what to put in front of its keys in messages: "" or "synth." */
    struct error *error;
    int status; /* of the first failure: TT_USAGE or TT_NOMEM */
};

/* "profile key 'KEY' must be WANTED", unless something else was wrong before. */
void profile_refuse(struct profile_reading *r, const char *key, const char *wanted);

void profile_read_number(struct profile_reading *r, const char *key, double *value, double least,
                         double most);
/* null means what `value` already says: not there. */
void profile_read_optional_number(struct profile_reading *r, const char *key, double *value, double least,
                                  double most);
void profile_read_count(struct profile_reading *r, const char *key, uint64_t *value, uint64_t least,
                        uint64_t most);
void profile_read_flag(struct profile_reading *r, const char *key, int *value);

/* A text of 1 to 120 printable characters, as stands in headers and JSON; *value is mem_free'd and replaced.
 */
void profile_read_text(struct profile_reading *r, const char *key, char **value);

/* The index of the text in a NULL-ended list. */
void profile_read_choice(struct profile_reading *r, const char *key, const char *const *choices,
                         const char *wanted, int *value);

#endif
