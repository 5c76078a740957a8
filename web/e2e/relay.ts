import { createServer, connect, type AddressInfo, type Socket } from 'node:net'

/** A line between a browser and the server, that can be cut. */
export class Relay {
  private readonly open = new Set<Socket>()
  private whole = true
  private readonly listener = createServer((near) => {
    if (!this.whole) return void near.destroy()
    const far = connect(this.port, '127.0.0.1')
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.open.add(one)
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => {
        this.open.delete(one)
        other.destroy()
      })
    }
  })

  constructor(private readonly port: number) {}

  /** Gives the address at which the server is found through the line. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.listener.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`
  }

  /** Breaks every connection, and lets none begin. */
  cut(): void {
    this.whole = false
    for (const socket of this.open) socket.destroy()
  }

  mend(): void {
    this.whole = true
  }

  close(): void {
    this.cut()
    this.listener.close()
  }
}
