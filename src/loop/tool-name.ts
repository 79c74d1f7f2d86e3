/** What every protocol takes for a tool's name. */
export const LEGAL_NAME = /^[a-zA-Z_][a-zA-Z0-9_-]{0,63}$/

/** A name that every protocol takes, as near to the given one as can be. */
export function legalName(name: string): string {
  if (LEGAL_NAME.test(name)) return name
  const legal = name.replace(/[^a-zA-Z0-9_-]/g, '_')
  return (/^[a-zA-Z_]/.test(legal) ? legal : `_${legal}`).slice(0, 64)
}
