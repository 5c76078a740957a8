// The service worker: the client opens without a connection, and what was loaded once is not loaded again.
//
// It keeps the page itself and its hashed assets, and nothing else: no answer of the API, no history, no file. Those
// requests it does not even touch.

/** Put in by the build (build/serviceWorker.ts): the assets to keep, named from the worker's folder, and a name for exactly this set of them. */
declare const ASSETS_OF_BUILD: readonly string[]
declare const NAME_OF_BUILD: string

const worker = self as unknown as ServiceWorkerGlobalScope

/** The path below which the client is, with a slash at the end: the worker lies beside the page. */
const base = new URL('.', worker.location.href).pathname
const assets = ASSETS_OF_BUILD.map((name) => base + name)

// All paths of a host share its caches.
const prefix = `parley ${base} `
const current = prefix + NAME_OF_BUILD
const shell = base

/** How long the server may take for the page before the kept one is shown, milliseconds. */
const patience = 3000

worker.addEventListener('install', (e) => {
  e.waitUntil(
    caches.open(current).then((cache) => cache.addAll([new Request(shell, { cache: 'reload' }), ...assets])),
  )
})

worker.addEventListener('activate', (e) => {
  e.waitUntil(forgetOldBuilds().then(() => worker.clients.claim()))
})

/** The build before this one stays: tabs that still show it load the rest of its code from here. */
async function forgetOldBuilds(): Promise<void> {
  const others = (await caches.keys()).filter((name) => (name.startsWith(prefix) || isOfOldVersion(name)) && name !== current)
  await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)))
}

/** Earlier versions were at the root of their host only, and did not name it. */
const isOfOldVersion = (name: string): boolean => base === '/' && /^parley [0-9a-f]+$/.test(name)

worker.addEventListener('fetch', (e) => {
  const { request } = e
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate') {
    if (isPage(url.pathname)) e.respondWith(page(request))
  } else if (url.pathname.startsWith(`${base}assets/`) || assets.includes(url.pathname)) {
    e.respondWith(asset(request))
  }
})

function isPage(path: string): boolean {
  if (!path.startsWith(base)) return false
  const name = path.slice(base.length)
  return name === '' || /^(sign-in|set-up|invite|confirm-email|search)$|^(chat|inbox)\/|^(people|settings)(\/|$)/.test(name)
}

/** Every page is the same document. The server's is preferred, so that a new version is seen at once. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match(shell)
  if (!kept) return fetch(request)
  const fresh = fetch(request).then((answer) => (answer.ok ? answer : kept.clone()))
  fresh.catch(() => undefined)
  const late = new Promise<Response>((resolve) => setTimeout(() => resolve(kept.clone()), patience))
  return Promise.race([fresh, late]).catch(() => kept)
}

/** An asset never changes under its name. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request)
}

worker.addEventListener('message', (e) => {
  if (e.data === 'take over') void worker.skipWaiting()
})

worker.addEventListener('notificationclick', (e) => {
  e.notification.close()
  const data: unknown = e.notification.data
  const path = typeof data === 'object' && data !== null && 'path' in data && typeof data.path === 'string' ? data.path : '/'
  e.waitUntil(show(path))
})

/** Shows a path within the client: in a tab that is open already, else in a new one. */
async function show(path: string): Promise<void> {
  const open = await worker.clients.matchAll({ type: 'window' })
  const tab = open.find((c) => c.focused) ?? open[0]
  if (!tab) {
    await worker.clients.openWindow(base + path.slice(1))
    return
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a window's method has it, a client's has not
  tab.postMessage({ open: path })
  await tab.focus()
}
