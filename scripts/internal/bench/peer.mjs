// Runs the same work in PGlite and prints {"name": [milliseconds, …]} as JSON.
// usage: node peer.mjs PACKAGE-DIR DATA-DIR ROUNDS SUITE-FILE
import { readFileSync, rmSync, mkdtempSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { tmpdir } from 'node:os'

const [packages, data, rounds, suite] = process.argv.slice(2)
const { PGlite } = await import(pathToFileURL(join(packages, 'node_modules/@electric-sql/pglite/dist/index.js')).href)
const times = {}
const timed = async (name, work) => {
  const begin = performance.now()
  const result = await work()
  ;(times[name] ??= []).push(performance.now() - begin)
  return result
}

const open = async (dir) => { const db = new PGlite(dir); await db.waitReady; return db }

const only = process.env.BENCH_ONLY
if (only === 'init') {
  const db = await open(data); await db.close()
} else if (only === 'warm') {
  const db = await open(data); await db.query('SELECT 1'); await db.close()
} else {
  const dir = mkdtempSync(join(tmpdir(), 'bench-peer-'))
  const db = await open(join(dir, 'db'))
  for (let r = 0; r < Number(rounds); r++) {
    const n = 2000
    await timed('select1', async () => { for (let i = 0; i < n; i++) await db.exec('SELECT 1') })
    times.select1[r] /= n
    for (const { name, sql } of JSON.parse(readFileSync(suite, 'utf8'))) await timed(name, () => db.exec(sql))
  }
  await db.close()
  rmSync(dir, { recursive: true })
}
console.log(JSON.stringify(times))
