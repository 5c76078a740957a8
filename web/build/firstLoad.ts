import { gzipSync } from 'node:zlib'
import type { Plugin, Rolldown } from 'vite'

export interface FirstLoad {
  /** What the first screen is made of: parts of the names of its modules. Their static imports come along. */
  modules: string[]
  /** Bytes of JavaScript, compressed by gzip. */
  limit: number
}

/** Fails the build when somebody who opens the client has to load more than the limit before it can be used. */
export function firstLoad(screens: Record<string, FirstLoad>): Plugin {
  return {
    name: 'first-load',
    apply: 'build',
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
      for (const [screen, { modules, limit }] of Object.entries(screens)) {
        const begin = modules.flatMap((name) => {
          const found = chunks.filter((chunk) => chunk.moduleIds.some((id) => id.includes(name)))
          if (found.length === 0) this.error(`first load of ${screen}: no module ${name}`)
          return found
        })
        const size = [...closure(begin, bundle)].reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0)
        const text = `first load of ${screen}: ${kilo(size)} of ${kilo(limit)} KB of JavaScript (gzip)`
        if (size > limit) this.error(text)
        this.info(text)
      }
    },
  }
}

/** Returns whether the first screens import a module, directly or through others. The screens are parts of the names of their modules. */
export function comesFirst(screens: readonly string[]): (id: string, graph: { getModuleInfo(id: string): Rolldown.ModuleInfo | null }) => boolean {
  const known = new Set<string>()
  return (id, graph) => {
    const importers = new Set([id])
    for (const importer of importers) {
      if (known.has(importer) || screens.some((name) => importer.includes(name))) {
        known.add(id)
        return true
      }
      for (const next of graph.getModuleInfo(importer)?.importers ?? []) importers.add(next)
    }
    return false
  }
}

function closure(begin: readonly Rolldown.OutputChunk[], bundle: Rolldown.OutputBundle): Set<Rolldown.OutputChunk> {
  const all = new Set(begin)
  for (const chunk of all)
    for (const name of chunk.imports) {
      const imported = bundle[name]
      if (imported?.type === 'chunk') all.add(imported)
    }
  return all
}

const kilo = (bytes: number): string => (bytes / 1000).toFixed(1)
