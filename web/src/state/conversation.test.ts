import { describe, expect, it } from 'vitest'
import { beginGap, editIn, isFresh, longestStretch, beginHere, messageInConversation, newConversation, putNewer, putNewLine, putOlder, putStretch, reactIn, withdrawIn } from './conversation'
import { message } from './fixture'
import type { Conversation, Message } from './model'

const ids = (c: Conversation): (string | null)[] => c.messages.map((m) => m.id)
const many = (from: number, to: number): Message[] => Array.from({ length: to - from }, (_, i) => message(from + i))
const stretch = (...of: number[]): Conversation =>
  putStretch(
    newConversation('1:ann'),
    of.map((id) => message(id)),
    { older: true, newer: false },
  )

describe('messages find their place', () => {
  it('once and in order, however often and whenever they come', () => {
    let c = stretch(8, 9, 10)
    for (const id of [12, 9, 11, 12, 7]) c = messageInConversation(c, message(id))
    expect(ids(c)).toEqual(['7', '8', '9', '10', '11', '12'])
  })

  it('by their number, not by their letters', () => {
    expect(ids(stretch(100, 99, 9))).toEqual(['9', '99', '100'])
  })

  it('and a row that says nothing new leaves the same object', () => {
    const c = stretch(1, 2)
    expect(messageInConversation(c, message(2))).toBe(c)
  })

  it('is not put where nothing is loaded, nor behind a gap', () => {
    const empty = newConversation('1:ann')
    expect(messageInConversation(empty, message(1))).toBe(empty)
    const gap = messageInConversation(beginGap(stretch(1)), message(5))
    expect(ids(gap)).toEqual(['1'])
  })
})

describe('after a lost connection', () => {
  it('what came ahead of what was missed joins once the end is reached', () => {
    let c = beginGap(stretch(1, 2))
    for (const id of [6, 7]) c = messageInConversation(c, message(id))
    c = putNewer(c, [message(3), message(4)], false)
    expect(ids(c)).toEqual(['1', '2', '3', '4'])
    c = putNewer(c, [message(5), message(6)], true)
    expect(ids(c)).toEqual(['1', '2', '3', '4', '5', '6', '7'])
    expect(c.gap).toBeUndefined()
    expect(c.ahead).toBeUndefined()
  })

  it('what arrives while the first page is on its way is there as well', () => {
    const loading: Conversation = { ...newConversation('1:ann'), loading: 'first' }
    const c = putStretch(messageInConversation(loading, message(3)), [message(1), message(2)], { older: false, newer: false })
    expect(ids(c)).toEqual(['1', '2', '3'])
  })

  it('a message that is read from the server waits no longer', () => {
    const waiting = message(0, { key: 'w1', id: null, mine: true, sending: { state: 'waiting' } })
    const c = putNewer({ ...stretch(1), outbox: [waiting] }, [message(2, { key: 'w1', mine: true })], true)
    expect(c.outbox).toEqual([])
    expect(c.messages.at(-1)?.key).toBe('w1')
  })
})

describe('a long conversation', () => {
  it('lets go of the end when somebody reads back, and says so', () => {
    const c = putOlder(putStretch(newConversation('1:ann'), many(1000, 1000 + longestStretch), { older: true, newer: false }), many(900, 1000), false)
    expect(c.messages).toHaveLength(longestStretch)
    expect(c.messages[0]?.id).toBe('900')
    expect(c.hasNewer).toBe(true)
  })

  it('and of the beginning on the way down', () => {
    const c = putNewer(putStretch(newConversation('1:ann'), many(1, 1 + longestStretch), { older: false, newer: true }), many(1 + longestStretch, 101 + longestStretch), true)
    expect(c.messages).toHaveLength(longestStretch)
    expect(c.messages.at(-1)?.id).toBe(String(100 + longestStretch))
    expect([c.hasOlder, c.hasNewer]).toEqual([true, false])
  })
})

describe('the line above what is unread', () => {
  it('counts neither own nor system nor withdrawn messages', () => {
    const rows = [message(1), message(2), message(3, { mine: true }), message(4, { system: 1 }), message(5, { withdrawn: true }), message(6)]
    const c = putStretch(newConversation('1:ann'), rows, { older: false, newer: false })
    expect(beginHere(c, 2)).toMatchObject({ newFrom: '2', begin: { to: 'new' } })
    expect(beginHere(c, 0)).toMatchObject({ newFrom: null, begin: { to: 'end' } })
  })
})

