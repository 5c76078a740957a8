/** A part of a CSV file that is one itself. */
interface Piece {
  csv: string
  /** The line of the file at which each of its records begins. */
  lines: number[]
}

/**
 * Cuts a CSV file into pieces of so many records, each with the heading of the file, so that a large file is sent in
 * several requests. Line ends in quotes belong to a record. Empty lines are left out: the server skips them.
 */
export function piecesOf(csv: string, most: number): Piece[] {
  const [heading, ...records] = recordsOf(csv.replace(/^\uFEFF/, ''))
  if (!heading) return []
  const pieces: Piece[] = []
  for (let i = 0; i === 0 || i < records.length; i += most) {
    const some = records.slice(i, i + most)
    pieces.push({ csv: [heading, ...some].map((r) => r.text).join('\n'), lines: some.map((r) => r.line) })
  }
  return pieces
}

function recordsOf(csv: string): { text: string; line: number }[] {
  const out: { text: string; line: number }[] = []
  const lines = csv.split(/\r\n|\n|\r/)
  let waiting: string[] = []
  let quoted = false
  lines.forEach((text, i) => {
    if ((text.match(/"/g)?.length ?? 0) % 2 === 1) quoted = !quoted
    waiting.push(text)
    if (quoted && i < lines.length - 1) return
    const record = waiting.join('\n')
    if (record !== '') out.push({ text: record, line: i + 2 - waiting.length })
    waiting = []
  })
  return out
}

/** The text of a file in UTF-8, or in GB 18030, in which spreadsheets write Chinese. */
export async function textOfFile(file: Blob): Promise<string> {
  const bytes = await file.arrayBuffer()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}
