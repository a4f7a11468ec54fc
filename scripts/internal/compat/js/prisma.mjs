// Prisma's client over node-postgres: its queries and transactions. Prisma Migrate is left out: its engine does not come from the registry.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { writeFileSync } from 'node:fs'
import { attempt, none, packageVersion, target, version, want } from './report.mjs'

// The client is made from a schema. That wants no engine, but would fetch one unless it is told of another program.
writeFileSync('schema.prisma', `generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
}
model Person {
  id   Int     @id @default(autoincrement())
  name String
  age  Int?    @unique
  pets Pet[]
  @@map("prisma_people")
}
model Pet {
  id      Int    @id @default(autoincrement())
  name    String
  owner   Person @relation(fields: [ownerId], references: [id])
  ownerId Int
  @@map("prisma_pets")
}
`)
writeFileSync('prisma.config.js', "module.exports = { schema: 'schema.prisma' }\n")
execFileSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], {
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
})

const require = createRequire(`${process.cwd()}/`)
const { PrismaClient } = require('@prisma/client')
const { PrismaPg } = require('@prisma/adapter-pg')
version(packageVersion('@prisma/client'))

const plain = { host: target.host, port: target.port, user: 'postgres', database: 'postgres', max: 4 }
const with_ = async (config, work) => {
  const prisma = new PrismaClient({ adapter: new PrismaPg(config) })
  try {
    return await work(prisma)
  } finally {
    await prisma.$disconnect()
  }
}
const ping = (config) => with_(config, async (prisma) => want(await prisma.$queryRaw`select 1 as one`, [{ one: 1 }]))

await attempt('unix', () => ping({ ...plain, host: target.socketDir, port: target.port }))
await attempt('tcp', () => ping(plain))
await attempt('tls', () => ping({ ...plain, ssl: { ca: target.ca } }))
await attempt('scram', () => ping({ ...plain, user: target.role, password: target.password }))
await attempt('url-unix', () => ping({ connectionString: target.urlUnix }))
await attempt('url-tcp', () => ping({ connectionString: target.urlTcp }))

await with_(plain, async (prisma) => {
  await attempt('simple', async () => {
    await prisma.$executeRawUnsafe('CREATE TABLE prisma_people (id serial PRIMARY KEY, name text NOT NULL, age integer UNIQUE)')
    await prisma.$executeRawUnsafe('CREATE TABLE prisma_pets (id serial PRIMARY KEY, name text NOT NULL, "ownerId" integer NOT NULL REFERENCES prisma_people)')
  })
  await attempt('extended', async () => {
    await prisma.person.createMany({ data: Array.from({ length: 1000 }, (_, i) => ({ name: `name ${i}`, age: i })) })
    await prisma.person.create({ data: { name: 'keeper', pets: { create: [{ name: 'cat' }, { name: 'dog' }] } } })
    want((await prisma.person.findUnique({ where: { age: 7 } })).name, 'name 7')
    want((await prisma.person.findFirst({ where: { name: 'keeper' }, include: { pets: { orderBy: { name: 'asc' } } } })).pets.map((p) => p.name), ['cat', 'dog'])
    want(await code(prisma.person.create({ data: { name: 'again', age: 7 } })), 'P2002') // unique_violation
    want(await code(prisma.$transaction(async (tx) => { await tx.pet.deleteMany(); await tx.person.create({ data: { name: 'again', age: 7 } }) })), 'P2002')
    want(await prisma.pet.count(), 2)
  })
  await attempt('large', async () => {
    const big = '0123456789'.repeat(1_000_000)
    const { id } = await prisma.person.create({ data: { name: big } })
    want((await prisma.person.findUnique({ where: { id } })).name === big, true)
  })
})
for (const feature of ['prepared', 'pipeline', 'pipeline-error', 'binary', 'copy-in', 'copy-out', 'cancel', 'notify']) none(feature, 'left to the driver below')

// code returns Prisma's name of the error that a promise is rejected with.
async function code(promise) {
  try {
    await promise
  } catch (error) {
    return error.code ?? error.message
  }
  return 'no error'
}
