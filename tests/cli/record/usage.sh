#!/bin/sh
# Wrong usage: one clear line, the exit code, and no file left behind.
# shellcheck disable=SC1091,SC2012,SC2154 # "common" sets $url; there are no odd names here
. "$TESTS/cli/record/common"
start quick.json
mkdir folder
echo old >there.toktape
echo old >half.toktape.part
echo '{"name": "cut short", ' >broken.json
echo '{"name": "x", "phases": [{"name": "a", "max_tokens": 5, "temprature": 1, "messages": [{"role": "user"}]}]}' >typo.json
: >empty.json
ls -A >../before
try() { # what is said is the same for every port and every engine
    "$TOKTAPE" record "$@" >../said 2>&1
    code=$?
    sed -e "s/:${url##*:}/:PORT/" -e '/marked synthetic$/d' ../said
    echo "exit $code"
    ls -A | diff ../before - # nothing has come, nothing has gone
}
refused() {
    try --url "$url" --workload work.json -o new.toktape "$@"
}
echo "--- words"
try
try --url
try --nonsense
try --url "$url" stray
refused --runs 0
refused --runs 10001
refused --workload agentic-8 --runs 4000
refused --runs many
refused --pause=-1
refused --timeout nan
refused --cold sideways
refused --cold restart
refused --cold reset
refused --label novalue
refused --label '=x'
refused --label 'a b=c'
refused --api-key-env TOKTAPE_TEST_NO_SUCH_VARIABLE
TOKTAPE_TEST_KEY='' refused --api-key-env TOKTAPE_TEST_KEY
refused --header 'no colon'
refused --header 'Content-Length: 3'
refused --header "$(printf 'X-Two: lines\nX-Other: 1')"
echo "--- extra body"
for body in '' '{' 'nothing' '[]' '{"messages": []}' '{"tools": []}' '{"a": 1, "b"'; do
    refused --extra-body "$body"
done
echo "--- workload"
for workload in nowhere.json folder empty.json broken.json typo.json; do
    refused --workload "$workload"
done
refused --only third
refused --only first --only third
echo "--- output"
for output in '' nowhere/new.toktape there.toktape half.toktape folder; do
    refused -o "$output"
done
cat there.toktape half.toktape.part
echo "--- url"
secret=hunter2hunter2
for bad in '' 'ftp://127.0.0.1/' 'http://' 'http://127.0.0.1:0' 'http://127.0.0.1:65536' 'http://127.0.0.1:80/?a=b' \
    "http://me:$secret@127.0.0.1:8080" 'http://a b/'; do
    refused --url "$bad"
    grep "$secret" ../said
done
echo "--- nobody listens"
refused --url http://127.0.0.1:1
