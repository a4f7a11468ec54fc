// Runs a migration with Kysely, whose migrator takes an advisory lock. usage: node kysely-migrate.mjs SCHEMA
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { target } from './report.mjs'

const require = createRequire(`${process.cwd()}/`)
const pg = require('pg')
const { Kysely, Migrator, PostgresDialect, sql } = await import(pathToFileURL(require.resolve('kysely')).href)
const schema = process.argv[2]

const db = new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ host: target.host, port: target.port, user: 'postgres', database: 'postgres' }) }) })
const step = (i) => ({
  async up(db) {
    await db.schema.withSchema(schema).createTable(`step${i}`).addColumn('id', 'integer', (c) => c.primaryKey()).execute()
    await sql`select pg_sleep(0.1)`.execute(db)
  },
})
const provider = { getMigrations: async () => Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`${i}_step`, step(i)])) }
const { error } = await new Migrator({ db, provider, migrationTableSchema: schema }).migrateToLatest()
await db.destroy()
if (error) throw error
