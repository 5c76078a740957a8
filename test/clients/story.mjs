// The story of two people and a group, told once by every generation of
// socket.io-client over every transport.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { connect, generations, outcome, open, ways } from './client.mjs'

let server

// tell tests the story on the server that start starts.
export function tell(where, start) {
  before(async () => {
    server = await start()
  })
  after(async () => {
    assert.equal(await server.stop(), 0, 'exit code after SIGTERM')
  })

  for (const generation of Object.keys(generations)) {
    for (const way of Object.keys(ways)) {
      describe(`socket.io-client ${generation} over ${way}, ${where}`, () => {
        test('two people and a group', () => story(generation, way))
        test('reconnect with nothing missed', () => reconnect(generation, way))
        test('a revoked token', () => revoked(generation, way))
      })
    }
  }
}

async function story(generation, way) {
  const { demo } = server
  const [alice, bob, carol] = await server.people('Alice', 'Bob', 'Carol')
  const a = await connect(demo, generation, way, alice.token)
  const a2 = await connect(demo, generation, way, alice.token)
  const b = await connect(demo, generation, way, bob.token)
  const c = await connect(demo, generation, way, carol.token)
  try {
    const first = await firstMessage(a, a2, b, alice, bob)
    await contents(a, b, alice, bob, first)
    await unread(a, b, alice, bob)
    await withdraw(a, a2, b, alice, bob)
    const group = await groupStory(a, b, c, alice, bob, carol)
    await lists(a, a2, bob, group)
    await inbox(b, bob)
    await refusals(a, alice)
    assert.equal(a.left('new message'), 0, 'the sending socket hears nothing of its own messages')
    assert.equal(c.left('new message'), 0, 'nobody else hears a direct chat')
  } finally {
    for (const client of [a, a2, b, c]) client.close()
  }
}

async function firstMessage(a, a2, b, alice, bob) {
  const sent = await a.request('send message', { touser: bob.id, msg: '你好 <b>&</b> 👋\n[微笑]', type: 1, waitingid: 'w-1' })
  assert.match(sent.id, /^[1-9][0-9]*$/)
  assert.equal(sent.waitingid, 'w-1')
  assert.equal(sent.socket.msg.con, '你好 <b>&</b> 👋\n[微笑]')

  const session = await b.next('new session')
  assert.deepEqual([session.type, session.id, session.name], [1, alice.id, 'Alice'])
  const message = await b.next('new message')
  assert.deepEqual(
    [message.id, message.from, message.uname, message.to, message.type, message.msg.con],
    [sent.id, alice.id, 'Alice', bob.id, 1, '你好 <b>&</b> 👋\n[微笑]'],
  )
  assert.match(message.time, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/)
  assert.equal(typeof message.ts, 'number')
  const line = await b.next('new history')
  assert.deepEqual([line.from.accountId, line.to.aid], [alice.id, bob.id])
  assert.deepEqual(b.log.slice(0, 3), ['new session', 'new message', 'new history'])

  const mine = await a2.next('new message')
  assert.deepEqual([mine.id, mine.from, mine.to], [sent.id, alice.id, bob.id])

  const again = await a.request('send message', { touser: bob.id, msg: 'another text', type: 1, waitingid: 'w-1' })
  assert.equal(again.id, sent.id, 'a retry gets the same id')
  assert.equal(again.socket.msg.con, sent.socket.msg.con)
  return sent
}

async function contents(a, b, alice, bob, first) {
  const file = { url: 'https://files.example.test/a.png', id: 'f1', ft: 'png', key: 'k/a.png', hash: 'h', size: 1234, name: 'a.png' }
  const withFile = await a.request('send message', { touser: bob.id, msg: '', type: 2, file })
  const image = await b.next('new message')
  assert.equal(image.id, withFile.id, 'the retry was not delivered a second time')
  assert.equal(image.msg.files.url, file.url)
  assert.equal(image.msg.files.size, 1234)

  const card = { title: 'A task', md: 'task', text: 'due', url: 'https://app.example.test/task/1', entityid: 't1' }
  await a.request('send message', { touser: bob.id, msg: '', type: 5, card })
  assert.equal((await b.next('new message')).card.title, 'A task')

  await b.request('send message', { touser: alice.id, msg: 'as you said', type: 1, refer: { msgid: first.id } })
  const quote = (await a.next('new message')).refer
  assert.deepEqual([quote.msgid, quote.user.id, quote.user.account_id, quote.iswd], [first.id, alice.id, alice.id, false])

  const voice = await a.request('send message', { touser: bob.id, msg: '', type: 3, file: { ...file, len: 3 } })
  await b.next('new message')
  assert.equal(await b.request('voice as read', { messageId: voice.id }), 1)
}

