/* SPDX-License-Identifier: MIT */
#include "analyze/trace_remarks.h"

#include <string.h>

#include "formats/json.h"

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

int trace_remarks(const struct tape *tape, struct text_list *remarks)
{
    size_t tracked = 0;
    if (json_bool(json_path(tape->meta, "options"), "live", 0) &&
        text_list_add(remarks,
                      "the engine's own answers are in the prompts (--live), which differ from engine "
                      "to engine"))
        return TT_NOMEM;
    for (size_t i = 0; i < tape->run_count; i++)
        tracked += (size_t)tape->runs[i].peak_rss_is_tracked;
    if (!tracked)
        return TT_OK;
    return text_list_addf(remarks, "peak memory was tracked by the kernel in %zu of %zu runs", tracked,
                          tape->run_count);
}
