/** Characters of an IBAN by country: the registry of ISO 13616, release 99 (2024-12). */
const LENGTHS: Readonly<Record<number, string>> = {
  15: 'NO',
  16: 'BE',
  18: 'DK FI FK FO GL NL SD',
  19: 'MK SI',
  20: 'AT BA EE KZ LT LU MN XK',
  21: 'CH HR LI LV',
  22: 'BG BH CR DE GB GE IE ME RS VA',
  23: 'AE GI IL IQ OM SO TL',
  24: 'AD CZ ES MD PK RO SA SE SK TN VG',
  25: 'LY PT ST',
  26: 'IS TR',
  27: 'BI DJ FR GR IT MC MR SM',
  28: 'AL AZ BY CY DO GT HU LB NI PL SV',
  29: 'BR EG PS QA UA',
  30: 'JO KW MU YE',
  31: 'MT SC',
  32: 'LC',
  33: 'RU',
}

const byCountry = new Map(
  Object.entries(LENGTHS).flatMap(([length, countries]) =>
    countries.split(' ').map(country => [country, Number(length)] as const),
  ),
)

/** The length of a country's IBANs; `undefined` for a country that has none. */
export function ibanLength(country: string): number | undefined {
  return byCountry.get(country)
}

/** The countries that have IBANs, for tests and documentation. */
export function ibanCountries(): string[] {
  return [...byCountry.keys()].sort()
}
