/** Roles that have an account; none of them is a person. */
export const ROLES = {
  'product-owner': role('product-owner', 'Product owner', '5b10a0effa615349cb016001'),
  developer: role('developer', 'Developer', '5b10a0effa615349cb016002'),
  reviewer: role('reviewer', 'Reviewer', '5b10a0effa615349cb016003'),
  tester: role('tester', 'Tester', '5b10a0effa615349cb016004'),
  'support-agent': role('support-agent', 'Support agent', '5b10a0effa615349cb016005', { projectKeys: ['DEMO'] }),
  'support-lead': role('support-lead', 'Support lead', '5b10a0effa615349cb016006'),
  'on-call': role('on-call', 'On-call engineer', '5b10a0effa615349cb016007'),
  'build-bot': role('build-bot', 'Build bot', '557058:build-bot', { type: 'app' }),
  viewer: role('viewer', 'Viewer', '5b10a0effa615349cb016008', { canWrite: false }),
  'former-member': role('former-member', 'Former member', '5b10a0effa615349cb016009', { isActive: false }),
} as const

export type RoleName = keyof typeof ROLES

export interface SeedAccount {
  accountId: string
  name: string
  displayName: string
  email: string
  apiToken: string
  personalToken: string
  type: 'atlassian' | 'app'
  isActive: boolean
  canWrite: boolean
  projectKeys: readonly string[] | undefined
}

function role(
  name: string,
  displayName: string,
  accountId: string,
  {
    type = 'atlassian',
    isActive = true,
    canWrite = true,
    projectKeys,
  }: Partial<Pick<SeedAccount, 'type' | 'isActive' | 'canWrite'>> & { projectKeys?: readonly string[] } = {},
): SeedAccount {
  return {
    accountId,
    name,
    displayName,
    email: `${name}@example.com`,
    apiToken: `fake-api-token-of-${name}`,
    personalToken: `fake-personal-token-of-${name}`,
    type,
    isActive,
    canWrite,
    projectKeys,
  }
}
