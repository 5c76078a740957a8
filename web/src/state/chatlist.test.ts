import { describe, expect, it } from 'vitest'
import { messageInList, newChat, putRows, takeOffList } from './chatlist'
import { message, signedIn } from './fixture'
import { chatFrom, preview, previewOf } from './from-wire'
import type { ChatRow } from '@/wire/wire.gen'
import type { Chat } from './model'

const chat = (name: string, at: number, topAt = 0): Chat => ({ ...newChat(`1:${name}`), name, at, topAt, lastId: String(at), after: String(at), ledger: { upTo: String(at), ids: [] } })

describe('the order of the list', () => {
  const state = putRows(signedIn, [chat('ann', 5), chat('ben', 3), chat('cho', 4, 1)])

  it('is on top first, then the most recent first', () => {
    expect(state.order).toEqual(['1:cho', '1:ann', '1:ben'])
  })

  // A chat from while the server's clock was ahead stayed on top until its time had come.
  it('goes by arrival, not by time', () => {
    expect(putRows(state, [{ ...chat('dan', 4), at: 9 }]).order).toEqual(['1:cho', '1:ann', '1:dan', '1:ben'])
    const inbox = { ...newChat('6:task'), at: 9, after: '4', lastId: '1' }
    expect(putRows(putRows(state, [chat('dan', 4)]), [inbox]).order).toEqual(['1:cho', '1:ann', '6:task', '1:dan', '1:ben'])
  })

  it('follows a message, and stays below what is on top', () => {
    expect(messageInList(state, message(9, { chat: '1:ben' }), {}).order).toEqual(['1:cho', '1:ben', '1:ann'])
  })

  it('does not move for a message that is known', () => {
    expect(messageInList(state, message(2, { chat: '1:ben' }), {}).order).toBe(state.order)
  })

  it('takes a chat back in with its next message', () => {
    const off = takeOffList(state, '1:ann')
    expect(off.order).toEqual(['1:cho', '1:ben'])
    expect(messageInList(off, message(9, { chat: '1:ann' }), {}).order).toEqual(['1:cho', '1:ann', '1:ben'])
  })

  it('asks for the row of a chat that only its message makes known', () => {
    const after = messageInList(state, message(9, { chat: '1:dan' }), { name: 'Dan', avatar: '' })
    expect(after.chats['1:dan']).toMatchObject({ name: 'Dan', unread: 1 })
    expect(after.stale.chats).toBe(state.stale.chats + 1)
  })

  it('keeps the objects of lines that say the same', () => {
    const again = putRows(state, [{ ...(state.chats['1:ann'] as Chat) }])
    expect(again.chats['1:ann']).toBe(state.chats['1:ann'])
  })
})

describe('the line of a chat', () => {
  const from = { id: 'ann', name: 'Ann' }

  it('is the same of a whole message as of the part that the list gives', () => {
    const text = '一二三四五六七八九十'.repeat(40)
    const cut = new TextDecoder().decode(new TextEncoder().encode(text).slice(0, 600))
    expect(preview(cut, 'text', from, false)).toEqual(previewOf(message(1, { text, from: { ...from, avatar: '' } })))
  })

  it('has one line, and no half of a pair at its end', () => {
    expect(preview('one\n\n two', 'text', from, false).text).toBe('one two')
    expect(preview(`${'a'.repeat(119)}😀`, 'text', from, false).text).toBe('a'.repeat(119))
  })

  it('leaves it to the list what to call a message without words', () => {
    expect(preview('[图片]', 'image', from, false).text).toBe('')
    expect(preview('[Image]', 'text', from, false).text).toBe('[Image]')
  })
})

describe('a row of the list', () => {
  const row: ChatRow = {
    type: 1, value: 'ann', id: '7', name: 'Ann', logo: '', msg: { con: 'hello' }, msg_type: 1, time: '', ts: 7, from: { id: 'ann', name: 'Ann', avatar: '' },
    count: 0, isPush: true, isPost: false, atlist: [], top_info: { isTop: false, time: '' }, isContact: true,
  }

  // The row has the notice without the name, and the push with it: a reload must not change what is read.
  it('says who withdrew the last message, as the push does', () => {
    const withdrawn = { ...row, iswd: true }
    expect(chatFrom({ ...withdrawn, msg: { con: 'withdrew a message' } }).preview.text).toBe('Ann withdrew a message')
    expect(chatFrom({ ...withdrawn, msg: { con: '撤回了一条消息' } }).preview.text).toBe('Ann撤回了一条消息')
    expect(chatFrom({ ...withdrawn, wdAdminid: 'ben', msg: { con: 'An administrator withdrew a message' } }).preview.text).toBe('An administrator withdrew a message')
  })

  // The list said "File" in place of its name.
  it('names a file that comes without words, as its message does', () => {
    const file = message(7, { kind: 'file', text: '', file: { name: 'report.pdf', size: 1, type: '' } })
    expect(chatFrom({ ...row, msg_type: 4, msg: { con: '[File]' }, fileName: 'report.pdf' }).preview.text).toBe('report.pdf')
    expect(previewOf(file).text).toBe('report.pdf')
  })

  it('tells what a system message reports, and how a membership ended', () => {
    const sys = { kind: 'member left', by: { id: 'ben', name: 'Ben' } }
    expect(chatFrom({ ...row, type: 2, value: 'team', sysType: 2, sys: sys as NonNullable<ChatRow['sys']>, left: 'removed', isContact: false })).toMatchObject({ left: 'removed', active: false, preview: { report: sys } })
  })

  it('of an inbox has no sender', () => {
    const { from: _from, isContact: _isContact, ...rest } = row
    const inbox = chatFrom({ ...rest, type: 6, value: 'task', msg: { con: 'Somebody commented' }, isSilent: false, showBadge: 0 })
    expect(inbox).toMatchObject({ key: '6:task', active: true, preview: { text: 'Somebody commented', kind: null, from: { id: '', name: '' } } })
  })

  it('of somebody who is no contact any more cannot be written to', () => {
    expect(chatFrom({ ...row, isContact: false }).active).toBe(false)
  })
})
