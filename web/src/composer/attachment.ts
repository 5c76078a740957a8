import type { ServerConfig } from '@/api/config'
import { fileName } from '@/lib/plain'
import type { FileInfo } from '@/state/model'

type AttachmentKind = 'image' | 'video' | 'file'
type Limits = Pick<ServerConfig['limits'], 'image' | 'video' | 'file'>

/** A file that is about to be sent. */
export interface Attachment {
  id: number
  file: File
  kind: AttachmentKind
  /** Object address, to show it; revoked by whoever drops the attachment. */
  preview?: string
  /** The limit in bytes that it is over. */
  over?: number
}

const images = /^image\/(png|jpeg|gif|webp)$/
const videos = /^video\/(mp4|webm|quicktime)$/

/**
 * As what a file is sent: pictures and films that browsers can show as such. One
 * that is too large for that still goes as an ordinary file.
 */
export function kindOf(file: Pick<File, 'type' | 'size'>, limits: Limits | undefined): { kind: AttachmentKind; over?: number } {
  const kind = images.test(file.type) ? 'image' : videos.test(file.type) ? 'video' : 'file'
  if (!limits || file.size <= limits[kind]) return { kind }
  if (file.size <= limits.file) return { kind: 'file' }
  return { kind, over: Math.max(limits[kind], limits.file) }
}

let count = 0

export function attachmentOf(file: File, limits: Limits | undefined): Attachment {
  const as = kindOf(file, limits)
  return { id: ++count, file, ...as, ...(as.kind !== 'file' && { preview: URL.createObjectURL(file) }) }
}

export function release(attachments: readonly Attachment[]): void {
  for (const { preview } of attachments) if (preview) URL.revokeObjectURL(preview)
}

/** What is known of the file before it is uploaded: its size on the screen is, so that nothing moves later. */
export async function infoOf({ file, kind, preview }: Attachment): Promise<FileInfo> {
  const info: FileInfo = { name: fileName(file.name), size: file.size, type: file.type || 'application/octet-stream' }
  try {
    if (kind === 'image') {
      const bitmap = await createImageBitmap(file)
      Object.assign(info, { width: bitmap.width, height: bitmap.height })
      bitmap.close()
    } else if (kind === 'video' && preview) {
      Object.assign(info, await filmSize(preview))
    }
  } catch {
    // It is sent all the same; the receivers' browsers may know the format.
  }
  return info
}

function filmSize(url: string): Promise<{ width: number; height: number; seconds: number }> {
  return new Promise((resolve, reject) => {
    const film = document.createElement('video')
    film.preload = 'metadata'
    film.addEventListener('loadedmetadata', () => resolve({ width: film.videoWidth, height: film.videoHeight, seconds: Math.round(film.duration) }))
    film.addEventListener('error', reject)
    film.src = url
  })
}

/**
 * Whether text that came with files is what is meant. Spreadsheets and word processors add a picture of the text that
 * was copied. File managers add the names or the addresses of the files as text.
 */
export function textWins(text: string, files: readonly Pick<File, 'name'>[]): boolean {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const namesFile = (line: string): boolean => files.some(({ name }) => line === name || line.endsWith(`/${name}`) || line.endsWith(`\\${name}`) || line.endsWith(`/${encodeURIComponent(name)}`))
  return lines.length > 0 && !lines.every(namesFile)
}

/** The files of a paste or a drop. A picture from the clipboard gets a name with its time. */
export function filesOf(data: DataTransfer | null, now: number): File[] {
  const files = [...(data?.files ?? [])]
  return files.map((file) => {
    if (!/^image\.\w+$/.test(file.name)) return file
    const time = new Date(now - new Date(now).getTimezoneOffset() * 60_000).toISOString().slice(0, 19).replace(/[:T]/g, '-')
    return new File([file], `${time}.${file.name.split('.').at(-1)}`, { type: file.type })
  })
}
