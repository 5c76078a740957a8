// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest'
import { forgetAccount, keepSignIn, renameAccount, showAccount, signedIn, tabAccount } from './accounts'

const session = (id: string, expiresAt = 0) => ({ account: { id, name: id.toUpperCase(), avatar: '' }, token: `token of ${id}`, sessionId: `s-${id}`, expiresAt })

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
})

test('a tab shows whom it signed in, a new tab whom was used last', () => {
  expect(tabAccount()).toBeNull()
  keepSignIn(session('ann'))
  keepSignIn(session('bob'))
  expect(tabAccount()?.account.id).toBe('bob')
  showAccount('ann')
  expect(tabAccount()?.token).toBe('token of ann')
  sessionStorage.clear() // another tab
  expect(['ann', 'bob']).toContain(tabAccount()?.account.id)
  expect(signedIn()).toHaveLength(2)
})

test('signing out holds for the tab, though somebody else is signed in', () => {
  keepSignIn(session('ann'))
  keepSignIn(session('bob'))
  forgetAccount('bob')
  expect(tabAccount()).toBeNull()
  sessionStorage.clear() // another tab
  expect(tabAccount()?.account.id).toBe('ann')
})

test('an old session that ends does not take the new one with it', () => {
  keepSignIn(session('ann'))
  keepSignIn({ ...session('ann'), sessionId: 's-2', token: 'new' })
  forgetAccount('ann', 's-ann')
  expect(tabAccount()?.token).toBe('new')
})

test('an expired sign-in is none', () => {
  keepSignIn(session('ann', Date.now() - 1))
  expect(tabAccount()).toBeNull()
  keepSignIn(session('ann', Date.now() + 60_000))
  expect(tabAccount()?.account.id).toBe('ann')
})

test('the switcher learns a new name', () => {
  keepSignIn(session('ann'))
  renameAccount({ id: 'ann', name: 'Anna', avatar: '/avatars/a' })
  expect(signedIn()[0]?.account).toEqual({ id: 'ann', name: 'Anna', avatar: '/avatars/a' })
})

test('what is not ours in the storage is passed over', () => {
  for (const kept of ['', '{', '{}', '[null,7,{"token":1}]']) {
    localStorage.setItem('parley.sessions', kept)
    expect(signedIn()).toEqual([])
  }
})
