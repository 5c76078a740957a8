import { Bold, Code, Eye, Italic, Link, List, ListOrdered, type LucideIcon, SquareCode, Strikethrough, TextQuote } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { keysOfMark, type Mark } from '@/app/keys/shortcuts'
import { setPreferences, usePreferences } from '@/app/preferences'
import { byFinger } from '@/lib/pointer'
import { IconButton } from '@/ui/IconButton'

const icons: [Mark, LucideIcon][] = [
  ['bold', Bold],
  ['italic', Italic],
  ['struck', Strikethrough],
  ['code', Code],
  ['codeBlock', SquareCode],
  ['quote', TextQuote],
  ['list', List],
  ['numbers', ListOrdered],
  ['link', Link],
]

/** The buttons for formatting, and the switch of the preview. */
export function FormatBar({ onMark }: { onMark: (mark: Mark) => void }) {
  const { t } = useTranslation('format')
  const preview = usePreferences((p) => p.draftPreview)
  return (
    <div role="toolbar" aria-label={t('toolbar')} className="flex flex-wrap items-center gap-0.5 pt-1">
      {icons.map(([mark, icon]) => (
        <IconButton key={mark} icon={icon} label={t(`mark.${mark}`)} keys={byFinger() ? undefined : keysOfMark(mark)} size="tool" onClick={() => onMark(mark)} />
      ))}
      <IconButton icon={Eye} label={t('preview')} size="tool" pressed={preview} onClick={() => setPreferences({ draftPreview: !preview })} className="ml-auto" />
    </div>
  )
}
