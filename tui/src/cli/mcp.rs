//! `zenith mcp`

use std::path::Path;
use std::process::ExitCode;

use zenith_core::config::Config;

use super::args::{Mcp, McpCommand};
use super::interrupt::Interrupt;
use crate::mcp::{self, install};

pub async fn run(
    config: Config,
    folder: &Path,
    asked: Mcp,
    interrupt: &Interrupt,
    json: bool,
) -> anyhow::Result<ExitCode> {
    match asked.command {
        Some(McpCommand::Install(settings)) => {
            let data = (!config.is_data_usual).then_some(config.data_dir.as_path());
            install::run(folder, &settings, install::Wish::Install, data, json)
        }
        Some(McpCommand::Uninstall(settings)) => {
            install::run(folder, &settings, install::Wish::Uninstall, None, json)
        }
        None => {
            let project = asked.project.map(|project| folder.join(project));
            interrupt.leaves("stopping: packages that are done stay");
            mcp::serve(config, folder.to_path_buf(), project, interrupt.wanted().clone()).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}
