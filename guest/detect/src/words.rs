//! Numbers and lists as people say them.

/// `1 sign-in`, `212 sign-ins`, `8,400 km` without the noun.
pub fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut said = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            said.push(',');
        }
        said.push(digit);
    }
    said
}

/// `1 activity`, `2 activities`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(count), if count == 1 { one } else { many })
}

/// `22 minutes`, `3 h 20 min`, `5 days`.
pub fn length(seconds: u32) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => counted(seconds.into(), "second", "seconds"),
        60..3600 => counted(minutes.into(), "minute", "minutes"),
        3600..172_800 if minutes % 60 == 0 => counted(hours.into(), "hour", "hours"),
        3600..172_800 => format!("{hours} h {} min", minutes % 60),
        _ => counted(days.into(), "day", "days"),
    }
}

/// `Portugal`, `Portugal and Spain`, `Portugal, Spain and France`.
pub fn list(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lengths_and_lists_are_said_as_people_do() {
        assert_eq!([0, 999, 1000, 8_400_000].map(number), ["0", "999", "1,000", "8,400,000"]);
        assert_eq!(
            [1, 59, 1320, 3600, 12_000, 400_000].map(length),
            ["1 second", "59 seconds", "22 minutes", "1 hour", "3 h 20 min", "4 days"]
        );
        assert_eq!(list(&["Portugal", "Spain", "France"]), "Portugal, Spain and France");
    }
}
