// What a session does after a lost connection, against the server: everything missed is there, once and in order.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { ChatList } from '@/app/sync/chatlist'
import { Conversations } from '@/app/sync/conversations'
import { Presence } from '@/app/sync/presence'
import { changeConversation } from '@/state/conversation'
import { chatKey, type Conversation } from '@/state/model'
import { Server } from '../server'
import { Device, type Person } from './device'
import { contextOf } from './live'

const server = new Server()
beforeAll(() => server.start())
afterAll(() => server.close())

let ann: Person
let ben: Person
let device: Device
let context: ReturnType<typeof contextOf>

async function colleagues(names: readonly string[]): Promise<Person[]> {
  const { id: organization } = await server.host<{ id: string }>('POST', '/v1/organizations', { name: 'Catching up' })
  const people: Person[] = []
  for (const name of names) {
    const { id } = await server.host<{ id: string }>('POST', '/v1/accounts', { name })
    const { token } = await server.host<{ token: string }>('POST', `/v1/accounts/${id}/tokens`, {})
    people.push({ id, name, token })
  }
  await server.host('POST', `/v1/organizations/${organization}/members`, { accounts: people.map((p) => p.id) })
  return people
}

beforeEach(async () => {
  ;[ann, ben] = (await colleagues(['Ann', 'Ben'])) as [Person, Person]
  device = new Device(server, ben)
  context = contextOf(server, device)
  await device.connect()
})
afterEach(() => context.stop())

