// Writes a PGlite's data directory with its own dumpDataDir, as dump.tar and dump.tar.gz.
// usage: node dump-data-dir.mjs MODULE DIRECTORY SQL
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [module, directory, sql] = process.argv.slice(2)
const { PGlite } = await import(pathToFileURL(module).href)
const db = new PGlite()
await db.exec(sql)
for (const [compression, name] of [['none', 'dump.tar'], ['gzip', 'dump.tar.gz']]) {
  const dump = await db.dumpDataDir(compression)
  writeFileSync(join(directory, name), Buffer.from(await dump.arrayBuffer()))
}
await db.close()
