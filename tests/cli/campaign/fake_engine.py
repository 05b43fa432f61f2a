"""fake_engine.py PORT WHAT: an engine that says it is llama-server, with something wrong with it.

WHAT: other-model (serves /models/other.gguf), small (a context of 64 tokens), dies (in the middle of the second
answer), binary (ends, and its last words have a NUL), cuts (the second answer short), mute (cuts every answer short), silent (never healthy), refuses (ends before it listens)."""
import http.server
import json
import os
import sys
import time

port, what = int(sys.argv[1]), sys.argv[2]
asked = 0


class Engine(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Server", "llama.cpp")
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            self.answer({"status": "loading"}, 503) if what == "silent" else self.answer({"status": "ok"})
        elif self.path == "/props":
            self.answer({"build_info": "b7-fake", "model_path": "/models/other.gguf" if what == "other-model" else "/models/tiny.gguf",
                         "total_slots": 1, "default_generation_settings": {"n_ctx": 64 if what == "small" else 32768}})
        elif self.path == "/v1/models":
            self.answer({"data": [{"id": "tiny"}]})
        else:
            self.answer({}, 404)

    def do_POST(self):
        global asked
        self.rfile.read(int(self.headers["Content-Length"]))
        asked += 1
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for i in range(40):
            if what == "dies" and asked == 2 and i == 5:
                print("ggml_metal: command buffer failed\nout of device memory", file=sys.stderr, flush=True)
                os._exit(7)
            if (what == "mute" or what == "cuts" and asked == 2) and i == 5:
                return
            choice = {"index": 0, "delta": {"content": "word "}, "finish_reason": "length" if i == 39 else None}
            self.wfile.write(b"data: " + json.dumps({"choices": [choice]}).encode() + b"\n\n")
            time.sleep(0.002)
        self.wfile.write(b"data: [DONE]\n\n")


if what == "binary":
    print("weights: \0\0!\nerror: no tensor 'x'", file=sys.stderr)
    sys.exit(1)
if what == "refuses":
    print("loading /models/tiny.gguf\nerror: unknown model architecture 'x'", file=sys.stderr)
    sys.exit(1)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Engine).serve_forever()
