/** Events kept for whoever has not yet begun to read; beyond this the oldest are let go. */
const MOST_KEPT = 10_000

/** First in, first out. `shift()` of a large array moves all of it; this one is moved now and then. */
class Queue<E> {
  #items: (E | undefined)[] = []
  #head = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  push(item: E): void {
    this.#items.push(item)
  }

  shift(): E | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }
}

interface Reader<E> {
  readonly queue: Queue<E>
  wake: (() => void) | undefined
}

/**
 * Hands events to any number of readers, each at its own pace. What comes before the first reader is
 * kept for it, unless nobody is going to read.
 */
export class Emitter<E> {
  readonly #readers = new Set<Reader<E>>()
  readonly #tellLost: (count: number) => E
  #kept: Queue<E> | undefined = new Queue()
  #lost = 0
  #last: E | undefined
  #over = false

  /** `tellLost`: what a reader hears first, where so many events before were let go. */
  constructor(tellLost: (count: number) => E) {
    this.#tellLost = tellLost
  }

  emit(event: E): void {
    if (this.#over) return
    this.#last = event
    for (const reader of this.#readers) {
      reader.queue.push(event)
      reader.wake?.()
    }
    if (!this.#kept) return
    this.#kept.push(event)
    if (this.#kept.length <= MOST_KEPT) return
    this.#kept.shift()
    this.#lost++
  }

  /** No more events come. */
  end(): void {
    this.#over = true
    for (const reader of this.#readers) reader.wake?.()
  }

  /** Nobody has begun to read, and what is kept is let go. */
  forget(): void {
    if (this.#readers.size === 0) this.#kept = undefined
  }

  /** Reads from the first event that is still kept; of what is over, the last one at least. */
  read(): AsyncIterableIterator<E> {
    const reader: Reader<E> = { queue: this.#kept ?? new Queue(), wake: undefined }
    if (!this.#kept && this.#over && this.#last !== undefined) reader.queue.push(this.#last)
    let lost = this.#kept ? this.#lost : 0
    this.#kept = undefined
    this.#readers.add(reader)
    const stop = async (): Promise<IteratorReturnResult<undefined>> => {
      this.#readers.delete(reader)
      return { done: true, value: undefined }
    }
    return {
      next: async () => {
        if (lost > 0) {
          const count = lost
          lost = 0
          return { done: false, value: this.#tellLost(count) }
        }
        for (;;) {
          const event = reader.queue.shift()
          if (event !== undefined) return { done: false, value: event }
          if (this.#over) return stop()
          await new Promise<void>(resolve => {
            reader.wake = resolve
          })
          reader.wake = undefined
        }
      },
      return: stop,
      [Symbol.asyncIterator]() {
        return this
      },
    }
  }
}
