// Plays the transcripts of the protocol against the server, with devices that know only what the state functions make
// of what is pushed to them: at the end each shows what a fresh device of the same person shows. Whether the pushes are
// the right ones, test/script tells.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Requests } from '@/wire/wire.gen'
import { chatKey, fileTransfer } from '@/state/model'
import { initialState } from '@/state/store'
import { Server } from '../server'
import { Device, type Person } from './device'
import { shown } from './shown'
import { Names, split, transcripts, type Line } from './transcript'

const server = new Server()
beforeAll(() => server.start())
afterAll(() => server.close())

// They are about connecting, or about an application that is acknowledged to in another way than the web client is.
const elsewhere = new Set(['connect', 'connect-auth', 'send-message-result-first'])

// That somebody has left an organization is told to nobody; a client learns it when it reads the list, or when a send
// is refused.
const untold = new Set(['relation-ended'])

describe('at the end of a transcript the devices are up to date', () => {
  for (const { name, lines } of transcripts().filter((t) => !elsewhere.has(t.name)))
    it(name, async () => {
      const stage = new Stage()
      try {
        await stage.play(lines)
        await stage.compare(untold.has(name))
      } finally {
        stage.close()
      }
    })
})

class Stage {
  readonly #names = new Names()
  readonly #people: Person[] = []
  readonly #devices = new Map<string, Device>()
  readonly #contacts = new Set<string>()
  readonly #groups = new Set<string>()
  readonly #answers = new Map<string, unknown[][]>()
  #answer: unknown
  #begun = false
  #marks = 0

  async play(lines: readonly Line[]): Promise<void> {
    for (const line of lines) {
      // This server's clock is the wall's: what comes later is played to the state by other transcripts.
      if (line.subject === 'clock') return
      await this.#step(line)
    }
  }

