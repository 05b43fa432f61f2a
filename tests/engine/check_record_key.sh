# An engine behind a key: the key and the headers given are sent with every request, and the trace has neither.
# shellcheck shell=sh
cat >gate.mjs <<'J'
import { createServer, request as ask } from 'node:http'
import { appendFileSync } from 'node:fs'
const engine = process.argv[2]
createServer((request, response) => {
  const { authorization, 'x-tenant': tenant } = request.headers
  appendFileSync('seen', `${request.method} ${request.url} ${authorization} ${tenant}\n`)
  if (authorization !== 'Bearer sk-Zu7kLq93xTqpWm41vNc8') {
    response.writeHead(401, { 'Content-Type': 'application/json' })
    response.end('{"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}}')
    return
  }
  const { method, headers } = request
  request.pipe(ask(engine + request.url, { method, headers }, answer => {
    response.writeHead(answer.statusCode, answer.headers)
    answer.pipe(response)
  }))
}).listen(0, '127.0.0.1', function () { console.log(this.address().port) })
J
jq -n '{name: "key", phases: [
    {name: "a", max_tokens: 5, messages: [{role: "user", content: "Who is there?"}]}]}' >key.json
node gate.mjs "$URL" >port &
gate=$!
trap 'kill $gate' EXIT
for _ in $(seq 200); do [ -s port ] || sleep 0.05; done
gated=http://127.0.0.1:$(cat port)
KEY=sk-Zu7kLq93xTqpWm41vNc8 "$TOKTAPE" record --url "$gated" --workload key.json --api-key-env KEY \
    --header 'X-Tenant: quincunx' -q -o key.toktape
"$TOKTAPE" report --view runs --json key.toktape | jq -e '.runs[0].valid'
grep -x 'GET /props Bearer sk-Zu7kLq93xTqpWm41vNc8 quincunx' seen
grep -x 'POST /v1/chat/completions Bearer sk-Zu7kLq93xTqpWm41vNc8 quincunx' seen
if grep -v 'Bearer sk-Zu7kLq93xTqpWm41vNc8 quincunx$' seen; then exit 1; fi
zstd -dcq key.toktape >unpacked
if grep -a -e sk-Zu7kLq93 -e quincunx unpacked key.toktape; then exit 1; fi

code=0
"$TOKTAPE" record --url "$gated" --workload key.json -q -o refused.toktape 2>message || code=$?
[ "$code" = 5 ]
grep -F "'a': Invalid API Key (HTTP 401" message
grep -F -e --api-key-env message
"$TOKTAPE" report --view runs --json refused.toktape |
    jq -e '.runs[0] | .http_status == 401 and .error_kind == "status"'
