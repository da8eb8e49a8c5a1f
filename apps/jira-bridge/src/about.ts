/** What the bridge and the backend tell of themselves. A release sets the version. */
export const ABOUT: { readonly name: string; readonly version: string } = { name: 'jira-bridge', version: '0.1.0' }
