import { describe, expect, it } from 'vitest'
import { applyPush } from './apply'
import { messageInList, newChat, putRows } from './chatlist'
import { newConversation } from './conversation'
import { message, signedIn } from './fixture'
import type { Chat, Message } from './model'
import type { State } from './store'
import { countMessage, firstAfter, readAll, readUpTo, setFigures, uncount, unreadTotals } from './unread'

const key = '1:ann'
const row = (unread: number, lastId: number): Chat => ({ ...newChat(key), name: 'Ann', unread, lastId: String(lastId), at: lastId * 1000, ledger: { upTo: String(lastId), ids: [] } })
const unread = (state: State): number | undefined => state.chats[key]?.unread

const shake = (state: State): State => applyPush(state, 'shake shake', { aid: 'ann' }, 5000)
const shakenAt = (state: State): number | undefined => state.chats[key]?.shakenAt

describe('a shake', () => {
  // It moved the page of the open chat only: in any other chat nothing told of it.
  it('marks a chat that is not looked at, also one that is not in the list', () => {
    expect(shakenAt(shake(putRows(signedIn, [row(0, 10)])))).toBe(5000)
    expect(shake(signedIn).order).toEqual([key])
    // It was put at the end of the list, below the oldest chat.
    const others = ['9', '7'].map((id) => ({ ...newChat(`1:p${id}`), lastId: id, after: id }))
    expect(shake(putRows(signedIn, others)).order).toEqual(['1:p9', key, '1:p7'])
    expect(shakenAt(shake({ ...putRows(signedIn, [row(0, 10)]), looking: key }))).toBeUndefined()
  })

  it('stays marked whatever the server counts, until the chat is read', () => {
    const state = setFigures(putRows(shake(putRows(signedIn, [row(0, 10)])), [row(0, 10)]), new Map(), new Set())
    expect(shakenAt(state)).toBe(5000)
    expect(shakenAt(applyPush(state, 'clear unread', { type: 1, id: 'ann' }, 6000))).toBeUndefined()
  })
})

describe('unread messages are counted once', () => {
  it('when the push comes twice', () => {
    let state = putRows(signedIn, [row(2, 10)])
    for (let i = 0; i < 2; i++) state = messageInList(state, message(11), {})
    expect(unread(state)).toBe(3)
  })

  it('when the row that counts it comes first, and when it comes after', () => {
    const first = messageInList(putRows(signedIn, [row(3, 11)]), message(11), {})
    const after = putRows(messageInList(putRows(signedIn, [row(2, 10)]), message(11), {}), [row(3, 11)])
    expect([unread(first), unread(after)]).toEqual([3, 3])
  })

  it('when a row is older than what was pushed', () => {
    let state = putRows(signedIn, [row(0, 10)])
    for (const id of [11, 12]) state = messageInList(state, message(id), {})
    state = putRows(state, [row(1, 11)])
    expect(unread(state)).toBe(2)
    expect(state.chats[key]?.lastId).toBe('12')
  })

  it('and not at all when they are own, of the system, or looked at', () => {
    let state = putRows(signedIn, [row(0, 10)])
    state = messageInList(state, message(11, { mine: true }), {})
    state = messageInList(state, message(12, { system: 1 }), {})
    state = messageInList({ ...state, looking: key }, message(13), {})
    expect(unread({ ...state, looking: null })).toBe(0)
  })

  it('a read one does not count again when its push comes late', () => {
    let state = messageInList(putRows(signedIn, [row(0, 10)]), message(11), {})
    state = { ...state, chats: { [key]: readAll(state.chats[key] as Chat) } }
    expect(unread(messageInList(state, message(11), {}))).toBe(0)
    expect(unread(messageInList(state, message(12), {}))).toBe(1)
  })
})

describe('a chat that is unread again', () => {
  // A device that was dead had read it: "clear unread" came with the message, and is taken back later.
  const again = { type: 2, id: 'team', num: 2, at: true, msgid: 11 } as const
  const read = putRows(signedIn, [{ ...row(0, 12), key: '2:team', ref: { type: 2, id: 'team' } }])

  it('shows the figure and the mention that the server tells', () => {
    const after = applyPush(read, 'unread again', again, 0)
    expect(after.chats['2:team']).toMatchObject({ unread: 2, mentions: ['11'] })
    expect(after.stale.unread).not.toBe(read.stale.unread)
  })

  it('counts what arrives afterwards once, and is read like any other', () => {
    let state = applyPush(read, 'unread again', again, 0)
    for (let i = 0; i < 2; i++) state = messageInList(state, message(13, { chat: '2:team' }), {})
    expect(state.chats['2:team']?.unread).toBe(3)
    state = applyPush(state, 'clear unread', { type: 2, id: 'team' }, 0)
    expect(state.chats['2:team']).toMatchObject({ unread: 0, mentions: [] })
  })

  it('does not count a late push of a message that is in the figure', () => {
    const state = messageInList(applyPush(read, 'unread again', again, 0), message(12, { chat: '2:team' }), {})
    expect(state.chats['2:team']?.unread).toBe(2)
  })

  it('is left to the server where it is not in the list', () => {
    const after = applyPush(signedIn, 'unread again', again, 0)
    expect(after.chats).toEqual(signedIn.chats)
    expect(after.stale.unread).not.toBe(signedIn.stale.unread)
  })
})

