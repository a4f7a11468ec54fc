// postgres.js (the package postgres), which pipelines on its own.
import { createRequire } from 'node:module'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { attempt, endless, none, packageVersion, refusal, target, untilBusy, version, want } from './report.mjs'

const require = createRequire(`${process.cwd()}/`)
const postgres = require('postgres')
version(packageVersion('postgres'))

const plain = { host: target.host, port: target.port, user: 'postgres', database: 'postgres', onnotice: () => {} }
const ping = async (...config) => {
  const sql = postgres(...config)
  want([...(await sql`select 1 as one`)], [{ one: 1 }])
  await sql.end()
}

await attempt('unix', () => ping({ ...plain, host: undefined, path: `${target.socketDir}/.s.PGSQL.${target.port}` }))
await attempt('tcp', () => ping(plain))
await attempt('tls', () => ping({ ...plain, ssl: { ca: target.ca } }))
await attempt('scram', () => ping({ ...plain, user: target.role, password: target.password }))
none('url-unix', 'postgres.js takes no socket directory from a URI, in whatever form: use --tcp')
await attempt('url-tcp', () => ping(target.urlTcp))

const sql = postgres({ ...plain, max: 1 })
await attempt('simple', async () => want([...(await sql`select 42 as n`.simple())], [{ n: 42 }]))
await attempt('extended', async () => want([...(await sql.unsafe('select $1::int + $2::int as n', [40, 2]))], [{ n: 42 }]))
await attempt('prepared', async () => {
  for (let i = 0; i < 100; i++) want([...(await sql`select ${i}::int * 2 as n`)], [{ n: 2 * i }])
})
await attempt('pipeline', async () => {
  const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => sql`select ${i}::int as n`))
  want(answers.map((a) => a[0].n), Array.from({ length: 500 }, (_, i) => i))
})
await attempt('pipeline-error', async () => {
  const [a, b, c] = await Promise.all([sql`select 1 as n`, refusal(sql`select 1/0 as n`), sql`select 3 as n`])
  want([a[0].n, b, c[0].n], [1, '22012', 3])
})
none('binary', 'postgres.js uses the text format')
await attempt('copy-in', async () => {
  await sql`create temp table copied(a int, b text)`
  const rows = function* () {
    for (let i = 0; i < 100_000; i++) yield `${i}\ttext\n`
  }
  await pipeline(Readable.from(rows()), await sql`copy copied from stdin`.writable())
  want([...(await sql`select count(*)::int as n from copied`)], [{ n: 100_000 }])
})
// On a connection of its own: after a COPY out, postgres.js loses the next error of its connection, whatever the server.
await attempt('copy-out', async () => {
  const busy = postgres({ ...plain, max: 1 })
  let lines = 0
  for await (const chunk of await busy`copy (select g, repeat('x', 100) from generate_series(1, 100000) g) to stdout`.readable()) {
    for (const byte of chunk) if (byte === 10) lines++
  }
  want(lines, 100_000)
  await busy.end()
})
await attempt('cancel', async () => {
  const query = sql.unsafe(endless)
  const ended = refusal(query)
  const other = postgres({ ...plain, max: 1 })
  await untilBusy(async (text) => (await other.unsafe(text).values())[0][0])
  await other.end()
  query.cancel()
  want(await ended, '57014')
})
await attempt('notify', async () => {
  const other = postgres(plain)
  let heard
  const news = new Promise((done) => { heard = done })
  await other.listen('news', heard)
  await sql.notify('news', 'hello')
  want(await news, 'hello')
  await other.end()
})
await attempt('large', async () => {
  const big = '0123456789'.repeat(2_000_000)
  want((await sql`select ${big}::text as t`)[0].t === big, true)
})
await sql.end()
