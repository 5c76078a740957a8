// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/react'
import { afterEach, beforeAll, expect, test, vi } from 'vitest'
import { ContextMenu } from './ContextMenu'
import { loadMenu, Menu, type MenuEntries } from './Menu'

// A busy machine may take its time.
const patience = { timeout: 20_000 }

// The browser loads the menu late. Here it is loaded before the tests.
beforeAll(async () => void (await loadMenu()), 60_000)
afterEach(cleanup)

test('a menu opens at its button, and gives the focus back to it', { timeout: 60_000 }, async () => {
  const chosen = vi.fn()
  render(<Menu trigger={<button type="button">More</button>} entries={[{ label: 'Copy', onSelect: chosen }, null, { label: 'Gone', disabled: true, onSelect: chosen }]} />)
  const button = screen.getByRole('button', { name: 'More' })
  expect(button.getAttribute('aria-expanded')).toBe('false')
  fireEvent.click(button)
  fireEvent.click(await screen.findByText('Copy', {}, patience))
  expect(chosen).toHaveBeenCalledTimes(1)
  await waitFor(() => expect(document.activeElement).toBe(button), patience)
  expect(button.getAttribute('aria-expanded')).toBe('false')
})

const row = (entries: () => MenuEntries, own?: () => void) => (
  <ContextMenu entries={entries}>
    <div role="presentation" onContextMenu={own}>
      <a href="/x">row</a>
    </div>
  </ContextMenu>
)

test('a right click opens what can be done with the thing, and leaves its own listeners in place', { timeout: 60_000 }, async () => {
  const own = vi.fn()
  render(row(() => [{ label: 'Hide', onSelect: () => undefined }], own))
  const kept = fireEvent.contextMenu(screen.getByText('row'), { clientX: 5, clientY: 5 })
  expect(kept).toBe(false) // the browser's own menu stays away
  expect(own).toHaveBeenCalledTimes(1)
  await screen.findByText('Hide', {}, patience)
})

test('where there is nothing to be done, the browser has its own menu', () => {
  render(row(() => [null, false]))
  expect(fireEvent.contextMenu(screen.getByText('row'))).toBe(true)
  expect(screen.queryByRole('menu')).toBeNull()
})

test('a long press is a right click, lifting the finger no click, and moving it ends the press', () => {
  vi.useFakeTimers()
  try {
    const asked = vi.fn((): MenuEntries => [])
    render(row(asked))
    const link = screen.getByText('row')
    const touches = [{ clientX: 5, clientY: 5 }]
    fireEvent.touchStart(link, { touches })
    vi.advanceTimersByTime(499)
    expect(asked).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(asked).toHaveBeenCalledTimes(1)
    expect(fireEvent.touchEnd(link)).toBe(false)

    fireEvent.touchStart(link, { touches })
    fireEvent.touchMove(link, { touches: [{ clientX: 5, clientY: 40 }] })
    vi.advanceTimersByTime(1000)
    expect(asked).toHaveBeenCalledTimes(1)
    expect(fireEvent.touchEnd(link)).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})
