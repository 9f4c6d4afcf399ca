use simulator::Spec;

use crate::desk::{FROM, LATER, TO, drain, lines, post, world_of};

#[test]
fn a_large_organization_is_paged_and_accounted_without_looking_at_all_of_it() {
    let spec = Spec { events: 200_000, late_share: 0.3, late_max_ms: 86_400_000, users: 5_000, ..Spec::default() };
    let world = world_of(spec);
    let token = world.issue_static();
    let noon = FROM + 43_200_000;
    for minute in 0..60 {
        let now = noon + minute * 60_000;
        let events = drain(&world, &token, (now - 5_000, now), 100, now);
        post(&world, &lines(&events), now);
        world.account(now);
    }
    let account = world.account(TO);
    assert!(account.accepted > 0 && account.unexpected == 0 && account.violations.is_empty(), "{account:?}");
    assert_eq!(world.account(LATER + 86_400_000).held, 200_000);
}
