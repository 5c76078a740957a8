// The colors of code, by highlight.js through lowlight, which gives a tree and no HTML.
import type { LanguageFn } from 'highlight.js'
import { createLowlight } from 'lowlight'

/** A stretch of code and the class of its color. */
export interface Piece {
  text: string
  color?: string | undefined
}

type Load = () => Promise<{ default: LanguageFn }>

/** The languages, by the names that people write behind the backticks. Each is loaded when it is first seen. */
const languages: Record<string, Load> = {
  'bash sh shell zsh': () => import('highlight.js/lib/languages/bash'),
  'c h': () => import('highlight.js/lib/languages/c'),
  'cpp c++ cc hpp': () => import('highlight.js/lib/languages/cpp'),
  'csharp c# cs': () => import('highlight.js/lib/languages/csharp'),
  css: () => import('highlight.js/lib/languages/css'),
  'diff patch': () => import('highlight.js/lib/languages/diff'),
  'dockerfile docker': () => import('highlight.js/lib/languages/dockerfile'),
  'go golang': () => import('highlight.js/lib/languages/go'),
  'ini toml': () => import('highlight.js/lib/languages/ini'),
  java: () => import('highlight.js/lib/languages/java'),
  'javascript js jsx mjs': () => import('highlight.js/lib/languages/javascript'),
  'json jsonc': () => import('highlight.js/lib/languages/json'),
  'kotlin kt': () => import('highlight.js/lib/languages/kotlin'),
  'makefile make': () => import('highlight.js/lib/languages/makefile'),
  php: () => import('highlight.js/lib/languages/php'),
  'python py': () => import('highlight.js/lib/languages/python'),
  'ruby rb': () => import('highlight.js/lib/languages/ruby'),
  'rust rs': () => import('highlight.js/lib/languages/rust'),
  sql: () => import('highlight.js/lib/languages/sql'),
  swift: () => import('highlight.js/lib/languages/swift'),
  'typescript ts tsx': () => import('highlight.js/lib/languages/typescript'),
  'xml html svg vue': () => import('highlight.js/lib/languages/xml'),
  'yaml yml': () => import('highlight.js/lib/languages/yaml'),
}

const byName = new Map(Object.entries(languages).flatMap(([names, load]) => names.split(' ').map((name) => [name, { key: names.split(' ')[0]!, load }])))

const lowlight = createLowlight()

/** Whether code in that language, as it was named, can be colored at once. */
export function isLoaded(name: string): boolean {
  const language = byName.get(name.toLowerCase())
  return language !== undefined && lowlight.registered(language.key)
}

/** Loads the language; false: it is none of those that are known. */
export async function loadLanguage(name: string): Promise<boolean> {
  const language = byName.get(name.toLowerCase())
  if (!language) return false
  if (!lowlight.registered(language.key)) lowlight.register(language.key, (await language.load()).default)
  return true
}

const colors: Record<string, string> = {}
for (const [color, scopes] of Object.entries({
  'text-code-keyword': 'keyword literal built_in type selector-tag selector-class selector-id selector-pseudo operator',
  'text-code-string': 'string regexp char symbol template-tag link quote',
  'text-code-number': 'number bullet',
  'text-code-title': 'title function class section name tag',
  'text-code-name': 'attr attribute variable template-variable property params selector-attr',
  'text-muted': 'comment meta doctag',
  'text-success': 'addition',
  'text-danger': 'deletion',
}))
  for (const scope of scopes.split(' ')) colors[`hljs-${scope}`] = color

/** The code in its colors. The language is loaded. */
export function highlight(text: string, name: string): Piece[] {
  const pieces: Piece[] = []
  const read = (nodes: ReturnType<typeof lowlight.highlight>['children'], color: string | undefined): void => {
    for (const node of nodes) {
      if (node.type === 'text') pieces.push({ text: node.value, color })
      else if (node.type === 'element') {
        const classes = node.properties.className
        read(node.children, (Array.isArray(classes) ? classes : []).map((one) => colors[String(one)]).find(Boolean) ?? color)
      }
    }
  }
  read(lowlight.highlight(byName.get(name.toLowerCase())!.key, text).children, undefined)
  return pieces
}
