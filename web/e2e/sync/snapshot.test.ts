// What is pushed, applied to an old snapshot, is what a fresh snapshot shows: for the chat list, unread figures,
// messages and groups, on the device that acts, on another one of the same person, and on everybody else's.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chatKey, chatRef, type ChatKey, type Message } from '@/state/model'
import { Server } from '../server'
import { Device, draftsOf, type Person } from './device'
import { marksIn, shown, threadIn } from './shown'

// So many worlds, each with so many steps. A failure names the world, which can be run alone.
const worlds = Number(process.env.PARLEY_WORLDS ?? 6)
const steps = 60

const server = new Server()
beforeAll(() => server.start())
afterAll(() => server.close())

describe('applied pushes equal a fresh snapshot', () => {
  const only = process.env.PARLEY_WORLD
  for (const seed of only ? [Number(only)] : Array.from({ length: worlds }, (_, i) => i + 1))
    it(`in world ${seed}`, async () => {
      const world = await World.make(random(seed))
      try {
        for (let step = 1; step <= steps; step++) {
          await world.step()
          if (step % 6 === 0) await world.compare()
        }
      } finally {
        world.close()
      }
    })
})

type Random = (below: number) => number

// mulberry32: small, and the same everywhere.
function random(seed: number): Random {
  let a = seed
  return (below) => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4294967296) * below)
  }
}

class World {
  private readonly done: string[] = []
  private marks = 0

  private constructor(
    private readonly pick: Random,
    private readonly people: Person[],
    private readonly devices: Device[],
    private readonly marker: Device,
    private readonly groups: string[],
  ) {}

  static async make(pick: Random): Promise<World> {
    const organization = await server.host<{ id: string }>('POST', '/v1/organizations', { name: 'World' })
    const people: Person[] = []
    for (const name of ['Ann', 'Ben', 'Cho', 'Marker']) {
      const { id } = await server.host<{ id: string }>('POST', '/v1/accounts', { name })
      const { token } = await server.host<{ token: string }>('POST', `/v1/accounts/${id}/tokens`, {})
      people.push({ id, name, token })
    }
    await server.host('POST', `/v1/organizations/${organization.id}/members`, { accounts: people.map((p) => p.id) })
    const marker = people.pop() as Person
    const groups: string[] = []
    for (const name of ['Team', 'Plans'])
      groups.push((await server.host<{ id: string }>('POST', '/v1/groups', { name, creator: people[0]?.id, members: people.map((p) => p.id) })).id)
    const devices = people.flatMap((p) => [new Device(server, p), new Device(server, p)])
    const world = new World(pick, people, devices, new Device(server, marker), groups)
    await Promise.all([...devices, world.marker].map((d) => d.connect()))
    // A past that only the snapshot knows.
    for (let i = 0; i < 12; i++) await world.act(world.anyDevice(), pick(30))
    await world.settle()
    for (const device of devices) {
      await world.snapshot(device, device, groups)
      device.drafts = draftsOf(await device.request('drafts', {}))
    }
    return world
  }

  close(): void {
    for (const device of [...this.devices, this.marker]) device.close()
  }

  async step(): Promise<void> {
    await this.act(this.anyDevice(), this.pick(145))
  }

