const examples: object[] = []

/**
 * Keeps an object of a class for good, and with it the code that the engine made for the class: V8
 * throws optimized code away with the last object of its shape, and between two runs or requests
 * there may be none. Then everything is slow again, and compiled again.
 */
export function keepShape(example: object): void {
  examples.push(example)
}
