#!/bin/sh
# The built-in profile is an ordinary profile: what is printed can be read again. Others are refused by name.
"$TOKTAPE" report --print-gates
"$TOKTAPE" report --print-gates -o mine.json
"$TOKTAPE" report --gates mine.json --print-gates | cmp - mine.json && echo 'the same again'
try() {
    "$TOKTAPE" report --gates bad.json --print-gates 2>&1
    echo "exit $?"
}
sed 's/"fast_share": 0.5/"fast_share": 1.5/' mine.json >bad.json && try
sed 's/"version": 1/"version": 2/' mine.json >bad.json && try
sed 's/"strike"/"smite"/' mine.json >bad.json && try
sed 's/"metric": "ttft_ms", "rules"/"metric": "ttft", "rules"/' mine.json >bad.json && try
sed 's/"decimals": 3/"decimals": 30/' mine.json >bad.json && try
printf '{"profile": ' >bad.json && try
