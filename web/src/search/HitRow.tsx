import { useTranslation } from 'react-i18next'
import type { Hits, SearchKind } from '@/api/search'
import { ChatHitRow } from './ChatHitRow'
import { FileHitRow } from './FileHitRow'
import { MessageHitRow } from './MessageHitRow'

/** Something that was found, and what kind of thing it is. */
type AnyHit = { [K in SearchKind]: { kind: K; hit: Hits[K]['items'][number] } }[SearchKind]

export function HitRow({ kind, hit, inChat }: AnyHit & { inChat?: boolean }) {
  const { t } = useTranslation('search')
  switch (kind) {
    case 'messages':
      return <MessageHitRow hit={hit} inChat={inChat} />
    case 'files':
      return <FileHitRow hit={hit} inChat={inChat} />
    case 'people':
      return <ChatHitRow type={1} id={hit.id} name={hit.name} avatar={hit.avatar} about={hit.email} />
    case 'groups':
      return <ChatHitRow type={2} id={hit.id} name={hit.name} avatar={hit.avatar} about={t('members', { count: hit.members })} />
  }
}

/** The hits of a kind, each with its kind. */
export function hitsOf(kind: SearchKind, hits: Partial<Hits>): AnyHit[] {
  return (hits[kind]?.items ?? []).map((hit) => ({ kind, hit }) as AnyHit)
}
