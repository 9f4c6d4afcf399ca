//! What was known of the events of a chunk, as it lies in the file.
//!
//! A context is one byte for its format and then a zstd frame. Format 1 holds JSON: `networks`, each that is known once, and
//! `events`, for each event of the chunk the number of its network, from 1, or 0; `standings` and `actors` are the same for who
//! did it, and `groups` holds the name of each group once, which standings give by its place. It is compressed with [`DICTIONARY`],
//! so that what is known of one event is small too. Members may be added to the JSON, never changed; of what is absent nothing was
//! known.

use std::sync::{Arc, Mutex, PoisonError};

use audit_pipeline::detector::{Departure, DepartureKind, Network, Standing};
use serde::{Deserialize, Serialize};
use zstd::bulk::{Compressor, Decompressor};

use super::{
    chunk::{LIMIT, broken, memory, ready},
    fault::Outcome,
};
use crate::store::Known;

const FORMAT: u8 = 1;
const LEVEL: i32 = 3;
/// What a context tends to look like. Of format 1: never change a byte of it.
const DICTIONARY: &[u8] = include_bytes!("dictionary-context-1.json");

#[derive(Serialize, Deserialize)]
struct Context {
    #[serde(default)]
    networks: Vec<Written>,
    #[serde(default)]
    events: Vec<usize>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    standings: Vec<Stood>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    actors: Vec<usize>,
}

/// A standing as it is written.
#[derive(Serialize, Deserialize)]
struct Stood {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    groups: Vec<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deleted: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    disabled: Option<u64>,
}

/// A network as it is written: independent of how the contract's is.
#[derive(PartialEq, Serialize, Deserialize)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// North and east, in millionths of a degree: whole numbers come back as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at: Option<(i32, i32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    radius: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asn: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    isp: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    category: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

/// Packs and unpacks, reusing what is costly to make.
#[derive(Default)]
pub(super) struct Packer {
    pack: Mutex<Option<Compressor<'static>>>,
    unpack: Mutex<Option<Decompressor<'static>>>,
}

impl Packer {
    /// The context of events; none where nothing is known of any.
    pub(super) fn pack(&self, known: &[&Known]) -> Outcome<Option<Vec<u8>>> {
        if known.iter().all(|known| known.is_nothing()) {
            return Ok(None);
        }
        let (networks, events) = distinct(known.iter().map(|known| known.network.as_ref()));
        let (standings, mut actors) = distinct(known.iter().map(|known| known.standing.as_ref()));
        if standings.is_empty() {
            actors.clear();
        }
        let mut groups = Vec::new();
        let context = Context {
            networks: networks.into_iter().map(Written::from).collect(),
            events,
            standings: standings.into_iter().map(|standing| Stood::of(standing, &mut groups)).collect(),
            actors,
            groups,
        };
        let raw = serde_json::to_vec(&context).map_err(|why| memory(why.into()))?;
        let mut pack = self.pack.lock().unwrap_or_else(PoisonError::into_inner);
        let compressor = ready(&mut pack, || Compressor::with_dictionary(LEVEL, DICTIONARY))?;
        let mut packed = compressor.compress(&raw).map_err(memory)?;
        packed.insert(0, FORMAT);
        Ok(Some(packed))
    }

    /// What was known of the events of a chunk of `count`, in their order.
    pub(super) fn unpack(&self, packed: &[u8], count: usize) -> Outcome<Vec<Known>> {
        let Some((&FORMAT, frame)) = packed.split_first() else { return Err(broken()) };
        let mut unpack = self.unpack.lock().unwrap_or_else(PoisonError::into_inner);
        let decompressor = ready(&mut unpack, || Decompressor::with_dictionary(DICTIONARY))?;
        let raw = decompressor.decompress(frame, LIMIT).map_err(|_| broken())?;
        let context: Context = serde_json::from_slice(&raw).map_err(|_| broken())?;
        let Context { networks, events, groups, standings, actors } = context;
        let fits = |places: &[usize]| places.len() == count || places.is_empty();
        if events.len() != count || !fits(&actors) {
            return Err(broken());
        }
        let networks: Vec<Arc<Network>> = networks.into_iter().map(|written| Arc::new(written.into())).collect();
        let standings = standings.iter().map(|stood| stood.read(&groups).map(Arc::new)).collect::<Outcome<Vec<_>>>()?;
        let each = events.into_iter().zip(actors.into_iter().chain(std::iter::repeat(0)));
        let each =
            each.map(|(network, actor)| Ok(Known { network: numbered(&networks, network)?, standing: numbered(&standings, actor)? }));
        each.collect()
    }
}

