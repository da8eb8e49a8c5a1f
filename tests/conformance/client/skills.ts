import type { Client } from '@bao-mcp/client'
import { listSkills, readSkill, type SkillEntry } from '@bao-mcp/client/skills'
import type { Situation } from './situation.ts'
import { type Scenario, talk } from './talk.ts'

/** Looks at what skills there are, and leaves it at that. */
export const lookAround: Scenario = async (situation) => {
  await using client = await open(situation)
  await findSkill(client)
}

/** Reads a skill, and then a file that the skill refers to. */
export const useSkill: Scenario = async (situation) => {
  await using client = await open(situation)
  const skill = await readSkill(client, await findSkill(client))
  await skill.read('references/FORMS.md')
}

/** These servers speak more than the version that the referee says. */
function open(situation: Situation): Promise<Client> {
  return talk(situation, { pin: situation.version })
}

async function findSkill(client: Client): Promise<SkillEntry> {
  const entry = (await listSkills(client)).find(({ frontmatter }) => frontmatter.name === 'pdf-processing')
  if (entry === undefined) throw new Error('the skill pdf-processing is not listed')
  return entry
}
