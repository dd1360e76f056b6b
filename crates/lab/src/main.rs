//! `perfwright-calibration [ADDRESS]`: the calibration server, for use without Python.
//! Prints the address it listens on, then serves until it is killed.

use std::process::ExitCode;

fn main() -> ExitCode {
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:0".to_string());
    let served = perfwright_lab::serve(&address, |bound| println!("http://{bound}"), || true);
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("perfwright-calibration: cannot serve on {address}: {error}");
            ExitCode::FAILURE
        }
    }
}
