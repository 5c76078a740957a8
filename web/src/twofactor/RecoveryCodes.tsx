import { Download, Printer } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { saveFile } from '@/lib/saveFile'
import { Button } from '@/ui/Button'
import { CopyButton } from '@/ui/CopyButton'

interface Props {
  codes: string[]
  /** Heading above the codes in a file or on paper. */
  heading: string
  onDone: () => void
}

/** Shows new recovery codes, which cannot be shown again, with buttons to keep them. */
export function RecoveryCodes({ codes, heading, onDone }: Props) {
  const { t } = useTranslation('twoFactor')
  const title = useRef<HTMLHeadingElement>(null)
  // The form that had the focus is no longer there.
  useEffect(() => title.current?.focus(), [])
  const text = `${heading}\n\n${codes.join('\n')}\n`
  return (
    <div className="flex flex-col gap-3">
      <h2 ref={title} tabIndex={-1} className="font-semibold outline-none">
        {t('codesTitle')}
      </h2>
      <p className="text-sm text-muted">{t('codesText')}</p>
      <ul className="grid grid-cols-1 gap-x-6 gap-y-1 rounded-lg border border-line bg-sunken p-3 font-mono text-sm select-text min-[26rem]:grid-cols-2">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={text} label={t('copy')} copied={t('copied')} />
        <Button onClick={() => download(text)}>
          <Download aria-hidden className="size-4" /> {t('download')}
        </Button>
        <Button onClick={() => print(text)}>
          <Printer aria-hidden className="size-4" /> {t('print')}
        </Button>
      </div>
      <Button kind="primary" className="self-start" onClick={onDone}>
        {t('done')}
      </Button>
    </div>
  )
}

const download = (text: string): void => saveFile(new Blob([text], { type: 'text/plain' }), 'recovery-codes.txt')

/** Prints only the codes, from a frame. A frame that is not displayed would print nothing. */
function print(text: string): void {
  const frame = document.createElement('iframe')
  frame.className = 'sr-only'
  frame.setAttribute('aria-hidden', 'true')
  frame.tabIndex = -1
  document.body.append(frame)
  const page = frame.contentWindow
  if (!page) return frame.remove()
  const lines = page.document.createElement('pre')
  lines.textContent = text
  page.document.body.append(lines)
  page.addEventListener('afterprint', () => setTimeout(() => frame.remove()))
  page.focus()
  page.print()
}
