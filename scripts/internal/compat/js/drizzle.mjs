// Drizzle ORM over node-postgres: its queries, transactions and migrations.
import { createRequire } from 'node:module'
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attempt, none, packageVersion, refusal, target, version, want } from './report.mjs'

const require = createRequire(`${process.cwd()}/`)
const pg = require('pg')
const { drizzle } = require('drizzle-orm/node-postgres')
const { migrate } = require('drizzle-orm/node-postgres/migrator')
const { eq, sql } = require('drizzle-orm')
const { pgTable, serial, text, integer } = require('drizzle-orm/pg-core')
version(packageVersion('drizzle-orm'))

const plain = { host: target.host, port: target.port, user: 'postgres', database: 'postgres', max: 4 }
const with_ = async (config, work) => {
  const pool = new pg.Pool(config)
  try {
    return await work(drizzle(pool), pool)
  } finally {
    await pool.end()
  }
}
const ping = (config) => with_(config, async (db) => want((await db.execute(sql`select 1 as one`)).rows, [{ one: 1 }]))

await attempt('unix', () => ping({ ...plain, host: target.socketDir, port: target.port }))
await attempt('tcp', () => ping(plain))
await attempt('tls', () => ping({ ...plain, ssl: { ca: target.ca } }))
await attempt('scram', () => ping({ ...plain, user: target.role, password: target.password }))
await attempt('url-unix', () => ping({ connectionString: target.urlUnix }))
await attempt('url-tcp', () => ping({ connectionString: target.urlTcp }))

const people = pgTable('drizzle_people', { id: serial('id').primaryKey(), name: text('name').notNull(), age: integer('age') })

// The migration runs before the rest, and again, which changes nothing.
async function migrated(db) {
  const dir = mkdtempSync(join(tmpdir(), 'compat-drizzle-'))
  mkdirSync(join(dir, 'meta'))
  writeFileSync(join(dir, 'meta/_journal.json'), JSON.stringify({ version: '7', dialect: 'postgresql', entries: [{ idx: 0, version: '7', when: 1700000000000, tag: '0000_people', breakpoints: true }] }))
  writeFileSync(join(dir, '0000_people.sql'), 'CREATE TABLE drizzle_people (id serial PRIMARY KEY, name text NOT NULL, age integer);\n--> statement-breakpoint\nCREATE INDEX ON drizzle_people (name);')
  await migrate(db, { migrationsFolder: dir })
  await migrate(db, { migrationsFolder: dir })
  rmSync(dir, { recursive: true })
}

await with_(plain, async (db) => {
  await attempt('simple', () => migrated(db))
  await attempt('extended', async () => {
    await db.insert(people).values(Array.from({ length: 1000 }, (_, i) => ({ name: `name ${i}`, age: i })))
    want((await db.select().from(people).where(eq(people.age, 7)))[0].name, 'name 7')
    want(await refusal(db.transaction(async (tx) => { await tx.delete(people); await tx.execute(sql`select 1/0`) })), '22012')
    want((await db.select({ n: sql`count(*)::int` }).from(people))[0].n, 1000)
  })
  await attempt('prepared', async () => {
    const byAge = db.select().from(people).where(eq(people.age, sql.placeholder('age'))).prepare('by_age')
    for (let i = 0; i < 100; i++) want((await byAge.execute({ age: i }))[0].age, i)
  })
  await attempt('large', async () => {
    const big = '0123456789'.repeat(1_000_000)
    const [row] = await db.insert(people).values({ name: big.slice(0, 2000) + big, age: -1 }).returning().catch(() => [])
    want(row, undefined) // the index refuses a key of that size
    want((await db.execute(sql`select ${big}::text as t`)).rows[0].t === big, true)
  })
})
for (const feature of ['pipeline', 'pipeline-error', 'binary', 'copy-in', 'copy-out', 'cancel', 'notify']) none(feature, 'left to the driver below')
