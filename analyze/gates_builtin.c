/* SPDX-License-Identifier: MIT */
/* The gates profiles that come with the program, as the JSON that --print-gates shows and --gates reads. */
#include <string.h>

#include "analyze/gates.h"

/* clang-format off */
static const char docs_2026_06[] =
    "{\n"
    "  \"profile\": \"docs-2026-06\",\n"
    "  \"version\": 1,\n"
    "  \"gates\": [\n"
    "    {\"name\": \"valid\", \"title\": \"valid\", \"unit\": \" %\", \"metric\": \"valid_pct\", \"rules\": [\n"
    "      {\"below\": 80, \"level\": \"eliminated\"},\n"
    "      {\"below\": 95, \"level\": \"reserve\"}]},\n"
    "    {\"name\": \"ttft\", \"title\": \"TTFT\", \"unit\": \" ms\", \"metric\": \"ttft_ms\", \"rules\": [\n"
    "      {\"above\": 3000, \"level\": \"eliminated\"},\n"
    "      {\"above\": 1500, \"level\": \"reserve\", \"remark\": \"over the gate\"},\n"
    "      {\"above\": 500, \"level\": \"reserve\"}]},\n"
    "    {\"name\": \"reuse\", \"title\": \"prefix reuse\", \"unit\": \"\", \"metric\": \"prefix_reuse\", \"rules\": [\n"
    "      {\"equals\": 0, \"level\": \"eliminated\"},\n"
    "      {\"below\": 0.5, \"level\": \"reserve\"}]}\n"
    "  ],\n"
    "  \"tiers\": {\n"
    "    \"fast_share\": 0.5,\n"
    "    \"titles\": [\n"
    "      {\"long\": \"★ Tier 1 — winner + fast\", \"short\": \"★ Tier 1\"},\n"
    "      {\"long\": \"✓ Tier 2 — viable (slower)\", \"short\": \"✓ Tier 2\"},\n"
    "      {\"long\": \"⚠ Tier 3 — reserve (poor latency)\", \"short\": \"⚠ Tier 3\"},\n"
    "      {\"long\": \"✗ Tier 4 — eliminated\", \"short\": \"✗ Tier 4\"}]\n"
    "  },\n"
    "  \"winner\": {\"needs\": [\"decode_tok_s\", \"ttft_ms\", \"valid_pct\"]},\n"
    "  \"marks\": {\"winner\": \"★\", \"viable\": \"✓\", \"reserve\": \"⚠\", \"eliminated\": \"✗\"},\n"
    "  \"columns\": [\n"
    "    {\"name\": \"mark\", \"header\": \"\", \"align\": \"left\"},\n"
    "    {\"name\": \"label\", \"header\": \"model · engine · MTP\"},\n"
    "    {\"name\": \"decode\", \"metric\": \"decode_tok_s\", \"header\": \"dec t/s\", \"decimals\": 1, \"align\": \"right\"},\n"
    "    {\"name\": \"peak\", \"metric\": \"peak_tok_s\", \"header\": \"peak\", \"decimals\": 1, \"align\": \"right\"},\n"
    "    {\"name\": \"decode_50k\", \"metric\": \"decode_50k_tok_s\", \"header\": \"50K\", \"decimals\": 1, \"align\": \"right\"},\n"
    "    {\"name\": \"ttft\", \"metric\": \"ttft_ms\", \"header\": \"TTFT ms\", \"decimals\": 0, \"align\": \"right\"},\n"
    "    {\"name\": \"reuse\", \"metric\": \"prefix_reuse\", \"header\": \"reuse\", \"decimals\": {\"at_most\": 2}, \"align\": \"right\"},\n"
    "    {\"name\": \"tok_s_per_w\", \"metric\": \"tok_s_per_w\", \"header\": \"t/s/W\", \"decimals\": 3, \"align\": \"right\"},\n"
    "    {\"name\": \"ram_peak\", \"metric\": \"peak_rss_bytes\", \"unit\": \"GiB\", \"header\": \"RAMpk GB\", \"decimals\": 1, \"align\": \"right\"},\n"
    "    {\"name\": \"valid\", \"metric\": \"valid_pct\", \"header\": \"valid%\", \"decimals\": {\"unless_whole\": 1}, \"align\": \"right\"}\n"
    "  ],\n"
    "  \"eliminated\": {\"strike\": [\"label\", \"decode\", \"ttft\"], \"blank\": [\"peak\", \"tok_s_per_w\"]}\n"
    "}\n";
/* clang-format on */

const char *gates_builtin(const char *name)
{
    return strcmp(name, GATES_DEFAULT) == 0 ? docs_2026_06 : NULL;
}
