import { Download } from 'lucide-react'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createSignInLink, type AdminSignInLink } from '@/api/admin'
import { refusal } from '@/lib/refusal'
import { saveFile } from '@/lib/saveFile'
import { fullTime } from '@/lib/time'
import { useOnce } from '@/lib/useOnce'
import { Button } from '@/ui/Button'
import { CopyButton } from '@/ui/CopyButton'
import { csvOf } from './csv'

export interface Newcomer {
  id: string
  name: string
  email: string
}

/** Lifetime of the links, in seconds. Handing them out takes time. */
const ttl = 7 * 86_400

/** Creates a sign-in link for each new person of an import, and offers them all as one CSV file. */
export function ImportLinks({ people }: { people: readonly Newcomer[] }) {
  const { t, i18n } = useTranslation('admin')
  const once = useOnce()
  // After an interruption the next attempt goes on where the first one ended.
  const made = useRef<AdminSignInLink[]>([])
  const [links, setLinks] = useState<readonly AdminSignInLink[] | null>(null)
  const [progress, setProgress] = useState<number | null>(null)
  const [problem, setProblem] = useState('')
  const make = async (): Promise<void> => {
    setProblem('')
    setProgress(made.current.length / people.length)
    try {
      for (const { id } of people.slice(made.current.length)) {
        made.current.push(await once(id, (key) => createSignInLink(id, ttl, key)))
        setProgress(made.current.length / people.length)
      }
      setLinks([...made.current])
    } catch (error) {
      setProblem(refusal(error))
    } finally {
      setProgress(null)
    }
  }
  const csv = (): string => csvOf([['name', 'email', 'link'], ...people.map((p, i) => [p.name, p.email, links?.[i]?.link ?? ''])])
  return (
    <div className="flex w-full flex-col items-start gap-3">
      {links ? (
        <div role="status" className="flex flex-col items-start gap-3">
          <p className="text-sm text-muted">
            {t('import.linksOnce', { count: links.length, date: fullTime(Math.min(...links.map((l) => l.expiresAt)), i18n.language) })}
          </p>
          <p className="flex flex-wrap gap-2">
            {/* With the mark, spreadsheets read it as UTF-8. */}
            <Button onClick={() => saveFile(new Blob([`\uFEFF${csv()}`], { type: 'text/csv;charset=utf-8' }), 'sign-in-links.csv')}>
              <Download aria-hidden className="size-4" /> {t('import.linksDownload')}
            </Button>
            <CopyButton text={csv()} label={t('import.linksCopy')} copied={t('copied')} />
          </p>
        </div>
      ) : (
        <>
          <p className="text-sm text-muted">{t('import.linksHint')}</p>
          <Button busy={progress !== null} onClick={() => void make()}>
            {t('import.links', { count: people.length })}
          </Button>
          {progress !== null && <progress aria-label={t('import.progress')} value={progress} className="w-full accent-(--color-accent-solid)" />}
        </>
      )}
      {problem && (
        <p role="alert" className="text-sm text-danger">
          {problem}
        </p>
      )}
    </div>
  )
}
