#!/bin/sh
# Tables name whose figures they show; an import is a cell of its own beside a recording of the same engine.
"$TOKTAPE" import -q "$TESTS/imports/asiai-v4.json" -o asiai.toktape
"$TOKTAPE" import -q "$TESTS/imports/vllm.json" --fact engine.version=0.11.0 --fact host.machine_name=rig -o vllm.toktape
"$TOKTAPE" report asiai.toktape vllm.toktape
echo "exit $?"
"$TOKTAPE" report --view runs --format csv vllm.toktape | cut -d, -f2-22
"$TOKTAPE" info --json vllm.toktape | sed -n '/"import"/,/^  }/p'
"$TOKTAPE" plot -q vllm.toktape asiai.toktape -o charts
echo "plot: exit $?"
sed 1,12d charts/tokens.dat | head -5
"$TOKTAPE" repack --no-content vllm.toktape -o masked.toktape >/dev/null && "$TOKTAPE" check masked.toktape | sed 's/, [0-9]* bytes//'
