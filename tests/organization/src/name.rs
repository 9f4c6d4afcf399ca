//! People's names.

use crate::dice::Dice;

const FIRST: [&str; 48] = [
    "Ada", "Alan", "Aisha", "Amélie", "Anders", "Anna", "Arjun", "Beatriz", "Björn", "Carlos", "Chen", "Chloe", "Daniel", "Deepa", "Elena",
    "Emre", "Fatima", "Felix", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jakub", "Jin", "João", "Kenji", "Klara", "Lars", "Leila", "Luca",
    "Maja", "Marco", "Mei", "Milan", "Nadia", "Noah", "Olga", "Omar", "Paula", "Priya", "Rafael", "Rosa", "Sofia", "Tom", "Vera", "Yuki",
    "Zoe",
];
const LAST: [&str; 48] = [
    "Almeida", "Andersen", "Baker", "Banerjee", "Bauer", "Becker", "Costa", "Dubois", "Eriksson", "Fischer", "Garcia", "Girard", "Hansen",
    "Hoffmann", "Ito", "Jansen", "Kaya", "Keller", "Khan", "Kim", "Kowalski", "Kumar", "Larsen", "Lee", "Lopez", "Martin", "Mehta",
    "Meyer", "Moreau", "Müller", "Nguyen", "Novak", "O'Brien", "Okafor", "Park", "Patel", "Pereira", "Popescu", "Reid", "Rossi", "Santos",
    "Schmid", "Silva", "Smith", "Tanaka", "Virtanen", "Walker", "Wang",
];

/// A person's name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    first: &'static str,
    last: &'static str,
}

impl Name {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let mut one = |of: &[&'static str]| dice.pick(of).copied().unwrap_or_default();
        Self { first: one(&FIRST), last: one(&LAST) }
    }

    /// The same person after a wedding.
    pub(crate) fn married(self, dice: &mut Dice) -> Self {
        let last = LAST.iter().copied().cycle().skip(1 + dice.below(46) as usize).find(|&last| last != self.last);
        Self { last: last.unwrap_or(self.last), ..self }
    }

    pub(crate) fn display(self) -> String {
        format!("{} {}", self.first, self.last)
    }

    /// The part of an e-mail address before the `@`; `number` keeps namesakes apart.
    pub(crate) fn mailbox(self, number: usize) -> String {
        let plain = |name: &str| {
            name.to_lowercase().replace(['é'], "e").replace(['ö'], "o").replace(['ü'], "u").replace(['ã'], "a").replace('\'', "")
        };
        format!("{}.{}{number}", plain(self.first), plain(self.last))
    }
}
