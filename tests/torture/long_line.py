#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""long_line.py TOKTAPE: files of one line of a gigabyte, or of an eighth of one: a text that nobody wants, one that is
read, a name, a list of requests. Each is imported or refused by name within 64 MiB."""
import os
import subprocess
import sys
import tempfile

LIMIT_MIB, GIB = 64, 1 << 30
# A sanitizer's shadow memory counts as the program's.
ALLOWANCE = 4 if os.environ.get("SANITIZED") else 1
PIECE = b"x" * (1 << 20)
# What is before the long part and behind it, what it is made of, and whether it is imported.
CASES = {
    "a text that is passed over": (b'{"schema_version":"agentic-v4","engine":"e","notes":"', PIECE,
                                   b'","runs":[{"phase":"warm","ttft_ms":5}]}', True),
    "a text that is read": (b'{"schema_version":"agentic-v4","engine":"', PIECE, b'","runs":[]}', False),
    "a name": (b'{"schema_version":"agentic-v4","engine":"e","', PIECE, b'":1,"runs":[]}', False),
    "a number": (b'{"schema_version":"agentic-v4","engine":"e","n":1', b"0" * (1 << 20), b',"runs":[]}', False),
    "requests without end": (b'{"input_lens":[1', b",1" * (1 << 19), b'],"output_lens":[],"ttfts":[],"itls":[]}', False),
    "spaces": (b'{"schema_version":"agentic-v4","engine":"e",', b" " * (1 << 20),
               b'"runs":[{"phase":"warm","ttft_ms":5}]}', True),
}


def run(words):
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, said, usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)


def main(toktape):
    with tempfile.TemporaryDirectory() as work:
        path, out = os.path.join(work, "long.json"), os.path.join(work, "out.toktape")
        for name, (before, piece, behind, is_good) in CASES.items():
            with open(path, "wb") as file:
                file.write(before)
                for _ in range((GIB if "over" in name else GIB // 8) // len(piece)):
                    file.write(piece)
                file.write(behind)
            kind = "vllm" if "requests" in name else "asiai"
            code, said, mib = run([toktape, "import", "--format", kind, path, "-o", out])
            print(f"{name}: exit {code}, {mib:.0f} MiB, {said.decode(errors='replace').strip()[-110:]}")
            assert code == (0 if is_good else 4), "the wrong exit code"
            assert mib <= LIMIT_MIB * ALLOWANCE, "too much memory"
            assert os.path.exists(out) == is_good
            if is_good:
                os.unlink(out)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
