import { expect, it } from 'vitest'
import { changeConversation, changeOrMake, messageInConversation, putStretch } from '@/state/conversation'
import type { Message } from '@/state/model'
import { initialState, type State } from '@/state/store'
import type { Context } from './context'
import { ReadMarks } from './readMarks'

const chat = '2:crew'
const message = (id: string): Message => ({
  chat, id, key: id, kind: 'text', at: Number(id), from: { id: 'ann', name: 'Ann', avatar: '' }, app: { name: '', url: '' }, mine: true, system: 0, text: 'Hello', withdrawn: false, sending: { state: 'sent' },
})

// The mark of a message that was sent just before its chat was looked at was neither pushed nor requested.
it('requests the marks again if an own message is acknowledged meanwhile', async () => {
  let state: State = changeOrMake({ ...initialState, looking: chat }, chat, (c) => putStretch(c, [message('1')], { older: false, newer: false }))
  const asked: string[][] = []
  const marks = new ReadMarks({
    state: () => state,
    update: (change: (s: State) => State) => (state = change(state)),
    request: (_: string, { messageIds }: { messageIds: string[] }) => {
      asked.push(messageIds)
      if (asked.length === 1) {
        state = changeConversation(state, chat, (c) => messageInConversation(c, message('2')))
        marks.sent()
      }
      return Promise.resolve({ marks: messageIds.map((id) => ({ id, read: 0, of: 2 })) })
    },
  } as unknown as Context)
  await marks.renew()
  expect(asked).toEqual([['1'], ['2', '1']])
  expect(state.conversations[chat]?.messages.map((m) => m.mark)).toEqual([{ read: 0, of: 2 }, { read: 0, of: 2 }])
})
