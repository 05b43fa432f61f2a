#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kill.py TOKTAPE READER.py [KILLS]: recordings that are killed at random moments.

An engine in this process streams answers and remembers what it sent, and when. The recorder is killed with SIGKILL;
'toktape repair' must make a trace of what it left, in which every answer is a prefix of what was sent, and from which
nothing is missing that was sent more than a second before the kill."""
import http.server
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

EVENTS, GAP_S, SAFE_NS = 400, 0.004, 1_000_000_000
PHASES = ",".join('{"name": "p%d", "max_tokens": %d, "messages": [{"role": "user", "content": "go %d"}]}' % (i, EVENTS, i)
                  for i in range(20))


class Engine(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sent = []  # an answer after the other: [(monotonic ns, bytes so far)], and its bytes

    def log_message(self, *words):
        pass

    def do_GET(self):
        body = b'{"object":"list","data":[{"id":"killed"}]}' if self.path == "/v1/models" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def say(self, data):
        self.connection.sendall(data)
        self.answer[1] += data
        self.answer[0].append((time.monotonic_ns(), len(self.answer[1])))

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer = [[], b""]
        Engine.sent.append(self.answer)
        self.close_connection = True
        try:
            self.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for number in range(EVENTS):
                event = b'data: {"choices":[{"index":0,"delta":{"content":" %d"}}]}\n\n' % number
                self.say(b"%x\r\n%s\r\n" % (len(event), event))
                time.sleep(GAP_S)
            self.say(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        except OSError:
            pass  # the recorder is gone


def answers(reader, trace):
    """The wire of each run in the trace."""
    lines = subprocess.run([sys.executable, reader, "--rows", trace], capture_output=True, text=True, check=True).stdout
    wire, reads = bytearray(), []
    for line in lines.splitlines():
        table, _, rest = line.partition(" ")
        if table == "wire":
            wire += bytes.fromhex(rest[1:])
        elif table == "read":
            fields = dict(field.split("=") for field in rest.split())
            reads.append((int(fields["run"]), int(fields["nbytes"])))
    found, at = {}, 0
    for run, nbytes in reads:
        found[run] = found.get(run, b"") + bytes(wire[at:at + nbytes])
        at += nbytes
    return found


def check(found, sent, killed):
    for run, wire in found.items():
        assert sent[run][1].startswith(wire), f"run {run} is not what was sent"
    for run, (times, _) in enumerate(sent):
        safe = max((size for t, size in times if t < killed - SAFE_NS), default=0)
        assert len(found.get(run, b"")) >= safe, f"run {run}: {len(found.get(run, b''))} bytes of {safe} that must be there"


def kill_once(toktape, reader, url, work):
    Engine.sent = []
    part, saved = os.path.join(work, "run.toktape.part"), os.path.join(work, "saved.toktape")
    command = [toktape, "record", "--url", url, "--workload", os.path.join(work, "work.json"), "--pause", "0.05", "--cold",
               "keep", "--idle", "0", "-q", "-o", os.path.join(work, "run.toktape")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as recorder:
        time.sleep(0.3 + random.random() * 2.5)
        recorder.send_signal(signal.SIGKILL)
        killed = time.monotonic_ns()
    sent = [(list(times), data) for times, data in Engine.sent]
    if not sent and not os.path.exists(part):
        return 0  # killed before it had begun
    repaired = subprocess.run([toktape, "repair", part, "-o", saved, "-q"], capture_output=True, text=True)
    if not sent and repaired.returncode == 4:
        os.unlink(part)  # killed before its first block: there was nothing to lose
        return 0
    assert repaired.returncode == 3, f"repair: {repaired.returncode}, {repaired.stderr}"
    checked = subprocess.run([toktape, "check", "-q", saved], capture_output=True, text=True)
    assert checked.returncode == 3, f"check: {checked.returncode}, {checked.stderr}"
    found = answers(reader, saved)
    check(found, sent, killed)
    os.unlink(part)
    os.unlink(saved)
    return sum(map(len, found.values()))


def main(toktape, reader, kills=5):
    random.seed(1)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, total = f"http://127.0.0.1:{server.server_port}", 0
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "work.json"), "w", encoding="ascii") as file:
            file.write('{"name": "killed", "phases": [%s]}' % PHASES)
        for _ in range(int(kills)):
            total += kill_once(toktape, reader, url, work)
    print(f"{kills} recordings killed, {total} bytes of answers saved, none wrong, none older than a second missing")
    return 0 if total else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
