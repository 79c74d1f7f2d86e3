/** A call to a vendor, as far as a proof may depend on it. */
export interface ProvableCall {
  readonly method?: string
  readonly origin: string
  readonly path: string
  readonly body?: Buffer | string
}

/**
 * Proves to a vendor who asks, where no fixed key does: with a token that runs out, or with a
 * signature over the call. Asked once before each try, so it must remember what it can.
 */
export interface Authority {
  /**
   * The headers of the proof, names in lower case.
   *
   * @throws ToolgateError `vendor_auth` that names what is missing, and no secret.
   */
  prove(call: ProvableCall): Promise<{ readonly [name: string]: string }>
}

/** What an account may say of its place in a cloud, each with the word for several of it. */
export const CLOUD_FIELDS = {
  project: 'projects',
  location: 'locations',
  credentials: 'credentials',
  region: 'regions',
  accessKeyId: 'access keys',
  secretAccessKey: 'access keys',
  sessionToken: 'session tokens',
} as const
/** One of these fields. */
export type CloudField = keyof typeof CLOUD_FIELDS

/**
 * Where a user's models run in a vendor's cloud, and as whom. `location`: default the vendor's own
 * choice. `credentials`: path of a file, or its JSON; default what the vendor's own library finds.
 */
export type CloudPlace = { readonly [F in CloudField]?: string } & {
  /** Replaces the scheme and host of the vendor's address. Without a slash at the end. */
  readonly origin?: string
}

/** How accounts with a cloud project of their own are reached. */
export interface Cloud {
  /** What an account may say of its place; the first one it must. */
  readonly fields: readonly [CloudField, ...CloudField[]]
  /** Whether an account with a key has a place in it too. Default false. */
  readonly keyed?: true
  /** What stands in the environment, in the variables of the vendor's own libraries. */
  fromEnvironment(environment: {
    readonly [name: string]: string | undefined
  }): { readonly place: CloudPlace; readonly source: string } | undefined
  /** The address in place of the endpoint's own. @throws Error that says what is wrong with a name. */
  address(place: CloudPlace): string
  /** @throws Error that says what is missing. */
  authority(place: CloudPlace): Authority
}