describe('a withdrawal', () => {
  it('takes the content from the message and from its quotes, and leaves its place', () => {
    const quote = { id: '1', kind: 'image' as const, text: 'look', from: { id: 'ann', name: 'Ann', avatar: '' }, at: 1, withdrawn: false, file: { name: 'a', size: 1, type: 'png' } }
    const rows = [message(1, { kind: 'image', file: { name: 'a', size: 1, type: 'png' } }), message(2, { quote })]
    const c = withdrawIn(putStretch(newConversation('1:ann'), rows, { older: false, newer: false }), '1', 'gone')
    expect(c.messages[0]).toMatchObject({ id: '1', text: 'gone', withdrawn: true })
    expect(c.messages[0]?.file).toBeUndefined()
    expect(c.messages[1]?.quote).toEqual({ id: '1', kind: 'image', text: '', from: quote.from, at: 1, withdrawn: true })
    expect(withdrawIn(c, '1', 'gone')).toBe(c)
  })

  it('is not undone by a row that was read before it', () => {
    const c = messageInConversation(withdrawIn(stretch(1), '1', 'gone'), message(1))
    expect(c.messages[0]?.text).toBe('gone')
  })
})

describe('an edit', () => {
  const quote = { id: '1', kind: 'text', text: 'first', from: { id: 'ann', name: 'Ann' }, withdrawn: false } as unknown as NonNullable<Message['quote']>

  it('changes the text, and that of quotes, in place', () => {
    let c = putStretch(newConversation('1:ann'), [message(1, { text: 'first' }), message(2, { quote })], { older: false, newer: false })
    c = editIn(c, '1', 'second', 50)
    expect(c.messages.map((m) => [m.id, m.text, m.edited, m.quote?.text])).toEqual([
      ['1', 'second', 50, undefined],
      ['2', message(2).text, undefined, 'second'],
    ])
    expect(editIn(c, '1', 'second', 50)).toBe(c)
  })

  it('that arrives after a later one changes nothing', () => {
    const c = editIn(stretch(1), '1', 'later', 60)
    expect(editIn(c, '1', 'earlier', 50)).toBe(c)
  })

  it('is not undone by a row that was read before it, and not done to a withdrawn message', () => {
    const c = messageInConversation(editIn(stretch(1), '1', 'changed', 50), message(1, { text: 'first' }))
    expect(c.messages[0]).toMatchObject({ text: 'changed', edited: 50 })
    expect(messageInConversation(c, message(1, { text: 'newer', edited: 60 })).messages[0]).toMatchObject({ text: 'newer', edited: 60 })
    const gone = withdrawIn(c, '1', 'gone')
    expect(gone.messages[0]?.edited).toBeUndefined()
    expect(editIn(gone, '1', 'again', 70)).toBe(gone)
  })
})

describe('reactions', () => {
  const one = { emoji: '👍', count: 1, mine: false, users: [{ id: 'bob', name: 'Bob' }] }

  it('come and go with the message', () => {
    const c = reactIn(stretch(1, 2), '2', () => [one])
    expect(c.messages.map((m) => m.reactions)).toEqual([undefined, [one]])
    expect(reactIn(c, '2', () => [{ ...one }])).toBe(c)
    expect(reactIn(c, '2', () => []).messages[1]).toEqual(message(2))
    expect(withdrawIn(c, '2', 'gone').messages[1]?.reactions).toBeUndefined()
  })
})

describe('what only this device knows', () => {
  it('outlasts a fetched row: key, picture, heard, and an address that is still good', () => {
    const url = `/files/k?e=${Math.floor(Date.now() / 1000) + 3600}&s=1`
    const sent = message(1, { key: 'w1', localFile: 'blob:1', file: { key: 'k', name: 'v', size: 1, type: 'amr', url, heard: true } })
    const c = putStretch(newConversation('1:ann'), [sent], { older: false, newer: false })
    const again = messageInConversation(c, message(1, { file: { key: 'k', name: 'v', size: 1, type: 'amr', url: '/files/k?e=1&s=2' } }))
    expect(again.messages[0]).toMatchObject({ key: 'w1', localFile: 'blob:1', file: { heard: true, url } })
  })

  it('tells an address that is about to end', () => {
    expect(isFresh('/files/k?e=1&s=x')).toBe(false)
    expect(isFresh('https://files.example.test/a.png')).toBe(true)
  })
})

describe('the line of the new messages', () => {
  it('knows the time of its message, also where that is not loaded', () => {
    const c = stretch(5, 6, 7)
    expect(putNewLine(c, '6')).toMatchObject({ newFrom: '6', newAt: 6000 })
    expect(putNewLine(c, '2', 2500)).toMatchObject({ newFrom: '2', newAt: 2500 })
    expect(putNewLine(c, '2').newAt).toBeUndefined()
    expect(putNewLine(putNewLine(c, '6'), null)).toMatchObject({ newFrom: null, newAt: undefined })
    expect(beginHere(c, 2)).toMatchObject({ newFrom: '6', newAt: 6000, begin: { to: 'new' } })
  })
})
