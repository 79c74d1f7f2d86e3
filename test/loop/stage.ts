import type { ProtocolName } from '../../src/core/extras.ts'
import type { Message } from '../../src/core/message.ts'
import { type RunResult, runTools } from '../../src/index.ts'
import { openaiResponsesTwin } from '../../src/twins/openai-responses/index.ts'
import { type ScriptTurn, scripted } from '../../src/twins/script.ts'
import { type StartTwinOptions, startTwin, type Twin } from '../../src/twins/server.ts'
import type { TwinVendor } from '../../src/twins/vendor.ts'
import { TWIN_VENDORS } from '../../src/twins/vendors.ts'

/** One protocol, with the vendor whose twin is the strictest judge of it. */
export interface Scene {
  readonly protocol: ProtocolName
  readonly model: string
  readonly vendor: TwinVendor
  /** What stands behind the host in the base URL that the vendor's own client takes. */
  readonly path: string
}

function vendorNamed(name: string): TwinVendor {
  const vendor = TWIN_VENDORS[name]
  if (!vendor) throw new Error(`no twin of ${name}`)
  return vendor
}

export const SCENES: readonly [Scene, Scene, Scene, Scene] = [
  { protocol: 'openai-chat', model: 'gpt-4o', vendor: vendorNamed('openai'), path: '/v1' },
  { protocol: 'openai-responses', model: 'gpt-4o', vendor: openaiResponsesTwin, path: '/v1' },
  { protocol: 'anthropic', model: 'claude-sonnet-4-5', vendor: vendorNamed('anthropic'), path: '' },
  { protocol: 'gemini', model: 'gemini-2.5-flash', vendor: vendorNamed('google'), path: '/v1beta' },
]

/** Every protocol, whole and streamed. */
export const WAYS = SCENES.flatMap(scene =>
  [true, false].map(stream => ({
    ...scene,
    stream,
    name: `${scene.protocol} ${stream ? 'streamed' : 'whole'}`,
  })),
)

const running = new Set<Twin>()

/** Starts a scene's twin with a script. */
export async function play(
  scene: Scene,
  turns: readonly ScriptTurn[],
  more: Partial<StartTwinOptions> = {},
): Promise<{ twin: Twin; model: string; baseUrl: string; protocol: ProtocolName; key: string }> {
  const twin = await startTwin({ vendor: scene.vendor, model: scripted(turns), ...more })
  running.add(twin)
  const { model, protocol } = scene
  return { twin, model, protocol, baseUrl: twin.url + scene.path, key: 'sk-test' }
}

/** Closes all twins; for `afterEach`. */
export async function closeTwins(): Promise<void> {
  await Promise.all([...running].map(twin => twin.close()))
  running.clear()
}

/** Sends a run's history on to a strict twin of every protocol: each must take it as it is. */
export async function expectAccepted(
  result: Pick<RunResult, 'messages'>,
  scenes: readonly Scene[] = SCENES,
): Promise<void> {
  for (const scene of scenes) {
    const { twin, ...at } = await play(scene, [{ text: 'taken' }])
    const messages: readonly Message[] = structuredClone(result.messages)
    const next = await runTools({ ...at, messages, prompt: 'Go on.', retries: 0 })
    if (next.ended !== 'answered' || next.text !== 'taken')
      throw new Error(
        `over ${scene.protocol}: ${next.reason}\n${JSON.stringify(messages, null, 1)}`,
      )
    twin.finish()
  }
}
