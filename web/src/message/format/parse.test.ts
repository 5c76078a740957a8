// @vitest-environment jsdom
import fc from 'fast-check'
import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { isMarked, withoutMarks } from '../marks'
import { Formatted } from './Formatted'
import { parse } from './parse'

const names = ['Ann Lee', 'snake_case_']
const parsed = (text: string, cut = false) => parse(text, { myName: 'Ann', names, cut })

/** The text as HTML, in short: without classes, and with the attributes that make up the meaning of a link. */
function html(text: string): string {
  const whole = renderToStaticMarkup(createElement(Formatted, { text, names, mine: false }))
  return whole
    .replace(/<button.*?<\/button>/gs, '')
    .replace(/ (?:class|dir|title|target|rel)="[^"]*"/g, '')
    .replace(/<\/?(?:p|div)>/g, '')
}

describe('formatting', () => {
  it.each([
    // Marks within a line.
    ['**bold** _slanted_ *slanted* ~~struck~~ `code`', '<strong>bold</strong> <em>slanted</em> <em>slanted</em> <s>struck</s> <code>code</code>'],
    ['***both*** **a _b_ c**', '<em><strong>both</strong></em> <strong>a <em>b</em> c</strong>'],
    ['snake_case_name 2*3*4 2**3 __init__ *.go, *.ts', 'snake_case_name 2*3*4 2**3 __init__ *.go, *.ts'],
    ['a * b * c ** d', 'a * b * c ** d'],
    ['`**code**` ``a ` b`` ` x `', '<code>**code**</code> <code>a ` b</code> <code>x</code>'],
    ['\\*no\\* \\`no\\` **a\\*b**', '*no* `no` <strong>a*b</strong>'],
    ['C:\\dir\\file **x**', 'C:\\dir\\file <strong>x</strong>'],
    ['¯\\_(ツ)_/¯ **x**', '¯\\_(ツ)_/¯ <strong>x</strong>'],
    // Languages without space between words.
    ['**注意：**请看这是**重点**内容', '<strong>注意：</strong>请看这是<strong>重点</strong>内容'],
    ['长*宽*高 好呀~~明天见~~ ~~旧的~~', '长*宽*高 好呀~~明天见~~ <s>旧的</s>'],
    // Quotes, lists and code blocks.
    ['> one\n> two\nanswer', '<blockquote>one\ntwo</blockquote>\nanswer'],
    ['>_<\n>>> print(1)\n> ', '&gt;_&lt;\n&gt;&gt;&gt; print(1)\n&gt; '],
    ['Buy:\n- milk\n- bread\nThanks', 'Buy:\n<ul><li>milk</li>\n<li>bread</li></ul>\nThanks'],
    ['3. three\n4) four\n2026. A year', '<ol><li value="3">three</li></ol>\n<ol><li value="4">four</li></ol>\n2026. A year'],
    ['* a\n  * b', '<ul><li>a\n<ul><li>b</li></ul></li></ul>'],
    ['-\n- \n-5 +1\n+ 1', '-\n- \n-5 +1\n+ 1'],
    ['```go\nif x {\n\ty()\n}\n```\nend', '<pre data-language="go"><code>if x {\n\ty()\n}</code></pre>\nend'],
    ['```\nopen', '```\nopen'],
    ['```one line``` ```\ntwo\nlines```', '<code>one line</code> <code>\ntwo\nlines</code>'],
    ['````\n```\n````', '<pre><code>```</code></pre>'],
    ['~~~\nno\n~~~', '~~~\nno\n~~~'],
    ['  indented\n    **more**', '  indented\n    <strong>more</strong>'],
    // Never any of these.
    ['# a\n<b>x</b> &amp; **b**\n---\n| a |', '# a\n&lt;b&gt;x&lt;/b&gt; &amp;amp; <strong>b</strong>\n---\n| a |'],
    ['![a](https://a.test/p.png)', '!<a href="https://a.test/p.png">a</a>'],
    // Links.
    ['[our **page**](https://a.test/b_c_d?x=(1)&amp;)', '<a href="https://a.test/b_c_d?x=(1)&amp;amp;">our <strong>page</strong></a>'],
    ['[mail](mailto:a@b.test)', '<a href="mailto:a@b.test">mail</a>'],
    ['[a](javascript:alert(1)) [a](data:text/html,x) [a](//b.test) [a](/x) [a](mailto:a@b.test?body=x)', '[a](javascript:alert(1)) [a](data:text/html,x) [a](//b.test) [a](/x) [a](<a href="mailto:a@b.test?body=x">mailto:a@b.test?body=x</a>)'],
    ['[a](https://user:pw@b.test)', '[a](https://user:pw@b.test)'],
    ['[https://bank.test](https://bank.test/in)', '<a href="https://bank.test/in">https://bank.test</a>'],
    ['[**https://bank.test**](https://evil.test)', '[<strong><a href="https://bank.test">https://bank.test</a></strong>](<a href="https://evil.test">https://evil.test</a>)'],
    ['**https://a.test/x_y_z** _https://b.test/_', '<strong><a href="https://a.test/x_y_z">https://a.test/x_y_z</a></strong> <em><a href="https://b.test/">https://b.test/</a></em>'],
    // Mentions and emotions.
    ['**@Ann Lee** @snake_case_ _x_', '<strong><bdi>@Ann Lee</bdi></strong> <bdi>@snake_case_</bdi> <em>x</em>'],
    ['`@Ann https://a.test [微笑]` **[微笑]**', '<code>@Ann https://a.test [微笑]</code> <strong>🙂</strong>'],
  ])('%j', (text, want) => {
    expect(html(text)).toBe(want)
  })

  it('is not looked for where there is none', () => {
    for (const text of ['Hello, world', 'snake_case and 5*6', '2026. A year', 'a - b > c', ':-)', '[微笑] (x)', 'me@example.org']) expect(isMarked(text), text).toBe(false)
    for (const text of ['**a**', 'x `a`', '> a', 'b\n- a', '1. a', '[a](https://a.test)', '```\na\n```', '这是**重点**']) expect(isMarked(text), text).toBe(true)
  })

  it('takes the end of a text that is cut for that of a code block', () => {
    expect(parsed('```\na\nb', true)).toEqual([{ kind: 'code', language: '', text: 'a\nb', gap: false }])
  })

  it('is taken off for places that show none', () => {
    expect(withoutMarks('**Note:** `a*b*` and ~~no~~ _this_')).toBe('Note: a*b* and no this')
    expect(withoutMarks('**注意：**请看 [文档](https://a.test/x)')).toBe('注意：请看 文档')
    expect(withoutMarks('> quoted\n- a\n- b')).toBe('quoted\n- a\n- b')
    expect(withoutMarks('see ```js\nconst a = 1\n``` there')).toBe('see const a = 1 there')
    expect(withoutMarks('snake_case 2*3*4 __init__ **https://a.test/x_y_**')).toBe('snake_case 2*3*4 __init__ https://a.test/x_y_')
    expect(withoutMarks('\\*a\\* ¯\\_(ツ)_/¯')).toBe('*a* ¯\\_(ツ)_/¯')
  })
})

