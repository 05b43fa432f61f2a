#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hostile_engine.py TOKTAPE: engines that mean harm. The recorder gives up in time and within bounded memory, and what
it wrote is an intact trace that is read within bounded memory too."""
import http.server
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time

TIMEOUT_S, PATIENCE_S = 3, 15
RECORD_MIB, READ_MIB = 128, 64
# A sanitizer's shadow memory counts as the program's.
ALLOWANCE = 4 if os.environ.get("SANITIZED") else 1
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
EVENT = b'data: {"choices":[{"index":0,"delta":{"content":" x"}}]}\n\n'


def endless(send):
    send(HEAD)
    while True:
        send(EVENT * 100)
        time.sleep(0.001)


def long_line(send):
    send(HEAD + b'data: {"choices":[{"index":0,"delta":{"content":"')
    for _ in range(1600):
        send(b"x" * 65536)
    send(b'"}}]}\n\n')


def empty_events(send):
    send(HEAD)
    for _ in range(1000):
        send(b"data: \n\n" * 1000)


def one_byte_a_second(send):
    for byte in HEAD + EVENT * 10:
        send(bytes([byte]))
        time.sleep(1)


def endless_headers(send):
    send(b"HTTP/1.1 200 OK\r\n")
    while True:
        send(b"X-More: " + b"y" * 8000 + b"\r\n")
        time.sleep(0.0001)


def endless_chunk_line(send):
    send(HEAD.replace(b"Connection", b"Transfer-Encoding: chunked\r\nConnection") + b"5;")
    while True:
        send(b"z" * 8000)
        time.sleep(0.0001)


def burst(send):
    usage = b'"usage":{"prompt_tokens":9,"completion_tokens":9}'
    send(HEAD + EVENT * 2 + b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],' + usage + b"}\n\n")


def endless_tokens(send):
    send(HEAD.replace(b"text/event-stream", b"application/json") + b'{"tokens":[')
    while True:
        send(b'{"id":1,"piece":" "},' * 1000)


def silent_tokens(send):
    send(b"HTTP/1.1 200 OK\r\n")
    time.sleep(PATIENCE_S)


# What answers chats, and what is asked afterwards how it cuts the answer; None: the engine is not one of those.
ATTACKS = [(attack, None) for attack in (endless, long_line, empty_events, one_byte_a_second, endless_headers,
                                         endless_chunk_line)]
ATTACKS += [(burst, endless_tokens), (burst, silent_tokens)]


class Engine(http.server.BaseHTTPRequestHandler):
    attack = tokeniser = None
    asked = 0

    def version_string(self):
        return "llama.cpp" if Engine.tokeniser else "engine"

    def log_message(self, *words):
        pass

    def do_GET(self):
        self.send_error(404)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if Engine.tokeniser and self.path == "/apply-template":
            self.send_error(404)
            return
        answer = Engine.tokeniser if self.path == "/tokenize" else Engine.attack
        Engine.asked += self.path == "/tokenize"
        try:
            answer(self.connection.sendall)
        except OSError:
            pass  # the recorder had enough
        self.close_connection = True


def run(words, limit_mib):
    """The exit code; the peak of its memory is checked."""
    begin = time.monotonic()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    mib = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
    took = time.monotonic() - begin
    assert took < PATIENCE_S, f"{words[1]} took {took:.1f} s"
    assert mib <= limit_mib * ALLOWANCE, f"{words[1]} used {mib:.0f} MiB"
    return process.returncode, mib


def suffer(toktape, url, work, attack, tokeniser):
    Engine.attack, Engine.tokeniser = attack, tokeniser
    name = (tokeniser or attack).__name__
    trace = os.path.join(work, name + ".toktape")
    record, record_mib = run([toktape, "record", "--url", url, "--workload", os.path.join(work, "work.json"), "--timeout",
                              str(TIMEOUT_S), "--cold", "keep", "--idle", "0", "-q", "-o", trace], RECORD_MIB)
    assert record in (0, 5), f"record: exit code {record}"
    check, _ = run([toktape, "check", trace], READ_MIB)
    assert check == 0, f"check: exit code {check}"
    report, report_mib = run([toktape, "report", "--view", "runs", trace], READ_MIB)
    assert report in (0, 1), f"report: exit code {report}"
    print(f"{name}: {os.path.getsize(trace)} bytes of trace, record {record_mib:.0f} MiB, report {report_mib:.0f} MiB")


def main(toktape):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Engine)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "work.json"), "w", encoding="ascii") as file:
            file.write('{"name": "hostile", "phases": [{"name": "hostile", "max_tokens": 9, '
                       '"messages": [{"role": "user", "content": "go"}]}]}')
        for attack, tokeniser in ATTACKS:
            suffer(toktape, f"http://127.0.0.1:{server.server_port}", work, attack, tokeniser)
    assert Engine.asked == 2, f"the tokeniser was asked {Engine.asked} times"
    return 0


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.exit(main(*sys.argv[1:]))
