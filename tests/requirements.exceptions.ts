/** Why a rule is cited by no test. */
export interface Exception {
  /** `cannot apply`: nothing here could keep or break it. `not kept`: it could be kept and is not, or not in full. */
  status: 'cannot apply' | 'not kept'
  /** One sentence. */
  reason: string
}

const NO_OLD_TASKS =
  'The experimental tasks of 2025-11-25 are offered by neither side; those of the extension that replaced them are.'

/** Rules that no test can cite, by number. A rule that is cited has no place here. */
export const exceptions: ReadonlyMap<number, Exception> = new Map<number, Exception>([
  ...cannotApply([
    [23, 'No trace context is made here: what an application puts into the metadata travels as it is.'],
    [61, NO_OLD_TASKS],
    [101, 'Every server speaks both eras, so that initialize is never refused for its era.'],
    [139, 'Which argument is sensitive only the author of a tool knows; none is mirrored that he did not annotate.'],
    [144, 'Neither package is an intermediary.'],
    [238, 'The model is the application’s: its handler gets the limit and the hints, in order, as they came.'],
    [243, 'What a field is for only the author of the tool knows; for secrets a page can be asked for instead.'],
    [
      247,
      'The dialog is the application’s: its handler gets the whole question, and accept, decline and cancel are answers.',
    ],
    [249, 'What a URL holds and where it leads is decided by the author of the tool.'],
    [
      251,
      'What a page is used for is decided by the author of the tool; callers are known by their access token alone.',
    ],
    [291, 'Neither package is an authorization proxy.'],
    [293, NO_OLD_TASKS],
    [294, NO_OLD_TASKS],
    [295, NO_OLD_TASKS],
    [312, 'Apps are an extension that is not offered.'],
    [313, 'Apps are an extension that is not offered.'],
    [315, 'Icons are passed on as data and rendered by the application.'],
    [316, 'There is no one-click installation; what starts a server is written by whoever configures it.'],
  ]),
  ...notKept([
    [195, 'Names are unique and case-sensitive, but other characters and longer names are let through.'],
    [
      214,
      'What a tool will embed is not known when capabilities are told, so a server has to declare resources itself, if need be by an empty list.',
    ],
    [
      225,
      'Partial answers are passed on as such, but each question is sent at once and its answer not kept: the application decides when to ask.',
    ],
    [318, 'Roots, sampling, logging and HTTP+SSE work on, but nothing marks them as deprecated.'],
  ]),
])

/** What of a rule is not for these packages to keep, although tests cite it, by number and in one sentence. */
export const remarks: ReadonlyMap<number, string> = new Map([
  [21, 'Keys that an application makes up are not held to it: they travel as they are given.'],
  [104, 'Which extensions a server can do without is for its author to say.'],
  [148, 'The client speaks it to servers that know nothing newer.'],
  [211, 'The session manager trusts the servers it is given unless told otherwise.'],
  [212, 'What an output means, and who may read it, only the author of a tool knows.'],
  [213, 'What is shown and who is asked is the application’s.'],
  [
    219,
    'What a URI may hold beyond its scheme, and what a template makes of a path in one, is its author’s; skills stay in their folders.',
  ],
  [223, 'What a prompt makes of its arguments is its author’s.'],
  [229, 'What a tool writes into the log that clients see is its author’s.'],
  [230, 'Which places may be told, and whether a person agrees, is the application’s.'],
  [232, 'Whether a tool stays within the roots is its author’s.'],
  [239, 'Rounds of input are limited; loops of sampling and tools are the handler’s.'],
  [248, 'How a page is shown and opened is the application’s.'],
  [250, 'Whether the person at the page is the one who was asked is checked by the page.'],
])

type Reasons = readonly (readonly [rule: number, reason: string])[]

function cannotApply(reasons: Reasons): [number, Exception][] {
  return reasons.map(([rule, reason]) => [rule, { status: 'cannot apply', reason }])
}

function notKept(reasons: Reasons): [number, Exception][] {
  return reasons.map(([rule, reason]) => [rule, { status: 'not kept', reason }])
}