describe('a chat that is marked as unread', () => {
  const mark = { type: 2, id: 'team', num: 2, at: true, msgid: 11, fromid: '10', lastid: '12' } as const
  const team = '2:team'
  const read = putRows(signedIn, [{ ...row(0, 12), key: team, ref: { type: 2, id: 'team' } }])

  it('shows the figure, with what has arrived since, and is not looked at any more', () => {
    const later = messageInList(read, message(13, { chat: team }), {})
    const after = applyPush({ ...later, looking: team, chatsComplete: true }, 'mark unread', mark, 0)
    expect(after.chats[team]).toMatchObject({ unread: 3, mentions: ['11'], ledger: { upTo: '12', ids: ['13'] } })
    expect(after.looking).toBeNull()
    // The list has all mentions, the push only the latest.
    expect([after.stale.chats, after.stale.unread]).toEqual([later.stale.chats + 1, later.stale.unread])
    expect(applyPush(after, 'mark unread', mark, 0).chats[team]?.unread).toBe(3)
    expect(applyPush(after, 'clear unread', { type: 2, id: 'team' }, 0).chats[team]).toMatchObject({ unread: 0, mentions: [] })
  })

  it('has the line of the new messages above the first that counts, where it is open', () => {
    const messages = [message(9, { chat: team }), message(10, { chat: team, mine: true }), message(11, { chat: team })]
    const open = { ...newConversation(team), messages, begin: { to: 'end' } as const }
    const state = applyPush({ ...read, conversations: { [team]: open } }, 'mark unread', mark, 0)
    expect(state.conversations[team]?.newFrom).toBe('11')
    const closed = applyPush({ ...read, conversations: { [team]: { ...newConversation(team), messages } } }, 'mark unread', mark, 0)
    expect(closed.conversations[team]?.newFrom).toBeNull()
  })

  it('is left to the server where it is not known, or where a later figure is', () => {
    expect(applyPush(signedIn, 'mark unread', mark, 0).stale.unread).toBe(signedIn.stale.unread + 1)
    const later = { ...read, chats: { [team]: { ...(read.chats[team] as Chat), ledger: { upTo: '20', ids: [] } } } }
    const after = applyPush(later, 'mark unread', mark, 0)
    expect(after.chats[team]?.unread).toBe(0)
    expect(after.stale.unread).toBe(read.stale.unread + 1)
  })
})

describe('a withdrawn message', () => {
  it('counts no more, once', () => {
    const state = messageInList(putRows(signedIn, [row(2, 10)]), message(11), {})
    const once = uncount(state.chats[key] as Chat, '11', false)
    expect([once.chat.unread, once.doubt]).toEqual([2, false])
    expect(uncount(once.chat, '11', false).chat.unread).toBe(2)
  })

  it('from before is doubted as long as something from before is unread', () => {
    expect(uncount(row(2, 10), '9', false)).toMatchObject({ chat: { unread: 2 }, doubt: true })
    expect(uncount(row(0, 10), '9', false).doubt).toBe(false)
    expect(uncount(row(2, 10), '9', true).doubt).toBe(false)
  })
})

describe('totals', () => {
  const state = putRows(signedIn, [row(2, 10), { ...row(3, 9), key: '2:team', ref: { type: 2, id: 'team' }, muted: true }])

  it('are the sum of the chats once all are here, and the server’s until then', () => {
    expect(unreadTotals({ ...state, chatsComplete: true })).toEqual({ count: 5, muted: 3 })
    expect(unreadTotals({ ...state, totals: { count: 70, muted: 4 } })).toEqual({ count: 70, muted: 4 })
  })

  it('follow the figures of the server, but for chats of which something was heard meanwhile', () => {
    const figures = new Map([[key, { unread: 7, mention: '9' }]])
    const all = setFigures(state, figures, new Set())
    expect([all.chats[key]?.unread, all.chats[key]?.mentions, all.chats['2:team']?.unread]).toEqual([7, ['9'], 0])
    expect(setFigures(state, figures, new Set([key, '2:team']))).toBe(state)
  })
})

const figure = (count: number, latest: string | null = null) => ({ unread: count, mention: latest })

describe('a chat that was read up to a message', () => {
  it('has the figure of the server, and what has arrived since', () => {
    const three = [4, 5, 6].reduce((c, n) => countMessage(c, message(n)), row(0, 3))
    const { chat: after, doubt } = readUpTo(three, figure(1), '4', '5')
    expect([after.unread, doubt]).toEqual([2, false])
    // The same message again counts once.
    expect(countMessage(after, message(6)).unread).toBe(2)
    expect(countMessage(after, message(7)).unread).toBe(3)
  })

  it('keeps the mentions behind that message', () => {
    const mentioned = { ...row(5, 9), mentions: ['8', '6', '5'] }
    expect(readUpTo(mentioned, figure(3, '8'), '5', '9').chat.mentions).toEqual(['8', '6'])
    expect(readUpTo(mentioned, figure(0), '9', '9').chat.mentions).toEqual([])
  })

  it('keeps a figure that is later', () => {
    const later = row(2, 9)
    expect(readUpTo(later, figure(7), '4', '8')).toEqual({ chat: later, doubt: true })
  })
})

const stretch = (hasNewer: boolean, ...messages: Message[]) => ({ ...newConversation(key), messages, hasNewer })

describe('the first unread message after what was read', () => {
  it('is the next that counts', () => {
    const c = stretch(false, message(1), message(2), message(3, { mine: true }), message(4, { system: 1 }), message(5, { withdrawn: true }), message(6), message(7))
    expect(firstAfter(c, '1')).toEqual({ id: '2', at: 2000 })
    expect(firstAfter(c, '2')).toEqual({ id: '6', at: 6000 })
    expect(firstAfter(c, '7')).toBeNull()
  })

  it('is not known where newer messages are not loaded', () => {
    expect(firstAfter(stretch(true, message(1), message(2), message(3, { mine: true })), '2')).toEqual({ id: '2', at: 2000 })
    // The stretch is another one: its first message may have unread ones before it.
    expect(firstAfter(stretch(true, message(8), message(9)), '2')).toEqual({ id: '2', at: undefined })
  })
})
