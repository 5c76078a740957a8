import { create } from 'zustand'
import { mediaAddress } from '@/app/address'
import type { Message } from '@/state/model'
import { actions, useStore } from '@/state/store'

/** Of the one voice message that plays or is paused. */
interface Player {
  key: string | null
  playing: boolean
  /** Seconds from its beginning. */
  at: number
  /** As the sound itself tells; 0 until it does. */
  seconds: number
  rate: number
  error: boolean
}

const rates = [1, 1.5, 2]
const stopped = { key: null, playing: false, at: 0, seconds: 0, error: false }

export const usePlayer = create<Player>()(() => ({ ...stopped, rate: 1 }))

let audio: HTMLAudioElement | null = null
let current: Message | null = null

/** Plays the message, or pauses and goes on. Whatever else plays is stopped. */
export async function togglePlay(message: Message): Promise<void> {
  const sound = element()
  if (current?.key === message.key) {
    if (sound.paused) await start(sound)
    else sound.pause()
    return
  }
  await play(message)
}

export function seek(seconds: number): void {
  if (!audio || !current) return
  audio.currentTime = seconds
  usePlayer.setState({ at: seconds })
}

/** Goes to the next speed: 1, 1.5, 2. */
export function changeRate(): void {
  const rate = rates[(rates.indexOf(usePlayer.getState().rate) + 1) % rates.length]!
  if (audio) audio.playbackRate = rate
  usePlayer.setState({ rate })
}

function stop(): void {
  audio?.pause()
  current = null
  usePlayer.setState(stopped)
}

async function play(message: Message): Promise<void> {
  const sound = element()
  sound.pause()
  current = message
  usePlayer.setState({ ...stopped, key: message.key, playing: true })
  try {
    const url = mediaAddress(message.localFile ?? (await actions().fileAddress(message)))
    if (!url) return failed(message)
    if (current !== message) return // something else was started meanwhile
    sound.src = url
    await start(sound)
  } catch {
    failed(message)
    return
  }
  if (!message.mine && message.id !== null && !message.file?.heard) void actions().markHeard(message).catch(() => {})
}

async function start(sound: HTMLAudioElement): Promise<void> {
  sound.playbackRate = usePlayer.getState().rate
  try {
    await sound.play()
  } catch (error) {
    // Pausing before it began is no failure.
    if (error instanceof DOMException && error.name === 'AbortError') return
    throw error
  }
}

function failed(message: Message): void {
  if (current?.key === message.key) usePlayer.setState({ playing: false, error: true })
}

function element(): HTMLAudioElement {
  if (audio) return audio
  audio = new Audio()
  const sound = audio
  sound.addEventListener('play', () => usePlayer.setState({ playing: true, error: false }))
  sound.addEventListener('pause', () => usePlayer.setState({ playing: false }))
  sound.addEventListener('timeupdate', () => usePlayer.setState({ at: sound.currentTime }))
  sound.addEventListener('durationchange', () => {
    // A recording that was streamed to disk does not know its length.
    if (Number.isFinite(sound.duration)) usePlayer.setState({ seconds: sound.duration })
  })
  sound.addEventListener('error', () => usePlayer.setState({ playing: false, error: true }))
  sound.addEventListener('ended', () => {
    const next = current && nextUnheard(current)
    if (next) void play(next)
    else stop()
  })
  return sound
}

/** The voice message that follows and has not been heard: who listens to one wants to hear the rest. */
function nextUnheard(message: Message): Message | undefined {
  const messages = useStore.getState().conversations[message.chat]?.messages ?? []
  const from = messages.findIndex((other) => other.key === message.key)
  if (from < 0 || message.mine) return undefined
  return messages.slice(from + 1).find((other) => other.kind === 'voice' && !other.mine && !other.withdrawn && !other.file?.heard)
}
