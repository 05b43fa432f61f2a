#!/bin/sh
# Spans: each line is a TracesData whose ids, times, parents and counts hold together.
command -v python3 >/dev/null || { echo "python3 is not installed" >&2; exit 77; }
set -- captures.toktape agentic.toktape tools.toktape truncated.toktape
for trace in "$@"; do cp "$TESTS/golden/$trace" .; done
"$TOKTAPE" export --allow-incomplete --format otlp -o spans "$@"
echo "exit $?"
"$TOKTAPE" report --allow-incomplete --view runs --json "$@" >report.json
for trace in "$@"; do "$TOKTAPE" export --allow-incomplete --format csv "$trace"; done | grep -vc ^trace_id
cat >check.py <<'P'
import collections, json, re
names = collections.Counter()
spans, usage = {}, collections.Counter()
def value(attribute):
    (kind, v), = attribute["value"].items()
    return int(v) if kind == "intValue" else v
for line in open("spans", encoding="utf-8"):
    (resource,) = json.loads(line)["resourceSpans"]
    assert {a["key"] for a in resource["resource"]["attributes"]} >= {"service.name", "toktape.label"}
    (scope,) = resource["scopeSpans"]
    assert scope["scope"]["name"] == "toktape"
    for span in scope["spans"]:
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"]) and int(span["traceId"], 16)
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"]) and int(span["spanId"], 16)
        key = span["traceId"], span["spanId"]
        assert key not in spans, "an id twice"
        spans[key] = span
        begin, end = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        assert begin <= end
        assert span["kind"] in (1, 3)
        attributes = {a["key"]: value(a) for a in span.get("attributes", [])}
        assert len(attributes) == len(span.get("attributes", []))
        if span["kind"] == 3:
            names[span["name"]] += 1
            assert attributes["gen_ai.operation.name"] in ("chat", "text_completion")
            assert attributes["gen_ai.provider.name"]
            usage["input"] += attributes.get("gen_ai.usage.input_tokens", 0)
            usage["output"] += attributes.get("gen_ai.usage.output_tokens", 0)
            usage["failed"] += "error.type" in attributes
            assert ("error.type" in attributes) == (span["status"].get("code") == 2)
        else:
            names[span["name"]] += 1
        parent = span.get("parentSpanId")
        assert parent is None or int(spans[span["traceId"], parent]["startTimeUnixNano"]) <= begin
        for link in span.get("links", []):
            assert (link["traceId"], link["spanId"]) in spans
runs = json.load(open("report.json"))["runs"]
assert usage["output"] == sum(run["completion_tokens"] or 0 for run in runs)
assert usage["input"] == sum(run["prompt_tokens"] or 0 for run in runs)
for name in sorted(names):
    print(name, names[name])
print("traces", len({trace for trace, _ in spans}), dict(usage))
P
python3 -B check.py
