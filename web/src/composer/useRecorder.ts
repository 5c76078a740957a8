import { useEffect, useRef, useState } from 'react'

export const longest = 60

const types = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus', 'audio/webm']

interface Recording {
  file: File
  seconds: number
}

type State = 'asking' | 'recording' | 'denied' | 'missing'

interface Recorder {
  state: State
  /** Seconds so far. */
  seconds: number
  /** Loudness of the moment, 0 to 1. */
  level: number
  /** Ends it and gives what was recorded; null when there is nothing. */
  finish: () => Promise<Recording | null>
}

/** Records from when it is mounted, at most `longest` seconds; the microphone is free again when it is gone. */
export function useRecorder(): Recorder {
  const [state, setState] = useState<State>('asking')
  const [seconds, setSeconds] = useState(0)
  const [level, setLevel] = useState(0)
  const running = useRef<Running | null>(null)

  useEffect(() => {
    let left = false
    let frame = 0
    const watch = () => {
      const it = running.current
      if (!it || left) return
      const now = Math.min(longest, elapsed(it))
      setSeconds(Math.floor(now))
      setLevel(loudness(it))
      if (now >= longest && it.recorder.state === 'recording') it.recorder.stop()
      else frame = requestAnimationFrame(watch)
    }
    begin()
      .then((it) => {
        if (left) return close(it)
        running.current = it
        setState('recording')
        watch()
      })
      .catch((error: unknown) => {
        if (!left) setState(error instanceof DOMException && error.name === 'NotAllowedError' ? 'denied' : 'missing')
      })
    return () => {
      left = true
      cancelAnimationFrame(frame)
      if (running.current) close(running.current)
      running.current = null
    }
  }, [])

  const finish = async () => {
    const it = running.current
    if (!it) return null
    if (it.recorder.state !== 'inactive') it.recorder.stop()
    await it.stopped
    return take(it)
  }
  return { state, seconds, level, finish }
}

interface Running {
  stream: MediaStream
  recorder: MediaRecorder
  context: AudioContext
  analyser: AnalyserNode
  chunks: Blob[]
  startedAt: number
  endedAt: number | null
  stopped: Promise<void>
}

async function begin(): Promise<Running> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } })
  const mimeType = types.find((type) => MediaRecorder.isTypeSupported(type))
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType, audioBitsPerSecond: 32_000 } : undefined)
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 256
  context.createMediaStreamSource(stream).connect(analyser)
  const chunks: Blob[] = []
  recorder.addEventListener('dataavailable', (event) => event.data.size > 0 && chunks.push(event.data))
  const it: Running = { stream, recorder, context, analyser, chunks, startedAt: performance.now(), endedAt: null, stopped: Promise.resolve() }
  it.stopped = new Promise((resolve) => {
    recorder.addEventListener('stop', () => {
      it.endedAt = performance.now()
      resolve()
    })
  })
  recorder.start(1000)
  return it
}

const elapsed = (it: Running): number => ((it.endedAt ?? performance.now()) - it.startedAt) / 1000

function loudness({ analyser }: Running): number {
  const samples = new Uint8Array(analyser.fftSize)
  analyser.getByteTimeDomainData(samples)
  const sum = samples.reduce((total, sample) => total + (sample - 128) ** 2, 0)
  return Math.min(1, Math.sqrt(sum / samples.length) / 40)
}

function take(it: Running): Recording | null {
  const type = it.recorder.mimeType.split(';')[0] || 'audio/webm'
  const blob = new Blob(it.chunks, { type })
  if (blob.size === 0) return null
  const ending = type === 'audio/mp4' ? 'm4a' : (type.split('/')[1] ?? 'webm')
  return { file: new File([blob], `voice.${ending}`, { type }), seconds: Math.max(1, Math.min(longest, Math.round(elapsed(it)))) }
}

function close(it: Running): void {
  if (it.recorder.state !== 'inactive') it.recorder.stop()
  for (const track of it.stream.getTracks()) track.stop()
  void it.context.close()
}
