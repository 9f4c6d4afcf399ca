//! Which API belongs to the HTTP Source: that of the same deployment, which its host names.
//!
//! <https://help.sumologic.com/docs/api/getting-started/#sumo-logic-endpoints-by-deployment-and-firewall-security>

use url::Url;

/// Every deployment but the first one, which has no name in its hosts.
const NAMED: [&str; 10] = ["au", "ca", "ch", "de", "eu", "fed", "in", "jp", "kr", "us2"];

/// The API of the deployment whose HTTP Source this is. `None`: it is behind another name.
pub fn api(source: &Url) -> Option<Url> {
    let own = source.host_str()?.to_ascii_lowercase();
    let labels = own.strip_suffix(".sumologic.com")?;
    let last = labels.rsplit('.').next().unwrap_or(labels);
    let host = match NAMED.iter().find(|name| **name == last) {
        Some(name) => format!("https://api.{name}.sumologic.com"),
        None => "https://api.sumologic.com".to_owned(),
    };
    Url::parse(&host).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_that_of_the_same_deployment() {
        let of = |host: &str| api(&Url::parse(&format!("https://{host}/receiver/v1/http/x")).unwrap()).map(String::from);
        for (host, expected) in [
            ("collectors.sumologic.com", "https://api.sumologic.com/"),
            ("endpoint3.collection.sumologic.com", "https://api.sumologic.com/"),
            ("endpoint1.collection.eu.sumologic.com", "https://api.eu.sumologic.com/"),
            ("collectors.us2.sumologic.com", "https://api.us2.sumologic.com/"),
            ("collectors.FED.sumologic.com", "https://api.fed.sumologic.com/"),
        ] {
            assert_eq!(of(host).as_deref(), Some(expected), "{host}");
        }
        assert_eq!(of("relay.corp.example"), None);
        assert_eq!(of("evilsumologic.com"), None);
    }
}
