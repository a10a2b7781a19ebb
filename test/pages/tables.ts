/** The cells of the rows of the table whose caption begins so, without markup. */
export function rowsOf(html: string, caption: string): string[][] {
  const [, body] = new RegExp(`<caption>${caption}[^<]*</caption>.*?<tbody>(.*?)</tbody>`, 's').exec(html) ?? []
  if (body === undefined) throw new Error(`no table "${caption}"`)
  const cells = (row: string): string[] =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, text]) => text!.replace(/<[^>]*>/g, ' ').trim())
  return [...body.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row]) => cells(row!))
}
