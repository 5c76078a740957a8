import { afterEach, expect, it, vi } from 'vitest'
import { changePerson, importPeople } from './admin'
import { useProof } from './admin'

const answer = (status: number, body: object): void => {
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(JSON.stringify(body), { status })))
}

const lines = (problem: string) => answer(200, { applied: false, created: 0, updated: 0, unchanged: 0, refused: 1, lines: [{ line: 2, action: 'refuse', name: 'Ann', email: '', problem }] })

afterEach(() => {
  vi.unstubAllGlobals()
  useProof.setState({ needed: false })
})

it('notes that the server wants a new sign-in', async () => {
  answer(403, { detail: 'forbidden' })
  await expect(changePerson('1', { role: 'owner' })).rejects.toThrow('forbidden')
  expect(useProof.getState().needed).toBe(false)
  answer(403, { detail: 'sign in again' })
  await expect(changePerson('1', { role: 'owner' })).rejects.toThrow('sign in again')
  expect(useProof.getState().needed).toBe(true)
})

it('notes it for the lines of an import', async () => {
  lines('forbidden')
  await importPeople('id,role', false, 'k')
  expect(useProof.getState().needed).toBe(false)
  lines('sign in again')
  await importPeople('id,role', false, 'k')
  expect(useProof.getState().needed).toBe(true)
})
