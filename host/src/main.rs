//! The binary `miro-source`.

fn main() -> std::process::ExitCode {
    miro_source::cli::main()
}
