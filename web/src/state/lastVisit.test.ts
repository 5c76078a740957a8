import { describe, expect, it } from 'vitest'
import { messageInList, newChat, putRows } from './chatlist'
import { isLoaded, newConversation, putOld, putStretch } from './conversation'
import { message, signedIn } from './fixture'
import { endToKeep, listToKeep, withKeptList } from './lastVisit'
import type { Chat } from './model'
import { atEnd, unreadTotals } from './unread'

const row = (id: string, lastId: number, change: Partial<Chat> = {}): Chat => {
  const last = String(lastId)
  return { ...newChat(`1:${id}`), name: id, lastId: last, after: last, at: lastId * 1000, ledger: { upTo: last, ids: [] }, ...change }
}

const lastVisit = { ...putRows(signedIn, [row('ann', 10, { unread: 2 }), row('ben', 9, { shakenAt: 5 }), row('cal', 8)]), chatsComplete: true }
const kept = listToKeep(lastVisit)!

describe('the list of the last visit', () => {
  it('is shown with its figures, but without shakes, until the server answers', () => {
    const state = withKeptList(signedIn, kept)
    expect(state.order).toEqual(['1:ann', '1:ben', '1:cal'])
    expect(state.chats['1:ann']).toMatchObject({ name: 'ann', unread: 2 })
    expect(state.chats['1:ben']).not.toHaveProperty('shakenAt')
    expect(unreadTotals(state).count).toBe(2)
    expect(withKeptList(lastVisit, { listed: [row('eve', 20)], others: [], totals: { count: 0, muted: 0 } })).toBe(lastVisit)
  })

  it('is kept only when the server has told it', () => {
    expect(listToKeep(signedIn)).toBeNull()
    expect(listToKeep(withKeptList(signedIn, kept))).toBeNull()
  })

  it('is bounded', () => {
    const rows = Array.from({ length: 1000 }, (_, i) => row(`p${i}`, i))
    expect(listToKeep(putRows(signedIn, rows))!.listed).toHaveLength(300)
  })

  // A server that was set back to a backup has older last messages than the browser.
  it('gives way to the server, also where that has less', () => {
    const state = putRows(withKeptList(signedIn, kept), [row('ann', 7, { name: 'Ann A.' })])
    expect(state.chats['1:ann']).toEqual(row('ann', 7, { name: 'Ann A.' }))
    expect(state.order).toEqual(['1:ben', '1:cal', '1:ann'])
  })

  it('keeps what has arrived before the server told the list', () => {
    const pushed = messageInList(withKeptList(signedIn, kept), message(12), {})
    expect(pushed.chats['1:ann']).toMatchObject({ unread: 3, lastId: '12' })
    const state = putRows(pushed, [row('ann', 11, { unread: 5 })])
    expect(state.chats['1:ann']).toMatchObject({ unread: 6, lastId: '12', preview: { text: 'text 12' } })
    expect(state.chats['1:ann']).not.toHaveProperty('old')
    expect(putRows(pushed, [row('ann', 12, { unread: 6 })]).chats['1:ann']).toMatchObject({ unread: 6, lastId: '12' })
  })
})

const loaded = (count: number, text = 'text') =>
  putStretch(
    newConversation('1:ann'),
    Array.from({ length: count }, (_, i) => message(i + 1, { text })),
    { older: false, newer: false },
  )

describe('the end of a conversation', () => {
  it('is kept with a bounded number and size of messages', () => {
    expect(endToKeep(loaded(3))!.map((m) => m.id)).toEqual(['1', '2', '3'])
    expect(endToKeep(loaded(100))!.map((m) => m.id)).toEqual(Array.from({ length: 30 }, (_, i) => String(i + 71)))
    expect(endToKeep(loaded(30, 'x'.repeat(30_000)))!.map((m) => m.id)).toEqual(['28', '29', '30'])
  })

  it('is not kept where it is not here', () => {
    expect(endToKeep(newConversation('1:ann'))).toBeNull()
    expect(endToKeep({ ...loaded(3), hasNewer: true })).toBeNull()
    expect(endToKeep({ ...loaded(3), gap: true })).toBeNull()
    expect(endToKeep(putOld(newConversation('1:ann'), [message(1)], 0))).toBeNull()
  })

  it('is shown at the first unread message, does not count as read, and gives way to the server', () => {
    const shown = putOld(newConversation('1:ann'), [message(1), message(2), message(3)], 2)
    expect(shown).toMatchObject({ newFrom: '2', begin: { to: 'new' } })
    expect(isLoaded(shown)).toBe(false)
    expect(atEnd({ ...shown, away: false })).toBe(false)
    const told = putStretch(shown, [message(1), message(3)], { older: false, newer: false })
    expect(told.messages.map((m) => m.id)).toEqual(['1', '3'])
    expect(told.old).toBeUndefined()
    expect(putOld(told, [message(1), message(2)], 0)).toBe(told)
  })
})
