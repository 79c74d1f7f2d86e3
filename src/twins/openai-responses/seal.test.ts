import { describe, expect, it } from 'vitest'
import { seeded } from '../random.ts'
import { seal, unseal } from './seal.ts'

const CONTENT = { itemId: 'rs_1', organization: 'org-1', thought: 'Hm – überlegen … 🤔' }
const NOW = Date.UTC(2026, 10, 21)

describe('seals', () => {
  it('open to what was sealed', () => {
    const token = seal(CONTENT, NOW, seeded(1))
    expect(unseal(token)).toEqual(CONTENT)
    expect(unseal(token.replace(/=+$/, ''))).toEqual(CONTENT)
  })

  it('look like those of the vendor and hide their content', () => {
    const token = seal(CONTENT, NOW, seeded(1))
    expect(token).toMatch(/^gAAAAAB[\w-]+={0,2}$/)
    expect(token.length % 4).toBe(0)
    const bytes = Buffer.from(token, 'base64url')
    expect(bytes[0]).toBe(0x80)
    expect(Number(bytes.readBigUInt64BE(1))).toBe(NOW / 1000)
    expect(bytes.includes('rs_1')).toBe(false)
  })

  it('repeat themselves with the same seed', () => {
    expect(seal(CONTENT, NOW, seeded(3))).toBe(seal(CONTENT, NOW, seeded(3)))
    expect(seal(CONTENT, NOW, seeded(3))).not.toBe(seal(CONTENT, NOW, seeded(4)))
  })

  it('do not open when a single character is changed', () => {
    const token = seal(CONTENT, NOW, seeded(1)).replace(/=+$/, '')
    for (let at = 0; at < token.length; at += 5) {
      const other = token[at] === 'A' ? 'B' : 'A'
      expect(unseal(`${token.slice(0, at)}${other}${token.slice(at + 1)}`)).toBeUndefined()
    }
    for (const text of ['', 'gAAAAAB', token.slice(4), `${token}x`, 'ä', `${token} `]) {
      expect(unseal(text)).toBeUndefined()
    }
  })
})
