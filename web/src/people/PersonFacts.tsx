import { Copy } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { Profile } from '@/api/people'
import { pathOf } from '@/app/paths'
import { chatKey } from '@/state/model'
import { IconButton } from '@/ui/IconButton'
import { toast, toastError } from '@/ui/toast'

/** What is known about a person: address, organizations, groups that both are in. */
export function PersonFacts({ person }: { person: Profile }) {
  const { t } = useTranslation('people')
  const copy = () => {
    navigator.clipboard.writeText(person.email ?? '').then(() => toast(t('copied'), 'success'), toastError)
  }
  return (
    <dl className="flex flex-col gap-4">
      {person.email && (
        <Fact name={t('email')}>
          <span className="flex items-center gap-1">
            <a href={`mailto:${person.email}`} className="min-w-0 truncate text-accent hover:underline">
              {person.email}
            </a>
            <IconButton icon={Copy} size="small" label={t('copyEmail')} onClick={copy} />
          </span>
        </Fact>
      )}
      {person.organizations.length > 0 && <Fact name={t('organizations', { count: person.organizations.length })}>{person.organizations.map((o) => o.name).join(', ')}</Fact>}
      {person.groupsInCommon.length > 0 && (
        <Fact name={t('groupsInCommon', { count: person.groupsInCommon.length })}>
          <ul>
            {person.groupsInCommon.map((g) => (
              <li key={g.id}>
                <Link href={pathOf(chatKey(2, g.id))} className="block truncate rounded py-0.5 text-accent hover:underline">
                  {g.name}
                </Link>
              </li>
            ))}
          </ul>
        </Fact>
      )}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="mt-0.5 break-words">{children}</dd>
    </div>
  )
}
