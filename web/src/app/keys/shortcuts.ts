// The keys that work everywhere in the client. What a screen of its own listens to (the composer, a list) is told in
// the help sheet as well, but handled there.

export type Command =
  | 'switcher'
  | 'search'
  | 'search-chat'
  | 'help'
  | 'settings'
  | 'previous-chat'
  | 'next-chat'
  | 'previous-unread'
  | 'next-unread'
  | 'new-chat'
  | 'toggle-details'
  | 'toggle-mute'
  | 'toggle-sticky'
  | 'mark-all-read'
  | 'next-region'
  | 'previous-region'
  | 'escape'

interface Shortcut {
  command: Command
  /** `KeyboardEvent.key`, in lower case, or a `code` for keys whose character depends on the modifiers. */
  key: string
  /** Ctrl, on Apple's keyboards ⌘. */
  mod?: boolean
  alt?: boolean
  shift?: boolean
  /** Holds back while somebody types. */
  notWhileTyping?: boolean
}

// Alt changes the character on Apple's keyboards: those are named by their place.
const shortcuts: readonly Shortcut[] = [
  { command: 'switcher', key: 'k', mod: true },
  { command: 'search', key: 'f', mod: true, shift: true },
  { command: 'search-chat', key: 'f', mod: true },
  { command: 'previous-chat', key: 'arrowup', alt: true },
  { command: 'next-chat', key: 'arrowdown', alt: true },
  { command: 'previous-unread', key: 'arrowup', alt: true, shift: true },
  { command: 'next-unread', key: 'arrowdown', alt: true, shift: true },
  { command: 'new-chat', key: 'keyn', alt: true },
  { command: 'toggle-details', key: 'keyi', alt: true },
  { command: 'toggle-mute', key: 'keym', alt: true },
  { command: 'toggle-sticky', key: 'keyp', alt: true },
  { command: 'mark-all-read', key: 'escape', shift: true },
  { command: 'settings', key: ',', mod: true },
  { command: 'next-region', key: 'f6' },
  { command: 'previous-region', key: 'f6', shift: true },
  { command: 'help', key: '/', mod: true },
  { command: 'help', key: '?', shift: true, notWhileTyping: true },
  { command: 'escape', key: 'escape' },
]

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing' | 'keyCode'>

/** The command that the keys stand for, or null. An input method that composes keeps its keys for itself. */
export function commandOf(e: Pressed, apple: boolean, typing: boolean): Command | null {
  if (e.isComposing || e.keyCode === 229) return null
  const [mod, other] = apple ? [e.metaKey, e.ctrlKey] : [e.ctrlKey, e.metaKey]
  if (other) return null
  const found = shortcuts.find((s) => {
    if (!!s.mod !== mod || !!s.alt !== e.altKey || (s.notWhileTyping && typing)) return false
    // Where ? is, and whether it takes Shift, differs from keyboard to keyboard.
    if (s.key === '?') return e.key === '?'
    return !!s.shift === e.shiftKey && (s.key === e.key.toLowerCase() || s.key === e.code.toLowerCase())
  })
  return found?.command ?? null
}

export const isApple = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform)

/** The keys as they are written on the keyboard: `Ctrl K`, `⌘K`. */
export function keysOf(command: Command, apple = isApple()): string {
  const s = shortcuts.find((x) => x.command === command)
  if (!s) return ''
  const parts = [
    s.mod && (apple ? '⌘' : 'Ctrl'),
    s.alt && (apple ? '⌥' : 'Alt'),
    s.shift && s.key !== '?' && (apple ? '⇧' : 'Shift'),
    caps[s.key] ?? s.key.replace(/^key/, '').toUpperCase(),
  ].filter((p): p is string => typeof p === 'string')
  return parts.join(apple ? '' : ' ')
}

const caps: Readonly<Record<string, string>> = { arrowup: '↑', arrowdown: '↓', escape: 'Esc' }

/** The element takes text, so that plain characters belong to it. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
