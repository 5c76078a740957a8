import { offline, SocketError, type Connection } from '@/socket/connection'

/** Refusals of the server that end by themselves. */
export const passing = new Set(['too many requests', 'database error', 'database err', 'internal error'])

const mostNamed = 200

/**
 * Mentions members of a group with a message of this account. A mention that is refused is no reason to disturb the author.
 * Rejects if it can succeed later: it is then made again, which changes nothing for those who are mentioned already.
 */
export async function mentionIn(request: Connection['request'], gid: string, messageId: string, mentions: readonly string[] | 'all'): Promise<void> {
  try {
    if (mentions === 'all') await request('group shake', { gid, toUser: 'all', messageId })
    else for (let i = 0; i < mentions.length; i += mostNamed) await request('group shake', { gid, toUser: mentions.slice(i, i + mostNamed), messageId })
  } catch (error) {
    if (error instanceof SocketError && (error.message === offline || passing.has(error.message))) throw error
  }
}
