import type { BrowserContext, FileChooser, Locator, Page } from 'playwright-core'
import axe from './axe'

/** A person of the server, by whom a test acts. */
export interface Person {
  id: string
  name: string
  email: string
}

type Files = Extract<Parameters<FileChooser['setFiles']>[0], readonly { name: string }[]>

// What a browser says by itself while the server is away, or an address leads nowhere.
const expected = [/net::ERR_/, /Failed to load resource/, /WebSocket connection to/, /WebSocket is already in CLOSING/]

/** A tab in which somebody is signed in, with what people do in it. */
export class Seat {
  /** Exceptions, errors of the console, and violations of the page's policy since the tab was opened. */
  readonly faults: string[] = []

  constructor(
    readonly page: Page,
    readonly who: Person,
  ) {
    page.on('pageerror', (error) => this.faults.push(`${who.name}: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      const text = message.text()
      if (message.type() === 'error' && !expected.some((e) => e.test(text))) this.faults.push(`${who.name}: ${text}`)
    })
  }

  get context(): BrowserContext {
    return this.page.context()
  }

  /** Waits until the chat list is there. */
  async ready(): Promise<this> {
    await this.page.getByRole('heading', { name: /^(Chats|消息)$/, level: 1 }).waitFor()
    return this
  }

  /** The banner about the lost connection. */
  get offline(): Locator {
    return this.page.getByText(/^No connection/).filter({ visible: true }).first()
  }

  // The chat list.

  row(name: string): Locator {
    return this.page.locator('[data-chat]').filter({ has: this.page.getByText(name, { exact: true }) })
  }

  badge(name: string): Locator {
    return this.row(name).getByRole('img', { name: /unread/ })
  }

  async open(name: string): Promise<void> {
    await this.row(name).click()
    await this.title(name).waitFor()
  }

  title(name: string | RegExp): Locator {
    return this.page.getByRole('main').getByRole('heading', { name, level: 1 })
  }

  /** Picks an entry of a chat's menu. */
  async chatMenu(name: string, entry: string): Promise<void> {
    await this.row(name).click({ button: 'right' })
    await this.page.getByRole('menuitem', { name: entry }).click()
  }

  /** Begins a chat with somebody through the dialog. */
  async startChat(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New chat', exact: true }).first().click()
    const dialog = this.page.getByRole('dialog', { name: 'New chat' })
    await dialog.getByRole('combobox').fill(name)
    await dialog.getByRole('option', { name }).first().click()
    await this.title(name).waitFor()
  }

  // The conversation.

  get field(): Locator {
    return this.page.getByRole('main').locator('textarea')
  }

  async send(text: string): Promise<void> {
    await this.field.fill(text)
    await this.field.press('Enter')
  }

  /** Chooses files, or those with these paths, by a click on what asks for them. */
  async choose(button: Locator, ...files: Files | string[]): Promise<void> {
    const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), button.click()])
    await chooser.setFiles(files as Files)
  }

  /** Chooses files with the paper clip. */
  async attach(...files: Files | string[]): Promise<void> {
    await this.choose(this.page.getByRole('button', { name: 'Attach files' }), ...files)
  }

  /** The rows of messages that contain the text. */
  message(text: string | RegExp): Locator {
    return this.page.locator('[data-message]').filter({ hasText: text })
  }

  async sees(text: string | RegExp): Promise<void> {
    await this.message(text).last().waitFor()
  }

  /** Does with a message what its toolbar or menu offers. */
  async command(text: string | RegExp, command: string): Promise<void> {
    const row = this.message(text).last()
    await row.hover()
    const direct = row.getByRole('toolbar').getByRole('button', { name: command, exact: true })
    await row.getByRole('toolbar').waitFor()
    if ((await direct.count()) > 0) return direct.click()
    await row.getByRole('toolbar').getByRole('button', { name: 'More' }).click()
    await this.page.getByRole('menuitem', { name: new RegExp(`^${command} \\w+$`) }).click() // the key follows
  }

  /** What the pattern finds in each message on the screen, oldest first; in the others nothing. */
  async found(pattern: RegExp): Promise<string[]> {
    const rows = await this.page.locator('[data-message]').allInnerTexts()
    return rows.flatMap((text) => pattern.exec(text)?.[0] ?? [])
  }

  // What stands beside it.

  get details(): Locator {
    return this.page.getByRole('complementary', { name: 'Details' })
  }

  async openDetails(): Promise<Locator> {
    if (!(await this.details.isVisible())) await this.page.getByRole('main').getByRole('button', { name: 'Details', exact: true }).click()
    await this.details.waitFor()
    return this.details
  }

  /** The open dialog with that name. */
  dialog(name: string | RegExp): Locator {
    return this.page.getByRole('dialog', { name })
  }

  /** Answers the question before something that cannot be undone. */
  async confirm(button: string): Promise<void> {
    await this.page.getByRole('alertdialog').getByRole('button', { name: button }).click()
    await this.page.getByRole('alertdialog').waitFor({ state: 'hidden' })
  }

  /** Goes to an address of the client as a link does, without a reload. */
  async go(path: string): Promise<void> {
    await this.page.evaluate((to) => {
      history.pushState(null, '', to)
      dispatchEvent(new PopStateEvent('popstate'))
    }, path)
  }

  /** What axe-core finds wrong with what is shown. */
  axe(): Promise<string[]> {
    return axe(this.page)
  }
}
