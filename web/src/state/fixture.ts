// For tests of the state: messages and states with just what a test is about.
import type { Message } from './model'
import { initialState, type State } from './store'

export const me = { id: 'me', name: 'Me', avatar: '', sessionId: '', organizations: [], hasPassword: false }

export const signedIn: State = { ...initialState, me }

export function message(id: number, change: Partial<Message> = {}): Message {
  return {
    key: String(id),
    id: String(id),
    chat: '1:ann',
    from: { id: 'ann', name: 'Ann', avatar: '' },
    mine: false,
    kind: 'text',
    text: `text ${id}`,
    system: 0,
    at: id * 1000,
    withdrawn: false,
    sending: { state: 'sent' },
    ...change,
  }
}
