// PGlite for the benchmarks. usage: node peer.mjs PACKAGES init|start|serve DATA-DIR
// serve takes a line of JSON for each thing to do, {"how": "queries"|"statements", "sql": …, "times": n}, and prints how many
// milliseconds it took.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'

const [packages, what, data] = process.argv.slice(2)
const { PGlite } = await import(pathToFileURL(join(packages, 'node_modules/@electric-sql/pglite/dist/index.js')).href)
const db = new PGlite(data)
await db.waitReady
if (what === 'start') await db.query('SELECT 1')
if (what === 'serve') {
  for await (const line of createInterface({ input: process.stdin })) {
    const { how, sql, times } = JSON.parse(line)
    const work = how === 'statements' ? sql.split('\n').filter((s) => s) : Array(times).fill(sql)
    const begin = performance.now()
    for (const s of work) await db.exec(s)
    console.log(JSON.stringify(performance.now() - begin))
  }
}
await db.close()
