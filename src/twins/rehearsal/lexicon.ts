/** Reads a list of words written in one string. */
function list(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter(word => word !== ''))
}

/** Words that carry no content of their own: articles, pronouns, auxiliaries and the like. */
export const FUNCTION_WORDS = list(`
  a an the this that these those some any each every both either neither all another other such same
  i me my mine we us our ours you your yours he him his she her hers it its they them their theirs
  myself yourself itself themselves one ones someone anyone something anything everything nothing
  am is are was were be been being do does did done doing have has had having will would shall should
  can could may might must ought need needs needed want wants wanted like would've let lets
  and or but nor so yet if then than because while although though whether when where who whom whose
  what which why how there here not no yes ok okay also too very just only even still already again
  please kindly thanks thank hello hi hey dear sure well now today right currently really quite
  i'm i'd i've i'll it's that's what's where's who's how's when's there's here's let's don't doesn't
  can't won't isn't aren't wasn't couldn't wouldn't shouldn't we're you're they're we'd you'd we'll
  is's whats dont im id ill ive etc eg ie able up out off away ahead whether both imagine suppose assume given respective
  different several various multiple following certain additional
  trying going interested curious wondering wonder
  looking hoping planning much many more most few little lot lots bit kind
`)

/** Prepositions and words that lead a value in the same way. */
export const PREPOSITIONS = list(`
  in on at to from for of with without by about near around between into onto over under through via
  using per as after before until till since during within against regarding concerning toward towards
  inside outside across called named titled entitled saying says versus vs upon among amid off along
  starting beginning ending above below than like except including excluding plus
`)

/** Words that ask. */
export const QUESTION_WORDS = list(`
  what what's whats where where's when when's who who's whom whose which why how how's
`)

/** Words that stand between the members of a list. */
export const CONNECTORS = list(
  `, & / + and or and/or vs versus plus also then finally lastly both either as well next`,
)

/** Time words and courtesies that may trail a value and are no part of it. */
export const TRAILERS = list(`
  today tonight now right currently please thanks thank you tomorrow yesterday immediately soon asap
  again too also instead there here first then afterwards later respectively already quickly
`)

/** Common verbs in the base form, as they open a request or a tool's name. */
export const VERBS = list(`
  add adjust analyse analyze answer apply arrange ask assign assist attach begin block book browse build
  buy calculate call cancel change check choose clean clear close collect combine compare compile compose
  compute configure confirm connect convert copy count create cut deactivate activate decrease define
  delete deliver describe deploy design detect determine differentiate disable discover display divide do
  download draft draw drop edit email enable encode decode encrypt end enter erase estimate evaluate
  execute exchange explain explore export extract fetch figure file filter find fix flip follow forecast
  format forward gather generate get give go grab guess guide help highlight hold identify import improve
  include increase inform insert inspect install integrate invite invoke keep kick know launch learn list
  listen load locate lock log look lookup lower make map mark measure merge message monitor move multiply
  mute name navigate notify obtain offer open order organize pass pause pay perform pick place plan play
  plot post predict prepare print process produce project provide publish pull purchase push put query
  raise rate read recall recommend record reduce refund register release remind remove rename rent repeat
  replace reply report request reserve reset resize resolve restart restore resume retrieve return reverse
  review rewrite rotate round run save say scan schedule search see select sell send set share show
  simplify simulate skip solve sort specify spell split start stop store subtract suggest sum summarise
  summarize switch sync take talk tell terminate test text track train transcribe transfer transform
  translate stay eat attend hire drive fly ride meet speak discuss contact reach arrive depart leave spend
  try turn type undo unlock update upload use validate verify view visit wait wake watch write
`)

/** Words for a request as such, which say nothing about which tool is meant. */
export const GENERIC = list(`
  get give show tell find fetch retrieve obtain return provide display see view know want need check look
  list search lookup query read make do use help information info detail data result value specific
  given specified certain name number type based user input output default function tool api method
  example format parameter provided include available optional using current particular different please
  item thing way calculate compute determine perform run call set new various
`)

