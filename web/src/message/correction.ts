import type { Message } from '@/state/model'
import { actions, type State, useStore } from '@/state/store'
import { rememberText, rememberedText, type Withdrawn } from './withdrawn'

/** Keys of the messages that are being withdrawn to be written again. */
const underWay = new Set<string>()

/**
 * Withdraws an own message so that its text can be corrected, and gives the text with those whom it mentions. A message that the server has
 * not acknowledged yet is withdrawn after the acknowledgement: people press the key faster than a slow line answers.
 * Gives null if there is nothing to correct: the message was refused or discarded, or is being withdrawn already.
 */
export async function takeBack(message: Message): Promise<Withdrawn | null> {
  if (underWay.has(message.key)) return null
  underWay.add(message.key)
  try {
    const stored = await whenStored(message)
    if (!stored) return null
    rememberText(stored)
    await actions().withdraw(stored)
    return rememberedText(stored.id) ?? null
  } finally {
    underWay.delete(message.key)
  }
}

/** The message as the server has it; null if it was refused or discarded before. */
function whenStored({ chat, key }: Message): Promise<Message | null> {
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
