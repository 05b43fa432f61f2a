#!/bin/sh
# serve_figures.sh BUILD: whether a recording of a served trace has that trace's figures. All requests of the demo but the
# long ones are sent again; each phase's decode rate is to be within 0.5 %, its TTFT within 0.2 ms.

# shellcheck disable=SC1091,SC2034,SC2154 # what stands in `serving`
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
. "$here/serving"
trace=$here/../golden/demo.toktape

figures() { # TRACE
    "$toktape" report --view runs --json "$1" | jq -r '.runs[] | "\(.phase) \(.decode_tok_s) \(.ttft_ms)"'
}

serve "$toktape" serve "$trace"
"$toktape" record -q --url "$url" --skip-long --runs 5 --idle 0 --pause 0 -o "$work/again.toktape" 2>/dev/null
figures "$trace" >"$work/before"
figures "$work/again.toktape" >"$work/after"
echo "phase             decode tok/s, again             TTFT ms, again"
awk 'FNR == NR {decode[$1] = $2; ttft[$1] = $3; next}
    {n[$1]++; d[$1, n[$1]] = $2; t[$1, n[$1]] = $3}
    function middle(of, phase,   i, k, x, a) {
        for (i = 1; i <= n[phase]; i++) a[i] = of[phase, i]
        for (i = 2; i <= n[phase]; i++) for (k = i; k > 1 && a[k-1] > a[k]; k--) {x = a[k]; a[k] = a[k-1]; a[k-1] = x}
        return a[int((n[phase] + 1) / 2)]
    }
    END {for (phase in n) {x = middle(d, phase); y = middle(t, phase)
        printf "%-16s %8.1f %8.1f (%+.2f %%) %9.3f %9.3f (%+.3f ms)\n", phase, decode[phase], x,
            100 * (x / decode[phase] - 1), ttft[phase], y, y - ttft[phase]}}' "$work/before" "$work/after" | sort
