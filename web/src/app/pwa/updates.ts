// Registers the service worker, and offers to reload when it brings a new version.
import i18n from 'i18next'
import { withBase } from '@/app/base'
import { toast } from '@/ui/toast'

/** How often a page that stays open asks for a new version, milliseconds. */
const interval = 60 * 60 * 1000

export function startUpdates(): void {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  // Once the page itself has what it needs.
  if (document.readyState === 'complete') void register()
  else window.addEventListener('load', () => void register(), { once: true })
}

/** Looks for a new version now: after a lost connection the server may well have one. */
export function askForUpdate(): void {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return
  void navigator.serviceWorker.getRegistration().then((r) => r?.update()).catch(() => undefined) // offline: the next time will do
}

async function register(): Promise<void> {
  try {
    const registration = await navigator.serviceWorker.register(withBase('/sw.js'), { updateViaCache: 'none' })
    if (registration.waiting) offer(registration.waiting)
    registration.addEventListener('updatefound', () => watch(registration.installing))
    setInterval(askForUpdate, interval)
  } catch {
    // The page works without it, only not offline: a browser may forbid it, as private windows do.
  }
}

function watch(worker: ServiceWorker | null): void {
  worker?.addEventListener('statechange', () => {
    // Without a worker that is in charge, this is the first one, and the page is what it brings.
    if (worker.state === 'installed' && navigator.serviceWorker.controller) offer(worker)
  })
}

function offer(worker: ServiceWorker): void {
  const t = i18n.getFixedT(null, 'shell')
  toast(t('newVersion'), 'info', { label: t('reload'), onClick: () => takeOver(worker), lasting: true })
}

function takeOver(worker: ServiceWorker): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a window's method has it, a worker's has not
  worker.postMessage('take over')
}
