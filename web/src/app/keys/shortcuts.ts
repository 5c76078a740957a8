// The keys that work everywhere in the client. A screen handles keys of its own (the composer, a list) itself; the help
// sheet lists those too.
import { isComposing } from '@/lib/composing'

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

interface Keys {
  /** A letter, or `KeyboardEvent.key` in lower case. */
  key: string
  /** Control on Apple's keyboards, where `mod` is ⌘. */
  control?: boolean
  /** Ctrl, on Apple's keyboards ⌘. */
  mod?: boolean
  alt?: boolean
  shift?: boolean
  /** Holds back while somebody types. */
  notWhileTyping?: boolean
}

interface Shortcut {
  command: Command
  keys: Keys
  /** On Apple's keyboards, where they differ. */
  apple?: Keys
}

/*
 * What the keys must not take away:
 * 1. Apple: ⌥ with a letter inserts a character (⌥N begins ñ), ⌥ with an arrow moves the caret by a paragraph, ⌃ with a
 *    letter edits text, and browsers use ⌘N, ⌘P, ⌘M, ⌘I and ⌘, themselves. ⌃⌘ together is used by none of them.
 * 2. Windows and Linux: AltGr, which some systems report as Ctrl Alt, inserts characters; nothing here has both. Shift Esc
 *    is the task manager of Chromium. Alt with N, I, M, P or R opens no menu of a browser.
 */
const shortcuts: readonly Shortcut[] = [
  { command: 'switcher', keys: { key: 'k', mod: true } },
  { command: 'search', keys: { key: 'f', mod: true, shift: true } },
  { command: 'search-chat', keys: { key: 'f', mod: true } },
  { command: 'previous-chat', keys: { key: 'arrowup', alt: true }, apple: { key: 'arrowup', control: true, mod: true } },
  { command: 'next-chat', keys: { key: 'arrowdown', alt: true }, apple: { key: 'arrowdown', control: true, mod: true } },
  { command: 'previous-unread', keys: { key: 'arrowup', alt: true, shift: true }, apple: { key: 'arrowup', control: true, mod: true, shift: true } },
  { command: 'next-unread', keys: { key: 'arrowdown', alt: true, shift: true }, apple: { key: 'arrowdown', control: true, mod: true, shift: true } },
  { command: 'new-chat', keys: { key: 'n', alt: true }, apple: { key: 'n', control: true, mod: true } },
  { command: 'toggle-details', keys: { key: 'i', alt: true }, apple: { key: 'i', control: true, mod: true } },
  { command: 'toggle-mute', keys: { key: 'm', alt: true }, apple: { key: 'm', control: true, mod: true } },
  { command: 'toggle-sticky', keys: { key: 'p', alt: true }, apple: { key: 'p', control: true, mod: true } },
  { command: 'mark-all-read', keys: { key: 'r', alt: true, shift: true }, apple: { key: 'r', control: true, mod: true, shift: true } },
  { command: 'settings', keys: { key: ',', mod: true }, apple: { key: ',', control: true, mod: true } },
  { command: 'next-region', keys: { key: 'f6' } },
  { command: 'previous-region', keys: { key: 'f6', shift: true } },
  { command: 'help', keys: { key: '/', mod: true } },
  { command: 'help', keys: { key: '?', notWhileTyping: true } },
  { command: 'escape', keys: { key: 'escape' } },
]

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey' | 'isComposing' | 'keyCode' | 'getModifierState'>

/** The command that the keys stand for, or null. An input method that composes keeps its keys for itself. */
export function commandOf(e: Pressed, apple: boolean, typing: boolean): Command | null {
  if (isComposing(e)) return null
  if (typing && e.getModifierState('AltGraph')) return null
  const [mod, other] = apple ? [e.metaKey, e.ctrlKey] : [e.ctrlKey, e.metaKey]
  const pressed = keyOf(e)
  const found = shortcuts.find(({ keys, apple: own }) => {
    const k = apple && own ? own : keys
    if (pressed !== k.key || !!k.mod !== mod || !!k.control !== other || (k.notWhileTyping && typing)) return false
    // The modifiers for / and ? differ between keyboards.
    if (k.key === '?') return true
    return !!k.alt === e.altKey && (k.key === '/' || !!k.shift === e.shiftKey)
  })
  return found?.command ?? null
}

// A letter is the one that the layout has there; where the layout has no Latin letters, the one that stands there on
// others. A layout with letters such as ñ or µ has Latin ones.
function keyOf({ key, code }: Pick<Pressed, 'key' | 'code'>): string {
  const otherScript = /^\p{L}$/u.test(key) && !/[\p{Script=Latin}\p{Script=Common}]/u.test(key)
  return (otherScript ? (/^Key([A-Z])$/.exec(code)?.[1] ?? key) : key).toLowerCase()
}

/** What the composer can make of the selected text. */
export type Mark = 'bold' | 'italic' | 'struck' | 'code' | 'codeBlock' | 'quote' | 'list' | 'numbers' | 'link'

/** The key of each with Ctrl, on Apple's keyboards ⌘; a + in front of it is Shift. Digits are meant by their places. */
export const markKeys: Record<string, Mark> = { b: 'bold', i: 'italic', '+x': 'struck', e: 'code', '+e': 'codeBlock', '+9': 'quote', '+8': 'list', '+7': 'numbers', '+k': 'link' }

/** The mark that the keys stand for. */
export function markOf(e: Omit<Pressed, 'getModifierState'>, apple: boolean): Mark | undefined {
  const [mod, other] = apple ? [e.metaKey, e.ctrlKey] : [e.ctrlKey, e.metaKey]
  if (!mod || other || e.altKey) return undefined
  return markKeys[(e.shiftKey ? '+' : '') + (/^Digit(\d)$/.exec(e.code)?.[1] ?? keyOf(e))]
}

/** The keys of a mark, as they are shown. */
export function keysOfMark(mark: Mark, apple = isApple()): string {
  const keys = Object.keys(markKeys).find((k) => markKeys[k] === mark)!
  const shift = keys.startsWith('+')
  return (apple ? `${shift ? '⇧' : ''}⌘` : `Ctrl ${shift ? 'Shift ' : ''}`) + keys.at(-1)!.toUpperCase()
}

export const isApple = (): boolean => /Mac|iPhone|iPad/.test(navigator.platform)

/** The keys as they are written on the keyboard: `Ctrl K`, `⌘K`. */
export function keysOf(command: Command, apple = isApple()): string {
  const s = shortcuts.find((x) => x.command === command)
  if (!s) return ''
  const k = apple ? (s.apple ?? s.keys) : s.keys
  const cap = caps[k.key] ?? k.key.toUpperCase()
  // Apple's order is ⌃⌥⇧⌘.
  if (apple) return (k.control ? '⌃' : '') + (k.alt ? '⌥' : '') + (k.shift ? '⇧' : '') + (k.mod ? '⌘' : '') + cap
  return [k.mod && 'Ctrl', k.alt && 'Alt', k.shift && 'Shift', cap].filter(Boolean).join(' ')
}

const caps: Readonly<Record<string, string>> = { arrowup: '↑', arrowdown: '↓', escape: 'Esc' }

/** The element takes text, so that plain characters belong to it. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
}
