/* SPDX-License-Identifier: MIT */
#include "analyze/exporters.h"

#include <string.h>

extern const struct exporter export_jsonl, export_csv, export_csv_frames, export_csv_samples, export_perfetto,
    export_sqlite, export_otlp, export_jsonl_parts;

static const struct exporter *const exporters[] = {
    &export_jsonl,  &export_csv,      &export_csv_frames, &export_csv_samples,
    &export_sqlite, &export_perfetto, &export_otlp,       &export_jsonl_parts,
};

const struct exporter *exporter_at(size_t index)
{
    return index < sizeof exporters / sizeof exporters[0] ? exporters[index] : NULL;
}

const struct exporter *exporter_find(const char *name)
{
    for (size_t i = 0; i < sizeof exporters / sizeof exporters[0]; i++) {
        if (strcmp(exporters[i]->name, name) == 0)
            return exporters[i];
    }
    return NULL;
}
