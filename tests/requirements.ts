import { recommendations } from './recommendations.ts'
import { type Exception, exceptions, remarks } from './requirements.exceptions.ts'

/** Who has to keep a requirement: client, server, both, the host application around a client, an HTTP intermediary. */
export type Role = 'C' | 'S' | 'B' | 'H' | 'I'

export type Row = readonly [rule: number, revisions: string, role: Role, text: string]

export interface Requirement {
  rule: number
  /**
   * The revisions that ask for it, by month and day of the year at hand (`1125` is 2025-11-25, `26` is 2026-07-28, `24`
   * is 2024-11-05), `+` for "and later", `L` for all with a handshake, `26x` for the tasks extension, `ui` for apps.
   */
  revisions: string
  role: Role
  level: 'MUST' | 'SHOULD'
  text: string
  /** `implemented` requirements are cited by a test, all others by none; `later` says that nobody has said why. */
  status: RequirementStatus
  /** Why no test cites it, or what of it is for others to keep; empty where there is nothing to say. */
  reason: string
}

export type RequirementStatus = 'implemented' | 'later' | Exception['status']

/** As in `MCP-024`; a test cites it in brackets. */
export type RequirementId = `MCP-${string}`

/** Every rule of the specification with an absolute obligation, in our words. */
const obligations: readonly Row[] = [
  // Messages, ids, errors
  [1, 'all', 'B', 'Messages are JSON-RPC 2.0 in UTF-8'],
  [2, 'all', 'B', 'A request id is a string or an integer, never null'],
  [3, 'L', 'B', 'A request id is used once per session'],
  [4, '26', 'C', 'A new request never has the id of one that is outstanding'],
  [5, 'all', 'B', 'A response carries the id of its request'],
  [6, 'all', 'B', 'A response has either a result or an error, and an error code is an integer'],
  [7, 'all', 'B', 'A notification has no id and gets no answer'],
  [8, '0326', 'B', 'Batches are accepted'],
  [9, '0326', 'C', 'initialize is never part of a batch'],
  [10, '0618+', 'B', 'Messages are sent one by one, never in a batch'],
  [11, '26', 'S', 'Every result says its resultType'],
  [12, '26', 'C', 'A result without resultType is complete'],
  [13, '26', 'C', 'A result of a resultType that nobody announced is invalid'],
  [14, '26', 'B', 'No undefined code between -32020 and -32099 is sent'],
  [15, '26', 'B', '-32020, -32021 and -32022 are sent in their own meanings only'],
  [16, '26', 'B', '-32002 and -32042 are not sent'],
  [17, '26', 'B', 'Received codes of -32000 to -32019 mean nothing in particular, except -32002'],
  [19, '26', 'S', 'A server sends no requests'],
  [20, '26', 'C', 'A client sends no responses'],
  [21, '0618+', 'B', 'Keys of _meta follow the prefix and name grammar; reserved ones are not interpreted by guess'],
  [23, '26', 'B', 'Trace context values follow the W3C formats'],
  // stdio
  [24, 'all', 'B', 'On a pipe each message is one line and holds no line break'],
  [25, 'all', 'S', 'Standard output of a server carries messages only'],
  [26, 'all', 'C', 'Standard input of a server gets messages only'],
  [33, '26', 'C', 'Subscriptions are opened again after the channel is'],
  [34, '26', 'C', 'On a pipe a request is cancelled by notifications/cancelled'],
  [36, '26', 'S', 'Nothing more is sent for a cancelled request'],
  [37, '26', 'C', 'On a pipe subscription notices are told apart by subscriptionId'],
  [39, '26', 'C', 'Falling back to the handshake depends on no single error code; silence also means a handshake'],
  [41, '26', 'C', 'After an error that only the modern era knows there is no fallback to initialize'],
  [44, '26', 'B', 'Custom transports keep the message format, the exchange patterns and the metadata of each request'],
  [45, 'L', 'B', 'Custom transports keep the message format and the lifecycle'],
  // Legacy lifecycle
  [46, 'L', 'C', 'A conversation begins with initialize, naming a version that the client speaks'],
  [47, 'L', 'S', 'initialize is answered with the version asked for, or with another that the server speaks'],
  [49, 'L', 'C', 'notifications/initialized follows a successful initialize'],
  [52, 'L', 'B', 'Negotiated version and capabilities are respected'],
  [55, 'L', 'B', 'ping is answered at once with an empty result'],
  [56, 'L', 'C', 'initialize is not cancelled'],
  [57, 'all', 'B', 'Only own requests that are in flight are cancelled'],
  [59, 'all', 'B', 'A cancellation and an answer may cross'],
  [61, '1125', 'B', 'A task-augmented request is cancelled by tasks/cancel'],
  [62, 'all', 'B', 'A progress token is a string or an integer and unique among active requests'],
  [63, 'all', 'B', 'Progress grows with every notice'],
  [64, 'all', 'B', 'Progress is sent for active tokens only and ends with the request'],
  // Legacy Streamable HTTP
  [65, '0326-1125', 'S', 'One endpoint takes POST and GET'],
  [66, '0326-1125', 'C', 'Every message is a POST that accepts JSON and event streams'],
  [67, '0326-1125', 'S', 'Accepted notifications and responses get 202 without a body, refused ones an HTTP error'],
  [68, '0326-1125', 'S', 'A request is answered by JSON or by an event stream, and clients take both'],
  [71, '0326-1125', 'C', 'GET accepts an event stream; the server opens one or answers 405'],
  [72, '0326-1125', 'S', 'The GET stream carries no responses, except when it resumes another'],
  [73, '0326-1125', 'S', 'A message goes out on one stream only'],
  [74, '0326-1125', 'S', 'Event ids are unique in a session, and a replay holds events of its own stream only'],
  [78, '1125', 'C', 'The retry time of a stream is honoured'],
  [79, '0326-1125', 'S', 'A session id is visible ASCII'],
  [80, '0326-1125', 'C', 'A session id is sent on all later requests and kept safe'],
  [82, '0326-1125', 'S', 'Requests of an ended session get 404'],
  [83, '0326-1125', 'C', '404 for a session leads to a new initialize without a session id'],
  [85, '0618-1125', 'C', 'Requests after initialize carry MCP-Protocol-Version'],
  [86, '0618-1125', 'S', 'An invalid or unsupported version header gets 400'],
  [87, '1125', 'S', 'A session proves no identity, and its id is secure and random'],
  [88, '24', 'S', 'HTTP+SSE has two endpoints; the stream begins by naming the other, and clients post there'],
  // Modern metadata and discovery
  [89, '26', 'C', 'Every request carries version and client capabilities in _meta'],
  [91, '26', 'S', 'Missing required metadata gets -32602, over HTTP with 400'],
  [93, '26', 'S', 'A request is answered without knowledge from earlier requests, its connection or its process'],
  [94, '26', 'S', 'Only capabilities that this request declares are used'],
  [95, '26', 'S', 'A needed capability that is not declared gets -32021 naming it, over HTTP with 400'],
  [98, '26', 'S', 'server/discover is answered'],
  [99, '26', 'S', 'An unsupported version gets -32022 with supported and requested, over HTTP with 400'],
  [102, '26', 'S', 'State that outlives a request is named by an identifier that the client passes'],
  [104, '26', 'B', 'An extension that only one side knows falls back to the core or is refused with an error'],
  [105, '26', 'B', 'Extension identifiers follow the key grammar of _meta and have a prefix'],
  // Modern HTTP
  [107, '26', 'S', 'One endpoint takes POST'],
  [108, 'all', 'S', 'Origin is validated on every connection'],
  [109, '1125+', 'S', 'An invalid Origin gets 403'],
  [111, '26', 'C', 'Each message is a POST of its own, holding one request or notification'],
  [112, '26', 'C', 'Every POST accepts JSON and event streams'],
  [113, '26', 'S', 'An accepted notification gets 202 without a body, a refused one an HTTP error'],
  [114, '26', 'S', 'A request is answered by JSON or by an event stream'],
  [115, '26', 'C', 'Answers are read from JSON and from event streams'],
  [116, '26', 'S', 'Notices on the stream of an answer belong to its request'],
  [118, '26', 'C', 'Comment lines of an event stream are ignored'],
  [119, '26', 'S', 'A client that disconnects cancels its request'],
  [120, '26', 'C', 'A lost request is sent again under a new id'],
  [121, '26', 'C', 'Every POST carries MCP-Protocol-Version, equal to the metadata'],
  [122, '26', 'C', 'Every request carries Mcp-Method'],
  [123, '26', 'C', 'tools/call, resources/read and prompts/get carry Mcp-Name'],
  [124, '26', 'C', 'Unsafe values of Mcp-Name and Mcp-Param headers are wrapped in the Base64 sentinel'],
  [125, '26', 'C', 'Plain values that look like the sentinel are wrapped as well'],
  [126, '26', 'S', 'A missing standard header gets 400 and -32020'],
  [127, '26', 'S', 'A header that differs from the body gets 400 and -32020'],
  [128, '26', 'S', 'An unsupported version gets 400 and -32022'],
  [129, '26', 'S', 'Wrapped values are unwrapped before they are compared; the marker is case-sensitive'],
  [130, '26', 'B', 'Header names ignore case, header values do not'],
  [131, '26', 'S', 'An unknown method gets 404 and -32601'],
  [134, '26', 'C', 'Arguments annotated with x-mcp-header are mirrored in headers'],
  [135, '26', 'C', 'A null or absent argument has no header'],
  [136, '26', 'C', 'A tool with an unusable x-mcp-header is dropped, and no other tool with it'],
  [138, '26', 'S', 'Own x-mcp-header annotations are usable'],
  [140, '26', 'S', 'Mcp-Param headers with invalid characters or Base64 that cannot be decoded are refused'],
  [142, '26', 'S', 'A missing header for a given argument is refused; none is expected for null or absent ones'],
  [144, '26', 'I', 'Intermediaries forward unknown Mcp-Param headers and refuse with an HTTP error status'],
  // Caching and lists
  [149, '26', 'S', 'Complete results of the six cacheable methods carry ttlMs and cacheScope'],
  [150, '26', 'S', 'ttlMs is not negative'],
  [152, '26', 'C', 'A cached result answers the same method and params only'],
  [153, '26', 'C', 'Results of requests with inputResponses or requestState are not cached'],
  [154, '26', 'C', 'Private entries stay within one authorization'],
  [155, '26', 'C', 'Polling has jitter and backoff'],
  [159, '26', 'S', 'All pages of a list have one cacheScope'],
  [160, '26', 'S', 'cacheScope is no access control'],
  [161, '26', 'S', 'Lists do not vary by connection or by what was asked before'],
  [163, 'all', 'C', 'A cursor is opaque and a page has any size'],
  [164, '26', 'C', 'An empty cursor is not the end of a list'],
  [165, 'L', 'C', 'Cursors do not outlive their session'],
  // Subscriptions
  [167, '26', 'S', 'Only requested kinds of notices are sent'],
  [168, '26', 'S', 'A subscription begins with its acknowledgement'],
  [169, '26', 'S', 'The acknowledgement carries subscriptionId and what is honoured, no more'],
  [170, '26', 'S', 'Every notice of a subscription carries its subscriptionId'],
  [171, '26', 'S', 'Progress and log messages never travel on a subscription'],
  [173, '26', 'S', 'On a pipe an ended subscription is told by notifications/cancelled for it'],
  [174, '26', 'S', 'A server sends notifications/cancelled for nothing else'],
  // Input rounds
  [177, '26', 'S', 'Roots, sampling and elicitation are asked for by input_required'],
  [178, '26', 'S', 'input_required answers tools/call, prompts/get and resources/read only'],
  [179, '26', 'S', 'input_required carries inputRequests or requestState'],
  [180, '26', 'S', 'Keys of inputRequests are unique and their values are of the three kinds'],
  [181, '26', 'S', 'Kinds and modes that the client did not declare are not asked for'],
  [182, '26', 'S', 'requestState may be forged: it is sealed where it matters, and a broken seal is refused'],
  [184, '26', 'S', 'State that may be used once is enforced on the server'],
  [185, '26', 'S', 'A round may never be answered'],
  [189, '26', 'C', 'All input requests are fulfilled before the request is sent again'],
  [190, '26', 'C', 'requestState goes back exactly as it came'],
  [191, '26', 'C', 'No requestState is sent when none was given'],
  [192, '26', 'C', 'The request is sent again under a new id'],
  [193, '26', 'C', 'Input requests and state stay with their own request'],
  // Tools
  [194, 'all', 'S', 'The tools capability is declared, and tools/list answers where it is'],
  [197, 'all', 'S', 'inputSchema is a valid schema object of type object'],
  [198, '1125+', 'B', 'JSON Schema 2020-12 is the default dialect'],
  [199, '1125+', 'B', 'Values are validated in the declared or default dialect; an unknown one is reported'],
  [200, '26', 'B', 'References to the network are not followed unless someone opted in'],
  [204, '0618+', 'S', 'structuredContent conforms to outputSchema'],
  [206, '26', 'S', 'For older clients structured content that is no object has a text form'],
  [211, 'all', 'C', 'Annotations are not trusted unless the server is'],
  [212, 'all', 'S', 'Inputs are validated, access is controlled, rates are limited, outputs are sanitised'],
  // Resources, prompts, completion, logging, roots
  [215, 'all', 'S', 'Resources, prompts, completions and logging are declared where they are offered'],
  [217, '26', 'S', 'A missing resource is -32602 and not an empty list of contents'],
  [219, 'all', 'S', 'URIs are validated, binary contents encoded, file paths sanitised'],
  [220, 'all', 'S', 'Custom URI schemes follow RFC 3986'],
  [222, 'all', 'S', 'Media is Base64 with a MIME type; an embedded resource has a uri and text or blob'],
  [223, 'all', 'B', 'Inputs and outputs of prompts are guarded against injection'],
  [224, 'all', 'S', 'Completion validates its input, limits its rate, discloses nothing, and has 100 values at most'],
  [226, '26', 'S', 'A request without logLevel gets no log messages'],
  [227, '26', 'S', 'Log messages travel on the stream of their request, at its level or above'],
  [229, 'all', 'S', 'Logs hold no secrets, personal data or inner details of use to an attacker'],
  [230, 'all', 'C', 'Roots are file URIs, permitted, validated and access-controlled'],
  [231, 'L', 'C', 'Changes of roots are told where listChanged was declared'],
  // Sampling and elicitation
  [233, 'all', 'C', 'Sampling and elicitation are declared by whoever takes them, in the modern era per request'],
  [234, '1125+', 'S', 'Tools are offered to sampling only where sampling.tools was declared'],
  [235, '1125+', 'B', 'A message with tool results holds nothing else'],
  [236, '1125+', 'S', 'Every tool use is answered under its toolUseId before anything else is said'],
  [238, 'all', 'C', 'maxTokens is respected and hints are read in order'],
  [239, '1125+', 'B', 'Sensitive data is handled with care'],
  [241, 'L', 'C', 'Servers before 2025-11-25 get no content arrays'],
  [242, 'L', 'S', 'A server sends requests only while it serves one'],
  [243, '0618+', 'S', 'Secrets are not asked for in a form; from 2025-11-25 on they are asked for by URL'],
  [244, '1125+', 'C', 'Whoever declares elicitation supports a mode; no mode means form'],
  [245, '1125', 'C', 'An undeclared mode gets -32602'],
  [246, '1125+', 'S', 'Undeclared modes are not sent'],
  [247, '1125+', 'C', 'A person sees who asks, may decline, cancel and review, and consents to the host of a URL'],
  [248, '1125+', 'C', 'A URL is shown in full, opened safely, and neither fetched nor opened without consent'],
  [249, '1125+', 'S', 'A URL holds no personal data or credentials and is not authenticated in advance'],
  [250, '1125+', 'S', 'Whoever opens the URL is the one who was asked; elicitation is bound to client and user'],
  [251, '1125+', 'S', 'URL mode authorises no user of the protocol, and third-party credentials stay off the client'],
  [252, '1125+', 'S', 'Stored elicitation state is protected and not tied to a session id alone'],
  [254, '1125', 'S', 'elicitation/complete goes to the initiator with its id; clients ignore unknown ids'],
  [255, '1125', 'S', '-32042 lists elicitations in URL mode and serves nothing else'],
  [256, '26', 'S', 'Declining, cancelling and failing clients are handled'],
  // Authorization
  [258, '0618+', 'S', 'Protected resource metadata names an authorization server and can be found'],
  [259, '1125+', 'C', 'Metadata is found by WWW-Authenticate, else at the well-known path, else at its root'],
  [261, '1125+', 'C', 'RFC 8414 and OpenID discovery are tried in the given order'],
  [262, '0326', 'C', 'Metadata stands at the root of the origin, else the default endpoints hold'],
  [263, '26', 'C', 'Metadata of another issuer is refused'],
  [264, '0618+', 'C', 'Metadata of another resource ends the attempt'],
  [265, '0326+', 'C', 'PKCE is used'],
  [266, '1125+', 'C', 'PKCE support is verified, its absence refused, and S256 used where possible'],
  [267, '0618+', 'C', 'Authorization and token requests name the resource by its canonical URI'],
  [268, '26', 'C', 'The validated issuer is recorded with verifier and state before redirecting'],
  [269, '26', 'C', 'A present iss is compared with it character by character before the code is used'],
  [270, '26', 'C', 'A missing iss is refused where the server announced it'],
  [271, '26', 'C', 'Error fields of a mismatched response are neither used nor shown'],
  [272, '0326+', 'C', 'Redirect URIs are registered, and local or https'],
  [
    274,
    '1125+',
    'C',
    'A client metadata document has an https URL with a path, its own URL as id, a name and redirects',
  ],
  [275, '26', 'C', 'Dynamic registration sends application_type and copes with refusal'],
  [276, '26', 'C', 'Client credentials are kept by issuer'],
  [277, '26', 'C', 'Credentials serve one authorization server; another one means registering again'],
  [279, '1125+', 'C', 'The scopes of a challenge are authoritative'],
  [281, '26', 'S', 'Scope hierarchies are taken into account'],
  [283, '0326+', 'C', 'The bearer token is on every request and never in a query'],
  [284, '0618+', 'C', 'Only tokens of the authorization server at hand are sent'],
  [285, '0326+', 'S', 'Tokens are validated; invalid and expired ones get 401'],
  [286, '0618+', 'S', 'The audience is checked, and tokens for others are neither taken nor passed on'],
  [287, '26', 'C', 'Refresh tokens stay confidential and are not taken for granted'],
  [288, '0326+', 'B', 'Tokens are stored safely, and authorization endpoints are https'],
  [289, '1125+', 'C', 'Authorization URLs are http or https, sanitised, and never opened by a shell'],
  [290, '1125+', 'C', 'A client on a server guards against requests to its own network'],
  [291, '0326+', 'S', 'A proxy with one client id gets consent per client, matches redirects exactly, uses state once'],
  // Tasks and other extensions
  [292, '1125', 'B', 'Tasks are declared, and ignored where they are not'],
  [293, '1125', 'C', 'Tools are called as tasks where they ask for it and not where they forbid it'],
  [294, '1125', 'B', 'A task starts working, follows its states, and ends with the result of its request'],
  [295, '1125', 'B', 'Unknown, foreign and finished tasks are refused; unbound ids cannot be guessed'],
  [296, '26x', 'S', 'A task is returned only where this request declared the extension, else -32021'],
  [297, '26x', 'S', 'resultType is task on creation and complete on tasks/*'],
  [298, '26x', 'S', 'A returned task can be asked for at once'],
  [300, '26x', 'S', 'failed means a protocol error; a failed tool is a completed task'],
  [301, '26x', 'S', 'tasks/get brings input requests, result or error as the status says'],
  [302, '26x', 'S', 'Input keys are unique for the life of a task'],
  [303, '26x', 'S', 'tasks/get of an unknown id is -32602'],
  [304, '26x', 'S', 'update and cancel are acknowledged with an empty result'],
  [305, '26x', 'S', 'Every call about a task is authorised, and ids cannot be guessed'],
  [306, '26x', 'S', 'What remains of the older tasks is ignored, refused and not advertised'],
  [307, '26x', 'C', 'Both shapes of a result are taken, a task only where it may be'],
  [308, '26x', 'C', 'Over HTTP Mcp-Name is the task id on tasks/*'],
  [309, '26x', 'C', 'Tasks are not cancelled by notifications/cancelled'],
  [310, '26x', 'C', 'Input requests of a task are trusted no more than others'],
  [311, '26x', 'S', 'Callers who did not declare tasks get -32021; tasks send no progress or log messages'],
  [312, 'ui', 'S', 'ui resources have their own MIME type, and their tools speak without them as well'],
  [313, 'ui', 'H', 'Tools of an app are hidden from the model, others from the app, and the app is confined'],
  [314, 'all', 'B', 'Extensions are off until somebody turns them on'],
  // Host, icons, misc
  [315, '1125+', 'C', 'Icons are png or jpeg at least; unsafe schemes and redirects are refused'],
  [316, '1125+', 'C', 'Installing a local server shows the exact command, warns, asks and can be cancelled'],
  [317, 'all', 'B', 'Holding a handle proves no identity'],
]

