#!/bin/sh
# What a dry run shows: order, turns, sentinels, steps. It makes no file.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
cells='{"name": "a"}, {"name": "b", "runs": 2}, {"name": "c", "runs": 3}'
names() {
    "$TOKTAPE" campaign --dry-run plan.json | sed -n 's/^\([^ ]*\):$/\1/p' | paste -sd ' '
}
for members in '' '"order": "reversed",' '"order": "shuffled",' '"order": "shuffled", "seed": 2,' '"interleave": true,' \
    '"interleave": true, "order": "reversed",' '"interleave": true, "order": "shuffled",' \
    '"interleave": true, "sentinel": {"every": 2},'; do
    plan plan.json "$members" "$cells"
    echo "$members $(names)"
done
echo "--- steps"
plan plan.json '' '{"name": "a", "model_file": "quick.json", "before": [{"purge": "sudo purge", "timeout": 60},
    {"cool_down": 10, "optional": true}, {"memory_free_gb": 1.5}, {"wait": 3}], "after": [{"run": "echo over"}]}'
campaign --dry-run plan.json
ls
