/** What a sign-in link or a provider hands over behind the `#`, which no server gets to see. */
export interface Handed {
  code?: string
  error?: string
  /** Where to go after the sign-in. */
  next?: string
}

export function readFragment(hash: string): Handed {
  const handed = new URLSearchParams(hash.replace(/^#/, ''))
  const code = handed.get('code')
  const error = handed.get('error')
  const next = handed.get('next')
  return { ...(code && { code }), ...(error && { error }), ...(code && next && { next }) }
}

/** Leaves the address without what was handed over, for the history and for who looks on. */
export function clearFragment(): void {
  if (location.hash) history.replaceState(history.state, '', location.pathname + location.search)
}

/** A code as somebody types or pastes it: with spaces, or as the whole link. */
export function typedCode(text: string): string {
  const link = /#(.*)$/.exec(text.trim())
  return (link && readFragment(link[1] ?? '').code) ?? text.replace(/\s+/g, '')
}
