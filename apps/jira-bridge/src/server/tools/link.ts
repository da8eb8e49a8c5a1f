import type { CallContext } from '@bao-mcp/server'
import { JiraApiError } from '../../jira/errors.ts'
import type { JiraPort } from '../../jira/port.ts'
import { pageOf } from '../../jira/read.ts'

/** The page of an issue for people, as a member of a result; nothing where Jira does not say its own address. */
export type Link = (key: string) => { url?: string }

/** To be awaited before a write: what fails after it would be taken for a refusal, and the write be repeated. */
export async function linkBeforeWrite(jira: JiraPort, call: CallContext): Promise<Link> {
  try {
    const site = await jira.site(call)
    return (key) => ({ url: pageOf(site, key) })
  } catch (error) {
    if (!(error instanceof JiraApiError)) throw error
    // some tokens may write and not ask for the address, and an address is not worth a write
    return () => ({})
  }
}
