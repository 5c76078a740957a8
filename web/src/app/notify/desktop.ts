// Desktop notifications: the browser's own, asked for at most once by us and only when somebody has touched a button.

import { mediaAddress } from '@/app/address'
import { withBase } from '@/app/base'
import { plain } from '@/lib/plain'

interface DesktopNotice {
  /** One notice for each tag: a later one takes the place of the earlier. */
  tag: string
  title: string
  body: string
  icon: string
  path: string
  open: (path: string) => void
}

type Permission = NotificationPermission | 'unsupported'

export function permission(): Permission {
  return typeof Notification === 'undefined' ? 'unsupported' : Notification.permission
}

export async function askPermission(): Promise<Permission> {
  return typeof Notification === 'undefined' ? 'unsupported' : Notification.requestPermission()
}

/** Shows the notice where that is allowed; returns the way to take it away. */
export function showDesktop(notice: DesktopNotice): (() => void) | null {
  if (permission() !== 'granted') return null
  const options: NotificationOptions & { renotify: boolean } = {
    tag: notice.tag,
    renotify: true,
    body: plain(notice.body),
    icon: mediaAddress(notice.icon) ?? withBase('/icon-192.png'),
    silent: true, // our own sound is chosen apart
    data: { path: notice.path },
  }
  try {
    const shown = new Notification(plain(notice.title), options)
    shown.addEventListener('click', () => {
      window.focus()
      notice.open(notice.path)
      shown.close()
    })
    return () => shown.close()
  } catch {
    return showByWorker(notice, options) // phones know notifications of a service worker only
  }
}

function showByWorker(notice: DesktopNotice, options: NotificationOptions): (() => void) | null {
  if (!('serviceWorker' in navigator)) return null
  const shown = navigator.serviceWorker.ready.then(async (worker) => {
    await worker.showNotification(plain(notice.title), options)
    return worker
  })
  return () => void shown.then(async (worker) => (await worker.getNotifications({ tag: notice.tag })).forEach((n) => n.close()), () => undefined)
}

/** Opens what a click on a notification of the service worker asks for; returns the way to stop. */
export function listenToWorker(open: (path: string) => void): () => void {
  if (!('serviceWorker' in navigator)) return () => undefined
  const { serviceWorker } = navigator
  const heard = (e: MessageEvent<unknown>): void => {
    const { data } = e
    if (typeof data === 'object' && data !== null && 'open' in data && typeof data.open === 'string') open(data.open)
  }
  serviceWorker.addEventListener('message', heard)
  return () => serviceWorker.removeEventListener('message', heard)
}
