//! What a masked sink is sent, and what it is not.

use super::{alerts::Way, *};
use crate::{config::Masked, sink::Normalize};

/// Ann does everything, but nobody knows of number 3.
fn by_ann() -> Normalize {
    Arc::new(|_, records| {
        let read = |record: String| {
            let number: usize = record.split('"').nth(3).unwrap().strip_prefix("id-").unwrap().parse().unwrap();
            let actor = Actor { name: Some(format!("id-{number}")), ..event(0).actor };
            if number == 3 { Err("not readable any more".to_owned()) } else { Ok(Event { actor, id: "other".to_owned(), ..event(0) }) }
        };
        Box::pin(future::ready(Ok(records.into_iter().map(read).collect())))
    })
}

#[tokio::test]
async fn an_event_of_which_nobody_knows_what_to_mask_is_parked_and_the_others_leave_masked() {
    for lines in
        [Lines::Record, Lines::Converted(Arc::new(|_, records| Box::pin(future::ready(Ok(records.into_iter().map(Ok).collect())))))]
    {
        let mut world = World::with(lines);
        let seqs = world.store(0, Lane::Live, 8);
        let mask = Mask::new(&[Masked::UserName], Arc::clone(&world.store), by_ann());
        world.worker = worker(&world.store, &world.clock, &world.far, &world.crash, &world.lines).masked_by(Some(mask.clone()));
        world.until_idle().await;
        assert_eq!(world.parked(), [seqs[3]]);
        assert!(world.store.parked().unwrap()[0].reason.contains("nobody knows what to mask in it"));
        assert_eq!(world.taken().len(), 7);
        assert!(world.far().said.iter().all(|line| line.starts_with(r#"{"id":"user-"#)), "{:?}", world.far().said);
        let kept = world.store.event(seqs[0]).unwrap().unwrap().1.record;
        assert_eq!(kept, r#"{"id":"id-0"}"#, "the store keeps the truth");

        // Also once more, when a person says so.
        world.store.retry_parked(None, None).unwrap();
        world.until_idle().await;
        assert_eq!((world.parked(), world.taken().len()), (vec![seqs[3]], 7), "it stays parked");
    }
}

#[tokio::test]
async fn alerts_leave_masked_by_what_the_store_knows_of_them() {
    let way = Way::of(2);
    let store = Arc::clone(&way.store) as Arc<dyn Store>;
    let mut way = way.masked(Mask::new(&Masked::ALL, store, by_ann()));
    way.steps(10).await;
    let said = way.far.lock().unwrap().said.clone();
    assert_eq!(said.len(), 2);
    for line in &said {
        for secret in ["@example.com", "Name u", "u0", "u1", "203.0.113.7"] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
        assert!(line.contains("suser=p-") && line.contains("@masked.invalid destinationServiceName=acme"), "{line}");
        assert!(line.contains("src=2001:db8::") && line.contains("msg=id-"), "{line}");
    }
}
