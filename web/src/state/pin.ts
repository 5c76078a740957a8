// The pinned messages of chats.
import type * as wire from '@/wire/wire.gen'
import { plain } from '@/lib/plain'
import { changeMessages, pinIn } from './conversation'
import { quoteFrom } from './from-wire'
import { compareIds } from './id'
import type { ChatKey, Message, Pin } from './model'
import type { State } from './store'

const pinFrom = ({ message, by, ts }: wire.Pin): Pin => ({ quote: quoteFrom(message), by: { id: by.id, name: plain(by.name) }, at: ts })

const latestFirst = (a: Pin, b: Pin): number => b.at - a.at || compareIds(b.quote.id, a.quote.id)

/** The pinned messages as the server tells them. */
export const putPins = (state: State, key: ChatKey, list: wire.PinList): State => ({ ...state, pins: { ...state.pins, [key]: list.pins.map(pinFrom) } })

/** They are not known any more. */
export function forgetPins(state: State, key: ChatKey): State {
  if (!state.pins[key]) return state
  const { [key]: _, ...pins } = state.pins
  return { ...state, pins }
}

/** A message was pinned, or is no longer pinned. */
export function pinned(state: State, key: ChatKey, { id, pin }: wire.MessagePinned): State {
  const after = changeMessages(state, key, (c) => pinIn(c, id, pin !== undefined))
  return changePins(after, key, (pins) => {
    const others = pins.filter(({ quote }) => quote.id !== id)
    return pin ? [...others, pinFrom(pin)].sort(latestFirst) : others
  })
}

/** A message was withdrawn: it is no longer pinned. */
export const withdrawnFromPins = (state: State, key: ChatKey, id: string): State =>
  changePins(state, key, (pins) => (pins.some(({ quote }) => quote.id === id) ? pins.filter(({ quote }) => quote.id !== id) : pins))

/** A message has another text. */
export const editedInPins = (state: State, key: ChatKey, id: string, text: string): State =>
  changePins(state, key, (pins) =>
    pins.some(({ quote }) => quote.id === id && quote.text !== text) ? pins.map((pin) => (pin.quote.id === id ? { ...pin, quote: { ...pin.quote, text } } : pin)) : pins,
  )

/** Somebody has another name or picture. */
export function renamedInPins(state: State, from: Message['from']): State {
  const concerns = ({ quote, by }: Pin): boolean => quote.from.id === from.id || by.id === from.id
  const change = (pin: Pin): Pin => ({
    ...pin,
    ...(pin.quote.from.id === from.id && { quote: { ...pin.quote, from } }),
    ...(pin.by.id === from.id && { by: { id: from.id, name: from.name } }),
  })
  return Object.keys(state.pins).reduce((after, key) => changePins(after, key, (pins) => (pins.some(concerns) ? pins.map((pin) => (concerns(pin) ? change(pin) : pin)) : pins)), state)
}

function changePins(state: State, key: ChatKey, change: (pins: readonly Pin[]) => readonly Pin[]): State {
  const before = state.pins[key]
  if (!before) return state
  const after = change(before)
  return after === before ? state : { ...state, pins: { ...state.pins, [key]: after } }
}
