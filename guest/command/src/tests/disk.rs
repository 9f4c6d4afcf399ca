//! Files in memory that know what was synced, and a process that can be stopped between any two steps.

use std::collections::BTreeMap;

use crate::edges::DiskError;

#[derive(Clone, Default)]
struct File {
    now: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Files {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    /// Steps taken, and the one at which the process is stopped.
    pub(super) steps: u64,
    pub(super) kill_at: Option<u64>,
    pub(super) killed: bool,
}

pub(super) fn dead() -> DiskError {
    DiskError("the process is dead".into())
}

/// What is left to chance when the power goes.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn draw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

impl Files {
    /// One step; an error where the process dies here or is dead.
    pub(super) fn step(&mut self) -> Result<(), DiskError> {
        self.steps += 1;
        self.killed |= self.kill_at == Some(self.steps);
        if self.killed { Err(dead()) } else { Ok(()) }
    }

    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.names.get(path).map(|file| self.files[*file].now.clone())
    }

    /// What is there whatever happens.
    pub(super) fn durable(&self, path: &str) -> Option<Vec<u8>> {
        self.synced_names.get(path).map(|file| self.files[*file].synced.clone())
    }

    pub(super) fn list(&self, folder: &str) -> Vec<String> {
        let prefix = format!("{folder}/");
        self.names.keys().filter_map(|name| name.strip_prefix(&prefix)).map(str::to_owned).collect()
    }

    pub(super) fn write(&mut self, path: &str, bytes: Vec<u8>) {
        if let Some(file) = self.names.get(path) {
            self.files[*file].now = bytes;
        } else {
            self.names.insert(path.into(), self.files.len());
            self.files.push(File { now: bytes, synced: Vec::new() });
        }
    }

    pub(super) fn sync(&mut self, path: &str) {
        let file = self.names[path];
        self.files[file].synced = self.files[file].now.clone();
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(file) = self.names.remove(from) {
            self.names.insert(to.into(), file);
        }
    }

    pub(super) fn remove(&mut self, path: &str) {
        self.names.remove(path);
    }

    pub(super) fn sync_names(&mut self) {
        self.synced_names = self.names.clone();
    }

    /// The process starts anew. With `power`, what was not synced is gone, there, or torn: each file and each name by
    /// itself.
    pub(super) fn restart(&mut self, power: Option<&mut Chance>) {
        if let Some(chance) = power {
            for file in &mut self.files {
                match chance.draw(4) {
                    0 => {}
                    1 => {
                        let kept = chance.draw(file.now.len() as u64 + 1) as usize;
                        file.now.truncate(kept);
                        if file.now.len() < file.synced.len() {
                            file.now = file.synced.clone();
                        }
                    }
                    _ => file.now = file.synced.clone(),
                }
            }
            let all: Vec<String> = self.names.keys().chain(self.synced_names.keys()).cloned().collect();
            for name in all {
                if chance.draw(2) == 0 {
                    match self.synced_names.get(&name) {
                        Some(file) => drop(self.names.insert(name, *file)),
                        None => drop(self.names.remove(&name)),
                    }
                }
            }
        }
        for file in &mut self.files {
            file.synced = file.now.clone();
        }
        self.sync_names();
        (self.killed, self.kill_at) = (false, None);
    }
}
