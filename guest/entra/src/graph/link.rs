//! Links to further pages. They come from answers and lead to where the token goes, so they are followed at Graph's own origin only.

use crate::{config::Config, graph::Loose, types::Failure};

/// The longest link, in bytes. Graph's have one or two thousand; they are kept in checkpoints.
const LONGEST: usize = 16 << 10;

/// Whether the token may go there.
pub fn own(config: &Config, link: &str) -> bool {
    let plain = link.len() <= LONGEST && link.bytes().all(|byte| byte.is_ascii_graphic()) && !link.contains(['\\', '#']);
    let Some((scheme, rest)) = link.split_once("://").filter(|_| plain) else { return false };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let authority = match scheme.as_str() {
        "https" => authority.strip_suffix(":443").unwrap_or(&authority),
        _ => authority.strip_suffix(":80").unwrap_or(&authority),
    };
    // Dots and double slashes could lead out of it.
    let below = path.split('?').next().is_some_and(|path| !path.contains("/.") && !path.contains("//"));
    format!("{scheme}://{authority}") == config.graph_url && path.starts_with("/v1.0/") && below
}

/// The link of an answer, where it has one. `asked`: the link that led to the answer.
///
/// # Errors
/// `protocol` for one that leads elsewhere, or back.
pub fn of(config: &Config, link: &Loose, asked: Option<&str>, tried: &str) -> Result<Option<String>, Failure> {
    let wrong = |what: &str| Failure::Protocol(format!("cannot {tried}: {what}"));
    if !link.is_there() {
        return Ok(None);
    }
    match link.text() {
        Some(link) if Some(link) == asked => Err(wrong("the next page is the same page, which would never end")),
        Some(link) if own(config, link) => Ok(Some(link.to_owned())),
        _ => Err(wrong("the next page is not at `graph_url`; it was not asked for")),
    }
}

#[cfg(test)]
mod tests {
    use super::{of, own};
    use crate::{config::Config, graph::Loose, types::Failure};

    fn config() -> Config {
        Config::parse(r#"{"tenant": "t", "client_id": "c"}"#).unwrap()
    }

    #[test]
    fn the_token_goes_to_graph_and_nowhere_else() {
        for link in [
            "https://graph.microsoft.com/v1.0/users/delta?$skiptoken=a",
            "HTTPS://Graph.Microsoft.com:443/v1.0/users/delta",
            "https://graph.microsoft.com/v1.0/users?$filter=a%20eq%20'b'&x=https://elsewhere.example/../",
        ] {
            assert!(own(&config(), link), "{link}");
        }
        for link in [
            "https://graph.microsoft.com.elsewhere.example/v1.0/users",
            "https://graph.microsoft.com@elsewhere.example/v1.0/users",
            "https://elsewhere.example/v1.0/users",
            "https://elsewhere.example?https://graph.microsoft.com/v1.0/users",
            "http://graph.microsoft.com/v1.0/users",
            "https://graph.microsoft.com:8443/v1.0/users",
            "https://graph.microsoft.com/beta/users",
            "https://graph.microsoft.com/v1.0/../beta/users",
            "https://graph.microsoft.com\\@elsewhere.example/v1.0/users",
            "https://graph.microsoft.com/v1.0/a b",
            "//graph.microsoft.com/v1.0/users",
            "",
        ] {
            assert!(!own(&config(), link), "{link}");
        }
        assert!(!own(&config(), &format!("https://graph.microsoft.com/v1.0/{}", "x".repeat(20_000))));
    }

    #[test]
    fn a_link_that_leads_elsewhere_or_back_fails_the_page() {
        let link = Loose::Text("https://graph.microsoft.com/v1.0/users?a".to_owned());
        assert_eq!(of(&config(), &Loose::Absent, None, "read"), Ok(None));
        assert_eq!(of(&config(), &link, Some("b"), "read").unwrap().as_deref(), link.text());
        assert!(matches!(of(&config(), &link, link.text(), "read"), Err(Failure::Protocol(text)) if text.contains("never end")));
        assert!(matches!(of(&config(), &Loose::Other, None, "read"), Err(Failure::Protocol(_))));
    }
}
