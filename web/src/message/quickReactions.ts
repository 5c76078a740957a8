// The emoji that the toolbar of a message offers: those with which this device reacted last, and before that the usual ones.
const stored = 'parley.reactions'
const usual = ['👍', '❤️', '😂']

/** An emoji without variation selectors, which keyboards and pickers write at different places. */
export const bare = (emoji: string): string => emoji.replaceAll('\uFE0F', '')

/** The emoji that are offered, the one used last first. */
export function quickReactions(): string[] {
  const all = [...used(), ...usual]
  return all.filter((emoji, i) => all.findIndex((other) => bare(other) === bare(emoji)) === i).slice(0, usual.length)
}

export function rememberReaction(emoji: string): void {
  localStorage.setItem(stored, JSON.stringify([emoji, ...used().filter((other) => bare(other) !== bare(emoji))].slice(0, usual.length)))
}

function used(): string[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(stored) ?? '[]')
    return Array.isArray(read) ? read.filter((text): text is string => typeof text === 'string') : []
  } catch {
    return []
  }
}