/** Families of words that ask for the same doing. The first stands for all. */
export const FAMILIES: readonly (readonly string[])[] = [
  'find search look seek locate discover browse explore lookup query recommend suggest',
  'get fetch retrieve obtain show give display view see return provide tell check',
  'list show enumerate',
  'read view',
  'create make add new generate build insert register compose draft write produce',
  'delete remove drop erase clear destroy discard',
  'update change modify edit adjust alter set configure',
  'send deliver forward dispatch message notify',
  'book reserve reservation booking schedule appointment',
  'buy purchase order pay acquire',
  'calculate compute determine evaluate estimate solve work',
  'convert change transform exchange conversion',
  'start begin launch open activate enable run execute',
  'stop end halt close deactivate disable terminate cancel quit kill',
  'increase raise grow up boost',
  'decrease lower reduce down cut',
  'predict forecast projection project',
  'compare versus difference vs comparison',
  'cost price fare fee charge expense',
  'movie film cinema',
  'car vehicle automobile auto',
  'house home property apartment',
  'picture image photo',
  'song track music tune',
  'doctor physician',
  'lawyer attorney',
  'company firm corporation business organization',
  'job position role occupation',
  'email mail message',
  'phone telephone mobile',
  'trip travel journey itinerary ride',
  'distance far length',
  'duration long time period',
  'quantity amount count number many much',
  'destination end final target arrival',
  'city town location place',
  'person people human individual',
  'employee staff worker',
  'customer client',
  'file document',
  'folder directory',
  'website site webpage page url',
  'meeting event appointment',
  'remind reminder alarm alert',
  'note memo',
  'error bug issue problem',
  'money currency cash fund',
  'language tongue',
  'sum add total plus addition',
  'subtract minus difference subtraction',
  'multiply times product multiplication',
  'divide quotient division',
  'mean average',
  'talk speak conversation chat',
  'agent representative operator',
  'fix repair mend',
  'purchase acquisition',
  'author writer',
  'date day when',
].map(family => family.split(' '))

/** What a parameter's words say about the values that suit it. */
export type Role =
  | 'place'
  | 'date'
  | 'time'
  | 'person'
  | 'text'
  | 'id'
  | 'email'
  | 'url'
  | 'path'
  | 'phone'
  | 'money'
  | 'rate'
  | 'count'
  | 'year'
  | 'source'
  | 'target'
  | 'unit'
  | 'language'
  | 'title'
  | 'expression'

/** The words that give a parameter its role. */
export const ROLE_WORDS: { readonly [R in Role]: ReadonlySet<string> } = {
  place:
    list(`city town location loc place address country state region area county province district
    destination origin venue street where zip postal neighborhood neighbourhood airport station from to
    locality site zone territory continent`),
  date: list('date day when deadline due dates birthday datetime weekday checkin checkout'),
  time: list('time hour clock datetime when timestamp'),
  person:
    list(`person doctor lawyer driver host guest president recipient receiver contact user customer attendee attendees guest sender who
    employee friend author artist director actor player patient passenger owner invitee participant
    participants assignee manager teacher student member members singer composer`),
  text: list(`query q question text message content contents body prompt phrase topic
    subject description note notes comment summary statement sentence paragraph search caption instruction
    instructions request utterance msg reason details remark`),
  id: list(
    'id identifier code sku uuid guid reference ref ticket isbn key token symbol ticker serial',
  ),
  email: list('email mail emails'),
  url: list('url link uri website href urls endpoint webpage'),
  path: list('path file filename directory folder filepath files dir'),
  phone: list('phone telephone mobile cell fax'),
  money:
    list(`amount price cost budget salary income payment fee revenue investment principal value balance
    deposit loan expense expenses fare wage profit loss donation`),
  rate: list(
    'rate percent percentage ratio probability confidence threshold interest discount tax growth',
  ),
  count:
    list(`count number quantity limit size max maximum min minimum num top total amount length qty
    results people guests passengers tickets rooms seats`),
  year: list('year'),
  source:
    list(`from source origin start departure begin base initial original old current first lower min
    pickup sender starting beginning`),
  target: list(`to target destination end arrival until final new second upper max dropoff recipient
    receiver ending output desired replacement`),
  unit: list('unit units measure measurement scale'),
  language: list('language lang locale'),
  title: list(
    'title name label keyword keywords term tag heading movie film book song album game show event product company team brand',
  ),
  expression: list('expression equation formula function code sql script command regex statement'),
}

/** Which prepositions lead to the values of which role, and how surely. */
export const LEADS: { readonly [R in Role]?: { readonly [word: string]: number } } = {
  place: {
    in: 2,
    at: 1.5,
    near: 2,
    around: 1.5,
    to: 1,
    from: 1,
    for: 0.8,
    of: 0.6,
    within: 1,
    inside: 1,
    across: 1,
  },
  date: { on: 2, by: 1, at: 0.5, for: 1, until: 1, from: 0.5, in: 1, starting: 1, since: 1 },
  time: { at: 2, by: 1, from: 0.5, until: 1, for: 0.5 },
  person: { by: 2, with: 1.5, to: 1.2, from: 1, for: 1, of: 0.5 },
  text: {
    about: 2.5,
    on: 1.5,
    for: 1.5,
    regarding: 2.5,
    concerning: 2.5,
    of: 0.5,
    saying: 3,
    says: 3,
  },
  source: { from: 3.5, starting: 2.5, since: 2.5, beginning: 2.5 },
  target: { to: 3, into: 3.5, until: 3, till: 3, ending: 2.5, onto: 2.5, with: 0.6 },
  title: { called: 4, named: 4, titled: 4, entitled: 4, of: 0.5, for: 0.5 },
  language: { in: 1.5, to: 2, into: 2, from: 1.5 },
  unit: { in: 2, to: 1, into: 1 },
}
