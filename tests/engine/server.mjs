// server.mjs MODEL.gguf [port=0] [ctx=32768] [--spec-type=draft-mtp]: an OpenAI-compatible server over a prebuilt
// llama.cpp. The last is spelt as llama-server's, so that a recording finds it among the arguments.
//
// Answers as llama-server does (frames, usage, timings, errors) at /v1/chat/completions, /v1/models, /props, /slots,
// /health and /tokenize. One request is computed at a time, the others wait. Prints 'listening PORT' once it serves.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { basename, resolve } from 'node:path'
import llama from '@fugood/llama.node'

const [modelPath, ...rest] = process.argv.slice(2)
const { port, ctx, '--spec-type': drafter } = {
  port: '0', ctx: '32768', '--spec-type': '', ...Object.fromEntries(rest.map(argument => argument.split('='))) }
const contextSize = Number(ctx)
const fingerprint = `b${llama.BuildInfo.number}-${llama.BuildInfo.commit}`
const modelName = basename(modelPath, '.gguf')
const engine = await llama.loadModel({
  model: modelPath, n_ctx: contextSize, n_threads: 1, n_gpu_layers: 0, n_parallel: 1, n_batch: 2048, n_ubatch: 512,
  ctx_shift: false, flash_attn_type: 'on',
  ...(drafter ? { speculative: drafter, spec_draft_n_max: 3 } : {}),
})
const modelInfo = engine.getModelInfo()

class RequestError extends Error {
  constructor(code, type, message, details = {}) {
    super(message)
    this.body = { error: { code, message, type, ...details } }
    this.code = code
  }
}
const serverError = error => ({ error: { code: 500, message: error.message, type: 'server_error' } })
const invalid = message => new RequestError(400, 'invalid_request_error', message)

// Runs the jobs one after another, whatever becomes of each.
let lastJob = Promise.resolve()
function inTurn(job) {
  const result = lastJob.then(job)
  lastJob = result.catch(() => {})
  return result
}

async function readJson(request) {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  try {
    return JSON.parse(Buffer.concat(pieces))
  } catch (error) {
    throw invalid(`invalid JSON: ${error.message}`)
  }
}

function completionOptions(body) {
  if (!Array.isArray(body.messages)) throw invalid("'messages' is required and must be an array")
  const tools = body.tools?.length ? body.tools : undefined
  return {
    messages: body.messages, jinja: true, reasoning_format: 'deepseek',
    tools, tool_choice: tools ? body.tool_choice ?? 'auto' : undefined, parallel_tool_calls: body.parallel_tool_calls,
    enable_thinking: body.chat_template_kwargs?.enable_thinking ?? true,
    n_predict: body.max_completion_tokens ?? body.max_tokens ?? -1,
    temperature: body.temperature ?? 0.8, top_p: body.top_p ?? 0.95, seed: body.seed,
    stop: body.stop ? [body.stop].flat() : [],
  }
}

async function refuseTooLong(completion) {
  const { prompt } = engine.getFormattedChat(completion.messages, undefined, completion)
  const count = (await engine.tokenize(prompt)).tokens.length
  if (count < contextSize) return
  throw new RequestError(400, 'exceed_context_size_error',
    `request (${count} tokens) exceeds the available context size (${contextSize} tokens), try increasing it`,
    { n_prompt_tokens: count, n_ctx: contextSize })
}

const callId = call => call.id || randomUUID().replaceAll('-', '')

// The engine reports the whole message so far; clients get what is new in it.
class MessageDiff {
  constructor() {
    this.sent = { reasoning_content: '', content: '' }
    this.calls = []
  }

  * deltas(message) {
    for (const field of ['reasoning_content', 'content']) {
      const text = message[field] ?? ''
      if (text.length <= this.sent[field].length) continue
      yield { [field]: text.slice(this.sent[field].length) }
      this.sent[field] = text
    }
    for (const [index, call] of (message.tool_calls ?? []).entries()) {
      const { name, arguments: text } = call.function
      const known = this.calls[index]
      if (known === undefined) {
        yield { tool_calls: [{ index, id: callId(call), type: 'function', function: { name, arguments: text } }] }
      } else if (text.length > known.length) {
        yield { tool_calls: [{ index, function: { arguments: text.slice(known.length) } }] }
      }
      this.calls[index] = text
    }
  }
}

// What the binding's counters say, in llama-server's terms: it does not count a first token that comes out of a prompt
// batch of several tokens, nor the end of the turn. With drafts it adds their verification to the prompt, so that how
// much of the prompt was computed cannot be told.
function countTokens(result) {
  const prompt = result.tokens_evaluated - result.tokens_predicted
  const computed = drafter ? undefined : result.timings.prompt_n
  const uncounted = computed > 1 ? 1 : 0
  const predicted = result.tokens_predicted + uncounted + (result.stopped_eos ? 1 : 0)
  return { prompt, computed, cached: computed && prompt - computed, predicted }
}

function usageOf({ prompt, cached, predicted }) {
  return {
    completion_tokens: predicted, prompt_tokens: prompt, total_tokens: prompt + predicted,
    prompt_tokens_details: cached === undefined ? undefined : { cached_tokens: cached },
  }
}

function timingsOf(result, counts, promptMs, predictedMs) {
  const rates = (name, n, ms) => ({
    [`${name}_n`]: n, [`${name}_ms`]: ms,
    [`${name}_per_token_ms`]: n && ms / n, [`${name}_per_second`]: n && ms && (1000 * n) / ms,
  })
  const drafts = { draft_n: result.draft_tokens ?? 0, draft_n_accepted: result.draft_tokens_accepted ?? 0 }
  return {
    cache_n: counts.cached,
    ...rates('prompt', counts.computed, promptMs), ...rates('predicted', counts.predicted, predictedMs),
    ...(drafter ? drafts : {}),
  }
}

