# SPDX-License-Identifier: MIT
"""An engine for torture, which is not the program's own: it answers what a recorder asks first, gives each completion to
a function, and keeps what it sent, and when."""

import http.server
import json
import os
import socketserver
import threading
import time

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
MODELS = json.dumps({"object": "list", "data": [{"id": "torture", "object": "model"}]}).encode()


def event(number, text):
    chunk = {"id": f"chatcmpl-{number}", "object": "chat.completion.chunk",
             "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


class Answer:
    """One answer: its bytes with the head, and at which time of the monotonic clock how many of them were sent."""

    def __init__(self, number, stream):
        self.number, self.stream, self.sent, self.times = number, stream, bytearray(), []

    def push(self, data):
        """Sends without keeping it."""
        self.stream.write(data)
        self.stream.flush()

    def send(self, data):
        self.sent += data  # first: the other side may have it before this thread goes on
        self.push(data)
        self.times.append((time.monotonic_ns(), len(self.sent)))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        body = MODELS if self.path == "/v1/models" else b"{}"
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path != "/v1/chat/completions":
            self.do_GET()
            return
        self.close_connection = True
        answer = self.server.begin(self.wfile)
        try:
            self.server.complete(answer)
        except OSError:
            pass  # the recorder is gone, or had enough


class Engine(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def __init__(self, complete):
        super().__init__(("127.0.0.1", 0), Handler)
        self.complete, self.answers, self.lock = complete, [], threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def begin(self, stream):
        with self.lock:
            self.answers.append(Answer(len(self.answers), stream))
            return self.answers[-1]

    def handle_error(self, request, client_address):
        pass


def workload(folder, phases):
    path = os.path.join(folder, "work.json")
    listed = [{"name": f"phase{i}", "max_tokens": 2000,
               "messages": [{"role": "user", "content": f"What is behind hill {i}?"}]} for i in range(phases)]
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"name": "torture", "phases": listed}, file)
    return path
