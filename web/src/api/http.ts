import { withBase } from '@/app/base'
import type { AdminApi } from '@/wire/admin.gen'
import type { ClientApi } from '@/wire/api.gen'
import type { LoginRefusal } from '@/wire/wire.gen'

/** What is wrong with a field: in English, and for settings also as a code with parameters. */
export interface FieldError {
  message?: string
  code?: string
  params?: Record<string, string>
}

/** Why the server did not do what it was asked; `message` is its text, which lib/refusal.ts says in the user's words. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(
    readonly status: number,
    text: string,
    /** What is wrong with which field, by the field's name. */
    readonly fields: Record<string, FieldError> = {},
  ) {
    super(text)
  }
}

interface RequestOptions {
  /** Undefined values are left out, lists are repeated. */
  query?: object
  body?: unknown
  /** Sent as Idempotency-Key: with the same one, the server does the same only once. */
  key?: string
  signal?: AbortSignal | undefined
  /** Sent without the session, and without waiting for it. */
  anonymous?: boolean
  /** The cookies of the answer are kept. */
  cookies?: boolean
  /** The caller repeats it when there is no answer, and wants to know of that at once. */
  once?: boolean
}

/** Every operation that the client uses. */
type Api = ClientApi & AdminApi

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The addresses of an operation: anything in place of each name in braces. */
type Filled<Path> = Path extends `${infer Before}{${string}}${infer After}` ? `${Before}${string}${Filled<After>}` : Path

type MethodOf<Operation> = Operation extends `${infer M} ${string}` ? M : never
type PathOf<Operation> = Operation extends `${string} ${infer Path}` ? Filled<Path> : never

interface OperationOptions<Operation extends keyof Api> extends RequestOptions {
  query?: Api[Operation]['query']
  body?: Api[Operation]['body']
}

interface Credentials {
  token: string
  /**
   * The application, and the path below which the server has its history. Requests wait until the server has named them,
   * and are rejected when it cannot be reached.
   */
  server: () => Promise<{ app: string; historyPath: string }>
}

let credentials: Credentials | null = null
let refused: (() => void) | null = null

/** Sets the credentials of the requests from now on, and the function to call once the server says that the token is not valid any more. */
export function authorize(given: Credentials | null, whenRefused: (() => void) | null = null): void {
  credentials = given
  refused = whenRefused
}

// Another 401, of a proxy for example, says nothing about the token.
const endsSession: readonly string[] = ['invalid token', 'token expired'] satisfies LoginRefusal[]

// A GET whose answer is lost can be asked again. Everything else is the asker's to repeat.
const attempts = 3
const longestWait = 10_000

/**
 * Asks the server. Rejects with an ApiError for what it refuses, with a TypeError when
 * there is no answer, with the signal's reason when it was called off. Where too much
 * was asked at once it waits as long as the server says, and asks again.
 *
 * With the name of an operation of the client or the administration API the compiler compares everything with what
 * the server declares; with the type of an answer it believes it.
 */
export function request<Operation extends keyof Api>(
  method: MethodOf<Operation>,
  path: PathOf<Operation>,
  options?: OperationOptions<Operation>,
): Promise<Api[Operation]['result']>
export function request<T extends object>(method: Method, path: string, options?: RequestOptions): Promise<T>
export async function request(method: string, path: string, options: RequestOptions = {}): Promise<unknown> {
  const response = await send(method, path, options)
  return response.status === 204 ? undefined : await response.json()
}

/** Asks for a file, as `request` does. */
export async function requestFile(path: string, query: object): Promise<Blob> {
  const response = await send('GET', path, { query })
  return response.blob()
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const { query, body, key, signal, anonymous = false, cookies = false, once = false } = options
  const sentWith = anonymous ? null : credentials
  const server = await sentWith?.server()
  const address = addressOf(path, server?.historyPath ?? '/') + search(query)
  const init: RequestInit = {
    method,
    headers: {
      ...(sentWith && server && { Authorization: `Bearer ${sentWith.token}`, App: server.app }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(key && { 'Idempotency-Key': key }),
    },
    credentials: cookies ? 'same-origin' : 'omit',
    cache: 'no-store',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  }
  for (let attempt = 1; ; attempt++) {
    let response: Response
    try {
      response = await fetch(address, init)
    } catch (error) {
      if (signal?.aborted || method !== 'GET' || once || attempt === attempts) throw error
      await pause(250 * 2 ** attempt, signal)
      continue
    }
    if (response.ok) return response
    const again = response.status === 429 || (response.status === 503 && method === 'GET')
    if (again && attempt < attempts) {
      await pause(waitOf(response, attempt), signal)
      continue
    }
    const error = await problem(response)
    // The answer may be for a session that this tab has left meanwhile.
    if (error.status === 401 && sentWith && sentWith === credentials && endsSession.includes(error.message)) refused?.()
    throw error
  }
}

/** The API is below the path of the client. A path without a leading slash is below that of the history. */
function addressOf(path: string, historyPath: string): string {
  if (path.startsWith('/')) return path.startsWith('/api/') ? withBase(path) : path
  return historyPath.replace(/\/?$/, '/') + path
}

function search(query: object | undefined): string {
  const out = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined && one !== null) out.append(name, String(one))
  }
  const text = out.toString()
  return text && `?${text}`
}

function waitOf(response: Response, attempt: number): number {
  const seconds = Number(response.headers.get('Retry-After'))
  return Math.min(seconds > 0 ? seconds * 1000 : 500 * 2 ** attempt, longestWait)
}

async function problem(response: Response): Promise<ApiError> {
  let told: { error?: string; detail?: string; title?: string; errors?: (FieldError & { location?: string })[] } = {}
  try {
    told = (await response.json()) as typeof told
  } catch {
    // Something between here and the server answered in a language of its own.
  }
  const fields: Record<string, FieldError> = {}
  for (const e of told.errors ?? []) fields[(e.location ?? '').replace(/^\w+\./, '')] = e
  return new ApiError(response.status, told.error ?? told.detail ?? told.title ?? response.statusText, fields)
}

/** Waits, unless the signal calls it off. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const called = (): void => {
      clearTimeout(timer)
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', called)
      resolve()
    }, ms)
    if (signal?.aborted) called()
    else signal?.addEventListener('abort', called, { once: true })
  })
}
