import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { binary } from './server'

/** `parley serve` on a folder that is empty at first. */
export class FreshServer {
  private process: ChildProcess | null = null
  readonly data = mkdtempSync(join(tmpdir(), 'parley-e2e-fresh-'))
  private listen = '127.0.0.1:0'
  url = ''
  /** The links of the last start with which the server is set up; none when there are people. */
  links: string[] = []

  constructor(private readonly options: Record<string, string> = {}) {}

  async start(): Promise<void> {
    const child = spawn(binary(), ['serve', '--listen', this.listen, '--data', this.data, '--metrics.listen', '', '--log.format', 'json'], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...this.options },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.process = child
    this.links = []
    await new Promise<void>((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
      createInterface({ input: child.stderr }).on('line', (line) => {
        const told = JSON.parse(line) as { msg: string; url?: string; links?: string[] }
        if (told.links) this.links = told.links
        if (told.msg !== 'serving' || !told.url) return
        this.url = told.url
        this.listen = new URL(told.url).host
        resolve()
      })
    })
  }

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
}
