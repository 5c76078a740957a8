import type { Message } from '@/state/model'
import { type State, useStore } from '@/state/store'

/** Keys of the messages that are waited for. */
const underWay = new Set<string>()

/**
 * Waits until the server has an own message, so that it can be edited: people press the key faster than a slow line answers.
 * Gives null if it was refused or discarded, or is being waited for already.
 */
export async function whenStored(message: Message): Promise<Message | null> {
  if (underWay.has(message.key)) return null
  underWay.add(message.key)
  try {
    return await stored(message)
  } finally {
    underWay.delete(message.key)
  }
}

function stored({ chat, key }: Message): Promise<Message | null> {
  const same = (m: Message): boolean => m.key === key
  return new Promise((resolve) => {
    const look = (state: State): boolean => {
      const conversation = state.conversations[chat]
      const found = conversation?.messages.find(same) ?? conversation?.outbox.find(same)
      if (found && found.id === null && found.sending.state !== 'failed') return false
      resolve(found?.id ? found : null)
      return true
    }
    if (look(useStore.getState())) return
    const stop = useStore.subscribe((state) => {
      if (look(state)) stop()
    })
  })
}
