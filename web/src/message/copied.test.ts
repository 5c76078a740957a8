// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest'
import { message } from '@/state/fixture'
import { copiedText } from './copied'

const ben = { id: 'ben', name: 'Ben', avatar: '' }
const messages = [
  message(1, { text: 'good morning' }),
  message(2, { text: 'everybody' }),
  message(3, { text: 'hello', from: ben }),
  message(4, { text: '', kind: 'image', from: ben }),
  message(5, { text: 'bye' }),
]
const words = { heading: (m: (typeof messages)[number]) => `${m.from.name}:`, whole: (m: (typeof messages)[number]) => m.text || `[${m.kind}]` }

const row = (key: string): Element => document.querySelector(`[data-message="${key}"]`)!
const text = (key: string): Node => row(key).querySelector('[data-text]')!.firstChild!
const list = (): Element => document.querySelector('main')!

function select(from: Node, start: number, to: Node, end: number): string | null {
  getSelection()!.setBaseAndExtent(from, start, to, end)
  return copiedText(getSelection(), list(), messages, words)
}

beforeEach(() => {
  const rows = messages.map((m) => `<div data-message="${m.key}"><span>${m.from.name}, 10:00</span>${m.text ? `<p data-text>${m.text}</p>` : '<img>'}</div>`)
  document.body.innerHTML = `<nav>chats</nav><main>${rows.join('')}</main><footer>field</footer>`
})

// The clipboard had the names and times, or had not, depending on where the selection began and ended.
it('is the same however the selection was made', () => {
  const want = 'Ann:\ngood morning\neverybody\nBen:\nhello\n[image]\nAnn:\nbye'
  expect(select(text('1'), 0, text('5'), 3)).toBe(want)
  expect(select(text('5'), 3, text('1'), 0)).toBe(want)
  expect(select(row('1').firstChild!.firstChild!, 0, text('5'), 3)).toBe(want)
  expect(select(document.body, 0, document.body, 3)).toBe(want)
})

it('has only the selected part of the first and the last message', () => {
  expect(select(text('1'), 5, text('3'), 4)).toBe('Ann:\nmorning\neverybody\nBen:\nhell')
})

it('is left to the browser inside one message, and where no message is', () => {
  expect(select(text('1'), 0, text('1'), 4)).toBeNull()
  expect(select(document.querySelector('nav')!.firstChild!, 0, document.querySelector('nav')!.firstChild!, 5)).toBeNull()
})

it('has nothing of a message that the selection only touches', () => {
  expect(select(text('1'), 0, row('2'), 0)).toBe('Ann:\ngood morning')
  expect(select(text('1'), 0, row('2').firstChild!.firstChild!, 3)).toBe('Ann:\ngood morning')
})
