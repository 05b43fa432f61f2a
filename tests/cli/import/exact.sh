#!/bin/sh
# The reuse of whole blocks that a workload allows is that of the blocks it was made from, counted independently.
command -v python3 >/dev/null || exit 77
for size in 512 64; do
    file=mooncake.jsonl && [ $size = 64 ] && file=weka.json
    "$TOKTAPE" import -q --workload auto "$TESTS/imports/$file" -o work.json
    "$TOKTAPE" report --view cache --format csv --cache-policy "block:$size" work.json | tail -n 1 | cut -d, -f3 | tr -d '\r'
    python3 - "$TESTS/imports/$file" $size <<'END'
import json, sys
size, held, reused = int(sys.argv[2]), [], 0
def requests(entries):
    for entry in entries:
        yield from requests(entry["requests"]) if "requests" in entry else [(entry["hash_ids"], entry["in"])]
lines = [json.loads(line) for line in open(sys.argv[1])]
asked = [(x["hash_ids"], x["input_length"]) for x in lines] if size == 512 else requests(lines[0]["requests"])
for ids, tokens in asked:
    best = 0
    for other, other_tokens in held:
        same = 0
        while same < min(len(ids), len(other)) and ids[same] == other[same]:
            same += 1
        best = max(best, min(same * size, tokens, other_tokens))
    reused += best // size * size
    held.append((ids, tokens))
print(reused)
END
    rm work.json
done
