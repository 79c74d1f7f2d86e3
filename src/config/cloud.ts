import {
  type Account,
  CLOUD_FIELDS,
  type Cloud,
  type CloudField,
  type CloudPlace,
  type Provider,
} from '../providers/index.ts'
import { ConfigError, type ConfiguredAccount } from './config.ts'
import type { ConfigFile } from './schema.ts'

type FileAccount = NonNullable<ConfigFile['accounts']>[string]
type Reached = Pick<Account, 'baseUrl' | 'authority' | 'key'>

function isCloudField(name: string): name is CloudField {
  return name in CLOUD_FIELDS
}

/**
 * How an account of the file is reached in its vendor's cloud; `undefined` if it says nothing of it.
 *
 * @throws ConfigError if the vendor has no such thing, or a name is wrong.
 */
export function cloudOfFile(
  provider: Provider,
  account: FileAccount,
  where: string,
): Reached | undefined {
  const said = Object.keys(account).filter(isCloudField)
  const [any] = said.filter(name => account[name] !== undefined)
  if (any === undefined) return undefined
  const { cloud } = provider
  const strange = said.find(name => !cloud?.fields.includes(name))
  if (!cloud || strange)
    throw new ConfigError(
      `${where}.${strange ?? any}: ${provider.title} has no ${CLOUD_FIELDS[strange ?? any]}`,
    )
  const [needed] = cloud.fields
  if (account[needed] === undefined)
    throw new ConfigError(`${where}.${any}: there is no ${needed} beside it`)
  const place: CloudPlace = {
    ...Object.fromEntries(said.map(name => [name, account[name]])),
    ...(account.baseUrl === undefined ? {} : { origin: account.baseUrl.replace(/\/+$/, '') }),
  }
  return reach(cloud, place, where, account.key)
}

/** The account that the environment's variables of a cloud make. @throws ConfigError as above. */
export function cloudAccount(
  provider: Provider,
  cloud: Cloud,
  found: { readonly place: CloudPlace; readonly source: string },
  key?: string,
): ConfiguredAccount {
  return {
    name: `${provider.name}-main`,
    provider: provider.name,
    source: found.source,
    ...reach(cloud, found.place, found.source, key),
  }
}

/** A key of one's own goes before the credentials that a library might find. */
function reach(cloud: Cloud, place: CloudPlace, where: string, key: string | undefined): Reached {
  try {
    const baseUrl = cloud.address(place)
    return key === undefined ? { baseUrl, authority: cloud.authority(place) } : { baseUrl, key }
  } catch (error) {
    throw new ConfigError(`${where}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
