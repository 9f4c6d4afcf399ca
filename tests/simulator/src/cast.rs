//! Who and what an organization consists of: people, teams and boards, some of them with names written to hurt.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

/// Somebody or something with an id and a name.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

/// Everybody and everything.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cast {
    pub(crate) users: Vec<Named>,
    pub(crate) teams: Vec<Named>,
    pub(crate) boards: Vec<Named>,
}

const GIVEN: &[&str] = &[
    "Ada",
    "Amélie",
    "Bogdan",
    "Chiara",
    "Dmitri",
    "Eun-ji",
    "Fatima",
    "Grace",
    "Hiroshi",
    "Ingrid",
    "João",
    "Kwame",
    "Łukasz",
    "Mei",
    "Nguyễn",
    "Olga",
    "Priya",
    "Quentin",
    "Róisín",
    "Søren",
    "Tove",
    "Umar",
    "Valentina",
    "Wei",
    "Ximena",
    "Yusuf",
    "Zoë",
];
const FAMILY: &[&str] = &[
    "Lovelace",
    "Dubois",
    "Ionescu",
    "Rossi",
    "Ivanov",
    "Kim",
    "Haddad",
    "Hopper",
    "Tanaka",
    "Bergström",
    "Silva",
    "Mensah",
    "Nowak",
    "Lin",
    "Trần",
    "Petrova",
    "Sharma",
    "Martin",
    "O'Brien",
    "Ødegaard",
    "Smith",
    "Khan",
    "García",
    "Zhang",
    "Yılmaz",
    "Müller",
];
const TOPIC: &[&str] =
    &["Roadmap", "Retrospective", "Customer journey", "Incident review", "Architecture", "Kick-off", "Budget", "Onboarding", "Wireframes"];

/// Names as attackers and accidents write them: quotes, line breaks, escape and bidi characters, markup, formulas.
pub(crate) const NASTY: &[&str] = &[
    "\"quoted\" \\ back\\slash",
    "line\nbreak\r\nand\ttab",
    "\u{1b}[31mred\u{1b}[0m\u{7}bell",
    "\u{202e}gnp.elif\u{202c} bidi \u{2066}isolate\u{2069}",
    "<script>alert(1)</script>&amp;",
    "=HYPERLINK(\"https://example.invalid\")",
    "CEF:0|a|b=c|d\\|e",
    "👩‍👩‍👧‍👦 family \u{200b}zero\u{feff}width",
    "null",
    "{\"id\":\"forged\",\"event\":\"sign_in_succeeded\"}",
    "nul\u{0}byte \u{85}next\u{2028}line\u{2029}para",
    "ﷺ Z͑ͫ̓ͪ̂a̴͂lgo 𝕌𝕟𝕚𝕔𝕠𝕕𝕖 日本語の名前",
];

impl Cast {
    pub(crate) fn draw(rng: &mut StdRng, users: usize, teams: usize, boards: usize, nasty: f64) -> Self {
        let twisted = |rng: &mut StdRng, plain: String| if rng.random_bool(nasty) { pick(rng, NASTY).to_owned() } else { plain };
        let user = |n: usize, rng: &mut StdRng| {
            let (given, family) = (pick(rng, GIVEN), pick(rng, FAMILY));
            let email = format!("{}.{}{n}@acme.example", ascii(given), ascii(family));
            Named { id: number(n, 1), name: twisted(rng, format!("{given} {family}")), email: Some(email) }
        };
        let team = |n: usize, rng: &mut StdRng| Named { id: number(n, 2), name: twisted(rng, format!("Team {}", n + 1)), email: None };
        let board = |n: usize, rng: &mut StdRng| {
            let plain = format!("{} {}", pick(rng, TOPIC), n + 1);
            Named { id: format!("uXjV{:08x}=", n.wrapping_mul(2_654_435_761) & 0xffff_ffff), name: twisted(rng, plain), email: None }
        };
        Self {
            users: (0..users.max(1)).map(|n| user(n, rng)).collect(),
            teams: (0..teams.max(1)).map(|n| team(n, rng)).collect(),
            boards: (0..boards.max(1)).map(|n| board(n, rng)).collect(),
        }
    }
}

/// One of them; the empty text where there is none.
pub(crate) fn pick<'a>(rng: &mut StdRng, of: &[&'a str]) -> &'a str {
    of.choose(rng).copied().unwrap_or_default()
}

fn number(n: usize, kind: u64) -> String {
    let n = u64::try_from(n).unwrap_or_default();
    (3_074_457_345_000_000_000 + kind * 100_000_000_000 + n * 7919).to_string()
}

fn ascii(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase()
}
