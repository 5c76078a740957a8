// @vitest-environment jsdom
import { act, cleanup, render } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { listFaces } from '@/api/group'
import { me } from '@/state/fixture'
import { initialState, useStore } from '@/state/store'
import { useFaces } from './faces'

vi.mock('@/api/group', () => ({ listFaces: vi.fn() }))

afterEach(() => {
  cleanup()
  vi.mocked(listFaces).mockReset()
})

function Names({ group }: { group: string }) {
  return <p>{useFaces(group).map(({ name }) => name).join(' ')}</p>
}

// A group that was drawn while a request was under way was never asked for, nor was any group after it.
it('asks for a group that is drawn while another is asked for', async () => {
  const answers: (() => void)[] = []
  vi.mocked(listFaces).mockImplementation(
    (groups) =>
      new Promise((resolve) => {
        answers.push(() => resolve({ items: groups.map((group) => ({ group, faces: [{ id: group, name: `of ${group}`, avatar: '' }] })) }))
      }),
  )
  const drawn = render(<Names group="one" />)
  await vi.waitFor(() => expect(answers).toHaveLength(1))
  drawn.rerender(
    <>
      <Names group="one" />
      <Names group="two" />
    </>,
  )
  await vi.waitFor(() => expect(answers).toHaveLength(2))
  await act(async () => answers.forEach((answer) => answer()))
  expect(vi.mocked(listFaces).mock.calls.map(([groups]) => groups)).toEqual([['one'], ['two']])
  expect(drawn.container.textContent).toBe('of oneof two')
})

// The faces of the groups of one account were kept for the next account in the same tab.
it('keeps no faces for another account', async () => {
  vi.mocked(listFaces).mockImplementation((groups) => Promise.resolve({ items: groups.map((group) => ({ group, faces: [{ id: group, name: 'Ann', avatar: '' }] })) }))
  useStore.setState({ me })
  const drawn = render(<Names group="three" />)
  await vi.waitFor(() => expect(drawn.container.textContent).toBe('Ann'))
  vi.mocked(listFaces).mockReturnValue(new Promise(() => undefined))
  act(() => useStore.setState({ ...initialState, me: { ...me, id: 'other' } }, true)) // as a session begins
  expect(drawn.container.textContent).toBe('')
  await vi.waitFor(() => expect(vi.mocked(listFaces)).toHaveBeenCalledTimes(2))
})

// Without a connection the initials stayed until the group was drawn anew.
it('asks again with the next connection', async () => {
  vi.mocked(listFaces).mockRejectedValueOnce(new TypeError('no connection'))
  useStore.setState({ connection: 'offline' })
  const drawn = render(<Names group="four" />)
  await vi.waitFor(() => expect(vi.mocked(listFaces)).toHaveBeenLastCalledWith(['four']))
  vi.mocked(listFaces).mockImplementation((groups) => Promise.resolve({ items: groups.map((group) => ({ group, faces: [{ id: group, name: 'Ben', avatar: '' }] })) }))
  await act(async () => useStore.setState({ connection: 'online' }))
  await vi.waitFor(() => expect(drawn.container.textContent).toBe('Ben'))
})