/// Each that is there once, and for each of `all` its number, from 1, or 0.
fn distinct<'a, T: PartialEq>(all: impl Iterator<Item = Option<&'a Arc<T>>>) -> (Vec<&'a T>, Vec<usize>) {
    let mut distinct: Vec<&Arc<T>> = Vec::new();
    let mut number = |one: &'a Arc<T>| match distinct.iter().position(|other| Arc::ptr_eq(other, one) || *other == one) {
        Some(place) => place + 1,
        None => {
            distinct.push(one);
            distinct.len()
        }
    };
    let numbers = all.map(|one| one.map_or(0, &mut number)).collect();
    (distinct.into_iter().map(AsRef::as_ref).collect(), numbers)
}

/// That of a number, from 1; 0 is none.
fn numbered<T>(all: &[Arc<T>], number: usize) -> Outcome<Option<Arc<T>>> {
    match number.checked_sub(1) {
        None => Ok(None),
        Some(place) => all.get(place).map(Arc::clone).map(Some).ok_or_else(broken),
    }
}

impl Stood {
    /// Its groups go to `names`, each once.
    fn of(standing: &Standing, names: &mut Vec<String>) -> Self {
        let place = |group: &String| {
            names.iter().position(|name| name == group).unwrap_or_else(|| {
                names.push(group.clone());
                names.len() - 1
            })
        };
        let groups = standing.groups.iter().map(place).collect();
        let at = |kind| standing.departed.filter(|departed| departed.kind == kind).map(|departed| departed.at);
        Self { groups, deleted: at(DepartureKind::Deleted), disabled: at(DepartureKind::Disabled) }
    }

    fn read(&self, names: &[String]) -> Outcome<Standing> {
        let departed = match (self.deleted, self.disabled) {
            (Some(at), _) => Some(Departure { kind: DepartureKind::Deleted, at }),
            (None, at) => at.map(|at| Departure { kind: DepartureKind::Disabled, at }),
        };
        let groups = self.groups.iter().map(|place| names.get(*place).cloned().ok_or_else(broken)).collect::<Outcome<_>>()?;
        Ok(Standing { groups, departed })
    }
}

impl From<&Network> for Written {
    fn from(network: &Network) -> Self {
        let Network { country, city, latitude, longitude, radius, asn, isp, category, tags } = network.clone();
        Self { country, city, at: latitude.and_then(millionths).zip(longitude.and_then(millionths)), radius, asn, isp, category, tags }
    }
}

impl From<Written> for Network {
    fn from(written: Written) -> Self {
        let Written { country, city, at, radius, asn, isp, category, tags } = written;
        let degrees = |number: i32| f64::from(number) / 1e6;
        let (latitude, longitude) = at.map(|(north, east)| (degrees(north), degrees(east))).unzip();
        Self { country, city, latitude, longitude, radius, asn, isp, category, tags }
    }
}

