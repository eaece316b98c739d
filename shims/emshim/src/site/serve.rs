//! `emshim serve`: a folder on the loopback address.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Args;
use publish::server::Server;
use toolcall::display::visible_lines;

use crate::error::CliError;
use crate::ui;

/// `emshim serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The folder, such as one of `emshim page`
    #[arg(default_value = super::FOLDER)]
    folder: Utf8PathBuf,
    /// The port; 0 is any that is free
    #[arg(short, long, default_value_t = 8000)]
    port: u16,
}

/// Serves until it is told to end.
///
/// # Errors
/// There is no such folder, or the port is in use.
pub fn run(args: &ServeArgs) -> Result<ExitCode, CliError> {
    let server = Server::bind(&args.folder, args.port)?;
    let folder = args.folder.as_path();
    let address = server
        .address()
        .map_err(CliError::io("cannot serve", folder))?;
    ui::answer(&format!("http://{address}/\n"))?;
    server.run(|what| eprintln!("{}", visible_lines(what)));
    Ok(ExitCode::SUCCESS)
}
