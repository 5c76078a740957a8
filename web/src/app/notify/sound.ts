// The bell: two short tones, made here, so that no sound file has to be loaded.

let context: AudioContext | null = null
let last = 0

/** Rings once; several messages within a second ring once. Silent where the browser does not let the page make sound yet. */
export function ring(): void {
  const now = Date.now()
  if (now - last < 1000 || typeof AudioContext === 'undefined') return
  last = now
  context ??= new AudioContext()
  const audio = context
  // A browser holds the context back until somebody has touched the page; a bell that comes late would be worse than none.
  if (audio.state === 'running') chime(audio)
  else void audio.resume().then(() => Date.now() - now < 300 && chime(audio), () => undefined)
}

function chime(audio: AudioContext): void {
  tone(audio, 880, audio.currentTime)
  tone(audio, 1174.7, audio.currentTime + 0.11)
}

function tone(audio: AudioContext, frequency: number, at: number): void {
  const oscillator = audio.createOscillator()
  const gain = audio.createGain()
  oscillator.type = 'sine'
  oscillator.frequency.value = frequency
  gain.gain.setValueAtTime(0, at)
  gain.gain.linearRampToValueAtTime(0.12, at + 0.012)
  gain.gain.exponentialRampToValueAtTime(0.0005, at + 0.32)
  oscillator.connect(gain).connect(audio.destination)
  oscillator.start(at)
  oscillator.stop(at + 0.34)
}
