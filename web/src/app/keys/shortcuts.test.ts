import { expect, test } from 'vitest'
import { commandOf, keysOf, keysOfMark, markOf } from './shortcuts'

type Press = Parameters<typeof commandOf>[0]

const press = (change: Partial<Press>): Press => ({
  key: '',
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  isComposing: false,
  keyCode: 0,
  getModifierState: () => false,
  ...change,
})

test.each([
  ['Ctrl K', press({ key: 'k', code: 'KeyK', ctrlKey: true }), false, 'switcher'],
  ['Ctrl K with caps lock', press({ key: 'K', code: 'KeyK', ctrlKey: true }), false, 'switcher'],
  ['⌘K', press({ key: 'k', code: 'KeyK', metaKey: true }), true, 'switcher'],
  ['Ctrl K on an Apple keyboard', press({ key: 'k', code: 'KeyK', ctrlKey: true }), true, null],
  ['Alt ↓', press({ key: 'ArrowDown', code: 'ArrowDown', altKey: true }), false, 'next-chat'],
  ['Alt Shift ↓', press({ key: 'ArrowDown', code: 'ArrowDown', altKey: true, shiftKey: true }), false, 'next-unread'],
  // ⌥N opened a dialog in the middle of ñ, and the other letters with ⌥ were taken from the text as well.
  ['⌥N, which begins ñ', press({ key: 'Dead', code: 'KeyN', altKey: true }), true, null],
  ['⌥I, which types ˆ', press({ key: 'ˆ', code: 'KeyI', altKey: true }), true, null],
  ['⌥M, which types µ', press({ key: 'µ', code: 'KeyM', altKey: true }), true, null],
  ['⌥P, which types π', press({ key: 'π', code: 'KeyP', altKey: true }), true, null],
  ['⌥↑, which moves the caret', press({ key: 'ArrowUp', code: 'ArrowUp', altKey: true }), true, null],
  ['⌃N, which moves the caret', press({ key: 'n', code: 'KeyN', ctrlKey: true }), true, null],
  ['⌃⌘N', press({ key: 'n', code: 'KeyN', ctrlKey: true, metaKey: true }), true, 'new-chat'],
  ['⌃⌘I', press({ key: 'i', code: 'KeyI', ctrlKey: true, metaKey: true }), true, 'toggle-details'],
  ['⌃⌘↓', press({ key: 'ArrowDown', code: 'ArrowDown', ctrlKey: true, metaKey: true }), true, 'next-chat'],
  ['⌘, which is a menu of the browser', press({ key: ',', code: 'Comma', metaKey: true }), true, null],
  ['Alt N', press({ key: 'n', code: 'KeyN', altKey: true }), false, 'new-chat'],
  ['Alt N by the letter, not the place', press({ key: 'n', code: 'KeyL', altKey: true }), false, 'new-chat'],
  ['Alt N on a Russian layout, by the place', press({ key: 'т', code: 'KeyN', altKey: true }), false, 'new-chat'],
  // The letter that stands at N on other layouts was taken for it.
  ['Alt with ñ where others have N', press({ key: 'ñ', code: 'KeyN', altKey: true }), false, null],
  ['Alt with µ where others have M', press({ key: 'µ', code: 'KeyM', altKey: true }), false, null],
  ['Ctrl K on a Russian layout', press({ key: 'л', code: 'KeyK', ctrlKey: true }), false, 'switcher'],
  ['AltGr as Ctrl Alt', press({ key: 'µ', code: 'KeyM', ctrlKey: true, altKey: true }), false, null],
  ['Ctrl / on a German layout', press({ key: '/', code: 'Digit7', ctrlKey: true, shiftKey: true }), false, 'help'],
  ['? beside the right Shift', press({ key: '?', code: 'Slash', shiftKey: true }), false, 'help'],
  ['? without Shift', press({ key: '?', code: 'KeyX' }), false, 'help'],
  ['Esc', press({ key: 'Escape', code: 'Escape' }), false, 'escape'],
  ['Shift Esc, the task manager of the browser', press({ key: 'Escape', code: 'Escape', shiftKey: true }), false, null],
  ['Alt Shift R', press({ key: 'R', code: 'KeyR', altKey: true, shiftKey: true }), false, 'mark-all-read'],
  ['a letter', press({ key: 'k', code: 'KeyK' }), false, null],
] as const)('%s', (_, pressed, apple, want) => {
  expect(commandOf(pressed, apple, false)).toBe(want)
})

