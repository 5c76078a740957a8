/** A name for a message that nobody else gives. crypto.randomUUID is there on https and localhost only. */
export function waitingId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')
}
