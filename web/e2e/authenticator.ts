import { createHmac } from 'node:crypto'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const step = (): number => Math.floor(Date.now() / 30_000)

/** An authenticator app. It never shows a code twice, because the server takes each once. */
export class Authenticator {
  private last = 0

  constructor(private readonly key: Buffer) {}

  /** The app that has scanned the QR code of the page, or got its key. */
  static async of(page: Page): Promise<Authenticator> {
    const text = await page.locator('p.font-mono').innerText()
    expect(text).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/)
    return Authenticator.with(text)
  }

  /** The app that got the secret, in base32. */
  static with(secret: string): Authenticator {
    const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
    return new Authenticator(Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2))))
  }

  /** A code that the server takes for half a minute at least: of the present time step or the next one, and later than the last one. */
  async code(): Promise<string> {
    const next = Math.max(this.last + 1, step())
    await expect.poll(() => step() + 1 >= next, { timeout: 90_000 }).toBe(true)
    this.last = next
    return this.at(next)
  }

  /** Six digits that are no code of these minutes. */
  wrong(): string {
    const near = new Set(Array.from({ length: 11 }, (_, i) => this.at(step() + i - 5)))
    return ['000000', '111111', '222222'].find((code) => !near.has(code)) ?? '333333'
  }

  private at(n: number): string {
    const counter = Buffer.alloc(8)
    counter.writeBigUInt64BE(BigInt(n))
    const sum = createHmac('sha1', this.key).update(counter).digest()
    const value = sum.readUInt32BE(sum[19]! & 15) & 0x7fffffff
    return String(value % 1_000_000).padStart(6, '0')
  }
}
