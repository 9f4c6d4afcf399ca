//! What an action comes down to: who does it to whose accounts, and whether what its policies find is enough for it.

use std::{collections::BTreeMap, ops::Range};

use super::{
    Acting, ActionConfig, RespondConfig, ResponderConfig,
    evidence::{Evidence, of_policy, of_rule},
    named::{Named, Names, is_built_in},
};
use crate::{
    config::{
        DetectorConfig, PolicyConfig,
        join::{Joined, Known, note_once, right},
        load::{File, Role},
        policy::BUILT_IN,
        section::nearest,
    },
    model::{ResponderName, SourceName},
    respond::Action,
};

/// What is done by whom about what, and where that stands.
type Met = BTreeMap<(SourceName, ResponderName, Action, String), String>;

/// Finds responders and policies of every action. What is wrong is noted once.
pub(in crate::config) fn aim(files: &[File], known: &Known, joined: &mut Joined) {
    let respond = files.first().map(|main| main.respond.clone()).unwrap_or_default();
    // There is no `[[detector]]`: the one that is built in judges every source.
    let all_judged = files.iter().all(|file| file.document.is_wrong() || file.detectors.is_empty());
    let embedded: Vec<DetectorConfig> = DetectorConfig::built_in(known.names.clone()).filter(|_| all_judged).into_iter().collect();
    let mut met = Met::new();
    for (index, file) in files.iter().enumerate() {
        if !right(index, file) {
            continue;
        }
        let scope: Vec<SourceName> = match file.role {
            Role::Main | Role::Policies => known.names.clone(),
            Role::Included => file.sources.iter().map(|source| source.config.name.clone()).collect(),
        };
        for acting in &file.actions {
            let (mut warnings, mut names) = (Vec::new(), met.clone());
            let ground = Ground {
                file,
                acting,
                scope: &scope,
                respond: &respond,
                responders: &joined.responders,
                names: Names { policies: &joined.policies, detectors: if all_judged { &embedded } else { &joined.detectors } },
                lost: files.iter().skip(1).any(|file| file.document.is_wrong()),
            };
            let aimed = ground.aim(&mut names, &mut warnings);
            joined.warnings.append(&mut warnings);
            if let Some(aimed) = aimed {
                joined.actions.push(aimed);
                met = names;
            }
        }
    }
}

/// Who finds something of a name.
enum Finder<'a> {
    /// A rule of the detector that is built in.
    Rule(&'a str),
    /// A policy of the operator's own.
    Own(&'a PolicyConfig),
    /// A rule of somebody else's detector, as far as one can tell.
    Foreign,
    /// Nobody.
    Nobody,
}

/// All that an action is held against.
struct Ground<'a> {
    file: &'a File,
    acting: &'a Acting,
    /// The sources whose accounts it may be about.
    scope: &'a [SourceName],
    respond: &'a RespondConfig,
    responders: &'a [ResponderConfig],
    names: Names<'a>,
    /// A file is wrong: what is not there may be in it.
    lost: bool,
}

impl<'a> Ground<'a> {
    fn note(&self, span: &Range<usize>, what: String, help: impl Into<String>) {
        note_once(self.file, span, what, help.into());
    }

    fn action(&self) -> Action {
        self.acting.config.action
    }

    fn aim(&self, met: &mut Met, warnings: &mut Vec<String>) -> Option<ActionConfig> {
        let doers = self.doers(warnings)?;
        let reached: Vec<&SourceName> = self.scope.iter().filter(|source| doers.iter().any(|doer| doer.sources.contains(source))).collect();
        let mut right = self.policies(&reached, warnings);
        right &= self.administrators(&doers, &reached);
        right &= self.alone(&doers, met);
        self.severity(&reached, warnings);
        let with = doers.iter().map(|doer| doer.name.clone()).collect();
        let sources = reached.into_iter().cloned().collect();
        right.then(|| ActionConfig { with, sources, ..self.acting.config.clone() })
    }

