// docs/benchmarks-loop.md, written from what a run saw.
export const machineNow = () => ({ text: '' })
export const page = () => ''
