// make_model.mjs OUT.gguf TEXT... [key=value...]: writes a tiny deterministic model that llama.cpp loads.
//
// The transformer does all its work (attention, KV cache, feed-forward), but what it adds to the residual stream is
// multiplied by zero, and the output matrix maps each token's embedding to that token's successor in a fixed script:
//   newline -> reasoning words -> </think> -> blank line -> answer words -> a tool call -> end of turn
// So prefill, prefix reuse and memory are real while the answer is the same at any temperature and batch size. Every
// token occurs once in the script, because the last token is all that the output depends on.
//
// The vocabulary is trained on the texts given. Keys: arch=qwen3 (dense) or qwen35 (hybrid of attention and
// state-space layers, with a head that predicts one token further), reason= and answer= (words), tool=0|1, ctx=,
// merges=, layers=, heads= (both slow it down), accept= (share of good drafts of that head), name=.
import { readFileSync } from 'node:fs'
import { tokenOf, trainVocabulary } from './bpe.mjs'
import { writeGguf } from './gguf.mjs'

const parameters = { arch: 'qwen3', reason: 120, answer: 180, tool: 1, ctx: 131072, merges: 6000, layers: 2,
  heads: 1, accept: 0.75, name: '' }
const WIDTH = 128, HEAD_SIZE = 64, HIDDEN = 256 // embedding, one attention head, feed-forward
const STATE = { heads: 2, size: 64, kernel: 4 } // of the state-space layers
const ATTENTION_EVERY = 2 // in the hybrid, the other layers are state-space ones
const KIND = { normal: 1, control: 3, userDefined: 4, unused: 5 }
const CONTROL = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
const TAGS = ['<think>', '</think>', '<tool_call>', '</tool_call>', '<tool_response>', '</tool_response>']
// A tool call in tokens. Those with JSON punctuation are tokens of their own, so that each occurs only once.
const CALL = ['<tool_call>', '\n{"name": "', 'read', '_file', '", "arguments": {"', 'path', '": "', 'src', '/main', '.c',
  '"}}\n', '</tool_call>']
const isGlue = token => token.includes('"')

// A 32-bit generator (splitmix), so that the same weights come out everywhere.
function makeRandom(seed) {
  return () => {
    seed = (seed + 0x9e3779b9) | 0
    let z = Math.imul(seed ^ (seed >>> 16), 0x21f0aaad)
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32
  }
}
const random = makeRandom(20240501)

function makeVocabulary(texts) {
  const plain = CALL.filter(token => !isGlue(token) && !TAGS.includes(token))
  const needed = (plain.join('\n') + '\n\n').repeat(10000) // frequent enough to become single tokens
  const { tokens, merges } = trainVocabulary(texts.join('\n') + needed, parameters.merges)
  const kinds = tokens.map(() => KIND.normal)
  const add = (token, kind) => { tokens.push(token); kinds.push(kind) }
  for (const token of CONTROL) add(token, KIND.control)
  for (const token of [...TAGS, ...CALL.filter(isGlue)]) add(token, KIND.userDefined)
  while (tokens.length % 32) add(`<|unused_${tokens.length}|>`, KIND.unused)
  return { tokens, merges, kinds, ids: new Map(tokens.map((token, id) => [token, id])) }
}

function shuffle(items) {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]]
  }
  return items
}

// The token ids in the order in which they are said, the newline that ends the prompt included.
function makeScript(vocabulary) {
  const id = text => {
    const found = vocabulary.ids.get(text) ?? vocabulary.ids.get(tokenOf(text))
    if (found === undefined) throw new Error(`the vocabulary has no token for '${text}'`)
    return found
  }
  const space = tokenOf(' ')
  const isWord = token => token.startsWith(space) && /^[a-z]{4,9}$/.test(token.slice(1))
  const words = shuffle(vocabulary.tokens.filter(isWord))
  const { reason, answer } = parameters
  if (words.length < reason + answer) throw new Error(`only ${words.length} words for reason= and answer=`)
  const said = words.slice(reason, reason + answer)
  // A character of three tokens, of which the first two send nothing.
  if (answer) said.splice(Math.floor(answer / 2), 0, ...tokenOf('✓'))
  const call = parameters.tool ? CALL : []
  return ['\n', ...words.slice(0, reason), '</think>', '\n\n', ...said, ...call, '<|im_end|>'].map(id)
}

