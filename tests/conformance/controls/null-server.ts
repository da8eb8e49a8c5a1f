// Listens, and knows nothing.
const { port } = Bun.serve({
  port: Number(process.env.PORT),
  hostname: '127.0.0.1',
  fetch: () => new Response('nothing here', { status: 404 }),
})
console.log(`http://127.0.0.1:${port}/mcp`)
