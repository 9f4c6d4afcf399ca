//! What a record of a database says, in the ways that the known databases say it.
//!
//! MaxMind and DB-IP nest: `country.iso_code`, `city.names.en`, `location`. IPinfo writes flat texts: `country` or
//! `country_code`, `city`, `lat`, `lng`, `asn` as `AS64500`, `as_name`. Members of other names are passed over. A member of a
//! known name and an unknown type makes the record one that does not decode.

use std::fmt;

use audit_pipeline::detector::Network;
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::nothing;

/// The longest name of a city or an ISP that is stored, in characters.
const LONGEST: usize = 100;

/// A record as it lies in the file.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    country: Name<'a>,
    country_code: Option<&'a str>,
    #[serde(borrow)]
    city: Name<'a>,
    location: Location,
    lat: Number,
    lng: Number,
    latitude: Number,
    longitude: Number,
    radius: Number,
    autonomous_system_number: Number,
    asn: Number,
    isp: Option<&'a str>,
    autonomous_system_organization: Option<&'a str>,
    as_name: Option<&'a str>,
    organization: Option<&'a str>,
    /// Of an autonomous system, where the record is about one.
    name: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Location {
    latitude: Number,
    longitude: Number,
    accuracy_radius: Number,
}

/// A text, or a table with a code and names in several languages.
#[derive(Default)]
struct Name<'a> {
    code: Option<&'a str>,
    name: Option<&'a str>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Table<'a> {
    iso_code: Option<&'a str>,
    #[serde(borrow)]
    names: Names<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Names<'a> {
    en: Option<&'a str>,
}

/// A number, also one written as text.
#[derive(Clone, Copy, Default)]
struct Number(Option<f64>);

impl Record<'_> {
    pub(super) fn network(&self) -> Network {
        let Location { latitude, longitude, accuracy_radius } = &self.location;
        let at = [(*latitude, *longitude), (self.latitude, self.longitude), (self.lat, self.lng)].into_iter().find_map(pair);
        let radius = accuracy_radius.0.or(self.radius.0);
        let asn = self.autonomous_system_number.0.or(self.asn.0).filter(|asn| *asn > 0.0).and_then(whole);
        let isp = [self.isp, self.autonomous_system_organization, self.as_name, self.organization, self.name.filter(|_| asn.is_some())];
        let (latitude, longitude) = at.unzip();
        Network {
            country: [self.country.code, self.country.name, self.country_code].into_iter().flatten().find_map(country),
            city: self.city.name.and_then(text),
            latitude,
            longitude,
            radius: radius.filter(|_| latitude.is_some()).and_then(whole),
            asn,
            isp: isp.into_iter().flatten().find_map(text),
            ..nothing()
        }
    }
}

/// Takes where an address is from a record, whole, unless a place is known.
pub(super) fn take_place(network: &mut Network, found: &Network) {
    if network.country.is_none() && network.city.is_none() && network.latitude.is_none() {
        network.country.clone_from(&found.country);
        network.city.clone_from(&found.city);
        (network.latitude, network.longitude, network.radius) = (found.latitude, found.longitude, found.radius);
    }
}

/// Takes whose address it is from a record, whole, unless that is known.
pub(super) fn take_operator(network: &mut Network, found: &Network) {
    if network.asn.is_none() && network.isp.is_none() {
        network.asn = found.asn;
        network.isp.clone_from(&found.isp);
    }
}

/// Degrees north and east, to a millionth, which is how they are stored: 11 cm.
fn pair((latitude, longitude): (Number, Number)) -> Option<(f64, f64)> {
    let degrees = |value: f64, most: f64| (value.abs() <= most).then(|| (value * 1e6).round() / 1e6);
    Some((degrees(latitude.0?, 90.0)?, degrees(longitude.0?, 180.0)?))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within its bounds, checked here")]
fn whole(number: f64) -> Option<u32> {
    (0.0..=f64::from(u32::MAX)).contains(&number).then_some(number as u32)
}

fn country(code: &str) -> Option<String> {
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_alphabetic())).then(|| code.to_ascii_uppercase())
}

fn text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.chars().take(LONGEST).collect())
}

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a table of names")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Name<'de>, E> {
                Ok(Name { code: None, name: Some(text) })
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<Name<'de>, M::Error> {
                let table = Table::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Name { code: table.iso_code, name: table.names.en })
            }
        }
        from.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Number, E> {
                Ok(Number(Some(number)))
            }

            fn visit_f32<E: Error>(self, number: f32) -> Result<Number, E> {
                Ok(Number(Some(number.into())))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(u32::try_from(number).ok().map(f64::from)))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(i32::try_from(number).ok().map(f64::from)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Number, E> {
                let digits = text.trim().trim_start_matches("AS");
                Ok(Number(digits.parse().ok().filter(|number: &f64| number.is_finite())))
            }
        }
        from.deserialize_any(Either)
    }
}
