import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const paths = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/**
 * Debian's Chromium, if possible without windows, or the one of CHROMIUM. A microphone is played to it, and what a page asks for is
 * allowed. A page lives for seconds: without a process for drawing, and without the optimizing compiler, the tests take less time.
 */
export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? paths.find(existsSync)
  if (!executablePath) throw new Error('no Chromium: install it (apt-get install chromium), or name it in CHROMIUM')
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--in-process-gpu',
      '--js-flags=--no-opt',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
    ],
  })
}

/** The longest wait for an element or an action, milliseconds: far above what any takes on a busy machine. */
export const patience = 120_000
