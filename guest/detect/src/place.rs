//! Where an activity came from, as far as the host knows.

use std::net::IpAddr;

use crate::{
    country::Country,
    detector::{Network, Sighting},
};

/// Mean radius of the Earth in kilometres (IUGG).
const EARTH: f64 = 6371.0;
/// Tags of addresses that tell nothing about where a person is.
pub const HOSTED: &[&str] = &["vpn", "hosting"];

/// A point on the Earth in hundredths of a degree: about a kilometre, as good as any address is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// North positive.
    pub latitude: i16,
    /// East positive.
    pub longitude: i16,
    /// How far it may be off, in kilometres.
    pub radius: u16,
}

/// Where an activity came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The address.
    pub address: IpAddr,
    /// The country.
    pub country: Country,
    /// Where in it, if known.
    pub point: Option<Point>,
    /// The autonomous system; 0: not known.
    pub asn: u32,
    /// The operator calls it safe: its own network, or its administrators'.
    pub safe: bool,
    /// The operator says that it tells nothing about where a person is: a VPN, a cloud provider.
    pub rootless: bool,
    /// A feed says so: a VPN, a hosting provider.
    pub hosted: bool,
}

impl Place {
    /// Of a sighting whose country is known.
    pub fn of(sighting: &Sighting) -> Option<Self> {
        let network = sighting.network.as_ref()?;
        let address = sighting.event.ip.as_deref()?.parse::<IpAddr>().ok()?.to_canonical();
        let country = Country::parse(network.country.as_deref()?)?;
        Some(Self {
            address,
            country,
            point: Point::of(network),
            asn: network.asn.unwrap_or_default(),
            safe: is_safe(network),
            rootless: is_rootless(network),
            hosted: is_hosted(network),
        })
    }
}

impl Point {
    fn of(network: &Network) -> Option<Self> {
        let (latitude, longitude) = (network.latitude?, network.longitude?);
        let fits = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        fits.then(|| Self {
            latitude: (latitude * 100.0).round() as i16,
            longitude: (longitude * 100.0).round() as i16,
            radius: u16::try_from(network.radius.unwrap_or_default()).unwrap_or(u16::MAX),
        })
    }

    /// The shortest way to the other over the surface, in kilometres.
    pub fn distance(self, other: Self) -> f64 {
        let radians = |hundredths: i16| (f64::from(hundredths) / 100.0).to_radians();
        let (from, to) = (radians(self.latitude), radians(other.latitude));
        let north = ((to - from) / 2.0).sin().powi(2);
        let east = ((radians(other.longitude) - radians(self.longitude)) / 2.0).sin().powi(2);
        2.0 * EARTH * (north + from.cos() * to.cos() * east).sqrt().min(1.0).asin()
    }
}

/// The operator's own networks.
fn is_safe(network: &Network) -> bool {
    matches!(network.category.as_deref(), Some("corporate" | "administrative"))
}

fn is_rootless(network: &Network) -> bool {
    matches!(network.category.as_deref(), Some("vpn" | "cloud-provider"))
}

/// A feed's word counts only where the operator has none.
fn is_hosted(network: &Network) -> bool {
    matches!(network.category.as_deref(), Some("risky") | None) && network.tags.iter().any(|tag| HOSTED.contains(&tag.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_atlas() {
        let point =
            |latitude: f64, longitude: f64| Point { latitude: (latitude * 100.0) as i16, longitude: (longitude * 100.0) as i16, radius: 0 };
        let (lisbon, paulo, suva, apia) = (point(38.72, -9.14), point(-23.55, -46.63), point(-18.14, 178.44), point(-13.83, -171.77));
        assert_eq!(lisbon.distance(paulo).round(), 7949.0);
        // Across the date line.
        assert!((1100.0..1200.0).contains(&suva.distance(apia)));
        assert_eq!(lisbon.distance(lisbon), 0.0);
    }
}