const key = (): string => chatKey(1, ann.id)
const conversation = (): Conversation => device.state.conversations[key()] as Conversation
const texts = (): string[] => conversation().messages.map((m) => m.text)
const lines = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`)

async function say(from: number, to: number): Promise<string[]> {
  const ids = []
  for (let i = from; i <= to; i++) {
    const { id } = await server.host<{ id: string }>('POST', '/v1/messages', { from: ann.id, toAccount: ben.id, text: `line ${i}` })
    ids.push(id)
  }
  return ids
}

/** The conversation is open, and its end is seen. */
async function open(conversations: Conversations): Promise<void> {
  device.state = { ...device.state, current: key() }
  await conversations.open(key())
  context.update((s) => changeConversation(s, key(), (c) => ({ ...c, away: false })))
}

it('a few missed messages join what was here', async () => {
  await say(1, 5)
  const conversations = new Conversations(context)
  await open(conversations)
  device.close()
  conversations.lost()
  await say(6, 8)
  await device.connect()
  // What comes at once comes ahead of what was missed.
  const heard = device.heard('new message', (m) => m.msg.con === 'line 9')
  await say(9, 9)
  await heard
  expect(texts()).toEqual(lines(1, 5))
  await conversations.connected()
  expect(texts()).toEqual(lines(1, 9))
  expect(conversation().gap).toBeUndefined()
})

it('what was withdrawn meanwhile is gone, also far back', async () => {
  const ids = await say(1, 130)
  await device.request('clear unread', { type: 1, id: ann.id }) // so that it opens at its end
  const conversations = new Conversations(context)
  await open(conversations)
  await conversations.older(key())
  await conversations.older(key())
  await conversations.older(key())
  expect(texts()).toEqual(lines(1, 130))
  device.close()
  conversations.lost()
  const other = new Device(server, ann)
  await other.connect()
  await other.request('withdraw user message', { messageId: ids[2] ?? '', touser: ben.id })
  other.close()
  await device.connect()
  await conversations.connected()
  expect(conversation().messages[2]).toMatchObject({ id: ids[2], withdrawn: true })
  expect(conversation().messages).toHaveLength(130)
})

it('who has missed very much sees the end, and finds all of it on the way back', async () => {
  await say(1, 20)
  const conversations = new Conversations(context)
  await open(conversations)
  device.close()
  conversations.lost()
  await say(21, 640)
  await device.connect()
  await conversations.connected()
  expect(texts().at(-1)).toBe('line 640')
  while (conversation().hasOlder) await conversations.older(key())
  expect(texts()).toEqual(lines(1, 640))
})

it('who reads further back keeps the place, and meets what was missed on the way down', async () => {
  await say(1, 20)
  const conversations = new Conversations(context)
  await open(conversations)
  context.update((s) => changeConversation(s, key(), (c) => ({ ...c, away: true })))
  device.close()
  conversations.lost()
  await say(21, 640)
  await device.connect()
  await conversations.connected()
  expect(texts().slice(0, 20)).toEqual(lines(1, 20))
  expect(conversation().hasNewer).toBe(true)
  const heard = device.heard('new message', (m) => m.msg.con === 'line 641')
  await say(641, 641)
  await heard
  while (conversation().hasNewer) await conversations.newer(key())
  expect(texts()).toEqual(lines(1, 641))
})

it('a jump into the past finds its way back to the end', async () => {
  const ids = await say(1, 300)
  const conversations = new Conversations(context)
  await open(conversations)
  await conversations.jump(key(), ids[99] ?? '')
  expect(conversation().jump?.id).toBe(ids[99])
  expect(texts()).toContain('line 100')
  expect(texts()).not.toContain('line 300')
  const heard = device.heard('new message', (m) => m.msg.con === 'line 301')
  await say(301, 301)
  await heard
  while (conversation().hasNewer) await conversations.newer(key())
  while (conversation().hasOlder) await conversations.older(key())
  expect(texts()).toEqual(lines(1, 301))
})

it('a jump to what is not there is refused, and the conversation stays', async () => {
  await say(1, 3)
  const conversations = new Conversations(context)
  await expect(conversations.jump(key(), '9007199254740991')).rejects.toThrow('message not found')
  expect(texts()).toEqual(lines(1, 3))
  expect(conversation().error).toBeNull()
})

it('the chat list is read as far as something was missed', async () => {
  const others = await colleagues(Array.from({ length: 130 }, (_, i) => `Person ${i}`))
  const { id: organization } = await server.host<{ id: string }>('POST', '/v1/organizations', { name: 'Everybody' })
  await server.host('POST', `/v1/organizations/${organization}/members`, { accounts: [ben.id, ...others.map((p) => p.id)] })
  for (const p of others) await server.host('POST', '/v1/messages', { from: p.id, toAccount: ben.id, text: 'hello' })
  const list = new ChatList(context)
  await list.read('all')
  expect(device.state.order).toHaveLength(130)
  expect(device.state.chatsComplete).toBe(true)

  device.close()
  const other = new Device(server, ben)
  await other.connect()
  await other.request('remove session', { type: 1, id: others[129]?.id ?? '' })
  await other.request('clear unread', { type: 1, id: others[0]?.id ?? '' })
  other.close()
  await server.host('POST', '/v1/messages', { from: others[5]?.id, toAccount: ben.id, text: 'again' })
  await device.connect()
  await list.read('missed')
  expect(device.state.order).toHaveLength(129)
  expect(device.state.chats[device.state.order[0] ?? '']).toMatchObject({ name: 'Person 5', unread: 2 })
  // What was read far down the list, the figures tell.
  await expect.poll(() => device.state.chats[chatKey(1, others[0]?.id ?? '')]?.unread).toBe(0)
})

it('what arrives is read as long as somebody looks', async () => {
  await say(1, 2)
  const list = new ChatList(context)
  await list.read('all')
  const conversations = new Conversations(context)
  const presence = new Presence(context, () => list.countSoon())
  await open(conversations)
  const left = async (): Promise<number> => (await device.request('unread count', {})).num
  const arrives = async (line: number): Promise<void> => {
    const heard = device.heard('new message', (m) => m.msg.con === `line ${line}`)
    await say(line, line)
    await heard
  }
  expect(device.state.chats[key()]?.unread).toBe(2)

  presence.look()
  await expect.poll(left).toBe(0)
  expect(device.state.looking).toBe(key())
  await arrives(3)
  expect([device.state.chats[key()]?.unread, await left()]).toEqual([0, 0])

  context.update((s) => changeConversation(s, key(), (c) => ({ ...c, away: true })))
  presence.look()
  expect(device.state.looking).toBeNull()
  await device.request('clear chat', {}) // answered after the one that was sent just now
  await arrives(4)
  expect([device.state.chats[key()]?.unread, await left()]).toEqual([1, 1])
})
