#!/usr/bin/env bun
// The server that the official conformance suite judges. PORT=0 takes any free port; the first line says where it is.
import { createServer } from '@bao-mcp/server'
import { serveHttp } from '@bao-mcp/server/http'
import { tasks } from '@bao-mcp/server/tasks'
import { askingTools } from './fixtures/asking-tools.ts'
import { contentTools } from './fixtures/content-tools.ts'
import { changeTools, noticeTools } from './fixtures/notice-tools.ts'
import { prompts } from './fixtures/prompts.ts'
import { resources, templates } from './fixtures/resources.ts'
import { roundTools } from './fixtures/round-tools.ts'
import { schemaTools } from './fixtures/schema-tools.ts'
import { everySkill } from './fixtures/skills.ts'
import { taskTools } from './fixtures/task-tools.ts'

const server = createServer({
  name: 'everything',
  version: '1.0.0',
  tools: [...contentTools, ...noticeTools, ...askingTools, ...roundTools, ...schemaTools, ...taskTools],
  resources,
  resourceTemplates: templates,
  prompts,
  extensions: [everySkill, tasks()],
})
server.tools.add(...changeTools(server))

const { url } = await serveHttp(server, { port: Number(process.env.PORT ?? 3000), path: '/mcp' })
console.log(url.href)
