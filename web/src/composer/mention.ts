import { nameStands } from '@/message/name'
import { type Call, everybody } from '@/state/model'

/** The word behind an @ that the caret stands in, and where its @ is. */
export interface MentionQuery {
  at: number
  query: string
}

/**
 * What somebody is about to call, with the caret at `caret`; null: nobody. A name may
 * have spaces in it, but nobody is called any more once a space stands behind it.
 */
export function mentionQuery(text: string, caret: number): MentionQuery | null {
  const before = text.slice(Math.max(0, caret - 40), caret)
  const found = /(?:^|[^\w.+-])[@＠]((?:[^\s@＠](?:[^@＠\n]{0,28}[^\s@＠])?)?)$/.exec(before)
  return found ? { at: caret - found[1]!.length - 1, query: found[1]! } : null
}

const otherScript = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u

const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase()

/**
 * Those whom the words behind an @ may mean, of those whom the server found. Names that begin with them come first, then
 * names that contain them, then e-mail addresses that begin with them. The middle of an address does not count: `@e` would
 * find everybody at example.org.
 */
export function bestFirst<P extends { name: string; email?: string }>(people: readonly P[], query: string): P[] {
  const wanted = folded(query)
  const rank = ({ name, email }: P): number => {
    const own = folded(name)
    if (own.startsWith(wanted)) return 0
    // Names in other scripts are found by their spelling as well, which only the server knows.
    if (wanted.split(/\s+/).every((word) => own.includes(word))) return 1
    const [local = '', domain = ''] = folded(email ?? '').split('@')
    if (otherScript.test(own) && !domain.includes(wanted)) return 1
    return local.startsWith(wanted) ? 2 : 3
  }
  return people.filter((person) => rank(person) < 3).sort((a, b) => rank(a) - rank(b))
}

/** Whether two queries are for the same name at the same place; the caret stands at the end of the name in both. */
export const sameQuery = (a: MentionQuery | null, b: MentionQuery | null): boolean => a?.at === b?.at && a?.query === b?.query

/** A call of a draft. `lost`: its `@` was deleted; undo brings it back. */
export interface DraftCall extends Call {
  lost?: boolean
}

/** Where the calls of a draft stand after it was edited. The caret stands behind what was inserted. */
export function movedCalls(calls: readonly DraftCall[], before: string, after: string, caret: number): DraftCall[] {
  const same = after.slice(caret) // text behind the caret is not touched by an edit
  const kept = before.endsWith(same) ? same.length : commonEnd(before, after)
  const most = Math.min(before.length, after.length) - kept
  let start = 0
  while (start < most && before[start] === after[start]) start++
  const [end, newEnd] = [before.length - kept, after.length - kept]
  return calls.map((call) => {
    if (call.lost && call.at >= start && call.at + call.name.length < newEnd && stands(after, call)) return { at: call.at, name: call.name, id: call.id }
    if (call.at < start) return call
    return call.at < end ? { ...call, lost: true } : { ...call, at: call.at + newEnd - end }
  })
}

function commonEnd(a: string, b: string): number {
  let n = 0
  while (n < a.length && n < b.length && a.at(-1 - n) === b.at(-1 - n)) n++
  return n
}

const stands = (text: string, { at, name }: Call): boolean => text[at] === '@' && nameStands(text, at + 1, name)

/** The calls whose names still stand in the text; the others were deleted, or became another name. */
export const standingCalls = (text: string, calls: readonly DraftCall[]): Call[] => calls.filter((call) => !call.lost && stands(text, call))

const endOf = ({ at, name }: Call): number => at + 1 + name.length

/** Adds calls in place of those that stood there. */
export function withCalls(calls: readonly DraftCall[], added: readonly Call[]): DraftCall[] {
  return [...calls.filter((old) => added.every((call) => endOf(old) <= call.at || endOf(call) <= old.at)), ...added]
}

/** Whom the calls mean. */
export function idsOf(calls: readonly Call[]): string[] | 'all' | undefined {
  const ids = new Set(calls.map(({ id }) => id))
  if (ids.has(everybody)) return 'all'
  return ids.size > 0 ? [...ids] : undefined
}
