import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What `parley demo --json` tells when it is ready. */
interface Demo {
  url: string
  app: string
  host: { app: string; secret: string }
  accounts: { id: string; name: string; link: string }[]
  stranger: { id: string; name: string; link: string }
  group: { id: string; name: string }
}

let built = ''

/** The binary of PARLEY_BIN, or one that is built here, once. */
export function binary(): string {
  if (process.env.PARLEY_BIN) return process.env.PARLEY_BIN
  if (!built) {
    const folder = mkdtempSync(join(tmpdir(), 'parley-e2e-bin-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    execFileSync('go', ['build', '-o', join(folder, 'parley'), './cmd/parley'], { cwd: root, stdio: 'inherit' })
    built = join(folder, 'parley')
  }
  return built
}

/**
 * A free port of loopback. It is below the ports that the system gives to outgoing connections, so that none of them takes it
 * while the server of a test is stopped.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const listener = createServer()
    const free = await new Promise<boolean>((resolve) => {
      listener.once('error', () => resolve(false))
      listener.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!free) continue
    await new Promise((resolve) => listener.close(resolve))
    return port
  }
}

/** The real binary on a free port of loopback, with a folder of its own. */
export class Server {
  private process: ChildProcess | null = null
  readonly data = mkdtempSync(join(tmpdir(), 'parley-e2e-'))
  private listen = ''
  demo!: Demo

  /** `bare` leaves out most of what the demo shows, so that tests find what they have made. */
  constructor(
    private readonly options: Record<string, string> = {},
    private readonly bare = true,
  ) {}

  /** Starts, or starts again on the same port with the same data. */
  async start(): Promise<void> {
    this.listen ||= `127.0.0.1:${await freePort()}`
    const child = spawn(binary(), ['demo', '--json', ...(this.bare ? ['--bare'] : []), '--listen', this.listen, '--data', this.data], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.options },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.process = child
    this.demo = await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).once('line', (line) => resolve(JSON.parse(line)))
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
    })
  }

  /** Ends it as Ctrl-C does, and waits until it is gone. */
  async stop(): Promise<void> {
    const child = this.process
    if (!child || child.exitCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
    this.process = null
  }

  async close(): Promise<void> {
    await this.stop()
    rmSync(this.data, { recursive: true, force: true })
  }

  /** Calls the host API as the demo's application of kind server. */
  async host<T = unknown>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(this.demo.url + path, {
      method,
      headers: {
        Authorization: `Basic ${btoa(`${this.demo.host.app}:${this.demo.host.secret}`)}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return (text ? JSON.parse(text) : undefined) as T
  }
}
