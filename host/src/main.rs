//! The binary `miro-source`.

fn main() {}
