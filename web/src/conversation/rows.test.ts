import { describe, expect, it } from 'vitest'
import type { Conversation, Message } from '@/state/model'
import { pictureSize } from '@/message/pictures'
import { dateAbove, estimate, indexOfKey, indexOfMessage, rowsOf } from './rows'

const minute = 60_000
const day = 24 * 60 * minute
const dayOf = (at: number) => String(Math.floor(at / day))

function message(id: number, from: string, at: number, more: Partial<Message> = {}): Message {
  return {
    key: `k${id}`,
    id: String(id),
    chat: '1:b',
    from: { id: from, name: from, avatar: '' },
    mine: from === 'me',
    kind: 'text',
    text: 'hello',
    system: 0,
    at,
    withdrawn: false,
    sending: { state: 'sent' },
    ...more,
  }
}

function conversation(messages: Message[], more: Partial<Conversation> = {}): Conversation {
  return {
    key: '1:b',
    messages,
    outbox: [],
    hasOlder: false,
    hasNewer: false,
    loading: 'none',
    error: null,
    newFrom: null,
    jump: null,
    ...more,
  }
}

const shape = (c: Conversation) => rowsOf(c, dayOf).map((row) => (row.kind === 'message' ? `${row.key}${row.head ? '+' : ''}${row.tail ? '.' : ''}` : row.key))

const picture = (id: number, at: number, more: Partial<Message> = {}) => message(id, 'a', at, { kind: 'image', text: '', file: { name: '', size: 1, type: '', width: 800, height: 600 }, ...more })
const pictures = (count: number) => Array.from({ length: count }, (_, i) => picture(i + 1, i))

const albums = (...messages: Message[]) => rowsOf(conversation(messages), dayOf).flatMap((row) => (row.kind === 'message' ? [`${row.key}:${row.album?.length ?? 1}`] : []))
const albumHeight = (count: number) => estimate(rowsOf(conversation(pictures(count)), dayOf).at(-1)!, 1000)

describe('a shake', () => {
  const messages = [message(2, 'a', 0), message(4, 'a', 1)]
  const shaken = (after: string, more: Partial<Conversation> = {}) => rowsOf(conversation(messages, more), dayOf, { mine: true, at: 5, after }).map((row) => row.key)

  it('stands behind the last message before it', () => {
    expect(shaken('2')).toEqual(['start', 'date 0', 'k2', 'shake', 'k4'])
    expect(shaken('3')).toEqual(['start', 'date 0', 'k2', 'shake', 'k4'])
    expect(shaken('4', { outbox: [message(9, 'me', 2, { id: null })] })).toEqual(['start', 'date 0', 'k2', 'k4', 'shake', 'k9'])
    expect(shaken('')).toEqual(['start', 'shake', 'date 0', 'k2', 'k4'])
  })

  it('is not shown where that message is not here', () => {
    expect(shaken('1', { hasOlder: true })).toEqual(['older', 'date 0', 'k2', 'k4'])
    expect(shaken('4', { hasNewer: true })).toEqual(['start', 'date 0', 'k2', 'k4', 'newer'])
  })
})

describe('an album', () => {
  it('holds pictures of one person that were sent at once', () => {
    expect(albums(picture(1, 0), picture(2, minute - 1), picture(3, minute + 10))).toEqual(['k1:3'])
    expect(albums(picture(1, 0), picture(2, minute), picture(3, 3 * minute))).toEqual(['k1:1', 'k2:1', 'k3:1'])
    expect(albums(picture(1, 0), picture(2, 1, { from: { id: 'b', name: 'b', avatar: '' } }))).toEqual(['k1:1', 'k2:1'])
  })

  // A caption is sent with the last picture. That picture used to stand alone, large, below the others.
  it('ends with the picture that has the caption', () => {
    expect(albums(picture(1, 0), picture(2, 1), picture(3, 2, { text: 'Look' }))).toEqual(['k1:3'])
    expect(albums(picture(1, 0), picture(2, 1, { text: 'Look' }), picture(3, 2), picture(4, 3, { text: 'And this' }))).toEqual(['k1:2', 'k3:2'])
    expect(albums(picture(1, 0, { text: 'Look' }), picture(2, 1))).toEqual(['k1:1', 'k2:1'])
  })

  it('holds nothing but pictures', () => {
    expect(albums(picture(1, 0), picture(2, 1, { withdrawn: true }), picture(3, 2), picture(4, 3))).toEqual(['k1:1', 'k2:1', 'k3:2'])
    expect(albums(picture(1, 0), message(2, 'a', 1))).toEqual(['k1:1', 'k2:1'])
  })

  it('holds nine at most', () => {
    expect(albums(...pictures(11))).toEqual(['k1:9', 'k10:2'])
  })

  it('keeps its key while pictures come in, and is found by each of them', () => {
    const rows = rowsOf(conversation([picture(1, 0), picture(2, 1)], { outbox: [picture(3, 2, { id: null })] }), dayOf)
    expect(rows.map((row) => row.key)).toEqual(['start', 'date 0', 'k1'])
    expect([indexOfMessage(rows, '1'), indexOfMessage(rows, '2'), indexOfKey(rows, 'k3')]).toEqual([2, 2, 2])
  })

  it('has a height that is known before anything is loaded', () => {
    expect([2, 3, 4, 9].map(albumHeight)).toEqual([194, 140, 356, 356])
    const captioned = rowsOf(conversation([picture(1, 0), picture(2, 1, { text: 'Look' })]), dayOf)
    expect(estimate(captioned.at(-1)!, 1000)).toBe(240) // bubble padding 16, gap 8, one line of text
  })
})

