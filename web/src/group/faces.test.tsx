// @vitest-environment jsdom
import { act, render } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { listFaces } from '@/api/group'
import { useFaces } from './faces'

vi.mock('@/api/group', () => ({ listFaces: vi.fn() }))

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
