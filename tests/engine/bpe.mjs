// A byte-level BPE vocabulary, trained on a text: the 256 bytes first, then one token per merge.

// Byte-level vocabularies write each byte as a printable character: itself where it is one, else one from U+0100 on.
export const byteCharacters = (() => {
  const characters = []
  let next = 256
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173)
    characters.push(String.fromCharCode(printable ? byte : next++))
  }
  return characters
})()

export const tokenOf = text => [...Buffer.from(text)].map(byte => byteCharacters[byte]).join('')

// Merges never cross these pieces: a word with one character before it, a digit, punctuation, line ends, spaces.
const PIECES = /[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+/gu

function countPieces(text) {
  const counts = new Map()
  for (const piece of text.match(PIECES) ?? []) counts.set(piece, (counts.get(piece) ?? 0) + 1)
  return [...counts].map(([piece, count]) => ({ symbols: [...tokenOf(piece)], count }))
}

// How often each pair of neighbours occurs, and in which pieces, kept up to date while pieces change.
class PairCounts {
  pairs = new Map()

  add(piece, sign) {
    for (let i = 0; i + 1 < piece.symbols.length; i++) {
      const name = piece.symbols[i] + ' ' + piece.symbols[i + 1]
      let pair = this.pairs.get(name)
      if (!pair) this.pairs.set(name, (pair = { name, count: 0, pieces: new Set() }))
      pair.count += sign * piece.count
      pair.pieces.add(piece)
      if (pair.count === 0) this.pairs.delete(name)
    }
  }

  mostFrequent() {
    let best = null
    for (const pair of this.pairs.values()) {
      if (!best || pair.count > best.count || (pair.count === best.count && pair.name < best.name)) best = pair
    }
    return best
  }
}

function mergeIn(piece, left, right) {
  const merged = []
  for (let i = 0; i < piece.symbols.length; i++) {
    const match = piece.symbols[i] === left && piece.symbols[i + 1] === right
    merged.push(match ? left + right : piece.symbols[i])
    if (match) i++
  }
  piece.symbols = merged
}

// Returns { tokens, merges }: at most `limit` merges, fewer when nothing occurs twice any more.
export function trainVocabulary(text, limit) {
  const counts = new PairCounts()
  for (const piece of countPieces(text)) counts.add(piece, 1)
  const tokens = [...byteCharacters]
  const merges = []
  while (merges.length < limit) {
    const pair = counts.mostFrequent()
    if (!pair || pair.count < 2) break
    const [left, right] = pair.name.split(' ')
    for (const piece of [...pair.pieces]) {
      counts.add(piece, -1)
      mergeIn(piece, left, right)
      counts.add(piece, 1)
    }
    merges.push(pair.name)
    if (!tokens.includes(left + right)) tokens.push(left + right)
  }
  return { tokens, merges }
}
