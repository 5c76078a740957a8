/** How the list of sessions calls this device: `Firefox · Linux`. */
export function deviceName(agent: string = navigator.userAgent): string {
  return [browserOf(agent), systemOf(agent)].filter(Boolean).join(' · ')
}

// Every browser claims to be its predecessors as well: the more special name comes first.
const browsers: readonly [RegExp, string][] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
]

const systems: readonly [RegExp, string][] = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
]

const firstOf = (table: readonly [RegExp, string][], agent: string): string => table.find(([sign]) => sign.test(agent))?.[1] ?? ''
const browserOf = (agent: string): string => firstOf(browsers, agent)
const systemOf = (agent: string): string => firstOf(systems, agent)
