/** Which of Google's two front doors a request came through. */
export type SurfaceName = 'studio' | 'vertex'

/** What a door's version decides on the shape of requests and on the words of complaints. */
export interface Surface {
  readonly name: SurfaceName
  /** `v1`, `v1beta`, `v1beta1` or `v1alpha`. */
  readonly version: string
  /** The package that complaints about types name. */
  readonly package: string
  /** Whether `id` is a field of calls and of responses. */
  readonly takesCallIds: boolean
}

/** When calls in answers carry an id: `model` leaves it to what each model was seen to do. */
export type CallIds = 'model' | 'always' | 'never'

/** How one twin behaves where Google's own behaviour varies. */
export interface Manners {
  readonly surface: SurfaceName
  readonly callIds: CallIds
  readonly rejectsCallIds: boolean
  readonly bareStreamErrors: boolean
}

/** Options of the AI Studio twin. */
export interface StudioOptions {
  /**
   * Default `model`: none before Gemini 3, few up to 3.4 and all from 3.5 on. Source: recorded
   * answers of 2025-06 to 2026-08.
   */
  readonly callIds?: CallIds
  /**
   * Whether an error in the middle of a stream is a bare JSON text without `data:`, as reported in
   * vercel/ai issue #5217, 2025-03, and as Google's own SDK expects. Default no.
   */
  readonly bareStreamErrors?: boolean
}

/** Options of the Vertex twin. */
export interface VertexOptions {
  /**
   * Whether `id` in calls and responses is an unknown field, as it was until about 2026-09-21
   * (opencode pull request #50504, 2026). Default no.
   */
  readonly rejectsCallIds?: boolean
  /** Default `never`, as in all recorded answers up to 2026-08. */
  readonly callIds?: CallIds
  /** As with AI Studio. */
  readonly bareStreamErrors?: boolean
}

/** The surface that a path's version leads to. */
export function surfaceOf(manners: Manners, version: string): Surface {
  const { surface: name, rejectsCallIds } = manners
  const family = name === 'studio' ? 'google.ai.generativelanguage' : 'google.cloud.aiplatform'
  return { name, version, package: `${family}.${version}`, takesCallIds: !rejectsCallIds }
}
