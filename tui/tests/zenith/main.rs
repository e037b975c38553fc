//! The program as a user runs it: a process, its output, its exit code.

mod account;
mod answers;
mod bounds;
mod changes;
mod clean;
mod commands;
mod copies;
mod costs;
mod exports;
mod faults;
mod freshness;
mod gadget;
mod instances;
mod instances_tab;
#[cfg(unix)]
mod jobs;
mod jobs_tab;
mod looked_after;
#[cfg(unix)]
mod looks;
mod mcp;
mod notes;
mod notes_tab;
mod odd;
#[cfg(unix)]
mod pictures;
mod readable;
mod released;
mod screen;
#[cfg(unix)]
mod serve;
mod service;
mod serving;
mod shares;
mod shows;
mod sources;
#[cfg(unix)]
mod stopped;
mod support;
mod told;
mod versions;
