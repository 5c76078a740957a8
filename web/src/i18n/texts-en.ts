import type { ResourceKey } from 'i18next'

// One file for each noun.
export default import.meta.glob<ResourceKey>('./en/*.json', { import: 'default', eager: true })
