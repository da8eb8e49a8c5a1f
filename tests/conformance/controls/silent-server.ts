// Ends before it listens.
console.error('no port for me')
process.exitCode = 4