// What people write, and what may break: marks, brackets, addresses of all kinds, HTML, invisible and turning characters.
const pieces = [
  ['*', '**', '***', '_', '__', '~~', '~', '`', '``', '```', '```js', '[', ']', '](', ')', '(', '!', '\\', '> ', '>', '- ', '* ', '1. ', '2) ', '\n', '\n\n', '\n  ', '    ', '\t', ' '],
  ['https://a.test/x', 'http://b.test', 'javascript:alert(1)', 'JaVaScRiPt:x', 'data:text/html,<script>', 'vbscript:x', 'file:///etc', '//c.test', 'mailto:a@b.test', 'www.d.test', 'a@b.test', 'https://u:p@e.test'],
  ['<script>alert(1)</script>', '<img src=x onerror=y>', '"onclick="z', '&lt;', '&#106;', '<!--', 'style=x', '@Ann Lee', '@snake_case_', '[微笑]', '重点', 'word', '2', 'x', '👍🏽', '\u202E', '\u200B', 'مرحبا', '\0', '\uD83D'],
].flat()
const texts = fc.array(fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }) }), { maxLength: 40 }).map((parts) => parts.join(''))

const allowed: Record<string, readonly string[]> = {
  P: ['dir', 'class'],
  DIV: ['dir', 'class'],
  STRONG: ['class'],
  EM: [],
  S: [],
  CODE: ['dir', 'class'],
  PRE: ['dir', 'class', 'data-language'],
  BLOCKQUOTE: ['dir', 'class'],
  UL: ['dir', 'class'],
  OL: ['dir', 'class'],
  LI: ['value', 'class'],
  A: ['dir', 'href', 'title', 'target', 'rel', 'class'],
  BDI: ['class'],
  BUTTON: ['type', 'aria-label', 'class', 'data-tip', 'data-tip-side'],
}

/** Letters and digits, which are never marks. */
const letters = (text: string): string => text.replace(/[^\p{L}\p{N}]+/gu, '')

