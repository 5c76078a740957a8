import { createServer, type Server as MailServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import axe from './axe'
import { launch, patience } from './browser'
import { FreshServer } from './fresh'

/** A mail server that takes everything. */
class Mailbox {
  readonly mails: string[] = []
  private waiting: (() => void)[] = []
  private readonly server: MailServer = createServer((socket) => this.talk(socket))

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`
  }

  close(): void {
    this.server.close()
  }

  /** The first link in the next mail. */
  async link(): Promise<string> {
    return /https?:\S+/.exec(await this.next(() => true))?.[0] ?? ''
  }

  /** The text of the next mail to the address. */
  to(address: string): Promise<string> {
    return this.next((mail) => mail.includes(`\r\nTo: <${address}>\r\n`))
  }

  private async next(isWanted: (mail: string) => boolean): Promise<string> {
    let at: number
    while ((at = this.mails.findIndex(isWanted)) < 0) await new Promise<void>((resolve) => this.waiting.push(resolve))
    return (this.mails.splice(at, 1)[0] ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '=')
  }

  private talk(socket: Socket): void {
    let text = ''
    let data = false
    socket.on('error', () => socket.destroy())
    socket.write('220 ready\r\n')
    socket.on('data', (piece) => {
      text += piece.toString()
      const end = data ? '\r\n.\r\n' : '\r\n'
      for (let at = text.indexOf(end); at >= 0; at = text.indexOf(data ? '\r\n.\r\n' : '\r\n')) {
        const line = text.slice(0, at)
        text = text.slice(at + (data ? 5 : 2))
        if (data) {
          data = false
          this.mails.push(line)
          for (const wake of this.waiting.splice(0)) wake()
          socket.write('250 taken\r\n')
        } else if (line === 'DATA') {
          data = true
          socket.write('354 go on\r\n')
        } else if (line === 'QUIT') {
          socket.end('221 bye\r\n')
        } else {
          socket.write('250 ok\r\n')
        }
      }
    })
  }
}

const mailbox = new Mailbox()
let server: FreshServer
let browser: Browser

beforeAll(async () => {
  const smtp = await mailbox.start()
  server = new FreshServer({ PARLEY_MAIL_SMTP: smtp, PARLEY_MAIL_FROM: 'parley@example.test', PARLEY_MAIL_TLS: 'none' })
  ;[, browser] = await Promise.all([server.start(), launch()])
})
afterAll(async () => {
  await browser?.close()
  await server?.close()
  mailbox.close()
})

async function visit(address: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
  context.setDefaultTimeout(patience)
  const page = await context.newPage()
  await page.goto(address)
  return page
}

test('an invitation comes by mail, and a forgotten password is replaced by a link in a mail', async () => {
  const olga = await visit(server.links[0] ?? '')
  await olga.getByLabel('Name of your organization').fill('Example Works')
  await olga.getByLabel('Your name').fill('Olga Owner')
  await olga.getByLabel('Your e-mail').fill('olga@example.test')
  await olga.getByLabel('Password').fill('a long password')
  await olga.getByRole('button', { name: 'Set up and sign in' }).click()
  await olga.getByLabel('Send it by mail to (optional)').fill('pia@example.test')
  await olga.getByRole('button', { name: 'Create the link' }).click()
  await olga.getByText('It is sent to pia@example.test.').waitFor()

  const pia = await visit(await mailbox.link())
  await pia.getByLabel('Your name').fill('Pia Person')
  expect(await pia.getByLabel('Your e-mail').inputValue()).toBe('pia@example.test')
  await pia.getByLabel('Choose a password').fill('soon forgotten')
  await pia.getByRole('button', { name: 'Create the account' }).click()
  await pia.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()

  const again = await visit(server.url)
  await again.getByRole('button', { name: 'Forgot your password?' }).click()
  expect(await axe(again)).toEqual([])
  await again.getByLabel('E-mail for the sign-in link').fill('pia@example.test')
  await again.getByRole('button', { name: 'Send the link' }).click()
  await again.getByText('a mail is on its way').waitFor()
  const link = await mailbox.link()
  expect(link).toContain('/sign-in#code=')
  await again.goto(link)
  // The link leads to the place where a new password is set, without the old one.
  await again.getByLabel('New password', { exact: true }).fill('a better password')
  await again.getByLabel('New password again').fill('a better password')
  await again.getByRole('button', { name: 'Save' }).click()
  await again.getByText('The password is set.').waitFor()
})

test('a link in a mail confirms a new e-mail address', async () => {
  const pia = await visit(server.url)
  await pia.getByLabel('E-mail').fill('pia@example.test')
  await pia.getByLabel('Password').fill('a better password')
  await pia.getByRole('button', { name: 'Sign in', exact: true }).click()
  await pia.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()
  await pia.goto(`${server.url}/settings/profile`)
  const change = pia.getByRole('button', { name: 'Change the e-mail address' })
  await change.focus()
  await pia.keyboard.press('Enter')
  expect(await axe(pia)).toEqual([])
  // The field for the address has the focus.
  await pia.keyboard.type('pia.new@example.test')
  await pia.keyboard.press('Tab')
  await pia.keyboard.type('a guess')
  await pia.keyboard.press('Enter')
  await pia.getByText('This is not your current password.').waitFor()
  await pia.getByLabel('Current password').fill('a better password')
  await pia.keyboard.press('Enter')
  await pia.getByText('We have sent a link to pia.new@example.test.').waitFor()
  expect(await change.evaluate((button) => button === document.activeElement)).toBe(true)
  expect(await axe(pia)).toEqual([])

  const notice = await mailbox.to('pia@example.test')
  expect(notice).toContain('to pia.new@example.test')
  expect(notice).not.toContain('http')
  const link = /https?:\S+/.exec(await mailbox.to('pia.new@example.test'))?.[0] ?? ''
  expect(link).toContain('/confirm-email#')

  // Somebody without a session looks at the link, which changes nothing, and confirms.
  const confirming = await visit(link)
  await confirming.getByText('The account of Pia Person gets this e-mail address:').waitFor()
  expect(await axe(confirming)).toEqual([])
  expect(confirming.url()).not.toContain('#')
  await pia.getByText('pia@example.test', { exact: true }).waitFor()
  await confirming.getByRole('button', { name: 'Confirm' }).focus()
  await confirming.keyboard.press('Enter')
  await confirming.getByText('The account of Pia Person now has this e-mail address:').waitFor()
  await confirming.getByText('All devices are signed out, except the one where the change was asked for.').waitFor()
  expect(await axe(confirming)).toEqual([])
  // The other device is told.
  await pia.getByText('pia.new@example.test', { exact: true }).waitFor()

  await confirming.getByRole('button', { name: 'Go on' }).click()
  await confirming.getByLabel('E-mail').fill('pia.new@example.test')
  await confirming.getByLabel('Password').fill('a better password')
  await confirming.getByRole('button', { name: 'Sign in', exact: true }).click()
  await confirming.getByRole('heading', { name: 'Chats', level: 1 }).waitFor()

  const again = await visit(link)
  await again.getByText('This link is no longer valid.').waitFor()
})
