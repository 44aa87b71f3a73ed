import { describe, expect, it } from 'vitest'
import { verifies } from '../../requirements/verifies.ts'
import { pair } from './pair.ts'

describe('a token that is remembered', () => {
  verifies('RFC7519-4.1.4-a', 'RFC7519-4.1.4-c')(
    'is refused once it has expired, at the same second as any other',
    async () => {
      const { clock, issuer, remember, verdict } = await pair()
      const token = await issuer.mint({ exp: clock.nowSeconds() + 100 })
      await remember(token)

      await clock.advance(129) // 30 s of tolerance
      expect(await verdict(token)).toBe('accepted')
      await clock.advance(1)
      expect(await verdict(token)).toBe('TOKEN_EXPIRED')
      expect(await verdict(token)).toBe('TOKEN_EXPIRED')
    },
  )

  it('is good again where the clock is set back to before its expiry, as any other', async () => {
    const { issuer, remember, verdict, jump } = await pair()
    const token = await issuer.mint()
    await remember(token)

    jump(400)
    expect(await verdict(token)).toBe('TOKEN_EXPIRED')
    jump(-400)
    expect(await verdict(token)).toBe('accepted')
  })

  verifies('RFC7519-4.1.5-a')('is refused where the clock is set back to before its nbf or iat', async () => {
    for (const name of ['nbf', 'iat']) {
      const { clock, issuer, remember, verdict, jump } = await pair()
      const token = await issuer.mint({ iat: clock.nowSeconds() - 100, [name]: clock.nowSeconds() })
      await remember(token)

      jump(-30)
      expect(await verdict(token)).toBe('accepted')
      jump(-1)
      expect(await verdict(token)).toBe('TOKEN_NOT_YET_VALID')
      jump(1)
      expect(await verdict(token)).toBe('accepted')
    }
  })

  it.each([0, 300])('is given the tolerance that is configured: %d s', async (clockToleranceSeconds) => {
    const { clock, issuer, remember, verdict } = await pair({ clockToleranceSeconds })
    const token = await issuer.mint({ exp: clock.nowSeconds() + 10 })
    await remember(token)

    await clock.advance(9 + clockToleranceSeconds)
    expect(await verdict(token)).toBe('accepted')
    await clock.advance(1)
    expect(await verdict(token)).toBe('TOKEN_EXPIRED')
  })

  it.each([Number.NaN, Infinity, -Infinity])('is refused by a clock that says %d', async (strange) => {
    const { issuer, remember, verdict, jump } = await pair()
    const token = await issuer.mint()
    await remember(token)

    jump(strange)
    expect(await verdict(token)).not.toBe('accepted')
  })
})
