import { Touched, type Context } from '@/app/sync/context'
import { touchOf } from '@/app/sync/touches'
import { authorize } from '@/api/http'
import type { Server } from '../server'
import type { Device } from './device'

/**
 * What a session gives its parts, around a device of a test. One at a time: the functions of api/ know one account.
 */
export function contextOf(server: Server, device: Device): Context & { stop: () => void } {
  const end = new AbortController()
  const touched = new Touched()
  const me = device.person.id
  // The API is where the page is, and here is no page.
  const { fetch } = globalThis
  globalThis.fetch = (address, init) => fetch(typeof address === 'string' ? new URL(address, server.demo.url) : address, init)
  authorize({ token: device.person.token, server: () => Promise.resolve({ app: server.demo.app, historyPath: `${server.demo.url}/` }) })
  device.onPush = (event, payload) => {
    const touch = touchOf(event, payload as never, me)
    if (touch?.isMessage && touch.key) touched.message(touch.key)
    else if (touch) touched.chat(touch.key)
  }
  return {
    me,
    signal: end.signal,
    touched,
    connected: () => device.connected,
    request: (event, payload) => device.request(event, payload),
    state: () => device.state,
    update: (change) => {
      device.state = change(device.state)
    },
    stop: () => {
      globalThis.fetch = fetch
      device.close()
      end.abort(new Error('the test is over'))
    },
  }
}
