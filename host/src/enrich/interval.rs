//! Many blocks of addresses in little memory: sorted intervals, found by binary search.

use std::net::IpAddr;

use ipnet::IpNet;

/// Blocks and what each of them stands for. Filled by [`Intervals::push`], then made ready by [`Intervals::sorted`].
#[derive(Debug)]
pub(super) struct Intervals<V> {
    v4: Vec<Interval<u32, V>>,
    v6: Vec<Interval<u128, V>>,
}

#[derive(Debug)]
struct Interval<A, V> {
    first: A,
    last: A,
    value: V,
}

/// An address as a number.
trait Number: Copy + Ord {
    /// The next one; the last one has none.
    fn next(self) -> Option<Self>;
}

impl Number for u32 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Number for u128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl<V> Default for Intervals<V> {
    fn default() -> Self {
        Self { v4: Vec::new(), v6: Vec::new() }
    }
}

impl<V: PartialEq> Intervals<V> {
    /// Adds a block. Bits beyond its prefix do not matter.
    pub(super) fn push(&mut self, block: IpNet, value: V) {
        match block {
            IpNet::V4(block) => self.v4.push(Interval { first: block.network().into(), last: block.broadcast().into(), value }),
            IpNet::V6(block) => self.v6.push(Interval { first: block.network().into(), last: block.broadcast().into(), value }),
        }
    }

    /// Ready to be asked. Blocks of the same value that overlap or touch become one; blocks of different values must not
    /// overlap.
    pub(super) fn sorted(mut self) -> Self {
        sort(&mut self.v4);
        sort(&mut self.v6);
        self
    }

    /// The bytes that they take.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.v4.as_slice()) + size_of_val(self.v6.as_slice())
    }

    /// What the address stands for.
    pub(super) fn find(&self, ip: IpAddr) -> Option<&V> {
        match ip {
            IpAddr::V4(ip) => find(&self.v4, ip.into()),
            IpAddr::V6(ip) => find(&self.v6, ip.into()),
        }
    }
}

fn sort<A: Number, V: PartialEq>(all: &mut Vec<Interval<A, V>>) {
    all.sort_unstable_by_key(|each| each.first);
    all.dedup_by(|next, before| {
        let joins = next.first <= before.last || before.last.next() == Some(next.first);
        let same = joins && next.value == before.value;
        if same {
            before.last = before.last.max(next.last);
        }
        same
    });
    all.shrink_to_fit();
}

fn find<A: Number, V>(all: &[Interval<A, V>], ip: A) -> Option<&V> {
    let after = all.partition_point(|each| each.first <= ip);
    all.get(after.checked_sub(1)?).filter(|each| ip <= each.last).map(|each| &each.value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blocks() -> impl Strategy<Value = Vec<IpNet>> {
        // Few leading bits, so that blocks meet; every length of prefix, so that they hold and touch one another.
        let v4 = (any::<u8>(), 0..=32_u8)
            .prop_map(|(bits, prefix)| IpNet::new(IpAddr::from([bits & 3, bits >> 2 & 3, 255, bits]), prefix).unwrap());
        let v6 = (any::<u8>(), 0..=128_u8).prop_map(|(bits, prefix)| {
            let low = u16::from(bits);
            IpNet::new(IpAddr::from([0x2001, low & 3, 0, 0, 0, 0, 0xffff, low]), prefix).unwrap()
        });
        prop::collection::vec(prop_oneof![v4, v6], 0..40)
    }

    proptest! {
        #[test]
        fn an_address_is_found_where_asking_every_block_finds_it(blocks in blocks(), others in prop::collection::vec(any::<u32>(), 0..20)) {
            let mut all = Intervals::default();
            blocks.iter().for_each(|block| all.push(*block, ()));
            let all = all.sorted();
            let edges = blocks.iter().flat_map(|block| [block.addr(), block.network(), block.broadcast()]);
            let beyond = edges.clone().flat_map(|ip| match ip {
                IpAddr::V4(ip) => [u32::from(ip).wrapping_add(1), u32::from(ip).wrapping_sub(1)].map(|ip| IpAddr::from(ip.to_be_bytes())),
                IpAddr::V6(ip) => [u128::from(ip).wrapping_add(1), u128::from(ip).wrapping_sub(1)].map(|ip| IpAddr::from(ip.to_be_bytes())),
            });
            for ip in edges.chain(beyond).chain(others.iter().map(|ip| IpAddr::from(ip.to_be_bytes()))) {
                prop_assert_eq!(all.find(ip).is_some(), blocks.iter().any(|block| block.contains(&ip)), "{}", ip);
            }
        }
    }

    #[test]
    fn blocks_that_overlap_or_touch_become_one() {
        let mut all = Intervals::default();
        for block in ["10.0.0.0/25", "10.0.0.128/25", "10.0.0.7/32", "10.0.2.0/24", "255.255.255.255/32", "0.0.0.0/32"] {
            all.push(block.parse().unwrap(), ());
        }
        assert_eq!(all.sorted().v4.len(), 4);
    }

    #[test]
    fn an_interval_costs_no_more_than_its_two_ends() {
        assert_eq!((size_of::<Interval<u32, ()>>(), size_of::<Interval<u128, ()>>()), (8, 32));
    }
}
