#!/bin/sh
# The machine gets slower in the middle: the sentinel names it. Without that it gives the session's deviation.
# shellcheck disable=SC1091,SC2154
. "$TESTS/cli/campaign/common"
echo '{"model": "tiny", "version": "b1-test", "ttft_ms": 100, "decode_tok_s": 200}' >quick.json
echo '{"model": "tiny", "version": "b1-test", "ttft_ms": 100, "decode_tok_s": 100}' >busy.json
# An engine whose speed is the machine's: from its 6th start on it is slower.
cat >engine <<END
#!/bin/sh
echo >>starts
[ \$(wc -l <starts) -lt 6 ] && exec '$TOKTAPE' serve --port $port quick.json
exec '$TOKTAPE' serve --port $port busy.json
END
chmod +x engine
cells='{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}'
# Other programs may want the processor meanwhile: less than that is theirs.
sentinel="\"sentinel\": {\"drift_percent\": 30, \"engine\": {\"cmd\": [\"./engine\"]}, \"runs\": 2},"
session() {
    jq -c '[.recordings, (.session_sd | map_values(.n)), [.drift[] | [.metric, .from, (.shift_pct < -30)]]]' \
        archive/trip.campaign/session.json
}
plan plan.json "$sentinel" "$cells"
echo "--- steady"
echo >starts && sed -i.old 's/-lt 6/-lt 100/' engine
campaign plan.json | grep -v -e '^toktape:' | sed -E 's/[0-9.]+ %/N %/'
session
jq -e '.session_sd.decode_tok_s.sd_pct < 20' archive/trip.campaign/session.json
echo "--- a busy machine from the fourth time on"
rm -r archive && rm starts && cp engine.old engine
sed -i.old 's/-lt 6/-lt 4/' engine
campaign plan.json | grep -v -e '^toktape:' | sed -E 's/[0-9.]+ %/N %/'
session
echo "--- one cell alone has no sentinel"
rm -r archive && rm starts
campaign --only b -q plan.json