async function unread(a, b, alice, bob) {
  assert.deepEqual(countOf(await b.request('unread count'), alice.id), 4)
  assert.deepEqual(await b.request('all unread'), { count: 4, notPush: 0 })
  assert.equal(await b.request('current chat', { id: alice.id }), 1)
  assert.equal(await b.request('clear unread', { type: '1', id: alice.id }), 1)
  assert.deepEqual(countOf(await b.request('unread count'), alice.id), 0)

  await a.request('send message', { touser: bob.id, msg: 'are you there', type: 1 })
  await b.next('new message')
  assert.deepEqual(countOf(await b.request('unread count'), alice.id), 0, 'read by presence')
  assert.equal(await b.request('clear chat'), 1)
  await a.request('send message', { touser: bob.id, msg: 'still', type: 1 })
  await b.next('new message')
  assert.deepEqual(countOf(await b.request('unread count'), alice.id), 1)
  assert.equal(await b.request('clear all unread'), 1)
  await b.next('clear all unread')
  assert.deepEqual(countOf(await b.request('unread count'), alice.id), 0)
}

const countOf = (counts, id) => {
  const sum = [...counts.user, ...counts.group].reduce((total, one) => total + one.num, 0)
  assert.equal(counts.num, sum, 'num is the sum of its parts')
  return counts.user.find((one) => one.id === id)?.num ?? 0
}

async function withdraw(a, a2, b, alice, bob) {
  const oops = await a.request('send message', { touser: bob.id, msg: 'a slip', type: 1 })
  await b.next('new message')
  assert.equal((await b.request('unread count')).num, 1)
  const result = await a.request('withdraw user message', { messageId: oops.id, touser: bob.id })
  assert.equal(result.id, oops.id)
  for (const client of [b, a2]) {
    const push = await client.next('new withdraw usermessage')
    assert.deepEqual([push.id, push.from, push.to], [oops.id, alice.id, bob.id])
    assert.ok(!push.msg.con.includes('a slip'))
  }
  assert.equal((await b.request('unread count')).num, 0, 'a withdrawn message does not count')
  assert.equal(await b.refusal('withdraw user message', { messageId: oops.id, touser: alice.id }), 'forbidden')
}

async function groupStory(a, b, c, alice, bob, carol) {
  const group = await server.host('POST', '/groups', { name: 'Test group', creator: alice.id, members: [bob.id, carol.id], kind: 'group' })
  for (const client of [a, b, c]) {
    const push = await client.next('new group')
    assert.deepEqual([push.id, push.name, push.uCount, push.cuser, push.isPost, push.isPush], [group.id, 'Test group', 3, alice.id, true, true])
    assert.deepEqual(push.admins, [{ aid: alice.id }])
    assert.equal((await client.next('new group message')).sysType, 1)
  }
  const sent = await b.request('send group message', { togroup: group.id, msg: '@Carol 看这里', type: 1, waitingid: 'g-1' })
  for (const client of [a, c]) {
    const push = await client.next('new group message')
    assert.deepEqual([push.id, push.to, push.groupname, push.isPush, push.from], [sent.id, group.id, 'Test group', true, bob.id])
    assert.ok(!('sysType' in push), 'sysType only on system messages')
  }
  assert.equal(await b.request('group shake', { gid: group.id, toUser: [carol.id], messageId: sent.id }), 1)
  const shake = await c.next('group shake')
  assert.deepEqual([shake.from, shake.gid, shake.msg.msgid], [bob.id, group.id, sent.id])
  const mine = (await c.request('unread count')).group.find((one) => one.id === group.id)
  assert.deepEqual([mine.num, mine.at, String(mine.msgid), typeof mine.msgid], [1, true, sent.id, 'number'])

  await server.host('PUT', `/groups/${group.id}/ban`)
  assert.equal((await b.next('ban speak')).groupid, group.id)
  await b.next('new group message')
  assert.equal(await b.refusal('send group message', { togroup: group.id, msg: 'hush', type: 1 }), 'ban speak')
  await a.request('send group message', { togroup: group.id, msg: 'administrators may', type: 1 })
  assert.equal((await b.next('new group message')).msg.con, 'administrators may')
  await server.host('DELETE', `/groups/${group.id}/ban`)
  await c.next('permit speak')

  const withdrawn = await a.request('withdraw group message', { messageId: sent.id, groupid: group.id })
  assert.equal(withdrawn.id, sent.id)
  assert.equal((await c.next('new withdraw groupmessage')).gid, group.id)
  const after = (await c.request('unread count')).group.find((one) => one.id === group.id)
  assert.deepEqual([after.num, after.at], [1, false], 'the withdrawn message and its @ are gone')

  await server.host('DELETE', `/groups/${group.id}/members/${carol.id}`)
  assert.equal((await c.next('removed from group')).id, group.id)
  assert.equal((await b.next('group member removed')).aid, carol.id)
  assert.equal(await c.refusal('send group message', { togroup: group.id, msg: 'hello?', type: 1 }), 'removeit')
  return group
}

