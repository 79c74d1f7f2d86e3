/** Why an address was not reached, by Node's code of the error: in words that hold no address. */
export const UNREACHED: { readonly [code: string]: string } = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  ENOTFOUND: 'its address could not be found',
  EAI_AGAIN: 'its address could not be looked up',
}
