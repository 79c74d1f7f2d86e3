import type { Redis } from 'ioredis'
import type { KeyValueStore } from './store.ts'

/** How a Redis is reached. */
export interface RedisOptions {
  /** `redis://` or, encrypted, `rediss://`; user, password and database may stand in it. */
  readonly url: string
  /** Stands before every key, so that others may use the same database. Default `toolgate:`. */
  readonly prefix?: string
  /** Milliseconds that one command may take. Default 250: an exchange waits for it. */
  readonly timeoutMs?: number
}

/** A store in Redis. */
export interface RedisStore extends KeyValueStore {
  /** Closes the connection; what is under way fails. */
  close(): void
}

/**
 * Opens a store in Redis. It comes back at once and connects in the background, again and again if
 * need be: until it is connected, and whenever it is not, every command fails without waiting.
 *
 * @throws Error with what to do if the client library, an optional peer, is not installed.
 */
export async function openRedis(options: RedisOptions): Promise<RedisStore> {
  const { url, prefix = 'toolgate:', timeoutMs = 250 } = options
  const Client = await loadClient()
  const redis: Redis = new Client(url, {
    keyPrefix: prefix,
    commandTimeout: timeoutMs,
    connectTimeout: 5000,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: times => Math.min(50 * 2 ** Math.min(times, 7), 5000),
  })
  // Without a connection a command fails with no word of why there is none.
  let broken: string | undefined = 'it is not connected yet'
  redis.on('error', (error: Error) => {
    broken = error.message
  })
  redis.on('close', () => {
    broken ??= 'the connection is closed'
  })
  redis.on('ready', () => {
    broken = undefined
  })
  const told = <T>(reply: Promise<T>): Promise<T> =>
    reply.catch(cause => {
      throw broken === undefined ? cause : new Error(broken, { cause })
    })
  return {
    async get(key) {
      return (await told(redis.get(key))) ?? undefined
    },
    async set(key, value, ttlMs) {
      await told(redis.set(key, value, 'PX', Math.max(1, Math.round(ttlMs))))
    },
    async delete(key) {
      await told(redis.del(key))
    },
    close() {
      redis.disconnect()
    },
  }
}

async function loadClient(): Promise<typeof Redis> {
  try {
    return (await import('ioredis')).Redis
  } catch (cause) {
    throw new Error('Redis is configured, but its client is not installed: npm install ioredis@6', {
      cause,
    })
  }
}
