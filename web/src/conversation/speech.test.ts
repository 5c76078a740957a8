import { expect, it } from 'vitest'
import type { Chat, Group } from '@/state/model'
import { speechOf } from './speech'

const chat = (active: boolean) => ({ active }) as Chat
const group = (banned: boolean, role: Group['role']) => ({ banned, role }) as Group

it.each([
  ['a chat that is not known yet', undefined, undefined, 'free'],
  ['a contact', chat(true), undefined, 'free'],
  ['no contact any more', chat(false), undefined, 'ended'],
  ['a group', chat(true), group(false, 'member'), 'free'],
  ['a group under a ban', chat(true), group(true, 'member'), 'banned'],
  ['its administrator', chat(true), group(true, 'admin'), 'free'],
  ['a group that I left', chat(false), group(true, 'member'), 'ended'],
] as const)('%s', (_, known, of, want) => {
  expect(speechOf(known, of)).toBe(want)
})
