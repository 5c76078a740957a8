// The parts of the composer that format texts, in one file that is loaded with the first of them.
import { loadTexts } from '@/i18n'
import { FormatBar } from './FormatBar'
import { FormatPreview } from './FormatPreview'

export { applyMark, paste } from './format'

export const loadBar = () => loadTexts('format').then(() => ({ default: FormatBar }))
export const loadPreview = () => loadTexts('format').then(() => ({ default: FormatPreview }))