describe('rowsOf', () => {
  it('puts runs of one person together, and dates above days', () => {
    const got = shape(
      conversation([message(1, 'a', 0), message(2, 'a', minute), message(3, 'b', 2 * minute), message(4, 'b', 20 * minute), message(5, 'b', day)]),
    )
    expect(got).toEqual(['start', 'date 0', 'k1+', 'k2.', 'k3+.', 'k4+.', 'date 1', 'k5+.'])
  })

  it('draws the line above the first new message', () => {
    const got = shape(conversation([message(1, 'a', 0), message(2, 'a', minute)], { newFrom: '2', hasOlder: true }))
    expect(got).toEqual(['older', 'date 0', 'k1+.', 'new', 'k2+.'])
  })

  it('parts what was withdrawn and what the system says', () => {
    const got = shape(conversation([message(1, 'a', 0), message(2, 'a', 1, { withdrawn: true }), message(3, 'a', 2), message(4, 'a', 3, { kind: 'system' })]))
    expect(got).toEqual(['start', 'date 0', 'k1+.', 'k2+.', 'k3+.', 'k4+.'])
  })

  it('shows what waits last, behind the line for newer messages that are not loaded', () => {
    const waiting = message(9, 'me', 5, { id: null, sending: { state: 'waiting' } })
    expect(shape(conversation([message(1, 'me', 0)], { outbox: [waiting] }))).toEqual(['start', 'date 0', 'k1+', 'k9.'])
    expect(shape(conversation([message(1, 'me', 0)], { outbox: [waiting], hasNewer: true }))).toEqual(['start', 'date 0', 'k1+.', 'newer', 'k9+.'])
  })

  it('keeps the keys of what was there when an older page comes', () => {
    const page = [message(3, 'a', day), message(4, 'b', day)]
    const before = new Set(rowsOf(conversation(page, { hasOlder: true }), dayOf).map((row) => row.key))
    const after = new Set(rowsOf(conversation([message(1, 'a', 0), message(2, 'a', day - 1), ...page], { hasOlder: true }), dayOf).map((row) => row.key))
    for (const key of before) expect(after).toContain(key)
    expect(after.size).toBe(before.size + 3)
  })
})

describe('places', () => {
  const rows = rowsOf(conversation([message(1, 'a', 0), message(2, 'a', day)]), dayOf)
  it('finds messages and dates', () => {
    expect(indexOfMessage(rows, '2')).toBe(4)
    expect(indexOfMessage(rows, '7')).toBe(-1)
    expect(dateAbove(rows, 0)).toBeNull()
    expect(dateAbove(rows, 3)).toBeNull()
    expect(dateAbove(rows, 4)).toBe(day)
    expect(dateAbove(rows, 99)).toBeNull()
  })
  it('reserves room', () => {
    expect(pictureSize(3200, 1600)).toEqual({ width: 320, height: 160 })
    expect(pictureSize(100, 4000)).toEqual({ width: 72, height: 280 })
    expect(pictureSize()).toEqual({ width: 240, height: 180 })
    for (const row of rows) expect(estimate(row, 800)).toBeGreaterThan(0)
  })
})
