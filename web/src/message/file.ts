import { File as FileIcon, FileArchive, FileAudio, FileCode, FileImage, FileSpreadsheet, FileText, FileVideo, type LucideIcon, Presentation } from 'lucide-react'
import { actions } from '@/state/store'
import type { FileInfo, Message } from '@/state/model'

/**
 * The address of a smaller copy of an image. The server makes them of its own files,
 * whose addresses are signed; any other address is given back as it is.
 */
export function scaled(url: string, size: 'thumb' | 'preview'): string {
  const [path = '', query = ''] = url.split('?')
  return /(^|\/)files\//.test(path) && /(^|&)s=/.test(query) ? `${url}&size=${size}` : url
}

/** The last part of the name, or of the MIME type, in small letters: `pdf`. */
export function extension(file: Pick<FileInfo, 'name' | 'type'>): string {
  const fromName = /\.([a-z0-9]{1,8})$/i.exec(file.name)?.[1]
  return (fromName ?? file.type.split('/').at(-1)?.replace(/^\./, '') ?? '').toLowerCase()
}

/**
 * The beginning of a file's name, which may be cut, and the end, which may not: the extension and a few characters
 * before it. Scripts whose letters join are not cut within a word.
 */
export function splitName(name: string): [start: string, end: string] {
  const end = /(?:[\w\p{Script=Han}-]{1,4})?\.[^.\s]{1,10}$|[\w\p{Script=Han}-]{1,4}$/u.exec(name)
  return end && end.index > 0 ? [name.slice(0, end.index), end[0]] : [name, '']
}

const icons: [RegExp, LucideIcon][] = [
  [/^(png|jpe?g|gif|webp|avif|bmp|svg|heic|tiff?)$/, FileImage],
  [/^(mp4|mov|webm|mkv|avi|m4v)$/, FileVideo],
  [/^(mp3|wav|ogg|opus|m4a|flac|aac|amr)$/, FileAudio],
  [/^(zip|rar|7z|tar|gz|tgz|xz|bz2)$/, FileArchive],
  [/^(xlsx?|csv|ods|numbers)$/, FileSpreadsheet],
  [/^(pptx?|odp|key)$/, Presentation],
  [/^(docx?|pdf|txt|md|odt|rtf|pages)$/, FileText],
  [/^(js|ts|tsx|go|py|java|c|cpp|h|rs|rb|html|css|json|ya?ml|xml|sh|sql)$/, FileCode],
]

/** The picture for the kind of file. */
export function iconOf(file: Pick<FileInfo, 'name' | 'type'>): LucideIcon {
  const kind = extension(file)
  return icons.find(([pattern]) => pattern.test(kind))?.[1] ?? FileIcon
}

export const isAnimated = (file: FileInfo): boolean => extension(file) === 'gif' || file.type === 'image/gif'

/** Fetches the message's file to the reader's disk. */
export async function download(message: Message): Promise<void> {
  const url = message.localFile ?? (await actions().fileAddress(message))
  const link = document.createElement('a')
  link.href = url
  link.download = message.file?.name ?? ''
  link.rel = 'noopener'
  // Browsers ignore the attribute for files of other hosts. A new tab keeps this page open.
  link.target = '_blank'
  link.click()
}
