//! The `simulator` command.

fn main() -> anyhow::Result<()> {
    simulator::main(std::env::args_os())
}
