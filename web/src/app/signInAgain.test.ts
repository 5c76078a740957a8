// @vitest-environment jsdom
import { beforeEach, expect, test } from 'vitest'
import { keepSignIn, tabAccount } from './accounts'
import { beginSignInAgain, forgetSignInAgain, pathAfterSignIn, pendingSignInAgain } from './signInAgain'

const session = (id: string) => ({ account: { id, name: id, avatar: '' }, token: `token of ${id}`, sessionId: `s-${id}`, expiresAt: 0 })
const again = { account: 'ann', email: 'ann@example.test', path: '/settings/password' }

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  keepSignIn(session('ann'))
})

test('the account that signs in again returns to the page that asked for it', () => {
  beginSignInAgain(again)
  expect(pendingSignInAgain()).toEqual(again)
  keepSignIn({ ...session('ann'), sessionId: 's-2' })
  expect(pathAfterSignIn()).toBe('/settings/password')
  forgetSignInAgain()
  expect(pathAfterSignIn()).toBe('/')
})

test('another account that signs in instead does not get that page', () => {
  beginSignInAgain(again)
  keepSignIn(session('bob'))
  expect(pathAfterSignIn()).toBe('/')
})

test('the tab keeps its account, whichever was used last', () => {
  keepSignIn(session('bob'))
  sessionStorage.clear() // a tab that has not chosen
  beginSignInAgain(again)
  expect(tabAccount()?.account.id).toBe('ann')
})

test('an unreadable request is none', () => {
  sessionStorage.setItem('parley.again', '{')
  expect(pendingSignInAgain()).toBeNull()
  sessionStorage.setItem('parley.again', '{"account":"ann"}')
  expect(pendingSignInAgain()).toBeNull()
})
