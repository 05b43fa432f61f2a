#!/bin/sh
# A partitioned archive: the lines of JSONL, each in its table's folder; files are added, never changed, and none is left
# behind by a failure.
for program in zstd jq; do
    command -v $program >/dev/null || { echo "$program is not installed" >&2; exit 77; }
done
for name in agentic captures demo engine tools; do cp "$TESTS/golden/$name.toktape" .; done
set -- agentic.toktape engine.toktape demo.toktape captures.toktape agentic.toktape
files() { (cd "$1" && find . -type f | LC_ALL=C sort); }
"$TOKTAPE" export --format jsonl-parts -o archive/ "$@" 2>message
echo "exit $?"
cat message
files archive
for trace in agentic engine demo captures; do "$TOKTAPE" export $trace.toktape; done | sort >lines
find archive -name '*.zst' -exec zstd -dcq {} + | sort | cmp - lines && echo 'all lines are there'
for table in traces runs frames chunks samples; do
    echo "$table $(find archive/$table -name '*.zst' -exec zstd -dcq {} + | jq -r .type | sort -u)"
done
# small files, and more of them later
"$TOKTAPE" export --format jsonl-parts --plain --part-mb 1 -o small demo.toktape tools.toktape agentic.toktape engine.toktape
"$TOKTAPE" export --format jsonl-parts --plain -o small captures.toktape
echo "exit $?"
files small | grep frames
files small >before
"$TOKTAPE" export --format jsonl-parts --plain -o small tools.toktape captures.toktape 2>&1
echo "exit $?"
files small | cmp - before && echo 'as it was'
head -c 4000 demo.toktape >cut.toktape
"$TOKTAPE" export --format jsonl-parts -o failed agentic.toktape captures.toktape cut.toktape 2>&1
echo "exit $?"
ls failed
files failed
# a file ends with the trace that makes it large enough
echo '{"name": "llama.cpp", "model": "=x/../y", "decode_tok_s": 1000}' >profile.json
echo '{"name":"w","phases":[{"name":"p","max_tokens":3000,"messages":[{"role":"user","content":"go"}]}]}' >workload.json
for seed in 1 2 3 4 5; do
    "$TOKTAPE" synth profile.json --workload workload.json --seed $seed -q -o $seed.toktape
done
"$TOKTAPE" export --format jsonl-parts --part-mb 1 -o many 1.toktape 2.toktape 3.toktape 4.toktape 5.toktape
files many | sed 's,[^/]*$,,' | uniq -c | sed 's/^ *//'
"$TOKTAPE" export --format jsonl-parts agentic.toktape 2>&1
"$TOKTAPE" export --format jsonl-parts --part-mb 0 -o x agentic.toktape 2>&1
"$TOKTAPE" export --format jsonl-parts -o demo.toktape agentic.toktape 2>&1
echo "exit $?"