async function lists(a, a2, bob, group) {
  assert.equal(await a.request('sticky on top', { type: 2, value: group.id, isTop: true }), 1)
  assert.equal((await a2.next('new sticky on top')).top_info.isTop, true)
  assert.equal(await a.request('silence message', { type: 4, AccountID: '', isSilent: true }), 1)
  assert.deepEqual((await a2.next('new silence message')).value, 'post')
  assert.equal(await a.request('remove session', { type: 1, id: bob.id }), 1)
  assert.deepEqual(await a2.next('session removed'), { id: bob.id, type: 1 })
  assert.deepEqual(await a.next('session removed'), { id: bob.id, type: 1 }, 'the acting socket too')
  assert.equal(await a.request('operate', { open: 'settings', nested: { deep: [1, null] } }), 1)
  assert.deepEqual(await a2.next('operate'), { open: 'settings', nested: { deep: [1, null] } })
  const upload = await a.request('upload token', { type: 1 })
  assert.match(upload.key, /\/\d{4}\/[1-9]\d?\/[1-9]\d?\//)
  assert.equal(upload.token.split(':').length, 3)
  assert.equal(await a.request('shake shake', { aid: bob.id }), 1)
  assert.equal(await a.refusal('shake shake', { aid: bob.id }), 'too many requests')
}

async function inbox(b, bob) {
  await server.host('POST', '/notifications', { category: 'task', type: 'taskmessage', text: 'A task for you', accounts: [bob.id] })
  const notice = await b.next('new notify')
  assert.deepEqual([notice.aid, notice.type, notice.dtype, notice.msg], [bob.id, 'taskmessage', 3, 'A task for you'])
  const [row] = await b.request('inbox unread')
  assert.deepEqual([row.type, row.value, row.count, row.msg.con], [6, 'task', 1, 'A task for you'])
  assert.equal(await b.request('clear notification', { type: 'task', value: 0, clear: true }), 1)
  assert.deepEqual(await b.request('inbox unread'), [])
}

async function refusals(a, alice) {
  assert.equal(await a.refusal('send message', { touser: server.demo.stranger.id, msg: 'hi', type: 1 }), 'not my contract')
  assert.equal(await a.refusal('send message', { touser: 'nobody', msg: 'hi', type: 1 }), 'not my contract')
  assert.equal(await a.refusal('send group message', { togroup: 'nowhere', msg: 'hi', type: 1 }), 'group not found')
  assert.equal(await a.refusal('send group message', { togroup: server.demo.group.id, msg: 'hi', type: 1 }), 'not in group')
  assert.match(await a.refusal('send message', { msg: 'hi', type: 1 }), /^invalid payload: touser/)
  assert.equal(await a.refusal('send message', { touser: alice.id, msg: 'x'.repeat(20_481), type: 1 }), 'message too long')
  assert.equal(await a.refusal('no such event', {}), 'unknown event')
}

// reconnect loses the network under one of two people while the other speaks,
// and finds every message once and in order when it is back.
async function reconnect(generation, way) {
  const { demo } = server
  const [alice, bob] = await server.people('Alice', 'Bob')
  const a = await connect(demo, generation, way, alice.token)
  const b = await connect(demo, generation, way, bob.token)
  try {
    const total = 60
    const sent = []
    for (let n = 0; n < total; n++) {
      if (n === 20) b.drop()
      const answer = await a.request('send message', { touser: bob.id, msg: `message ${n}`, type: 1, waitingid: `r-${n}` })
      sent.push(answer.id)
    }
    const back = new Promise((resolve) => b.socket.on(b.generation.startsWith('1') ? 'reconnect' : 'connect', resolve))
    if (!b.socket.connected) await back

    const received = [await b.next('new message')]
    const rest = []
    for (let since = received[0].id; ; since = rest.at(-1).id) {
      const page = await server.history(bob.token, '/messages', { accountid: alice.id, sinceid: since, direction: 1, num: 17 })
      if (page.length === 0) break
      rest.push(...page)
    }
    assert.deepEqual([received[0].id, ...rest.map((row) => row.id)], sent)
    assert.equal((await b.request('unread count')).num, total)
    await a.request('send message', { touser: bob.id, msg: 'live again', type: 1 })
    for (;;) if ((await b.next('new message')).msg.con === 'live again') break
  } finally {
    a.close()
    b.close()
  }
}

async function revoked(generation, way) {
  const { demo } = server
  const [alice] = await server.people('Alice')
  const a = await connect(demo, generation, way, alice.token)
  const gone = new Promise((resolve) => a.socket.on('disconnect', resolve))
  await server.host('DELETE', `/tokens/${alice.session}`)
  assert.equal((await a.next('logout message')).sessionId, alice.session)
  await gone
  a.close()
  const again = open(demo, generation, way, { query: { token: alice.token, app: demo.app } })
  assert.equal(await outcome(again), 'invalid token')
  again.close()
}
