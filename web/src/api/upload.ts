// Uploads a file to where the server's leave for it says: in one piece as a form, or large ones in parts that are
// sent again one by one when the network fails. The leave is the authentication; nothing else of the caller's goes
// along, for the place may be somebody else's.
import { withBase } from '@/app/base'
import { fileName } from '@/lib/plain'
import type { Upload } from '@/wire/wire.gen'
import { ApiError, pause } from './http'

interface Uploaded {
  key: string
  hash?: string
  name?: string
  size?: number
  mimeType?: string
  width?: number
  height?: number
}

interface UploadOptions {
  /** Told from 0 to 1. */
  progress?: (fraction: number) => void
  signal?: AbortSignal
}

// A lost network is waited for this long, in all.
const patience = 10 * 60_000
const longestWait = 10_000

/** Rejects with an ApiError for what is refused, and with the signal's reason when it is called off. */
export function upload(leave: Upload, file: File, options: UploadOptions = {}): Promise<Uploaded> {
  const address = new URL(leave.address ?? withBase('/upload'), location.href)
  const { chunkSize } = leave
  return chunkSize && file.size > chunkSize && !leave.fields
    ? inParts(address, leave, file, chunkSize, options)
    : persistently(options, () => inOnePiece(address, leave, file, options))
}

async function inOnePiece(address: URL, leave: Upload, file: File, options: UploadOptions): Promise<Uploaded> {
  const form = new FormData()
  for (const [name, value] of Object.entries(leave.fields ?? { token: leave.token, key: leave.key })) form.append(name, value)
  // Services that look no further than the file want it last.
  form.append('file', file, fileName(file.name))
  const answer = await send('POST', address.href, {}, form, options, (loaded, total) => loaded / total)
  return { key: leave.key, ...(answer as Partial<Uploaded>) }
}

interface Part {
  partNumber: number
  etag: string
}

// Qiniu's resumable upload, version 2: begin, parts, complete.
async function inParts(address: URL, leave: Upload, file: File, chunkSize: number, options: UploadOptions): Promise<Uploaded> {
  const bucket = bucketOf(leave.token)
  const base = new URL(`buckets/${bucket}/objects/${base64url(leave.key)}/uploads`, address).href
  const headers = { Authorization: `UpToken ${leave.token}` }
  const ask = (method: string, url: string, body: unknown): Promise<unknown> =>
    send(method, url, { ...headers, 'Content-Type': 'application/json' }, body === undefined ? null : JSON.stringify(body), options)

  const { uploadId } = (await persistently(options, () => ask('POST', base, undefined))) as { uploadId: string }
  const at = `${base}/${encodeURIComponent(uploadId)}`
  try {
    const parts: Part[] = []
    for (let start = 0, partNumber = 1; start < file.size; start += chunkSize, partNumber++) {
      const chunk = file.slice(start, start + chunkSize)
      const put = (): Promise<unknown> =>
        send('PUT', `${at}/${partNumber}`, { ...headers, 'Content-Type': 'application/octet-stream' }, chunk, options, (loaded) => (start + loaded) / file.size)
      const { etag } = (await persistently(options, put)) as { etag: string }
      parts.push({ partNumber, etag })
    }
    const done = await persistently(options, () => ask('POST', at, { parts, fname: fileName(file.name), mimeType: file.type || undefined }))
    return { key: leave.key, ...(done as Partial<Uploaded>) }
  } catch (error) {
    // Not to be waited for: what is left behind the server sweeps away in time.
    fetch(at, { method: 'DELETE', headers, credentials: 'omit', keepalive: true }).catch(() => undefined)
    throw error
  }
}

/** Does it again while the network, or the server, is away. */
async function persistently<T>(options: UploadOptions, attempt: () => Promise<T>): Promise<T> {
  const until = Date.now() + patience
  for (let wait = 500; ; wait = Math.min(wait * 2, longestWait)) {
    try {
      return await attempt()
    } catch (error) {
      // 507 is a full disk, and what begins with 6 the storage service's own: neither is different in a moment.
      const passing = error instanceof TypeError || (error instanceof ApiError && (error.status === 429 || (error.status >= 500 && error.status < 600 && error.status !== 507)))
      if (!passing || Date.now() > until) throw error
      await pause(wait, options.signal)
    }
  }
}

// fetch tells nothing of how far it is.
function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  body: XMLHttpRequestBodyInit | null,
  { progress, signal }: UploadOptions,
  fraction?: (loaded: number, total: number) => number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = (): void => request.abort()
    const settle = (then: () => void): void => {
      signal?.removeEventListener('abort', stop)
      then()
    }
    request.open(method, url)
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    if (progress && fraction) request.upload.addEventListener('progress', (e) => progress(Math.min(1, fraction(e.loaded, e.total || 1))))
    request.addEventListener('load', () =>
      settle(() => {
        const answer = parse(request.responseText)
        if (request.status >= 200 && request.status < 300) resolve(answer)
        else reject(new ApiError(request.status, textOf(answer) ?? request.statusText))
      }),
    )
    request.addEventListener('error', () => settle(() => reject(new TypeError('upload failed'))))
    request.addEventListener('abort', () => settle(() => reject(signal?.reason as Error)))
    if (signal?.aborted) reject(signal.reason as Error)
    else {
      signal?.addEventListener('abort', stop, { once: true })
      request.send(body)
    }
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

function textOf(answer: unknown): string | undefined {
  const told = answer as { error?: string; detail?: string } | null
  return told?.error ?? told?.detail
}

/** A token is access key, signature, and policy, whose scope is `<bucket>:<key>` or `<bucket>`. */
function bucketOf(token: string): string {
  const policy = atob((token.split(':')[2] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
  const { scope = '' } = JSON.parse(policy) as { scope?: string }
  return scope.split(':')[0] ?? ''
}

const base64url = (text: string): string => btoa(String.fromCharCode(...new TextEncoder().encode(text))).replaceAll('+', '-').replaceAll('/', '_')

/** The ending of a file's name as the server takes it, without the dot. */
export const extensionOf = (name: string): string | undefined => /\.([A-Za-z0-9]{1,16})$/.exec(name)?.[1]
