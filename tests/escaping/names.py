#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hostile names of model, engine, machine, label and phase, from a profile or written into a trace, through every
command, view and format: nothing they print can move a cursor, reorder text, break a table, a document or a line, be a
formula, or run.

usage: names.py TOKTAPE"""

import csv
import html.parser
import importlib.util
import io
import itertools
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import unicodedata

NAMES = {
    "markup": "a|b<script>alert(1)</script>",
    "backquotes": "`touch pwned`",
    "shell": "$(touch pwned)",
    "gnuplot": "x'; system \"touch pwned\"; '@{} \\n",
    "quotes": "\"; !touch pwned\n\"",
    "lines": "one\ntwo\r\n\tthree\x0b\u2028four\x85",
    "escapes": "\x1b[2J\x1b]0;title\x07\b\x7f red",
    "c1": "a\x9b31mb\x90c\x9d",
    "bidi": "abc\u202edef\u2066ghi\u200f\u061c",
    "wide": "\U0001f999\u6a21\u578be\u0301\U0001f1e9" * 3,
    "formula": "=1+1",
    "at": "@SUM(A1)",
    "minus": "-2+3",
    "plus": "+cmd|' /C calc'!A0",
    "comment": "--> <!-- /toktape --> <!-- toktape:tiers -->",
    "link": "[x](javascript:alert(1)) ![y](http://z) https://w www.v",
    "long": "word " * 60 + "x" * 900,
}
VIEWS = ("tiers", "grid", "phases", "runs", "cache", "depth", "itl", "turns")
NOT_UTF8 = b"bad \xff\xc0\xaf\xed\xa0\x80 bytes"
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
FORMULA = re.compile(r"\s*[=+\-@]")
SAFE_NAME = re.compile("(engine=|model=)?[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
NUMBER = re.compile(r"-?[0-9.]+(e[-+]?[0-9]+)?$")

TURNS = itertools.count()

failures = []


def expect(truth, *what):
    if not truth:
        failures.append(what)
        print("failed:", *(repr(w)[:300] for w in what))


def run(where, *arguments, codes=(0, 1), **more):
    done = subprocess.run([os.fsencode(a) if isinstance(a, str) else a for a in (TOKTAPE, *arguments)],
                          capture_output=True, cwd=more.pop("cwd", None), **more)
    expect(done.returncode in codes, where, done.returncode, done.stderr)
    return done.stdout, done.stderr


def is_plain(where, data):
    """UTF-8 without any control but line feeds."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        expect(False, where, e)
        return ""
    expect(not CONTROL.search(text), where, "control", CONTROL.findall(text))
    return text


def columns(line):
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in line)


def check_text(where, data):
    for line in is_plain(where, data).split("\n"):
        expect(columns(line) <= 80, where, "wide", line)


def check_markdown(where, data):
    cells = None
    for line in is_plain(where, data).split("\n"):
        bare = re.sub(r"\\.", "", line)
        expect("`" not in bare and not re.search("<(?!!-- /?toktape)", bare), where, "markup", line)
        expect("](" not in bare, where, "link", line)
        if line.startswith("|"):
            cells = cells or bare.count("|")
            expect(bare.count("|") == cells or bare.startswith("| **"), where, "cells", line)
        else:
            cells = None


def check_csv(where, data):
    rows = list(csv.reader(io.StringIO(is_plain(where, data)), strict=True))
    expect(len(rows) > 1 and len({len(row) for row in rows}) == 1, where, "ragged", rows)
    for row in rows:
        for cell in row:
            expect(not FORMULA.match(cell) or NUMBER.match(cell), where, "formula", cell)


def check_json(where, data):
    try:
        text = data.decode("utf-8")
        documents = [text]
        if where[-1] in ("jsonl", "otlp"):
            documents = [d for d in text.split("\n") if d]
        for document in documents:
            json.loads(document)
    except ValueError as e:
        expect(False, where, e)
    expect(not re.search(b"[\x00-\x09\x0b-\x1f\x7f]", data), where, "control in JSON")


