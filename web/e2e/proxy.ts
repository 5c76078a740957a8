import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** How a proxy passes requests on. */
interface Configuration {
  /** Only requests below this path are passed on; it ends with a slash. */
  base?: string
  /** Removes that path, as `location /chat/ { proxy_pass http://…/; }` of nginx does. */
  strips?: boolean
  /** Sends the Host header without its port, as nginx does with `Host $host`. */
  losesPort?: boolean
}

/** A proxy in front of a server. It is there before the server is, which must know its address. */
export class Proxy {
  /** Where the server listens. */
  target = ''
  private readonly sockets = new Set<Socket>()
  private readonly listener = createServer((asked, answer) => {
    const passed = this.pass(asked)
    if (!passed) return void answer.writeHead(418).end()
    passed.on('response', (told) => {
      answer.writeHead(told.statusCode ?? 502, told.headers)
      told.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    answer.on('close', () => passed.destroy())
    asked.pipe(passed)
  })

  constructor(private readonly configuration: Configuration = {}) {
    this.listener.on('connection', (socket) => this.sockets.add(socket).size && socket.on('close', () => this.sockets.delete(socket)))
    this.listener.on('upgrade', (asked, near: Socket, head) => this.upgrade(asked, near, head))
  }

  /** Gives the address that people open, which ends with a slash. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.listener.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}${this.configuration.base ?? '/'}`
  }

  close(): void {
    this.listener.close()
    for (const socket of this.sockets) socket.destroy()
  }

  private pass(asked: IncomingMessage) {
    const { base = '/', strips, losesPort } = this.configuration
    const path = asked.url ?? ''
    if (!path.startsWith(base)) return null
    const host = asked.headers.host ?? ''
    return request(new URL(this.target), {
      method: asked.method,
      path: strips ? `/${path.slice(base.length)}` : path,
      headers: { ...asked.headers, host: losesPort ? host.replace(/:\d+$/, '') : host },
      agent: false,
    })
  }

  private upgrade(asked: IncomingMessage, near: Socket, head: Buffer): void {
    const passed = this.pass(asked)
    near.on('error', () => passed?.destroy())
    if (!passed) return void near.destroy()
    passed.on('upgrade', (told, far, early) => {
      near.write(`HTTP/1.1 101 Switching Protocols\r\n${lines(told)}\r\n\r\n`)
      near.write(early)
      far.write(head)
      far.on('error', () => near.destroy()).pipe(near)
      near.on('close', () => far.destroy()).pipe(far)
    })
    passed.on('response', (told) => {
      near.write(`HTTP/1.1 ${told.statusCode} ${told.statusMessage}\r\n${lines(told)}\r\n\r\n`)
      told.pipe(near)
    })
    passed.on('error', () => near.destroy())
    passed.end()
  }
}

const lines = (told: IncomingMessage): string =>
  told.rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${told.rawHeaders[i + 1]}`] : [])).join('\r\n')
