#!/bin/sh
# Timelines: what Perfetto's importer takes, for every kept trace, one by one and together; every token is there.
for program in python3 jq; do
    command -v $program >/dev/null || { echo "$program is not installed" >&2; exit 77; }
done
status=0
for name in agentic captures demo engine every interrupted pipe tools truncated; do
    cp "$TESTS/golden/$name.toktape" .
    "$TOKTAPE" export -q --allow-incomplete --format perfetto -o "$name.json" "$name.toktape"
    echo "$name: exit $?"
    python3 -B "$TESTS/perfetto.py" "$name.json" || status=1
    "$TOKTAPE" export -q --allow-incomplete "$name.toktape" | jq -s 'map(.tokens // 0) | add' >tokens
    [ "tokens $(cat tokens)" = "$(python3 -B "$TESTS/perfetto.py" "$name.json" | tail -n 1)" ] || { echo "tokens differ"; status=1; }
done
"$TOKTAPE" export -q --allow-incomplete --format perfetto ./*.toktape >together.json
python3 -B "$TESTS/perfetto.py" together.json || status=1
# one run in full
jq -c '.traceEvents[] | select(.pid == 1) | select(.ph == "M" or .name == "cold" or .name == "connect" or .name == "prefill" or .name == "decode")' \
    agentic.json | head -n 8
exit $status
