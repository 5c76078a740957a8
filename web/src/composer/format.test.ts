// @vitest-environment jsdom
import { describe, expect, it } from 'vitest'
import type { Mark } from '@/app/keys/shortcuts'
import { changeOf, paste } from './format'

/** Does it to a text in which ⟦ and ⟧ are the ends of the selection, and shows the selection in the same way. */
function done(shown: string, mark: Mark): string {
  const start = shown.indexOf('⟦')
  const end = shown.indexOf('⟧') - 1
  const text = shown.replace(/[⟦⟧]/g, '')
  const change = changeOf(text, start, end, mark)
  const after = text.slice(0, change.from) + change.text + text.slice(change.to)
  const [from, to] = change.select
  return `${after.slice(0, from)}⟦${after.slice(from, to)}⟧${after.slice(to)}`
}

describe('a mark', () => {
  it.each<[Mark, string, string]>([
    ['bold', 'a ⟦b⟧ c', 'a **⟦b⟧** c'],
    ['bold', 'a **⟦b⟧** c', 'a ⟦b⟧ c'],
    ['bold', 'a ⟦**b**⟧ c', 'a ⟦b⟧ c'],
    ['italic', '⟦a⟧', '_⟦a⟧_'],
    ['struck', 'x ⟦⟧', 'x ~~⟦⟧~~'],
    ['struck', 'x ~~⟦⟧~~ y', 'x ~~~~⟦⟧ y'],
    // A double click selects the space behind a word as well.
    ['bold', '⟦word ⟧next', '**⟦word⟧** next'],
    ['bold', '⟦one\n two⟧', '⟦**one**\n **two**⟧'],
    ['code', '⟦x⟧', '`⟦x⟧`'],
    ['code', 'a\n⟦b\n  c⟧', 'a\n```\n⟦b\n  c⟧\n```'],
    ['codeBlock', 'a\nb⟦⟧c', 'a\n```\n⟦bc⟧\n```'],
    ['codeBlock', '⟦```\nx\n```⟧', '⟦x⟧'],
    ['codeBlock', '⟦a\n```\nb⟧', '````\n⟦a\n```\nb⟧\n````'],
    ['quote', 'a\n⟦b\n\nc⟧', 'a\n⟦> b\n>\n> c⟧'],
    ['quote', '⟦> b\n>\n> c⟧', '⟦b\n\nc⟧'],
    ['list', '⟦⟧', '- ⟦⟧'],
    ['list', 'a\nb⟦⟧', 'a\n- b⟦⟧'],
    ['list', '⟦- a\n- b⟧', '⟦a\nb⟧'],
    ['numbers', '⟦a\nb⟧', '⟦1. a\n2. b⟧'],
    ['link', '⟦text⟧', '[text](⟦https://⟧)'],
    ['link', 'a ⟦⟧', 'a [⟦⟧](https://)'],
  ])('%s: %j', (mark, before, want) => {
    expect(done(before, mark)).toBe(want)
  })
})

/** The text of a field in which something was pasted where ⟦ and ⟧ stand. */
function pasted(text: string, before: string, editor = ''): string {
  const area = document.createElement('textarea')
  area.value = before.replace(/[⟦⟧]/g, '')
  area.setSelectionRange(before.indexOf('⟦'), before.indexOf('⟧') - 1)
  paste(text, editor, area, (piece) => area.setRangeText(piece))
  return area.value
}

describe('what is pasted', () => {
  it('is a code block with its indentation and its language', () => {
    expect(pasted('\tif x {\n\t\ty()\n\t}\n', '⟦⟧', '{"mode":"go"}')).toBe('```go\n\tif x {\n\t\ty()\n\t}\n```\n')
    expect(pasted('a\n  b', 'see ⟦⟧')).toBe('see \n```\na\n  b\n```\n')
    expect(pasted('a\n```\nb', '⟦⟧', '{"mode":"a b"}')).toBe('````\na\n```\nb\n````\n')
    expect(pasted('a\nb', '⟦⟧', 'nonsense')).toBe('```\na\nb\n```\n')
  })

  it('is code as it is inside of a code block', () => {
    expect(pasted('a\n  b', '```\n⟦⟧\n```')).toBe('```\na\n  b\n```')
  })

  it('is the link of the selected text', () => {
    expect(pasted('https://a.test/x', 'our ⟦page⟧')).toBe('our [page](https://a.test/x)')
    expect(pasted('https://a.test/x', '⟦https://b.test⟧')).toBe('https://a.test/x')
  })
})
