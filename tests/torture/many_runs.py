#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""many_runs.py TOKTAPE GOLDEN-FOLDER CPU_OF: a trace of a few hundred bytes that announces as many runs as a trace may have, and
one with more. Every command that reads it stays within 64 MiB. Then two traces of short answers, the second with twenty
times as many: memory stays what it is, and nothing depends on whether there is a file for what is long."""
import json
import os
import resource
import subprocess
import sys
import tempfile

LIMIT_MIB, RUNS_MAX = 64, 24576
# A sanitizer's shadow memory counts as the program's.
ALLOWANCE = 4 if os.environ.get("SANITIZED") else 1
COMMANDS = [["info"], ["check"], ["report"], ["report", "--view", "runs", "--json"], ["export"],
            ["repair", "-o", os.devnull], ["repack", "-o", os.devnull]]


def craft(golden, runs, path):
    sys.path.insert(0, golden)
    import make  # the writer that was made from the specification
    trace = make.Trace()
    trace.meta({"format": "toktape", "format_version": 1, "trace": "many"})
    trace.data(b"", {1: {1: list(range(runs))}, 2: {1: list(range(runs))}})
    with open(path, "wb") as file:
        file.write(trace.out)


GROWING = [["report"], ["report", "--view", "runs"], ["report", "--view", "depth"], ["report", "--view", "itl", "--json"],
           ["report", "--view", "depth", "--format", "csv"], ["report", "--format", "html"], ["export", "--format", "csv"]]
GROWTH_MIB = 3
PROFILE = {"name": "llama.cpp", "version": "b1", "model": "Tiny-1B", "decode_tok_s": 100, "jitter": 0.02, "prefill_tok_s": 5000,
           "synth": {"rss_gib": 1, "rails": [{"name": "SoC", "unit": "nJ", "idle_w": 5, "prefill_w": 30, "decode_w": 40}]}}
WORKLOAD = {"name": "short", "phases": [{"name": "warm", "max_tokens": 70, "messages": [{"role": "user", "content": "go"}]}]}


def synthesise(toktape, work, runs):
    paths = [os.path.join(work, name) for name in ("profile.json", "workload.json", f"{runs}.toktape")]
    for path, content in zip(paths, (PROFILE, WORKLOAD)):
        with open(path, "w", encoding="utf-8") as file:
            json.dump(content, file)
    subprocess.run([toktape, "synth", paths[0], "--workload", paths[1], "--runs", str(runs), "-q", "-o", paths[2]], check=True)
    return paths[2]


def output(words, file_bytes=None, **environment):
    def limit():
        if file_bytes:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    return subprocess.run(words, stdout=subprocess.PIPE, check=True, env={**os.environ, **environment}, preexec_fn=limit).stdout


def check_growth(toktape, cpu_of, work):
    few, many = synthesise(toktape, work, 250), synthesise(toktape, work, 5000)
    for words in GROWING:
        grown = run(cpu_of, [toktape, *words, many]) - run(cpu_of, [toktape, *words, few])
        print(f"{' '.join(words)}: {grown:.1f} MiB more for 4750 runs more")
        if ALLOWANCE == 1 and sys.platform.startswith("linux"):
            assert grown <= GROWTH_MIB, f"{' '.join(words)} grew by {grown:.1f} MiB"
        if "html" not in words:  # whose charts want the folder themselves
            shown = output([toktape, *words, many])
            assert shown == output([toktape, *words, many], TMPDIR=os.path.join(work, "nowhere")), f"{words} without a file"
            assert shown == output([toktape, *words, many], file_bytes=600 << 10), f"{words} with short files only"


def run(cpu_of, words):
    """MiB at the peak, asked of a small program: a child's peak has that of the program that starts it as its least."""
    result = subprocess.run([cpu_of, "-a", *words], stdout=subprocess.PIPE, check=False)
    assert result.returncode < 128, f"{words[1]} died of signal {result.returncode - 128}"
    mib = int(result.stdout.split()[2]) / (1024 if sys.platform != "darwin" else 1 << 20)
    assert mib <= LIMIT_MIB * ALLOWANCE, f"{words[1]} used {mib:.0f} MiB"
    return mib


def main(toktape, golden, cpu_of):
    with tempfile.TemporaryDirectory() as work:
        trace = os.path.join(work, "many.toktape")
        for runs in (RUNS_MAX, 2 * RUNS_MAX, 65536):
            craft(golden, runs, trace)
            for words in COMMANDS:
                mib = run(cpu_of, [toktape, *words, trace] + (["--allow-incomplete"] if words[0] in ("info", "report", "export") else []))
                print(f"{runs} runs in {os.path.getsize(trace)} bytes: {' '.join(words)}: {mib:.0f} MiB")
        check_growth(toktape, cpu_of, work)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
