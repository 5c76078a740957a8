// Letters of scripts that put spaces between words. In the others, and before Korean particles, a name ends where it ends.
const word = /[\p{L}\p{N}\p{M}_]/u
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
const continues = (letter: string): boolean => word.test(letter) && !unspaced.test(letter)

/** Whether the name stands in the text at that place, in any case, and not as the beginning of a longer word. */
export function nameStands(text: string, at: number, name: string): boolean {
  const found = text.slice(at, at + name.length)
  if (name === '' || found.toLowerCase() !== name.toLowerCase()) return false
  const last = Array.from(name).at(-1)!
  const next = text.codePointAt(at + name.length)
  return next === undefined || !continues(last) || !continues(String.fromCodePoint(next))
}