  close(): void {
    for (const device of this.#devices.values()) device.close()
  }

  /** Everybody shows what a device that has just been turned on shows. */
  async compare(reads: boolean): Promise<void> {
    await this.#settle()
    for (const [name, device] of this.#devices) {
      if (!device.connected) continue
      const { stale, looking } = device.state
      if (stale.chats > 0 || reads) await device.readChats()
      if (stale.unread > 0) await device.readFigures()
      for (const [key, c] of Object.entries(device.state.conversations)) if (c.gap) await device.readConversation(key)
      const fresh = await this.#snapshot(new Device(server, device.person), Object.keys(device.state.conversations))
      expect(shown(device.state), `${name}, looking at ${looking}`).toEqual(shown(fresh.state))
      for (const [id, group] of Object.entries(device.state.groups)) {
        await fresh.readGroup(id)
        expect(group, name).toEqual(fresh.state.groups[id])
      }
    }
  }

  async #step({ subject, verb, rest }: Line): Promise<void> {
    const filled = this.#names.fill(rest)
    const device = this.#devices.get(subject)
    if (verb === '') return this.#direct(subject, rest)
    // Connections that are refused, or made only to be looked at.
    if (subject === 'login') return
    if (!this.#begun) await this.#begin()
    if (subject === 'host' || subject === 'history' || subject === 'api' || subject === 'program') {
      if (verb === '>') this.#answer = await this.#call(subject, filled)
      else this.#names.learn(split(rest.replace(/^\d+\s*/, '')).values[0], this.#answer)
      return
    }
    if (!device) throw new Error(`no device ${subject}`)
    if (verb === '<') return this.#hear(subject, device, rest)
    const { name, values } = split(filled)
    const result = await device.act(name as keyof Requests, values[0], (id) => this.#groups.has(id)).then(
      (done) => [false, done],
      (error: Error) => [{ error: error.message }],
    )
    if (verb === '>') this.#answers.set(subject, [...(this.#answers.get(subject) ?? []), result])
  }

  async #direct(subject: string, rest: string): Promise<void> {
    const words = rest.split(/\s+/)
    switch (subject) {
      case 'people':
      case 'stranger': {
        const made = []
        for (const name of words) made.push((await this.#account(name)).id)
        // Nobody reads a conversation with a stranger.
        if (subject === 'stranger') return
        for (const id of made) this.#contacts.add(id)
        const organization = await server.host<{ id: string }>('POST', '/v1/organizations', { name: 'Transcript' })
        this.#names.set('org', organization.id)
        await server.host('POST', `/v1/organizations/${organization.id}/members`, { accounts: made })
        return
      }
      case 'socket':
        return this.#open(words[0] ?? '')
      case 'group': {
        const [name = '', ...members] = words
        const ids = members.map((m) => this.#person(m).id)
        const { id } = await server.host<{ id: string }>('POST', '/v1/groups', { name, creator: ids[0], members: ids.slice(1) })
        this.#names.set(name, id)
        this.#groups.add(id)
        return
      }
      default: {
        const device = this.#devices.get(subject)
        if (rest === 'closes') device?.close()
        else if (rest === 'breaks') {
          const lost = device?.lost()
          device?.break()
          await lost
        }
        else if (rest === 'is disconnected') await device?.lost()
        else if (rest === 'connects' && device) {
          // As the session does it: what was missed is read, and the pushes go on from there.
          await device.connect()
          device.state = { ...(await this.#snapshot(new Device(server, device.person), Object.keys(device.state.conversations))).state }
        }
      }
    }
  }

  async #account(name: string): Promise<Person> {
    const full = name.charAt(0).toUpperCase() + name.slice(1)
    const { id } = await server.host<{ id: string }>('POST', '/v1/accounts', { name: full, email: `${name}-${crypto.randomUUID()}@example.test` })
    const person = { id, name: full, token: '' }
    this.#people.push(person)
    this.#names.set(name, id)
    await this.#open(name)
    return person
  }

  async #open(name: string): Promise<void> {
    const person = this.#person(name.replace(/\/.*/, ''))
    const { token, session } = await server.host<{ token: string; session: string }>('POST', `/v1/accounts/${person.id}/tokens`, {})
    const variable = name.replace('/', '.')
    this.#names.set(`${variable}.token`, token)
    this.#names.set(`${variable}.session`, session)
    const device = new Device(server, { ...person, token })
    await device.connect()
    this.#devices.set(name, device)
    if (this.#begun) await this.#snapshot(device, this.#conversations(device))
  }

  #person(name: string): Person {
    const person = this.#people.find((p) => p.name.toLowerCase() === name)
    if (!person) throw new Error(`nobody is called ${name}`)
    return person
  }

  /** The stage is set: everybody looks around, and from then on hears only. */
  async #begin(): Promise<void> {
    this.#begun = true
    await this.#settle()
    for (const device of this.#devices.values()) {
      await this.#snapshot(device, this.#conversations(device))
      for (const id of this.#groups) if (device.state.chats[chatKey(2, id)]?.active) await device.readGroup(id)
      device.state = { ...device.state, stale: initialState.stale }
      device.log = []
    }
  }

  async #snapshot(device: Device, conversations: readonly string[]): Promise<Device> {
    await device.readChats()
    for (const key of conversations) await device.readConversation(key)
    return device
  }

  #conversations(device: Device): string[] {
    const people = this.#people.filter((p) => p.id !== device.person.id && this.#contacts.has(p.id) && this.#contacts.has(device.person.id)).map((p) => chatKey(1, p.id))
    const groups = [...this.#groups].map((id) => chatKey(2, id)).filter((key) => device.state.chats[key])
    return [...people, ...groups, chatKey(1, fileTransfer)]
  }

  async #hear(name: string, device: Device, rest: string): Promise<void> {
    const { name: event, values } = split(rest)
    if (event === 'ack') {
      this.#names.learn(values, this.#answers.get(name)?.shift())
      return
    }
    let at = device.log.findIndex((push) => push.event === event)
    if (at < 0) {
      await device.heard(event as never, () => true)
      at = device.log.findIndex((push) => push.event === event)
    }
    this.#names.learn(values[0], device.log[at]?.payload)
    device.log.splice(at, 1)
  }

  async #call(api: string, call: string): Promise<unknown> {
    if (api === 'program') {
      const [address = '', ...message] = call.split(' ')
      const answer = await fetch(new URL(address, server.demo.url), { method: 'POST', body: message.join(' ') })
      return answer.json()
    }
    const [, first = '', second = '', body] = /^(\S+)\s+(\S+)\s*(.*)$/s.exec(call) ?? []
    if (api === 'history') return this.#devices.get(first)?.get(second).catch(() => null)
    if (api === 'api') {
      const [, path = '', sent] = /^(\S+)\s*(.*)$/s.exec(body ?? '') ?? []
      return this.#devices.get(first)?.ask(second, path, sent).catch(() => null)
    }
    return server.host(first, second, body ? JSON.parse(body) : undefined).catch(() => null)
  }

  /** Everybody who is there hears a notification, and with it everything that was done before. */
  async #settle(): Promise<void> {
    const text = `mark ${++this.#marks}`
    const there = [...this.#devices.values()].filter((d) => d.connected)
    const heard = there.map((d) => Promise.race([d.heard('new notify', (n) => n.msg === text), d.lost()]))
    const accounts = [...new Set(there.map((d) => d.person.id))]
    if (accounts.length > 0) await server.host('POST', '/v1/notifications', { category: 'workflow', type: 'x', text, accounts })
    await Promise.all(heard)
    for (const d of there) d.settled()
  }
}
