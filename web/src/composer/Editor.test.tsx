// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import composer from '@/i18n/en/composer.json'
import message from '@/i18n/en/message.json'
import type { Actions } from '@/state/actions'
import type { ChatKey, Draft, Message, Unsent } from '@/state/model'
import { bindActions, initialState, useStore } from '@/state/store'
import { fillIn, setQuote } from './control'
import { Editor } from './Editor'

const chat: ChatKey = '1:bob'
const sent: Draft[] = []

// Records the calls of the field to the session.
const recorded = {
  send: (_: ChatKey, draft: Draft) => void sent.push(draft),
  setDraft: (key: ChatKey, change: Partial<Unsent>) =>
    useStore.setState((s) => ({ drafts: { ...s.drafts, [key]: { text: '', quote: null, ...s.drafts[key], ...change } } })),
} as unknown as Actions

beforeEach(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false }))
  await i18next.use(initReactI18next).init({ lng: 'en', resources: { en: { composer, message } }, interpolation: { escapeValue: false } })
  sent.length = 0
  useStore.setState(initialState, true)
  bindActions(recorded)
})
afterEach(() => {
  cleanup()
  bindActions(null)
  vi.unstubAllGlobals()
})

function show(): HTMLTextAreaElement {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  queries.setQueryData(['config'], { limits: { text: 10, image: 10, file: 100, video: 100 } })
  render(
    <QueryClientProvider client={queries}>
      <Editor chat={chat} onRecord={() => {}} onEditLast={() => {}} onSelectLast={() => {}} />
    </QueryClientProvider>,
  )
  return screen.getByRole('textbox')
}

const type = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } })
const enter = (field: HTMLElement, more: object = {}) => fireEvent.keyDown(field, { key: 'Enter', ...more })

it('sends with Enter, and empties the field', async () => {
  const field = show()
  type(field, ' hello ')
  enter(field)
  await waitFor(() => expect(sent).toEqual([{ kind: 'text', text: ' hello' }]))
  expect(field.value).toBe('')
})

it('leaves Enter to an input method that composes', () => {
  const field = show()
  type(field, 'nihao')
  enter(field, { isComposing: true })
  enter(field, { keyCode: 229 })
  enter(field, { shiftKey: true })
  expect(sent).toEqual([])
  expect(field.value).toBe('nihao')
})

it('sends nothing that is empty or too long, and says why', () => {
  const field = show()
  type(field, '   ')
  enter(field)
  type(field, 'eleven char')
  enter(field)
  expect(sent).toEqual([])
  expect(screen.getByRole('alert').textContent).toContain('1 character too long')
})

it('answers what is quoted, once', async () => {
  const quoted: Message = {
    key: '7', id: '7', chat, from: { id: 'bob', name: 'Bob', avatar: '' }, mine: false, kind: 'text', text: 'how?', system: 0, at: 1, withdrawn: false, sending: { state: 'sent' },
  }
  setQuote(chat, quoted)
  const field = show()
  expect(screen.getByText('Reply to Bob')).toBeTruthy()
  type(field, 'so')
  enter(field)
  await waitFor(() => expect(sent[0]?.quote?.id).toBe('7'))
  expect(screen.queryByText('Reply to Bob')).toBeNull()
})

it('sends files with the text as caption, those that are too large not at all', async () => {
  const field = show()
  const paste = (size: number, name: string) => fireEvent.paste(field, { clipboardData: { files: [new File(['x'.repeat(size)], name)], getData: () => '' } })
  paste(101, 'large.bin')
  type(field, 'look')
  enter(field)
  expect(sent).toEqual([])
  fireEvent.click(screen.getByRole('button', { name: 'Remove large.bin' }))
  paste(50, 'small.bin')
  enter(field)
  await waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]).toMatchObject({ kind: 'file', text: 'look', file: { name: 'small.bin', size: 50 } })
  expect(sent[0]!.upload?.name).toBe('small.bin')
})

// A completed text was only in the page. The field did not notice when it was deleted, and Enter sent it.
it('forgets what was filled in when it is deleted', () => {
  const field = show()
  act(() => fillIn(chat, 'again'))
  expect(field.value).toBe('again')
  type(field, '')
  enter(field)
  expect(sent).toEqual([])
  expect(screen.getByRole('button', { name: 'Send' })).toHaveProperty('disabled', true)
})

// The text of a message that was taken back was lost if another chat had been opened meanwhile.
it('fills the draft of a chat whose field is not on the page', () => {
  useStore.setState({ drafts: { [chat]: { text: 'begun', quote: null } } })
  fillIn(chat, 'again')
  expect(useStore.getState().drafts[chat]?.text).toBe('begun\nagain')
  expect(show().value).toBe('begun\nagain')
})

it('keeps what is written as the draft, and takes over that of another tab', async () => {
  const field = show()
  type(field, 'half')
  await waitFor(() => expect(useStore.getState().drafts[chat]?.text).toBe('half'))
  act(() => useStore.setState({ drafts: { [chat]: { text: 'from another tab', quote: null } } }))
  await waitFor(() => expect(field.value).toBe('from another tab'))
})
