const HEADER = /-H '([^':]+): ([^']*)'/g

/** The request that a curl command of a page sends: curl itself is not on every machine. */
export function requestOf(command: string): Request {
  const headers = new Headers([...command.matchAll(HEADER)].map(([, name = '', value = '']) => [name, value]))
  const place = /\s((?:http:\/\/)?localhost[:/]\S*|http:\S+)/.exec(command)?.[1] ?? ''
  const url = place.startsWith('http:') ? place : `http://${place}`
  const body = /-d '([^']*)'/.exec(command)?.[1]
  return new Request(url, body === undefined ? { headers } : { method: 'POST', headers, body })
}
