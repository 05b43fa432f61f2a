#!/bin/sh
# What is wrong with a profile is said by name, and nothing is left behind.
try() {
    printf '%s' "$1" >p.json
    "$TOKTAPE" synth p.json -o out.toktape 2>&1
    echo "exit $?"
}
try '{"synth": 3}'
try '{"synth": {"speed": 1}}'
try '{"synth": {"runs": 0}}'
try '{"synth": {"runs": 9000}}'
try '{"synth": {"cold": "icy"}}'
try '{"synth": {"rails": [{"name": "SoC"}]}}'
try '{"synth": {"rails": [{"name": "SoC", "unit": "kWh"}]}}'
try '{"synth": {"rails": [{"name": "SoC", "unit": "mJ", "idle_w": -1}]}}'
try '{"synth": {"phases": {"hot": {}}}}'
try '{"synth": {"phases": {"warm": {"ttft": 1}}}}'
try '{"synth": {"defects": [{"fault": "nonsense"}]}}'
try '{"synth": {"defects": [{"fault": "cut@3"}]}}'
try '{"synth": {"defects": [{"fault": "cut", "repeats": [-1]}]}}'
try '{"synth": {"workload": "nowhere.json"}}'
try '{"loop_tokens": 5000}'
try '[]'
ls out.toktape* 2>/dev/null
"$TOKTAPE" synth 2>&1
echo "exit $?"
"$TOKTAPE" synth p.json 2>&1
echo "exit $?"
echo mine >out.toktape
echo '{}' >p.json
"$TOKTAPE" synth p.json -o out.toktape 2>&1
echo "exit $?"
cat out.toktape
