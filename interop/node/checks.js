// Runs checks one by one and says of each, on a line of its own, how it went: ok, FAIL or skip.
const TIMEOUT_MS = 30_000

export class Checks {
  #who
  #failed = false

  constructor (who) {
    this.#who = who
  }

  async check (what, run) {
    let timer
    const late = new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not done within ${TIMEOUT_MS} ms`)), TIMEOUT_MS)
    })
    try {
      await Promise.race([run(), late])
      console.log(`ok ${this.#who}: ${what}`)
    } catch (error) {
      this.#failed = true
      console.log(`FAIL ${this.#who}: ${what}: ${String(error?.message ?? error).replaceAll('\n', ' ')}`)
      console.error(error)
    } finally {
      clearTimeout(timer)
    }
  }

  skip (what, why) {
    console.log(`skip ${this.#who}: ${what}: ${why}`)
  }

  exit () {
    process.exit(this.#failed ? 1 : 0)
  }
}

export function equal (expected, actual, of) {
  if (expected !== actual) {
    throw new Error(`${of}: expected ${expected}, was ${actual}`)
  }
}

export function value (codec, number) {
  return `${codec}-${number}-${'abcdefgh'.repeat(20)}`
}