  private async act(device: Device, what: number): Promise<void> {
    const me = device.person
    const other = this.one(this.people.filter((p) => p !== me))
    const gid = this.one(this.groups)
    const chat = this.pick(2) === 0 ? chatKey(1, other.id) : chatKey(2, gid)
    const host = (method: string, path: string, body?: unknown): Promise<unknown> => server.host(method, `/v1/groups/${gid}${path}`, body)
    const acts: [number, string, () => Promise<unknown>][] = [
      [30, `sends to ${chat}`, () => device.send(chat, this.content(device, chat))],
      [8, `withdraws in ${chat}`, () => this.withdraw(device, chat)],
      [6, `mentions in ${gid}`, () => this.mention(device, gid)],
      [10, `reads ${chat}`, () => device.read(chat)],
      [6, `marks as unread in ${chat}`, () => this.markUnread(device, chat)],
      [6, `looks at ${chat}`, () => device.look(chat)],
      [5, 'looks away', () => device.look(null)],
      [2, 'reads all', () => device.request('clear all unread', {})],
      [4, `hides ${chat}`, () => device.request('remove session', chatOf(chat))],
      [4, `puts ${chat} on top`, () => device.request('sticky on top', { ...sticky(chat), isTop: this.pick(2) === 0 })],
      [5, 'is notified', () => this.notify(me)],
      [2, 'reads an inbox', () => device.read(this.one(['6:task', '3:system']))],
      [2, 'silences an inbox', () => device.request('silence message', { type: 6, isSilent: this.pick(2) === 0 })],
      [2, `mutes ${gid}`, () => host('PATCH', `/members/${me.id}`, { push: this.pick(2) === 0 })],
      [3, `mutes ${other.name}`, () => device.request('set user notice', { aid: other.id, isPush: this.pick(2) === 0 })],
      [2, `renames ${gid}`, () => host('PATCH', '', { name: `Name ${this.pick(100)}`, announcement: `News ${this.pick(100)}` })],
      [2, `bans in ${gid}`, () => host(this.pick(2) === 0 ? 'PUT' : 'DELETE', '/ban')],
      [2, `lets invite in ${gid}`, () => host('PATCH', '', { membersInvite: this.pick(2) === 0 })],
      [3, `removes ${other.name} from ${gid}`, () => host('DELETE', `/members/${other.id}`)],
      [3, `adds ${other.name} to ${gid}`, () => host('POST', '/members', { accounts: [other.id] })],
      [8, `edits in ${chat}`, () => this.edit(device, chat)],
      [8, `writes in ${chat}`, () => device.write(chat, this.pick(3) > 0 ? `half ${this.pick(100)}` : '')],
      [12, `reacts in ${chat}`, () => this.react(device, chat)],
      [8, `pins in ${chat}`, () => this.pin(device, chat)],
      [2, `appoints ${other.name} in ${gid}`, () => host(this.pick(2) === 0 ? 'PUT' : 'DELETE', `/administrators/${other.id}`)],
    ]
    let left = what
    for (const [weight, name, act] of acts) {
      if ((left -= weight) >= 0) continue
      let outcome = ''
      // Much is refused in a world without sense, which has to change nothing.
      await act().catch((error: Error) => (outcome = `: ${error.message.slice(0, 80)}`))
      this.done.push(`${me.name}/${this.devices.indexOf(device)} ${name}${outcome}`)
      return
    }
  }

  private content(device: Device, chat: ChatKey): object {
    const quoted = this.pick(4) === 0 ? this.messages(device, chat).at(-1)?.id : undefined
    const refer = quoted && { refer: { msgid: quoted } }
    switch (this.pick(5)) {
      case 0:
        return { type: 3, msg: '', file: { key: 'k', name: 'v.amr', ft: 'amr', size: 9, len: 4 }, ...refer }
      case 1:
        return { type: 5, msg: '', card: { title: 'Plan', md: 'task', text: 'due', url: 'https://app.example.test/1', entityid: 't1' }, ...refer }
      default:
        return { ...refer }
    }
  }

  private messages(device: Device, chat: ChatKey): Message[] {
    return device.state.conversations[chat]?.messages ?? []
  }

  private async withdraw(device: Device, chat: ChatKey): Promise<void> {
    const own = this.messages(device, chat).filter((m) => m.mine && !m.system)
    if (own.length > 0) await device.withdraw(this.one(own))
  }

  private async pin(device: Device, chat: ChatKey): Promise<void> {
    const some = this.messages(device, chat).filter((m) => !m.system && !m.withdrawn)
    if (some.length > 0) await device.pin(this.one(some.slice(-4)), this.pick(3) > 0)
  }

  private async markUnread(device: Device, chat: ChatKey): Promise<void> {
    const some = this.messages(device, chat).filter((m) => m.id !== null)
    if (some.length > 0) await device.markUnread(this.one(some.slice(-8)))
  }

  private async edit(device: Device, chat: ChatKey): Promise<void> {
    const own = this.messages(device, chat).filter((m) => m.mine && m.kind === 'text' && !m.withdrawn)
    if (own.length > 0) await device.edit(this.one(own.slice(-4)), `text ${this.pick(5)}`)
  }

  private async react(device: Device, chat: ChatKey): Promise<void> {
    const some = this.messages(device, chat).filter((m) => !m.system && !m.withdrawn)
    // Few messages and few emoji, so that several people have the same one on a message.
    if (some.length > 0) await device.react(this.one(some.slice(-3)), this.one(['👍', '❤️', '👍🏽', '🎉']), this.pick(3) > 0)
  }

  private async mention(device: Device, gid: string): Promise<void> {
    const messageId = this.pick(3) === 0 ? this.messages(device, chatKey(2, gid)).findLast((m) => m.mine && !m.system)?.id : await device.send(chatKey(2, gid))
    if (messageId) await device.request('group shake', { gid, toUser: 'all', messageId })
  }

