/** What every HTTP contestant runs: the same `Bun.serve` around a `fetch` of its own. */

/**
 * Serves on a free port of the loopback interface and prints `port <number>`. Every line on stdin collects all garbage and is
 * answered with the line `collected`; the end of stdin ends the process.
 */
export async function serveForMeasuring(fetch: (request: Request) => Response | Promise<Response>): Promise<never> {
  const server = Bun.serve({ hostname: '127.0.0.1', port: 0, idleTimeout: 0, fetch })
  process.stdout.write(`port ${server.port}\n`)
  for await (const _line of console) {
    Bun.gc(true)
    process.stdout.write('collected\n')
  }
  process.exit(0)
}
