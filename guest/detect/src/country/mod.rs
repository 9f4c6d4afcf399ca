//! Countries: their names, and which of them border each other by land.
//!
//! From GeoNames (<https://www.geonames.org>), Creative Commons Attribution 4.0; see `countries.csv`.

use std::sync::LazyLock;

/// An ISO 3166-1 alpha-2 code in upper case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Country(pub [u8; 2]);

struct Known {
    code: Country,
    name: &'static str,
    neighbours: &'static str,
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let lines = include_str!("countries.csv").lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| {
            let mut cells = line.split(';');
            Some(Known { code: Country::parse(cells.next()?)?, name: cells.next()?.trim(), neighbours: cells.next()? })
        })
        .collect()
});

impl Country {
    /// Of a two-letter code.
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 2] = code.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphabetic).then(|| Self(bytes.map(|byte| byte.to_ascii_uppercase())))
    }

    /// Its code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("??")
    }

    /// Its English name, else its code.
    pub fn name(&self) -> &str {
        self.known().map_or_else(|| self.code(), |known| known.name)
    }

    /// Whether they share a land border.
    pub fn borders(self, other: Self) -> bool {
        self.known().is_some_and(|known| known.neighbours.split(' ').any(|code| code == other.code()))
    }

    fn known(self) -> Option<&'static Known> {
        KNOWN.binary_search_by_key(&self, |known| known.code).ok().and_then(|at| KNOWN.get(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(code: &str) -> Country {
        Country::parse(code).unwrap()
    }

    #[test]
    fn the_table_is_in_order_whole_and_symmetric() {
        assert_eq!(KNOWN.len(), 250);
        assert!(KNOWN.is_sorted_by_key(|known| known.code));
        for known in KNOWN.iter() {
            for code in known.neighbours.split(' ').filter(|code| !code.is_empty()) {
                assert!(country(code).borders(known.code), "{code} and {}", known.name);
            }
        }
    }

    #[test]
    fn neighbours_are_by_land() {
        assert!(country("pt").borders(country("ES")));
        assert!(!country("GB").borders(country("FR")));
        assert!(!country("PT").borders(country("PT")));
        assert_eq!(country("BR").name(), "Brazil");
        assert_eq!(country("ZZ").name(), "ZZ");
        assert_eq!(Country::parse("Ü"), None);
    }
}
