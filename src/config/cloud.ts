import type { Account, Cloud, CloudPlace, Provider } from '../providers/index.ts'
import { ConfigError, type ConfiguredAccount } from './config.ts'
import type { ConfigFile } from './schema.ts'

type FileAccount = NonNullable<ConfigFile['accounts']>[string]
type Reached = Pick<Account, 'baseUrl' | 'authority'>

/**
 * How an account of the file is reached in its vendor's cloud; `undefined` if it names no project.
 *
 * @throws ConfigError if the vendor has no such thing, or a name is wrong.
 */
export function cloudOfFile(
  provider: Provider,
  account: FileAccount,
  where: string,
): Reached | undefined {
  const { project, location, credentials, baseUrl } = account
  if (project === undefined || !provider.cloud) {
    const field = (['project', 'location', 'credentials'] as const).find(
      name => account[name] !== undefined,
    )
    if (field === undefined) return undefined
    throw new ConfigError(
      `${where}.${field}: ${provider.cloud ? 'there is no project beside it' : `${provider.title} has no projects`}`,
    )
  }
  const place: CloudPlace = {
    project,
    ...(location === undefined ? {} : { location }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(baseUrl === undefined ? {} : { origin: baseUrl.replace(/\/+$/, '') }),
  }
  const reached = reach(provider.cloud, place, where)
  // A key of one's own goes before the credentials that the library might find.
  return account.key === undefined ? reached : { baseUrl: reached.baseUrl }
}

/** The account that the environment's variables of a cloud make. @throws ConfigError as above. */
export function cloudAccount(
  provider: Provider,
  cloud: Cloud,
  found: { readonly place: CloudPlace; readonly source: string },
): ConfiguredAccount {
  return {
    name: `${provider.name}-main`,
    provider: provider.name,
    source: found.source,
    ...reach(cloud, found.place, found.source),
  }
}

function reach(cloud: Cloud, place: CloudPlace, where: string) {
  try {
    return { baseUrl: cloud.address(place), authority: cloud.authority(place) }
  } catch (error) {
    throw new ConfigError(`${where}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
