// Listens, and dies of the first request.
const { port } = Bun.serve({ port: Number(process.env.PORT), hostname: '127.0.0.1', fetch: () => process.exit(3) })
console.log(`http://127.0.0.1:${port}/mcp`)
