#!/bin/sh
# All that is wrong with a plan is said at once, with its line, before anything starts.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
cat >bad.json <<'END'
{
  "name": "trip/../x",
  "out": "quick.json/archive",
  "speed": 3,
  "order": "random",
  "defaults": {
    "runs": 0,
    "workload": "nowhere.json",
    "cold": "restart",
    "engine": {
      "url": "ftp://x",
      "cmd": ["./nothing/llama-server", 3]
    }
  },
  "sentinel": {"every": 0, "workload": "work.json", "engine": {"cmd": "x"}},
  "cells": [
    {"name": "a", "labels": {"x": 1}},
    {"name": "A", "engine": {"cmd": ["no-such-binary"], "env": {"1x": "y", "Y": 3}, "port": 3}},
    {"name": "../b", "workload": "work.json", "cold": "warm", "before": [{"purge": ""}, {"walk": 1}, 7]},
    {"name": "c", "model_file": "nothing.gguf", "workload": "work.json", "calibrate": true, "pause": -1, "name": "d"},
    {"name": "e", "accept": "nonsense", "cold": "nonce", "extra_body": {"a": [1]}, "headers": ["X: y", 3]},
    {"name": "f", "runs": 2, "restart": true},
    {"name": "F.r1", "comment": "one file, two cells"},
    {"name": "A.Engine", "comment": "its log would be that of the engine of a", "workload": "work.json"},
    {"name": "g", "workload": "work.json", "cold": "keep", "headers": ["X: y", "bad", "Expect: z"], "power": "sun",
     "accept": "noise",
     "sample_hz": 0.001, "only": ["first", "third"],
     "seed": 1.5},
    {"name": "h", "workload": "work.json", "cold": "keep", "labels": {"two words": "x", "a=b": "c", "": "d"},
     "only": ["second"]},
    "x",
    {}
  ]
}
END
campaign bad.json | sed 's/ takes auto, none.*/ takes …/'
campaign --dry-run bad.json | head -n 1
ls
echo "--- a program in the engine's own PATH"
mkdir bin
ln -s "$TOKTAPE" bin/some-engine
for path in "$PWD/bin:/bin" "$PWD:/bin"; do
    plan path.json '' "{\"name\": \"a\", \"engine\": {\"cmd\": [\"some-engine\"], \"env\": {\"PATH\": \"$path\"}}}"
    campaign --dry-run path.json | grep -v '^  '
done
echo "--- folders that are none"
ln -s /nowhere/at/all gone
mkdir taken && touch taken/trip.campaign
for out in gone gone/deeper taken; do
    plan out.json '' '{"name": "a"}'
    sed -i.old "s,archive/,$out," out.json
    campaign --dry-run out.json
done
echo "--- not JSON, no plan, no file"
echo '{"name": "x", "out": ' >cut.json
echo '[]' >list.json
echo '{}' >empty.json
printf '{"name": "x", "out": ".",\n "cells": [], "\033[31mred": 1}' >colour.json
for file in cut.json list.json empty.json colour.json nothing.json; do
    campaign status $file
done
echo "--- usage"
plan plan.json '' '{"name": "a"}'
campaign
campaign plan.json plan.json
campaign --only b plan.json
campaign status --bogus plan.json
echo "--- a secret is not shown"
plan secret.json '' '{"name": "a", "engine": {"env": {"HF_TOKEN": "hidden", "OMP_NUM_THREADS": "2"}}}'
campaign --dry-run secret.json | grep engine:
