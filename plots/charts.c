/* SPDX-License-Identifier: MIT */
#include "plots/charts.h"

#include <string.h>

const struct chart_kind chart_kinds[] = {
    {"leaderboard", "decode rate by tier, with spread, 50K and peak", CHART_OF_ALL, chart_leaderboard},
    {"tradeoff", "decode rate against tokens per joule, peak memory as size", CHART_OF_ALL, chart_tradeoff},
    {"ttft", "time to first token: cold, warm, prefix and long, against the gate", CHART_OF_ALL, chart_ttft},
    {"turn", "what a turn's time is made of: queue, prefill, decode", CHART_OF_ALL, chart_turn},
    {"prefill", "time to first token against tokens that were not cached", CHART_OF_ALL, chart_prefill},
    {"cache", "tokens found in the prefix cache against those that could be", CHART_OF_ALL, chart_cache},
    {"repeats", "every repeat a dot: median, 95 % interval and drift", CHART_OF_ALL, chart_repeats},
    {"mtp", "decode rate without and with speculative decoding", CHART_OF_ALL, chart_mtp},
    {"ram-fit", "peak memory against the machine's memory", CHART_OF_ALL, chart_ram_fit},
    {"depth", "decode rate against depth of context", CHART_OF_ALL, chart_depth},
    {"diff", "shifts between two sides with intervals, verdicts and margin (wants --against)", CHART_OF_ALL,
     chart_diff},
    {"history", "a metric over versions of the engine, with intervals", CHART_OF_ALL, chart_history},
    {"sentinel", "one cell recorded again and again: has the machine drifted?", CHART_OF_ALL, chart_sentinel},
    {"tokens", "one run token by token: arrival and gaps (of each trace)", CHART_OF_TRACE, chart_tokens},
    {"timeline", "a recording over time: phases, power, memory, thermal state (of each trace)",
     CHART_OF_TRACE, chart_timeline},
    {NULL, NULL, CHART_OF_ALL, NULL},
};

const struct chart_kind *chart_find(const char *name)
{
    for (const struct chart_kind *kind = chart_kinds; kind->name; kind++) {
        if (strcmp(kind->name, name) == 0)
            return kind;
    }
    return NULL;
}
