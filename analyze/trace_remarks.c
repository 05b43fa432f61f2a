/* SPDX-License-Identifier: MIT */
#include "analyze/trace_remarks.h"

#include <math.h>
#include <string.h>

#include "analyze/energy.h"
#include "formats/buf.h"
#include "formats/json.h"

#define LACKS_MAX    16
#define FINDINGS_MAX 16 /* of one trace: META is hostile input */

static int was_accepted(const cJSON *discipline, const char *check)
{
    const cJSON *accepted;
    cJSON_ArrayForEach(accepted, json_member(discipline, "accepted"))
    {
        if (check && cJSON_IsString(accepted) && strcmp(accepted->valuestring, check) == 0)
            return 1;
    }
    return 0;
}

static int add_findings(const cJSON *discipline, const char *list, struct text_list *findings)
{
    const cJSON *finding;
    int status = TT_OK;
    cJSON_ArrayForEach(finding, json_member(discipline, list))
    {
        const char *text = json_string(finding, "text"), *check = json_string(finding, "check");
        if (text && !status && findings->count < FINDINGS_MAX)
            status = text_list_addf(findings, "%s%.200s", was_accepted(discipline, check) ? "accepted: " : "",
                                    text);
    }
    return status;
}

int trace_findings(const cJSON *meta, struct text_list *findings)
{
    const cJSON *discipline = json_member(meta, "discipline");
    int status = add_findings(discipline, "findings", findings);
    return status ? status : add_findings(discipline, "after", findings);
}

static int add_import(const cJSON *meta, struct text_list *remarks)
{
    const cJSON *import = json_member(meta, "import"), *lack;
    const char *format = json_string(import, "format"), *tool = json_string(import, "tool");
    struct buf text = BUF_INIT;
    size_t count = 0;
    if (!import)
        return TT_OK;
    buf_printf(
        &text,
        "imported (%.60s%s%.60s): figures that its rows do not tell are the source's own, by its definitions",
        format ? format : "unknown format", tool ? ", " : "", tool ? tool : "");
    cJSON_ArrayForEach(lack, json_member(import, "lacks"))
    {
        if (cJSON_IsString(lack) && count < LACKS_MAX)
            buf_printf(&text, "%s%.100s", count++ ? ", " : "; it does not tell ", lack->valuestring);
    }
    int status = text.failed ? TT_NOMEM : text_list_add(remarks, buf_text(&text));
    buf_release(&text);
    return status;
}

static int remark_peaks(const struct tape *tape, struct text_list *remarks)
{
    size_t tracked = 0;
    if (json_bool(json_path(tape->meta, "options"), "live", 0) &&
        text_list_add(remarks,
                      "the engine's own answers are in the prompts (--live), which differ from engine "
                      "to engine"))
        return TT_NOMEM;
    for (size_t i = 0; i < tape->run_count; i++)
        tracked += (size_t)tape_run_at(tape, i)->peak_rss_is_tracked;
    if (!tracked)
        return TT_OK;
    return text_list_addf(remarks, "peak memory was tracked by the kernel in %zu of %zu runs", tracked,
                          tape->run_count);
}

/* A channel whose unit nobody knows is kept as it came; its energy is missing from the sum, and that has to
 * be said. */
static int remark_units(const struct tape *tape, struct text_list *remarks)
{
    size_t unknown = 0;
    const struct tape_series *first = NULL;
    for (size_t i = 0; i < tape->series_count; i++) {
        const struct tape_series *s = &tape->series[i];
        if ((s->row.kind != SERIES_ENERGY && s->row.kind != SERIES_POWER) || !isnan(energy_unit(s->unit)))
            continue;
        first = first ? first : s;
        unknown++;
    }
    if (!unknown)
        return TT_OK;
    return text_list_addf(remarks, "power rails of an unknown unit, in no sum: %zu (%.40s, unit '%.16s')",
                          unknown, first->name, first->unit);
}

/* Text that was generated in other tokens than it is cut into, or in more than it shows. */
static int remark_pieces(const struct tape *tape, struct text_list *remarks)
{
    size_t misfits = 0;
    for (size_t i = 0; i < tape->run_count; i++)
        misfits += (size_t)tape_run_at(tape, i)->pieces_misfit;
    if (!misfits)
        return TT_OK;
    return text_list_addf(remarks,
                          "the engine's tokeniser cuts the text into other tokens than were counted in %zu "
                          "of %zu runs, whose tokens are shared evenly among the frames",
                          misfits, tape->run_count);
}

int trace_remarks(const struct tape *tape, struct text_list *remarks)
{
    int status = add_import(tape->meta, remarks);
    if (!status)
        status = remark_peaks(tape, remarks);
    if (!status)
        status = remark_pieces(tape, remarks);
    return status ? status : remark_units(tape, remarks);
}
