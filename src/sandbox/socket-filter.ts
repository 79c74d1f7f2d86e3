import { arch, endianness } from 'node:os'

/** Linux's numbers of a machine: its own (`linux/audit.h`), and that of `socket`. */
const MACHINES: { readonly [arch: string]: { readonly audit: number; readonly socket: number } } = {
  x64: { audit: 0xc000003e, socket: 41 },
  arm64: { audit: 0xc00000b7, socket: 198 },
}
/** The same on all machines. It can open sockets without the call of that name. */
const IO_URING_SETUP = 425
/** Calls from here on are those of x32, which `x64` would let by under other numbers. */
const FOREIGN_CALLS = 0x40000000

/** Classic BPF: load a word, compare and jump, return. */
const [LOAD, EQUAL, AT_LEAST, RETURN] = [0x20, 0x15, 0x35, 0x06]
const [NUMBER, MACHINE] = [0, 4]
const [KILL, ALLOW, REFUSE] = [0x80000000, 0x7fff0000, 0x00050000]
const [EACCES, ENOSYS] = [13, 38]

/**
 * A program for the kernel (seccomp) under which a process opens no sockets: a network of its own
 * keeps it from other machines, but not from Unix sockets that lie in folders it may read.
 * `undefined` for a machine whose numbers are not known here.
 */
export function socketFilter(): Buffer | undefined {
  const machine = MACHINES[arch()]
  if (!machine || endianness() !== 'LE') return undefined
  const program: (readonly [code: number, then: number, otherwise: number, value: number])[] = [
    [LOAD, 0, 0, MACHINE],
    [EQUAL, 1, 0, machine.audit],
    [RETURN, 0, 0, KILL],
    [LOAD, 0, 0, NUMBER],
    [AT_LEAST, 0, 1, FOREIGN_CALLS],
    [RETURN, 0, 0, KILL],
    [EQUAL, 0, 1, machine.socket],
    [RETURN, 0, 0, REFUSE | EACCES],
    [EQUAL, 0, 1, IO_URING_SETUP],
    [RETURN, 0, 0, REFUSE | ENOSYS],
    [RETURN, 0, 0, ALLOW],
  ]
  const bytes = Buffer.alloc(8 * program.length)
  for (const [index, [code, then, otherwise, value]] of program.entries()) {
    bytes.writeUInt16LE(code, 8 * index)
    bytes.writeUInt8(then, 8 * index + 2)
    bytes.writeUInt8(otherwise, 8 * index + 3)
    bytes.writeUInt32LE(value, 8 * index + 4)
  }
  return bytes
}
