#!/bin/sh
# Engines that do not finish, or are gone: patience ends the run, the next ones go on, and nothing waits for ever.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/record/common"
figures='[.phase, (if .valid then "valid" else (.invalid_causes | join(" ")) end), .error_kind // "", .http_status,
    (if .completion_tokens > 20 then "more" else .completion_tokens end), .cold_method, .error // ""] | join(" | ")'
shown() { # shown TRACE COMMAND...
    trace=$1
    shift
    "$@" -q -o "$trace" 2>message
    echo "exit $?"
    sed -e '/marked synthetic$/d' -e 's/after [0-9]* of 20 tokens/after some tokens/' message
    runs "$trace" "$figures"
    zstd -qt "$trace"
}
echo "--- silent"
start --fault stall@0 quick.json
shown stall.toktape record --stall-timeout 2
end_engine
echo "--- silent from the first byte on"
start --fault stall:0@1 quick.json
shown mute.toktape record --stall-timeout 2
end_engine
echo "--- endless"
start --fault endless@0 quick.json
shown endless.toktape record --timeout 2
end_engine
echo "--- dead"
start --fault die quick.json
shown dead.toktape record --runs 2
wait "$engine"
echo "--- dead, and soon there again"
start --fault die quick.json
port=${url##*:}
(
    until grep -q 'died' log; do sleep 0.1; done
    exec "$TOKTAPE" serve --port "$port" quick.json >again.url 2>again.log
) &
again=$!
shown again.toktape record
end_engine
engine=$again
end_engine
echo "--- dead, and started again for a phase that must be cold"
cat >restarted.json <<'END'
{"name": "restarted", "phases": [
 {"name": "one", "max_tokens": 20, "messages": [{"role": "user", "content": "What is in the box?"}]},
 {"name": "two", "max_tokens": 20, "cold": true, "messages": [{"role": "user", "content": "What else?"}]}]}
END
start --fault die quick.json
again="'$TOKTAPE' serve --port ${url##*:} quick.json >again.url 2>again.log & echo \$! >again"
shown restart.toktape record --workload restarted.json --restart-cmd "$again"
end_engine
engine=$(cat again)
echo "--- a restart that fails"
start quick.json
shown failing.toktape record --workload restarted.json --restart-cmd 'exit 3'