class Tags(html.parser.HTMLParser):
    """The elements of a page, and the attributes that could fetch or run something."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.doubtful = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.doubtful += [(tag, key, value) for key, value in attrs
                          if key.startswith("on") or key == "src" or (key == "href" and not value.startswith("#"))]


def check_html(where, data):
    page = Tags()
    page.feed(is_plain(where, data))
    bad = page.tags & {"script", "img", "iframe", "object", "embed", "link", "form", "base"}
    expect("table" in page.tags and not bad, where, "elements", page.tags)
    expect(not page.doubtful, where, "attributes", page.doubtful)


FORMATS = {"text": check_text, "md": check_markdown, "csv": check_csv, "json": check_json}


def accepted(name):
    """What a profile takes of the name: printable ASCII, anything above it, at most 120 bytes."""
    return re.sub("[\x00-\x1f\x7f]", "", name).encode()[:120].decode(errors="ignore")


def profile_of(name):
    part = accepted(name)
    return {"name": part, "version": part, "model": part, "quant": part, "decode_tok_s": 100, "prefill_tok_s": 5000,
            "synth": {"runs": 2, "machine": part, "chip": part, "ram_gib": 16, "model_file": part}}


def workload_of(name):
    return {"name": "two", "phases": [
        {"name": phase, "max_tokens": 60, "messages": [{"role": "user", "content": name}]} for phase in ("cold", "warm")]}


def labels_of(name):
    """The trace's own labels: a note, and what no profile takes as names of the model and the machine."""
    labels = ["--label", "note=" + name]
    return labels if accepted(name) == name else labels + ["--label", "model=" + name, "--label", "machine=" + name]


def write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def check_report(where, check, *arguments):
    """Charts are another test's: without gnuplot a page has none."""
    out, err = run(where, "report", *arguments, env={**os.environ, "PATH": "/nowhere"})
    check(where, out)
    is_plain(where + ("stderr",), err)


def some_views():
    """Two of them, others each time: how a name is written depends on the format, and each view meets many names."""
    turn = next(TURNS)
    return [VIEWS[(turn + 3 * k) % len(VIEWS)] for k in range(2)]


def check_reports(key, trace, *label):
    for form, check in FORMATS.items():
        for view in some_views():
            check_report((key, "report", view, form), check, "--view", view, "--format", form, *label, trace)
        check_report((key, "report", "as", form), check, "--as", "vllm", "--format", form, *label, trace)
    for words in ((), ("--as", "asiai")):
        check_report((key, "report", *words, "html"), check_html, *words, "--format", "html", *label, trace)


def check_page(key, name, folder):
    """The block has a title that a page can ask for; all else is hostile."""
    archive = os.path.join(folder, "archive")
    os.mkdir(archive)
    document = profile_of(name)
    document["quant"], document["synth"]["machine"] = "Q4_K_M", "Machine"
    profile = write(os.path.join(folder, "docs.json"), json.dumps(document))
    run((key, "docs"), "synth", profile, "--workload", os.path.join(folder, "workload.json"), "-q", "-o",
        os.path.join(archive, "t.toktape"), "--label", "model=" + name, codes=(0,))
    page = write(os.path.join(folder, "page.md"),
                 "# Page\n\n<!-- toktape:tiers block=\"Machine 16 GB \u00b7 Q4\" -->\n<!-- /toktape -->\n\nand "
                 "<!-- toktape:value expr=\"value(*, decode_tok_s)\" --><!-- /toktape -->.\n")
    run((key, "docs"), "docs", "-q", page, "--traces", archive, codes=(0,))
    with open(page, "rb") as f:
        data = f.read()
    check_markdown((key, "docs"), data)
    expect(b"| --: |" in data or b"|--:|" in data, key, "docs", "no table", data)
    expect(data.count(b"<!-- toktape:") == 2 and data.count(b"<!-- /toktape -->") == 2, key, "docs", data)
    out, err = run((key, "docs --check"), "docs", "--check", page, "--traces", archive, codes=(0,))
    is_plain((key, "docs --check"), out + err)


