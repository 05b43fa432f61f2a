// figures.mjs EXPORT.jsonl WIRE-FOLDER: the figures of each run, computed from its raw bytes and the times of its reads
// alone, in another language and by another way than toktape's, as a JSON array.
//
// EXPORT.jsonl is from 'toktape export --format jsonl': only its lines 'run' (repeat and phase) and 'chunk' (a read's time
// and length) are used. WIRE-FOLDER/REPEAT.PHASE is from 'toktape extract --wire'.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const [exportPath, wireFolder] = process.argv.slice(2)
const rows = readFileSync(exportPath, 'utf8').trimEnd().split('\n').map(line => JSON.parse(line))

// The body of a chunked answer, and for each of its bytes where on the wire it stood.
function unframe(wire) {
  const body = [], places = []
  let at = wire.indexOf('\r\n\r\n') + 4
  for (;;) {
    const lineEnd = wire.indexOf('\r\n', at)
    const length = parseInt(wire.toString('latin1', at, lineEnd), 16)
    if (!length) return { body: Buffer.from(body), places }
    for (let i = lineEnd + 2; i < lineEnd + 2 + length; i++) {
      body.push(wire[i])
      places.push(i)
    }
    at = lineEnd + 2 + length + 2
  }
}

// Events with the time of the read in which their blank line was complete.
function eventsOf(wire, reads) {
  const { body, places } = unframe(wire)
  const ends = []
  let total = 0
  for (const read of reads) ends.push({ end: total += read.bytes, ns: Number(read.t_ns) })
  if (total !== wire.length) throw new Error(`${total} bytes in reads, ${wire.length} on the wire`)
  const events = []
  for (let from = 0, end; (end = body.indexOf('\n\n', from)) >= 0; from = end + 2) {
    const data = body.toString('utf8', from, end).slice('data: '.length)
    const { ns } = ends.find(read => places[end + 1] < read.end)
    if (data !== '[DONE]') events.push({ ns, ...JSON.parse(data) })
  }
  return events
}

const hasToken = ({ choices: [choice] }) =>
  choice && Boolean(choice.delta.content || choice.delta.reasoning_content || choice.delta.tool_calls?.length)

function figures({ repeat, phase }) {
  const reads = rows.filter(row => row.type === 'chunk' && row.repeat === repeat && row.phase === phase)
  const events = eventsOf(readFileSync(join(wireFolder, `${repeat}.${phase}`)), reads)
  const tokens = events.filter(hasToken)
  const finish = events.find(event => event.choices[0]?.finish_reason)
  const { usage, timings } = events.findLast(event => event.usage)
  const first = tokens[0].ns
  const inFirstRead = tokens.filter(event => event.ns === first).length
  const reason = finish.choices[0].finish_reason
  const isSilentAtEnd = reason !== 'length' || usage.completion_tokens > tokens.length
  const seconds = ((isSilentAtEnd ? finish : tokens.at(-1)).ns - first) / 1e9
  return {
    repeat, phase, ttft_ms: first / 1e6, first_read_tokens: inFirstRead, token_frames: tokens.length,
    decode_tok_s: (usage.completion_tokens - inFirstRead) / seconds, finish_reason: reason,
    completion_tokens: usage.completion_tokens, prompt_tokens: usage.prompt_tokens,
    cached_tokens: usage.prompt_tokens_details?.cached_tokens ?? null, prefill_ms: timings.prompt_ms,
  }
}

console.log(JSON.stringify(rows.filter(row => row.type === 'run').map(figures), null, 1))
