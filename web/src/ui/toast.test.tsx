// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { toast, Toasts } from './toast'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  act(() => vi.runAllTimers())
  cleanup()
  vi.useRealTimers()
})

const shown = (text: string) => screen.queryByText(text) !== null
const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms))

test('what is said goes after a few seconds, an error later', () => {
  render(<Toasts />)
  act(() => {
    toast('Saved.', 'success')
    toast('No connection.', 'error')
  })
  pass(4000)
  expect([shown('Saved.'), shown('No connection.')]).toEqual([false, true])
  pass(4000)
  expect(shown('No connection.')).toBe(false)
})

test('nothing goes from under the pointer', () => {
  render(<Toasts />)
  act(() => toast('Held'))
  fireEvent.pointerEnter(screen.getByText('Held').parentElement!)
  pass(60_000)
  expect(shown('Held')).toBe(true)
  fireEvent.pointerLeave(screen.getByText('Held').parentElement!)
  pass(4000)
  expect(shown('Held')).toBe(false)
})

test('an action is done once and closes, and a lasting one waits for it', () => {
  render(<Toasts />)
  const onClick = vi.fn()
  act(() => toast('A new version is ready.', 'info', { label: 'Reload', onClick, lasting: true }))
  pass(600_000)
  fireEvent.click(screen.getByRole('button', { name: 'Reload' }))
  expect(onClick).toHaveBeenCalledTimes(1)
  expect(shown('A new version is ready.')).toBe(false)
})

test('no more than three are shown, the newest', () => {
  render(<Toasts />)
  act(() => ['One', 'Two', 'Three', 'Four'].forEach((text) => toast(text)))
  expect(['One', 'Two', 'Three', 'Four'].map(shown)).toEqual([false, true, true, true])
})
