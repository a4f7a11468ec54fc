// node-postgres (the package pg).
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createRequire } from 'node:module'
import { attempt, endless, none, packageVersion, refusal, target, untilBusy, version, want } from './report.mjs'

const require = createRequire(`${process.cwd()}/`)
const pg = require('pg')
const copy = require('pg-copy-streams')
version(packageVersion('pg'))

const plain = { host: target.host, port: target.port, user: 'postgres', database: 'postgres' }
const open = async (config) => {
  const client = new pg.Client(config)
  await client.connect()
  return client
}
const ping = async (config) => {
  const client = await open(config)
  want((await client.query('select 1 as one')).rows, [{ one: 1 }])
  await client.end()
}

await attempt('unix', () => ping({ ...plain, host: target.socketDir, port: target.port }))
await attempt('tcp', () => ping(plain))
await attempt('tls', () => ping({ ...plain, ssl: { ca: target.ca } }))
await attempt('scram', () => ping({ ...plain, user: target.role, password: target.password }))
await attempt('url-unix', () => ping({ connectionString: target.urlUnix }))
await attempt('url-tcp', () => ping({ connectionString: target.urlTcp }))

const client = await open(plain)
await attempt('simple', async () => want((await client.query('select 42 as n')).rows, [{ n: 42 }]))
await attempt('extended', async () => want((await client.query('select $1::int + $2::int as n', [40, 2])).rows, [{ n: 42 }]))
await attempt('prepared', async () => {
  for (let i = 0; i < 100; i++) want((await client.query({ name: 'double', text: 'select $1::int * 2 as n', values: [i] })).rows, [{ n: 2 * i }])
})
// The client sends the next query before the answer to the one before has come.
const ahead = await open({ ...plain, pipelineMode: true })
await attempt('pipeline', async () => {
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => ahead.query('select $1::int as n', [i])))
  want(answers.map((a) => a.rows[0].n), Array.from({ length: 200 }, (_, i) => i))
})
await attempt('pipeline-error', async () => {
  const [a, b, c] = await Promise.all([ahead.query('select 1 as n'), refusal(ahead.query('select 1/0 as n')), ahead.query('select 3 as n')])
  want([a.rows[0].n, b, c.rows[0].n], [1, '22012', 3])
  await ahead.end()
})
none('binary', 'node-postgres decodes binary values as UTF-8 and so spoils them')
await attempt('copy-in', async () => {
  await client.query('create temp table copied(a int, b text)')
  const rows = function* () {
    for (let i = 0; i < 100_000; i++) yield `${i}\ttext\n`
  }
  await pipeline(Readable.from(rows()), client.query(copy.from('copy copied from stdin')))
  want((await client.query('select count(*)::int as n from copied')).rows, [{ n: 100_000 }])
})
await attempt('copy-out', async () => {
  let lines = 0
  for await (const chunk of client.query(copy.to("copy (select g, repeat('x', 100) from generate_series(1, 100000) g) to stdout"))) {
    for (const byte of chunk) if (byte === 10) lines++
  }
  want(lines, 100_000)
})
await attempt('cancel', async () => {
  const busy = await open(plain)
  const query = new pg.Query(endless)
  const ended = refusal(new Promise((done, failed) => { query.on('end', done); query.on('error', failed) }))
  busy.query(query)
  await untilBusy(async (sql) => (await client.query({ text: sql, rowMode: 'array' })).rows[0][0])
  new pg.Client(plain).cancel(busy, query)
  want(await ended, '57014')
  await busy.end()
})
await attempt('notify', async () => {
  const heard = new Promise((done) => client.on('notification', (n) => done(n.payload)))
  await client.query('listen news')
  const other = await open(plain)
  await other.query("notify news, 'hello'")
  want(await heard, 'hello')
  await other.end()
})
await attempt('large', async () => {
  const big = '0123456789'.repeat(2_000_000)
  want((await client.query('select $1::text as t', [big])).rows[0].t === big, true)
})
await client.end()
