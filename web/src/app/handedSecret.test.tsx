// @vitest-environment jsdom
import { act, render, screen } from '@testing-library/react'
import { StrictMode, Suspense, use, useState } from 'react'
import { afterEach, expect, test } from 'vitest'
import { readFragment } from '@/signin/fragment'
import { useHandedSecret } from './handedSecret'

afterEach(() => sessionStorage.clear())

function Page({ rest }: { rest: Promise<void> }) {
  const [error] = useState(() => readFragment(location.hash).error)
  const secret = useHandedSecret('invite')
  use(rest)
  return (
    <p>
      {secret} {error}
    </p>
  )
}

test('a rendering that is thrown away takes nothing from the address, and the next one removes it', async () => {
  sessionStorage.setItem('parley.invite', 'the-secret')
  history.replaceState(null, '', '/invite#error=forbidden')
  let arrive: (() => void) | undefined
  const rest = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const page = (
    <StrictMode>
      <Suspense>
        <Page rest={rest} />
      </Suspense>
    </StrictMode>
  )
  await act(async () => {
    render(page)
  })
  await act(async () => arrive?.())
  expect(await screen.findByText('the-secret forbidden')).toBeTruthy()
  expect(location.hash).toBe('')
})

test('the secret of a link is kept and removed from the address', () => {
  history.replaceState(null, '', '/invite#another-secret')
  render(<Page rest={Promise.resolve()} />)
  expect(sessionStorage.getItem('parley.invite')).toBe('another-secret')
})
