import { expect, test } from 'vitest'
import { commandOf, keysOf } from './shortcuts'

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
  ...change,
})

test.each([
  ['Ctrl K', press({ key: 'k', code: 'KeyK', ctrlKey: true }), false, 'switcher'],
  ['Ctrl K with caps lock', press({ key: 'K', code: 'KeyK', ctrlKey: true }), false, 'switcher'],
  ['⌘K', press({ key: 'k', code: 'KeyK', metaKey: true }), true, 'switcher'],
  ['Ctrl K on an Apple keyboard', press({ key: 'k', code: 'KeyK', ctrlKey: true }), true, null],
  ['Alt ↓', press({ key: 'ArrowDown', code: 'ArrowDown', altKey: true }), false, 'next-chat'],
  ['Alt Shift ↓', press({ key: 'ArrowDown', code: 'ArrowDown', altKey: true, shiftKey: true }), false, 'next-unread'],
  ['⌥I, which types ˆ', press({ key: 'ˆ', code: 'KeyI', altKey: true }), true, 'toggle-details'],
  ['? beside the right Shift', press({ key: '?', code: 'Slash', shiftKey: true }), false, 'help'],
  ['? without Shift', press({ key: '?', code: 'KeyX' }), false, 'help'],
  ['Esc', press({ key: 'Escape', code: 'Escape' }), false, 'escape'],
  ['Shift Esc', press({ key: 'Escape', code: 'Escape', shiftKey: true }), false, 'mark-all-read'],
  ['a letter', press({ key: 'k', code: 'KeyK' }), false, null],
] as const)('%s', (_, pressed, apple, want) => {
  expect(commandOf(pressed, apple, false)).toBe(want)
})

test('what is typed is not a command', () => {
  expect(commandOf(press({ key: '?', code: 'Slash', shiftKey: true }), false, true)).toBeNull()
  expect(commandOf(press({ key: 'k', code: 'KeyK', ctrlKey: true }), false, true)).toBe('switcher')
})

test('an input method that composes keeps its keys', () => {
  expect(commandOf(press({ key: 'Escape', code: 'Escape', isComposing: true }), false, true)).toBeNull()
  expect(commandOf(press({ key: 'Process', code: 'Escape', keyCode: 229 }), false, true)).toBeNull()
})

test('keys are written as they are on the keyboard', () => {
  expect(keysOf('switcher', false)).toBe('Ctrl K')
  expect(keysOf('switcher', true)).toBe('⌘K')
  expect(keysOf('previous-unread', false)).toBe('Alt Shift ↑')
  expect(keysOf('toggle-details', true)).toBe('⌥I')
})
