//! Towns and where they lie.

/// A town. Coordinates are true to a tenth of a degree; clocks are those of winter, all year.
#[derive(Debug, PartialEq)]
pub(crate) struct Place {
    pub(crate) city: &'static str,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: &'static str,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
    /// How far the clock is ahead of UTC, in minutes.
    pub(crate) ahead: i32,
    /// How likely an organization has an office here.
    pub(crate) business: u32,
    /// How likely people go here on holiday.
    pub(crate) leisure: u32,
}

impl Place {
    /// Kilometres from here to a point, as the crow flies.
    pub(crate) fn distance(&self, latitude: f64, longitude: f64) -> f64 {
        distance((self.latitude, self.longitude), (latitude, longitude))
    }

    pub(crate) fn distance_to(&self, other: &Self) -> f64 {
        self.distance(other.latitude, other.longitude)
    }
}

/// Kilometres between two points in degrees, whole ones: the last digits of a sine differ between machines.
pub(crate) fn distance((latitude, longitude): (f64, f64), (to_latitude, to_longitude): (f64, f64)) -> f64 {
    const RADIUS: f64 = 6_371.0;
    let (from, to) = (latitude.to_radians(), to_latitude.to_radians());
    let north = ((to - from) / 2.0).sin();
    let east = ((to_longitude - longitude).to_radians() / 2.0).sin();
    (2.0 * RADIUS * (north * north + from.cos() * to.cos() * east * east).sqrt().min(1.0).asin()).round()
}

const fn place(
    city: &'static str,
    country: &'static str,
    (latitude, longitude): (f64, f64),
    ahead: i32,
    (business, leisure): (u32, u32),
) -> Place {
    Place { city, country, latitude, longitude, ahead, business, leisure }
}

