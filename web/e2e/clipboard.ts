import type { Locator } from 'playwright-core'
import { expect } from 'vitest'

/** Presses a button that copies, and returns the copied text. The page writes it after the click has returned. */
export async function copyWith(button: Locator): Promise<string> {
  const page = button.page()
  const read = () => page.evaluate(() => navigator.clipboard.readText())
  await page.evaluate(() => navigator.clipboard.writeText(''))
  await button.click()
  await expect.poll(read).not.toBe('')
  return read()
}
