const han = /\p{Script=Han}/u

/** Two letters of a Latin name; of a Chinese one the last two characters, which are the given name. */
export function initials(name: string): string {
  const letters = Array.from(name.trim())
  if (han.test(name)) return letters.filter((c) => han.test(c)).slice(-2).join('')
  const words = name.trim().split(/\s+/)
  const first = Array.from(words[0] ?? '')[0] ?? ''
  const last = words.length > 1 ? (Array.from(words.at(-1)!)[0] ?? '') : (letters[1] ?? '')
  return (first + last).toLocaleUpperCase()
}

/** The first letters of the first two words; of a Chinese name the first two characters. */
export function groupInitials(name: string): string {
  if (han.test(name)) return Array.from(name).filter((c) => han.test(c)).slice(0, 2).join('')
  const words = name.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu) ?? []
  if (words.length === 0) return Array.from(name.trim())[0] ?? ''
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => Array.from(word)[0]) : Array.from(words[0]!).slice(0, 2)
  return letters.join('').toLocaleUpperCase()
}