/// None of what is no angle.
#[expect(clippy::cast_possible_truncation, reason = "within its bounds, checked here")]
fn millionths(degrees: f64) -> Option<i32> {
    (degrees.abs() <= 360.0).then(|| (degrees * 1e6).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(number: u32) -> Network {
        Network {
            country: Some("PT".into()),
            city: Some(format!("Cidade {number}")),
            latitude: Some(38.7223 + f64::from(number)),
            longitude: Some(-9.1393),
            radius: Some(20),
            asn: Some(64_500 + number),
            isp: Some(format!("Operadora {number}")),
            category: number.is_multiple_of(7).then(|| "corporate".into()),
            tags: if number.is_multiple_of(5) { vec!["tor".into()] } else { vec![] },
        }
    }

    fn of(number: u32) -> Known {
        Known { network: Some(Arc::new(network(number))), standing: None }
    }

    #[test]
    fn what_was_known_comes_out_as_it_went_in() {
        let packer = Packer::default();
        let bare = Network { latitude: None, longitude: None, city: None, isp: None, ..network(1) };
        let known = [of(7), Known::default(), of(3), of(7), Known { network: Some(Arc::new(bare)), standing: None }];
        let packed = packer.pack(&known.iter().collect::<Vec<_>>()).unwrap().unwrap();
        assert_eq!(packer.unpack(&packed, known.len()).unwrap(), known);
    }

    #[test]
    fn who_did_it_comes_out_as_it_went_in_beside_the_network_or_without() {
        let standing = |groups: &[&str], departed: Option<(DepartureKind, u64)>| {
            let groups = groups.iter().map(|&group| group.to_owned()).collect();
            Some(Arc::new(Standing { groups, departed: departed.map(|(kind, at)| Departure { kind, at }) }))
        };
        let known = [
            Known { standing: standing(&["Admins", "Equipa é"], None), ..of(7) },
            Known { standing: standing(&["Equipa é"], Some((DepartureKind::Disabled, 1_772_366_400_123))), network: None },
            Known::default(),
            of(3),
            Known { standing: standing(&[], Some((DepartureKind::Deleted, 5))), network: None },
        ];
        let packer = Packer::default();
        for known in [&known[..], &known[1..2], &known[4..]] {
            let packed = packer.pack(&known.iter().collect::<Vec<_>>()).unwrap().unwrap();
            assert_eq!(packer.unpack(&packed, known.len()).unwrap(), known);
        }
    }

    /// As it was written before anything was known of who did it.
    #[test]
    fn a_context_without_standings_is_read() {
        let raw = br#"{"networks":[{"country":"PT"}],"events":[0,1]}"#;
        let mut packed = Compressor::with_dictionary(LEVEL, DICTIONARY).unwrap().compress(raw).unwrap();
        packed.insert(0, FORMAT);
        let known = Packer::default().unpack(&packed, 2).unwrap();
        assert!(known[0].is_nothing() && known[1].standing.is_none());
        assert_eq!(known[1].network.as_ref().unwrap().country.as_deref(), Some("PT"));
        let raw = br#"{"events":[0,0],"standings":[{"groups":[0]}],"actors":[1,0]}"#;
        let mut packed = Compressor::with_dictionary(LEVEL, DICTIONARY).unwrap().compress(raw).unwrap();
        packed.insert(0, FORMAT);
        assert!(Packer::default().unpack(&packed, 2).is_err(), "a group that is not there");
    }

    #[test]
    fn nothing_known_is_nothing_stored() {
        let nothing = Known::default();
        assert!(Packer::default().pack(&[&nothing, &nothing]).unwrap().is_none());
        assert!(Packer::default().pack(&[]).unwrap().is_none());
    }

    #[test]
    fn damage_is_an_error_and_not_a_panic() {
        let packer = Packer::default();
        let packed = packer.pack(&[&of(1), &of(2)]).unwrap().unwrap();
        for length in 0..packed.len() {
            assert!(packer.unpack(&packed[..length], 2).is_err(), "{length}");
        }
        assert!(packer.unpack(&packed, 3).is_err(), "of another chunk");
    }

    #[test]
    fn a_page_of_a_hundred_events_from_a_dozen_places_takes_less_than_ten_bytes_an_event() {
        let size = |events: usize, places: u32| {
            let places: Vec<Known> = (0..places).map(of).collect();
            let known: Vec<&Known> = (0..events).map(|event| &places[event * event % 37 % places.len()]).collect();
            Packer::default().pack(&known).unwrap().unwrap().len()
        };
        let sizes = [(100, 12, 500), (100, 37, 1000), (1, 1, 100)].map(|(events, places, most)| (size(events, places), most));
        assert!(sizes.iter().all(|(size, most)| size <= most), "{sizes:?}");
    }
}
