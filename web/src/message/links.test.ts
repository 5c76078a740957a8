import { expect, it } from 'vitest'
import { linksOf } from './links'

// Links swallowed the Chinese punctuation and the words behind them. The second column is what is linked, with spaces between several links.
it.each([
  // Chinese punctuation
  ['https://example.com/a，然后', 'https://example.com/a'],
  ['https://example.com/a。然后', 'https://example.com/a'],
  ['https://example.com/a；然后', 'https://example.com/a'],
  ['https://example.com/a：然后', 'https://example.com/a'],
  ['https://example.com/a！', 'https://example.com/a'],
  ['https://example.com/a？', 'https://example.com/a'],
  ['https://example.com/a、https://example.com/b', 'https://example.com/a https://example.com/b'],
  ['（https://example.com/a）', 'https://example.com/a'],
  ['【https://example.com/a】', 'https://example.com/a'],
  ['《https://example.com/a》', 'https://example.com/a'],
  ['「https://example.com/a」『https://example.com/b』', 'https://example.com/a https://example.com/b'],
  ['“https://example.com/a”和‘https://example.com/b’', 'https://example.com/a https://example.com/b'],
  ['https://example.com/a…', 'https://example.com/a'],
  ['https://example.com/a——然后', 'https://example.com/a'],
  ['https://example.com，然后', 'https://example.com'],
  ['https://example.com:8080，然后', 'https://example.com:8080'],
  ['https://example.com/a　然后', 'https://example.com/a'],
  // Words directly behind and before
  ['https://example.com/a然后', 'https://example.com/a'],
  ['https://example.com然后', 'https://example.com'],
  ['http://localhost:3000然后', 'http://localhost:3000'],
  ['http://10.0.0.1然后', 'http://10.0.0.1'],
  // Chinese names in a path, and values
  ['https://zh.wikipedia.org/wiki/维基百科', 'https://zh.wikipedia.org/wiki/维基百科'],
  ['https://zh.wikipedia.org/wiki/维基百科，然后', 'https://zh.wikipedia.org/wiki/维基百科'],
  ['（https://zh.wikipedia.org/wiki/苹果_(公司)）', 'https://zh.wikipedia.org/wiki/苹果_(公司)'],
  ['https://example.com/文档/说明.html然后', 'https://example.com/文档/说明.html'],
  ['https://example.com/?q=中文&n=1然后', 'https://example.com/?q=中文&n=1'],
  ['https://ja.wikipedia.org/wiki/ひらがな https://ko.wikipedia.org/wiki/한글', 'https://ja.wikipedia.org/wiki/ひらがな https://ko.wikipedia.org/wiki/한글'],
  // Bold text
  ['**https://example.com/a**', 'https://example.com/a'],
  ['*https://example.com/维基*', 'https://example.com/维基'],
  ['https://example.com/a입니다', 'https://example.com/a'],
  ['https://example.com/aです', 'https://example.com/a'],
  ['看https://example.com/a', 'https://example.com/a'],
  ['https://example.com/a👍', 'https://example.com/a'],
  ['https://example.com/a\u200b', 'https://example.com/a'],
  // Punctuation and brackets around it
  ['https://example.com/a.', 'https://example.com/a'],
  ['https://example.com/a, b', 'https://example.com/a'],
  ['https://example.com/a; https://example.com/b:', 'https://example.com/a https://example.com/b'],
  ['https://example.com/a?!', 'https://example.com/a'],
  ['https://example.com/a...', 'https://example.com/a'],
  ['https://example.com.', 'https://example.com'],
  ['https://example.com?', 'https://example.com'],
  ['(https://example.com/a)', 'https://example.com/a'],
  ['[docs](https://example.com/a)text', 'https://example.com/a'],
  ['(see https://example.com/a).', 'https://example.com/a'],
  ['"https://example.com/a"', 'https://example.com/a'],
  ["'https://example.com/a'", 'https://example.com/a'],
  ['<https://example.com/a>', 'https://example.com/a'],
  ['`https://example.com/a`', 'https://example.com/a'],
  ['https://example.com/a(备注)', 'https://example.com/a'],
  ['https://example.com/a,https://example.com/b', 'https://example.com/a https://example.com/b'],
  // Parts of an address
  ['https://en.wikipedia.org/wiki/Go_(game)', 'https://en.wikipedia.org/wiki/Go_(game)'],
  ['(https://en.wikipedia.org/wiki/Go_(game))', 'https://en.wikipedia.org/wiki/Go_(game)'],
  ['https://example.com/a[0]={b}', 'https://example.com/a[0]={b}'],
  ["https://example.com/it's", "https://example.com/it's"],
  ['https://example.com/~ann/a.b?c=d&e=f;g#/h?i', 'https://example.com/~ann/a.b?c=d&e=f;g#/h?i'],
  ['https://example.com/%E4%BD%A0%E5%A5%BD', 'https://example.com/%E4%BD%A0%E5%A5%BD'],
  ['https://web.archive.org/web/2020/https://example.com/', 'https://web.archive.org/web/2020/https://example.com/'],
  ['https://example.com/@ann', 'https://example.com/@ann'],
  ['https://example.com/Köln', 'https://example.com/Köln'],
  ['HTTPS://EXAMPLE.COM/A', 'HTTPS://EXAMPLE.COM/A'],
  ['http://[::1]:8080/a', 'http://[::1]:8080/a'],
  ['[http://[2001:db8::1]/a]', 'http://[2001:db8::1]/a'],
  ['http://wiki/a', 'http://wiki/a'],
  ['https://a_b.example.com', 'https://a_b.example.com'],
  // Hosts in other scripts
  ['https://例子.测试/路径', 'https://例子.测试/路径'],
  ['https://例子.测试/路径，然后', 'https://例子.测试/路径'],
  ['https://例子.测试:8080/a 然后', 'https://例子.测试:8080/a'],
  ['https://例子.com然后', 'https://例子.com'],
  ['https://xn--fsqu00a.xn--0zwm56d/a', 'https://xn--fsqu00a.xn--0zwm56d/a'],
  ['https://köln.de/a', 'https://köln.de/a'],
  ['https://пример.рф/путь', 'https://пример.рф/путь'],
  ['https://后面是域名', ''],
  // Without a scheme, and mail
  ['www.example.com，然后', 'www.example.com'],
  ['看www.example.com/a然后', 'www.example.com/a'],
  ['www.', ''],
  ['见example.com，然后', 'example.com'],
  ['example.com/a_(b).', 'example.com/a_(b)'],
  ['发到ann@example.com，谢谢', 'ann@example.com'],
  ['发到ann@example.com吧', 'ann@example.com'],
  ['ann@www.example.com', 'ann@www.example.com'],
  ['mailto:ann@example.com', 'mailto:ann@example.com'],
  // No links
  ['https://user:secret@example.com/', ''],
  ['https://user@example.com/', ''],
  ['https://exam\u200bple.com/', ''],
  ['https://exam\u202eple.com/', ''],
  ['javascript:alert(1)', ''],
  ['ftp://example.com/a', ''],
  ['1.2.3', ''],
])('%s', (text, want) => {
  expect(
    linksOf(text)
      .map(({ start, end }) => text.slice(start, end))
      .join(' '),
  ).toBe(want)
})

it('gives addresses to follow', () => {
  expect(linksOf('www.example.com/a, example.com/b. ann@example.com https://例子.测试/路径').map(({ href }) => href)).toEqual([
    'https://www.example.com/a',
    'https://example.com/b',
    'mailto:ann@example.com',
    'https://例子.测试/路径',
  ])
})
