// The marks of formatted texts, as far as they matter without the parser. docs/protocol/formatting.md describes them.
import { usePreferences } from '@/app/preferences'

const mark = /`[^]*`|(?<!\w)(?:[*_]|~~)\S|\]\(|^ *(?:[-*>]|\d{1,3}[.)]) |\\[`*_~[\]>-]/m

/** Whether the text may have formatting, which is to be shown. Only the parser knows. */
export const isMarked = (text: string): boolean => usePreferences.getState().formatting && mark.test(text)

// Each has three groups: marks, what is between them, marks. In the first ones there are no others between.
const opaque = 4
const patterns = [
  /((?<!\S)```(?:[\w+#.-]*\s)?)([^]*?)(\s?```(?!\S)|$)/g,
  /(`+)([^`]+)(\1)(?!`)/g,
  /()((?<!\]\()https?:\/\/\S*[^\s*_~)])()/g,
  /((?<!¯)\\)([`*_~[\]>-])()/g,
  /(\[)([^\]\n]{1,300})(\]\((?:https?:\/\/|mailto:)[^\s()]+\))/g,
  /(?<![\w*])(\*\*)(?=\S)(.{1,400}?)(?<=\S)(\*\*)(?![\w*])/g,
  /(?<![\p{L}\p{N}~])(~~)(?=\S)(.{1,400}?)(?<=\S)(~~)(?![\p{L}\p{N}~])/gu,
  /(?<![\p{L}\p{N}*])(\*)(?=[^\s*])(.{1,400}?)(?<=[^\s*])(\*)(?![\p{L}\p{N}*])/gu,
  /(?<![\p{L}\p{N}_\\])(_)(?=[^\s_])(.{1,400}?)(?<=[^\s_])(_)(?![\p{L}\p{N}_])/gu,
  /(^>(?: |$))()()/gm,
]

/** The text with a null character in place of each character that is only a mark. */
export function withNulls(text: string): string {
  let masked = text
  patterns.forEach((pattern, i) => {
    masked = masked.replace(pattern, (_, before: string, inside: string, after: string) => nulls(before) + (i < opaque ? 'x'.repeat(inside.length) : inside) + nulls(after))
  })
  return text.replace(/[^]/g, (c, i: number) => (masked[i] === '\0' ? '\0' : c))
}

const nulls = (text: string): string => '\0'.repeat(text.length)

/** A text for a place that shows no formatting: without its marks, unless the reader wants texts as they were typed. */
export const withoutMarks = (text: string): string => (isMarked(text) ? withNulls(text).replaceAll('\0', '') : text)
