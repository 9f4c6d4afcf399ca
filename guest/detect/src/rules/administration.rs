//! Administration that is new for the user: a first one, several that they are not accustomed to, one that is rare among
//! administrators, or one of their own done as often as never before.

use serde_json::json;

use super::{Because, Rule, Scene, network::object};
use crate::{
    config::{Sensitivity, Setting},
    detector::Finding,
    hash,
    memory::{habit::BULK, user::Amount},
    subject, words,
};

/// What is new about an administrative action.
enum News {
    /// The user has done nothing of the sort.
    First,
    /// It is new for them, and only the most sensitive care.
    New,
    /// They do it, from elsewhere.
    Elsewhere,
    /// So many in the session are new for them.
    Strange(u32),
    /// It is new for them, and few who administrate do it.
    Rare,
    /// They did it so often now, and at most so often in any session before.
    Bulk(u16, u16),
}

/// An administrative action that is unusual for the user, whatever else they did.
pub(super) fn unusual(scene: &mut Scene<'_>) -> Option<Finding> {
    if !subject::is_person(&scene.sighting.event) {
        appoint(scene);
        return None;
    }
    let (what, day, past) = (hash::narrow(&scene.sighting.event.action), scene.at.day(), scene.past());
    let share = scene.set(Setting::AdministrationCommon);
    let new = !scene.user.actions.within(what, day, past);
    // What everybody does makes nobody an administrator.
    let others = scene.user.actions.past(day, past).filter(|&done| done != what && !scene.organization.is_everybodys(done, share)).count();
    let (now, most) = scene.user.actions.add(what, day, past);
    let (everybodys, rare, bulk) =
        (scene.organization.is_everybodys(what, share), scene.organization.is_rare(what, share), scene.organization.is_bulk(what));
    scene.organization.administrate(what, scene.number(), day, now.into(), others);
    // A crowd of newcomers is none of administrators.
    if scene.user.actions.before(what, day, past) && u32::from(now) <= BULK {
        appoint(scene);
    }
    let sensitivity = scene.gate(Rule::UnusualAdministration)?;
    if !scene.is_known() {
        return None;
    }
    let elsewhere = scene.is_elsewhere();
    let hidden = elsewhere && scene.place.is_some_and(|place| place.hosted);
    let expected = scene.organization.appointed.within(scene.number(), day, scene.days(Setting::AdministrationAppointed));
    let begun = scene.user.amount(Amount::Administration).start.day();
    let strange = || scene.user.actions.since(begun).filter(|(done, _)| !scene.organization.is_everybodys(*done, share));
    let (fresh, strange) = (strange().any(|(done, _)| done == what), strange().fold(0, |all, (_, times)| all + u32::from(times)));
    let many = scene.set(Setting::AdministrationStrange);
    let many = if elsewhere { many.saturating_mul(scene.set(Setting::Elsewhere)).div_ceil(100) } else { many };
    let strange = (fresh && strange >= many).then_some(strange);
    let usual = u32::from(most) * scene.set(Setting::AdministrationFactor);
    let told = scene.user.amount(Amount::Administration).told > 0;
    let news = match sensitivity {
        Sensitivity::High if new && others == 0 => News::First,
        Sensitivity::High if new => News::New,
        Sensitivity::High if elsewhere => News::Elsewhere,
        _ if hidden => News::Elsewhere,
        // Whoever leads a team adds members to it; whoever was just given a role begins to use it.
        _ if expected || everybodys || (scene.has("membership") && others == 0) => return None,
        _ if new && others == 0 => News::First,
        _ if new && rare => News::Rare,
        _ if u32::from(now) == (usual + 1).max(BULK) && !bulk && !told => News::Bulk(now, most),
        // Told once a session: as it becomes many, wherever they are then.
        _ => strange.filter(|_| scene.user.actions.tell(what)).map(News::Strange)?,
    };
    Some(finding(scene, &news, others, elsewhere))
}

/// Somebody who administrates, or the directory, changed the role of another: they may begin to administrate.
fn appoint(scene: &mut Scene<'_>) {
    let event = &scene.sighting.event;
    let of = event.object.as_ref().and_then(|object| object.id.as_deref()).filter(|id| event.actor.id.as_deref() != Some(id));
    if let Some(id) = of.filter(|_| scene.has("account") && !scene.has("deleted")) {
        let number = hash::narrow(&subject::user(id));
        scene.organization.appointed.see(number, scene.at.day());
    }
}

fn finding(scene: &Scene<'_>, news: &News, others: usize, elsewhere: bool) -> Finding {
    let (action, past) = (&scene.sighting.event.action, scene.past());
    let other = words::counted(others as u64, "other administrative action", "other administrative actions");
    let mut reasons = vec![match news {
        News::First => format!("this user's first administrative activity in {past} days: {action}"),
        News::New => format!("{action} is new for this user, who did {other} in {past} days"),
        News::Elsewhere if others == 0 => format!("{action}, and no other administrative activity in {past} days"),
        News::Elsewhere => format!("{action}; {other} in {past} days"),
        News::Strange(count) => {
            format!(
                "{} that are new for this user, the latest {action}",
                words::counted((*count).into(), "administrative activity", "administrative activities")
            )
        }
        News::Rare => format!("{action} is new for this user, and few who administrate do it"),
        News::Bulk(now, most) => {
            format!(
                "{action} {} times in one session; in five weeks at most {}",
                words::number((*now).into()),
                words::counted((*most).into(), "time", "times")
            )
        }
    }];
    if elsewhere {
        reasons.push("from a network or country that is new for them too".to_owned());
    }
    let key = if matches!(news, News::Bulk(..)) { "amount" } else { "new" };
    let baseline = json!({"other_actions": others, "days": past});
    scene.finding(Rule::UnusualAdministration, Because { key: key.into(), reasons, baseline: object(baseline), ..Because::default() })
}