describe('any text', () => {
  it('makes only these elements, and nothing that runs or loads', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const page = document.createElement('div')
        page.innerHTML = renderToStaticMarkup(createElement(Formatted, { text, names, mine: false }))
        for (const element of page.querySelectorAll('*')) {
          if (element.closest('button') && element.tagName !== 'BUTTON') continue // the picture of the button
          expect(Object.keys(allowed), element.outerHTML).toContain(element.tagName)
          for (const { name, value } of element.attributes) {
            expect(allowed[element.tagName], element.outerHTML).toContain(name)
            if (name === 'href') expect(value).toMatch(/^(?:https?:\/\/|mailto:)/i)
            if (name === 'class') expect(value).toMatch(/^[^<>&]*$/)
          }
          if (element.tagName === 'A') expect([element.getAttribute('rel'), element.getAttribute('target')]).toEqual(['noopener noreferrer', '_blank'])
        }
      }),
      { numRuns: 400 },
    )
  }, 60_000)

  it('leads where it says: an address as the text of a link is that of the link', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const page = document.createElement('div')
        page.innerHTML = renderToStaticMarkup(createElement(Formatted, { text, names, mine: false }))
        for (const link of page.querySelectorAll('a')) {
          const said = /^https?:\/\/[\w.]+(?=[/\s]|$)/.exec(link.textContent)?.[0]
          if (said) expect(link.href).toContain(new URL(said).host)
        }
      }),
      { numRuns: 400 },
    )
  }, 60_000)

  it('loses no word: what is not shown is in the address of a link', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const page = document.createElement('div')
        page.innerHTML = renderToStaticMarkup(createElement(Formatted, { text, names, mine: false })).replace(/<button.*?<\/button>/gs, '')
        for (const pre of page.querySelectorAll('pre')) pre.prepend(pre.dataset.language ?? '')
        for (const item of page.querySelectorAll('ol > li')) item.prepend(item.getAttribute('value')!)
        for (const link of page.querySelectorAll('a')) if (letters(link.textContent) !== letters(link.getAttribute('href')!.replace(/^mailto:/, '')) && !letters(link.getAttribute('href')!).endsWith(letters(link.textContent))) link.append(link.getAttribute('href')!)
        const want = letters(text.replaceAll('[微笑]', ''))
        expect(letters(page.textContent.replaceAll('[微笑]', '').replaceAll('🙂', ''))).toBe(want)
      }),
      { numRuns: 400 },
    )
  }, 60_000)

  it('is never deep', () => {
    const depth = (element: Element): number => 1 + Math.max(0, ...[...element.children].map(depth))
    for (const text of ['**a _b ~~c '.repeat(300) + '~~ _ ** '.repeat(300), '> '.repeat(1000) + 'x', Array.from({ length: 60 }, (_, i) => `${'  '.repeat(i)}- x`).join('\n'), '[a '.repeat(500) + '](https://a.test)'.repeat(100), '*a '.repeat(1000) + 'b* '.repeat(1000)]) {
      const page = document.createElement('div')
      page.innerHTML = renderToStaticMarkup(createElement(Formatted, { text, names, mine: false }))
      expect(depth(page)).toBeLessThan(45)
    }
  }, 60_000)
})

// Time is measured by what the parser looks at: each character is read through these.
describe('the work grows with the length of the text, and not faster', () => {
  const looks = ['charCodeAt', 'codePointAt', 'indexOf', 'slice', 'includes', 'startsWith', 'endsWith', 'trim'] as const

  function work(text: string): number {
    let count = 0
    const own = looks.map((name) => [name, String.prototype[name]] as const)
    for (const [name, method] of own)
      Reflect.defineProperty(String.prototype, name, {
        configurable: true,
        writable: true,
        value(this: string, ...args: never[]) {
          count++
          return (method as (...args: never[]) => unknown).apply(this, args)
        },
      })
    try {
      parse(text, { myName: 'Ann', names })
    } finally {
      for (const [name, value] of own) Reflect.defineProperty(String.prototype, name, { configurable: true, writable: true, value })
    }
    return count
  }

  it.each([
    '**a _b ~~c `d ',
    '*a **b ',
    'a** ',
    '*a_ ',
    'a***',
    '_a* ',
    '[',
    '[a](',
    '[a](b',
    '](',
    '[a](https://a.test ',
    '`a``b```',
    '> ',
    '> a\n',
    '- a\n',
    '- a\n* b\n',
    '1. a\n2) b\n',
    '- ',
    '```a\n',
    '```\n````\n',
    '- ```\n',
    '> ```\n',
    '> - a\n> * b\n',
    '\\*',
    '\n',
    ' ',
    '@a_ ',
    'https://a.test/_ ',
    '~~a ',
    'a~~',
    '- a\n\n',
    '-\n',
  ])('%j', (piece) => {
    const text = (length: number) => piece.repeat(Math.ceil(length / piece.length))
    const [small, large] = [work(text(1000)), work(text(8000))]
    expect(large).toBeLessThan(small * 12)
  }, 60_000)
})
