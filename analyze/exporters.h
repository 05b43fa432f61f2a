/* SPDX-License-Identifier: MIT */
/* All export formats there are. */
#ifndef TOKTAPE_EXPORTERS_H
#define TOKTAPE_EXPORTERS_H

#include <stddef.h>

#include "analyze/exporter.h"

/* The index-th, NULL behind the last. */
const struct exporter *exporter_at(size_t index);
const struct exporter *exporter_find(const char *name); /* NULL when there is none of that name */

#endif
