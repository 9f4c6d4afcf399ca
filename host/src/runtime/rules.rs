//! What the rules of a detector must be: few and short enough to show, and to keep for each source.

use audit_pipeline::detector::Rule;

use super::answer as must;

/// Rules that a detector may have, policies included.
const RULES: usize = 10_000;
/// The longest name.
const NAME: usize = 512;
/// The longest title.
const TITLE: usize = 300;
/// Lists of one rule, and words of a list: as many as a policy may name.
const LISTED: usize = 1000;
/// The longest event name or fact.
const WORD: usize = 1200;
/// Bytes of all of them: they are kept for each source.
const ALL: usize = 4 << 20;

/// Checks all of them, and shortens what is only for people.
pub(super) fn check(rules: &mut [Rule]) -> Result<(), String> {
    if rules.len() > RULES {
        return Err(format!("{} rules, at most {RULES} are allowed", rules.len()));
    }
    rules.iter_mut().try_for_each(rule)?;
    let all: usize = rules.iter().map(size).sum();
    if all > ALL { Err(format!("its rules are {all} bytes long, at most {ALL} are allowed")) } else { Ok(()) }
}

fn size(rule: &Rule) -> usize {
    let words = rule.events.iter().chain(&rule.needs).chain([&rule.uses]).flatten().map(String::len).sum::<usize>();
    rule.name.len().saturating_add(rule.title.len()).saturating_add(words)
}

fn rule(rule: &mut Rule) -> Result<(), String> {
    let Rule { name, title, events, needs, uses, .. } = rule;
    must::at_most("the name of a rule", name, NAME)?;
    if name.is_empty() {
        return Err("a rule without a name".to_owned());
    }
    must::cut(title, TITLE);
    let listed =
        |count: usize| if count > LISTED { Err(format!("a rule reads {count} things, at most {LISTED} are allowed")) } else { Ok(()) };
    listed(events.len().saturating_add(needs.len()))?;
    for list in events.iter().chain(&*needs).chain([&*uses]) {
        listed(list.len())?;
        list.iter().try_for_each(|word| must::at_most("what a rule reads", word, WORD))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(change: impl FnOnce(&mut Rule)) -> Result<(), String> {
        let mut rule = Rule {
            name: "mass-share".into(),
            title: "Unusual number of shares".into(),
            enabled: true,
            events: vec![vec!["shared".into()]],
            needs: vec![vec!["tags:tor".into()]],
            uses: vec!["country".into()],
        };
        change(&mut rule);
        check(&mut [rule])
    }

    #[test]
    fn i7_rules_too_many_or_too_large_to_show_are_refused() {
        assert_eq!(told(|_| {}), Ok(()));
        assert_eq!(told(|rule| rule.title = "x".repeat(301)), Ok(()), "a title is shortened");
        let broken: [fn(&mut Rule); 5] = [
            |rule| rule.name.clear(),
            |rule| rule.name = "x".repeat(513),
            |rule| rule.events = vec![Vec::new(); 1001],
            |rule| rule.needs = vec![vec!["tags:x".into(); 1001]],
            |rule| rule.uses = vec!["x".repeat(1201)],
        ];
        for (number, change) in broken.into_iter().enumerate() {
            assert!(told(change).is_err(), "{number}");
        }
        let mut many =
            vec![Rule { name: "a".into(), title: "a".into(), enabled: true, events: vec![], needs: vec![], uses: vec![] }; 10_001];
        assert!(check(&mut many).is_err());
        many.truncate(10);
        many.iter_mut().for_each(|rule| rule.needs = vec![vec!["x".repeat(1000); 1000]]);
        assert!(check(&mut many).is_err(), "all together");
    }
}