test('what is typed is not a command', () => {
  expect(commandOf(press({ key: '?', code: 'Slash', shiftKey: true }), false, true)).toBeNull()
  expect(commandOf(press({ key: 'k', code: 'KeyK', ctrlKey: true }), false, true)).toBe('switcher')
})

test('AltGr belongs to the text', () => {
  const altGr = { getModifierState: (key: string) => key === 'AltGraph' }
  expect(commandOf(press({ key: 'n', code: 'KeyN', altKey: true, ...altGr }), false, true)).toBeNull()
})

test('an input method that composes keeps its keys', () => {
  expect(commandOf(press({ key: 'Escape', code: 'Escape', isComposing: true }), false, true)).toBeNull()
  expect(commandOf(press({ key: 'Process', code: 'Escape', keyCode: 229 }), false, true)).toBeNull()
})

test('keys are written as they are on the keyboard', () => {
  expect(keysOf('switcher', false)).toBe('Ctrl K')
  expect(keysOf('switcher', true)).toBe('⌘K')
  expect(keysOf('previous-unread', false)).toBe('Alt Shift ↑')
  expect(keysOf('toggle-details', true)).toBe('⌃⌘I')
  expect(keysOf('next-unread', true)).toBe('⌃⇧⌘↓')
})

test.each([
  ['Ctrl B', press({ key: 'b', code: 'KeyB', ctrlKey: true }), false, 'bold'],
  ['⌘B', press({ key: 'b', code: 'KeyB', metaKey: true }), true, 'bold'],
  ['⌃B, which moves the caret', press({ key: 'b', code: 'KeyB', ctrlKey: true }), true, undefined],
  ['Ctrl Shift X', press({ key: 'X', code: 'KeyX', ctrlKey: true, shiftKey: true }), false, 'struck'],
  ['Ctrl X, which cuts', press({ key: 'x', code: 'KeyX', ctrlKey: true }), false, undefined],
  ['Ctrl Shift 8', press({ key: '*', code: 'Digit8', ctrlKey: true, shiftKey: true }), false, 'list'],
  ['Ctrl B on a Russian layout', press({ key: 'и', code: 'KeyB', ctrlKey: true }), false, 'bold'],
  ['AltGr as Ctrl Alt', press({ key: 'e', code: 'KeyE', ctrlKey: true, altKey: true }), false, undefined],
  ['a letter', press({ key: 'b', code: 'KeyB' }), false, undefined],
] as const)('formatting: %s', (_, pressed, apple, want) => {
  expect(markOf(pressed, apple)).toBe(want)
})

test('no key of formatting is one that works everywhere', () => {
  for (const [key, code] of [['b', 'KeyB'], ['i', 'KeyI'], ['e', 'KeyE'], ['x', 'KeyX'], ['k', 'KeyK'], ['7', 'Digit7'], ['8', 'Digit8'], ['9', 'Digit9']] as const)
    for (const shiftKey of [false, true]) {
      const pressed = press({ key, code, ctrlKey: true, shiftKey })
      if (markOf(pressed, false)) expect(commandOf(pressed, false, true)).toBeNull()
    }
})

test('keys of formatting are written as they are on the keyboard', () => {
  expect([keysOfMark('bold', false), keysOfMark('struck', false), keysOfMark('struck', true), keysOfMark('list', true)]).toEqual(['Ctrl B', 'Ctrl Shift X', '⇧⌘X', '⇧⌘8'])
})
