/** A part of a CSV file that is a CSV file itself. */
interface Piece {
  csv: string
  /** For each line of the part, its line in the whole file. A record may have several lines. */
  lines: number[]
}

/**
 * Splits a CSV file into pieces of at most `most` records, each with the heading of the file, so that a large file is
 * sent in several requests. A line end in quotes belongs to its record. Empty lines are left out, as the server skips them, and
 * the records that begin in one of the lines `without`.
 */
export function piecesOf(csv: string, most: number, without: ReadonlySet<number> = new Set()): Piece[] {
  const [heading, ...all] = recordsOf(csv.replace(/^\uFEFF/, ''))
  if (!heading) return []
  const records = all.filter((r) => !without.has(r.line))
  const pieces: Piece[] = []
  for (let i = 0; i === 0 || i < records.length; i += most) {
    const some = records.slice(i, i + most)
    const piece = [heading, ...some]
    pieces.push({ csv: piece.map((r) => r.text).join('\n'), lines: piece.flatMap((r) => r.text.split('\n').map((_, n) => r.line + n)) })
  }
  return pieces
}

/** Maximum number of lines in one record. In a longer one a quote is not closed, and the server refuses its line. */
const longest = 100

function recordsOf(csv: string): { text: string; line: number }[] {
  const out: { text: string; line: number }[] = []
  const lines = csv.split(/\r\n|\n|\r/)
  for (let i = 0; i < lines.length; ) {
    let end = i
    let quoted = quotedAfter(lines[i]!, false)
    while (quoted && end + 1 < lines.length && end - i < longest) quoted = quotedAfter(lines[++end]!, true)
    if (quoted) end = i
    const text = lines.slice(i, end + 1).join('\n')
    if (text !== '') out.push({ text, line: i + 1 })
    i = end + 1
  }
  return out
}

/** Returns whether a quoted field is open at the end of the line. A quote opens a field only at its beginning, and closes it only at its end. */
function quotedAfter(line: string, quoted: boolean): boolean {
  let beginning = !quoted
  for (let i = 0; i < line.length; i++) {
    const separated = /[,;\t]/.test(line[i]!)
    if (!quoted) {
      if (line[i] === '"' && beginning) quoted = true
      beginning = separated || (beginning && line[i] === ' ')
    } else if (line[i] === '"') {
      if (line[i + 1] === '"') i++
      else if (line[i + 1] === undefined || /[,;\t]/.test(line[i + 1]!)) quoted = false
      else return false
    }
  }
  return quoted
}

/** Writes a CSV file. A text that a spreadsheet would run as a formula gets an apostrophe before it. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(fieldOf).join(',')}\r\n`).join('')
}

function fieldOf(text: string): string {
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",;\t\r\n]|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}

const orders = [
  { mark: [0xff, 0xfe], encoding: 'utf-16le' },
  { mark: [0xfe, 0xff], encoding: 'utf-16be' },
]

/** Reads a file in UTF-8, in UTF-16 with a byte order mark, or in GB 18030, which spreadsheets use for Chinese. null: it is not a text file. */
export async function textOfFile(file: Blob): Promise<string | null> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const marked = orders.find(({ mark }) => mark.every((byte, i) => bytes[i] === byte))
  for (const encoding of marked ? [marked.encoding] : ['utf-8', 'gb18030'])
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
      // oxlint-disable-next-line no-control-regex -- a text file has no control characters
      return /[\0-\x08\x0e-\x1f]/.test(text) ? null : text
    } catch {
      continue
    }
  return null
}