def load_maker():
    """The writer of traces that the golden ones are made with."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "golden", "make.py")
    spec = importlib.util.spec_from_file_location("make", path)
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    # From 32 tokens on an answer has points in the view of depths, as long as it does not repeat itself.
    maker.WORDS = [word + str(i * i) for i in range(8) for word in maker.WORDS]
    return maker


def written_meta(name, uuid):
    """What no recorder would write: the name as it is wherever a document of a trace has a text."""
    meta = MAKER.description(uuid)
    meta["tool"] = {"name": name, "version": name}
    meta["host"].update(machine_name=name, chip=name, power_mode=name, os=name, machine=name)
    meta["engine"].update(name=name, version=name, version_source=name, args=[name, "-c", name], binary=name)
    meta["model"] = {"id": name, "file": name, "quant": name}
    meta["speculative"] = {"kind": name, "source": name}
    meta["workload"].update(name=name, phases=[{"name": "1" + name, "max_tokens": 3}, {"name": name, "max_tokens": 3}])
    meta["labels"] = {"machine": name, "model": name, "note": name, name: name}
    meta["discipline"] = {"findings": [name], "accepted": [name]}
    return meta


def written_rows(text):
    """The rows of a trace with the bytes, which need not be UTF-8, wherever a table has a text of its own."""
    wire, tables = MAKER.contents()
    for table in ("run_end", "process", "series", "mark", "loss"):
        columns = tables[MAKER.NUMBERS[table]]
        for ident, values in columns.items():
            if isinstance(values[0], bytes):
                columns[ident] = [text] * len(values)
    return wire, tables


def written_trace(name, uuid="00000000-0000-4000-8000-00000000000f", text=None):
    trace = MAKER.Trace()
    trace.meta(written_meta(name, uuid))
    trace.meta({"facts": [{"path": "engine.version", "value": name, "how": name, "t": "1000000001"}]})
    trace.data(*written_rows(name.encode() if text is None else text))
    trace.block(MAKER.NOTE, 0, json.dumps({"text": name, "author": name, "time": name}).encode())
    return trace.finish()


def check_diff(key, trace, other):
    for form, check in (("text", is_plain), ("json", check_json)):
        words = ["--json"] if form == "json" else []
        out, err = run((key, "diff", form), "diff", *words, trace, "--against", other, codes=(0, 1, 2))
        check((key, "diff", form), out or b"{}")
        is_plain((key, "diff", form, "stderr"), err)


def check_written(key, name, folder):
    """A trace that says the name everywhere. Its engine's name is its own, so that two of them can be compared."""
    trace, other = os.path.join(folder, "written.toktape"), os.path.join(folder, "other.toktape")
    for path, uuid in ((trace, "00000000-0000-4000-8000-00000000000f"), (other, "00000000-0000-4000-8000-0000000000ff")):
        with open(path, "wb") as f:
            f.write(written_trace(name, uuid))
    check_reports(key + " written", trace)
    check_others(key + " written", folder, trace)
    check_plots(key + " written", folder, trace)
    check_diff(key + " written", trace, other)


