/** Events kept for whoever has not yet begun to read; beyond this the oldest are let go. */
const MOST_KEPT = 10_000

interface Reader<E> {
  readonly queue: E[]
  wake: (() => void) | undefined
}

/**
 * Hands events to any number of readers, each at its own pace. What comes before the first reader is
 * kept for it, unless nobody is going to read.
 */
export class Emitter<E> {
  readonly #readers = new Set<Reader<E>>()
  #kept: E[] | undefined = []
  #over = false

  emit(event: E): void {
    if (this.#over) return
    for (const reader of this.#readers) {
      reader.queue.push(event)
      reader.wake?.()
    }
    if (!this.#kept) return
    this.#kept.push(event)
    if (this.#kept.length > MOST_KEPT) this.#kept.shift()
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

  /** Reads from the first event that is still kept. */
  read(): AsyncIterableIterator<E> {
    const reader: Reader<E> = { queue: this.#kept ?? [], wake: undefined }
    this.#kept = undefined
    this.#readers.add(reader)
    const stop = async (): Promise<IteratorReturnResult<undefined>> => {
      this.#readers.delete(reader)
      return { done: true, value: undefined }
    }
    return {
      next: async () => {
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
