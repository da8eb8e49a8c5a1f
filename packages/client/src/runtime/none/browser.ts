/** There is no program here that could open one; a page opens windows itself, through a redirect of its own. */
export async function openInBrowser(_url: URL): Promise<boolean> {
  return false
}

export function printForPerson(text: string): void {
  console.error(text)
}