    /// Who does it. None where that is wrong, or where they stand in a file that is wrong.
    fn doers(&self, warnings: &mut Vec<String>) -> Option<Vec<&ResponderConfig>> {
        let action = self.action();
        let ours = |responder: &&ResponderConfig| responder.sources.iter().any(|source| self.scope.contains(source));
        let Some(wanted) = &self.acting.with else { return self.only_ones() };
        let mut found: Vec<&ResponderConfig> = Vec::new();
        let mut wrong = false;
        for (name, span) in wanted {
            let Some(responder) = self.responders.iter().find(|responder| responder.name == *name) else {
                if self.lost {
                    warnings.push(format!(
                        "{}: an action is done with \"{name}\", which may be in a file that is wrong: it goes on without",
                        self.file.place(span.start)
                    ));
                    continue;
                }
                let names: Vec<&str> = self.responders.iter().filter(ours).map(|responder| responder.name.as_str()).collect();
                let help = match nearest(name.as_str(), &names) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None if names.is_empty() => "there is none yet: write a [[responder]]".to_owned(),
                    None => format!("the responders are {}", names.join(", ")),
                };
                self.note(span, format!("there is no responder \"{name}\""), help);
                wrong = true;
                continue;
            };
            if !ours(&responder) {
                let sources: Vec<&str> = responder.sources.iter().map(SourceName::as_str).collect();
                let what = format!(
                    "responder \"{name}\" acts on users of {}, and this action is about {}",
                    sources.join(", "),
                    listed(self.scope)
                );
                self.note(span, what, "name a responder of the same source, or add the source to its `sources`");
                wrong = true;
            } else if !responder.actions.contains(&action) {
                let may: Vec<&str> = responder.actions.iter().map(|action| action.as_str()).collect();
                let may = if may.is_empty() { "nothing".to_owned() } else { may.join(", ") };
                let what = format!("responder \"{name}\" may not do \"{action}\": its `actions` are {may}");
                self.note(span, what, format!("add \"{action}\" to its `actions`, or take it out of `with`"));
                wrong = true;
            } else if !found.contains(&responder) {
                found.push(responder);
            }
        }
        (!wrong && !found.is_empty()).then_some(found)
    }

    /// Without `with`: of each source the only one that may.
    fn only_ones(&self) -> Option<Vec<&ResponderConfig>> {
        let (action, span) = (self.action(), &self.acting.span);
        let mut found: Vec<&ResponderConfig> = Vec::new();
        for source in self.scope {
            let able: Vec<&ResponderConfig> =
                self.responders.iter().filter(|each| each.sources.contains(source) && each.actions.contains(&action)).collect();
            match able.as_slice() {
                [] => {}
                [only] if found.contains(only) => {}
                [only] => found.push(only),
                several => {
                    let names: Vec<String> = several.iter().map(|each| format!("\"{}\"", each.name)).collect();
                    let what = format!(
                        "`with` is missing in [[action]], and {} may do \"{action}\" to users of source \"{source}\"",
                        names.join(" and ")
                    );
                    self.note(span, what, format!("say who does it, like with = [{}]", names.join(", ")));
                    return None;
                }
            }
        }
        if found.is_empty() && !self.lost {
            let what = format!("no responder of {} may do \"{action}\"", listed(self.scope));
            self.note(
                &self.acting.action,
                what,
                format!("write a [[responder]] with actions = [\"{action}\"], or add it to the `actions` of one"),
            );
        }
        (!found.is_empty()).then_some(found)
    }

    fn finder(&self, source: &SourceName, name: &'a str) -> Finder<'a> {
        match self.names.find(source, name) {
            Named { own: Some(own), .. } => Finder::Own(own),
            Named { detectors, .. } if detectors.is_empty() => Finder::Nobody,
            Named { detectors, rule, .. } if detectors.iter().all(|each| is_built_in(each)) => Finder::Rule(rule),
            Named { .. } => Finder::Foreign,
        }
    }

    /// Notes a name that several detectors of a source may have.
    fn meant(&self, name: &str, span: &Range<usize>, reached: &[&SourceName]) -> bool {
        for source in reached {
            let Named { detectors, rule, .. } = self.names.find(source, name);
            if detectors.len() > 1 {
                let names: Vec<String> = detectors.iter().take(5).map(|each| format!("\"{}/{rule}\"", each.name)).collect();
                let what = format!("\"{name}\" may be a rule of {} detectors that judge source \"{source}\"", detectors.len());
                self.note(span, what, format!("say whose: {}", names.join(" or ")));
                return false;
            }
        }
        true
    }

    /// Whether somebody finds what it is about, and whether that is enough for it.
    fn policies(&self, reached: &[&SourceName], warnings: &mut Vec<String>) -> bool {
        let action = self.action();
        let mut right = true;
        for (name, span) in self.acting.config.policies.iter().zip(&self.acting.policies) {
            let finders: Vec<Finder<'a>> = reached.iter().map(|source| self.finder(source, name)).collect();
            if finders.iter().all(|finder| matches!(finder, Finder::Nobody)) {
                right &= self.nobody(name, span, warnings);
                continue;
            }
            right &= self.meant(name, span, reached);
            if !action.is_drastic() {
                continue;
            }
            for finder in &finders {
                let evidence = match finder {
                    Finder::Rule(rule) => of_rule(rule),
                    Finder::Own(own) => of_policy(&own.policy),
                    Finder::Foreign if !self.respond.approve.contains(&action) => {
                        let what =
                            format!("\"{name}\" is a rule of a detector that is not built in, and \"{action}\" keeps people from working");
                        self.note(
                            span,
                            what,
                            format!("write approve = [\"{action}\"] in [respond] of the main file, so that a person decides each time"),
                        );
                        right = false;
                        break;
                    }
                    Finder::Foreign | Finder::Nobody => continue,
                };
                let (made, add) = match evidence {
                    Evidence::Activity => continue,
                    Evidence::Failures => {
                        ("by sign-ins that may all have failed", "a row { filter = \"activity.outcome\", equals = \"success\" }")
                    }
                    Evidence::Address => {
                        ("by an address alone, by where it is or what it is called", "rows of what was done or who did it")
                    }
                };
                let mend = match finder {
                    Finder::Own(_) => format!(", or give the policy {add}"),
                    _ => String::new(),
                };
                let what = format!("\"{name}\" is found {made}: anybody could have others' accounts hit by \"{action}\" with it");
                self.note(span, what, format!("write do = \"notify\", and order \"{action}\" by hand where it is called for{mend}"));
                right = false;
                break;
            }
        }
        right
    }

    /// Notes a policy that nobody has.
    fn nobody(&self, name: &str, span: &Range<usize>, warnings: &mut Vec<String>) -> bool {
        if let Some((detector, rule)) = self.names.split(name) {
            let what = match detector.sources.iter().any(|source| self.scope.contains(source)) {
                true => format!("detector \"{}\" has no rule \"{}\"", detector.name, crate::neutral::brief(rule, 100)),
                false => format!("detector \"{}\" judges no {}", detector.name, listed(self.scope)),
            };
            self.note(span, what, "name a rule of a detector of the same source, like \"detect/impossible-travel\"");
            return false;
        }
        if let Some(other) = self.names.policies.iter().find(|each| each.policy.name == name) {
            let what = format!("policy \"{name}\" is about {}, and whoever does this acts on users of others", listed(&other.sources));
            self.note(span, what, "name a responder of the same source in `with`, or add the source to the `sources` of the policy");
            return false;
        }
        if self.lost {
            warnings.push(format!(
                "{}: an action is about \"{name}\", which there is not, or which is in a file that is wrong",
                self.file.place(span.start)
            ));
            return true;
        }
        if BUILT_IN.contains(&name) {
            let what = format!("\"{name}\" is a rule of the detector that is built in, which does not judge {}", listed(self.scope));
            self.note(span, what, "add the source to the `sources` of a [[detector]] with component = \"builtin:detect\"");
            return false;
        }
        let names: Vec<&str> = BUILT_IN.iter().copied().chain(self.names.policies.iter().map(|each| each.policy.name.as_str())).collect();
        // They are written with hyphens, which `nearest` takes for underscores.
        let likely: Vec<String> = names.iter().map(|name| name.replace('-', "_")).collect();
        let likely: Vec<&str> = likely.iter().map(String::as_str).collect();
        let near = nearest(name, &likely).and_then(|near| likely.iter().position(|each| *each == near)).and_then(|at| names.get(at));
        let help = match near {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("the rules that are built in are {}; `miro-source policies` lists those of your own", BUILT_IN.join(", ")),
        };
        self.note(span, format!("there is no rule and no policy \"{}\"", crate::neutral::brief(name, 100)), help);
        false
    }

    /// Nobody suspends by themselves who cannot tell an administrator.
    fn administrators(&self, doers: &[&ResponderConfig], reached: &[&SourceName]) -> bool {
        let action = self.action();
        if action != Action::Suspend || self.respond.approve.contains(&action) || !self.respond.administrators.is_empty() {
            return true;
        }
        let tells = |responder: &ResponderConfig| {
            responder.is_built_in("miro") && responder.config.get("organization").is_some_and(|id| id.is_string())
        };
        let blind = |source: &&&SourceName| !self.responders.iter().any(|each| each.sources.contains(source) && tells(each));
        let done = |source: &&&SourceName| doers.iter().any(|doer| doer.sources.contains(source));
        let Some(source) = reached.iter().filter(done).find(blind) else { return true };
        let what = format!("\"suspend\" would happen by itself, and nothing tells who administers Miro of source \"{source}\"");
        let help = "name Miro's Company Admins in [respond], like administrators = [\"admin@acme.example\"], or write a [[responder]] with \
                    component = \"builtin:miro\" and `organization` in its config, or approve = [\"suspend\"] in [respond]";
        self.note(&self.acting.action, what, help);
        false
    }

    /// Whether no other action has the same done.
    fn alone(&self, doers: &[&ResponderConfig], met: &mut Met) -> bool {
        let (action, mut right) = (self.action(), true);
        for (name, span) in self.acting.config.policies.iter().zip(&self.acting.policies) {
            for doer in doers {
                for source in doer.sources.iter().filter(|source| self.scope.contains(source)) {
                    let here = self.file.place(span.start);
                    let Named { detectors, rule, .. } = self.names.find(source, name);
                    let whose = detectors.first().map_or_else(|| name.clone(), |each| format!("{}/{rule}", each.name));
                    if let Some(there) = met.insert((source.clone(), doer.name.clone(), action, whose.clone()), here) {
                        let what =
                            format!("two actions have \"{}\" do \"{action}\" about \"{name}\"; the other stands at {there}", doer.name);
                        self.note(span, what, "keep one of the two: the same is not done twice");
                        met.insert((source.clone(), doer.name.clone(), action, whose), there);
                        right = false;
                    }
                }
            }
        }
        right
    }

    /// Warns of policies that are never so bad.
    fn severity(&self, reached: &[&SourceName], warnings: &mut Vec<String>) {
        let wanted = self.acting.config.severity;
        for (name, span) in self.acting.config.policies.iter().zip(&self.acting.policies) {
            let own = |source: &&SourceName| match self.finder(source, name) {
                Finder::Own(own) => Some(own.policy.severity.word()),
                _ => None,
            };
            let Some(severity) = reached.iter().find_map(own) else { continue };
            let place = ["low", "medium", "high"].iter().position(|word| *word == severity);
            let least = ["low", "medium", "high"].iter().position(|word| *word == wanted.as_str());
            if place < least {
                warnings.push(format!(
                    "{}: policy \"{name}\" is of severity {severity}, and this action is about {} and worse: write severity = \"{severity}\" in the [[action]] too",
                    self.file.place(span.start), wanted.as_str()
                ));
            }
        }
    }
}

fn listed(sources: &[SourceName]) -> String {
    let names: Vec<String> = sources.iter().take(5).map(|source| format!("\"{source}\"")).collect();
    format!("source{} {}", if names.len() == 1 { "" } else { "s" }, names.join(", "))
}