  private notify(person: Person): Promise<unknown> {
    const category = this.one(['task', 'system'])
    return server.host('POST', '/v1/notifications', { category, type: 'taskmessage', text: 'note', name: 'A task', weak: this.pick(3) === 0, accounts: [person.id] })
  }

  /** Everybody hears a message, and with it everything that was done before. */
  private async settle(): Promise<void> {
    const text = `mark ${++this.marks}`
    const heard = this.devices.map((d) => d.heard('new message', (m) => m.msg.con === text))
    for (const p of this.people) await this.marker.send(chatKey(1, p.id), { msg: text })
    await Promise.all(heard)
    for (const d of this.devices) d.settled()
  }

  private async snapshot(device: Device, through: Device, groups: readonly string[]): Promise<void> {
    await device.readChats()
    for (const p of this.people) if (p !== device.person) await device.readConversation(chatKey(1, p.id))
    for (const gid of this.groups) await device.readConversation(chatKey(2, gid))
    for (const gid of groups) await device.readGroup(gid)
    for (const key of this.chatsOf(device)) await device.readPins(key, through)
  }

  private chatsOf(device: Device): ChatKey[] {
    return [...this.people.filter((p) => p !== device.person).map((p) => chatKey(1, p.id)), ...this.groups.map((gid) => chatKey(2, gid))]
  }

  async compare(): Promise<void> {
    await this.settle()
    for (const device of this.devices) {
      const { stale } = device.state
      const fresh = new Device(server, device.person)
      await this.snapshot(fresh, device, Object.keys(device.state.groups))
      const story = `${device.person.name}/${this.devices.indexOf(device)} after:\n${this.done.slice(-Number(process.env.PARLEY_STORY ?? 12)).join('\n')}\n`
      // In doubt the session asks; without doubt what was pushed is enough.
      if (stale.chats > 0) await device.readChats()
      if (stale.unread > 0) await device.readFigures()
      device.state = { ...device.state, stale: { ...stale, chats: 0, unread: 0 } }
      // Where there is a gap, the session reads the conversation anew before it shows it.
      for (const [key, c] of Object.entries(device.state.conversations)) if (c.gap) await device.readConversation(key)
      // The pins of a group that one has entered again are asked for when it is shown.
      for (const key of this.chatsOf(device)) if (!device.state.pins[key]) await device.readPins(key)
      expect(shown(device.state), story).toEqual(shown(fresh.state))
      await this.compareThread(device, fresh, story)
      expect(device.drafts, story).toEqual(draftsOf(await device.request('drafts', {})))
      // The marks come a moment after what they tell.
      const { looking } = device.state
      if (looking) await expect.poll(() => marksIn(device.state, looking), { message: story }).toEqual(marksIn(fresh.state, looking))
      // A group that one has entered, or that has got another creator, is asked for when it is shown.
      for (const gid of this.groups) {
        const known = device.state.groups[gid]
        const active = device.state.chats[chatKey(2, gid)]?.active ?? false
        if (known) expect(known, story).toEqual(fresh.state.groups[gid])
        else if (active) await device.readGroup(gid)
      }
    }
  }

  /** Compares the thread that is open with the same one read anew, and opens another one, in turn of each chat. */
  private async compareThread(device: Device, fresh: Device, story: string): Promise<void> {
    const { thread } = device.state
    if (thread) {
      // Of a group that one has entered again the session reads it anew.
      if (thread.list.gap) await device.readThread(thread.chat, thread.id)
      await fresh.readThread(thread.chat, thread.id, device)
      expect(threadIn(device.state), story).toEqual(threadIn(fresh.state))
    }
    const chats = this.chatsOf(device)
    const chat = chats[(chats.indexOf(thread?.chat ?? '') + 1) % chats.length] as ChatKey
    // The one with most replies; the latest of those.
    const [most] = this.messages(device, chat).toSorted((a, b) => (b.replies ?? 0) - (a.replies ?? 0) || Number(b.id) - Number(a.id))
    if (most?.id) await device.readThread(chat, most.id)
  }

  private anyDevice(): Device {
    return this.one(this.devices)
  }

  private one<T>(of: readonly T[]): T {
    return of[this.pick(of.length)] as T
  }
}

const chatOf = (key: ChatKey): { type: number; id: string } => chatRef(key)

function sticky(key: ChatKey): { type: number; value: string } {
  const { type, id } = chatRef(key)
  return { type, value: id }
}
