//! Collects audit logs through sandboxed components, losing none, and delivers them to Sumo Logic.
//!
//! One event's way, always forward: [`schedule`] asks for a page → the component, inside [`runtime`], fetches it through
//! [`egress`] and normalizes it → [`enrich`] adds what is known of its address → [`store`] commits events and checkpoint in one
//! transaction → [`sink`] and [`detect`] follow the log, each at its own pace: one delivers, the other judges. [`alert`] decides
//! what becomes of what is found, [`notify`] tells people, [`condition`] notices what is wrong with all that, [`respond`] what is done about it; [`directory`] is who left. [`config`] says what, [`cli`] is how people see it, [`control`] how commands reach a running host. [`authenticate`] proves who asks where no
//! person authorizes. [`trust`] says which components may run, [`swap`] replaces them meanwhile. [`web`] shows
//! how it is doing to machines, [`trace`] how long each step took, [`verify`] proves that nothing is missing, [`supervisor`] to whoever started the process.

pub mod alert;
pub mod authenticate;
pub mod backoff;
pub mod cli;
pub mod clock;
pub mod condition;
pub mod config;
pub mod control;
pub mod detect;
pub mod directory;
pub mod disk;
pub mod egress;
pub mod enrich;
pub mod feeds;
pub mod investigate;
pub mod kill_point;
pub mod model;
pub mod neutral;
pub mod notify;
pub mod pipeline;
pub mod privacy;
pub mod respond;
pub mod runtime;
pub mod schedule;
pub mod sink;
pub mod store;
pub mod supervisor;
pub mod swap;
pub mod telemetry;
pub mod trace;
pub mod trust;
pub mod verify;
pub mod web;
