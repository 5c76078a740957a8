import { useTranslation } from 'react-i18next'
import { isApple, keysOf, keysOfMark, markKeys, type Command } from './shortcuts'

type Line = [text: string, keys: string]
type Group = [title: string, lines: Line[]]

const marks = Object.values(markKeys)

/** The keys by what they are for: those that work everywhere, and those of single screens. */
export function KeyTable({ heading: Heading }: { heading: 'h2' | 'h3' }) {
  const { t } = useTranslation('keys')
  const apple = isApple()
  const of = (text: string, command: Command): Line => [t(text), keysOf(command, apple)]
  const anywhere: Group = [
    t('anywhere'),
    [
      of('switcher', 'switcher'),
      of('search', 'search'),
      of('settings', 'settings'),
      of('newChat', 'new-chat'),
      of('markAllRead', 'mark-all-read'),
      of('regions', 'next-region'),
      of('regionsBack', 'previous-region'),
      [t('help'), `${keysOf('help', apple)}, ?`],
    ],
  ]
  const chats: Group = [
    t('chats'),
    [
      of('previousChat', 'previous-chat'),
      of('nextChat', 'next-chat'),
      of('previousUnread', 'previous-unread'),
      of('nextUnread', 'next-unread'),
      of('searchChat', 'search-chat'),
      of('toggleDetails', 'toggle-details'),
      of('toggleSticky', 'toggle-sticky'),
      of('toggleMute', 'toggle-mute'),
      of('escape', 'escape'),
    ],
  ]
  const composing: Group = [
    t('composing'),
    [
      [t('send'), 'Enter'],
      [t('newLine'), apple ? '⇧Enter' : 'Shift Enter'],
      [t('mention'), '@'],
      ...marks.map((mark): Line => [t(`mark.${mark}`), keysOfMark(mark, apple)]),
      [t('editLast'), '↑'],
      [t('cancelEdit'), 'Esc'],
      [t('selectMessage'), apple ? '⇧↑' : 'Shift ↑'],
    ],
  ]
  const messages: Group = [
    t('list'),
    [
      [t('moveSelection'), '↑ ↓'],
      [t('react'), '+'],
      [t('reply'), 'R'],
      [t('thread'), 'T'],
      [t('forward'), 'F'],
      [t('copy'), 'C'],
      [t('edit'), 'E'],
      [t('reactions'), 'W'],
      [t('pin'), 'P'],
      [t('unread'), 'U'],
      [t('readers'), 'I'],
      [t('withdraw'), 'Delete'],
      [t('messageMenu'), apple ? '⇧F10' : 'Shift F10'],
    ],
  ]
  return (
    <div className="grid gap-x-8 gap-y-5 sm:grid-cols-2">
      {[
        [anywhere, composing],
        [chats, messages],
      ].map((column, i) => (
        // oxlint-disable-next-line react/no-array-index-key -- there are two, and they stay
        <div key={i} className="flex flex-col gap-5">
          {column.map(([title, lines]) => (
            <section key={title}>
              <Heading className="mb-1 text-sm font-semibold text-muted">{title}</Heading>
              <dl>
                {lines.map(([text, keys]) => (
                  <div key={text} className="flex items-baseline gap-4 border-b border-line py-2 text-sm last:border-0">
                    <dt className="min-w-0 flex-1">{text}</dt>
                    <dd>
                      <kbd className="rounded border border-line bg-sunken px-1.5 py-0.5 font-sans text-xs whitespace-nowrap">{keys}</kbd>
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
        </div>
      ))}
    </div>
  )
}
