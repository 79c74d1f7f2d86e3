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

/** Where a user's models run in a vendor's cloud. */
export interface CloudPlace {
  readonly project: string
  /** Default: the vendor's own choice. */
  readonly location?: string
  /** Path of a credentials file, or its JSON. Default: what the vendor's own library finds. */
  readonly credentials?: string
  /** Replaces the scheme and host of the vendor's address. Without a slash at the end. */
  readonly origin?: string
}

/** How accounts with a cloud project of their own are reached. */
export interface Cloud {
  /** What stands in the environment, in the variables of the vendor's own libraries. */
  fromEnvironment(environment: {
    readonly [name: string]: string | undefined
  }): { readonly place: CloudPlace; readonly source: string } | undefined
  /** The address in place of the endpoint's own. @throws Error that says what is wrong with a name. */
  address(place: CloudPlace): string
  authority(place: CloudPlace): Authority
}
