import { createServer, connect, type AddressInfo, type Socket } from 'node:net'

/** A line between a browser and the server that can be cut, or delayed. */
export class Relay {
  private readonly open = new Set<Socket>()
  /** The ends towards the server: what they bring are the server's answers. */
  private readonly answers = new Set<Socket>()
  private whole = true
  private readonly listener = createServer((near) => {
    if (!this.whole) return void near.destroy()
    const far = connect(this.port, '127.0.0.1')
    this.answers.add(far)
    far.on('close', () => this.answers.delete(far))
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

  /** Keeps what the server answers on the open connections, until `release`. */
  hold(): void {
    for (const far of this.answers) far.pause()
  }

  release(): void {
    for (const far of this.answers) far.resume()
  }

  mend(): void {
    this.whole = true
  }

  close(): void {
    this.cut()
    this.listener.close()
  }
}
