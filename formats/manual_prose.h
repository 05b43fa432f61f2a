/* SPDX-License-Identifier: MIT */
/* What people wrote for a manual page: docs/man/PAGE.mdoc, whose text above the first section belongs to the
 * description. */
#ifndef TOKTAPE_MANUAL_PROSE_H
#define TOKTAPE_MANUAL_PROSE_H

#include "formats/buf.h"
#include "formats/bytes.h"

/* Empty for a page that has none. */
struct bytes manual_prose(const char *page);

/* The text of `section`, or, for NULL, what stands above the first; empty when there is no such section. */
struct bytes manual_prose_section(struct bytes prose, const char *section);

#endif
