/** Stands in for a person's browser: opens the login, which lets everybody in, and says where it was sent back to. */
export async function followRedirect(url: URL, { signal }: { signal?: AbortSignal | undefined }): Promise<URL> {
  const response = await fetch(url, { redirect: 'manual', ...(signal !== undefined && { signal }) })
  await response.body?.cancel()
  const location = response.headers.get('location')
  if (location === null) throw new Error(`the login answered ${response.status} and sent nobody back`)
  return new URL(location, url)
}
