import { expect, test } from 'vitest'
import { escape, html, trusted } from '../../src/report/html.ts'
import { pageOf } from '../../src/report/page.ts'

test('text is escaped wherever it stands, pieces and lists are not escaped twice', () => {
  const name = `<script>alert("x")</script> & 'y'`
  expect(html`<td title="${name}">${[html`<b>${name}</b>`, 1, false, undefined, null, 'a<b']}</td>`.html).toBe(
    '<td title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;">' +
      '<b>&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;y&#39;</b>1a&lt;b</td>',
  )
  expect(html`${trusted('<i>')}${0}`.html).toBe('<i>0')
  expect(escape('plain')).toBe('plain')
})

test('a page lets a browser load nothing, and run no script but its own', () => {
  const page = pageOf({ title: '</title><script>alert(1)</script>', lead: html`${'<img src=x onerror=alert(1)>'}`, sections: [] })
  expect(page).toContain('<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;</title>')
  expect(page).not.toContain('<img')
  expect(page.match(/<script>/g)).toHaveLength(1)
  expect(page).toMatch(/content="default-src &#39;none&#39;; img-src data:; .*script-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;/)
})
