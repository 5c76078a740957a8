import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

// Found in public/, thus unknown to the bundler.
const icons = ['icon.svg', 'icon-192.png', 'manifest.webmanifest']

// Loaded when they are wanted: what is big, and what few people may open.
const later = ['virtual:emoji', '/src/admin/', '/later/admin.json', '/node_modules/uplot/', '/node_modules/highlight.js/']

/** Builds src/sw/worker.ts as /sw.js and tells it which assets belong to this build. */
export function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    buildStart() {
      this.emitFile({ type: 'chunk', id: 'src/sw/worker.ts', fileName: 'sw.js' })
    },
    generateBundle(_, bundle) {
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') throw new Error('sw.js was not built')
      const assets = Object.values(bundle)
        .filter((part) => part.fileName.startsWith('assets/') && !(part.type === 'chunk' && part.moduleIds.some((id) => later.some((name) => id.includes(name)))))
        .map((part) => part.fileName)
        .concat(icons)
        .toSorted()
      for (const part of Object.values(bundle)) {
        const missing = part.type === 'chunk' && assets.includes(part.fileName) && part.imports.find((name) => !assets.includes(name))
        if (missing) throw new Error(`the service worker keeps ${part.fileName} and not ${missing}, without which it does not work`)
      }
      const build = createHash('sha256').update(assets.join('\n')).digest('hex').slice(0, 12)
      worker.code = worker.code.replaceAll('ASSETS_OF_BUILD', JSON.stringify(assets)).replaceAll('NAME_OF_BUILD', JSON.stringify(build))
    },
  }
}
