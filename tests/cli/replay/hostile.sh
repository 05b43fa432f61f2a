#!/bin/sh
# A trace that names another engine wherever one can be named: in its description, as the path of its runs, in its
# requests, probes, processes and labels. Nobody is contacted but the URL that was given; and traces without requests are
# refused by name.
# shellcheck disable=SC1091,SC2154 # "common" sets $url and $engine
. "$TESTS/cli/replay/common"
command -v python3 >/dev/null || exit 77
start quick.json --verbose
victim=$engine
mv log victim.log
engine=
end() { kill "$victim" 2>/dev/null; cleanup; }
trap end EXIT
cat >make.py <<'END'
import os, sys
sys.path.insert(0, os.path.join(os.environ["TESTS"], "golden"))
from make import ABSENT, NUMBERS, Trace, columns_of, contents, description, hashlib, uvarint

other = sys.argv[1]


def trace(name, change):
    wire, tables = contents()
    document = description("00000000-0000-4000-8000-00000000000f")
    change(document, tables)
    made = Trace()
    made.meta(document)
    made.data(wire, tables)
    with open(name, "xb") as file:
        file.write(made.finish())


def column(tables, table, number):
    return tables[NUMBERS[table]][number]


def everywhere(document, tables):
    document["options"] = {"url": other, "endpoint": other}
    document["engine"].update({"name": "llamacpp", "url": other, "args": ["--host", other], "binary": other})
    document["model"]["id"] = document["labels"]["url"] = other
    document["replay"] = {"parent": other, "url": other}
    document["provenance"][0]["url"] = other
    tables[NUMBERS["run"]][15] = [other.encode() + b"/v1/chat/completions"] * 4
    tables[NUMBERS["probe"]][7] = [other.encode() + b"/props"] * 5
    tables[NUMBERS["process"]][7] = [other.encode()] * 2
    body = b'{"model":"%s","base_url":"%s","messages":[{"role":"user","content":"%s"}],"max_tokens":4,"stream":true}' % (
        (other.encode(),) * 3)
    tables[NUMBERS["segment"]] = {1: [hashlib.sha256(body).digest()], 2: [body]}
    tables[NUMBERS["body"]] = {1: [hashlib.sha256(body).digest()] * 2, 2: [len(body)] * 2, 3: [uvarint(0)] * 2}


def without_bodies(document, tables):
    tables[NUMBERS["run"]][9] = [ABSENT] * 4


def of_another_kind(document, tables):
    tables[NUMBERS["run"]][15] = [b"/v1/embeddings"] * 4


def with_another_body(document, tables):
    tables[NUMBERS["segment"]][2][2] = b'{"role":"user","content":"Who?"}'


for change in (everywhere, without_bodies, of_another_kind, with_another_body):
    trace(change.__name__ + ".toktape", change)
END
python3 make.py "$url" || echo "not made"
start quick.json --verbose
replay everywhere.toktape -q --idle 0 -o again.toktape
"$TOKTAPE" info --json again.toktape | jq -c '[.runs.total, .replay.fidelity.identical_bodies]'
grep -c 'POST.*chat/completions' log
replay everywhere.toktape -q --idle 0 --concurrency 2 -o two.toktape
"$TOKTAPE" info --json two.toktape | jq -c '[.concurrency, .runs.total, .replay.fidelity.identical_bodies]'
sed 's/^/the other engine was asked: /' victim.log | grep -e GET -e POST
for trace in without_bodies of_another_kind with_another_body; do
    "$TOKTAPE" replay $trace.toktape --url "$url" -q -o never.toktape 2>&1
    echo "exit $?"
done
ls never.toktape* 2>/dev/null || echo "nothing is written"
