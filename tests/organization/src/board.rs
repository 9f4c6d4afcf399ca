//! Boards and the teams that keep them.

use std::sync::Arc;

use crate::{Object, dice::Dice};

const PER_TEAM: usize = 90;

/// All boards, team by team.
#[derive(Debug)]
pub(crate) struct Boards(Vec<Arc<Object>>);

impl Boards {
    pub(crate) fn draw(dice: &mut Dice, teams: usize) -> Self {
        Self((0..teams * PER_TEAM).map(|_| Self::fresh(dice)).collect())
    }

    /// A board that did not exist.
    pub(crate) fn fresh(dice: &mut Dice) -> Arc<Object> {
        const SUBJECTS: [&str; 12] = [
            "Roadmap",
            "Retrospective",
            "Customer journey",
            "Brainstorm",
            "Architecture",
            "Onboarding",
            "Budget",
            "Hiring",
            "Org chart",
            "Launch",
            "Interviews",
            "Wireframes",
        ];
        let subject = dice.pick(&SUBJECTS).copied().unwrap_or_default();
        let number = dice.any();
        Arc::new(Object {
            kind: "board",
            id: format!("uXjV{:012x}=", number >> 16).into(),
            name: format!("{subject} {}", number % 1_000).into(),
        })
    }

    /// A board that somebody of `team` works on: mostly one of few.
    pub(crate) fn usual(&self, dice: &mut Dice, team: usize) -> Option<Arc<Object>> {
        if dice.chance(0.1) {
            return dice.pick(&self.0).cloned();
        }
        let within = dice.below(PER_TEAM as u64).min(dice.below(PER_TEAM as u64)).min(dice.below(PER_TEAM as u64));
        self.0.get(team * PER_TEAM + within as usize).cloned()
    }

    /// `count` boards, each once: first those of `team`, then those of the next.
    pub(crate) fn many(&self, dice: &mut Dice, team: usize, count: usize) -> Vec<Arc<Object>> {
        let from = team * PER_TEAM + dice.below(PER_TEAM as u64 / 2) as usize;
        self.0.iter().cycle().skip(from).take(count.min(self.0.len())).cloned().collect()
    }
}