/// Where people live, work, go and attack from.
#[rustfmt::skip]
pub(crate) static PLACES: &[Place] = &[
    place("Berlin", "DE", (52.5, 13.4), 60, (8, 3)),
    place("Munich", "DE", (48.1, 11.6), 60, (6, 2)),
    place("Hamburg", "DE", (53.6, 10.0), 60, (3, 2)),
    place("Freiburg", "DE", (48.0, 7.8), 60, (0, 1)),
    place("Trier", "DE", (49.8, 6.6), 60, (0, 0)),
    place("Zurich", "CH", (47.4, 8.5), 60, (5, 2)),
    place("Basel", "CH", (47.6, 7.6), 60, (3, 0)),
    place("Geneva", "CH", (46.2, 6.1), 60, (2, 1)),
    place("Paris", "FR", (48.9, 2.4), 60, (6, 4)),
    place("Lyon", "FR", (45.8, 4.8), 60, (1, 1)),
    place("Mulhouse", "FR", (47.7, 7.3), 60, (0, 0)),
    place("Strasbourg", "FR", (48.6, 7.8), 60, (1, 1)),
    place("Metz", "FR", (49.1, 6.2), 60, (0, 0)),
    place("Annecy", "FR", (45.9, 6.1), 60, (0, 1)),
    place("Luxembourg", "LU", (49.6, 6.1), 60, (2, 0)),
    place("Amsterdam", "NL", (52.4, 4.9), 60, (6, 2)),
    place("Brussels", "BE", (50.8, 4.4), 60, (2, 1)),
    place("London", "GB", (51.5, -0.1), 0, (8, 4)),
    place("Manchester", "GB", (53.5, -2.2), 0, (2, 1)),
    place("Dublin", "IE", (53.3, -6.3), 0, (3, 1)),
    place("Madrid", "ES", (40.4, -3.7), 60, (3, 4)),
    place("Palma", "ES", (39.6, 2.7), 60, (0, 6)),
    place("Lisbon", "PT", (38.7, -9.1), 0, (2, 4)),
    place("Milan", "IT", (45.5, 9.2), 60, (3, 2)),
    place("Rome", "IT", (41.9, 12.5), 60, (1, 5)),
    place("Vienna", "AT", (48.2, 16.4), 60, (3, 2)),
    place("Bratislava", "SK", (48.1, 17.1), 60, (0, 0)),
    place("Prague", "CZ", (50.1, 14.4), 60, (2, 2)),
    place("Warsaw", "PL", (52.2, 21.0), 60, (3, 1)),
    place("Krakow", "PL", (50.1, 19.9), 60, (2, 1)),
    place("Copenhagen", "DK", (55.7, 12.6), 60, (3, 2)),
    place("Malmö", "SE", (55.6, 13.0), 60, (0, 0)),
    place("Stockholm", "SE", (59.3, 18.1), 60, (3, 2)),
    place("Oslo", "NO", (59.9, 10.8), 60, (1, 1)),
    place("Helsinki", "FI", (60.2, 24.9), 120, (1, 1)),
    place("Athens", "GR", (38.0, 23.7), 120, (0, 5)),
    place("Bucharest", "RO", (44.4, 26.1), 120, (2, 0)),
    place("Kyiv", "UA", (50.5, 30.5), 120, (0, 0)),
    place("Istanbul", "TR", (41.0, 29.0), 180, (1, 4)),
    place("Tbilisi", "GE", (41.7, 44.8), 240, (0, 1)),
    place("Minsk", "BY", (53.9, 27.6), 180, (0, 0)),
    place("Moscow", "RU", (55.8, 37.6), 180, (0, 0)),
    place("Novosibirsk", "RU", (55.0, 82.9), 420, (0, 0)),
    place("Almaty", "KZ", (43.2, 76.9), 300, (0, 0)),
    place("Tel Aviv", "IL", (32.1, 34.8), 120, (2, 1)),
    place("Dubai", "AE", (25.2, 55.3), 240, (2, 4)),
    place("Tehran", "IR", (35.7, 51.4), 210, (0, 0)),
    place("Karachi", "PK", (24.9, 67.0), 300, (0, 0)),
    place("Bengaluru", "IN", (13.0, 77.6), 330, (5, 1)),
    place("Mumbai", "IN", (19.1, 72.9), 330, (2, 1)),
    place("Dhaka", "BD", (23.8, 90.4), 360, (0, 0)),
    place("Singapore", "SG", (1.3, 103.8), 480, (4, 2)),
    place("Johor Bahru", "MY", (1.5, 103.7), 480, (0, 0)),
    place("Bangkok", "TH", (13.8, 100.5), 420, (0, 6)),
    place("Hanoi", "VN", (21.0, 105.8), 420, (0, 2)),
    place("Jakarta", "ID", (-6.2, 106.8), 420, (0, 1)),
    place("Denpasar", "ID", (-8.7, 115.2), 480, (0, 4)),
    place("Manila", "PH", (14.6, 121.0), 480, (1, 1)),
    place("Shenzhen", "CN", (22.5, 114.1), 480, (0, 0)),
    place("Seoul", "KR", (37.6, 127.0), 540, (1, 1)),
    place("Tokyo", "JP", (35.7, 139.7), 540, (3, 4)),
    place("Sydney", "AU", (-33.9, 151.2), 600, (3, 2)),
    place("Auckland", "NZ", (-36.8, 174.8), 720, (0, 2)),
    place("Cairo", "EG", (30.0, 31.2), 120, (0, 3)),
    place("Casablanca", "MA", (33.6, -7.6), 60, (0, 3)),
    place("Lagos", "NG", (6.5, 3.4), 60, (0, 0)),
    place("Accra", "GH", (5.6, -0.2), 0, (0, 0)),
    place("Nairobi", "KE", (-1.3, 36.8), 180, (0, 1)),
    place("Cape Town", "ZA", (-33.9, 18.4), 120, (1, 3)),
    place("New York", "US", (40.7, -74.0), -300, (8, 4)),
    place("Austin", "US", (30.3, -97.7), -360, (4, 1)),
    place("San Francisco", "US", (37.8, -122.4), -480, (6, 3)),
    place("San Diego", "US", (32.7, -117.2), -480, (1, 2)),
    place("Tijuana", "MX", (32.5, -117.0), -480, (0, 0)),
    place("Mexico City", "MX", (19.4, -99.1), -360, (1, 2)),
    place("Cancún", "MX", (21.2, -86.9), -300, (0, 4)),
    place("Toronto", "CA", (43.7, -79.4), -300, (3, 1)),
    place("Bogotá", "CO", (4.7, -74.1), -300, (0, 1)),
    place("Caracas", "VE", (10.5, -66.9), -240, (0, 0)),
    place("São Paulo", "BR", (-23.6, -46.6), -180, (2, 1)),
    place("Buenos Aires", "AR", (-34.6, -58.4), -180, (1, 1)),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn find(city: &str) -> &'static Place {
        PLACES.iter().find(|place| place.city == city).unwrap()
    }

    #[test]
    fn distances_are_those_of_an_atlas() {
        for (from, to, kilometres) in [("Berlin", "New York", 6_390.0), ("Basel", "Mulhouse", 25.0), ("London", "Sydney", 16_990.0)] {
            let distance = find(from).distance_to(find(to));
            assert!((distance - kilometres).abs() < kilometres * 0.02 + 5.0, "{from} to {to}: {distance}");
        }
    }

    #[test]
    fn no_town_stands_twice() {
        for (index, place) in PLACES.iter().enumerate() {
            assert!(PLACES[..index].iter().all(|other| other.city != place.city), "{}", place.city);
        }
    }
}
