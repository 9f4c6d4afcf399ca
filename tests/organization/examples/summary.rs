//! Prints an organization in numbers: `cargo run --release -p organization --example summary -- [seed [users [days]]]`.

use std::time::Instant;

use organization::{Organization, Settings};

fn main() {
    let mut numbers = std::env::args().skip(1).map_while(|word| word.parse::<u64>().ok());
    let seed = numbers.next().unwrap_or(1);
    let mut settings = Settings::default();
    if let Some(users) = numbers.next() {
        settings.users = users as usize;
    }
    if let Some(days) = numbers.next() {
        settings.days = days as u32;
    }
    let begun = Instant::now();
    let organization = Organization::draw(seed, &settings);
    println!("seed {seed}, drawn in {:.1} s", begun.elapsed().as_secs_f64());
    print!("{}", organization.summary());
}