/** Rules that tests cite; `bun scripts/requirements.ts --sync` keeps the list. */
const implemented: ReadonlySet<number> = new Set<number>([
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
  34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 62, 63,
  64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92,
  93, 94, 95, 96, 97, 98, 99, 100, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113, 114, 115, 116, 117, 118,
  119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 129, 130, 131, 132, 133, 134, 135, 136, 137, 138, 140, 141, 142,
  143, 145, 146, 147, 148, 149, 150, 151, 152, 153, 154, 155, 156, 157, 158, 159, 160, 161, 162, 163, 164, 165, 166,
  167, 168, 169, 170, 171, 172, 173, 174, 175, 176, 177, 178, 179, 180, 181, 182, 183, 184, 185, 186, 187, 188, 189,
  190, 191, 192, 193, 194, 196, 197, 198, 199, 200, 201, 202, 203, 204, 205, 206, 207, 208, 209, 210, 211, 212, 213,
  215, 216, 217, 218, 219, 220, 221, 222, 223, 224, 226, 227, 228, 229, 230, 231, 232, 233, 234, 235, 236, 237, 239,
  240, 241, 242, 244, 245, 246, 248, 250, 252, 253, 254, 255, 256, 257, 258, 259, 260, 261, 262, 263, 264, 265, 266,
  267, 268, 269, 270, 271, 272, 273, 274, 275, 276, 277, 278, 279, 280, 281, 282, 283, 284, 285, 286, 287, 288, 289,
  290, 292, 296, 297, 298, 299, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310, 311, 314, 317,
])

/** All requirements by id, in the order of their rules. */
export const requirements: Readonly<Record<RequirementId, Requirement>> = Object.fromEntries(
  [...entries(obligations, 'MUST'), ...entries(recommendations, 'SHOULD')].sort(([, a], [, b]) => a.rule - b.rule),
)

function entries(rows: readonly Row[], level: Requirement['level']): [RequirementId, Requirement][] {
  return rows.map(([rule, revisions, role, text]) => [
    requirementId(rule),
    { rule, revisions, role, level, text, ...standing(rule) },
  ])
}

function standing(rule: number): Pick<Requirement, 'status' | 'reason'> {
  if (implemented.has(rule)) return { status: 'implemented', reason: remarks.get(rule) ?? '' }
  return exceptions.get(rule) ?? { status: 'later', reason: '' }
}

function requirementId(rule: number): RequirementId {
  return `MCP-${String(rule).padStart(3, '0')}`
}
