/* SPDX-License-Identifier: MIT */
/* Text from a grammar and a seed: plausible, varied, and the same on every machine.
 *
 * A grammar is text. `== name` begins a rule whose alternatives are the lines below it; `== name *` one whose
 * alternatives are blocks of lines separated by `--`. Lines that begin with ";;" are comments. In an
 * alternative:
 *
 *   @{rule}         one expansion of that rule             @{^rule}   the same, its first letter in upper
 * case
 *   @{+rule}        the same behind "a" or "an"
 *   @{x:rule}       the same, remembered as variable x     @{=x}      what x remembers
 *   @{_=x}          the same with '-' and ' ' as '_'       @{10..99}  a number; @{000..999} padded with zeros
 *   @{hex 12}       that many random hexadecimal digits    @{day}     the clock's date
 *   @{stamp}        the clock's date and time in UTC, after advancing the clock by up to 8 seconds
 *   @{skip 3600}    nothing, but the clock advances by up to so many seconds
 *   @{2..5|rule}    that many expansions on lines of their own; with '+' between them a space, with ',' a
 * comma
 *
 * Alternatives are dealt like cards from a shuffled deck: none comes again before all others of its rule did.
 */
#ifndef TOKTAPE_GRAMMAR_H
#define TOKTAPE_GRAMMAR_H

#include <stdint.h>

#include "formats/buf.h"
#include "formats/bytes.h"
#include "formats/error.h"

#define GRAMMAR_DEPTH_MAX     40
#define GRAMMAR_VARIABLES_MAX 32

struct grammar;

struct grammar *grammar_new(uint64_t seed); /* NULL when memory is out; free with grammar_free */

/* Adds the rules of one text, whose bytes must outlive the grammar. TT_SYNTAX names the rule or line. */
int grammar_add(struct grammar *g, struct bytes text, struct error *e);

/* Appends one expansion of `rule`. Variables are forgotten first; decks and clock go on. TT_SYNTAX names an
 * unknown rule or a malformed @{...}; TT_LIMIT over GRAMMAR_DEPTH_MAX levels. */
int grammar_expand(struct grammar *g, const char *rule, struct buf *out, struct error *e);

void grammar_free(struct grammar *g);

#endif