// Each token's embedding is a random row of +1 and -1: of length sqrt(WIDTH), so that the norms change nothing, and
// nearly orthogonal to all others.
const makeEmbeddings = count => Float32Array.from({ length: count * WIDTH }, () => (random() < 0.5 ? -1 : 1))

// The matrix whose row for token `to` is the embedding of its predecessor `from`. A match gives 40, others 0 +- 4.
function makeHead(embeddings, pairs) {
  const head = new Float32Array(embeddings.length)
  for (const [from, to] of pairs) {
    for (let i = 0; i < WIDTH; i++) head[to * WIDTH + i] += embeddings[from * WIDTH + i] * (40 / WIDTH)
  }
  return head
}

const matrix = (inputs, outputs, value) => (
  { shape: [inputs, outputs], data: new Float32Array(inputs * outputs).map(value) })
const vector = (length, value) => ({ shape: [length], data: new Float32Array(length).fill(value) })
const weights = (inputs, outputs) => matrix(inputs, outputs, () => (random() - 0.5) / 5)
const nothing = (inputs, outputs) => matrix(inputs, outputs, () => 0)

const feedForward = () => ({
  'ffn_gate.weight': weights(WIDTH, HIDDEN), 'ffn_up.weight': weights(WIDTH, HIDDEN),
  'ffn_down.weight': nothing(HIDDEN, WIDTH),
})
const attention = gates => ({
  'attn_norm.weight': vector(WIDTH, 1),
  'attn_q.weight': weights(WIDTH, parameters.heads * HEAD_SIZE * (gates ? 2 : 1)),
  'attn_k.weight': weights(WIDTH, HEAD_SIZE), 'attn_v.weight': weights(WIDTH, HEAD_SIZE),
  'attn_q_norm.weight': vector(HEAD_SIZE, 1), 'attn_k_norm.weight': vector(HEAD_SIZE, 1),
  'attn_output.weight': nothing(parameters.heads * HEAD_SIZE, WIDTH),
})
function stateSpace() {
  const inner = STATE.heads * STATE.size
  const mixed = inner + 2 * STATE.size
  return {
    'attn_norm.weight': vector(WIDTH, 1),
    'attn_qkv.weight': weights(WIDTH, mixed), 'attn_gate.weight': weights(WIDTH, inner),
    'ssm_conv1d.weight': weights(STATE.kernel, mixed),
    'ssm_dt.bias': vector(STATE.heads, 0), 'ssm_a': vector(STATE.heads, -1),
    'ssm_beta.weight': weights(WIDTH, STATE.heads), 'ssm_alpha.weight': weights(WIDTH, STATE.heads),
    'ssm_norm.weight': vector(STATE.size, 1), 'ssm_out.weight': nothing(inner, WIDTH),
  }
}
// The extra layer drafts the token after next from the next one's embedding alone; some of its drafts are wrong.
function draftLayer(embeddings, script, pairs) {
  const anyToken = () => script[Math.floor(random() * script.length)]
  const drafts = pairs.map(([from, to]) => [from, random() < parameters.accept ? to : anyToken()])
  const identity = (_, i) => (i % (2 * WIDTH) === Math.floor(i / (2 * WIDTH)) ? 1 : 0) // of the first half, the embedding
  return {
    ...attention(true), 'post_attention_norm.weight': vector(WIDTH, 1), ...feedForward(),
    'nextn.eh_proj.weight': matrix(2 * WIDTH, WIDTH, identity),
    'nextn.enorm.weight': vector(WIDTH, 1), 'nextn.hnorm.weight': vector(WIDTH, 1),
    'nextn.shared_head_norm.weight': vector(WIDTH, 1),
    'nextn.shared_head_head.weight': { shape: [WIDTH, embeddings.length / WIDTH], data: makeHead(embeddings, drafts) },
  }
}

