import type { Story } from './story.ts'

/** The project OPS, which not every account sees. */
export const OPS_STORIES: readonly Story[] = [
  {
    type: 'Epic',
    summary: 'Nobody is woken for what a machine can mend',
    status: 'In Progress',
    assignee: 'on-call',
    labels: ['on-call'],
  },
  {
    type: 'Bug',
    summary: 'Nightly backup took nine hours',
    status: 'In Review',
    priority: 'High',
    assignee: 'on-call',
    reporter: 'build-bot',
    labels: ['backup'],
    description: ['| *Night* | *Hours*', '| Monday | 2', '| Tuesday | 9', 'The copy ran over the busy link.'],
    comments: [['build-bot', 'Backup 2,210 finished after 9 h 04 min.']],
  },
  {
    type: 'Task',
    summary: 'Renew the certificate of the mail gateway',
    priority: 'Highest',
    assignee: 'on-call',
    labels: ['security'],
  },
  {
    type: 'Task',
    summary: 'Restart the queue worker by itself',
    status: 'In Progress',
    assignee: 'developer',
    labels: ['on-call', 'queue'],
    parent: 1,
    hours: 3,
  },
  {
    type: 'Bug',
    summary: 'Disk of the build machine is full every Friday',
    status: 'Done',
    assignee: 'build-bot',
    reporter: 'on-call',
    labels: ['build'],
    comments: [['build-bot', 'Removed 120 GB of old artefacts.']],
  },
  { type: 'Task', summary: 'Try a restore from backup', assignee: 'on-call', labels: ['backup'], blocks: 2 },
  { type: 'Story', summary: 'One page that shows what runs where', priority: 'Low', labels: ['docs'], points: 3 },
  { type: 'Bug', summary: 'Clock of one worker is 40 seconds late', reporter: 'on-call' },
]
