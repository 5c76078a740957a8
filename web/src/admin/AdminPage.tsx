import { lazy, Suspense, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation } from 'wouter'
import { useProof } from '@/api/admin'
import { NotFound } from '@/app/shell/NotFound'
import { PageIcon, PaneHeader } from '@/app/PaneHeader'
import { SectionList } from '@/app/SectionList'
import { useIsWide } from '@/app/useIsWide'
import { loadTexts } from '@/i18n'
import { explainWith } from '@/lib/refusal'
import { useStore } from '@/state/store'
import { explain } from './explain'
import { firstSection, isPage, isSection, pages, sections, type SectionName } from './sections'

const SignInAgain = lazy(() => loadTexts('settings').then(() => import('@/settings/SignInAgain')).then((m) => ({ default: m.SignInAgain })))

explainWith(explain)

interface Props {
  section: string | undefined
  id: string | undefined
}

/** The administration: a list of sections, and beside it, on phones after it, one of them. */
export default function AdminPage({ section, id }: Props) {
  const { t } = useTranslation('admin')
  const wide = useIsWide()
  const page = isPage(section) ? section : null
  const shown: SectionName | null = page ? pages[page].section : isSection(section) ? section : wide && section === undefined ? firstSection : null
  if (section !== undefined && shown === null) return <NotFound />
  const title = page ? t(`pages.${page}`) : t(`sections.${shown ?? firstSection}`)
  return (
    <main className="flex h-full min-w-0 flex-1">
      {(wide || shown === null) && (
        <SectionList
          title={t('title')}
          id="admin-title"
          sections={(Object.keys(sections) as SectionName[]).map((name) => ({ name, label: t(`sections.${name}`), icon: sections[name].icon }))}
          path="/admin"
          current={shown}
          className="md:w-52"
        />
      )}
      {shown !== null && (
        <section aria-label={title} className="flex min-w-0 flex-1 flex-col bg-ground">
          <PaneHeader title={title} picture={<PageIcon icon={sections[shown].icon} />} back={page || id ? `/admin/${shown}` : '/admin'} />
          <Proof key={`${section} ${id}`} />
          <Suspense fallback={<div className="flex-1 bg-sunken" />}>
            <Content key={`${section} ${id}`} section={shown} page={page} id={id} />
          </Suspense>
        </section>
      )}
    </main>
  )
}

/** Leads to a new sign-in and back, after a refusal of a change on this page. */
function Proof() {
  const { t } = useTranslation('admin')
  const [path] = useLocation()
  const me = useStore((s) => s.me)
  const needed = useProof((s) => s.needed)
  useEffect(() => () => useProof.setState({ needed: false }), [])
  if (!needed || !me) return null
  return (
    <Suspense>
      <div className="shrink-0 bg-sunken px-4 pt-4">
        <SignInAgain me={me} path={path} text={t('signInAgainWhy')} refused={false} />
      </div>
    </Suspense>
  )
}

function Content({ section, page, id }: { section: SectionName; page: keyof typeof pages | null; id: string | undefined }) {
  if (page) {
    const { content: Page } = pages[page]
    return <Page />
  }
  const shown = sections[section]
  if (id === undefined) {
    const { content: Section } = shown
    return <Section />
  }
  if (!('one' in shown)) return <NotFound />
  const { one: One } = shown
  return <One id={id} />
}
