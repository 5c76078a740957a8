// @vitest-environment jsdom
import { act, cleanup, renderHook, waitFor } from '@testing-library/react'
import { StrictMode } from 'react'
import { afterEach, expect, test, vi } from 'vitest'
import { useCloseOnBack } from './useCloseOnBack'

// A busy machine may take its time.
const patience = { timeout: 20_000 }

afterEach(cleanup)

const over = (): unknown => (history.state as { over?: unknown } | null)?.over

async function opened(close: () => void) {
  const hook = renderHook(({ open }) => useCloseOnBack(open, close), { initialProps: { open: true }, wrapper: StrictMode })
  await act(() => Promise.resolve())
  return hook
}

// With a picture open over a chat, the way back left the chat.
test('the way back closes what lies over the page, the uppermost first', { timeout: 60_000 }, async () => {
  history.pushState(null, '', '/chat')
  const below = vi.fn()
  const above = vi.fn()
  await opened(below)
  await opened(above)
  expect(over()).toBe(2)

  history.back()
  await waitFor(() => expect(above).toHaveBeenCalledTimes(1), patience)
  expect(below).not.toHaveBeenCalled()
  history.back()
  await waitFor(() => expect(below).toHaveBeenCalledTimes(1), patience)
  expect(above).toHaveBeenCalledTimes(1)
  expect(location.pathname).toBe('/chat')
})

test('what is closed otherwise leaves nothing in the history', { timeout: 60_000 }, async () => {
  history.pushState(null, '', '/chat')
  const close = vi.fn()
  const hook = await opened(close)
  expect(over()).toBe(1)
  hook.rerender({ open: false })
  await waitFor(() => expect(over()).toBeUndefined(), patience)
  expect(close).not.toHaveBeenCalled()
})

test('what closes because the page goes on takes nothing back', { timeout: 60_000 }, async () => {
  history.pushState(null, '', '/chat')
  const hook = await opened(vi.fn())
  history.pushState(null, '', '/people')
  hook.unmount()
  await new Promise((gone) => setTimeout(gone)) // a step back would have been taken by now
  expect(location.pathname).toBe('/people')
})
