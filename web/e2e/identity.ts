import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const root = fileURLToPath(new URL('../..', import.meta.url))
let built = ''

function binary(): string {
  if (!built) {
    const folder = mkdtempSync(join(tmpdir(), 'parley-e2e-provider-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    execFileSync('go', ['build', '-o', join(folder, 'provider'), './test/provider'], { cwd: root, stdio: 'inherit' })
    built = join(folder, 'provider')
  }
  return built
}

/** A provider of OpenID Connect in a process of its own. */
export class Provider {
  private process: ChildProcess | null = null
  private lines: Interface | null = null
  issuer = ''

  async start(): Promise<void> {
    const child = spawn(binary(), [], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.process = child
    this.lines = createInterface({ input: child.stdout })
    this.issuer = await this.line()
  }

  /** Tells the provider of a server. */
  async register(client: string, secret: string, redirect: string): Promise<void> {
    const told = this.line()
    this.process?.stdin?.write(`${client} ${secret} ${redirect}\n`)
    await told
  }

  async close(): Promise<void> {
    const child = this.process
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.stdin?.end()
    await gone
  }

  private line(): Promise<string> {
    return new Promise((resolve) => this.lines?.once('line', resolve))
  }
}

/** Fills in the page of the provider. */
export async function signInThere(page: Page, name: string): Promise<void> {
  await page.getByLabel('Username:').fill(name)
  await page.getByLabel('Password:').fill('the password there')
  await page.getByRole('button', { name: 'Login' }).click()
}