function finishReason(result) {
  if (result.tool_calls?.length) return 'tool_calls'
  return result.stopped_eos || result.stopped_words ? 'stop' : 'length'
}

function sendJson(response, code, body) {
  const text = JSON.stringify(body)
  const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(text) }
  response.writeHead(code, headers)
  response.end(text)
}
const sendEvent = (response, data) => response.write(`data: ${JSON.stringify(data)}\n\n`)

// Computes one answer, calling onMessage with the message so far at each token.
async function complete(completion, onMessage) {
  const start = performance.now()
  let first = 0
  const result = await engine.completion(completion, message => {
    first ||= performance.now()
    onMessage(message)
  })
  const counts = countTokens(result)
  const end = performance.now()
  first ||= end // the last messages may come after the result
  const timings = timingsOf(result, counts, first - start, end - first)
  return { result, timings, usage: usageOf(counts) }
}

async function streamAnswer(response, head, completion, includeUsage) {
  const chunk = (delta, finish_reason = null) =>
    sendEvent(response, { choices: [{ finish_reason, index: 0, delta }], ...head, object: 'chat.completion.chunk' })
  const diff = new MessageDiff()
  let started = false
  const onMessage = message => {
    if (!started) chunk({ role: 'assistant', content: null })
    started = true
    for (const delta of diff.deltas(message)) chunk(delta)
  }
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  response.on('close', () => response.writableFinished || engine.stopCompletion())
  try {
    const { result, timings, usage } = await complete(completion, onMessage)
    onMessage(result)
    const last = { ...head, object: 'chat.completion.chunk' }
    const finish = { finish_reason: finishReason(result), index: 0, delta: {} }
    sendEvent(response, { choices: [finish], ...last, ...(includeUsage ? {} : { timings }) })
    if (includeUsage) sendEvent(response, { choices: [], ...last, usage, timings })
    response.end('data: [DONE]\n\n')
  } catch (error) {
    sendEvent(response, serverError(error))
    response.end()
  }
}

async function sendAnswer(response, head, completion) {
  response.on('close', () => response.writableFinished || engine.stopCompletion())
  const { result, timings, usage } = await complete(completion, () => {})
  const { content = '', reasoning_content } = result
  const tool_calls = result.tool_calls?.map(call => ({ ...call, id: callId(call) }))
  const message = { role: 'assistant', content, reasoning_content, tool_calls }
  sendJson(response, 200, {
    choices: [{ finish_reason: finishReason(result), index: 0, message }],
    ...head, object: 'chat.completion', usage, timings,
  })
}

async function chat(request, response) {
  const body = await readJson(request)
  const completion = completionOptions(body)
  await inTurn(async () => {
    if (response.destroyed) return
    await refuseTooLong(completion)
    if (body.cache_prompt === false) engine.clearCache(true)
    const head = {
      created: Math.floor(Date.now() / 1000), id: `chatcmpl-${randomUUID()}`,
      model: body.model ?? modelName, system_fingerprint: fingerprint,
    }
    if (body.stream) await streamAnswer(response, head, completion, body.stream_options?.include_usage)
    else await sendAnswer(response, head, completion)
  })
}

async function tokenize(request, response) {
  const { content = '' } = await readJson(request)
  const { tokens } = await inTurn(() => engine.tokenize(content))
  sendJson(response, 200, { tokens: [...tokens] })
}

function models(request, response) {
  const { metadata } = modelInfo
  const meta = {
    n_ctx: contextSize, n_ctx_train: Number(metadata[`${metadata['general.architecture']}.context_length`]),
    n_embd: modelInfo.nEmbd, n_params: modelInfo.nParams, size: modelInfo.size, ftype: 'all F32',
  }
  const data = [{ id: modelName, object: 'model', created: Math.floor(Date.now() / 1000), owned_by: 'llamacpp', meta }]
  sendJson(response, 200, { object: 'list', data })
}

function props(request, response) {
  sendJson(response, 200, {
    default_generation_settings: { n_ctx: contextSize, params: { 'speculative.types': 'none' } },
    total_slots: 1, model_alias: modelName, model_ftype: 'all F32', model_path: resolve(modelPath),
    chat_template: modelInfo.metadata['tokenizer.chat_template'], build_info: fingerprint,
  })
}

function slots(request, response) {
  sendJson(response, 200, [{ id: 0, n_ctx: contextSize, speculative: drafter !== '', is_processing: false }])
}

const routes = {
  'POST /v1/chat/completions': chat,
  'POST /tokenize': tokenize,
  'GET /v1/models': models,
  'GET /props': props,
  'GET /slots': slots,
  'GET /health': (request, response) => sendJson(response, 200, { status: 'ok' }),
}

async function answer(request, response) {
  const route = routes[`${request.method} ${request.url.split('?')[0]}`]
  // Like llama-server: every connection serves one request.
  response.setHeader('Server', 'llama.cpp')
  response.setHeader('Connection', 'close')
  try {
    if (!route) throw new RequestError(404, 'not_found_error', 'File Not Found')
    await route(request, response)
  } catch (error) {
    if (response.headersSent) response.destroy()
    else if (error instanceof RequestError) sendJson(response, error.code, error.body)
    else sendJson(response, 500, serverError(error))
  }
}

const server = createServer(answer)
server.listen(Number(port), '127.0.0.1', () => console.log(`listening ${server.address().port}`))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
