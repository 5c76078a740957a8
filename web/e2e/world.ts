import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { randomUUID } from 'node:crypto'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { launch, patience } from './browser'
import { Relay } from './relay'
import { type Person, Seat } from './seat'
import { Server } from './server'

const failures = fileURLToPath(new URL('./failed/', import.meta.url))

/** A server, a browser, and the people who use them; one for each file of tests. */
class World {
  browser!: Browser
  private open: Seat[] = []
  private relays: Relay[] = []

  constructor(readonly server: Server) {}

  /** Colleagues: members of an organization of their own, and so each other's contacts. */
  async people<N extends string[]>(...names: N): Promise<{ [K in keyof N]: Person }> {
    const organization = randomUUID()
    await this.server.host('POST', '/v1/organizations', { id: organization, name: 'Test organization' })
    const made = await this.strangers(...names)
    await this.server.host('POST', `/v1/organizations/${organization}/members`, { accounts: (made as Person[]).map((p) => p.id) })
    return made
  }

  /** People of no organization. */
  async strangers<N extends string[]>(...names: N): Promise<{ [K in keyof N]: Person }> {
    const made: Person[] = []
    for (const name of names) {
      const id = randomUUID()
      const email = `${id.slice(0, 8)}@people.example`
      await this.server.host('POST', '/v1/accounts', { id, name, email })
      made.push({ id, name, email })
    }
    return made as { [K in keyof N]: Person }
  }

  async group(name: string, creator: Person, ...members: Person[]): Promise<string> {
    const made = await this.server.host<{ id: string }>('POST', '/v1/groups', {
      name,
      creator: creator.id,
      members: members.map((m) => m.id),
    })
    return made.id
  }

  /** Somebody says something, through another device. */
  async say(from: Person, to: { person: Person } | { group: string }, text: string): Promise<void> {
    await this.server.host('POST', '/v1/messages', {
      from: from.id,
      ...('person' in to ? { toAccount: to.person.id } : { toGroup: to.group }),
      text,
    })
  }

  /** A way to sign in, at the server's address or at that of a relay or proxy. */
  async link(who: Person, at = this.server.demo.url): Promise<string> {
    const made = await this.server.host<{ link: string }>('POST', `/v1/accounts/${who.id}/sign-in-codes`, {})
    return at.replace(/\/$/, '') + made.link.slice(made.link.indexOf('/sign-in'))
  }

  /** A token for requests beside a browser. */
  async token(who: Person): Promise<string> {
    return (await this.server.host<{ token: string }>('POST', `/v1/accounts/${who.id}/tokens`, {})).token
  }

  /** What the server counts as unread for somebody in a chat. */
  async unread(who: Person, chat: { type: number; id: string }): Promise<{ count: number; first?: string }> {
    const answer = await fetch(`${this.server.demo.url}/api/unread?type=${chat.type}&chat=${chat.id}`.replace('//api', '/api'), {
      headers: { Authorization: `Bearer ${await this.token(who)}`, App: this.server.demo.app },
    })
    if (!answer.ok) throw new Error(`GET /api/unread: ${answer.status}`)
    const { count, first } = (await answer.json()) as { count: number; first?: string }
    return { count, ...(first && { first }) }
  }

  /** A line to the server that can be cut; gone with the test. */
  async relay(): Promise<{ line: Relay; at: string }> {
    const line = new Relay(Number(new URL(this.server.demo.url).port))
    this.relays.push(line)
    return { line, at: await line.start() }
  }

  /** Signs somebody in, in a browser of their own, or in another tab of one that is open. */
  async seat(who: Person, where: BrowserContextOptions | { beside: Seat } = {}, at?: string): Promise<Seat> {
    return this.sit('beside' in where ? await where.beside.context.newPage() : await this.page(where), who, at)
  }

  /** Signs somebody in, in a tab that is there. */
  async sit(page: Page, who: Person, at?: string): Promise<Seat> {
    const seat = new Seat(page, who)
    this.open.push(seat)
    await page.goto(await this.link(who, at))
    return seat.ready()
  }

  /** Several at once. */
  async seats<P extends Person[]>(...people: P): Promise<{ [K in keyof P]: Seat }> {
    return (await Promise.all(people.map((p) => this.seat(p)))) as { [K in keyof P]: Seat }
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-US',
      timezoneId: 'Europe/Berlin',
      permissions: ['clipboard-read', 'clipboard-write', 'notifications', 'geolocation', 'microphone'],
      geolocation: { latitude: 52.52, longitude: 13.405 },
      ...options,
    })
    context.setDefaultTimeout(patience)
    return context.newPage()
  }

  /** Closes the tabs, and gives what went wrong in them. */
  async leave(): Promise<string[]> {
    const faults = this.open.flatMap((s) => s.faults)
    await Promise.all(this.open.map((s) => s.context.close()))
    this.open = []
    for (const relay of this.relays.splice(0)) relay.close()
    return faults
  }

  /** Keeps what the tabs show, for whoever wants to know why a test failed. */
  async picture(test: string): Promise<void> {
    mkdirSync(failures, { recursive: true })
    for (const [i, seat] of this.open.entries()) {
      const name = `${test} ${i} ${seat.who.name}`.replaceAll(/[^\w]+/g, '-')
      await seat.page.screenshot({ path: `${failures}${name}.png` }).catch(() => undefined)
    }
  }
}

/**
 * Starts a server and a browser before the tests of the file, and ends them after.
 * Each test leaves no tab open, no exception and no violation of the page's policy behind.
 */
export function world(options: Record<string, string> = {}): World {
  const w = new World(new Server(options))
  beforeAll(async () => {
    ;[, w.browser] = await Promise.all([w.server.start(), launch()])
  })
  afterAll(async () => {
    await w.browser?.close()
    await w.server.close()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await w.picture(task.name)
    expect(await w.leave()).toEqual([])
  })
  return w
}