def check_refused():
    """A document that is no UTF-8 is not read; what JSON's escapes can say beyond UTF-8 is."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "t.toktape")
        trace = MAKER.Trace()
        raw = json.dumps(written_meta("name", "00000000-0000-4000-8000-00000000000f")).encode()
        raw = raw.replace(b'"name"', b'"' + NOT_UTF8 + b'"')
        trace.content.add_meta(raw)
        trace.block(MAKER.META, MAKER.CRITICAL, raw)
        trace.data(*MAKER.contents())
        with open(path, "wb") as f:
            f.write(trace.finish())
        for command in ("report", "info", "check"):
            out, err = run((command, "not UTF-8"), command, path, codes=(4,))
            is_plain((command, "not UTF-8"), out + err)
            expect(b"UTF-8" in out + err, command, "says nothing of UTF-8", out, err)
        with open(path, "wb") as f:
            f.write(written_trace("name", text=NOT_UTF8 + b"\x1b[2J\n"))
        check_reports("rows not UTF-8", path)
        check_others("rows not UTF-8", folder, path)
        check_plots("rows not UTF-8", folder, path)
        with open(path, "wb") as f:
            f.write(written_trace("half a pair \ud800 and a zero \0 behind", text=b""))
        for command in ("report", "info", "check"):
            out, err = run((command, "surrogate"), command, path, codes=(0, 1, 4))
            is_plain((command, "surrogate"), out + err)


def check_exports(key, folder, trace):
    for kind in "jsonl", "perfetto", "otlp":
        out, err = run((key, "export", kind), "export", "--format", kind, trace, codes=(0,))
        check_json((key, "export", kind), out)
        is_plain((key, "export", kind), err)
    for kind in "csv", "csv-frames":
        out, _ = run((key, "export", kind), "export", "--format", kind, trace, codes=(0,))
        check_csv((key, "export", kind), out)
    database = trace + ".sqlite"
    run((key, "export", "sqlite"), "export", "--format", "sqlite", "-o", database, trace, codes=(0,))
    db = sqlite3.connect(database)
    expect(db.execute("PRAGMA integrity_check").fetchone()[0] == "ok", key, "sqlite")
    expect(db.execute("SELECT count(*) FROM traces").fetchone()[0] == 1, key, "sqlite", "traces")
    db.close()
    parts = trace + ".parts"
    run((key, "export", "jsonl-parts"), "export", "--format", "jsonl-parts", "-o", parts, trace, codes=(0,))
    for path, folders, files in os.walk(parts):
        for name in folders + files:
            expect(SAFE_NAME.fullmatch(name), key, "jsonl-parts", name)


def check_others(key, folder, trace):
    for command in (["info", trace], ["check", trace]):
        out, err = run((key, *command), *command)
        is_plain((key, *command), out + err)
        out, err = run((key, *command, "json"), *command, "--json")
        check_json((key, *command, "json"), out)
    check_exports(key, folder, trace)


def check_plots(key, folder, trace):
    out, err = run((key, "plot"), "plot", trace, "-o", os.path.join(folder, "charts"), cwd=folder, codes=(0, 5))
    is_plain((key, "plot"), out + err)
    expect("pwned" not in os.listdir(folder), key, "plot ran a name")
    for script in os.listdir(os.path.join(folder, "charts")):
        if script.endswith(".gp"):
            with open(os.path.join(folder, "charts", script), "rb") as f:
                expect(b"`" not in f.read(), key, script, "backquote")


def check_recording(key, name, folder):
    profile = write(os.path.join(folder, "serve.json"),
                    json.dumps({"name": "llama.cpp", "version": accepted(name), "model": accepted(name),
                                "quant": accepted(name), "decode_tok_s": 5000, "prefill_tok_s": 500000}))
    server = subprocess.Popen([TOKTAPE, "serve", profile, "--port", "0"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    try:
        url = server.stdout.readline().decode().strip()
        out, err = run((key, "record"), "record", "--url", url, "--workload", os.path.join(folder, "workload.json"),
                       "--runs", "1", "--pause", "0", *labels_of(name), "-o", "r.toktape", cwd=folder,
                       codes=(0,))
        check_text((key, "record"), out)
        is_plain((key, "record", "stderr"), err)
        out, _ = run((key, "info of a recording"), "info", os.path.join(folder, "r.toktape"))
        is_plain((key, "info of a recording"), out)
        run((key, "plot of a recording"), "plot", "-q", "r.toktape", "-o", "c", cwd=folder, codes=(0, 5))
        expect("pwned" not in os.listdir(folder), key, "a recording ran a name")
    finally:
        server.terminate()
        server.wait()


def main():
    for key, name in NAMES.items():
        with tempfile.TemporaryDirectory() as folder:
            profile = write(os.path.join(folder, "profile.json"), json.dumps(profile_of(name)))
            workload = write(os.path.join(folder, "workload.json"), json.dumps(workload_of(name)))
            trace = os.path.join(folder, "t.toktape")
            out, err = run((key, "synth"), "synth", profile, "--workload", workload, "-o", trace, *labels_of(name),
                           codes=(0,))
            is_plain((key, "synth"), out + err)
            if not os.path.exists(trace):
                continue
            check_reports(key, trace)
            check_page(key, name, folder)
            check_others(key, folder, trace)
            check_written(key, name, folder)
            if key in ("markup", "escapes", "bidi", "gnuplot", "long"):
                check_recording(key, name, folder)
            if key == "wide":
                check_reports("not UTF-8", trace, "--label", b"model=" + NOT_UTF8, "--label", b"machine=" + NOT_UTF8)
    check_refused()
    print(f"{len(NAMES)} names, {len(failures)} failures")
    return len(failures) > 0


if __name__ == "__main__":
    TOKTAPE = os.path.abspath(sys.argv[1])
    MAKER = load_maker()
    sys.exit(main())
