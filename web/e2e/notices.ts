import type { Page } from 'playwright-core'

/** Records the desktop notifications of a page in place of the browser, which shows none in a test. */
export async function keepNotices(page: Page): Promise<{ shown: () => Promise<string[]>; click: () => Promise<void> }> {
  await page.addInitScript(() => {
    const shown: { title: string; body: string; click: () => void }[] = []
    class Kept extends EventTarget {
      static permission = 'granted'
      static requestPermission = () => Promise.resolve('granted')
      constructor(title: string, options: NotificationOptions) {
        super()
        shown.push({ title, body: options.body ?? '', click: () => this.dispatchEvent(new Event('click')) })
      }
      close() {}
    }
    Object.assign(window, { Notification: Kept, shown })
  })
  return {
    shown: () => page.evaluate(() => (window as unknown as { shown: { title: string; body: string }[] }).shown.map((s) => `${s.title}: ${s.body}`)),
    click: () => page.evaluate(() => (window as unknown as { shown: { click: () => void }[] }).shown[0]?.click()),
  }
}
