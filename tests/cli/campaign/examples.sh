#!/bin/sh
# The plans in examples/ hold: with their programs and models in place, on the machines that they are for.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
cp "$TESTS"/../examples/*.json .
mkdir bin models proc etc
for program in llama-server mlx_lm.server mlx_vlm.server rapid-mlx omlx vllm-mlx; do
    printf '#!/bin/sh\n' >bin/$program && chmod +x bin/$program
done
PATH=$PWD/bin:$PATH
jq -r '.. | .model_file? // empty' agentic-2026-06.json tiny.json | sort -u | xargs touch
"$TOKTAPE" campaign --dry-run tiny.json | sed -n -e 's/^\([^ ]*\):$/\1/p' -e '$p' | paste -sd ' '
jq '.cells | length' agentic-2026-06.json
[ "$(jq -r '.cells[] | .chip' agentic-2026-06.json | sort | uniq -c | xargs)" = "4 Apple M4 Pro 14 Apple M5 Max" ] || echo "other cells"
"$TOKTAPE" campaign --dry-run agentic-2026-06.json | tail -n 1
here=$("$TOKTAPE" campaign status agentic-2026-06.json | head -n 1 | xargs)
echo "$here"
echo "--- where a cell is for any chip"
jq 'del(.cells[].chip)' agentic-2026-06.json >any.json
"$TOKTAPE" campaign --dry-run any.json | sed -n -e 's/^\([^ ]*\):$/\1/p' -e '$p' | paste -sd '\n'
"$TOKTAPE" campaign --dry-run --only m5-qwen-27b-mlx_vlm-mtp any.json
