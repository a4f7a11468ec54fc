// What the clients' programs share: where the server is, and how they report.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const target = {
  socketDir: process.env.COMPAT_SOCKET_DIR,
  host: process.env.COMPAT_HOST,
  port: Number(process.env.COMPAT_PORT),
  ca: readFileSync(process.env.COMPAT_CA, 'utf8'),
  role: process.env.COMPAT_ROLE,
  password: process.env.COMPAT_PASSWORD,
  urlUnix: process.env.COMPAT_URL_UNIX,
  urlTcp: process.env.COMPAT_URL_TCP,
}

export const endless = 'select count(*) from generate_series(1, 1e10::bigint)'

// untilBusy waits until a session runs the endless query. ask runs a query and returns its one value.
export async function untilBusy(ask) {
  while (!(await ask(`select exists (select from pg_stat_activity where state = 'active' and query = '${endless}')`))) {
    await new Promise((done) => setTimeout(done, 10))
  }
}

const print = (...parts) => console.log(parts.join('\t').replaceAll('\n', ' '))

// attempt runs the check of a feature and reports.
export async function attempt(feature, check) {
  try {
    await check()
    print(feature, 'ok', '')
  } catch (error) {
    print(feature, 'fail', error?.message ?? String(error))
  }
}

export const none = (feature, why) => print(feature, 'none', why)
export const version = (v) => print('version', v, '')

// packageVersion returns the version of an installed package; not all packages let it be imported.
export const packageVersion = (name) => JSON.parse(readFileSync(join(process.cwd(), 'node_modules', name, 'package.json'), 'utf8')).version

export function want(got, wanted) {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`got ${JSON.stringify(got)?.slice(0, 200)}, want ${JSON.stringify(wanted)?.slice(0, 200)}`)
}

// refusal returns the SQLSTATE that a promise is rejected with.
export async function refusal(promise) {
  try {
    await promise
  } catch (error) {
    return error.code ?? error.cause?.code ?? error.message
  }
  return 'no error'
}