function makeTensors(vocabulary, script) {
  const count = vocabulary.tokens.length
  const embeddings = makeEmbeddings(count)
  const pairs = script.slice(1).map((token, i) => [script[i], token])
  pairs.push([vocabulary.ids.get('<think>'), script[0]])
  const tensors = {
    'token_embd.weight': { shape: [WIDTH, count], data: embeddings },
    'output.weight': { shape: [WIDTH, count], data: makeHead(embeddings, pairs) },
    'output_norm.weight': vector(WIDTH, 1),
  }
  const addLayer = (index, layer) => {
    for (const [name, tensor] of Object.entries(layer)) tensors[`blk.${index}.${name}`] = tensor
  }
  const hybrid = parameters.arch === 'qwen35'
  for (let i = 0; i < parameters.layers; i++) {
    const norm = hybrid ? 'post_attention_norm.weight' : 'ffn_norm.weight'
    const mixer = hybrid && (i + 1) % ATTENTION_EVERY ? stateSpace() : attention(hybrid)
    addLayer(i, { ...mixer, [norm]: vector(WIDTH, 1), ...feedForward() })
  }
  if (hybrid) addLayer(parameters.layers, draftLayer(embeddings, script, pairs))
  return Object.entries(tensors).map(([name, tensor]) => ({ name, ...tensor }))
}

function makeEntries(vocabulary) {
  const { arch } = parameters
  const hybrid = arch === 'qwen35'
  const id = token => vocabulary.ids.get(token)
  const entries = [
    ['general.architecture', 'string', arch],
    ['general.type', 'string', 'model'],
    ['general.name', 'string', parameters.name || `Script ${arch}`],
    ['general.file_type', 'u32', 0],
    [`${arch}.block_count`, 'u32', parameters.layers + (hybrid ? 1 : 0)],
    [`${arch}.context_length`, 'u32', parameters.ctx],
    [`${arch}.embedding_length`, 'u32', WIDTH],
    [`${arch}.feed_forward_length`, 'u32', HIDDEN],
    [`${arch}.attention.head_count`, 'u32', parameters.heads],
    [`${arch}.attention.head_count_kv`, 'u32', 1],
    [`${arch}.attention.key_length`, 'u32', HEAD_SIZE],
    [`${arch}.attention.value_length`, 'u32', HEAD_SIZE],
    [`${arch}.attention.layer_norm_rms_epsilon`, 'f32', 1e-6],
    [`${arch}.rope.freq_base`, 'f32', 1e6],
  ]
  if (hybrid) {
    entries.push(
      [`${arch}.rope.dimension_count`, 'u32', HEAD_SIZE / 2],
      [`${arch}.rope.dimension_sections`, 'i32[]', [6, 5, 5, 0]],
      [`${arch}.full_attention_interval`, 'u32', ATTENTION_EVERY],
      [`${arch}.nextn_predict_layers`, 'u32', 1],
      [`${arch}.ssm.conv_kernel`, 'u32', STATE.kernel],
      [`${arch}.ssm.state_size`, 'u32', STATE.size],
      [`${arch}.ssm.group_count`, 'u32', 1],
      [`${arch}.ssm.time_step_rank`, 'u32', STATE.heads],
      [`${arch}.ssm.inner_size`, 'u32', STATE.heads * STATE.size],
    )
  }
  return [...entries,
    ['tokenizer.ggml.model', 'string', 'gpt2'],
    ['tokenizer.ggml.pre', 'string', hybrid ? 'qwen35' : 'qwen2'],
    ['tokenizer.ggml.tokens', 'string[]', vocabulary.tokens],
    ['tokenizer.ggml.token_type', 'i32[]', vocabulary.kinds],
    ['tokenizer.ggml.merges', 'string[]', vocabulary.merges],
    ['tokenizer.ggml.bos_token_id', 'u32', id('<|endoftext|>')],
    ['tokenizer.ggml.eos_token_id', 'u32', id('<|im_end|>')],
    ['tokenizer.ggml.padding_token_id', 'u32', id('<|endoftext|>')],
    ['tokenizer.ggml.add_bos_token', 'bool', false],
    ['tokenizer.chat_template', 'string', readFileSync(new URL('chat_template.jinja', import.meta.url), 'utf8')],
  ]
}

const [out, ...rest] = process.argv.slice(2)
const texts = []
for (const argument of rest) {
  const [key, value] = argument.split('=')
  if (value === undefined) texts.push(readFileSync(argument, 'utf8'))
  else if (!(key in parameters)) throw new Error(`unknown key '${key}'`)
  else parameters[key] = typeof parameters[key] === 'number' ? Number(value) : value
}
if (!out || !texts.length) throw new Error('usage: make_model.mjs OUT.gguf TEXT... [key=value...]')
const vocabulary = makeVocabulary(texts)
writeGguf(out, makeEntries(vocabulary), makeTensors(vocabulary, makeScript(vocabulary)))
console.log(`${out}: ${vocabulary.tokens.length} tokens, ${vocabulary.merges.length} merges`)
