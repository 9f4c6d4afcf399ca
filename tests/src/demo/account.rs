//! The account at the end: short, and read from the ledger alone.

use std::time::Duration;

use simulator::Account;

/// Prints it.
pub(super) fn print(account: &Account, took: Duration) {
    println!("held at Miro        {:>9}  events that became visible, asked for or not", number(account.held));
    println!("delivered           {:>9}  distinct events that Sumo Logic accepted", number(account.accepted));
    println!(
        "duplicates          {:>9}  accepted twice: one batch, where the host was killed before it noted the answer",
        number(account.duplicates)
    );
    println!("lost                {:>9}", number(account.lost));
    println!("token rotations     {:>9}", number(account.rotations));
    println!("retries             {:>9}  requests after one that failed, to Miro or Sumo Logic", number(account.retries));
    println!("requests to Miro    {:>9}  {} of them pages", number(account.requests), number(account.pages));
    println!("posts to Sumo Logic {:>9}  {} of them refused", number(account.sumo_posts), number(account.sumo_refusals));
    for violation in &account.violations {
        println!("violation           {violation:?}");
    }
    println!("time                {:>7.1} s", took.as_secs_f64());
}

/// With thousands separators.
fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
